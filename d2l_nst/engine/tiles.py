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

from mxnet import autograd, np

from ..errors import NSTError
from ..kinds import Array, Arrays, Dims
from ..layers import PIXELS, poolings
from ..recipes.settings import Recipe
from ..terms import Part, terms_of
from ..vgg import VGG
from .looking import look_by_tiles, places
from .objective import Objective, make_parts
from .tuning import with_gradient
from .windows import windows


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
        self.parts: List[Any] = [part for part in parts
                                 if part.layer != PIXELS]
        layers = dict.fromkeys(part.layer for part in self.parts)
        self.windows = windows(shape, layers, net.network, tile)
        self.window = self.windows[0]
        self.slopes: Optional[Sequence[Array]] = None
        self.network = net.network
        # One for all tiles: `added` knows which one it is
        self.tile = Objective(net, [
            Part(str(i), part.layer, 1, functools.partial(self.added, i))
            for i, part in enumerate(self.parts)])

    def __call__(self, X: Array) -> Tuple[Array, ...]:
        recording = autograd.is_recording()
        with autograd.pause():
            losses, gradient = self.of_pixels(X)
            found = [self.slope_of(part, total,
                                   places(part.layer, X, self.network))
                     for part, total in zip(self.parts, self.totals(X))]
            for part, (more, _) in zip(self.parts, found):
                losses[part.name] += more
            if recording:
                self.add_gradient(gradient, X, [slope for _, slope in found])
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
        self.slopes = None
        for self.window in self.windows:
            added = self.tile.losses(X[self.window.seen()])
            totals = [total + A for total, A in zip(totals, added.values())]
            totals[-1].wait_to_read()   # one tile at a time is in memory
        return totals

    def slope_of(self, part: Any, total: Array,
                 places: int) -> Tuple[Array, Array]:
        """The weighted loss of a part, and its slope: the gradient at the
        `total` of its sums, which are those of so many places."""
        total.attach_grad()
        with autograd.record():
            l = part.weight * part.sums.loss(total, places, *part.targets)
        l.backward()
        return l.detach(), total.grad

    def add_gradient(self, gradient: Array, X: Array,
                     slopes: List[Array]) -> None:
        """Add to the `gradient` that of a loss which has these slopes at
        the `totals`."""
        self.slopes = slopes
        for self.window in self.windows:
            kept = self.tile.forward(X[self.window.seen()])
            _, slope = self.tile.back(kept, self.tile.terms)
            gradient[self.window.seen()] += slope
            gradient.wait_to_read()

    def added(self, i: int, Y: Array) -> Array:
        """What the features Y of the tile at the `window` add to the total
        of a part, or, once the `slopes` are known, to the loss."""
        part = self.parts[i]
        n = poolings(part.layer, self.network)
        targets = [A[self.window.outer(n)] if A.ndim == 4 else A
                   for A in part.targets]
        A = part.sums.of(Y[self.window.inner(n)], *targets)
        return A if self.slopes is None else (A * self.slopes[i]).sum()


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
