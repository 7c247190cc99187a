"""What moves a picture from one measure to the next: Adam or L-BFGS.

A mover has the picture that is to be measured next, `X`, (1, 3, H, W), and
its `result`. It may `note` the loss at X; then `advance` moves on by the
gradient, which is in X.grad, and is False where there is nowhere to go.
`go_back` goes to a picture that was good, with smaller steps. `state` is all
that it knows, in dicts and lists of numbers and arrays; `restore` takes it.
"""

import math
from typing import Any

from mxnet import np

from .. import checkpoint
from ..kinds import Array, State
from .coordinates import Pixels, Smooth
from .lbfgsb import Lbfgsb
from .lean import Lean


class Adam:
    """The picture X, moved by its Gluon `trainer`, whose learning rate
    falls to a part, `lr_decay`, every `lr_decay_epoch` epochs."""

    def __init__(self, X: Array, trainer: Any, lr_decay_epoch: int,
                 lr_decay: float = 0.1):
        self.X, self.trainer = X, trainer
        self.lr_decay_epoch, self.lr_decay = lr_decay_epoch, lr_decay
        self.named = {'X': trainer._params[0]}

    @property
    def result(self) -> Array:
        return self.X

    def note(self, total: float) -> None:
        pass

    def advance(self, epoch: int) -> bool:
        self.trainer.step(1)
        if epoch % self.lr_decay_epoch == 0:
            self._slow_down(self.lr_decay)
        return True

    def go_back(self, good: Array) -> None:
        self.X[:] = good
        self._slow_down(0.5)

    def _slow_down(self, part):
        self.trainer.set_learning_rate(self.trainer.learning_rate * part)

    def state(self) -> State:
        return {'X': self.X.asnumpy(), 'lr': self.trainer.learning_rate,
                'steps': self.trainer.optimizer.num_update,
                'moments': checkpoint.moments(self.named, self.trainer)}

    def restore(self, state: State) -> None:
        self.X[:] = np.array(state['X'], dtype='float32')
        self.trainer.set_learning_rate(state['lr'])
        if state['steps']:
            checkpoint.put_moments(self.named, self.trainer,
                                   state['moments'], state['steps'])


class Lbfgs:
    """L-BFGS-B within the bounds of the pixels, or, where there is a
    `smoothness`, without bounds: `Smooth` has none. Then pixels beyond the
    bounds are clipped when the picture is looked at, and it is `Lean`: at
    bounds it comes on more slowly than scipy's, without them as fast. The
    `result` is the best picture that it found.

    Gatys, Ecker and Bethge 2016, section 2, prefer L-BFGS too.
    """

    def __init__(self, X: Array, smoothness: float = 0, lean: bool = False):
        self.shape, self.ctx = X.shape, X.ctx
        self.result, self.least = X, math.inf
        self.kind = Lean if lean or smoothness else Lbfgsb
        self.way = (Smooth(X.shape, smoothness) if smoothness
                    else Pixels(X.shape))
        self.go_back(X)

    def go_back(self, good: Array) -> None:
        """Begin anew from the best picture: its first step is a small
        one."""
        self.minimiser = self.kind(self.way.to_z(self.result.asnumpy()),
                                   self.way.bounds)
        self._look()

    def _look(self):
        x = self.way.to_picture(self.minimiser.x).reshape(self.shape)
        self.X = np.array(x, dtype='float32', ctx=self.ctx)
        self.X.attach_grad()

    def note(self, total: float) -> None:
        self.total = total
        if total < self.least:
            self.result, self.least = self.X, total

    def advance(self, epoch: int) -> bool:
        more = self.minimiser.advance(
            self.total, self.way.to_gradient(self.X.grad.asnumpy()))
        self._look()
        return more

    def state(self) -> State:
        return {'result': self.result.asnumpy(), 'least': self.least,
                'minimiser': self.minimiser.state()}

    def restore(self, state: State) -> None:
        self.result = np.array(state['result'], dtype='float32',
                               ctx=self.ctx)
        self.least = state['least']
        self.minimiser.restore(state['minimiser'])
        self._look()
