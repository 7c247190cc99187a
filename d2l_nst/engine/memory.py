"""Whether a picture fits the memory of this machine."""

import os

from ..errors import ImageError
from ..terms import terms_of

# Before the first step the style goes through the network: measured at
# 900x600 with recipe quick in float32 and a style 2, 3 and 4 times as large
STYLE_FIXED, STYLE_PER_PIXEL = 2400, 2020


def bytes_per_pixel(recipe):
    """What a `Recipe` needs, for `check_memory`."""
    known = (term.bytes_per_pixel for term in terms_of(recipe))
    return max(*known, STYLE_FIXED + STYLE_PER_PIXEL * recipe.style_scale ** 2)


def check_memory(shape, bytes_per_pixel, advice):
    """Raise `ImageError`, which ends with the `advice`, where a picture of
    `shape`, (width, height), needs more memory than there is."""
    needed = shape[0] * shape[1] * bytes_per_pixel
    there = os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES')
    if needed > there:
        raise ImageError(
            f'{shape[0]}x{shape[1]} needs about {needed / 2 ** 30:.0f} GB '
            f'of memory, and this machine has {there / 2 ** 30:.0f}: '
            f'{advice}')
