"""Content: the features of the photograph, as they are."""

import dataclasses
from typing import ClassVar

from .term import Term, squares


@dataclasses.dataclass(frozen=True)
class Content(Term):
    """Mean squared difference of features from the content picture's.

    Gatys, Ecker and Bethge 2016, equation 1. `form` is the chapter's
    'mean'; 'half mean', sum / (2MN) for M positions of N channels, as
    TensorFlow walkthroughs have it; or the equation's 'half sum', sum / 2.
    """

    form: str = 'mean'
    name: ClassVar[str] = 'content'
    comes_from: ClassVar[str] = 'content'
    loss = staticmethod(squares)

    def target(self, Y, shape):
        return Y,

    def factor(self, Y):
        return {'mean': 1, 'half mean': 1 / 2,
                'half sum': Y.size / 2}[self.form]
