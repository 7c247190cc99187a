"""A film whose motion is known: a photograph panned and zoomed, with noise;
and how much paintings of it flicker."""

import numpy as onp
from scipy import ndimage
from skimage import data

MARGIN = 3


def place(t, shape):
    """Where the pixels of frame t are in the photograph: (2, H, W)."""
    y, x = onp.indices(shape[::-1]).astype(float)
    zoom = 1.6 - 0.012 * t
    return onp.array([200 - 1.7 * t + zoom * (y - shape[1] / 2),
                      270 + 3.1 * t + zoom * (x - shape[0] / 2)])


def film(shape=(96, 72), number=6, noise=6, seed=1):
    """Frames (H, W, 3) uint8 of coffee (Rachel Michetti, CC0)."""
    random, photo = onp.random.RandomState(seed), data.coffee()
    soft = ndimage.gaussian_filter(photo.astype(float), (0.5, 0.5, 0))
    frames = [warped(soft, place(t, shape)) for t in range(number)]
    return [(frame + random.normal(0, noise, frame.shape)).clip(
        0, 255).round().astype('uint8') for frame in frames]


def warped(img, at):
    return onp.stack([ndimage.map_coordinates(img[..., i], at, order=3,
                                              mode='nearest')
                      for i in range(3)], axis=2)


def seen_from(frame, t, s):
    """Frame s as it is seen from frame t, and where it shows anything."""
    height, width = frame.shape[:2]
    there = place(t, (width, height))
    zoom = [1.6 - 0.012 * i for i in (t, s)]
    corner = place(s, (width, height))[:, 0, 0]
    at = (there - corner[:, None, None]) / zoom[1]
    inside = onp.ones((height, width), bool)
    for places, side in zip(at, (height, width)):
        inside &= (MARGIN <= places) & (places < side - MARGIN)
    return warped(onp.float64(frame), at), inside


def flicker(frames):
    """The mean difference of neighbouring frames, the earlier of which is
    moved as the scene was."""
    apart = []
    for t in range(1, len(frames)):
        before, inside = seen_from(frames[t - 1], t, t - 1)
        apart.append(abs(frames[t] - before)[inside].mean())
    return float(onp.mean(apart))


def sharpness(frames, around=2):
    """The mean squared slope of the scene: that of the mean of the last
    frames, all seen from the middle one."""
    middle = len(frames) - 1 - around
    mean = onp.mean([seen_from(frames[t], middle, t)[0] for t in
                     range(middle - around, middle + around + 1)], axis=0)
    border = 4 + MARGIN
    return slope(mean[border:-border, border:-border])


def slope(img):
    grey = onp.asarray(img, float).mean(axis=2)
    return float(sum((step ** 2).mean() for step in onp.gradient(grey)))
