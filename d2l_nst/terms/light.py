"""Light: what is light stays light, and what is dark stays dark."""

import dataclasses
import functools
from typing import ClassVar, Tuple

from ..kinds import Array, Dims
from .arrays import np_of, npx_of
from .term import Part, Term

SQUARES = 40    # along the longer side
LEAST = 1e-4    # under a root, or its slope would have no bounds


def light(X, side):
    """The light of pictures (N, 3, H, W) in squares of so many pixels a
    side, less its mean, and of length 1: (N, h * w)."""
    np, npx = np_of(X), npx_of(X)
    Z = npx.pooling(X, kernel=(side, side), stride=(side, side),
                    pool_type='avg').mean(axis=1)
    Z = npx.reshape(Z, (-2, -5))                # (N, h, w) -> (N, h * w)
    Z = Z - Z.mean(axis=1, keepdims=True)
    return Z / np.sqrt(np.square(Z).sum(axis=1, keepdims=True) + LEAST)


def light_loss(X, light_Y, side):
    """One minus the correlation of the `light` of pictures X, (N, 3, H, W),
    with `light_Y`, (N, h * w), in the mean: a scalar."""
    return 1 - (light(X, side) * light_Y).sum(axis=1).mean()


@dataclasses.dataclass(frozen=True)
class Light(Term):
    """One minus the correlation of the light in squares of the picture with
    that of the content picture.

    The colours are the style's, and a broad share of light and dark is the
    scene's. It is not of a paper.

    >>> from mxnet import np, npx
    >>> npx.set_np()
    >>> Y = np.random.uniform(size=(1, 3, 80, 80))
    >>> part, = Light().parts({'pixels': Y}, {'pixels': Y.shape})
    >>> round(float(part.loss(Y * 0.5 + 1, *part.targets)), 3)
    0.0
    """

    name: ClassVar[str] = 'light'
    comes_from: ClassVar[str] = 'content'

    def part(self, layer: str, Y: Array, shape: Dims) -> Part:
        side = max(1, round(max(shape[2:]) / SQUARES))
        return Part(self.name, layer, 1,
                    functools.partial(light_loss, side=side),
                    (light(Y, side),))

    def unit(self, target: Tuple[Array, ...]) -> float:
        return 1
