"""Recipes fitted to a network, to its weights and to a strength."""

import dataclasses
import math
import re
from typing import Any, Callable, Collection, Dict, Tuple

from ..layers import BLOCKS, PIXELS, Layer, layer_index
from ..weights import DEFAULT, reach, within_reach
from ..weights.record import Weights
from .settings import Recipe

LAYERS = 'content_layers', 'style_layers'
STRENGTH = 20


def on_network(recipe: Recipe, kept: Collection[str] = ()) -> Recipe:
    """The recipe's layers, but for the fields `kept`, as its network has
    them: `conv4_4` in VGG-16 becomes the last of its block, and what is
    behind the last layer that its weights reach is left out."""
    def nearest(layer):
        named = re.match(r'(conv|relu)([1-5])_(\d+)$', layer.name)
        if not named:  # an index, or a pooling
            return layer
        kind, block, number = named.groups()
        number = min(int(number), depths[int(block) - 1])
        return dataclasses.replace(layer, name=f'{kind}{block}_{number}')

    def reached(layer):
        return (layer.name == PIXELS
                or layer_index(layer.name, recipe.network) <= end)

    if recipe.network not in BLOCKS:
        return recipe  # `check_recipe` tells
    depths = BLOCKS[recipe.network]
    last = reach(recipe.weights, recipe.network)
    end = layer_index(last, recipe.network) if last else math.inf
    return with_layers(recipe, lambda layers: tuple(
        filter(reached, map(nearest, layers))), kept)


def with_layers(recipe: Recipe,
                change: Callable[[Tuple[Layer, ...]], Tuple[Layer, ...]],
                kept: Collection[str] = ()) -> Recipe:
    """The recipe with `change` of its layers, those of the `terms` that it
    adds too, but for the fields `kept`."""
    fields: Dict[str, Any] = {
        name: change(getattr(recipe, name)) for name in LAYERS
        if name not in kept}
    if 'terms' not in kept:
        fields['terms'] = tuple(
            dataclasses.replace(term, layers=change(term.layers))
            for term in recipe.terms)
    return dataclasses.replace(recipe, **fields)


def with_strength(recipe: Recipe) -> Recipe:
    """The recipe whose weights have its `strength`: as they stand at 0.5.

    All that draws the picture to the style weighs `STRENGTH` times as much
    at 1, and nothing at 0. There the smoothing of strokes that are not
    there, and the start in the style's palette, end too, so that the
    photograph stays.
    """
    if recipe.strength == 0.5 or recipe.needs != ('content', 'style'):
        return recipe
    factor = STRENGTH ** (2 * recipe.strength - 1)
    if recipe.strength < 0.5:  # from 0, not from 1 / STRENGTH
        factor = (factor * STRENGTH - 1) / (STRENGTH - 1)
    part = min(1, 2 * recipe.strength)
    return dataclasses.replace(
        recipe, style_weight=recipe.style_weight * factor,
        terms=tuple(dataclasses.replace(term, weight=term.weight * factor)
                    if term.comes_from == 'style' else term
                    for term in recipe.terms),
        tv_weight=recipe.tv_weight * part)


def on_weights(recipe: Recipe, weights: Weights) -> Recipe:
    """The recipe with the loss weights that suit these `Weights`, and the
    layers that they reach: the source's own loss weights on ImageNet's
    features, and the nearest layers that there are."""
    if weights.unit and recipe.published:
        recipe = dataclasses.replace(recipe, relative=False, scaled=False,
                                     published={}, **recipe.published)
    if weights.last is None or recipe.weights != DEFAULT:
        return recipe
    return with_layers(recipe, lambda layers: tuple(
        layer if layer.name == PIXELS else
        dataclasses.replace(layer, name=within_reach(
            layer.name, weights, recipe.network)) for layer in layers))
