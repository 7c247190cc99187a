"""The whole job: a picture painted by a recipe, stage by stage."""

import time
from typing import Any, Callable, Optional, Union

import mxnet as mx

from ..chapter import postprocess, preprocess
from ..errors import DivergedError
from ..interrupts import passed_over
from ..kinds import Path, Shape
from ..recipes.fitting import on_weights
from ..recipes.systems import Recipe, get_recipe
from ..steps import Listener, Step
from ..vgg import VGG, get_net
from ..weights import find_weights
from .asked import asked
from .keeper import Keeper
from .memory import memory_there
from .pace import pace_of, seconds_of
from .pictures import Pictures
from .plan import Plan, choose_tile, sizes_of
from .result import Result, Told
from .stages import run_stage


@mx.util.use_np
def style_transfer(content: Any, style: Any,
                   recipe: Union[str, Recipe] = 'quick',
                   image_shape: Union[Shape, int, str, None] = None,
                   ctx: Any = None,
                   on_step: Optional[Callable[[Step], Any]] = None,
                   tile: Optional[int] = None,
                   checkpoint: Optional[Path] = None,
                   resume: Optional[Path] = None, **changes: Any) -> Result:
    """Paint the content picture in the manner of the style picture.

    `content`, `style`: a file, or an array (H, W, 3) of uint8 or of float
    in 0 ... 255; one that the recipe does not need is not looked at and
    may be None. `style` may be a `Style`, with masks, and a list of
    pictures or `Style`s, which are mixed by their weights where they meet.
    `image_shape`: (width, height) of the result, its longer side, or
    'content' for the content's own size; without it, the content's (or a
    lone style's) proportions on the recipe's area. `on_step` is called with
    each `Step`. `tile`: the network sees larger pictures in tiles of so
    many pixels a side, 0: never, and without it where the memory is too
    small for them. `checkpoint`: a file to be made, from which the job can
    go on where it was ended, by `resume` in its place, with the same
    arguments. `changes`: fields of the `Recipe`, and `num_epochs` of each
    stage, which starts from the one before; styles keep their proportions.
    Returns a `Result`; where the keyboard interrupts, or `on_step` answers
    with anything true, of the picture reached so far. Raises `NSTError`.
    """
    return Job(content, style, recipe, image_shape, ctx, tile,
               Keeper(checkpoint, resume), **changes).run(on_step)


class Job:
    """A picture to be painted; arguments are those of `style_transfer`, and
    a `Keeper`. A job is `like` another where it has its recipe and device,
    and so its network and its pace.

    When it is made, everything has been looked at, and nothing painted.
    """

    recipe: Recipe
    net: VGG
    pace: Optional[float]

    @mx.util.use_np
    def __init__(self, content: Any, style: Any,
                 recipe: Union[str, Recipe] = 'quick',
                 image_shape: Union[Shape, int, str, None] = None,
                 ctx: Any = None, tile: Optional[int] = None,
                 keep: Optional[Keeper] = None, like: Optional['Job'] = None,
                 **changes: Any):
        self.name, self.start = recipe, time.perf_counter()
        self.keep, self.ctx = keep or Keeper(), ctx or mx.cpu()
        if like:
            self.recipe, self.net, self.pace = like.recipe, like.net, like.pace
        else:
            self.recipe, self.net = _with_net(get_recipe(recipe, **changes),
                                              self.ctx)
            self.pace = None
        recipe = self.recipe
        self.pictures = Pictures(content, style, recipe, image_shape)
        self.sizes = sizes_of(recipe, self.pictures.shapes,
                              self.pictures.style_shapes)
        if tile is None and self.ctx.device_type != 'cpu':
            tile = 0    # how much memory there is we don't know
        if tile is None:
            tile = self.keep.tile
        self.tile, self.memory = choose_tile(recipe, self.sizes, tile,
                                             read=self.pictures.read)
        if self.keep.path:
            self.keep.check(asked(recipe, self.pictures, self.net, self.tile,
                                  self.ctx))

    @mx.util.use_np
    def plan(self) -> Plan:
        """What it will take, or what is left of it: a `Plan`. It paints a
        small picture to know how fast this machine is."""
        self.pace = self.pace or pace_of(self.recipe, self.net, self.ctx,
                                         self.sizes)
        epochs = [stage.num_epochs for stage in self.recipe.stages]
        left = self.keep.left(epochs)
        return Plan(self.pictures.shapes, left, self.tile, self.memory,
                    memory_there(),
                    seconds_of(self.recipe, left, self.sizes, self.tile,
                               self.pace)
                    + time.perf_counter() - self.start, sum(epochs))

    @mx.util.use_np
    def run(self, on_step: Optional[Listener] = None) -> Result:
        """Paint it: a `Result`."""
        with self.keep.alone():
            return self._run(Told(on_step))

    def _run(self, told):
        pictures, recipe, keep = self.pictures, self.recipe, self.keep
        first, img = keep.go_on(told) or (0, pictures.start())
        try:
            for i in range(first, len(recipe.stages)):
                img = self._stage(i, img, told)
                if told.stopped:
                    break
            else:
                keep.enter(len(recipe.stages))
        except KeyboardInterrupt:
            keep.write()
            if told.last is None:
                raise
            told.stopped = True
        except DivergedError as e:
            e.X, e.history = told.last, told.history
            if told.last is not None:
                e.result = self._result(told, e.where)
                e.image = e.result.image
            raise
        with passed_over():    # too late to stop anything
            return self._result(told)

    def _result(self, told, diverged=None):
        pictures = self.pictures
        return Result(
            postprocess(told.last), told.history, self.recipe, told.stopped,
            pictures.photo, [each.picture for each in pictures.styles],
            self.net, pictures.shapes,
            self.name if isinstance(self.name, str) else None,
            self.keep.seconds + time.perf_counter() - self.start, diverged)

    def _stage(self, i, img, told):
        """Paint one stage: the picture that the next begins with."""
        self.keep.enter(i, img)
        told.finish = self.pictures.finish(i)
        X = run_stage(i, self.recipe, self.net,
                      preprocess(img, self.pictures.shapes[i]), told,
                      self.ctx, self.pictures, self.tile, self.keep)
        if told.stopped:
            self.keep.write()
            return img
        told.last = told.finish(X)
        return postprocess(X) * 255


def _with_net(recipe, ctx):
    """A recipe as its weights allow, and its network."""
    weights = find_weights(recipe.weights, recipe.network)
    recipe = on_weights(recipe, weights)
    return recipe, get_net(recipe.network, recipe.layers, weights, ctx,
                           recipe.seed, recipe.pooling, recipe.scaled,
                           recipe.padding, recipe.precision)
