"""What numbers may be: asked before the work, in Python as in the command."""

import math
import sys
from numbers import Integral, Real
from typing import Any, NamedTuple

from .errors import NSTError


class Range(NamedTuple):
    """Numbers from `least`, which may be no such number itself, to `most`,
    which at most is the largest float; whole ones of a `kind` Integral. The
    `words` name them."""

    words: str
    least: float = 0
    most: float = sys.float_info.max
    kind: Any = Real
    itself: bool = True

    def __contains__(self, value):
        return (isinstance(value, self.kind)
                and self.least <= value <= self.most    # false for NaN
                and (self.itself or value > self.least))


COUNT = Range('a whole number from 1 up', 1, kind=Integral)
NATURAL = Range('a whole number from 0 up', kind=Integral)
WHOLE = Range('a whole number', -math.inf, kind=Integral)
WEIGHT = Range('a number from 0 up')
ABOVE = Range('a number above 0', itself=False)
SHARE = Range('a share above 0, up to 1', most=1, itself=False)
PART = Range('a share from 0 to 1', most=1)
SCALE = Range('one from 0.1 to 10', 0.1, 10)


def check_numbers(range: Range, **values: Any) -> None:
    """Raise `NSTError` unless all values are in the range."""
    for name, value in values.items():
        if value not in range:
            raise NSTError(f'{name.replace("_", " ")} {value} is not '
                           f'possible: choose {range.words}')


def check_weights(weights: Any) -> None:
    """Raise `NSTError` where one of several weights, which may be None, is
    no number from 0 up."""
    for weight in [] if weights is None else weights:
        check_numbers(WEIGHT, weight=weight)
