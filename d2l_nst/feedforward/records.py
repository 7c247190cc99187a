"""What decides a training, and what it tells: plain records."""

import dataclasses
from typing import Dict, Optional, Set, Tuple

import numpy as onp
from mxnet import gluon

from ..errors import NSTError
from ..layers import parse_layers
from ..ranges import (ABOVE, COUNT, PART, SHARE, WEIGHT, WHOLE,
                      check_numbers)
from ..recipes.settings import Recipe, option
from . import objective
from .levels import LEVELS, PICTURE
from .transformer import TransformerNet

FACTOR = TransformerNet.factor
RANGES = {'size': COUNT, 'style_size': COUNT, 'batch_size': COUNT,
          'epochs': COUNT, 'crops': COUNT, 'seed': WHOLE, 'fraction': SHARE,
          'lr': ABOVE, 'decay': PART,
          **dict.fromkeys((f'{name}_weight' for name in (
              'content', 'style', 'light', 'tv', 'picture')), WEIGHT)}


@dataclasses.dataclass(frozen=True)
class Common:
    """What decides the training of any network.

    `size` is the side of the square pictures in pixels. In the last
    iterations, a share `decay` of all, `lr` falls to nought. With `crops`
    an epoch has so many crops of the pictures, which may be few; without,
    each picture is seen once, whole.
    """

    size: int = option(256, 'pixels a side of what it is trained on')
    batch_size: int = option(4, 'pictures in a batch, of each worker')
    epochs: int = option(2, 'times that all pictures are seen')
    fraction: float = option(1, 'share of the pictures to use')
    crops: Optional[int] = option(None, 'crops of few pictures in an epoch')
    lr: float = option(1e-3, "Adam's learning rate")
    decay: float = option(0, 'share of the iterations, at the end, in which '
                          '--lr falls to nought')
    seed: int = option(1, 'of all that is random')
    weights: str = option(Recipe.weights, 'of the loss network, a VGG-16, as '
                          'for transfer', metavar='NAME|FILE')


@dataclasses.dataclass(frozen=True)
class Settings(Common):
    """All that decides what an image transformer network becomes.

    A style picture keeps its proportions and gets the area of `style_size`
    squared. Each loss is relative to what is looked for, so that the weights
    hold for any features and any style; layers may be written with a weight
    of their own, as in 'relu1_1:2'.
    """

    style_size: int = option(1024, 'a STYLE has the area of NxN pixels')
    content_weight: float = option(3, 'of the content loss')
    style_weight: float = option(10, 'of the style loss')
    light_weight: float = option(3, 'of what keeps light and dark')
    tv_weight: float = option(1, 'of total variation')
    precision: str = option(
        'auto', 'of the products; auto: bfloat16 where the processor is '
        'faster with it', ('float32', 'bfloat16', 'auto'))
    content_layers: Tuple[str, ...] = option(
        objective.CONTENT_LAYERS, 'whose features are to stay',
        metavar='NAME')
    style_layers: Tuple[str, ...] = option(
        objective.STYLE_LAYERS, 'whose Gram matrices are to become those of '
        'STYLE', metavar='NAME')

    def layers(self, kind: str) -> Dict[str, float]:
        """{layer: weight} of the 'content' or the 'style'; none of what
        weighs nothing."""
        if not getattr(self, f'{kind}_weight'):
            return {}
        return {layer.name: layer.weight for layer in parse_layers(
            getattr(self, f'{kind}_layers'))}


@dataclasses.dataclass(frozen=True)
class DecoderSettings(Common):
    """All that decides what a decoder becomes.

    It makes of the features of the layer `invert` what `down_to` says, the
    picture or the features of a shallower layer. Half of a batch is to be
    made again as it was, which weighs `picture_weight`. The other half is
    to be made with the statistics of `styles`, a folder of paintings, or of
    the other pictures: those weigh `style_weight`. It shall keep the light
    of what it shows, and be calm where that is.
    """

    size: int = 96
    batch_size: int = 8
    crops: Optional[int] = 2000
    weights: str = 'hed'
    style_weight: float = 0.3
    light_weight: float = option(1, 'of what keeps light and dark')
    tv_weight: float = option(0.5, 'of total variation')
    invert: str = option('relu3_1', 'train a decoder of this layer instead: '
                         f'one of {", ".join(LEVELS)}', metavar='LAYER')
    down_to: str = option(PICTURE, 'what the decoder makes of it: the '
                          'picture, or the features of a shallower layer',
                          metavar='LAYER')
    picture_weight: float = option(1, 'of the decoder\'s likeness to what '
                                   'was there')


def check_settings(settings: Common, devices: int = 1) -> None:
    """Raises `NSTError` for settings with which nothing can be trained."""
    for name, value in vars(settings).items():
        if name in RANGES and not (name == 'crops' and value is None):
            check_numbers(RANGES[name], **{name: value})
    for size in (settings.size, getattr(settings, 'style_size', 16)):
        if size < 16:
            raise NSTError(f'a size of {size} is too small: choose one from '
                           '16 up')
    if settings.size % FACTOR:
        raise NSTError(f'a size of {settings.size} is no multiple of '
                       f'{FACTOR}: choose one that is')
    if settings.batch_size % devices:
        raise NSTError(f'batches of {settings.batch_size} can\'t be shared '
                       f'by {devices} devices: choose a multiple')
    if isinstance(settings, Settings):
        if settings.content_weight == settings.style_weight == 0:
            raise NSTError('content and style weigh nothing: give one of '
                           'them a weight')


@dataclasses.dataclass
class Result:
    """What a training returns.

    `history`, (iterations, terms + 1), holds the losses in the order of
    `PerceptualLoss.terms`, then the total. `damaged` are the files that this
    worker could not read. `rank` is its number among the workers, 0 where it
    is alone. `output` is the network's file, beside the one that was asked
    for where another job made that meanwhile.
    """

    net: gluon.HybridBlock
    history: onp.ndarray
    damaged: Set[str]
    seconds: float
    rank: int = 0
    output: Optional[str] = None
