"""Picture files -> arrays: read, resize."""

import contextlib
import functools
import io
import itertools
import os
import stat
import warnings
from typing import Tuple

import numpy as onp
from PIL import Image, ImageOps, PngImagePlugin, features

from .srgb import fill_hidden, to_srgb
from .errors import ImageError, NSTWarning

RGB_MEAN = onp.array([0.485, 0.456, 0.406], 'float32')
RGB_STD = onp.array([0.229, 0.224, 0.225], 'float32')
READABLE: Tuple[str, ...] = ('JPEG', 'PNG', 'WEBP', 'TIFF', 'BMP', 'GIF',
                             'PPM')
# Bytes of the texts and the profile of a PNG: Pillow's own limit of a
# megabyte is less than some programs write
PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY = 2 ** 28
# What stands in the bytes 4 to 12 of a file
HEIC = [b'ftyp' + kind for kind in (b'heic', b'heix', b'mif1', b'msf1',
                                    b'hevc')]
AVIF = [b'ftyp' + kind for kind in (b'avif', b'avis')]


# ------------------------------------------------------------- reading
def read_image(path):
    """Read a picture file as (H, W, 3) uint8 in sRGB.

    The picture is turned upright (EXIF) and converted from its colour
    profile, from CMYK, grey, palette or 16 bits. Pixels that can't be seen
    get the colours of those beside them. Raises `ImageError`.
    """
    return read_with_alpha(path)[0]


def read_alpha(path):
    """Transparency of a picture file, (H, W) uint8, or None.

    255 is opaque; None stands for a picture with no transparent pixel.
    """
    return read_with_alpha(path)[1]


def read_with_alpha(path):
    """What `read_image` and what `read_alpha` return, of one reading: a
    pipe can be read only once."""
    picture = _open(path)
    if picture.mode != 'RGBA':
        return onp.asarray(picture), None
    img, alpha = onp.asarray(picture.convert('RGB')), onp.asarray(
        picture.getchannel('A'))
    if alpha.min() == 255:
        return img, None
    return fill_hidden(img, alpha), alpha


def alpha_of(alpha, img, crop):
    """The part of a picture's transparency, (h, w) or None, that belongs to
    its painting `img`, (H, W, 3), which shows the middle where `crop`."""
    return (alpha if alpha is None or not crop
            else centre_crop(alpha, img.shape[1::-1]))


def _open(path):
    """The upright sRGB picture, of mode RGB or RGBA, all of it decoded."""
    file = _to_read(path)
    with _told(path, file), Image.open(file, formats=readable()) as picture:
        # A photograph of many phones has further ones inside: MPO
        frames = (1 if picture.format == 'MPO'
                  else getattr(picture, 'n_frames', 1))
        picture.load()
        upright = to_srgb(ImageOps.exif_transpose(picture))
    if frames > 1:
        warnings.warn(f'{path} has {frames} frames or pages: the first one '
                      'is taken', NSTWarning, stacklevel=4)
    return upright


def each_frame(path):
    """The frames of a GIF, WebP or PNG, one after the other: Pillow pictures
    of mode RGB or RGBA, whose `info` has their 'duration' in milliseconds.
    Raises `ImageError`."""
    file = _to_read(path)
    with _told(path, file):
        picture = Image.open(file, formats=('GIF', 'WEBP', 'PNG'))
    with picture:
        # The first picture of some PNGs is for those who know no animations
        for i in itertools.count(int(getattr(picture, 'default_image', 0))):
            with _told(path, file):
                try:
                    picture.seek(i)
                except EOFError:
                    return
                picture.load()
                frame = to_srgb(picture)
                frame.info = dict(picture.info)
            yield frame


