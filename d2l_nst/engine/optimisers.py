"""The one loop under every method, with Adam or L-BFGS."""

import math
import time
import warnings

import numpy as onp
from mxnet import autograd, gluon, np

from ..errors import DivergedError, NSTError, NSTWarning
from ..images import RGB_MEAN, RGB_STD
from ..steps import Step
from .lean import Lean
from .lbfgsb import Lbfgsb

RETRIES = 3   # times that a stage goes back to its last good picture
PATIENCE = 10   # epochs that must lower the loss


def optimise(X, objective, optimiser, num_epochs, on_step=None,
             lr_decay_epoch=200, lr_decay=0.1, stage=1, smoothness=0,
             tolerance=0, lean=False):
    """Minimise objective(X) and return the picture: the loop under every
    method.

    In each epoch the loss and its gradient are computed once and told to
    `on_step` as a `Step`; where that answers with anything true, the loop
    ends. `optimiser`: a `gluon.Trainer` that holds X, or 'lbfgs', which may
    have a `smoothness` (`Smooth`), and be `lean` (`Lean`). It also ends on
    a plateau: where the last `PATIENCE` epochs together lowered the loss by
    less than a share `tolerance`; never where that is 0. Where a loss is no
    finite number, it goes back to the last good picture and on with half
    the step, three times at most. Then it raises `DivergedError`, which
    holds that picture.
    """
    measure = Measure(objective, stage, on_step, tolerance)
    if optimiser == 'lbfgs':
        return lbfgs(X, measure, num_epochs, smoothness, lean)
    if isinstance(optimiser, gluon.Trainer):
        return adam(X, measure, optimiser, num_epochs, lr_decay_epoch,
                    lr_decay)
    raise NSTError(f'unknown optimiser {optimiser}: choose adam or lbfgs')


def evaluate(X, objective):
    """Loss and gradient at X; the gradient goes to X.grad."""
    with autograd.record():
        l, *terms = objective(X)
    l.backward()
    return float(l), dict(zip(objective.terms, map(float, terms)))


class Measure:
    """Measures pictures, one an epoch, and tells who listens.

    Called with X, (1, 3, H, W), it returns the total loss; the gradient
    goes to X.grad. `stopped` is true once `on_step` has asked for the end,
    or on a plateau.
    """

    def __init__(self, objective, stage=1, on_step=None, tolerance=0):
        self.objective, self.stage, self.on_step = objective, stage, on_step
        self.epoch, self.good, self.stopped = 0, None, False
        self.good_epoch = self.faults = 0
        self.tolerance, self.least = tolerance, []    # loss until an epoch
        self.start = time.perf_counter()

    def __call__(self, X):
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
        self.stopped |= self.on_plateau()
        return total

    def on_plateau(self):
        """Whether the last epochs lowered the loss too little."""
        before, now = self.least[-PATIENCE - 1:-PATIENCE], self.least[-1]
        return any(old - now < self.tolerance * old for old in before)

    def go_back(self, error):
        """Allow to go on from the `good` picture after a `DivergedError`,
        of which an `NSTWarning` tells, or raise it. That picture is then
        measured again, as the same epoch."""
        self.faults += 1
        if self.good is None or self.faults > RETRIES:
            raise error
        warnings.warn(f'{error}; going back to the picture before, and on '
                      'with half the step', NSTWarning, stacklevel=2)
        self.epoch = self.good_epoch - 1


def adam(X, measure, trainer, num_epochs, lr_decay_epoch, lr_decay=0.1):
    """The picture X, moved by its Gluon `trainer` after each measure."""
    while measure.epoch < num_epochs:
        try:
            measure(X)
        except DivergedError as e:
            measure.go_back(e)
            X[:] = measure.good
            trainer.set_learning_rate(trainer.learning_rate / 2)
            continue
        if measure.stopped:
            break
        trainer.step(1)
        if measure.epoch % lr_decay_epoch == 0:
            trainer.set_learning_rate(trainer.learning_rate * lr_decay)
    return X


def lbfgs(X, measure, num_epochs, smoothness=0, lean=False):
    """The best picture that L-BFGS-B finds within the bounds of the pixels,
    or, where there is a `smoothness`, without bounds: `Smooth` has none.
    Then pixels beyond the bounds are clipped when the picture is looked at.

    Gatys, Ecker and Bethge 2016, section 2, prefer L-BFGS too.
    """
    best, least = X, math.inf
    dtype, minimiser = ('float32', Lean) if lean else ('float64', Lbfgsb)
    way = (Smooth(X.shape, smoothness, dtype) if smoothness
           else Pixels(X.shape))
    state = minimiser(way.to_z(X.asnumpy()), way.bounds)
    while measure.epoch < num_epochs:
        x = way.to_picture(state.x).reshape(X.shape)
        X = np.array(x, dtype='float32', ctx=X.ctx)
        X.attach_grad()
        try:
            total = measure(X)
        except DivergedError as e:
            measure.go_back(e)   # begun anew, its first step is a small one
            state = minimiser(way.to_z(best.asnumpy()), way.bounds)
            continue
        if total < least:
            best, least = X, total
        if measure.stopped or not state.advance(
                total, way.to_gradient(X.grad.asnumpy())):
            break
    return best


class Pixels:
    """Coordinates of a picture of `shape`, (1, 3, H, W), that are its pixels,
    as a flat array; `bounds` are the values of black and of white."""

    def __init__(self, shape):
        mean, std = (A[:, None, None] for A in (RGB_MEAN, RGB_STD))
        self.bounds = [onp.broadcast_to((edge - mean) / std,
                                        shape[1:]).ravel()
                       for edge in (0, 1)]

    def to_picture(self, z):
        return z

    to_z = to_gradient = staticmethod(onp.ravel)


class Smooth:
    """Coordinates of a picture in which broad changes are easy.

    A step of L-BFGS on pixels changes the finest detail first, since most
    of the gradient is there, and few steps leave it as ripples. Here the
    variable is z, and the picture X = (1 + smoothness L)^(-1/2) z, L being
    the Laplacian, so that the cosine transform of a gradient is damped the
    more the finer it is: a Sobolev gradient (Neuberger 1997); a picture in
    decorrelated colours and frequencies is Mordvintsev et al. 2018,
    *Differentiable Image Parameterizations*.
    """

    bounds = None  # those of the pixels are none of z

    def __init__(self, shape, smoothness, dtype='float64'):
        self.shape, self.dtype = shape, dtype
        rows, columns = (2 - 2 * onp.cos(onp.pi * onp.arange(n) / n)
                         for n in shape[2:])
        self.factor = ((1 + smoothness * (rows[:, None] + columns)) ** -0.5
                       ).astype(dtype)

    def to_picture(self, z):
        """z as a picture, both as flat arrays."""
        return self._transform(self.factor * z.reshape(self.shape), True)

    def to_gradient(self, gradient):
        """The gradient of z from that of the picture."""
        return (self.factor * self._transform(gradient)).ravel()

    def to_z(self, picture):
        return (self._transform(picture) / self.factor).ravel()

    def _transform(self, A, inverse=False):
        from scipy import fft
        transform = fft.idctn if inverse else fft.dctn
        A = transform(onp.asarray(A, self.dtype).reshape(self.shape),
                      axes=(2, 3), norm='ortho')
        return A.ravel() if inverse else A
