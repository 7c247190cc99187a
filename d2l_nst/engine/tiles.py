"""The loss of a whole picture, and its gradient, tile by tile.

A first pass adds up over all tiles what the losses are made of, such as the
products of Gram matrices. Then it is known how the loss depends on those
sums, and a second pass goes back through each tile. So the memory for the
features is that of one tile, for half as much work again; nothing is
approximate. A loss of the pixels has no network before it, and is computed
whole.
"""

import functools
from typing import Any, List, Optional, Sequence, Tuple

from mxnet import autograd, nd, np

from ..errors import NSTError
from ..kinds import Array, Arrays, Dims
from ..layers import PIXELS, poolings
from ..recipes.settings import Recipe
from ..terms import Part, terms_of
from ..vgg import VGG
from .features import features_at
from .frozen import HEIGHT, WIDTH, beside
from .looking import inside, look_by_tiles, places
from .objective import Objective, make_parts
from .tuning import with_gradient
from .windows import Window, windows


class Tiled:
    """The sum of `Part`s, as `Objective` is, for pictures of `shape`,
    (1, 3, H, W), of which the network sees a tile of the pixels at a time.

    Called with X, it returns the same losses; the gradient is that of the
    whole picture's loss.
    """

    def __init__(self, net: VGG, parts: Sequence[Part], shape: Dims,
                 tile: int):
        self.terms = tuple(dict.fromkeys(part.name for part in parts))
        pixels = [part for part in parts if part.layer == PIXELS]
        self.whole = Objective(None, pixels) if pixels else None
        self.network = net.network
        self.parts = [OfTile(part, net.network) for part in parts
                      if part.layer != PIXELS]
        self.windows = windows(shape, dict.fromkeys(
            part.layer for part in self.parts), net.network, tile)
        heard: List[Any] = self.parts
        self.tile = Objective(net, [Part(str(i), part.layer, 1, part)
                                    for i, part in enumerate(heard)])

    def __call__(self, X: Array) -> Tuple[Array, ...]:
        recording = autograd.is_recording()
        with autograd.pause():
            losses, gradient = self.of_pixels(X)
            for part, total in zip(self.parts, self.totals(X)):
                losses[part.name] += part.of_picture(
                    total, places(part.layer, X, self.network))
            if recording:
                self.add_gradient(gradient, X)
        l = sum(losses.values())
        return (with_gradient(l, X, gradient) if recording else l,
                *losses.values())

    def of_pixels(self, X: Array) -> Tuple[Arrays, Array]:
        """{term: its loss}, of the parts that need no network, and the
        gradient of their sum."""
        losses = dict.fromkeys(self.terms, 0)
        if not self.whole:
            return losses, np.zeros_like(X)
        each, gradient = self.whole.back(self.whole.forward(X),
                                         self.whole.terms)
        losses.update(zip(self.whole.terms, each))
        gradient.wait_to_read()     # before the tiles need memory too
        return losses, gradient

    def totals(self, X: Array) -> List[Array]:
        """What the tiles add up to, for each of the `parts`."""
        totals: List[Any] = [0] * len(self.parts)
        for window in self.windows:
            Y = features_at(self.tile.stretches, X[window.seen()])
            totals = [total + part.of(Y[part.layer], window)
                      for part, total in zip(self.parts, totals)]
            totals[-1].wait_to_read()   # one tile at a time is in memory
        return totals

    def add_gradient(self, gradient: Array, X: Array) -> None:
        """Add to the `gradient` that of the losses of the whole picture,
        which the `parts` know by now."""
        for window in self.windows:
            for part in self.parts:
                part.window = window
            kept = self.tile.forward(X[window.seen()])
            _, slope = self.tile.back(kept, self.tile.terms)
            gradient[window.seen()] += slope
            gradient.wait_to_read()


class OfTile:
    """A `Part` of a picture's loss, tile by tile: as the loss of a tile it
    has a `slope`, for the tile at the `window`."""

    window: Window

    def __init__(self, part: Part, network: str):
        self.name, self.layer, self.weight, _, self.targets, sums = part
        self.sums: Any = sums
        self.poolings = poolings(part.layer, network)
        self.slope_of_total: Any = None

    def of(self, Y: Array, window: Window) -> Array:
        """What the features of a tile add to the total of its sums."""
        return self.sums.of(inside(Y, window.inner(self.poolings)),
                            *self.targets_at(window))

    def of_picture(self, total: Array, places: int) -> Array:
        """The weighted loss of a picture at so many places, of which the
        gradient at the `total` is kept."""
        total.attach_grad()
        with autograd.record():
            l = self.weight * self.sums.loss(total, places, *self.targets)
        l.backward()
        self.slope_of_total = total.grad
        return l.detach()

    def slope(self, Y: Array, weight: float) -> Tuple[float, Array]:
        """The gradient of the tile's features, and no loss."""
        place = self.window.inner(self.poolings)
        slope = self.sums.back(inside(Y, place), self.slope_of_total,
                               *self.targets_at(self.window))
        return 0, among_zeros(slope, place, Y.shape)

    def targets_at(self, window: Window) -> List[Array]:
        return [A[window.outer(self.poolings)] if A.ndim == 4 else A
                for A in self.targets]


def among_zeros(A: Array, place: Tuple, shape: Dims) -> Array:
    """Zeros of this shape, (1, C, H, W), with A at a place."""
    A = A.as_nd_ndarray()
    for axis in WIDTH, HEIGHT:
        first, last = (nd.zeros((*A.shape[:axis], n, *A.shape[axis + 1:]),
                                A.ctx, A.dtype) if n else None
                       for n in (place[axis - 1].start,
                                 shape[axis] - place[axis - 1].stop))
        A = beside(first, A, last, axis)
    return A.as_np_ndarray()


# --------------------------------------------------------------- by a recipe
def make_tiled(recipe: Recipe, net: VGG, X: Array,
               content_X: Optional[Array] = None,
               style_X: Any = None, tile: int = 512) -> Tiled:
    """`Tiled` by a `Recipe`, as `make_objective`; the targets are made by
    tiles as well. Raises `NSTError` where a term can't be."""
    check_tiled(recipe)
    parts = make_parts(recipe, net, X, content_X, style_X,
                       functools.partial(look_by_tiles, tile=tile))
    return Tiled(net, parts, X.shape, tile)


def check_tiled(recipe: Recipe) -> None:
    """Raise `NSTError` where the losses can't be told tile by tile."""
    whole = [term.name for term in terms_of(recipe) if not term.sums and any(
        layer.name != PIXELS for layer in term.layers)]
    if recipe.tuned:
        whole.append('tuned')
    if whole:
        raise NSTError(f'the {whole[0]} loss looks at the whole picture at '
                       'once, so that there are no tiles: choose a smaller '
                       'size, or tile 0')
