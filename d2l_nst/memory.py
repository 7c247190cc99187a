"""Whether a picture fits the memory of this machine."""

import os

from .errors import ImageError


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
