"""Where the tiles of a picture lie, and what is right in them."""

import itertools
from typing import Iterable, List, NamedTuple, Tuple

from ..kinds import Dims
from ..layers import layer_index, layer_names, poolings


class Span(NamedTuple):
    """A tile along one side of a picture: the pixels `start` to `stop`,
    which the network sees, and `first` to `last`, whose features are
    right."""

    start: int
    stop: int
    first: int
    last: int


class Window(NamedTuple):
    """A tile: the `Span`s of its rows and of its columns. Its methods make
    indices of arrays (1, C, H, W)."""

    rows: Span
    columns: Span

    def seen(self) -> Tuple:
        """The pixels of the tile in the picture."""
        return (..., *(slice(span.start, span.stop) for span in self))

    def inner(self, poolings: int) -> Tuple:
        """Its right features among its own."""
        return (..., *(slice(span.first - span.start >> poolings,
                             span.last - span.start >> poolings)
                       for span in self))

    def outer(self, poolings: int) -> Tuple:
        """Its right features among those of the picture."""
        return (..., *(slice(span.first >> poolings, span.last >> poolings)
                       for span in self))


def windows(shape: Dims, layers: Iterable[str], network: str,
            tile: int) -> List[Window]:
    """The tiles of a picture of `shape`, (1, 3, H, W), for these layers:
    about `tile` pixels a side, as large as each other as far as it goes.

    Features near an edge of a tile that is none of the picture's are
    wrong, so that tiles overlap by twice the `halo`. They begin where the
    poolings begin in the picture.
    """
    grid = 1 << max(poolings(layer, network) for layer in layers)
    return list(itertools.starmap(Window, itertools.product(
        *(spans(side, tile // grid * grid, halo(layers, network), grid)
          for side in shape[2:]))))


def spans(length: int, tile: int, halo: int, grid: int) -> List[Span]:
    """The `Span`s of a side of `length` pixels. `tile` and `halo` are
    multiples of the `grid`.

    >>> for span in spans(90, 48, 8, 8):
    ...     print(*span)
    0 40 0 32
    24 64 32 56
    48 90 56 90
    """
    if length < tile + grid:
        return [Span(0, length, 0, length)]
    pooled = length // grid * grid
    number = -(-(pooled - 2 * halo) // (tile - 2 * halo))
    tile = -(-(pooled + 2 * halo * (number - 1)) // (number * grid)) * grid
    starts = [i * (tile - 2 * halo) for i in range(number - 1)]
    starts.append(pooled - tile)
    stops = [start + tile for start in starts[:-1]] + [length]
    edges = [0, *(start + halo for start in starts[1:]), length]
    return list(map(Span, starts, stops, edges, edges[1:]))


def halo(layers: Iterable[str], network: str) -> int:
    """The pixels next to an edge whose features at any of these layers
    know of it."""
    return max(_halo(layer, network) for layer in layers)


def _halo(layer, network):
    far = 0
    for name in layer_names(network)[:layer_index(layer, network) + 1]:
        if name.startswith('conv'):
            far += 1
        elif name.startswith('pool'):
            far = -(-far // 2)
    return far << poolings(layer, network)


def smallest_tile(layers: Iterable[str], network: str) -> int:
    """Pixels a side that tiles need to have features of their own."""
    return 2 * halo(layers, network) + 32
