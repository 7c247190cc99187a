"""Classes of crops: one place, at one scale, in one picture each."""

from typing import Any, Sequence

import numpy as onp
from mxnet import nd
from PIL import Image

from ..errors import ImageError
from ..images import RGB_MEAN, RGB_STD
from ..kinds import Array

SIDE = 32    # pixels of a crop
PATCH = 80   # pixels of what is kept around it, so that it can be turned
SCALES = 28, 96          # pixels of the picture that become SIDE, from, to
LEAST_DEVIATION = 0.04   # of a crop's values, where white is 1
TURN, SCALE, SHIFT = 34, 0.5, 0.25   # at most: degrees, octaves, sides
CONTRAST, BRIGHTNESS, NOISE = 0.15, 0.06, 0.02


def make_classes(pictures: Sequence[Array], classes: int = 4096,
                 seed: int = 1) -> Array:
    """Draw places in pictures and cut out what surrounds them.

    For each of the `classes` places one of the `pictures`, (H, W, 3) uint8,
    is drawn, all with equal chances. Flat places are passed over. Returns
    (classes, 3, PATCH, PATCH) uint8; raises `ImageError` if the pictures are
    too few or too flat.
    """
    random = onp.random.RandomState(seed % 2 ** 32)
    pictures = [_with_margin(picture) for picture in pictures
                if min(picture.shape[:2]) >= SCALES[0]]
    patches = []
    for _ in range(50 * classes if pictures else 0):
        if len(patches) == classes:
            break
        patch = _draw_patch(random, *pictures[random.randint(len(pictures))])
        if patch is not None:
            patches.append(patch.transpose(2, 0, 1))
    if len(patches) < classes:
        raise ImageError(f'the pictures are too few or too flat for '
                         f'{classes} classes: give more, or ask for fewer '
                         'classes')
    return onp.stack(patches)


def _with_margin(picture):
    """The picture with its mirror image around it, and how many pixels wide
    this margin is."""
    largest = min(SCALES[1], *picture.shape[:2])
    margin = int(largest * (PATCH / SIDE - 1) / 2) + 1
    margin = min(margin, *(n - 1 for n in picture.shape[:2]))
    padded = onp.pad(picture, ((margin,) * 2, (margin,) * 2, (0, 0)),
                     mode='reflect')
    return Image.fromarray(padded), margin


def _draw_patch(random, picture, margin):
    width, height = (n - 2 * margin for n in picture.size)
    smallest, largest = SCALES[0], min(SCALES[1], width, height)
    side = smallest * (largest / smallest) ** random.uniform()
    around = side * PATCH / SIDE
    x, y = (margin + random.uniform(side / 2, n - side / 2)
            for n in (width, height))
    box = [x - around / 2, y - around / 2, x + around / 2, y + around / 2]
    if min(box) < 0 or box[2] > picture.size[0] or box[3] > picture.size[1]:
        return None
    patch = onp.asarray(picture.resize(
        (PATCH, PATCH), Image.Resampling.BICUBIC, box))
    edge = (PATCH - SIDE) // 2
    crop = patch[edge:-edge, edge:-edge] / 255
    return patch if crop.std(axis=(0, 1)).max() > LEAST_DEVIATION else None


def batch_classes(step: int, classes: int, batch_size: int,
                  seed: int = 1) -> Array:
    """The classes that are shown in the batch of a step.

    Each class is shown once in an epoch, in an order that the epoch draws.
    The answer depends on the arguments alone, so that a training can go on
    at any step.

    >>> first, second = (batch_classes(step, 6, 3) for step in (0, 1))
    >>> sorted([*first, *second])
    [0, 1, 2, 3, 4, 5]
    """
    batches = classes // batch_size
    order = onp.random.RandomState(
        [seed % 2 ** 32, step // batches]).permutation(classes)
    return order[step % batches * batch_size:][:batch_size]


def draw_crops(patches, labels, random):
    """Draw one crop of each of the patches that `labels` names.

    A crop is turned, scaled, shifted, mirrored, made brighter or darker and
    noisy. Its hues are not changed, since features that are blind to them
    would lose a style's palette. `patches` is a classic array, (n, 3, PATCH,
    PATCH) uint8, and `random` a `numpy.random.RandomState`. Returns (N, 3,
    SIDE, SIDE) as `preprocess` would make it.
    """
    n = len(labels)
    X = nd.take(patches, nd.array(labels)).astype('float32')
    grid = nd.GridGenerator(nd.array(affine(n, random)), 'affine',
                            (SIDE, SIDE))
    X = nd.BilinearSampler(X, grid) / 255
    X = (X - nd.array(RGB_MEAN.reshape(1, 3, 1, 1))) / nd.array(
        RGB_STD.reshape(1, 3, 1, 1))
    mean = X.mean(axis=(1, 2, 3), keepdims=True)
    contrast, brightness = (
        nd.array(random.uniform(-a, a, (n, 1, 1, 1)) + b)
        for a, b in ((CONTRAST, 1), (BRIGHTNESS / 0.225, 0)))
    noise = nd.array(random.normal(0, NOISE / 0.225, X.shape))
    X = (X - mean) * contrast + mean + brightness + noise
    return X.as_np_ndarray()


def affine(n: int, random: Any) -> Array:
    """(N, 6) maps of a crop's corners, -1 ... 1, into its patch's."""
    angle = onp.deg2rad(random.uniform(-TURN, TURN, n))
    scale = SIDE / PATCH * 2 ** random.uniform(-SCALE, SCALE, n)
    mirror = random.choice([-1, 1], n)
    shift = random.uniform(-1, 1, (2, n)) * 2 * SHIFT * SIDE / PATCH
    cos, sin = scale * onp.cos(angle), scale * onp.sin(angle)
    return onp.stack([mirror * cos, -sin, shift[0],
                      mirror * sin, cos, shift[1]], axis=1)
