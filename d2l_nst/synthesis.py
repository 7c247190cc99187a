"""The picture that is trained: GeneratedImage, its training, the stages."""

import dataclasses
import os
from typing import List

import mxnet as mx
from mxnet import gluon, init
from mxnet.gluon import nn

from . import images
from .errors import DivergedError, ImageError
from .losses import gram
from .objective import Objective
from .optimisers import Step, optimise
from .recipes import Recipe, get_recipe
from .vgg import CONTENT_LAYERS, STYLE_LAYERS, extract_features, get_net

SMALLEST = 16  # pixels a side: the network pools four times
BYTES_PER_PIXEL = 6900  # at the peak of recipe quick at 900x600


def get_contents(img, image_shape, net, content_layers=CONTENT_LAYERS,
                 ctx=None):
    """The content picture for the network, and its features.

    `image_shape`: (width, height). Returns content_X, (1, 3, H, W), and
    contents_Y, one (1, C, h, w) for each layer, on `ctx`.
    """
    content_X = images.preprocess(img, image_shape).copyto(ctx or mx.cpu())
    return content_X, extract_features(content_X, net, content_layers, ())[0]


def get_styles(img, image_shape, net, style_layers=STYLE_LAYERS, ctx=None):
    """The style picture for the network, and its features: as
    `get_contents`, with style_X and styles_Y."""
    style_X = images.preprocess(img, image_shape).copyto(ctx or mx.cpu())
    return style_X, extract_features(style_X, net, (), style_layers)[1]


class GeneratedImage(nn.Block):
    """The picture as a layer whose only parameter is its pixels.

    `img_shape`: that of the array, (1, 3, H, W).
    """

    def __init__(self, img_shape, **kwargs):
        super().__init__(**kwargs)
        self.weight = self.params.get('weight', shape=img_shape)

    def forward(self):
        return self.weight.data()


def get_inits(X, ctx, lr, styles_Y):
    """The picture to be trained, starting from X, (1, 3, H, W).

    Returns its pixels on `ctx`, the Gram matrices of `styles_Y`, and
    the Adam trainer that moves the pixels at learning rate `lr`.
    """
    gen_img = GeneratedImage(X.shape)
    gen_img.initialize(init.Constant(X), ctx=ctx, force_reinit=True)
    trainer = gluon.Trainer(gen_img.collect_params(), 'adam',
                            {'learning_rate': lr})
    styles_Y_gram = [gram(Y) for Y in styles_Y]
    return gen_img(), styles_Y_gram, trainer


def train(X, contents_Y, styles_Y, net, ctx, lr, num_epochs, lr_decay_epoch,
          on_step=None, optimiser='adam', stage=1,
          content_layers=CONTENT_LAYERS, style_layers=STYLE_LAYERS,
          **weights):
    """Train the picture X, (1, 3, H, W), and return it.

    `contents_Y` and `styles_Y` are the features to come close to. Adam's
    learning rate `lr` falls to a tenth every `lr_decay_epoch` epochs.
    `on_step` is called with each `Step`. `weights` are those of
    `compute_loss`. Raises `DivergedError`.
    """
    X, styles_Y_gram, trainer = get_inits(X, ctx, lr, styles_Y)
    objective = Objective(net, contents_Y, styles_Y_gram, content_layers,
                          style_layers, **weights)
    steps = optimise(X, objective, trainer if optimiser == 'adam'
                     else optimiser, num_epochs, lr_decay_epoch, stage)
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            return end.value
        if on_step:
            on_step(step)


# ------------------------------------------------------- the whole job
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
    in 0 ... 255. `image_shape`: (width, height) of the result; without
    it, the content's proportions on the recipe's area. `on_step` is
    called with each `Step`. `changes`: fields of the `Recipe`, and
    `num_epochs` of each stage. Each stage starts from the result of the
    one before, enlarged; the style picture keeps its proportions.

    Returns a `Result`; where the keyboard interrupts, with the picture
    reached so far. Raises `NSTError`.
    """
    recipe = get_recipe(recipe, **changes)
    content, style = read_picture(content), read_picture(style)
    shapes = stage_shapes(content, recipe, image_shape)
    style_shapes = [images.fit_shape(style, w * h) for w, h in shapes]
    ctx = ctx or mx.cpu()
    _check_memory(shapes[-1], ctx)
    net = get_net(recipe.network, recipe.content_layers
                  + recipe.style_layers, recipe.weights, ctx, recipe.seed)
    history, last = [], None

    def listen(step):
        nonlocal last
        last = step.X
        history.append(dataclasses.replace(step, X=None))
        if on_step:
            on_step(step)

    X, interrupted = content, False
    try:
        for i, stage in enumerate(recipe.stages):
            X = _run_stage(i, stage, X, content, style, shapes[i],
                           style_shapes[i], net, recipe, ctx, listen)
            last, X = X, images.postprocess(X) * 255
    except KeyboardInterrupt:
        if last is None:
            raise
        interrupted = True
    except DivergedError as e:
        good = last if e.X is None else e.X
        e.image = None if good is None else images.postprocess(good)
        e.history = history
        raise
    return Result(images.postprocess(last), history, recipe, interrupted)


def _run_stage(i, stage, img, content, style, shape, style_shape, net,
               recipe, ctx, listen):
    """Train one stage from the picture `img`; returns X."""
    _, contents_Y = get_contents(content, shape, net,
                                 recipe.content_layers, ctx)
    _, styles_Y = get_styles(style, style_shape, net,
                             recipe.style_layers, ctx)
    return train(
        images.preprocess(img, shape), contents_Y, styles_Y, net, ctx,
        recipe.lr, stage.num_epochs, stage.lr_decay_epoch, listen,
        recipe.optimiser, i + 1, recipe.content_layers,
        recipe.style_layers, content_weight=recipe.content_weight,
        style_weight=recipe.style_weight, tv_weight=recipe.tv_weight)


def _check_memory(shape, ctx):
    """Raise `ImageError` for a picture that this machine can't hold."""
    needed = shape[0] * shape[1] * BYTES_PER_PIXEL
    there = os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES')
    if ctx.device_type == 'cpu' and needed > there:
        raise ImageError(
            f'{shape[0]}x{shape[1]} needs about {needed / 2 ** 30:.0f} GB '
            f'of memory, and this machine has {there / 2 ** 30:.0f}: ask '
            'for a smaller --size (image_shape)')


def read_picture(img):
    """An (H, W, 3) array from a file's path or from an array, checked."""
    if isinstance(img, (str, bytes, os.PathLike)):
        img = images.read_image(img)
    img = images.to_numpy(img)
    images.check_size(img)
    return img


def stage_shapes(content, recipe, image_shape=None):
    """(width, height) of each stage. The last is `image_shape`, or has
    the content's proportions and the area of the recipe; the earlier ones
    keep the recipe's ratio to it."""
    widths = [stage.image_shape[0] for stage in recipe.stages]
    width, height = recipe.stages[-1].image_shape
    last = image_shape or images.fit_shape(content, width * height)
    if min(last) < SMALLEST:
        raise ImageError(f'{last[0]}x{last[1]} is too small: each side '
                         f'needs at least {SMALLEST} pixels')
    return [tuple(max(SMALLEST, round(side * w / widths[-1]))
                  for side in last) for w in widths]
