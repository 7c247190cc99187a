"""The whole job: a picture painted by a recipe, stage by stage."""

import dataclasses
import time
from typing import Any, List, Optional, Tuple

import mxnet as mx
import numpy as onp
from mxnet import np

from ..chapter import get_inits, postprocess, preprocess
from ..errors import DivergedError
from ..recipes.fitting import on_weights
from ..recipes.systems import Recipe, get_recipe
from ..steps import Step
from ..vgg import get_net
from ..weights import find_weights
from .memory import bytes_per_pixel, check_memory
from .objective import make_objective
from .optimisers import optimise
from .pictures import Pictures


@dataclasses.dataclass
class Result:
    """A finished picture, (H, W, 3) in [0, 1] on the CPU, and how it came
    about: the recipe, the `Step` of each epoch (without its picture), and
    whether it was interrupted, by the keyboard or by `on_step`. What follows
    is for the `scorecard`: the pictures that were looked at, (H, W, 3), the
    network, (width, height) of the stages, the recipe's name and the
    seconds it took."""

    image: mx.np.ndarray
    history: List[Step]
    recipe: Recipe
    interrupted: bool = False
    content: Any = dataclasses.field(default=None, repr=False)
    styles: List[Any] = dataclasses.field(default_factory=list, repr=False)
    net: Any = dataclasses.field(default=None, repr=False)
    sizes: Tuple = ()
    name: Optional[str] = None
    seconds: float = 0

    @mx.util.use_np
    def scorecard(self, recipe=None):
        """What the picture was made with and how near it comes: a dict that
        JSON can hold (`d2l_nst.scorecard`). `recipe` is the name of the
        recipe where it was given as a `Recipe`."""
        from ..scorecard import of_transfer
        return of_transfer(self, recipe)


@mx.util.use_np
def style_transfer(content, style, recipe='quick', image_shape=None,
                   ctx=None, on_step=None, **changes):
    """Paint the content picture in the manner of the style picture.

    `content`, `style`: a file, or an array (H, W, 3) of uint8 or of float
    in 0 ... 255; one that the recipe does not need is not looked at and
    may be None. `style` may be a `Style`, with masks, and a list of
    pictures or `Style`s, which are mixed by their weights where they meet.
    `image_shape`: (width, height) of the result, its longer side, or
    'content' for the content's own size; without it, the content's (or a
    lone style's) proportions on the recipe's area. `on_step` is called with
    each `Step`. `changes`: fields of the `Recipe`, and `num_epochs` of each
    stage, which starts from the one before; styles keep their proportions.
    Returns a `Result`; where the keyboard interrupts, or `on_step` answers
    with anything true, of the picture reached so far. Raises `NSTError`.
    """
    name, start = recipe, time.perf_counter()
    recipe = get_recipe(recipe, **changes)
    weights = find_weights(recipe.weights, recipe.network)
    recipe, ctx = on_weights(recipe, weights), ctx or mx.cpu()
    pictures = Pictures(content, style, recipe, image_shape)
    net = _network(recipe, weights, pictures.shapes[-1], ctx)
    img, told = pictures.start(), Told(on_step)
    try:
        for i, shape in enumerate(pictures.shapes):
            told.finish = pictures.finish(i)
            X = run_stage(i, recipe, net, preprocess(img, shape), told, ctx,
                          *pictures.seen(i, ctx))
            if told.stopped:
                break
            told.last, img = told.finish(X), postprocess(X) * 255
    except KeyboardInterrupt:
        if told.last is None:
            raise
        told.stopped = True
    except DivergedError as e:
        e.X, e.history = told.last, told.history
        e.image = None if told.last is None else postprocess(told.last)
        raise
    return Result(postprocess(told.last), told.history, recipe, told.stopped,
                  pictures.photo, [each.picture for each in pictures.styles],
                  net, pictures.shapes,
                  name if isinstance(name, str) else None,
                  time.perf_counter() - start)


class Told:
    """Keeps the history of a job and its last picture, and passes each
    `Step` on to `on_step`, which may ask for the end. `finish` is that of
    `Pictures`: what is shown is finished, what is optimised is not."""

    def __init__(self, on_step=None):
        self.on_step, self.history = on_step, []
        self.last, self.stopped = None, False
        self.finish: Any = None

    def __call__(self, step):
        step = dataclasses.replace(step, X=self.finish(step.X))
        self.last = step.X
        self.history.append(step.without_pictures())
        self.stopped = bool(self.on_step and self.on_step(step))
        return self.stopped


def _network(recipe, weights, shape, ctx):
    """The recipe's network, if there is memory for a picture of `shape`."""
    if ctx.device_type == 'cpu':
        check_memory([side + 2 * recipe.margin for side in shape],
                     bytes_per_pixel(recipe), 'ask for a smaller --size '
                     '(image_shape)')
    return get_net(recipe.network, recipe.layers, weights, ctx, recipe.seed,
                   recipe.pooling, recipe.scaled, recipe.padding,
                   recipe.precision)


def with_margin(X, margin):
    """(1, 3, H, W) with a mirrored margin, `margin` wide on each side."""
    sides = (margin, margin), (margin, margin)
    return np.pad(X, ((0, 0), (0, 0), *sides), mode='reflect')


def run_stage(i, recipe, net, X, listen, ctx, content_X, styles):
    """Train one stage from the picture X; returns it. `content_X` and
    `styles` are what `Pictures.seen` returns."""
    stage = recipe.stages[i]
    margin = min(recipe.margin, min(X.shape[2:]) // 2)
    inside = slice(margin, -margin or None)
    X, content_X = (Y if Y is None or not margin else with_margin(Y, margin)
                    for Y in (X, content_X))
    styles = [style if style.mask is None else style._replace(
        mask=onp.pad(style.mask, margin, mode='reflect'))
        for style in styles]

    def without_margin(X):
        return X[:, :, inside, inside]

    X, _, trainer = get_inits(X, ctx, recipe.lr, [])
    objective = make_objective(recipe, net, X, content_X, styles)
    return without_margin(optimise(
        X, objective, trainer if recipe.optimiser == 'adam' else
        recipe.optimiser, stage.num_epochs, lambda step: listen(
            dataclasses.replace(step, X=without_margin(step.X))),
        stage.lr_decay_epoch, stage.lr_decay, i + 1, recipe.smoothness,
        recipe.tolerance))
