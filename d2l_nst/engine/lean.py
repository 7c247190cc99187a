"""L-BFGS in little memory: one point at a time."""

import collections
from typing import Any, Optional, Sequence

import numpy as onp

from ..kinds import Array, State

PAIRS = 5          # of steps and of changes of the gradient
FIRST = 0.05       # change of a number by the first step, in the mean square
DESCENT = 1e-4     # of what the slope promises, that a step must gain
SHORTER = 0.1, 0.5   # at least and at most, what is left of one that didn't
STEEP, FARTHER = 0.9, 4   # where the slope stays so steep, so much farther
TRIES = 20         # of shorter steps
BLOCK = 2 ** 20    # numbers whose products are added in single precision


class Lean:
    """L-BFGS with the face of `lbfgsb.Lbfgsb`, in a quarter of its memory
    and a fifth of its time.

    It keeps `PAIRS` pairs in single precision, where scipy keeps ten in
    double: 80 bytes for each number of `x` in place of 300. After Nocedal
    and Wright 2006, algorithms 7.4 and 7.5. A step that does not gain
    enough is shortened, and one after which the slope is as steep as before
    is lengthened. Numbers at a bound that would leave it stay there, as in
    Bertsekas 1982.

    >>> state = Lean(onp.array([3.0]))
    >>> while state.advance(float(state.x ** 2), 2 * state.x):
    ...     print(state.x.round(2))
    [2.95]
    [2.8]
    [2.2]
    [0.]
    """

    def __init__(self, x: Array, bounds: Optional[Sequence[Array]] = None):
        self.bounds = bounds
        self.x = self._inside(onp.array(x, 'float32'))
        self.pairs = collections.deque(maxlen=PAIRS)
        # The loss, x and its gradient: where the line begins, and of the
        # farthest point on it that was good, or None
        self.known: Any = None
        self.reached: Any = None
        self.shorter, self.step = 0, 1.0

    def state(self) -> State:
        """All that it knows, for `restore`."""
        return {**vars(self), 'pairs': list(self.pairs), 'bounds': None}

    def restore(self, state: State) -> None:
        vars(self).update(
            state, pairs=collections.deque(state['pairs'], PAIRS),
            bounds=self.bounds)

    def _inside(self, x):
        return x if self.bounds is None else onp.clip(x, *self.bounds, out=x)

    def advance(self, loss: float, gradient: Array) -> bool:
        """Take the loss, a number, and the gradient, (n,), at `x`, and move
        `x` to the next point; False where there is none."""
        if self.known and loss > self._enough():
            return (self._begin(*self.reached) if self.reached
                    else self._go_back(loss))
        point = loss, self.x, onp.array(gradient, 'float32')
        if self.known and not self.shorter and (
                dot(self.way, point[2]) < STEEP * self.slope):
            self.reached, self.step = point, FARTHER * self.step
            return self._move()
        return self._begin(*point)

    def _enough(self):
        """The loss that `x` may have at most."""
        if self.reached:
            return self.reached[0]
        return self.known[0] + DESCENT * dot(self.x - self.known[1],
                                             self.known[2])

    def _begin(self, loss, x, gradient):
        """Begin a new line at a point that was measured."""
        if self.known:
            self._learn(x - self.known[1], gradient - self.known[2])
        self.known, self.reached, self.x = (loss, x, gradient), None, x
        self.shorter = 0
        self.way = self._direction(gradient)
        self.slope = dot(self.way, gradient)
        if not self.slope < 0:
            return False
        # Where nothing is known of the curvature
        self.step = 1 if self.pairs else FIRST * (
            x.size / dot(self.way, self.way)) ** 0.5
        return self._move()

    def _go_back(self, loss):
        """Try less of the same step: the least of the parabola through what
        is known."""
        rise = loss - self.known[0] - self.step * self.slope
        least = -self.slope * self.step / (2 * rise) if rise > 0 else 0
        self.step *= min(max(least, SHORTER[0]), SHORTER[1])
        self.shorter += 1
        return self.shorter < TRIES and self._move()

    def _move(self):
        x = onp.float32(self.step) * self.way
        x += self.known[1]
        moved, self.x = self.x, self._inside(x)
        return bool((self.x != moved).any())

    def _learn(self, s, y):
        curvature = dot(s, y)
        if curvature > 1e-9 * dot(y, y):   # else it is no valley
            self.pairs.append((s, y, curvature))

    def _direction(self, gradient):
        """Minus the gradient, times the inverse of the curvature."""
        way, parts = -gradient, []
        free = self._free(gradient)
        way *= free
        for s, y, curvature in reversed(self.pairs):
            parts.append(dot(s, way) / curvature)
            way -= onp.float32(parts[-1]) * y
        if self.pairs:
            _, y, curvature = self.pairs[-1]
            way *= onp.float32(curvature / dot(y, y))
        for s, y, curvature in self.pairs:
            part = parts.pop() - dot(y, way) / curvature
            way += onp.float32(part) * s
        way *= free
        return way

    def _free(self, gradient):
        """Where `x` may follow the gradient: not beyond a bound."""
        if self.bounds is None:
            return True
        least, most = self.bounds
        return ~((self.x <= least) & (gradient > 0)
                 | (self.x >= most) & (gradient < 0))


def dot(A: Array, B: Array) -> float:
    """The product of two vectors in double precision, nearly."""
    return sum(float(A[i:i + BLOCK] @ B[i:i + BLOCK])
               for i in range(0, len(A), BLOCK))
