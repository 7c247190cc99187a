"""Large pictures tile by tile.

What a network makes of a pixel depends on pixels near it only, once the
statistics of the whole are known. Those of samples of the picture stand for
them.
"""

from typing import Callable

import numpy as onp

from ..kinds import Array

TILE, HALO = 512, 64     # the layers see less than HALO pixels beyond a tile
SAMPLE, SAMPLES = 320, 3


def samples(X: Array) -> Array:
    """Squares of a large picture, (1, 3, H, W), on a grid over all of it,
    as a batch: (SAMPLES ** 2, 3, SAMPLE, SAMPLE) or less at a side."""
    tops, lefts = (
        onp.linspace(0, max(0, side - SAMPLE), SAMPLES).astype(int)
        for side in X.shape[2:])
    return onp.concatenate([X[:, :, top:top + SAMPLE, left:left + SAMPLE]
                            for top in tops for left in lefts])


def in_tiles(X: Array, paint: Callable[[Array], Array]) -> Array:
    """What `paint` makes of X, (1, 3, H, W), tile by tile. Each is painted
    with `HALO` pixels around it, which are cut off."""
    Y = onp.empty_like(X)
    height, width = X.shape[2:]
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            above, before = max(0, top - HALO), max(0, left - HALO)
            tile = paint(X[:, :, above:top + TILE + HALO,
                           before:left + TILE + HALO])
            Y[:, :, top:top + TILE, left:left + TILE] = tile[
                :, :, top - above:, left - before:][:, :, :TILE, :TILE]
    return Y
