"""Checks and hints for a course: `d2l_nst.check` and `d2l_nst.hint`.

`make student` writes `checks.json` beside the students' notebooks, from the
teacher's `notebooks/solutions/answers.toml`. It holds no answer, only salted
hashes of those that are right, numbers rounded to steps of one percent.
"""

import hashlib
import json
import math
import os
from collections import Counter
from typing import Dict, Optional, Union

from .errors import CourseError

FILE = 'checks.json'
# Of hashing. It keeps answers from being read, not from being tried: all
# values can be tried, and by `check` too
ROUNDS = 1000
KINDS = {str: 'a text', bool: 'True or False', float: 'a number'}
_given: Dict[str, int] = Counter()   # hints


class Said(str):
    """A text that a notebook shows as it is."""

    __repr__ = str.__str__


def check(exercise: str, *values: object) -> Said:
    """Whether the answers to an exercise are right, a line for each.

    `exercise`: such as '2.3', the third of notebook 2. `values`: one for each
    answer, a text, a number or a truth value, of Python's, NumPy's or
    MXNet's. Texts are compared without case, numbers to about one percent.
    Raises `CourseError` where there is no such exercise, or no `checks.json`
    in the current folder.

        d2l_nst.check('2.1', 'up', 'down')
    """
    course = _load()
    answers = _exercise(course, exercise)['answers']
    if len(values) != len(answers):
        raise CourseError(f'Exercise {exercise} asks for {len(answers)} '
                          f'value(s), {", ".join(answers)}: give '
                          f'd2l_nst.check as many, not {len(values)}.')
    return Said('\n'.join(
        f'{name}: ' + _verdict(value, answer, course['salt'], exercise + name)
        for value, (name, answer) in zip(values, answers.items())))


def hint(exercise: str) -> Said:
    """The next of an exercise's hints; after the last, the last again.

    Raises `CourseError` as `check` does.
    """
    hints = _exercise(_load(), exercise)['hints']
    _given[exercise] = min(_given[exercise] + 1, len(hints))
    number = _given[exercise]
    return Said(f'Hint {number} of {len(hints)}: {hints[number - 1]}')


def plain(value: object) -> Union[str, bool, float, None]:
    """The text, truth value or number that any library's value is, as
    Python's own; None where it is none of these."""
    try:
        value = getattr(value, 'item', lambda: value)()   # of an array
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value) if math.isfinite(value) else None
    except (TypeError, ValueError, OverflowError):   # many numbers; too large
        return None
    return value if isinstance(value, (str, bool)) else None


def key(value: Union[str, bool, float]) -> str:
    """What equal answers have in common: a number's step of one percent."""
    if isinstance(value, str):
        return 'text ' + ' '.join(value.casefold().split())
    if isinstance(value, bool):
        return f'{value}'
    if not value:
        return 'zero'
    return f'{value > 0} {round(100 * math.log(abs(value)))}'


def digest(key: str, salt: str, name: str) -> str:
    """The hash of an answer's key; `name` is of exercise and answer."""
    return hashlib.pbkdf2_hmac('sha256', key.encode(), (salt + name).encode(),
                               ROUNDS).hex()[:32]


def _verdict(value, answer, salt, name):
    """'right', or 'not yet' and why, as far as it gives nothing away."""
    if value is None or value is ...:
        return 'not yet: fill it in'
    value = plain(value)
    if value is None or KINDS[type(value)] != answer['kind']:
        return f'not yet: {answer["kind"]} is asked for'
    return ('right' if digest(key(value), salt, name) in answer['right']
            else 'not yet')


def _load() -> dict:
    """The course that the current folder's file holds."""
    try:
        with open(FILE, encoding='utf-8') as file:
            course = json.load(file)
        if course['exercises'] and course['salt']:
            return course
    except FileNotFoundError:
        raise CourseError(
            f'There is no {FILE} in {os.getcwd()}: `make student` writes it '
            'beside the notebooks, and they belong together.') from None
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise CourseError(f'{FILE} can\'t be read: put the one back that came '
                      'with the notebooks.')


def _exercise(course: dict, exercise: str) -> dict:
    found: Optional[dict] = course['exercises'].get(exercise)
    if found is None:
        raise CourseError(f'There is no exercise {exercise!r}: there are '
                          f'{", ".join(course["exercises"])}.')
    return found
