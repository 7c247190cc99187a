"""Content: the features of the photograph, as they are."""

import dataclasses
from typing import ClassVar, Tuple

from ..kinds import Array, Dims
from .arrays import added, difference, squares
from .term import Sums, Term


def added_squares(Y_hat: Array, Y: Array) -> Array:
    """The squared differences of a tile, added up: a scalar."""
    D = difference(Y_hat, Y)
    return added(D, D).as_np_ndarray()


def back_of_squares(Y_hat: Array, slope: Array, Y: Array) -> Array:
    """The gradient of a tile from the `slope`, that of the sum."""
    return difference(Y_hat, Y).as_np_ndarray() * (2 * slope)


def mean_of_squares(total: Array, places: int, Y: Array) -> Array:
    """`squares` of all features, of which `added_squares` are `total`."""
    return total / Y.size


@dataclasses.dataclass(frozen=True)
class Content(Term):
    """Mean squared difference of features from the content picture's.

    Gatys, Ecker and Bethge 2016, equation 1. `form` is the chapter's
    'mean'; 'half mean', sum / (2MN) for M positions of N channels, as
    TensorFlow walkthroughs have it; or the equation's 'half sum', sum / 2.

    >>> from mxnet import np, npx
    >>> npx.set_np()
    >>> Y = np.ones((1, 2, 3, 4))
    >>> part, = Content(('relu4_2',), 5).parts({'relu4_2': Y},
    ...                                        {'relu4_2': Y.shape})
    >>> float(part.weight * part.loss(Y + 2, *part.targets))
    20.0
    """

    form: str = 'mean'
    name: ClassVar[str] = 'content'
    comes_from: ClassVar[str] = 'content'
    loss = staticmethod(squares)
    sums = Sums(added_squares, back_of_squares, mean_of_squares)

    def target(self, Y: Array, shape: Dims) -> Tuple[Array, ...]:
        return Y,

    def factor(self, Y: Array) -> float:
        return {'mean': 1, 'half mean': 1 / 2,
                'half sum': Y.size / 2}[self.form]
