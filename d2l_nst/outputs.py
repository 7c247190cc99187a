"""Where pictures and other files may be saved: asked before the work."""

import os
from typing import Any, Dict, Tuple

from .errors import ImageError

# Extension -> format and the settings that lose nothing visible
WRITABLE: Dict[str, Tuple[str, Dict[str, Any]]] = {
    '.png': ('PNG', {}),
    '.jpg': ('JPEG', {'quality': 95, 'subsampling': 0}),
    '.jpeg': ('JPEG', {'quality': 95, 'subsampling': 0}),
    '.webp': ('WEBP', {'quality': 95}),
    '.tif': ('TIFF', {'compression': 'tiff_lzw'}),
    '.tiff': ('TIFF', {'compression': 'tiff_lzw'})}


def check_output(path, force=False):
    """Raise `ImageError` unless a picture can be saved as `path`."""
    if os.path.splitext(os.fspath(path))[1].lower() not in WRITABLE:
        raise ImageError(f'{path}: name a picture that ends in '
                         f'{", ".join(sorted(WRITABLE))}')
    check_writable(path, force)


def check_writable(path, force=False):
    """Raise `ImageError` unless a file can be written as `path`."""
    folder = os.path.dirname(path) or '.'
    if not os.path.isdir(folder):
        raise ImageError(f'{path}: there is no folder {folder}; make it '
                         'first')
    if os.path.isdir(path):
        raise ImageError(f'{path} is a folder: name a file in it')
    if not os.access(folder, os.W_OK):
        raise ImageError(f'{path} can\'t be written: no permission in '
                         f'{folder}')
    if os.path.exists(path) and not force:
        raise ImageError(f'{path} exists: choose another name or --force')


def check_apart(path, sources):
    """Raise `ImageError` where a picture saved as `path` would replace one
    of the `sources` that are read."""
    for source in sources:
        if os.path.exists(path) and os.path.samefile(source, path):
            raise ImageError(f'{path} is the picture to be read: choose '
                             'another name')


def check_folder(folder):
    """Raise `ImageError` unless files can be written in a folder, which may
    have to be made first."""
    there = os.path.abspath(folder)
    while not os.path.exists(there):
        there = os.path.dirname(there)
    if not os.path.isdir(there):
        raise ImageError(f'{folder} can\'t be a folder: {there} is a file; '
                         'name another one')
    if not os.access(there, os.W_OK | os.X_OK):
        raise ImageError(f'{folder} can\'t be written: no permission in '
                         f'{there}')
