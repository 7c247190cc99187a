"""Textures grown pixel by pixel from a sample, by likeness of neighbourhoods.

A. A. Efros and T. K. Leung, *Texture Synthesis by Non-parametric Sampling*,
ICCV 1999, with the fixed causal neighbourhood and the pyramid of L.-Y. Wei
and M. Levoy, *Fast Texture Synthesis using Tree-structured Vector
Quantization*, SIGGRAPH 2000. `grow` serves image analogies too: a texture is
an analogy without A and B.
"""
from typing import Any, Callable, Iterator, List, Optional, Sequence

import numpy as onp
from scipy import ndimage

from ..errors import NSTError
from ..kinds import Array, Shape, Shown
from ..ranges import WEIGHT, check_numbers
from .neighbourhoods import Level, Window
from .brush import check_picture

__all__ = ['grow_texture']

COARSE = 0.4    # weight of the coarser level, where the level's own is 1
SEAMS = 0.2     # share of kappa in the pass that closes seams


def grow_texture(sample: Array, shape: Shape, neighbourhood: int = 7,
                 kappa: float = 5.0, spread: float = 0.1,
                 levels: Optional[int] = None, seed: int = 1,
                 on_step: Optional[Shown] = None,
                 on_part: Optional[Callable[[float], Any]] = None) -> Array:
    """Grow a picture that looks like more of `sample`.

    `sample` is (H, W, 3), uint8 or float 0 ... 255, and `shape` is (width,
    height) of the result. `neighbourhood` is a width in pixels and odd; on
    the coarsest level it must hold the largest thing that repeats. `kappa`
    says how much likeness may be given up to continue a piece of the sample:
    5 suits gravel or grass, 0 to 2 with a neighbourhood of 9 suits bricks
    and other patterns. A match is chosen at random among those at most
    1 + `spread` times as far as the best (Efros and Leung's epsilon).
    `levels` is the number of the pyramid's levels; if it is None there are
    as many as are useful. After each level, coarse to fine,
    `on_step(level, levels, picture)` is called, with `level` from 1 up, and
    within them `on_part`, with the share of all the work that is done.

    The same `seed` gives the same picture. Returns (height, width, 3) uint8;
    raises `ImageError` for an array that is no picture, `NSTError` for
    settings that make no sense. Where the papers make each pixel once, a
    second pass sees the neighbours on all sides (Wei and Levoy's section
    5.1), which closes seams.

    >>> sample = onp.zeros((24, 24, 3))
    >>> sample[:, ::4] = 255          # a white line in every fourth column
    >>> grown = grow_texture(sample, (40, 12), kappa=0)
    >>> grown.shape, onp.unique(grown).tolist()
    ((12, 40, 3), [0, 255])
    """
    sample = check_picture(sample)
    check_numbers(WEIGHT, spread=spread)
    width, height = check_shape(shape)
    levels = check_settings(neighbourhood, kappa, levels, sample)
    shapes = [(-(-height // 2**i), -(-width // 2**i))
              for i in reversed(range(levels))]
    steps = grow(pyramid(sample, levels), shapes, neighbourhood, kappa, seed,
                 spread=spread, passes=(1.0, SEAMS), rim=neighbourhood,
                 on_part=on_part)
    for level, grown in enumerate(steps, 1):
        picture = onp.rint(grown).astype('uint8')
        if on_step:
            on_step(level, levels, picture)
    return picture


def check_shape(shape: Any) -> Shape:
    """(width, height) as two whole numbers above nought, or an NSTError."""
    try:
        width, height = shape
        if width == int(width) > 0 and height == int(height) > 0:
            return int(width), int(height)
    except (TypeError, ValueError):
        pass
    raise NSTError(f'the size {shape} is not (width, height) in pixels')


def check_settings(neighbourhood: int, kappa: float, levels: Optional[int],
                   *pictures: Array) -> int:
    """The number of levels, by default as many as the pictures allow.

    The coarsest picture is then at least two neighbourhoods wide. Raises
    NSTError for settings that make no sense.
    """
    side = min(min(picture.shape[:2]) for picture in pictures)
    if neighbourhood < 3 or neighbourhood % 2 != 1:
        raise NSTError(f'the neighbourhood {neighbourhood} is not an odd '
                       'number of pixels, at least 3')
    check_numbers(WEIGHT, kappa=kappa)
    if levels is None:
        return max(1, (side // (2 * neighbourhood)).bit_length())
    most = side.bit_length()
    if not 1 <= levels <= most or levels != int(levels):
        raise NSTError(f'{levels} levels can\'t be made of a picture with a '
                       f'side of {side} pixels: choose 1 to {most}')
    return int(levels)


def pyramid(img: Array, levels: int) -> List[Array]:
    """[coarsest, ..., `img`], each half as wide and high as the next."""
    pictures = [img]
    for _ in range(levels - 1):
        smooth = ndimage.gaussian_filter(pictures[0], (1, 1, 0))
        pictures.insert(0, smooth[::2, ::2])
    return pictures


class Made:
    """Counts pixels, those looked at and those made, and tells `on_part`
    their share of all."""

    def __init__(self, all: int, on_part: Optional[Callable[[float], Any]]):
        self.all, self.count, self.on_part = all, 0, on_part

    def __call__(self, more: int) -> None:
        self.count += more
        if self.on_part:
            self.on_part(self.count / self.all)


def grow(samples: List[Array], shapes: List[Shape], neighbourhood: int,
         kappa: float, seed: int, guides: Any = None, spread: float = 0,
         passes: Sequence[float] = (1.0,), rim: int = 0,
         on_part: Optional[Callable[[float], Any]] = None) -> Iterator[Array]:
    """Yield pictures of `shapes` made of the samples' pixels, coarse to fine.

    `samples` is the pyramid of A', (H, W, C) each, and `shapes` holds
    (height, width) of each level of B'. `guides` are the pyramids of A and
    B, or None for a texture. `passes` holds the share of kappa in each pass:
    the first sees the neighbours that were made before a pixel, the second,
    if there is one, sees all. `rim` more pixels are grown on each side and
    cut off, since at an edge there are few neighbours to go by. Only
    textures have a rim. `on_part` is that of `grow_texture`.
    """
    made = Made(len(passes) * sum(
        sample[..., 0].size + (h + 2 * rim) * (w + 2 * rim)
        for sample, (h, w) in zip(samples, shapes)), on_part)
    rng = onp.random.default_rng(seed)
    guides = guides or ([None] * len(samples),) * 2
    coarse = grown = None
    for level, (sample, shape) in enumerate(zip(samples, shapes)):
        h, w = shape = onp.add(shape, 2 * rim)
        near, wanted = (
            _describe(guide[max(0, level - 1):level + 1], below, size, shift,
                      neighbourhood)
            for guide, below, size, shift in zip(
                guides, (coarse, grown), (sample.shape[:2], shape), (0, rim)))
        source = onp.zeros((h, w, 2), int)
        for part, share in zip(('before', 'around'), passes):
            to_fill = Level(
                sample, near, Window(neighbourhood, part),
                share * kappa * 2.0**(level + 1 - len(samples)),
                spread if part == 'before' else 0, rng)
            made(sample[..., 0].size)
            source = to_fill.fill(source, wanted, made)
        coarse, grown = sample, sample[source[..., 0], source[..., 1]]
        yield grown[rim:h - rim, rim:w - rim]


def _describe(guide, coarse, shape, rim, neighbourhood):
    """What is known of a level's pixels before it is grown, (h, w, D).

    `guide` is A or B, at the coarser level and at this one. `coarse` is A'
    or B' at the coarser level; it is None at the coarsest.
    """
    near = Window(neighbourhood)
    far = Window(3, step=2, weight=COARSE)
    parts = [onp.zeros((*shape, 0), 'float32')]
    if guide[-1] is not None:
        parts.append(near.read(guide[-1]))
    for img in (guide[0], coarse) if coarse is not None else ():
        if img is not None:
            parts.append(far.read(_enlarge(img, shape, rim)))
    return onp.concatenate(parts, 2)


def _enlarge(img, shape, rim):
    """(h, w, C) -> (*shape, C), with pixel (y, x) at (2 y, 2 x).

    Both have a rim, which isn't enlarged. In the papers four fine pixels
    share a coarse one. Here they differ, since values are interpolated.
    """
    return ndimage.affine_transform(
        img, onp.diag([0.5, 0.5, 1]), (rim / 2, rim / 2, 0), order=1,
        mode='nearest', output_shape=(*shape, img.shape[2]))
