"""A picture that is being painted, and what is known of it meanwhile."""

import dataclasses
import functools
import os
import time
from typing import Any, Optional

import mxnet as mx
import numpy as onp

from ..chapter import postprocess
from ..controls.colours import luminance
from ..controls.style import Style
from ..engine.keeper import Keeper
from ..engine.synthesis import Job
from ..errors import DivergedError, NSTError
from ..images import alpha_of, read_image, read_with_alpha, resize, shape_of
from ..kept import before, remove
from ..kinds import Array, Card, Path
from ..outputs import (card_path, eight_bits, save_card, save_image,
                       save_unless_there)
from ..scorecard import scorecard, used
from ..steps import Step
from .order import FEATHER, Order, look_at
from .pictures import smaller

WAITING, PAINTING, STOPPED, DONE, FAILED = (
    'waiting', 'painting', 'stopped', 'done', 'failed')


class Painting:
    """An `Order`, and how far it has come.

    `state` is one of the five above; `plan` says what it will take. Of an
    optimisation `steps` are all that were made, by the `recipe`. `image` is
    what was reached, (H, W, 3) uint8. Once it has ended, it lies in `path`
    with its `card`, unless `error` says why not. One thread paints; others
    may look on, and `stop`. The file `kept` holds what it goes on from.
    """

    def __init__(self, order: Order, kept: str):
        self.order, self.kept, self.recipe = order, kept, order.recipe
        self.state, self.steps, self.alpha = WAITING, [], None
        self.image: Any = None
        self.path: Any = None
        self.plan = ''
        self.error: Optional[str] = None
        self.card: Card = {}
        self.stopping, self.continued = False, 0
        # Of this turn: when its first step was made, and what was done then
        self.begun, self.first = 0.0, 0.0

    @property
    def ended(self) -> bool:
        return self.state in (STOPPED, DONE, FAILED)

    @property
    def may_go_on(self) -> bool:
        return self.state in (STOPPED, DONE) and bool(self.steps)

    def stop(self) -> None:
        """Let it end at the next step, with the picture that was reached;
        one that waits at once."""
        self.stopping = not self.ended
        if self.state == WAITING:
            self.state = STOPPED

    def wait_again(self) -> None:
        """Get ready to go on where it was stopped."""
        self.state, self.stopping = WAITING, False
        self.continued += 1

    def further(self) -> Order:
        """The `Order` of a picture that begins where this one ended: with
        its luminance, where that alone is painted."""
        path = os.path.join(os.path.dirname(self.kept),
                            os.path.basename(self.path))
        save_image(luminance(self.image).astype('uint8') if
                   self.order.colours == 'content' else self.image, path)
        return dataclasses.replace(self.order, start=path)

    @functools.cached_property
    def faded(self) -> Array:
        """What it is painted from, small and pale, (H, W, 3) uint8."""
        path = getattr(self.order, self.order.needs[0])
        small = onp.asarray(smaller(look_at(path), 120), 'uint8')
        return small // 4 + 160

    def forget(self) -> None:
        """Remove what it goes on from."""
        remove(self.kept, before(self.kept))

    @property
    def done(self) -> float:
        """The share of the work that is done, from 0 to 1: a step of a
        large stage is more of it than one of a small one. 0 of one pass."""
        if self.recipe is None:
            return 0
        stages = self.recipe.stages
        return min(1, sum(stages[step.stage - 1].image_shape[0] ** 2
                          for step in self.steps)
                   / sum(stage.image_shape[0] ** 2 * stage.num_epochs
                         for stage in stages))

    @property
    def seconds_left(self) -> Optional[float]:
        """About how long it will take; None where nobody knows yet."""
        done = self.done if self.state == PAINTING and self.begun else 0
        if done <= self.first:
            return None
        return ((time.perf_counter() - self.begun) / (done - self.first)
                * (1 - done))

    # ------------------------------------------------------ in the thread
    @mx.util.use_np
    def run(self, folder: str, ctx: Any = None) -> None:
        """Paint it, and save it in the folder. Raises nothing: `error` tells
        what went wrong."""
        if self.state != WAITING:
            return
        self.state, self.error, ended, card = PAINTING, None, FAILED, {}
        self.begun = 0.0
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
        order, content, style = self.order, None, None
        paths = order.paths
        if 'content' in paths:
            content, self.alpha = read_with_alpha(paths['content'])
        if 'style' in paths:
            style = Style(read_image(paths['style']), mask=order.mask)
        keep = (Keeper(resume=self.kept) if self.steps
                else Keeper(self.kept))
        job = Job(content, style, self.recipe, order.size, ctx, keep=keep)
        self.steps = list(keep.history)
        self.plan = '' if self.steps else str(job.plan())
        try:
            result = job.run(self.see)
        except DivergedError as e:
            if e.result is None:
                raise
            self.error = in_words(e)
            return e.result.scorecard(order.method), FAILED
        self.image = eight_bits(result.image)
        return result.scorecard(order.method), (
            STOPPED if result.interrupted else DONE)

    def see(self, step: Step) -> bool:
        """Keep what a step has reached; whether it is the last one."""
        self.image = eight_bits(postprocess(step.X))
        self.steps.append(step.without_pictures())
        if not self.begun:    # it had to get ready before
            self.begun, self.first = time.perf_counter(), self.done
        return self.stopping

    def _in_one_pass(self, ctx):
        """Returns the card, and how it ended."""
        from ..feedforward.any_style import TRANSFORM, load_any_style
        from ..feedforward.painting import paint_pictures
        from ..feedforward.touch import Touched
        order, start = self.order, time.perf_counter()
        paths = order.paths
        img, self.alpha = read_with_alpha(paths['content'])
        img = onp.rint(resize(img, shape_of(img.shape[1::-1], order.size)))
        style = read_image(paths['style'])
        painter = Touched(load_any_style([style], ctx=ctx), order.mask,
                          FEATHER, order.colours)
        self.image = paint_pictures(painter, [img], order.strength)[0]
        card = scorecard(self.image, img, method='paint',
                         transform=TRANSFORM, strength=order.strength,
                         feather=FEATHER, colours=order.colours)
        return {**card, **used(time.perf_counter() - start)}, DONE

    def _save(self, folder, card):
        """Save picture and card: where they lie already, if they do."""
        again = self.path is not None
        crop = self.recipe is not None and self.recipe.crop
        self.card = {**self.card, **card, **self.order.files,
                     'mask': self.order.mask is not None,
                     'continued': self.continued}
        self.path = save_unless_there(
            self.image, self.path or free_name(folder, self.order.name),
            alpha_of(self.alpha, self.image, crop), self.card, force=again)
        save_card(self.card, self.path, force=again)


def free_name(folder: Path, name: str) -> str:
    """The first of name.png, name-2.png and so on that is not in the folder
    and has no card there."""
    paths = (os.path.join(folder, f'{name}{end}.png') for end in
             ('', *(f'-{i}' for i in range(2, 10 ** 5))))
    return next(path for path in paths if not os.path.exists(path)
                and not os.path.exists(card_path(path)))


def in_words(error: Exception) -> str:
    """What a user is told of an error."""
    if isinstance(error, MemoryError):
        return 'there is not enough memory: choose a smaller size'
    lines = str(error).strip().splitlines()
    return (str(error) if isinstance(error, NSTError) else
            f'{type(error).__name__}: {lines[-1] if lines else ""}')
