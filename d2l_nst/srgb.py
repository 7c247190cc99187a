"""The colours of an opened picture file, of any kind, in sRGB."""

import io

import numpy as onp
from PIL import Image, ImageCms

from .kinds import Array

ROUNDED = 2     # floats up to it are meant as 0 ... 1, and rounded


def to_srgb(picture: Image.Image) -> Image.Image:
    """A Pillow picture of any mode as RGB, or as RGBA where it has
    transparency."""
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


def fill_hidden(img: Array, alpha: Array) -> Array:
    """`img`, (H, W, 3), in which pixels that `alpha`, (H, W), hides have
    the colours of those that are seen.

    A hidden pixel gets the colour of its mirror image beyond the nearest
    visible one, or that one's where the mirror image is hidden too. So a
    palette and a style are those of what is seen. Where all is hidden, all
    is white.
    """
    from scipy.ndimage import distance_transform_edt
    hidden = alpha == 0
    if not hidden.any():
        return img
    if hidden.all():
        return onp.full_like(img, 255)
    img = img.copy()
    y, x = onp.nonzero(hidden)
    near = distance_transform_edt(hidden, return_distances=False,
                                  return_indices=True)[:, y, x]
    far = 2 * near - (y, x)
    inside = ((far >= 0) & (far < onp.c_[alpha.shape].T)).all(0)
    far = onp.where(inside, far, near)
    far = onp.where(hidden[tuple(far)], near, far)
    img[y, x] = img[tuple(far)]
    return img
