"""Recipes fitted to a network, to its weights and to a strength."""

import dataclasses
import math
import re

from ..layers import BLOCKS, PIXELS, layer_index, layer_weights
from ..weights import DEFAULT, reach, within_reach

LAYERS = 'content_layers', 'style_layers'
STRENGTH = 20


def on_network(recipe, kept=()):
    """The recipe's layers, but for the fields `kept`, as its network has
    them: `conv4_4` in VGG-16 becomes the last of its block, and what is
    behind the last layer that its weights reach is left out."""
    def nearest(entry):
        named = re.match(r'(conv|relu)([1-5])_(\d+)(:.*)?$', str(entry))
        if not named:  # an index, or a pooling
            return entry
        kind, block, number, weight = named.groups()
        last = depths[int(block) - 1]
        return f'{kind}{block}_{min(int(number), last)}{weight or ""}'

    def reached(entry):
        layer, = layer_weights([entry])
        return layer == PIXELS or layer_index(layer, recipe.network) <= end

    if recipe.network not in BLOCKS:
        return recipe  # `check_recipe` tells
    depths = BLOCKS[recipe.network]
    last = reach(recipe.weights, recipe.network)
    end = layer_index(last, recipe.network) if last else math.inf
    return with_layers(recipe, lambda layers: tuple(
        filter(reached, map(nearest, layers))), kept)


def with_layers(recipe, change, kept=()):
    """The recipe with `change` of its layers, those of the `terms` that it
    adds too, but for the fields `kept`."""
    fields = {name: change(getattr(recipe, name)) for name in LAYERS
              if name not in kept}
    if 'terms' not in kept:
        fields['terms'] = tuple(
            dataclasses.replace(term, layers=change(term.layers))
            for term in recipe.terms)
    return dataclasses.replace(recipe, **fields)


def with_strength(recipe):
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


def on_weights(recipe, weights):
    """The recipe with the loss weights that suit these `Weights`, and the
    layers that they reach: the source's own loss weights on ImageNet's
    features, and the nearest layers that there are."""
    if weights.unit and recipe.published:
        recipe = dataclasses.replace(recipe, relative=False, scaled=False,
                                     published={}, **recipe.published)
    if weights.last is None or recipe.weights != DEFAULT:
        return recipe

    def nearest(entry):
        layer, colon, weight = str(entry).partition(':')
        return within_reach(layer, weights, recipe.network) + colon + weight

    return with_layers(recipe, lambda layers: tuple(
        dict.fromkeys(map(nearest, layers))))
