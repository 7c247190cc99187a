"""The one loop under every method, with Adam or L-BFGS, and its record."""

import dataclasses
import math
import queue
import threading
import time
from typing import Any, Dict

import numpy as onp
from mxnet import autograd, gluon, np

from .errors import DivergedError, NSTError
from .images import RGB_MEAN, RGB_STD


@dataclasses.dataclass(frozen=True)
class Step:
    """What one epoch measured.

    `stage` and `epoch` count from 1, `terms` are the weighted losses by
    name, `total` is their sum, `seconds` go from the start of the stage.
    `X` is the picture that was measured, (1, 3, H, W); a history leaves
    it out.
    """

    stage: int
    epoch: int
    terms: Dict[str, float]
    total: float
    seconds: float
    X: Any = dataclasses.field(default=None, repr=False, compare=False)


def optimise(X, objective, optimiser, num_epochs, lr_decay_epoch=200,
             stage=1, lr_decay=0.1, smoothness=0):
    """Minimise objective(X): the loop under every method.

    A generator of one `Step` for each time the loss and its gradient are
    computed; its return value is the final picture. `optimiser`: a
    `gluon.Trainer` that holds X, or 'lbfgs', which may have a `smoothness`
    (`Smooth`). Raises `DivergedError`, which holds the last good picture.
    """
    if optimiser == 'lbfgs':
        evaluations = _lbfgs(X, objective, num_epochs, smoothness)
    elif isinstance(optimiser, gluon.Trainer):
        evaluations = _adam(X, objective, optimiser, num_epochs,
                            lr_decay_epoch, lr_decay)
    else:
        raise NSTError(f'unknown optimiser {optimiser}: choose adam or '
                       'lbfgs')
    start, good, epoch = time.perf_counter(), None, 0
    while True:
        try:
            X, total, terms = next(evaluations)
        except StopIteration as end:
            return end.value
        epoch += 1
        _check_finite(stage, epoch, terms, total, good)
        good = X
        yield Step(stage, epoch, terms, total,
                   time.perf_counter() - start, X)


def run(steps, on_step=None):
    """Tell each `Step` of `optimise` to `on_step`; returns the picture
    that it returns."""
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            return end.value
        if on_step:
            on_step(step)


def _check_finite(stage, epoch, terms, total, good):
    terms = dict(terms, total=total)
    for name, value in terms.items():
        if not math.isfinite(value):
            raise DivergedError(
                f'stage {stage}, epoch {epoch}: the {name} loss became '
                f'{value}; use smaller weights or a smaller learning rate',
                good)


def _evaluate(X, objective):
    """Loss and gradient at X; the gradient goes to X.grad."""
    with autograd.record():
        l, *terms = objective(X)
    l.backward()
    return float(l), dict(zip(objective.terms, map(float, terms)))


def _adam(X, objective, trainer, num_epochs, lr_decay_epoch, lr_decay=0.1):
    for epoch in range(1, num_epochs + 1):
        total, terms = _evaluate(X, objective)
        yield X.copy(), total, terms  # the trainer works in place
        trainer.step(1)
        if epoch % lr_decay_epoch == 0:
            trainer.set_learning_rate(trainer.learning_rate * lr_decay)
    return X


class _Closed(Exception):
    """Ends scipy's thread when nobody asks for further steps."""


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

    def __init__(self, shape, smoothness):
        self.shape = shape
        rows, columns = (2 - 2 * onp.cos(onp.pi * onp.arange(n) / n)
                         for n in shape[2:])
        self.factor = (1 + smoothness * (rows[:, None] + columns)) ** -0.5

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
        A = transform(onp.asarray(A, 'float64').reshape(self.shape),
                      axes=(2, 3), norm='ortho')
        return A.ravel() if inverse else A


def _lbfgs(X, objective, num_epochs, smoothness=0):
    """scipy's L-BFGS-B within the bounds of the pixels, or, where there is
    a `smoothness`, without: z has none. Then pixels beyond the bounds are
    clipped when the picture is looked at.

    scipy calls back where a generator has to be called, so it runs in a
    thread and hands each point over; all of MXNet's work stays here.
    Gatys, Ecker and Bethge 2016, section 2, prefer L-BFGS too.
    """
    points, answers = queue.Queue(), queue.Queue()
    thread = threading.Thread(target=_minimise, daemon=True,
                              args=(X.asnumpy(), points, answers,
                                    smoothness))
    thread.start()
    best, least = X, math.inf
    try:
        for _ in range(num_epochs):
            x = points.get()
            if x is None:  # converged
                break
            X = np.array(x.reshape(X.shape), dtype='float32', ctx=X.ctx)
            X.attach_grad()
            total, terms = _evaluate(X, objective)
            yield X, total, terms
            if total < least:
                best, least = X, total
            answers.put((total, X.grad.asnumpy().ravel().astype('float64')))
    finally:
        answers.put(None)
        thread.join()
    return best


def _minimise(X, points, answers, smoothness):
    """Put points to `points`, take (loss, gradient) from `answers`."""
    from scipy import optimize
    smooth = Smooth(X.shape, smoothness) if smoothness else None

    def evaluate(x):
        points.put(smooth.to_picture(x) if smooth else x)
        answer = answers.get()
        if answer is None:
            raise _Closed
        loss, gradient = answer
        return loss, smooth.to_gradient(gradient) if smooth else gradient

    mean, std = (a[:, None, None] for a in (RGB_MEAN, RGB_STD))
    bounds = optimize.Bounds(*(
        onp.broadcast_to((edge - mean) / std, X.shape[1:]).ravel()
        for edge in (0, 1)))
    options = {'maxiter': 10 ** 6, 'maxfun': 10 ** 6, 'ftol': 0, 'gtol': 0}
    try:
        optimize.minimize(evaluate, smooth.to_z(X) if smooth else X.ravel(),
                          jac=True, bounds=None if smooth else bounds,
                          method='L-BFGS-B', options=options)
    except _Closed:
        pass
    finally:
        points.put(None)
