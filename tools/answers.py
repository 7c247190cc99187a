"""The teacher's answers and hints, as notebooks/solutions/answers.toml has
them."""

import math
import pathlib
import sys
from typing import Dict, List, NamedTuple, Set

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from d2l_nst.course import KINDS, key, plain
from d2l_nst.errors import CourseError

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILE = ROOT / 'notebooks' / 'solutions' / 'answers.toml'


class Answer(NamedTuple):
    """What is right: its kind, and the keys of all values that are."""

    kind: str
    keys: Set[str]


class Exercise(NamedTuple):
    hints: List[str]
    answers: Dict[str, Answer]   # by the expression that has the value
    trained: bool = False   # whether it takes all epochs to be right


def load(path=FILE):
    """{'2.3': Exercise} of the teacher's file; raises `CourseError`."""
    try:
        with open(path, 'rb') as file:
            table = tomllib.load(file)
    except (OSError, ValueError) as error:
        raise CourseError(f'{path} can\'t be read: {error}') from None
    return {number: _exercise(number, entry)
            for number, entry in table.items()}


def _exercise(number, entry):
    hints, answers = entry.get('hints', []), entry.get('answers')
    if len(hints) != 3 or not answers:
        raise CourseError(f'Exercise {number} needs three hints and an '
                          f'answer, and has {len(hints)} hints.')
    return Exercise(hints, {name: _answer(number, name, value)
                            for name, value in answers.items()},
                    entry.get('trained', False) is True)


def _answer(number, name, value):
    try:
        compile(name, '', 'eval')
        if isinstance(value, dict):
            return Answer(KINDS[float], _between(value['from'], value['to']))
        value = plain(value)
        if isinstance(value, float):
            return Answer(KINDS[float], _between(value / 1.01, value * 1.01))
        return Answer(KINDS[type(value)], {key(value)})
    except (KeyError, TypeError, ValueError, SyntaxError):
        raise CourseError(
            f'The answer {name} of exercise {number} must be an expression '
            'with a text, true, false, a number or {from = A, to = B}, '
            f'both of one sign, and is {value!r}.') from None


def _between(low, high):
    """The keys of all numbers from `low` to `high`, of one sign."""
    if low == high == 0:
        return {key(0.)}
    sign = math.copysign(1, low)
    first, last = sorted(round(100 * math.log(end * sign))
                         for end in (low, high))
    return {key(sign * math.exp(step / 100))
            for step in range(first, last + 1)}
