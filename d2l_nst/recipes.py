"""Named settings as data: each published system is a recipe."""

import dataclasses
import os
import re
from typing import Tuple

from .errors import NSTError
from .losses import CONTENT_WEIGHT, STYLE_WEIGHT, TV_WEIGHT
from .vgg import BLOCKS, CONTENT_LAYERS, STYLE_LAYERS, layer_index


@dataclasses.dataclass(frozen=True)
class Stage:
    """One size of the picture and how long it is optimised.

    `image_shape` is (width, height), `num_epochs` the number of times the
    loss and its gradient are computed. `lr_decay_epoch` is Adam's alone:
    after so many epochs the learning rate falls to a tenth.
    """

    image_shape: Tuple[int, int]
    num_epochs: int
    lr_decay_epoch: int = 200


@dataclasses.dataclass(frozen=True)
class Recipe:
    """All the settings of an image optimisation."""

    stages: Tuple[Stage, ...]
    optimiser: str = 'adam'
    lr: float = 0.01
    network: str = 'vgg19'
    weights: str = 'random'
    seed: int = 1
    content_layers: Tuple = CONTENT_LAYERS
    style_layers: Tuple = STYLE_LAYERS
    content_weight: float = CONTENT_WEIGHT
    style_weight: float = STYLE_WEIGHT
    tv_weight: float = TV_WEIGHT


RECIPES = {
    # The chapter: 225x150 from the content picture, then 900x600
    'book': Recipe((Stage((225, 150), 500, 200),
                    Stage((900, 600), 300, 100))),
    # The same losses and sizes, minimised by L-BFGS-B within the pixels'
    # bounds: each step knows the curvature of the last ten. More epochs
    # on the small picture would lower its loss and blur the scene
    'quick': Recipe((Stage((225, 150), 14), Stage((450, 300), 12),
                     Stage((900, 600), 12)),
                    optimiser='lbfgs'),
}


def get_recipe(recipe='quick', num_epochs=None, **changes):
    """A recipe by name (or itself), with some of its fields changed.

    `num_epochs` is set in each stage. A layer that another network does
    not have (`conv4_4` in VGG-16) becomes the last of its block. Raises
    `NSTError`.
    """
    if isinstance(recipe, str):
        if recipe not in RECIPES:
            raise NSTError(f'unknown recipe {recipe}: choose one of '
                           f'{", ".join(RECIPES)}')
        recipe = RECIPES[recipe]
    recipe = dataclasses.replace(recipe, **changes)
    if 'network' in changes:
        recipe = _on_network(recipe, changes)
    for layer in recipe.content_layers + recipe.style_layers:
        layer_index(layer, recipe.network)
    if num_epochs is not None:
        recipe = dataclasses.replace(recipe, stages=tuple(
            dataclasses.replace(stage, num_epochs=num_epochs)
            for stage in recipe.stages))
    return recipe


def _on_network(recipe, changes):
    """The recipe's own layers as the other network has them."""
    def nearest(layer):
        named = re.match(r'(conv|relu)([1-5])_(\d+)$', str(layer))
        if not named:  # an index, or a pooling
            return layer
        kind, block, number = named.groups()
        return f'{kind}{block}_{min(int(number), depths[int(block) - 1])}'

    depths = BLOCKS.get(recipe.network, BLOCKS['vgg19'])
    layers = {name: tuple(map(nearest, getattr(recipe, name)))
              for name in ('content_layers', 'style_layers')
              if name not in changes}
    return dataclasses.replace(recipe, **layers)


def budget(num_epochs):
    """`num_epochs`, or fewer where D2L_NST_BUDGET says so.

    The notebooks train for `budget(500)` epochs: 500 for a reader, a
    handful where a check sets the environment variable.
    """
    return min(num_epochs, int(os.environ.get('D2L_NST_BUDGET', num_epochs)))
