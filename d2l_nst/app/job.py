"""A picture that is being painted, and what is known of it meanwhile."""

import contextlib
import dataclasses
import os
import tempfile
import time
from typing import Any

import mxnet as mx
import numpy as onp

from ..chapter import postprocess
from ..controls.colours import luminance
from ..controls.style import Style
from ..engine.synthesis import Job
from ..errors import NSTError
from ..images import alpha_of, read_image, read_with_alpha, resize, shape_of
from ..outputs import card_path, save_card, save_image, save_unless_there
from ..recipes.start import Start
from ..scorecard import scorecard, used
from .order import FEATHER

WAITING, PAINTING, STOPPED, DONE, FAILED = (
    'waiting', 'painting', 'stopped', 'done', 'failed')


class Painting:
    """An `Order`, and how far it has come.

    `state` is one of the five above; `plan` says what it will take. Of an
    optimisation `steps` are all that were made, by the `recipe`; of a
    picture that went on they count on. `image` is what was reached, (H, W,
    3) uint8. Once it has ended, it lies in `path` with its `card`, unless
    `error` says why not. One thread paints; others may look on, and `stop`.
    """

    def __init__(self, order):
        self.order, self.state, self.recipe = order, WAITING, order.recipe
        self.steps, self.alpha = [], None
        self.image: Any = None
        self.plan, self.error, self.path, self.card = '', None, None, None
        self.stopping, self.sizes = False, ()
        self.continued, self.seconds = 0, 0.0
        # Of this turn: when its first step was made, how many were before,
        # and its work
        self.begun, self.first, self.work = 0.0, 0, 1

    @property
    def ended(self):
        return self.state in (STOPPED, DONE, FAILED)

    @property
    def may_go_on(self):
        return self.state in (STOPPED, DONE) and bool(self.steps)

    def stop(self):
        """Let it end at the next step, with the picture that was reached."""
        self.stopping = not self.ended

    def wait_again(self):
        """Get ready to go on from the picture that was reached. Raises
        `NSTError` where there is none."""
        if not self.may_go_on:
            raise NSTError('there is no optimisation that could go on: '
                           'paint the picture first')
        self.state, self.stopping = WAITING, False
        self.first = len(self.steps)
        self.continued += 1

    @property
    def done(self):
        """The share of this turn's work that is done, from 0 to 1."""
        return self._share(self.steps[self.first:])

    @property
    def seconds_left(self):
        """About how long it will take; None where nobody knows yet."""
        steps = self.steps[self.first:]
        if self.state != PAINTING or len(steps) < 2:
            return None
        since_first = self._share(steps[1:])
        return ((time.perf_counter() - self.begun) / since_first
                * (1 - self._share(steps)))

    def _share(self, steps):
        """A step of a large stage is more work than one of a small one."""
        return min(1, sum(self.recipe.stages[step.stage - 1].image_shape[0]
                          ** 2 for step in steps) / self.work)

    # ------------------------------------------------------ in the thread
    @mx.util.use_np
    def run(self, folder, ctx=None):
        """Paint it, and save it in the folder. Raises nothing: `error` tells
        what went wrong."""
        if self.stopping:
            self.state = STOPPED
            return
        self.state, self.error, ended, card = PAINTING, None, FAILED, {}
        try:
            paint = self._optimise if self.recipe else self._in_one_pass
            card, ended = paint(ctx or mx.cpu())
        except Exception as e:    # else it would end the thread unseen
            self.error = in_words(e)
        try:
            if self.image is not None:
                self._save(folder, card)
        except (NSTError, OSError) as e:
            self.error, ended = in_words(e), FAILED
        self.state = ended    # at last, when all the rest is there

    def _optimise(self, ctx):
        """Returns the card, and how it ended."""
        order, (stage, epoch) = self.order, self.reached()
        content = style = None
        if 'content' in order.needs:
            content, self.alpha = read_with_alpha(order.content)
        if 'style' in order.needs:
            style = Style(read_image(order.style), mask=order.mask)
        with self._rest(stage, epoch) as recipe:
            job = Job(content, style, recipe, order.size, ctx)
            self.plan = str(job.plan())
            self.work = sum(stage.image_shape[0] ** 2 * stage.num_epochs
                            for stage in recipe.stages)
            result = job.run(lambda step: self.see(dataclasses.replace(
                step, stage=step.stage + stage,
                epoch=step.epoch + (epoch if step.stage == 1 else 0))))
        self.seconds += result.seconds
        self.sizes = (*self.sizes[:stage], *result.sizes)
        result = dataclasses.replace(
            result, history=self.steps, name=order.method, sizes=self.sizes,
            recipe=dataclasses.replace(
                result.recipe, stages=self.recipe.stages,
                init=self.recipe.init), seconds=self.seconds)
        return result.scorecard(), STOPPED if result.interrupted else DONE

    def see(self, step):
        """Keep what a step has reached; whether it is the last one."""
        img = 255 * postprocess(step.X).asnumpy()
        self.image = onp.rint(img).astype('uint8')
        self.steps.append(step.without_pictures())
        if len(self.steps) == self.first + 1:   # it had to get ready before
            self.begun = time.perf_counter()
        return self.stopping

    def reached(self):
        """How many stages, and epochs of the next one, are behind it. Where
        all are, it is the last stage that goes on."""
        if not self.steps:
            return 0, 0
        stage, epoch = self.steps[-1].stage, self.steps[-1].epoch
        stages = self.recipe.stages
        if stage < len(stages) and epoch >= stages[stage - 1].num_epochs:
            return stage, 0
        return stage - 1, epoch

    @contextlib.contextmanager
    def _rest(self, stage, epoch):
        """The recipe of what is left to do. It starts from the picture that
        was reached: from its luminance, where that alone is painted."""
        if not self.steps:
            yield self.recipe
            return
        grey = self.order.colours == 'content'
        now, *later = self.recipe.stages[stage:]
        now = dataclasses.replace(now, num_epochs=(
            now.num_epochs - epoch if epoch < now.num_epochs
            else now.num_epochs))
        with tempfile.NamedTemporaryFile(suffix='.png') as file:
            save_image((luminance(self.image) if grey else self.image)
                       .astype('uint8'), file.name)
            yield dataclasses.replace(self.recipe, stages=(now, *later),
                                      init=Start('file', file.name))

    def _in_one_pass(self, ctx):
        """Returns the card, and how it ended."""
        from ..feedforward.any_style import TRANSFORM, load_any_style
        from ..feedforward.painting import paint_pictures
        from ..feedforward.touch import Touched
        order, start = self.order, time.perf_counter()
        img, self.alpha = read_with_alpha(order.content)
        img = onp.rint(resize(img, shape_of(img.shape[1::-1], order.size)))
        painter = Touched(load_any_style([read_image(order.style)], ctx=ctx),
                          order.mask, FEATHER, order.colours)
        self.image = paint_pictures(painter, [img], order.strength)[0]
        card = scorecard(self.image, img, method='paint',
                         transform=TRANSFORM, strength=order.strength,
                         feather=FEATHER, colours=order.colours)
        return {**card, **used(time.perf_counter() - start)}, DONE

    def _save(self, folder, card):
        """Save picture and card: where they lie already, if they do."""
        again, crop = self.path is not None, self.recipe and self.recipe.crop
        self.card = {**card, **self.order.files,
                     'mask': self.order.mask is not None,
                     'continued': self.continued}
        self.path = save_unless_there(
            self.image, self.path or free_name(folder, self.order.name),
            alpha_of(self.alpha, self.image, crop), self.card, force=again)
        save_card(self.card, self.path, force=again)


def free_name(folder, name):
    """The first of name.png, name-2.png and so on that is not in the folder
    and has no card there."""
    paths = (os.path.join(folder, f'{name}{end}.png') for end in
             ('', *(f'-{i}' for i in range(2, 10 ** 5))))
    return next(path for path in paths if not os.path.exists(path)
                and not os.path.exists(card_path(path)))


def in_words(error):
    """What a user is told of an error."""
    if isinstance(error, MemoryError):
        return 'there is not enough memory: choose a smaller size'
    lines = str(error).strip().splitlines()
    return (str(error) if isinstance(error, NSTError) else
            f'{type(error).__name__}: {lines[-1] if lines else ""}')
