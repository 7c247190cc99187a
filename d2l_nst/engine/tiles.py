"""The loss of a whole picture, and its gradient, tile by tile.

A first pass adds up over all tiles what the losses are made of, such as the
products of Gram matrices. Then it is known how the loss depends on those
sums, and a second pass goes back through each tile. So the memory for the
features is that of one tile, for half as much work again; nothing is
approximate. A loss of the pixels has no network before it, and is computed
whole.
"""

import functools
from typing import Any, List

from mxnet import autograd, gluon, np

from ..errors import NSTError
from ..layers import PIXELS, layer_index, poolings
from ..terms import terms_of
from ..terms.gram import guide_of
from .objective import (Objective, extract, features_shape, layers_of,
                        look_at, make_parts, masks_of)
from .tuning import with_gradient
from .windows import windows

LOOK = 768    # pixels a side of a tile of what is only looked at


class Features(gluon.HybridBlock):
    """The features of a tile, (1, 3, h, w), at some layers: a list."""

    def __init__(self, net, layers):
        super().__init__()
        self.layers = list(layers)
        last = max(layer_index(layer, net.network) for layer in layers)
        self.net = gluon.nn.HybridSequential()
        self.net.add(*(net[i] for i in range(last + 1)
                       if i not in net.unchanging))
        self.extract = functools.partial(extract, net=net,
                                         layers=self.layers)
        self.hybridize()    # the tiles differ in shape: no static memory

    def hybrid_forward(self, F, X):
        features = self.extract(X)
        return [features[layer] for layer in self.layers]

    def of(self, tile):
        """{layer: features}."""
        return dict(zip(self.layers, self(tile)))


class Tiled:
    """The sum of `Part`s, as `Objective` is, for pictures of `shape`,
    (1, 3, H, W), of which the network sees a tile of the pixels at a time.

    Called with X, it returns the same losses; the gradient is that of the
    whole picture's loss.
    """

    def __init__(self, net, parts, shape, tile):
        self.terms = tuple(dict.fromkeys(part.name for part in parts))
        pixels = [part for part in parts if part.layer == PIXELS]
        self.whole = Objective(None, pixels) if pixels else None
        self.parts = [part for part in parts if part.layer != PIXELS]
        layers = dict.fromkeys(part.layer for part in self.parts)
        self.features = Features(net, layers)
        self.windows = windows(shape, layers, net.network, tile)
        self.network = net.network

    def __call__(self, X):
        losses, l = dict.fromkeys(self.terms, 0), 0
        if self.whole:
            l, *each = self.whole(X)
            losses.update(zip(self.whole.terms, each))
        with autograd.pause():
            told = [self.told(part, total, places(part.layer, X, self.network))
                    for part, total in zip(self.parts, self.totals(X))]
        for part, (more, _) in zip(self.parts, told):
            losses[part.name], l = losses[part.name] + more, l + more
        if autograd.is_recording():
            with autograd.pause():
                gradient = self.gradient(X, [slope for _, slope in told])
            l = with_gradient(l, X, gradient)
        return (l, *losses.values())

    def totals(self, X):
        """What the tiles add up to, for each of the `parts`."""
        totals: List[Any] = [0] * len(self.parts)
        for window in self.windows:
            totals = [total + A for total, A in zip(
                totals, self.added(X[window.seen()], window))]
            totals[-1].wait_to_read()   # one tile at a time is in memory
        return totals

    def told(self, part, total, places):
        """The weighted loss of a part, and its slope: the gradient of the
        total."""
        total.attach_grad()
        with autograd.record():
            l = part.weight * part.sums.loss(total, places, *part.targets)
        l.backward()
        return l.detach(), total.grad

    def gradient(self, X, slopes):
        """The gradient of a loss that has these slopes."""
        gradient = np.zeros_like(X)
        for window in self.windows:
            tile = X[window.seen()]
            tile.attach_grad()
            with autograd.record():
                l = sum((A * slope).sum() for A, slope in zip(
                    self.added(tile, window), slopes))
            l.backward()
            gradient[window.seen()] += tile.grad
            gradient.wait_to_read()
        return gradient

    def added(self, tile, window):
        """What a tile adds to the totals: an array for each part."""
        features = self.features.of(tile)
        for part in self.parts:
            n = poolings(part.layer, self.network)
            targets = [Y[window.outer(n)] if Y.ndim == 4 else Y
                       for Y in part.targets]
            yield part.sums.of(features[part.layer][window.inner(n)],
                               *targets)


# --------------------------------------------------------------- by a recipe
def make_tiled(recipe, net, X, content_X=None, style_X=None, tile=512):
    """`Tiled` by a `Recipe`, as `make_objective`; the targets are made by
    tiles as well. Raises `NSTError` where a term can't be."""
    check_tiled(recipe)
    parts = make_parts(recipe, net, X, content_X, style_X,
                       functools.partial(look_by_tiles, tile=tile))
    return Tiled(net, parts, X.shape, tile)


def check_tiled(recipe):
    """Raise `NSTError` where the losses can't be told tile by tile."""
    whole = [term.name for term in terms_of(recipe) if not term.sums and any(
        layer.name != PIXELS for layer in term.layers)]
    if recipe.tuned:
        whole.append('tuned')
    if whole:
        raise NSTError(f'the {whole[0]} loss looks at the whole picture at '
                       'once, so that there are no tiles: choose a smaller '
                       'size, or tile 0')


def look_by_tiles(picture, X, terms, network, net, tile):
    """`objective.look_at`, a tile at a time. Where the terms ask for sums
    alone, the features of a layer are the `few` that have them."""
    layers, Y = layers_of(terms), picture.X
    masks, summed = masks_of(picture, X, layers, network), {}
    for term in terms:
        summed.update((layer.name, term.sums) for layer in term.layers
                      if term.sums and term.sums.few)
    found = {PIXELS: Y}
    for layer, A, place in features_by_tiles(Y, layers, network, net, tile):
        if layer in summed:
            guide = guide_of(masks[layer][1], A)[place] if masks else 1
            found[layer] = summed[layer].of(A * guide) + found.get(layer, 0)
        else:
            if layer not in found:
                found[layer] = np.empty(features_shape(layer, A, Y, network),
                                        dtype=A.dtype, ctx=A.ctx)
            found[layer][place] = A
        found[layer].wait_to_read()
    for layer, sums in summed.items():
        found[layer] = sums.few(found[layer], places(layer, Y, network))
        if masks:
            masks[layer] = masks[layer][0], masks[layer][1].any(keepdims=True)
    return found, masks


def look_at_large(picture, X, terms, network, net):
    """`objective.look_at`, for terms of which all can be told tile by tile:
    a style that is shown twice as large would else decide the memory."""
    if picture.X[0, 0].size <= LOOK ** 2:
        return look_at(picture, X, terms, network, net)
    return look_by_tiles(picture, X, terms, network, net, LOOK)


def features_by_tiles(X, layers, network, net, tile):
    """The right features of each tile of X, (1, 3, H, W): (layer, features,
    their place among all)."""
    layers = [layer for layer in layers if layer != PIXELS]
    if not layers:
        return
    features = Features(net, layers)
    for window in windows(X.shape, layers, network, tile):
        for layer, A in features.of(X[window.seen()]).items():
            n = poolings(layer, network)
            yield layer, A[window.inner(n)], window.outer(n)


def places(layer, X, network):
    """How many places the features of X have at a layer."""
    n = poolings(layer, network)
    return (X.shape[2] >> n) * (X.shape[3] >> n)