@contextlib.contextmanager
def _told(path, file):
    """Turn what goes wrong with a picture into an `ImageError`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            warnings.simplefilter('error', Image.DecompressionBombWarning)
            yield
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise ImageError(
            f'{path} has more than {(Image.MAX_IMAGE_PIXELS or 0) / 1e6:.0f} '
            'million pixels: make it smaller first') from None
    except Image.UnidentifiedImageError:
        raise ImageError(_unknown(path, file)) from None
    except PermissionError:
        raise ImageError(f'{path} may not be read: check its '
                         'permissions') from None
    except Exception as e:  # Pillow's plug-ins raise many kinds
        if 'MAX_TEXT' in str(e):
            raise ImageError(f'{path} has texts or a profile of more than '
                             '256 MB: save it without them') from None
        raise ImageError(f'{path} is damaged or incomplete ({e}): get the '
                         'file again') from None


def _to_read(path):
    """What Pillow is given for `path`: a pipe is read whole, once."""
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISFIFO(mode):
            with open(path, 'rb') as pipe:
                return io.BytesIO(pipe.read())
    except (FileNotFoundError, NotADirectoryError):
        raise ImageError(f'{path}: there is no such file') from None
    except PermissionError:
        raise ImageError(f'{path} may not be read: check the permissions of '
                         'it and of its folders') from None
    except (OSError, ValueError) as e:  # a name that is none
        raise ImageError(f'{path} can\'t be read: {e}') from None
    if stat.S_ISDIR(mode):
        raise ImageError(f'{path} is a folder: name a picture file')
    return path


def _unknown(path, file):
    """Why a file is no picture that can be read here."""
    if isinstance(file, io.BytesIO):
        head = file.getvalue()[:12]
    else:
        with open(file, 'rb') as opened:
            head = opened.read(12)
    if head[:4] in (b'II*\0', b'MM\0*'):
        return (f'{path} is a TIFF of a kind that is not read here, as with '
                'colours of floating point: save it with 8 or 16 bits')
    if head[4:12] in HEIC:
        return (f'{path} is a HEIC picture, and pillow-heif is not here: pip '
                'install pillow-heif, or save it as JPEG')
    if head[4:12] in AVIF:
        return (f'{path} is an AVIF picture, and this Pillow reads none: pip '
                'install --upgrade pillow, or save it as JPEG')
    return (f'{path} is no picture that can be read here: save it as one of '
            f'{", ".join(READABLE)}')


@functools.lru_cache(None)
def readable():
    """The formats that can be read here, with AVIF and HEIC where Pillow
    has them, by itself or by `pillow-heif`."""
    formats = READABLE
    if features.check('avif'):
        formats += 'AVIF',
    try:
        import pillow_heif
    except ImportError:
        return formats
    pillow_heif.register_heif_opener()
    return formats + ('HEIF',)


def extensions():
    """Endings of the names of picture files that can be read, sorted."""
    formats = readable()
    return tuple(sorted(
        ending for ending, kind in Image.registered_extensions().items()
        if kind in formats))


# --------------------------------------------------------------- arrays
def resize(img, image_shape):
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


def to_numpy(img):
    """Any (H, W, 3) picture as a NumPy array, shape and values checked."""
    img = img.asnumpy() if hasattr(img, 'asnumpy') else onp.asarray(img)
    if img.ndim != 3 or img.shape[2] != 3 or not img.size:
        raise ImageError('a picture must be an array of shape (height, '
                         f'width, 3), not {img.shape}')
    if img.dtype.kind not in 'uif' or not onp.isfinite(img).all():
        raise ImageError('a picture must hold finite numbers')
    return img


def check_range(img):
    """Raise `ImageError` where a picture of floats is in 0 ... 1, though
    0 ... 255 is meant: it would be taken for a black one."""
    if img.dtype.kind == 'f' and 0 < img.max() <= 1:
        raise ImageError('a picture of floats is read as 0 ... 255, and this '
                         f'one ends at {img.max():.4g}: multiply it by 255')


def fit_shape(img, area, smallest=16):
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


def shape_of(own, size):
    """(width, height) that a `size` asks for: itself where it is such a
    pair; of a number, the longer side, in the proportions of `own`, a
    picture's (width, height); or 'content', which is `own`.

    >>> shape_of((300, 200), 800)
    (800, 533)
    """
    width, height = own
    if size == 'content':
        return width, height
    if isinstance(size, int):
        scale = size / max(width, height)
        return max(1, round(width * scale)), max(1, round(height * scale))
    return size


def centre_crop(img, image_shape):
    """The largest middle part of (H, W, 3), or (H, W), in the proportions
    of `image_shape`, (width, height), to the nearest pixel."""
    height, width = img.shape[:2]
    scale = min(width / image_shape[0], height / image_shape[1])
    w, h = (max(1, round(side * scale)) for side in image_shape)
    left, top = (width - w) // 2, (height - h) // 2
    return img[top:top + h, left:left + w]


def check_size(img, smallest=16):
    """Raise `ImageError` if a side of `img`, (H, W, 3), is too short."""
    height, width = img.shape[:2]
    if min(width, height) < smallest:
        raise ImageError(f'a picture of {width}x{height} is too small: each '
                         f'side needs at least {smallest} pixels')
