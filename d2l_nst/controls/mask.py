"""Masks: where a picture is painted, and where it stays a photograph.

A mask is an array (H, W) of float32 from 0, the photograph, to 1, painted.
"""

import os
from typing import Optional, Union

import numpy as onp

from .. import images
from ..errors import ImageError
from ..kinds import Array, Path, Shape

COLOURED = 40   # of 255: JPEG leaves less between the channels of a grey
INSIDE = 0.5    # of a mask's largest value, where a place belongs to it or not


def read_mask(mask: Union[Path, Array], shape: Shape,
              feather: float = 0) -> Array:
    """A mask of `shape`, (width, height): (height, width) float32.

    `mask`: a picture's file, or an array of it: black (0) and white (255,
    or 1 in floats and booleans), grey between, of any size, (H, W) or (H,
    W, 3). From its edges it fades over `feather` pixels to both sides.
    Raises `ImageError` where it has colours or transparency, or is black
    all over.

    >>> read_mask(onp.array([[False, True]]), (6, 1)).round(1)
    array([[0. , 0. , 0.3, 0.7, 1. , 1. ]], dtype=float32)
    """
    name, mask = _read(mask)
    if mask.max() <= 0:
        raise ImageError(f'{name} is black all over, so that nothing is '
                         'painted: white is painted, black stays')
    return feathered(resized(mask, shape), feather)


def _read(mask):
    """What to call it, and the mask of the size that it has."""
    name = 'the mask'
    if isinstance(mask, (str, bytes, os.PathLike)):
        path = os.fsdecode(mask)
        name = f'the mask {path}'
        if images.read_alpha(path) is not None:
            raise ImageError(f'{name} has transparent parts: save it without, '
                             'white where is painted and black elsewhere')
        mask = images.read_image(path)
    mask = onp.asarray(mask.asnumpy() if hasattr(mask, 'asnumpy') else mask)
    if (mask.ndim not in (2, 3) or mask.ndim == 3 and mask.shape[2] != 3
            or not mask.size or mask.dtype.kind not in 'buif'):
        raise ImageError('a mask is an array of numbers, (height, width), not '
                         f'{mask.shape} of {mask.dtype}')
    mask = mask.astype('float32') / (1 if mask.dtype.kind in 'bf' else 255)
    if not (0 <= mask.min() and mask.max() <= 1):    # false for NaN
        raise ImageError(f'{name} has values beyond 0 and '
                         f'1: a mask of floats goes from 0 to 1')
    if mask.ndim == 3:
        if onp.ptp(mask, axis=2).max() > COLOURED / 255:
            raise ImageError(f'{name} has colours: save it in black, white '
                             'and grey')
        mask = mask.mean(axis=2)
    return name, mask


def resized(mask: Optional[Array], shape: Shape) -> Optional[Array]:
    """A mask stretched to `shape`, (width, height); None stays None."""
    if mask is None:
        return None
    return images.resize(255 * mask[..., None], shape)[..., 0] / 255


def feathered(mask: Array, feather: float) -> Array:
    """A mask whose edges fade smoothly over `feather` pixels to both sides,
    and that is as it was beyond them."""
    from scipy import ndimage
    for reach in (round(feather) // 2, (round(feather) + 1) // 2):
        mask = ndimage.uniform_filter(mask, 2 * reach + 1, mode='nearest')
    return mask.clip(0, 1)


def on_grid(mask: Array, poolings: int) -> Array:
    """A mask on the grid of features after so many `poolings`, each the
    mean of 2 x 2: (H >> poolings, W >> poolings).

    Gatys, Ecker, Bethge, Hertzmann and Shechtman 2017, section 4.

    >>> on_grid(onp.eye(5), 1).tolist()
    [[0.5, 0.0], [0.0, 0.5]]
    """
    for _ in range(poolings):
        height, width = (side // 2 for side in mask.shape)
        mask = mask[:2 * height, :2 * width].reshape(
            height, 2, width, 2).mean(axis=(1, 3))
    return mask


def inside(mask: Optional[Array]) -> Array:
    """Where a mask, of any shape, is at least half of its largest value:
    booleans; all of them for None, as NumPy's `where` has it."""
    return True if mask is None else mask >= INSIDE * mask.max()


def blend(painting: Array, photo: Array, mask: Array) -> Array:
    """The `painting` where the mask is 1, the `photo` where it is 0: both
    (H, W, 3)."""
    mask = mask[..., None]
    return mask * painting + (1 - mask) * photo
