"""A picture looked at tile by tile: its features, of which one tile's at a
time are in memory."""

from typing import Iterable, Iterator, Sequence, Tuple

from mxnet import nd, np

from ..controls.style import Guided
from ..kinds import Array
from ..layers import PIXELS, poolings
from ..terms import Term
from ..terms.arrays import in_float32
from ..terms.gram import guide_of
from ..vgg import VGG
from .features import features_at, way_to
from .objective import Seen, features_shape, layers_of, look_at, masks_of
from .windows import windows

LOOK = 768    # pixels a side of a tile of what is only looked at


def look_by_tiles(picture: Guided, X: Array, terms: Sequence[Term],
                  network: str, net: VGG, tile: int) -> Seen:
    """`objective.look_at`, a tile at a time. Where a term of a layer needs
    no more than sums of its features, those of the layer are the `few` that
    have the same sums (`terms.term.Sums`)."""
    layers, Y = layers_of(terms), picture.X
    masks, summed = masks_of(picture, X, layers, network), {}
    for term in terms:
        summed.update((layer.name, term.sums) for layer in term.layers
                      if term.sums and term.sums.few)
    found = {PIXELS: Y}
    for layer, A, place in features_by_tiles(Y, layers, network, net, tile):
        if layer in summed:
            if masks:
                A = in_float32(A) * guide_of(masks[layer][1], Y)[place]
            found[layer] = summed[layer].of(A) + found.get(layer, 0)
        else:
            A = in_float32(A)
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


def look_at_large(picture: Guided, X: Array, terms: Sequence[Term],
                  network: str, net: VGG) -> Seen:
    """`objective.look_at`, for terms of which all can be told tile by tile:
    a style that is shown twice as large would else decide the memory."""
    if picture.X[0, 0].size <= LOOK ** 2:
        return look_at(picture, X, terms, network, net)
    return look_by_tiles(picture, X, terms, network, net, LOOK)


def features_by_tiles(X: Array, layers: Iterable[str], network: str, net: VGG,
                      tile: int) -> Iterator[Tuple[str, Array, Tuple]]:
    """The right features of each tile of X, (1, 3, H, W): (layer, features,
    their place among all)."""
    layers = [layer for layer in layers if layer != PIXELS]
    if not layers:
        return
    way = way_to(layers, net)
    for window in windows(X.shape, layers, network, tile):
        for layer, A in features_at(way, X[window.seen()]).items():
            n = poolings(layer, network)
            yield layer, inside(A, window.inner(n)), window.outer(n)


def inside(A: Array, place: Tuple) -> Array:
    """The part of an array (1, C, H, W) at a place, in the order in which
    oneDNN keeps it."""
    (top, bottom), (left, right) = ((span.start, span.stop)
                                    for span in place[1:])
    return nd.slice(A.as_nd_ndarray(), begin=(None, None, top, left),
                    end=(None, None, bottom, right)).as_np_ndarray()


def places(layer: str, X: Array, network: str) -> int:
    """How many places the features of X have at a layer."""
    n = poolings(layer, network)
    return (X.shape[2] >> n) * (X.shape[3] >> n)
