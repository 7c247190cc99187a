"""The Laplacian keeps the content's lines: Li, Xu, Nie and Liu 2017."""

import dataclasses
import functools
from typing import ClassVar, Dict, List, Optional, Tuple

from ..kinds import Array, Arrays, Dims
from .arrays import np_of, npx_of, squares
from .term import PIXELS, Masks, Part, Term

STENCIL = (0, -1, 0), (-1, 4, -1), (0, -1, 0)


def laplacian(X, kernel, pool):
    """Laplacian of a picture (1, 3, H, W) after averaging `pool` x `pool`
    pixels: (1, 1, H / pool, W / pool), rounded up.

    As in the code of Li, Xu, Nie and Liu 2017 the responses of red, green
    and blue are added up. `kernel`, (1, 3, 3, 3), holds the `STENCIL` for
    each.
    """
    npx = npx_of(X)
    X = npx.pooling(X, kernel=(pool, pool), stride=(pool, pool),
                    pool_type='avg', pooling_convention='full')
    return npx.convolution(with_edges(X), kernel, kernel=(3, 3),
                           num_filter=1, no_bias=True)


def with_edges(X: Array) -> Array:
    """(1, C, H, W) framed by its own edges, one wide: (1, C, H + 2,
    W + 2). Zeros there would make the frame a line to keep."""
    np = np_of(X)
    X = np.concatenate([X[:, :, :1], X, X[:, :, -1:]], axis=2)
    return np.concatenate([X[:, :, :, :1], X, X[:, :, :, -1:]], axis=3)


def laplacian_loss(X, target, kernel, pool):
    """Mean squared difference of X's Laplacian from `target`: a scalar.

    The Laplacian loss of Li, Xu, Nie and Liu 2017, with the mean in place
    of the sum.
    """
    return squares(laplacian(X, kernel, pool), target)


@dataclasses.dataclass(frozen=True)
class Laplacian(Term):
    """Differences of Laplacians from the content picture's, one for each
    of `pools`: how many pixels a side are averaged before. What is brighter
    everywhere has the same lines:

    >>> from mxnet import np, npx
    >>> npx.set_np()
    >>> X = np.arange(108).reshape(1, 3, 6, 6)
    >>> part, = Laplacian(pools=(2,)).parts({PIXELS: X}, {PIXELS: X.shape})
    >>> float(part.loss(X + 1, *part.targets))
    0.0
    """

    pools: Tuple[int, ...] = (4, 16)
    name: ClassVar[str] = 'laplacian'
    comes_from: ClassVar[str] = 'content'

    def parts(self, features: Arrays, shapes: Dict[str, Dims],
              relative: bool = False,
              masks: Optional[Masks] = None) -> List[Part]:
        X, = features.values()
        kernel = np_of(X).array([[STENCIL] * 3], dtype='float32', ctx=X.ctx)
        return [self.weighted(
            Part(self.name, PIXELS, 1,
                 functools.partial(laplacian_loss, pool=pool),
                 (laplacian(X, kernel, pool), kernel)),
            self.weight, X, relative) for pool in self.pools]
