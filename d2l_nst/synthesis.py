"""The whole job: a picture painted by a recipe, stage by stage."""

import dataclasses
from typing import List

import mxnet as mx
from mxnet import np

from . import images
from .chapter import get_inits, postprocess, preprocess
from .errors import DivergedError
from .memory import bytes_per_pixel, check_memory
from .objective import make_objective
from .optimisers import optimise
from .recipes import Recipe, get_recipe
from .settings import on_weights
from .sizes import stage_shapes, style_shapes
from .starts import read_picture, start_picture
from .steps import Step
from .vgg import get_net
from .weights import find_weights


@dataclasses.dataclass
class Result:
    """A finished picture, (H, W, 3) in [0, 1] on the CPU, and how it came
    about: the recipe, the `Step` of each epoch (without its picture), and
    whether the keyboard interrupted it."""

    image: mx.np.ndarray
    history: List[Step]
    recipe: Recipe
    interrupted: bool = False


def style_transfer(content, style, recipe='quick', image_shape=None,
                   ctx=None, on_step=None, **changes):
    """Paint the content picture in the manner of the style picture.

    `content`, `style`: a file, or an array (H, W, 3) of uint8 or of float
    in 0 ... 255; one that the recipe does not need is not looked at and
    may be None. `image_shape`: (width, height) of the result; without it,
    the content's proportions (or the style's, where it is alone) on the
    recipe's area. `on_step` is called with each `Step`. `changes`: fields
    of the `Recipe`, and `num_epochs` of each stage. Each stage starts from
    the result of the one before, enlarged; the style picture keeps its
    proportions.

    Returns a `Result`; where the keyboard interrupts, with the picture
    reached so far. Raises `NSTError`.
    """
    recipe = get_recipe(recipe, **changes)
    weights = find_weights(recipe.weights, recipe.network)
    recipe = on_weights(recipe, weights)
    content, style, shapes, style_sizes = _prepare(content, style, recipe,
                                                   image_shape)
    ctx = ctx or mx.cpu()
    if ctx.device_type == 'cpu':
        check_memory([side + 2 * recipe.margin for side in shapes[-1]],
                     bytes_per_pixel(recipe), 'ask for a smaller --size '
                     '(image_shape)')
    net = get_net(recipe.network, recipe.layers, weights, ctx, recipe.seed,
                  recipe.pooling, recipe.scaled, recipe.padding,
                  recipe.precision)
    history, last = [], None

    def listen(step):
        nonlocal last
        last = step.X
        history.append(dataclasses.replace(step, X=None))
        if on_step:
            on_step(step)

    img, interrupted = start_picture(recipe, content, style, shapes[0]), False
    try:
        for i, shape in enumerate(shapes):
            last = _run_stage(
                i, recipe, net, preprocess(img, shape), listen, ctx,
                _on(ctx, content, shape), _on(ctx, style, style_sizes[i]))
            img = postprocess(last) * 255
    except KeyboardInterrupt:
        if last is None:
            raise
        interrupted = True
    except DivergedError as e:
        e.X, e.history = last, history
        e.image = None if last is None else postprocess(last)
        raise
    return Result(postprocess(last), history, recipe, interrupted)


def _prepare(content, style, recipe, image_shape):
    """The pictures, None for one that is not needed, and their sizes."""
    content, style = (
        read_picture(img) if name in recipe.needs else None
        for name, img in (('content', content), ('style', style)))
    shapes = stage_shapes(style if content is None else content, recipe,
                          image_shape)
    if recipe.crop:
        content, style = (
            img if img is None else images.centre_crop(img, shapes[-1])
            for img in (content, style))
    return content, style, shapes, style_shapes(style, recipe, shapes)


def _on(ctx, img, shape):
    return None if img is None else preprocess(img, shape).copyto(ctx)


def _with_margin(X, margin):
    """(1, 3, H, W) with a mirrored margin, `margin` wide on each side."""
    sides = (margin, margin), (margin, margin)
    return np.pad(X, ((0, 0), (0, 0), *sides), mode='reflect')


def _run_stage(i, recipe, net, X, listen, ctx, content_X, style_X):
    """Train one stage from the picture X; returns it."""
    stage = recipe.stages[i]
    margin = min(recipe.margin, min(X.shape[2:]) // 2)
    inside = slice(margin, -margin or None)
    X, content_X = (Y if Y is None or not margin else _with_margin(Y, margin)
                    for Y in (X, content_X))

    def without_margin(X):
        return X[:, :, inside, inside]

    X, _, trainer = get_inits(X, ctx, recipe.lr, [])
    objective = make_objective(recipe, net, X, content_X, style_X)
    return without_margin(optimise(
        X, objective, trainer if recipe.optimiser == 'adam' else
        recipe.optimiser, stage.num_epochs, lambda step: listen(
            dataclasses.replace(step, X=without_margin(step.X))),
        stage.lr_decay_epoch, stage.lr_decay, i + 1, recipe.smoothness))
