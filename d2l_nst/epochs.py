"""The epochs of a loop that is written out, as the chapter's is: kept now and
then in a file, and taken up again where the loop was ended."""

import os
import warnings
from typing import Any, Iterator, List, Optional

from mxnet import np

from . import checkpoint as arrays
from .errors import NSTError, NSTWarning
from .kept import File, before, broken, fingerprint, read, refuse, remove
from .kinds import Path
from .steps import Listener, Step

KIND = 'loop'    # told in the file


class Epochs:
    """1, 2, ... `num_epochs`, for a loop that moves a picture by its Gluon
    `trainer`.

    With a `checkpoint`, the name of a file, an ended loop goes on from there
    when it is run again, and an `NSTWarning` says so. At most the epochs of
    half a minute are lost, and on one thread the picture is that of an
    unbroken loop, bit for bit. When all epochs are done the file is removed;
    one of more epochs than `num_epochs` is left alone. `asked` is what
    decides the result, numbers and arrays by name. Raises `NSTError` where
    the file is of something else. A loop looks so::

        epochs = Epochs(num_epochs, trainer, animator, 'loop.npz', lr=lr)
        start = time.perf_counter() - epochs.seconds
        for epoch in epochs:
            ...    # the losses and the gradient
            epochs.tell(Step(1, epoch, terms, float(l),
                             time.perf_counter() - start, X.copy()))
            trainer.step(1)

    `on_step` is told each `Step`; those of before the loop was ended come
    first, without their pictures. `seconds` are what those took.
    """

    def __init__(self, num_epochs: int, trainer: Any,
                 on_step: Optional[Listener] = None,
                 checkpoint: Optional[Path] = None, **asked: Any):
        self.num_epochs, self.trainer = num_epochs, trainer
        self.on_step, self.file = on_step, File(checkpoint)
        self.named = {str(i): p for i, p in enumerate(trainer._params)}
        self.history: List[Step] = []
        self.done, self.seconds = 0, 0.
        if checkpoint:
            self.asked = {name: _as_word(value)
                          for name, value in asked.items()}
            self._go_on(checkpoint)

    def tell(self, step: Step) -> None:
        """Take note of what an epoch measured."""
        self.history.append(step.without_pictures())
        if self.on_step:
            self.on_step(step)

    def __iter__(self) -> Iterator[int]:
        path = self.file.path
        for epoch in range(self.done + 1, self.num_epochs + 1):
            yield epoch
            if path and epoch < self.num_epochs and self.file.is_due():
                self._write(epoch)
        if path:
            remove(path, before(path))

    def _write(self, epoch):
        self.file.write({
            'kind': KIND, 'epoch': epoch, 'asked': self.asked,
            'history': self.history, 'lr': self.trainer.learning_rate,
            'X': {name: p.data() for name, p in self.named.items()},
            'moments': arrays.moments(self.named, self.trainer)})

    def _go_on(self, path):
        """Put back what was kept there, if it is of fewer epochs."""
        if not os.path.exists(path) and not os.path.exists(before(path)):
            return
        state = read(path, _is_state, KIND)
        refuse(path, state['asked'], self.asked)
        if state['epoch'] >= self.num_epochs:
            self.file = File(None)
            return
        try:
            for name, p in self.named.items():
                p.set_data(np.array(state['X'][name], dtype=p.dtype))
            arrays.put_moments(self.named, self.trainer, state['moments'],
                               state['epoch'])
        except (NSTError, ValueError, AssertionError):
            raise NSTError(broken(path, KIND)) from None
        self.trainer.set_learning_rate(state['lr'])
        self.file.spoilt, self.done = state['spoilt'], state['epoch']
        for step in state['history']:
            self.tell(step)
            self.seconds = step.seconds
        warnings.warn(f'{path}: going on after epoch {self.done}; remove it '
                      'to begin anew', NSTWarning, stacklevel=3)


def _is_state(state):
    """Whether it is one as `Epochs` writes it."""
    return (state['kind'] == KIND and state['epoch'] > 0
            and isinstance(state['lr'], (int, float))
            and isinstance(state['asked'], dict)
            and {'X', 'moments'} <= set(state))


def _as_word(value):
    """A number or a text as it is, arrays by their fingerprint."""
    if value is None or isinstance(value, (int, float, str)):
        return value
    return fingerprint(*(value if isinstance(value, (list, tuple))
                         else [value]))
