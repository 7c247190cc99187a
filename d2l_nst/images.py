"""Picture files -> arrays: read, resize."""

from numbers import Integral
from typing import Any, Optional, Tuple

import numpy as onp
from PIL import Image

from .errors import ImageError
from .kinds import Path, Array, Shape
from .opening import opened
from .ranges import COUNT, check_numbers
from .srgb import fill_hidden

RGB_MEAN = onp.array([0.485, 0.456, 0.406], 'float32')
RGB_STD = onp.array([0.229, 0.224, 0.225], 'float32')


# ------------------------------------------------------------- reading
def read_image(path: Path) -> Array:
    """Read a picture file as (H, W, 3) uint8 in sRGB.

    The picture is turned upright (EXIF) and converted from its colour
    profile, from CMYK, grey, palette or 16 bits. Pixels that can't be seen
    get the colours of those beside them. Raises `ImageError`.
    """
    return read_with_alpha(path)[0]


def read_alpha(path: Path) -> Optional[Array]:
    """Transparency of a picture file, (H, W) uint8, or None.

    255 is opaque; None stands for a picture with no transparent pixel.
    """
    return read_with_alpha(path)[1]


def read_with_alpha(path: Path) -> Tuple[Array, Optional[Array]]:
    """What `read_image` and what `read_alpha` return, of one reading: a
    pipe can be read only once."""
    picture = opened(path)
    if picture.mode != 'RGBA':
        return onp.asarray(picture), None
    img, alpha = onp.asarray(picture.convert('RGB')), onp.asarray(
        picture.getchannel('A'))
    if alpha.min() == 255:
        return img, None
    return fill_hidden(img, alpha), alpha


def alpha_of(alpha: Optional[Array], img: Array,
             crop: bool) -> Optional[Array]:
    """The part of a picture's transparency, (h, w) or None, that belongs to
    its painting `img`, (H, W, 3), which shows the middle where `crop`."""
    return (alpha if alpha is None or not crop
            else centre_crop(alpha, img.shape[1::-1]))


# --------------------------------------------------------------- arrays
def resize(img: Array, image_shape: Shape) -> Array:
    """(H, W, C) in 0 ... 255 -> (height, width, C) float32."""
    if min(image_shape) < 1:
        raise ImageError(f'the size {image_shape} is empty')
    img = onp.asarray(img)
    if img.shape[1::-1] == tuple(image_shape):
        return img.astype('float32', copy=False)
    # A plane after the other: a huge picture is never whole as floats
    planes = [Image.fromarray(img[..., i].astype('float32')).resize(
        image_shape, Image.Resampling.BICUBIC) for i in range(img.shape[-1])]
    return onp.stack(planes, axis=-1).clip(0, 255)


def to_numpy(img: Array) -> Array:
    """Any (H, W, 3) picture as a NumPy array, shape and values checked."""
    img = img.asnumpy() if hasattr(img, 'asnumpy') else onp.asarray(img)
    if img.ndim != 3 or img.shape[2] != 3 or not img.size:
        raise ImageError('a picture must be an array of shape (height, '
                         f'width, 3), not {img.shape}')
    if img.dtype.kind not in 'uif' or not onp.isfinite(img).all():
        raise ImageError('a picture must hold finite numbers')
    return img


def check_range(img: Array) -> None:
    """Raise `ImageError` where a picture of floats is in 0 ... 1, though
    0 ... 255 is meant: it would be taken for a black one."""
    if img.dtype.kind == 'f' and 0 < img.max() <= 1:
        raise ImageError('a picture of floats is read as 0 ... 255, and this '
                         f'one ends at {img.max():.4g}: multiply it by 255')


def fit_shape(img: Array, area: float, smallest: int = 16) -> Shape:
    """(width, height) of about `area` pixels in the proportions of `img`.

    Both sides have at least `smallest` pixels (a VGG network pools four
    times), even where that takes a larger area. Raises `ImageError` where
    `img` itself has fewer.
    """
    check_size(img, smallest)
    height, width = img.shape[:2]
    scale = max((area / (width * height)) ** 0.5,
                smallest / min(width, height))
    return round(width * scale), round(height * scale)


def shape_of(own: Shape, size: Any) -> Shape:
    """(width, height) that a `size` asks for: itself where it is such a
    pair; of a number, the longer side, in the proportions of `own`, a
    picture's (width, height); or 'content', which is `own`.

    >>> shape_of((300, 200), 800)
    (800, 533)
    """
    width, height = own
    if size == 'content':
        return width, height
    if isinstance(size, Integral):
        check_numbers(COUNT, size=size)
        scale = int(size) / max(width, height)
        return max(1, round(width * scale)), max(1, round(height * scale))
    if not isinstance(size, (tuple, list)) or len(size) != 2:
        raise ImageError(f'{size!r} is no size: choose (width, height), the '
                         'longer side, or content')
    check_numbers(COUNT, width=size[0], height=size[1])
    return size[0], size[1]


def centre_crop(img: Array, image_shape: Shape) -> Array:
    """The largest middle part of (H, W, 3), or (H, W), in the proportions
    of `image_shape`, (width, height), to the nearest pixel."""
    height, width = img.shape[:2]
    scale = min(width / image_shape[0], height / image_shape[1])
    w, h = (max(1, round(side * scale)) for side in image_shape)
    left, top = (width - w) // 2, (height - h) // 2
    return img[top:top + h, left:left + w]


def check_size(img: Array, smallest: int = 16) -> None:
    """Raise `ImageError` if a side of `img`, (H, W, 3), is too short."""
    height, width = img.shape[:2]
    if min(width, height) < smallest:
        raise ImageError(f'a picture of {width}x{height} is too small: each '
                         f'side needs at least {smallest} pixels')
