"""One stage of a job: a picture of one size, optimised with its margin."""

import dataclasses
from typing import Any, Optional

import numpy as onp
from mxnet import np

from ..chapter import get_inits
from ..kinds import Array
from ..recipes.settings import Recipe
from ..steps import Listener
from ..vgg import VGG
from .keeper import Keeper
from .looking import look_at_large
from .objective import make_objective
from .optimisers import optimise
from .pictures import Pictures
from .plan import is_tiled, tileable
from .tiles import Tiled, make_tiled


def with_margin(X: Array, margin: int) -> Array:
    """(1, 3, H, W) with a mirrored margin, `margin` wide on each side."""
    if not margin:
        return X
    sides = (margin, margin), (margin, margin)
    return np.pad(X, ((0, 0), (0, 0), *sides), mode='reflect')


def run_stage(i: int, recipe: Recipe, net: VGG, X: Array, listen: Listener,
              ctx: Any, pictures: Pictures, tile: int = 0,
              keep: Optional[Keeper] = None) -> Array:
    """Train one stage of `Pictures` from the picture X; returns it. `tile`
    as in `Plan`, `keep` is a `Keeper`."""
    stage = recipe.stages[i]
    margin = min(recipe.margin, min(X.shape[2:]) // 2)
    inside = slice(margin, -margin or None)

    def without_margin(X):
        return X[:, :, inside, inside]

    X, _, trainer = get_inits(with_margin(X, margin), ctx, recipe.lr, [])
    objective = _objective(recipe, net, X, margin, tile,
                           *pictures.seen(i, ctx))
    return without_margin(optimise(
        X, objective, trainer if recipe.optimiser == 'adam' else
        recipe.optimiser, stage.num_epochs, lambda step: listen(
            dataclasses.replace(step, X=without_margin(step.X))),
        stage.lr_decay_epoch, stage.lr_decay, i + 1, recipe.smoothness,
        recipe.tolerance, isinstance(objective, Tiled), keep))


def _objective(recipe, net, X, margin, tile, content_X, styles):
    """The objective of one stage, in tiles where its pictures are larger.
    Its pictures may be huge, and are forgotten when it is made."""
    content_X = content_X if content_X is None else with_margin(content_X,
                                                                margin)
    styles = [style if style.mask is None else style._replace(
        mask=onp.pad(style.mask, margin, mode='reflect'))
        for style in styles]
    pixels = [Y[0, 0].size for Y in (X, *(style.X for style in styles))]
    if is_tiled(tile, *pixels):
        return make_tiled(recipe, net, X, content_X, styles, tile)
    return make_objective(recipe, net, X, content_X, styles,
                          look_at_large if tileable(recipe) else None)
