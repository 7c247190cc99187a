"""Picture files <-> arrays: read, resize, save."""

import io
import os
import struct
import warnings

import numpy as onp
from PIL import Image, ImageCms, ImageOps

from . import files
from .errors import ImageError, NSTWarning
from .outputs import WRITABLE, check_output

RGB_MEAN = onp.array([0.485, 0.456, 0.406], 'float32')
RGB_STD = onp.array([0.229, 0.224, 0.225], 'float32')
READABLE = ('JPEG', 'PNG', 'WEBP', 'TIFF', 'BMP', 'GIF', 'PPM')
ROUNDED = 2     # floats up to it are meant as 0 ... 1, and rounded
WITH_ALPHA = ('.png', '.webp', '.tif', '.tiff')


# ------------------------------------------------------------- reading
def read_image(path):
    """Read a picture file as (H, W, 3) uint8 in sRGB.

    The picture is turned upright (EXIF), converted from its colour
    profile, from CMYK, grey, palette or 16 bits, and laid on white
    where it is transparent. Raises `ImageError`.
    """
    picture = _open(path)
    if picture.mode == 'RGBA':
        white = Image.new('RGBA', picture.size, 'white')
        picture = Image.alpha_composite(white, picture).convert('RGB')
    return onp.asarray(picture)


def read_alpha(path):
    """Transparency of a picture file, (H, W) uint8, or None.

    255 is opaque; None stands for a picture with no transparent pixel.
    """
    picture = _open(path)
    if picture.mode != 'RGBA':
        return None
    alpha = onp.asarray(picture.getchannel('A'))
    return alpha if alpha.min() < 255 else None


def alpha_of(alpha, img, crop):
    """The part of a picture's transparency, (h, w) or None, that belongs to
    its painting `img`, (H, W, 3), which shows the middle where `crop`."""
    return (alpha if alpha is None or not crop
            else centre_crop(alpha, img.shape[1::-1]))


def _open(path):
    """The upright sRGB picture, of mode RGB or RGBA, all of it decoded."""
    if not os.path.exists(path):
        raise ImageError(f'{path}: there is no such file')
    if os.path.isdir(path):
        raise ImageError(f'{path} is a folder: name a picture file')
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            warnings.simplefilter('error', Image.DecompressionBombWarning)
            with Image.open(path, formats=READABLE) as picture:
                # A photograph of many phones has further ones inside: MPO
                frames = (1 if picture.format == 'MPO'
                          else getattr(picture, 'n_frames', 1))
                picture.load()
                upright = _to_srgb(ImageOps.exif_transpose(picture))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise ImageError(
            f'{path} has more than {(Image.MAX_IMAGE_PIXELS or 0) / 1e6:.0f} '
            'million pixels: make it smaller first') from None
    except Image.UnidentifiedImageError:
        with open(path, 'rb') as file:
            if file.read(4) in (b'II*\0', b'MM\0*'):
                raise ImageError(
                    f'{path} is a TIFF of a kind that is not read here, as '
                    'with colours of floating point: save it with 8 or 16 '
                    'bits') from None
        raise ImageError(
            f'{path} is no picture that can be read here: save it as one '
            f'of {", ".join(READABLE)}') from None
    except PermissionError:
        raise ImageError(f'{path} may not be read: check its '
                         'permissions') from None
    except Exception as e:  # Pillow's plug-ins raise many kinds
        raise ImageError(f'{path} is damaged or incomplete ({e}): get the '
                         'file again') from None
    if frames > 1:
        warnings.warn(f'{path} has {frames} frames or pages: the first one '
                      'is taken', NSTWarning, stacklevel=3)
    return upright


def extensions():
    """Endings of the names of picture files that can be read, sorted."""
    return tuple(sorted(
        ending for ending, kind in Image.registered_extensions().items()
        if kind in READABLE))


