"""What decides a training, and what it tells: plain records."""

import dataclasses
from typing import Optional, Tuple

import numpy as onp
from mxnet import gluon

from ..errors import NSTError
from ..recipes.systems import Recipe
from . import objective
from .network import FACTOR


@dataclasses.dataclass(frozen=True)
class Settings:
    """All that decides what the network becomes.

    `size` is the side of the square pictures in pixels. The style picture
    keeps its proportions and gets the area of `style_size` squared. In the
    last iterations, a share `decay` of all, `lr` falls to nought.

    A weight that is None is taken from `objective.DOCUMENT_WEIGHTS` if the
    features are ImageNet's, else from `objective.WEIGHTS`. With features
    other than ImageNet's, every weight multiplies a loss in the units of
    `objective.measure_units`.
    """

    size: int = 256
    style_size: int = 256
    batch_size: int = 4
    epochs: int = 2
    fraction: float = 1
    lr: float = 1e-3
    decay: float = 0
    seed: int = 1
    weights: str = Recipe.weights
    content_weight: Optional[float] = None
    style_weight: Optional[float] = None
    tv_weight: float = 0
    content_layer: str = objective.CONTENT_LAYER
    style_layers: Tuple[str, ...] = objective.STYLE_LAYERS


def check_settings(settings, devices=1):
    """Raises `NSTError` for settings with which nothing can be trained."""
    for size in (settings.size, settings.style_size):
        if size < 16:
            raise NSTError(f'a size of {size} is too small: choose one from '
                           '16 up')
    if settings.size % FACTOR:
        raise NSTError(f'a size of {settings.size} is no multiple of '
                       f'{FACTOR}: choose one that is')
    if settings.batch_size % devices:
        raise NSTError(f'batches of {settings.batch_size} can\'t be shared '
                       f'by {devices} devices: choose a multiple')
    if not 0 <= settings.decay <= 1:
        raise NSTError(f'a decay of {settings.decay} is no share of the '
                       'iterations: choose one from 0 to 1')
    if settings.content_weight == settings.style_weight == 0:
        raise NSTError('content and style weigh nothing: give one of them a '
                       'weight')


@dataclasses.dataclass
class Step:
    """What an iteration reports when it is done.

    `terms` are the weighted losses, means over the batches of all workers.
    `X` are pictures, (n, 3, size, size) in 0 ... 255, and `Y_hat` is what
    the network made of them.
    """

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
    """What a training returns.

    `history`, (iterations, 4), holds the losses in the order of
    `PerceptualLoss.terms`, then the total. `damaged` are the files that this
    worker could not read. `rank` is its number among the workers, 0 where it
    is alone.
    """

    net: gluon.HybridBlock
    history: onp.ndarray
    damaged: set
    seconds: float
    rank: int = 0
