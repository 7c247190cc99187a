"""What no recipe may ask for, in words that say what to do."""

import dataclasses

from ..errors import NSTError
from ..layers import layer_index
from ..ranges import (ABOVE, COUNT, NATURAL, SCALE, WEIGHT, WHOLE,
                      check_numbers, check_weights)
from .settings import Recipe, check_strength
from .start import STARTS


def check_recipe(recipe: Recipe) -> None:
    """Raise `NSTError` where a setting is unknown or two don't agree."""
    for field in dataclasses.fields(Recipe):
        value, choices = (getattr(recipe, field.name),
                          field.metadata.get('choices'))
        if choices and value not in (*choices, field.default):
            raise NSTError(f'unknown {field.name} {value}: choose one of '
                           f'{", ".join(choices)}')
    check_strength(recipe.strength)
    check_amounts(recipe)
    if not any([recipe.content_weight, recipe.style_weight, recipe.tv_weight,
                *(term.weight for term in recipe.terms)]):
        raise NSTError('all weights are 0, so that there is nothing to '
                       'paint: choose one above 0')
    for layer in recipe.layers:
        layer_index(layer, recipe.network)
    for name in STARTS[recipe.init.kind]:
        if name not in recipe.needs:
            raise NSTError(f'this recipe knows no {name} picture to start '
                           f'from: choose another init than {recipe.init}')
    if recipe.colours != 'style' and recipe.needs != ('content', 'style'):
        raise NSTError('there is no other picture whose colours could be '
                       'kept: leave the colours out')
    if recipe.tv == 'guided' and 'content' not in recipe.needs:
        raise NSTError('guided variation looks at the content picture, which '
                       'this recipe has not: choose the tv squared')
    if recipe.tuned and recipe.optimiser != 'adam':
        raise NSTError('tuned gradients belong to no one loss that lbfgs '
                       'could follow: choose the optimiser adam')


def check_amounts(recipe: Recipe) -> None:
    """Raise `NSTError` where a number is none, or none that can be."""
    check_numbers(WEIGHT, **{name: getattr(recipe, name) for name in (
        'content_weight', 'style_weight', 'tv_weight', 'tolerance',
        'smoothness', 'feather')})
    check_weights(term.weight for term in recipe.terms)
    check_numbers(ABOVE, lr=recipe.lr)
    check_numbers(SCALE, style_scale=recipe.style_scale)
    check_numbers(NATURAL, margin=recipe.margin)
    check_numbers(WHOLE, seed=recipe.seed)
    for stage in recipe.stages:
        check_numbers(COUNT, width=stage.image_shape[0],
                      height=stage.image_shape[1])
        check_numbers(COUNT, num_epochs=stage.num_epochs,
                      lr_decay_epoch=stage.lr_decay_epoch)
        check_numbers(ABOVE, lr_decay=stage.lr_decay)
