"""Files of pictures, opened: what is read here, and what is said of others."""

import contextlib
import functools
import io
import itertools
import os
import stat
import warnings
from typing import Iterator, Tuple

from PIL import Image, ImageOps, PngImagePlugin, features

from .errors import ImageError, NSTWarning
from .kinds import Path
from .srgb import to_srgb

READABLE: Tuple[str, ...] = ('JPEG', 'PNG', 'WEBP', 'TIFF', 'BMP', 'GIF',
                             'PPM')
# Endings that Pillow does not know of what it reads
ALSO: Tuple[str, ...] = ('.jif', '.jfi', '.mpo')
# Endings of other pictures, which no tree of them passes over untold
OTHERS: Tuple[str, ...] = (
    '.heic', '.heif', '.hif', '.avif', '.jxl', '.jp2', '.dib', '.tga', '.psd',
    '.xcf', '.exr', '.svg', '.dng', '.cr2', '.cr3', '.nef', '.arw', '.raf',
    '.orf', '.rw2')
# Bytes of the texts and the profile of a PNG: Pillow's own limit of a
# megabyte is less than some programs write
PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY = 2 ** 28
# What stands in the bytes 4 to 12 of a file
HEIC = [b'ftyp' + kind for kind in (b'heic', b'heix', b'mif1', b'msf1',
                                    b'hevc')]
AVIF = [b'ftyp' + kind for kind in (b'avif', b'avis')]


def opened(path: Path) -> Image.Image:
    """The upright sRGB picture of a file, of mode RGB or RGBA, all of it
    decoded. Raises `ImageError`."""
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


def each_frame(path: Path) -> Iterator[Image.Image]:
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
        why = ' '.join(str(e).split())
        raise ImageError(f'{path} is damaged or incomplete ({why}): get the '
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
        with open(file, 'rb') as f:
            head = f.read(12)
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
def readable() -> Tuple[str, ...]:
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


def extensions() -> Tuple[str, ...]:
    """Endings of the names of picture files that can be read, sorted."""
    formats = readable()
    return tuple(sorted([*ALSO, *(
        ending for ending, kind in Image.registered_extensions().items()
        if kind in formats)]))
