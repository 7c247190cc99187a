"""A loss term: what a picture is to come close to, and how near it is."""

import dataclasses
import functools
from typing import (Any, Callable, ClassVar, Dict, List, NamedTuple,
                    Optional, Tuple)

import numpy as onp

from ..controls.mask import inside
from ..kinds import Array, Arrays, Dims
from ..layers import PIXELS, Layer, parse_layers
from .arrays import np_of, npx_of

SMALLEST = 16  # pixels a side: the network pools four times
Masks = Dict[str, Tuple[Array, Array]]    # {layer: ((H, W), (h, w))}


class Sums(NamedTuple):
    """How a loss of a whole picture comes of its tiles.

    `of(Y_hat, *targets)` is what a tile adds: an array. Of those targets
    that are maps, (1, C or 1, H, W), it is given the tile. `back(Y_hat,
    slope, *targets)` is the gradient of the tile's features from the
    `slope`, that of what it adds. `loss(total,
    places, *targets)` is the loss of features at so many places, for which
    all tiles add up to `total`. `few(total, places)` are features at few
    places, (1, C, h, w), that have the same target; where it is None, a
    target is made of all the features.
    """

    of: Callable
    back: Callable
    loss: Callable
    few: Optional[Callable] = None


class Part(NamedTuple):
    """`weight` times `loss(Y_hat, *targets)`, Y_hat being the features of
    `layer`; parts of one `name` are added up and shown as one. `sums` is
    None where the loss can't be told tile by tile."""

    name: str
    layer: Any
    weight: float
    loss: Callable
    targets: Tuple = ()
    sums: Optional[Sums] = None


@dataclasses.dataclass(frozen=True)
class Term:
    """One loss of a picture, at some layers, with its weight.

    `layers` are `Layer`s, or names that are parsed as such ('relu4_2:0.5');
    `weight` multiplies them all. A new term is a subclass that says its
    `name`, the picture from which its target `comes_from` ('content',
    'style' or None), the `target` and the `loss`. This one is whole:

    >>> class Means(Term):
    ...     name, comes_from = 'means', 'style'
    ...
    ...     def target(self, Y, shape):
    ...         return Y.mean((2, 3)),
    ...
    ...     def loss(self, Y_hat, means):
    ...         return ((Y_hat.mean((2, 3)) - means) ** 2).mean()

    A recipe adds it to its own in one line:

    >>> from d2l_nst import get_recipe
    >>> recipe = get_recipe('quick', terms=(Means(('relu3_1',), 5),))

    A loss is called with arrays and with symbols, so it uses what both
    have (`np_of`).
    """

    layers: Tuple[Layer, ...] = (Layer(PIXELS),)
    weight: float = 1
    name: ClassVar[str]
    comes_from: ClassVar[Optional[str]] = None
    sums: ClassVar[Optional[Sums]] = None    # of its loss
    # Bytes for each pixel of a picture at the peak, with Adam
    bytes_per_pixel: ClassVar[int] = 2100
    # Pixels of the shorter side in an earlier, smaller stage: with fewer it
    # would lose the scene
    earlier_side: ClassVar[int] = 100

    def __post_init__(self) -> None:
        object.__setattr__(self, 'layers', parse_layers(self.layers))

    def target(self, Y: Array, shape: Dims) -> Tuple[Array, ...]:
        """The arrays that `loss` takes besides the features: made from Y,
        (1, C, h, w), those of the picture it comes from, for a picture
        whose features have `shape`, (1, C, H, W)."""
        return ()

    def loss(self, Y_hat: Array, /, *target: Array) -> Array:
        """A scalar for the features Y_hat, (1, C, H, W), of one layer."""
        raise NotImplementedError

    def factor(self, Y: Array) -> float:
        """What the loss is multiplied by to have the source's form."""
        return 1

    def unit(self, target: Tuple[Array, ...]) -> float:
        """The loss of features that are zero, as all losses here are mean
        squared differences from `target[0]`: in this unit it does not
        depend on the scale of the features."""
        return float((target[0] ** 2).mean()) or 1

    def smallest_side(self, network: str) -> int:
        """Pixels that each side of a picture needs."""
        return SMALLEST

    def parts(self, features: Arrays, shapes: Dict[str, Dims],
              relative: bool = False,
              masks: Optional[Masks] = None) -> List[Part]:
        """A `Part` for each layer, `relative` to its unit or in the
        source's form. `features`: {layer: (1, C, h, w)} of the picture it
        comes from; `shapes`: {layer: (1, C, H, W)} of the one that is
        painted; `masks`: {layer: ((H, W), (h, w))} where a region of the
        one is to be like a region of the other."""
        made = []
        for layer in self.layers:
            name = layer.name
            Y, shape = features.get(name), shapes[name]
            if masks and not all(mask.any() for mask in masks[name]):
                continue    # a region that is finer than this layer's grid
            part = (self.guided(name, Y, shape, *masks[name]) if masks
                    else self.part(name, Y, shape))
            made.append(self.weighted(part, self.weight * layer.weight, Y,
                                      relative))
        return made

    def part(self, layer: str, Y: Array, shape: Dims) -> Part:
        """Its `Part` of one layer, of weight 1."""
        return Part(self.name, layer, 1, self.loss, self.target(Y, shape),
                    self.sums)

    def guided(self, layer: str, Y: Array, shape: Dims, mask: Array,
               style_mask: Array) -> Part:
        """`part` of two regions alone: masks (H, W) and (h, w). Here the
        features of each are put in a row, as if that were all: (1, C, 1,
        N)."""
        ours, theirs = (np_of(Y).array(onp.flatnonzero(inside(A)),
                                       dtype='float32', ctx=Y.ctx)
                        for A in (mask, style_mask))
        part = self.part(layer, at(Y, theirs),
                         (*shape[:2], 1, ours.size))
        return part._replace(loss=functools.partial(loss_at, part.loss),
                             targets=(*part.targets, ours), sums=None)

    def weighted(self, part: Part, weight: float, Y: Array,
                 relative: bool) -> Part:
        """A part of weight 1, with this weight: `relative` to its unit, or
        in the source's form for features like Y."""
        scale = 1 / self.unit(part.targets) if relative else self.factor(Y)
        return part._replace(weight=weight * scale)


def at(X: Array, places: Array) -> Array:
    """The features (1, C, H, W) at `places`, (N,), in a row: (1, C, 1,
    N)."""
    np = np_of(X)
    X = npx_of(X).reshape(X, (-2, -2, -5))      # (1, C, H*W)
    return np.expand_dims(np.take(X, places, axis=2), 2)


def loss_at(loss: Callable, Y_hat: Array, *targets: Array) -> Array:
    """A `loss` of features at those places alone that the last of the
    `targets` names."""
    return loss(at(Y_hat, targets[-1]), *targets[:-1])
