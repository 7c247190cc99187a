"""The file of a job's checkpoints: the newest, and the one before it."""

import contextlib
import os
import warnings

from .. import checkpoint, files
from ..errors import NSTError, NSTWarning
from ..steps import Step

KIND = 'transfer'    # of job, told in the record
BEFORE, PART = '.before', '.part'   # beside it; while it is written
SHORT = 40    # characters of a value that is told


def before(path):
    return os.fspath(path) + BEFORE


def replace(path, arrays, record, spoilt=False):
    """Write a checkpoint beside `path`, then let it take that place; the one
    that was there is kept as well, unless it is `spoilt`. Raises
    `OSError`."""
    part = os.fspath(path) + PART
    try:
        checkpoint.write(part, arrays, record)
        if os.path.exists(path) and not spoilt:
            os.replace(path, before(path))
        files.put(part, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(part)


def read(path):
    """The newest whole checkpoint at a path, the one before it where that is
    damaged, of which an `NSTWarning` tells. Raises `NSTError`."""
    for each in (path, before(path)):
        try:
            arrays, record = checkpoint.load(each)
            state = checkpoint.unpack(record, arrays)
            if not is_state(state):
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
    raise NSTError(broken(path))


def is_state(state):
    """Whether it is one as `Keeper.write` makes it."""
    return (state['kind'] == KIND and state['asked']['tile'] >= 0
            and isinstance(state['machine'], dict)
            and state['stage'] >= 0 and state['seconds'] >= 0
            and all(isinstance(word, str) for word in state['words'] or ())
            and {'img', 'last', 'measure', 'mover'} <= set(state))


def broken(path):
    return (f'{path} is no whole checkpoint of a transfer: begin anew, with '
            'another name for its checkpoint')


def different(there, here):
    """The names of what differs, with both values where they are short."""
    found = []
    for name in here:
        theirs, ours = there.get(name), here[name]
        if theirs != ours:
            short = max(len(str(theirs)), len(str(ours))) < SHORT
            found.append(f'{name} ({theirs} there, {ours} here)' if short
                         else name)
    return ', '.join(found)
