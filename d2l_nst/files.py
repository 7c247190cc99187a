"""Files that are whole or not there, and their hashes.

What is written stands beside its place until all of it is on the disk; then it
takes that place in one step. Where anything fails nothing of it is left.
"""

import contextlib
import io
import os
import tempfile
from typing import IO, Iterator

from .errors import WeightsError
from .kinds import Path

# What the first bytes of a file say that it is
HEADS = {
    b'\x89PNG': 'a PNG picture', b'\xff\xd8\xff': 'a JPEG picture',
    b'GIF8': 'a GIF picture', b'II*\0': 'a TIFF picture',
    b'MM\0*': 'a TIFF picture', b'RIFF': 'a WebP picture or a film',
    b'%PDF': 'a PDF', b'PK\3\4': 'a ZIP archive',
    b'\x1f\x8b': 'a gzip archive', b'\x89HDF': 'an HDF5 file',
    b'MATLAB': 'a .mat file',
    b'\x12\1' + bytes(6): 'a .params file'}


@contextlib.contextmanager
def atomic(path: Path, replace: bool = True) -> Iterator[IO[bytes]]:
    """A binary file in memory, whose bytes become `path` when all is well,
    with the usual permissions. Raises `OSError`, as `put` does."""
    path, memory = os.path.abspath(path), io.BytesIO()
    yield memory
    with atomic_path(path, replace) as part, open(part, 'wb') as file:
        file.write(memory.getbuffer())


@contextlib.contextmanager
def atomic_path(path: Path, replace: bool = True) -> Iterator[str]:
    """A path where to write what becomes `path` when all is well: for code
    that opens its files itself. Raises `OSError`, as `put` does."""
    path = os.path.abspath(path)
    folder, name = os.path.split(path)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        part = os.path.join(place, name)
        yield part
        put(part, path, replace)


def put(part: Path, path: Path, replace: bool = True) -> None:
    """Move a finished file to its place on the same disk, in one step.
    Raises `OSError`: a `FileExistsError` where there is a file that it may
    not `replace`, however late that one came."""
    settle(part)
    if replace:
        os.replace(part, path)
        return
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # a disk that knows no links
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
        os.replace(part, path)


def settle(path: Path) -> None:
    """Wait until all of a file is on the disk. Raises `OSError`."""
    with open(path, 'rb+') as file:
        os.fsync(file.fileno())


@contextlib.contextmanager
def workplace(folder: Path) -> Iterator[str]:
    """A folder inside `folder` for what is not finished yet. It is gone
    afterwards; so is `folder` where it was made for this in vain. Raises
    `WeightsError` where it can't be made."""
    made = not os.path.isdir(folder)
    try:
        os.makedirs(folder, exist_ok=True)
        place = tempfile.TemporaryDirectory(dir=folder)
    except OSError as e:
        raise WeightsError(f"{folder} can't be written ({e.strerror}): choose "
                       'another folder; that of the cache is below HOME, or '
                       'XDG_CACHE_HOME') from None
    try:
        with place as path:
            yield path
    finally:
        if made and not os.listdir(folder):
            os.rmdir(folder)


def known_as(path: Path) -> str:
    """What a file is by its first bytes, as 'a PNG picture'; '' where they
    don't tell."""
    start = b''
    with contextlib.suppress(OSError), open(path, 'rb') as file:
        start = file.read(8)
    return next((what for head, what in HEADS.items()
                 if start.startswith(head)), '')


def sha256(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    import pooch
    return pooch.file_hash(path)
