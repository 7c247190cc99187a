"""Checkpoints of a picture that is optimised: kept now and then, and taken up
again.

One holds all that the rest of the job depends on: what it was asked for, the
stage and the picture that this began with, the loss of each epoch, and all
that `optimisers.Measure` and the mover know. So the job goes on bit by bit as
if it had never been ended, where MXNet adds in the same order, as it does on
one thread.
"""

import contextlib
import os
import time
import warnings
from typing import Any, Dict, Iterator, List, Optional, Protocol, Tuple

from mxnet import np

from ..errors import NSTError, NSTWarning
from ..interrupts import later
from ..kept import File, before, broken, different, read, refuse, remove
from ..kinds import Array, Path, State
from ..locks import alone
from ..scorecard import machine
from ..steps import Step
from .result import Told

KIND = 'transfer'    # of job, told in the record


class Restorable(Protocol):
    """What tells all that it knows, and takes it back."""

    def state(self) -> State: ...

    def restore(self, state: State) -> None: ...


class Keeper:
    """Keeps checkpoints of a job in a file, and has one to go on from.

    `path`: the file for a new job, or None; `resume`: the one to go on from
    and to write in place of it. What was kept there before lies beside it,
    until the job is done. Raises `NSTError` where there is nothing to go on
    from, or where `path` is there already, unless by `force`. `words` are
    the caller's own, which JSON can hold.
    """

    def __init__(self, path: Optional[Path] = None,
                 resume: Optional[Path] = None, force: bool = False):
        if path and resume:
            raise NSTError('a new checkpoint, or one to resume: name one')
        self.new = None if force else path
        self.check_new()
        self.saved = None if resume is None else read(resume, is_state, KIND)
        self.path: Any = resume if path is None else path
        self.words = self.saved and self.saved['words']
        self.file = File(self.path,
                         bool(self.saved and self.saved['spoilt']))
        self.kept = bool(self.saved)    # is all that was reached in the file?
        self.seconds = 0
        self.mark: Optional[State] = None
        self.measure: Optional[Restorable] = None
        self.mover: Optional[Restorable] = None

    def check_new(self) -> None:
        """Raise `NSTError` where a new checkpoint would replace a file."""
        if self.new and os.path.exists(self.new):
            raise NSTError(f'{self.new} exists: resume it, or choose another '
                           'name or --force')

    @property
    def tile(self) -> Optional[int]:
        """The size of the tiles of the checkpoint; None without one."""
        return self.saved and self.saved['asked']['tile']

    @property
    def history(self) -> List[Step]:
        """The steps before the checkpoint."""
        return self.saved['history'] if self.saved else []

    def left(self, epochs: List[int]) -> List[int]:
        """Of so many epochs of each stage, those behind the checkpoint."""
        if not self.saved:
            return epochs
        here, measure = self.saved['stage'], self.saved['measure']
        return [n - (measure['epoch'] if measure and i == here else 0)
                if i >= here else 0 for i, n in enumerate(epochs)]

    def check(self, asked: Dict[str, Any]) -> None:
        """Take note of all that decides the result. Raises `NSTError` where
        the checkpoint was made with something else; an `NSTWarning` tells
        of another machine."""
        self.asked = asked
        if not self.saved:
            return
        refuse(self.path, self.saved['asked'], asked)
        other = different(self.saved['machine'], machine())
        if other:
            warnings.warn(f'{self.path} was made with another {other}: the '
                          'picture may differ a little from that of one run',
                          NSTWarning, stacklevel=4)

    # ------------------------------------------------------ what the job does
    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """A context in which no other job writes the file."""
        with alone(self.path) if self.path else contextlib.nullcontext():
            self.check_new()    # another job may just have ended
            yield

    def go_on(self, told: Told) -> Optional[Tuple[int, Array]]:
        """The stage where the checkpoint is, from 0, and the picture that
        it begins with; None without one. `told` holds the epochs that were
        measured, and the last picture that was shown."""
        self.told, self.start = told, time.perf_counter()
        if not self.saved:
            return None
        told.history[:], self.seconds = self.history, self.saved['seconds']
        if self.saved['last'] is not None:
            told.last = np.array(self.saved['last'])
        return self.saved['stage'], self.saved['img']

    def enter(self, stage: int, img: Optional[Array] = None) -> None:
        """A stage begins with the picture `img`; the one behind the last of
        them with none."""
        self.stage, self.img = stage, img
        self.measure = self.mover = None
        self.note()
        if stage:
            self.write()
        if img is None and self.kept:
            remove(before(self.path))

    def begin(self, measure: Restorable, mover: Restorable) -> None:
        """The stage's own: put where the checkpoint was."""
        if not self.path:
            return
        if self.saved and self.saved['mover']:
            try:
                measure.restore(self.saved['measure'])
                mover.restore(self.saved['mover'])
            except (ValueError, TypeError, LookupError, AttributeError):
                raise NSTError(broken(self.path, KIND)) from None
        self.saved, self.measure, self.mover = None, measure, mover
        self.note()

    def now_and_then(self) -> None:
        """Write, where it is time to."""
        if self.file.is_due():
            self.write()

    @contextlib.contextmanager
    def whole(self) -> Iterator[None]:
        """A step, for the end of which interrupts wait: what is written is
        as before or as after it."""
        with later() if self.path else contextlib.nullcontext():
            yield
            self.note()

    def note(self) -> None:
        """Remember what is known before a picture is measured. All of it
        changes meanwhile but the mover, which does so in `whole` steps."""
        self.kept = self.kept and bool(self.saved)
        self.mark = {
            'stage': self.stage, 'img': self.img, 'last': self.told.last,
            'epochs': len(self.told.history),
            'measure': self.measure and self.measure.state()
        } if self.path else None

    # ------------------------------------------------------------- the file
    def write(self) -> None:
        """Write all that was reached, unless it is what the file holds.
        Where that fails, an `NSTWarning` tells it once, and the checkpoint
        before stays."""
        if not self.mark or self.kept:
            return
        self.kept = self.file.write({
            **self.mark, 'kind': KIND, 'words': self.words,
            'asked': self.asked, 'machine': machine(),
            'history': self.told.history[:self.mark['epochs']],
            'seconds': self.seconds + time.perf_counter() - self.start,
            'mover': self.mover and self.mover.state()})


def is_state(state: State) -> bool:
    """Whether it is one as `Keeper.write` makes it."""
    return (state['kind'] == KIND and state['asked']['tile'] >= 0
            and isinstance(state['machine'], dict)
            and state['stage'] >= 0 and state['seconds'] >= 0
            and (state['measure'] or {'epoch': 0})['epoch'] >= 0
            and all(isinstance(word, str) for word in state['words'] or ())
            and {'img', 'last', 'mover'} <= set(state))
