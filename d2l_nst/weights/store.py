"""A folder of weights: convolutions alone, each file with its own hash.

A file is named `STEM-<first 8 of its sha256>.params`; `SHA256SUMS` beside it
holds a line for each (`sha256sum -c` reads it too) and, as a comment above
it, where the numbers came from. So a folder can be copied and checked.
"""

import contextlib
import os
import re
from typing import Optional, Tuple

import numpy as onp

from .. import files
from ..errors import WeightsError
from .record import Weights

RECORD = 'SHA256SUMS'
ABOUT = 'about'  # the entry of a file that says what its numbers are
LINE = re.compile(r'(?:# (.*)\n)?([0-9a-f]{64})  ([\w-]+)-([0-9a-f]{8})'
                  r'\.params')


def cache() -> str:
    """Folder of this package's cache, in the user's."""
    import pooch
    return os.fspath(pooch.os_cache('d2l_nst'))


def keep(weights: Weights, folder: str, stem: str, source: str,
         dtype: str = 'float32') -> Tuple[str, str]:
    """Write `Weights` to `folder` in place of an earlier file of the same
    stem; whole or not at all. Returns (path, sha256). Raises
    `WeightsError`."""
    arrays = {name: onp.asarray(array, dtype)
              for name, array in weights.arrays.items()}
    for name, array in arrays.items():
        if not onp.isfinite(array).all():
            raise WeightsError(f'{name} has numbers that are not finite in '
                               f'{dtype}: nothing was saved')
    arrays[ABOUT] = onp.frombuffer(weights.about().encode(), 'uint8')
    old = _entries(folder).get(stem)
    try:
        path, sha256 = _write(arrays, folder, stem)
        _note(folder, stem, path, sha256, source)
    except OSError as e:
        reason = str(e).strip().splitlines()[-1][:80]
        raise WeightsError(f"{folder} can't be written ({reason}): make room "
                           'there, or choose another folder') from None
    if old and old[0] != path:
        with contextlib.suppress(OSError):
            os.remove(old[0])
    return path, sha256


def find(folder: str, stem: str) -> Optional[Tuple[str, str, str]]:
    """(path, sha256, source) of the file kept for `stem`, or None."""
    entry = _entries(folder).get(stem)
    return entry if entry and os.path.isfile(entry[0]) else None


def find_whole(folder: str, stem: str) -> Optional[str]:
    """Path of the file kept for `stem`, its sha256 checked, or None."""
    entry = find(folder, stem)
    if entry and files.sha256(entry[0]) == entry[1]:
        return entry[0]
    return None


def origin(path: str) -> str:
    """Where the numbers of a kept file came from; '' for another."""
    name, folder = os.path.basename(path), os.path.dirname(path)
    entry = find(folder, name.rpartition('-')[0])
    return entry[2] if entry and entry[0] == path else ''


def _write(arrays, folder, stem):
    with files.workplace(folder) as part:
        part = os.path.join(part, 'part.params')
        _save(part, arrays)
        sha256 = files.sha256(part)
        path = os.path.join(folder, f'{stem}-{sha256[:8]}.params')
        files.put(part, path)
    return path, sha256


def _save(path, arrays):
    import mxnet as mx
    try:
        mx.npx.save(path, {name: mx.np.array(array, dtype=array.dtype)
                           for name, array in arrays.items()})
    except mx.MXNetError as e:
        raise OSError(str(e)) from None


def _note(folder, stem, path, sha256, source):
    entries = _entries(folder)
    entries[stem] = path, sha256, ' '.join(source.split())
    text = ''.join(f'# {source}\n{sha256}  {os.path.basename(path)}\n'
                   for path, sha256, source in entries.values())
    with files.atomic(os.path.join(folder, RECORD)) as f:
        f.write(text.encode(errors='replace'))


def _entries(folder):
    """{stem: (path, sha256, source)} of a folder's record."""
    try:
        with open(os.path.join(folder, RECORD), encoding='utf-8') as f:
            text = f.read()
    except (OSError, UnicodeDecodeError):
        return {}
    return {stem: (os.path.join(folder, f'{stem}-{short}.params'), sha256,
                   source or '')
            for source, sha256, stem, short in LINE.findall(text)}
