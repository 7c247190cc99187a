"""The file of a job's checkpoints: the newest, and the one before it."""

import contextlib
import hashlib
import math
import os
import time
import warnings
from typing import Any, Callable, Dict, Optional

import numpy as onp

from . import checkpoint, files
from .errors import NSTError, NSTWarning
from .kinds import Arrays, Path
from .steps import Step

BEFORE, PART = '.before', '.part'   # beside it; while it is written
SHORT = 40    # characters of a value that is told
# Seconds from one to the next: at least so many, and so many times what the
# last one took to be written, so that it costs a fiftieth of the time
SECONDS, TIMES = 30, 50


def before(path: Path) -> str:
    return os.fspath(path) + BEFORE


def replace(path: Path, arrays: Arrays, record: Any,
            spoilt: bool = False) -> None:
    """Write a checkpoint beside `path`, then let it take that place; the one
    that was there is kept as well, unless it is `spoilt`. Raises
    `OSError`."""
    part = os.fspath(path) + PART
    try:
        checkpoint.write(part, arrays, record)
        files.settle(part)    # so that `path` is missing for a moment only
        if os.path.exists(path) and not spoilt:
            os.replace(path, before(path))
        files.put(part, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(part)


def remove(*paths: Path) -> None:
    """Remove what can be removed."""
    for path in paths:
        with contextlib.suppress(OSError):
            os.remove(path)


def read(path: Path, is_whole: Callable[[Any], bool], what: str) -> Any:
    """The newest whole checkpoint at a path, the one before it where that is
    damaged, of which an `NSTWarning` tells. `what` it is of is said where
    there is none. Raises `NSTError`."""
    for each in (path, before(path)):
        try:
            arrays, record = checkpoint.load(each)
            state = checkpoint.unpack(record, arrays)
            if not is_whole(state):
                continue
            state['history'] = [Step(*row) for row in state['history']]
            state['spoilt'] = each != path
        except Exception:    # whatever damaged bytes may lead to
            continue
        if state['spoilt']:
            warnings.warn(f'{path} is damaged or gone: going on from the '
                          f'checkpoint before it, {each}', NSTWarning,
                          stacklevel=3)
        return state
    if not os.path.exists(path):
        raise NSTError(f'{path}: there is no such file to go on from')
    raise NSTError(broken(path, what))


def broken(path: Path, what: str) -> str:
    kind = files.known_as(path)
    if kind not in ('', 'a ZIP archive'):    # which a checkpoint is
        return (f'{path} is {kind} and no checkpoint of a {what}: name '
                'another file')
    return (f'{path} is no whole checkpoint of a {what}: begin anew, with '
            'another name for its checkpoint')


class File:
    """The file that a job writes now and then; none where `path` is None.
    What is there already is `spoilt`, or the one before the first."""

    def __init__(self, path: Any, spoilt: bool = False):
        self.path, self.spoilt = path, spoilt
        self.failed, self.due = False, -math.inf

    def is_due(self) -> bool:
        return time.perf_counter() >= self.due

    def write(self, state: Dict[str, Any]) -> bool:
        """Write what `checkpoint.pack` can, with the `Step`s of its
        `history`. Where that fails it answers False, an `NSTWarning` tells
        it once, and the checkpoint before stays."""
        start, arrays = time.perf_counter(), {}
        record = checkpoint.pack({**state, 'history': [
            [step.stage, step.epoch, step.terms, step.total, step.seconds]
            for step in state['history']]}, arrays)
        try:
            replace(self.path, arrays, record, self.spoilt)
            self.spoilt, written = False, True
        except OSError as e:
            if not self.failed:
                warnings.warn(f'{self.path} can\'t be written '
                              f'({e.strerror or e}): going on without a '
                              'new checkpoint', NSTWarning, stacklevel=3)
            self.failed, written = True, False
        end = time.perf_counter()
        self.due = end + max(SECONDS, TIMES * (end - start))
        return written


# ------------------------------------------------- what must be the same
def different(there: Dict[str, Any], here: Dict[str, Any]) -> str:
    """The names of what differs, with both values where they are short."""
    found = []
    for name in here:
        theirs, ours = there.get(name), here[name]
        if theirs != ours:
            short = max(len(str(theirs)), len(str(ours))) < SHORT
            found.append(f'{name} ({theirs} there, {ours} here)' if short
                         else name)
    return ', '.join(found)


def refuse(path: Path, there: Dict[str, Any], here: Dict[str, Any]) -> None:
    """Raise `NSTError` where a checkpoint was made with something else."""
    other = different(there, here)
    if other:
        raise NSTError(f'{path} can\'t go on with another {other}: '
                       'give what it was begun with, or begin anew')


def fingerprint(*arrays: Any) -> Optional[str]:
    """The sha256 of arrays, in hexadecimal; None for one that is None."""
    digest = hashlib.sha256()
    for array in arrays:
        if array is None:
            return None
        A = array.asnumpy() if hasattr(array, 'asnumpy') else array
        A = onp.ascontiguousarray(A)
        digest.update(f'{A.dtype}{A.shape}'.encode())
        digest.update(A)
    return digest.hexdigest()
