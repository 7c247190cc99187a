"""Features of pictures, by the same way through the network as the losses."""

from typing import Any, Iterable

from ..kinds import Array, Arrays
from ..layers import PIXELS
from ..terms import Part
from ..terms.arrays import exact
from .walk import stretches


class Features:
    """The features of pictures at some layers of a frozen `net`, a `VGG`."""

    def __init__(self, net: Any, layers: Iterable[str]):
        self.stretches = stretches(net, [
            Part(layer, layer, 1, exact)    # nothing is compared here
            for layer in dict.fromkeys(layers)])

    def of(self, X: Array) -> Arrays:
        """{layer: its features} of a picture X, (1, 3, H, W), of which the
        layer `PIXELS` is X itself."""
        A, found = X.as_nd_ndarray(), {}
        for stretch in self.stretches:
            A = stretch.forward(A)
            for place, parts in stretch.heard.items():
                for part in parts:
                    found[part.layer] = exact(
                        stretch.at(place, A)).as_np_ndarray()
            A = stretch.at(stretch.end, A)
        return found


def extract(X: Array, net: Any, layers: Iterable[str]) -> Arrays:
    """The `Features` of one picture alone."""
    return Features(net, layers).of(X)
