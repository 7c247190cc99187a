"""How long a job will take: a few epochs of a small picture are timed."""

import math
import time
from typing import Any, Sequence

import numpy as onp
from mxnet import np

from ..recipes.settings import Recipe
from ..vgg import VGG
from .objective import make_objective
from .optimisers import evaluate
from .plan import Size, is_tiled
from .windows import windows

PROBE = 192, 3    # pixels a side at most, and epochs, the first not timed
# Of the time of an epoch: that of the features alone, and of one in tiles
FORWARD, TWICE = 0.4, 1.4


def seconds_of(recipe: Recipe, epochs: Sequence[int], sizes: Sequence[Size],
               tile: int, pace: float) -> float:
    """Seconds of so many epochs of each stage, and of looking at its
    pictures; `pace` is that of `pace_of`."""
    total = 0
    for n, size in zip(epochs, sizes):
        total += (FORWARD * (size.pixels + sum(size.styles))
                  + n * _work(recipe, size, tile)) if n else 0
    return total * pace


def _work(recipe, size, tile):
    """Pixels of an epoch; in tiles they are seen twice, and overlap."""
    if not is_tiled(tile, size.pixels, *size.styles):
        return size.pixels
    tiles = windows((1, 3, size.height, size.width), recipe.layers,
                    recipe.network, tile)
    return TWICE * sum(math.prod(span.stop - span.start for span in window)
                       for window in tiles)


def pace_of(recipe: Recipe, net: VGG, ctx: Any,
            sizes: Sequence[Size]) -> float:
    """Seconds of a pixel and epoch: of a few epochs of a small picture, or
    of one as large as the largest of the `sizes`. Patches are sought among
    all others, so that theirs is a longer one in a larger picture."""
    most, epochs = PROBE
    side = min(most, max(math.isqrt(size.pixels) for size in sizes))
    noise = onp.random.RandomState(1).normal(size=(1, 3, side, side))
    X = np.array(noise, dtype='float32', ctx=ctx)
    objective = make_objective(recipe, net, X, X, X)
    X.attach_grad()
    ends = []
    for _ in range(epochs):
        evaluate(X, objective)
        X.grad.wait_to_read()
        ends.append(time.perf_counter())
    return float(min(onp.diff(ends))) / side ** 2
