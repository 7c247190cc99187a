"""Files that are whole or not there, and their hashes.

What is written stands beside its place until all of it is on the disk; then it
takes that place in one step. Where anything fails nothing of it is left.
"""

import contextlib
import os
import tempfile
from typing import IO, Iterator

from .kinds import Path


@contextlib.contextmanager
def atomic(path: Path) -> Iterator[IO[bytes]]:
    """Open a binary file that becomes `path` when all is well, with the
    usual permissions. Raises `OSError`."""
    with atomic_path(path) as part:
        with open(part, 'wb') as file:
            yield file


@contextlib.contextmanager
def atomic_path(path: Path) -> Iterator[str]:
    """A path where to write what becomes `path` when all is well: for code
    that opens its files itself. Raises `OSError`."""
    path = os.path.abspath(path)
    folder, name = os.path.split(path)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        part = os.path.join(place, name)
        yield part
        put(part, path)


def put(part: Path, path: Path) -> None:
    """Move a finished file to its place on the same disk, in one step.
    Raises `OSError`."""
    with open(part, 'rb+') as file:
        os.fsync(file.fileno())
    os.replace(part, path)


@contextlib.contextmanager
def workplace(folder: Path) -> Iterator[str]:
    """A folder inside `folder` for what is not finished yet. It is gone
    afterwards; so is `folder` where it was made for this in vain."""
    made = not os.path.isdir(folder)
    os.makedirs(folder, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=folder) as place:
            yield place
    finally:
        if made and not os.listdir(folder):
            os.rmdir(folder)


def sha256(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    import pooch
    return pooch.file_hash(path)
