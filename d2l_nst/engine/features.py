"""Features of pictures, by the same way through the network as the losses."""

from typing import Any, Iterable, Sequence

from ..kinds import Array, Arrays
from ..layers import PIXELS
from ..terms import Part
from ..terms.arrays import in_float32
from .walk import Stretch, stretches


def extract(X: Array, net: Any, layers: Iterable[str]) -> Arrays:
    """{layer: its features} of a picture X, (1, 3, H, W), by a `VGG`. Of
    the layer `PIXELS`, which is always there, they are X itself."""
    return {layer: in_float32(A) for layer, A in features_at(
        way_to([PIXELS, *layers], net), X).items()}


def way_to(layers: Iterable[str], net: Any) -> Sequence[Stretch]:
    """The `stretches` of a `VGG` that hear these layers."""
    return stretches(net, [Part(layer, layer, 1, in_float32)   # not called
                           for layer in dict.fromkeys(layers)])


def features_at(way: Sequence[Stretch], X: Array) -> Arrays:
    """{layer: its features}, of all that are heard on the way, as oneDNN
    keeps them; they may be bfloat16."""
    A, found = X.as_nd_ndarray(), {}
    for stretch in way:
        A = stretch.forward(A)
        for place, parts in stretch.heard.items():
            for part in parts:
                found[part.layer] = stretch.at(place, A).as_np_ndarray()
        A = stretch.at(stretch.end, A)
    return found