def _to_srgb(picture):
    if picture.mode.startswith('I') or picture.mode == 'F':
        return _to_8_bits(picture)
    has_alpha = 'A' in picture.getbands() or 'transparency' in picture.info
    mode = 'RGBA' if has_alpha else 'RGB'
    if has_alpha or picture.mode == 'P':
        picture = picture.convert(mode)
    return _apply_profile(picture).convert(mode)


def _to_8_bits(picture):
    """Grey of 16 or 32 bits, which `convert` would saturate."""
    values = onp.asarray(picture).astype('float64')
    if picture.mode == 'F':
        known = values[onp.isfinite(values)]
        if known.max(initial=0) <= ROUNDED:    # they are meant as 0 ... 1
            values = values * 255
    else:
        values = values / 257
    values = onp.nan_to_num(values, nan=0, posinf=255, neginf=0)
    values = values.clip(0, 255).round().astype('uint8')
    return Image.fromarray(values).convert('RGB')


def _apply_profile(picture):
    """Pixels in sRGB; unchanged where the profile is absent or broken."""
    profile = picture.info.get('icc_profile')
    if not profile or picture.mode not in ('RGB', 'RGBA', 'CMYK', 'L'):
        return picture
    has_alpha = picture.mode == 'RGBA'
    colours = picture.convert('RGB') if has_alpha else picture
    try:
        colours = ImageCms.profileToProfile(
            colours, io.BytesIO(profile), ImageCms.createProfile('sRGB'),
            outputMode='RGB')
    except ImageCms.PyCMSError:
        return picture
    if has_alpha and colours:
        colours.putalpha(picture.getchannel('A'))
    return colours


def srgb_profile():
    """The profile that pictures are saved with: bytes. Its date is always
    the same, so that the same picture is the same file."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB'))
    raw = bytearray(profile.tobytes())
    raw[24:36] = struct.pack('>6H', 2000, 1, 1, 0, 0, 0)
    return bytes(raw)


# --------------------------------------------------------------- arrays
def resize(img, image_shape):
    """(H, W, 3) in 0 ... 255 -> (height, width, 3) float32."""
    if min(image_shape) < 1:
        raise ImageError(f'the size {image_shape} is empty')
    img = onp.asarray(img, 'float32')
    if img.shape[1::-1] == tuple(image_shape):
        return img
    bicubic = Image.Resampling.BICUBIC
    planes = [Image.fromarray(plane).resize(image_shape, bicubic)
              for plane in onp.ascontiguousarray(img.transpose(2, 0, 1))]
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


# -------------------------------------------------------------- saving
def save_image(img, path, alpha=None):
    """Save a picture atomically: `path` is whole, or is not touched.

    `img`: (H, W, 3), float in [0, 1] or uint8. `alpha`: (h, w) uint8,
    resized and put back where the format has transparency. The file
    carries an sRGB profile; JPEG is saved at quality 95 without colour
    subsampling. Raises `ImageError`.
    """
    check_output(path, force=True)
    extension = os.path.splitext(path)[1].lower()
    kind, options = WRITABLE[extension]
    img = to_numpy(img)
    if img.dtype.kind == 'f':
        if img.max() > ROUNDED:
            raise ImageError('a picture of floats is saved from 0 ... 1, and '
                             f'this one reaches {img.max():.4g}: divide it '
                             'by 255')
        img = (img.clip(0, 1) * 255).round()
    picture = Image.fromarray(img.clip(0, 255).astype('uint8'))
    if alpha is not None and extension in WITH_ALPHA:
        picture.putalpha(Image.fromarray(alpha).resize(picture.size))
    try:
        with files.atomic(path) as file:
            picture.save(file, kind, icc_profile=srgb_profile(), **options)
    except (OSError, ValueError) as e:  # Pillow's may have no strerror
        reason = getattr(e, 'strerror', None) or e
        path = os.path.abspath(path)
        raise ImageError(f'{path} can\'t be written: {reason}') from None
