"""The one loop under every method, with Adam or L-BFGS."""

import time
import warnings
from typing import Any, Dict, Optional, Protocol, Sequence, Tuple

import mxnet as mx
from mxnet import autograd, gluon, np

from ..errors import DivergedError, NSTError, NSTWarning
from ..kinds import Array, State
from ..ranges import ABOVE, COUNT, WEIGHT, check_numbers
from ..steps import Listener, Step
from .keeper import Keeper
from .movers import Adam, Lbfgs

RETRIES = 3   # times that a stage goes back to its last good picture
PATIENCE = 10   # epochs that must lower the loss


class Losses(Protocol):
    """What is minimised: of a picture X, (1, 3, H, W), the total loss, and
    the loss of each of the `terms`."""

    terms: Tuple[str, ...]

    def __call__(self, X: Array) -> Sequence[Array]: ...


@mx.util.use_np    # in any thread
def optimise(X: Array, objective: Losses, optimiser: Any, num_epochs: int,
             on_step: Optional[Listener] = None, lr_decay_epoch: int = 200,
             lr_decay: float = 0.1, stage: int = 1, smoothness: float = 0,
             tolerance: float = 0, lean: bool = False,
             keep: Optional[Keeper] = None) -> Array:
    """Minimise objective(X) and return the picture: the loop under every
    method.

    In each epoch the loss and its gradient are computed once and told to
    `on_step` as a `Step`; where that answers with anything true, the loop
    ends. `optimiser`: a `gluon.Trainer` that holds X, or 'lbfgs', which may
    have a `smoothness` (`Smooth`), or be `lean` (`Lean`). It also ends on
    a plateau: where the last `PATIENCE` epochs together lowered the loss by
    less than a share `tolerance`; never where that is 0. Where a loss is no
    finite number, it goes back to the last good picture and on with half
    the step, three times at most. Then it raises `DivergedError`, which
    holds that picture. `keep` is a `Keeper` of checkpoints.
    """
    check_numbers(WEIGHT, smoothness=smoothness, tolerance=tolerance)
    check_numbers(COUNT, lr_decay_epoch=lr_decay_epoch)
    check_numbers(ABOVE, lr_decay=lr_decay)
    measure = Measure(objective, stage, on_step, tolerance)
    mover = _mover(X, optimiser, lr_decay_epoch, lr_decay, smoothness, lean)
    keep = keep or Keeper()
    keep.begin(measure, mover)
    while measure.epoch < num_epochs:
        keep.now_and_then()
        try:
            total = measure(mover.X)
        except DivergedError as e:
            with keep.whole():
                measure.go_back(e)
                mover.go_back(measure.good)
            continue
        with keep.whole():
            mover.note(total)
            # A checkpoint goes on with the picture after the last one
            if (measure.on_plateau() or measure.stopped and not keep.path
                    or not mover.advance(measure.epoch) or measure.stopped):
                break
    return mover.result


def _mover(X, optimiser, lr_decay_epoch, lr_decay, smoothness, lean):
    if optimiser == 'lbfgs':
        return Lbfgs(X, smoothness, lean)
    if isinstance(optimiser, gluon.Trainer):
        return Adam(X, optimiser, lr_decay_epoch, lr_decay)
    raise NSTError(f'unknown optimiser {optimiser}: choose adam or lbfgs')


def evaluate(X: Array, objective: Losses) -> Tuple[float, Dict[str, float]]:
    """Loss and gradient at X; the gradient goes to X.grad."""
    with autograd.record():
        l, *terms = objective(X)
    l.backward()
    return float(l), dict(zip(objective.terms, map(float, terms)))


class Measure:
    """Measures pictures, one an epoch, and tells who listens.

    Called with X, (1, 3, H, W), it returns the total loss; the gradient
    goes to X.grad. `stopped` is true once `on_step` has asked for the end.
    """

    def __init__(self, objective: Losses, stage: int = 1,
                 on_step: Optional[Listener] = None, tolerance: float = 0):
        self.objective, self.stage, self.on_step = objective, stage, on_step
        self.epoch, self.good, self.stopped = 0, None, False
        self.good_epoch = self.faults = 0
        # The least loss up to each of the last epochs
        self.tolerance, self.least = tolerance, []
        self.start = time.perf_counter()

    def __call__(self, X: Array) -> float:
        total, terms = evaluate(X, self.objective)
        self.epoch += 1
        shown = X.copy()  # an optimiser may work in place
        try:
            step = Step(self.stage, self.epoch, terms, total,
                        time.perf_counter() - self.start, shown)
        except DivergedError as e:
            e.X = self.good
            raise
        known = self.epoch == self.good_epoch    # measured once more
        self.good, self.good_epoch = shown, self.epoch
        if self.on_step and not known:
            self.stopped = bool(self.on_step(step))
        self.least.append(min([total, *self.least[-1:]]))
        return total

    def on_plateau(self) -> bool:
        """Whether the last epochs lowered the loss too little."""
        before, now = self.least[-PATIENCE - 1:-PATIENCE], self.least[-1]
        return any(old - now < self.tolerance * old for old in before)

    def go_back(self, error: DivergedError) -> None:
        """Allow to go on from the `good` picture after a `DivergedError`,
        of which an `NSTWarning` tells, or raise it. That picture is then
        measured again, as the same epoch."""
        self.faults += 1
        if self.good is None or self.faults > RETRIES:
            raise error
        warnings.warn(f'{error}; going back to the picture before, and on '
                      'with half the step', NSTWarning, stacklevel=2)
        self.epoch = self.good_epoch - 1

    def state(self) -> State:
        """All that it knows, for `restore`."""
        return {'epoch': self.epoch, 'good_epoch': self.good_epoch,
                'faults': self.faults, 'least': self.least[-PATIENCE:],
                'good': self.good,
                'seconds': time.perf_counter() - self.start}

    def restore(self, state: State) -> None:
        self.epoch, self.good_epoch, self.faults, self.least = (
            state[name] for name in ('epoch', 'good_epoch', 'faults',
                                     'least'))
        self.good = state['good'] if state['good'] is None else np.array(
            state['good'], dtype='float32')
        self.start = time.perf_counter() - state['seconds']
