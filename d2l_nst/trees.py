"""The pictures below a folder."""

import os
import warnings
from typing import List, Set

from .errors import ImageError, NSTWarning
from .kinds import Path
from .opening import OTHERS, extensions


def walk(folder: Path) -> List[str]:
    """Sorted paths of all picture files below a folder, by extension, also
    where links lead. What is hidden, as thumbnails are, is left out; of
    pictures that are not read here an `NSTWarning` tells. Raises
    `ImageError`, also where a folder may not be read."""
    if not os.path.isdir(folder):
        raise ImageError(f'{folder}: there is no such folder')

    def refuse(error):
        raise ImageError(f'{error.filename} may not be read: check its '
                         'permissions, or name other folders')

    found: List[str] = []
    seen: Set[str] = set()
    for path, folders, names in os.walk(folder, onerror=refuse,
                                        followlinks=True):
        if os.path.realpath(path) in seen:     # a link led here, or leads
            folders.clear()                    # round in a circle
            continue
        seen.add(os.path.realpath(path))
        folders[:] = sorted(each for each in folders
                            if not each.startswith('.'))
        found += [os.path.join(path, name) for name in names
                  if not name.startswith('.')]
    _tell_others(found)
    return sorted(path for path in found
                  if path.lower().endswith(extensions()))


def _tell_others(paths):
    others = [path for path in paths if path.lower().endswith(OTHERS)
              and not path.lower().endswith(extensions())]
    if others:
        warnings.warn(
            f'pictures of kinds that are not read here: {len(others)}, '
            f'{min(others)} among them; save them as JPEG, or pip install '
            'pillow-heif for .heic', NSTWarning, stacklevel=3)
