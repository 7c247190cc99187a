"""What decides a training, and what it tells: plain records."""

import dataclasses
from typing import Optional, Tuple

import numpy as onp
from mxnet import gluon

from ..recipes import Recipe
from . import objective


@dataclasses.dataclass(frozen=True)
class Settings:
    """What decides the network. `size` is that of the square pictures, the
    style picture has the area of `style_size` squared.

    Weights left None are the document's for 'imagenet', else
    `objective.WEIGHTS`; whatever they are, they multiply losses in the
    units of `objective.measure_units` unless `weights` is 'imagenet'.
    """

    size: int = 256
    style_size: int = 256
    batch_size: int = 4
    epochs: int = 2
    fraction: float = 1
    lr: float = 1e-3
    seed: int = 1
    weights: str = Recipe.weights
    content_weight: Optional[float] = None
    style_weight: Optional[float] = None
    tv_weight: float = 0
    content_layer: str = objective.CONTENT_LAYER
    style_layers: Tuple[str, ...] = objective.STYLE_LAYERS


@dataclasses.dataclass
class Step:
    """An iteration done: `terms` are the weighted losses, means over the
    batch of all workers. `X` and `Y_hat`, (n, 3, size, size) in 0 ... 255,
    are pictures and what the network made of them."""

    epoch: int
    iteration: int
    iterations: int
    terms: dict
    total: float
    seconds: float
    X: object = None
    Y_hat: object = None


@dataclasses.dataclass
class Result:
    """`history`: (iterations, 4), the losses `objective.terms` and the
    total. `damaged`: files that this worker could not read. `rank`: its
    number among the workers, 0 where it is alone."""

    net: gluon.HybridBlock
    history: onp.ndarray
    damaged: set
    seconds: float
    rank: int = 0
