"""Those who listen to the command's `Step`s: a trace, snapshots, a bar."""

import contextlib
import csv
import os
import sys
from argparse import Namespace
from typing import Sequence

from ..errors import ImageError
from ..recipes.settings import Recipe
from ..steps import Listener, Step
from .bar import make_bar


def make_listener(args: Namespace, recipe: Recipe,
                  stack: contextlib.ExitStack,
                  history: Sequence[Step] = ()) -> Listener:
    """One function that tells each `Step` to all who listen, and ends the
    job at the (stage, epoch) `args.until`. `history` are earlier steps."""
    listeners = []
    if args.trace:
        listeners.append(_trace(args, stack, history))
    if args.save_every:
        listeners.append(_snapshots(args, recipe))
    listeners.append(_progress(recipe, stack, history))

    def listen(step):
        for listener in list(listeners):
            try:
                listener(step)
            except (OSError, ImageError) as e:
                listeners.remove(listener)  # the picture matters more
                print(f'd2l-nst: going on without {listener.__name__}: {e}',
                      file=sys.stderr)
        return (step.stage, step.epoch) == args.until
    return listen


def _trace(args, stack, history):
    """Write one line of CSV per step, at once. The file is made by the
    first step: a run that fails before it leaves nothing behind."""
    writer = None

    def trace(step):
        nonlocal writer
        if writer is None:
            file = open(args.trace, 'w' if args.force else 'x', newline='',
                        buffering=1)
            stack.callback(_close, file)
            writer = csv.writer(file)
            writer.writerow(['stage', 'epoch', *step.terms, 'total',
                             'seconds'])
            writer.writerows(map(row, history))
        writer.writerow(row(step))

    def row(step):
        return [step.stage, step.epoch, *step.terms.values(), step.total,
                round(step.seconds, 3)]
    return trace


def _close(file):
    with contextlib.suppress(OSError):  # of which the user was told
        file.close()


def _snapshots(args, recipe):
    """Save OUT-stage1-epoch0010.png and so on."""
    from ..chapter import postprocess
    from ..images import alpha_of
    from ..outputs import save_image
    stem, extension = os.path.splitext(args.output)

    def snapshots(step):
        if step.epoch % args.save_every == 0:
            img = postprocess(step.X).asnumpy()
            save_image(img, f'{stem}-stage{step.stage}-epoch{step.epoch:04d}'
                       f'{extension}', alpha_of(args.alpha, img,
                                                recipe.crop))
    return snapshots


def _progress(recipe, stack, history):
    """A bar with the losses and the time left, which counts pixels: a
    step of the large stage takes sixteen of the small one's."""
    work = [stage.image_shape[0] ** 2 for stage in recipe.stages]
    bar = stack.enter_context(make_bar(
        total=sum(w * stage.num_epochs
                  for w, stage in zip(work, recipe.stages)),
        initial=sum(work[step.stage - 1] for step in history),
        bar_format='{desc} |{bar}| {percentage:3.0f}% '
                   '[{elapsed}<{remaining}]{postfix}'))

    def progress(step):
        stage = recipe.stages[step.stage - 1]
        bar.set_description_str(
            f'stage {step.stage}/{len(work)} epoch '
            f'{step.epoch}/{stage.num_epochs}', refresh=False)
        # With what is next to nothing the line would be too long
        bar.set_postfix_str(', '.join(
            f'{name} {value:.3g}' for name, value in step.terms.items()
            if not value < step.total / 100), refresh=False)
        bar.update(work[step.stage - 1])
    return progress
