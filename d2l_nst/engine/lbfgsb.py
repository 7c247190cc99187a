"""scipy's L-BFGS-B, asked for one point at a time."""

from typing import Optional, Sequence

import numpy as onp

from ..kinds import Array, State

MEMORY = 10       # pairs of steps and gradients that it remembers
LINE_SEARCH = 20  # points at most on one line, as scipy has it
BOUNDED = 2       # on both sides, in the numbers of the Fortran code
# What it knows between two points. Of the `counts` those up to FIXED say what
# is where in `work`, PAIRS which pairs there are, and SETS how many numbers
# are at their bounds
ARRAYS = 'x', 'work', 'whole', 'task', 'text', 'flags', 'counts', 'numbers'
FIXED, PAIRS, SETS = slice(21), slice(26, 29), slice(37, 41)
ASKS, MOVED = b'FG', b'NEW_X'  # what it wants: a loss, or to be called on


class Lbfgsb:
    """The minimiser of Byrd, Lu, Nocedal and Zhu 1995, which asks and waits.

    `x`: the start, an array (n,); `bounds`: the least and the largest value
    of each of its numbers, two arrays (n,), or None. Evaluate the loss and
    its gradient at `x`, hand them to `advance`, and go on with the new `x`:

    >>> state = Lbfgsb(onp.array([3.0]))
    >>> while state.advance(float(state.x ** 2), 2 * state.x):
    ...     print(state.x)
    [2.]
    [0.]

    scipy's `minimize` drives the same code with a function that it calls;
    driven from here, a loop may stop at any point, and all that it knows
    are the arrays of this object.
    """

    def __init__(self, x: Array, bounds: Optional[Sequence[Array]] = None):
        n = x.size
        lower, upper = bounds or (onp.zeros(n), onp.zeros(n))
        self.x = onp.clip(x, lower, upper) if bounds else x.copy()
        self.x = self.x.astype('float64')
        self.lower, self.upper = (A.astype('float64') for A in (lower, upper))
        self.bounded = onp.full(n, BOUNDED if bounds else 0, 'int32')
        self.work = onp.zeros((2 * MEMORY + 5) * n
                              + (11 * MEMORY + 8) * MEMORY)
        self.whole = onp.zeros(3 * n, 'int32')
        self.task, self.text = onp.zeros(1, 'S60'), onp.zeros(1, 'S60')
        self.flags, self.counts = onp.zeros(4, 'int32'), onp.zeros(44, 'int32')
        self.numbers = onp.zeros(29)
        self.task[:] = 'START'
        self.advance(0, onp.zeros(n))

    def advance(self, loss: float, gradient: Array) -> bool:
        """Take the loss, a number, and the gradient, (n,), at `x`, and move
        `x` to the next point; False where there is none."""
        from scipy.optimize import _lbfgsb
        loss, gradient = (onp.array(A, 'float64') for A in (loss, gradient))
        while True:
            _lbfgsb.setulb(
                MEMORY, self.x, self.lower, self.upper, self.bounded, loss,
                gradient, 0, 0, self.work, self.whole, self.task, -1,
                self.text, self.flags, self.counts, self.numbers,
                LINE_SEARCH)
            if not self.task[0].startswith(MOVED):
                return self.task[0].startswith(ASKS)

    def state(self) -> State:
        """All that it knows, for `restore`."""
        return {name: getattr(self, name) for name in ARRAYS}

    def restore(self, state: State) -> None:
        """Raises `ValueError` for what is no state of as many numbers: the
        Fortran code would look beyond its arrays."""
        counts, whole, n = state['counts'], state['whole'], self.x.size
        for name in ARRAYS:
            here = getattr(self, name)
            if (state[name].shape, state[name].dtype) != (here.shape,
                                                          here.dtype):
                raise ValueError(f'another {name}')
        if ((counts[FIXED] != self.counts[FIXED]).any()
                or not within(counts[PAIRS], MEMORY)
                or not within(counts[SETS], n + 1)
                or not within(whole[:n], n) or not within(whole[2 * n:], n)):
            raise ValueError('no state')
        vars(self).update({name: state[name] for name in ARRAYS})


def within(numbers: Array, most: int) -> bool:
    return 0 <= numbers.min() and numbers.max() <= most
