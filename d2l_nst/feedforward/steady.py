"""Films: frames are painted one after the other, and flicker is held down.

A network paints the same thing a little differently wherever it stands on
the pixels' grid. So each frame is mixed with the painting before it, which is
moved as the scene moved (M. Ruder, A. Dosovitskiy and T. Brox, *Artistic Style
Transfer for Videos*, GCPR 2016, keep to it by a loss). The motion is found in
the frames themselves (G. Le Besnerais and F. Champagnat, *Dense Optical Flow
by Iterative Local Window Registration*, ICIP 2005).
"""

from typing import Any

import numpy as onp
from PIL import Image

from ..kinds import Array
from .painter import FilmPainter

KEPT = 0.5         # of the painting before, where the scene is the same
TOLD = 15          # levels of 255 by which another thing differs
CUT = 0.3          # the scene ends where less of it goes on
MOTION_AREA = 2 ** 17    # pixels in which motion is looked for
REACH = 12         # pixels around each that move alike
DETAIL, AROUND = 2, 16   # pixels; loudness of details is compared in these


class Steady:
    """A painter, as `painting.paint_pictures` takes one, of the frames of
    a film: it is to be given all of them, one by one in their order.

    `painter` is a network, or an `AnyStyle`, which then also smooths the
    statistics of its features over the frames (`for_film`). At a cut, where
    hardly anything of the frame before is found again, and where the size
    changes, all begins anew.
    """

    def __init__(self, painter: FilmPainter):
        self.whole = self.painter = painter
        # Of the frame before: itself, its painting as it was mixed, and
        # as it was shown
        self.before: Any = None
        self.mixed: Any = None
        self.shown: Any = None

    def memory(self, pixels: int) -> int:
        """Bytes for a frame of so many pixels."""
        return self.whole.memory(pixels) + 200 * pixels

    def paint(self, X: Array, strength: float = 0.5) -> Array:
        """As `OnePass.paint`: frames (N, H, W, 3) in 0 ... 255."""
        return onp.stack([self._next(onp.asarray(img, 'float32'), strength)
                          for img in X])

    def _next(self, img, strength):
        if self.before is not None and (img.shape == self.before.shape
                                        and (img == self.before).all()):
            return self.shown
        part, at = self._same(img)
        if part is None:
            self.painter = self.whole.for_film()
        Y = self.painter.paint(img[None], strength)[0]
        if part is None:
            self.mixed = self.shown = Y
        else:
            part = KEPT * min(1, 2 * strength) * part[..., None]
            self.mixed = part * moved(self.mixed, at) + (1 - part) * Y
            self.shown = as_sharp(self.mixed, Y)
        self.before = img
        return self.shown

    def _same(self, img):
        """How much each pixel, (H, W), shows of what was in the frame
        before, from 0 to 1, and where it was; None twice at a cut."""
        from scipy import ndimage
        if self.before is None or img.shape != self.before.shape:
            return None, None
        at = motion(img, self.before)
        apart = ndimage.gaussian_filter(moved(self.before, at, 1) - img,
                                        (DETAIL, DETAIL, 0))
        part = onp.exp(-(abs(apart).max(axis=2) / TOLD) ** 2)
        for places, side in zip(at, img.shape):
            part *= (places >= 0) & (places <= side - 1)
        return (part, at) if part.mean() >= CUT else (None, None)


def motion(img: Array, before: Array) -> Array:
    """Where each pixel of a frame was in the frame before, (2, H, W): its
    row and its column there. Both frames are (H, W, 3) in 0 ... 255."""
    from skimage.registration import optical_flow_ilk
    height, width = img.shape[:2]
    scale = min(1, (MOTION_AREA / (height * width)) ** 0.5)
    small = max(1, round(scale * width)), max(1, round(scale * height))
    now, then = (_resized(each.mean(axis=2) / 255, small)
                 for each in (img, before))
    flow = optical_flow_ilk(now, then, radius=REACH, num_warp=5,
                            dtype='float32')
    return onp.indices((height, width), 'float32') + onp.stack([
        _resized(step, (width, height)) * (whole / side) for step, whole,
        side in zip(flow, (height, width), small[::-1])])


def _resized(plane, shape):
    return onp.asarray(Image.fromarray(onp.float32(plane)).resize(
        shape, Image.Resampling.BICUBIC))


def moved(img: Array, at: Array, order: int = 3) -> Array:
    """A picture, (H, W, 3), as it is at the places `at`, (2, h, w), by
    splines of an `order`."""
    from scipy import ndimage
    return onp.stack([ndimage.map_coordinates(
        img[..., i], at, 'float32', order, 'nearest')
        for i in range(3)], axis=2)


def as_sharp(mixed: Array, Y: Array) -> Array:
    """A mixed painting with details as loud as those of the painting Y of
    this frame alone, which mixing has averaged."""
    from scipy import ndimage
    detail = mixed - ndimage.gaussian_filter(mixed, (DETAIL, DETAIL, 0))
    louder = (_loudness(Y) / _loudness(mixed)).clip(1, 2)[..., None]
    return (mixed + (louder - 1) * detail).clip(0, 255)


def _loudness(Y):
    """The mean slope around each pixel: (H, W)."""
    from scipy import ndimage
    slopes = onp.gradient(Y.mean(axis=2))
    return onp.sqrt(1 + ndimage.gaussian_filter(
        sum(slope ** 2 for slope in slopes), AROUND))
