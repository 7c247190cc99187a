"""`transfer`: optimise a picture, by a recipe."""

import contextlib
import os
import shlex
import sys
import tempfile
import time
import warnings
from argparse import Namespace

from ..errors import DivergedError, ImageError, NSTError, NSTWarning
from ..interrupts import passed_over
from .options import INTERRUPTED, device, mxnet_errors
from .several import is_several, run_each
from .styles import styles_named
from .transfer_files import check_files
from .transfer_options import WRITTEN, add_options, recipe_of
from .words import RUN, parse, record, with_words, words_of

__all__ = ['DESCRIPTION', 'INTERMIXED', 'add_options', 'run']
DESCRIPTION = """Paint CONTENT in the manner of STYLE, the last picture that
is named; several CONTENTs, or a folder of them, into a folder OUT. What is
not given is read from the recipe; recipe texture takes STYLE alone, recipe
inversion CONTENT alone. What was ended goes on by --resume FILE alone, if it
was begun with --checkpoint FILE."""
INTERMIXED = True  # options may stand between the two pictures


def run(args: Namespace) -> int:
    from mxnet import npx
    npx.set_np()
    from ..engine.keeper import Keeper
    from ..engine.synthesis import Job
    from .listeners import make_listener
    keep = Keeper(resume=args.resume)
    if args.resume is not None:
        args = _go_on(args, keep)
    recipe = recipe_of(args)
    _name_pictures(args, recipe.needs)
    if is_several(args):
        return run_each(args, run)
    if args.skip_existing and os.path.exists(args.output):
        print(f'{args.output} is there already')
        return 0
    args.styles = styles_named(args, recipe.needs)
    content = check_files(args)
    if args.checkpoint:
        keep = Keeper(args.checkpoint, force=args.force)
    keep.words = words_of(args, *WRITTEN) if keep.path else None
    ctx, start = device(args.device), time.perf_counter()
    try:
        with mxnet_errors('a smaller --size or --device cpu'), (
                contextlib.ExitStack()) as stack:
            job = Job(content, args.styles, recipe, args.image_shape, ctx,
                      args.tile, keep, args.like)
            args.like = job
            print(f'Plan: {job.plan()}.', flush=True)
            if args.dry_run:
                return 0
            _tell_begin(recipe, keep.history)
            result = job.run(make_listener(args, recipe, stack,
                                           keep.history))
    except DivergedError as e:
        if e.result is None:
            raise
        path = _save(args, e.result.image, recipe.crop,
                     _card(args, e.result))
        raise NSTError(f'{e}; the last good picture is in {path}') from None
    path = _save(args, result.image, recipe.crop, _card(args, result))
    print(_summary(path, result, time.perf_counter() - start))
    if result.interrupted and keep.kept:
        print(f'To go on: {_command("transfer", "--resume", keep.path)}')
    return INTERRUPTED if result.interrupted else 0


def _go_on(args, keep):
    """The arguments with which the checkpoint was begun, and those given
    now. Where the picture is the same, it may replace what was reached."""
    if not keep.words and not (args.content and args.output):
        args.usage_error(f'{args.resume} does not say what it is of: name '
                         'CONTENT, STYLE and -o too')
    if not keep.words:
        return args
    found = with_words(args, keep.words)
    found.force |= (os.path.abspath(found.output)
                    == parse(keep.words).output)
    return found


def _command(*words):
    """A command as the user would type it here."""
    typed = os.path.basename(sys.argv[0]) == 'd2l-nst'
    return shlex.join([*([sys.argv[0]] if typed else
                         [sys.executable, '-m', 'd2l_nst']), *words])


def _tell_begin(recipe, history):
    for step in history[-1:]:
        print(f'Goes on after stage {step.stage}, epoch {step.epoch}.',
              flush=True)
    if recipe.weights == 'random':
        print(f'Weights: random filters, seed {recipe.seed}: a known result '
              '(He, Wang and Hopcroft, 2016); --weights bundled takes '
              'trained ones.', flush=True)


def _name_pictures(args, needs):
    """A recipe that needs one picture has it as the only argument."""
    given = [args.content] + ([args.style] if args.style else [])
    if len(given) != len(needs) or args.further and len(needs) < 2:
        names = ' and '.join(name.upper() for name in needs)
        args.usage_error(f'recipe {args.recipe} takes {names}'
                         f'{"" if len(needs) > 1 else " alone"}, not '
                         f'{len(given)} picture{"s"[:len(given) > 1]}')
    args.content = args.style = None
    for name, path in zip(needs, given):
        setattr(args, name, path)


def _summary(path, result, seconds):
    from ..scorecard import stages
    height, width = result.image.shape[:2]
    early = ''.join(f'; stage {i} ended on a plateau, after {stage["epochs"]} '
                    f'of {stage["of"]}' for i, stage
                    in enumerate(stages(result), 1) if stage['plateau'])
    end = 'interrupted' if result.interrupted else 'done'
    return (f'{path}: {width}x{height}, {end} after '
            f'{len(result.history)} epochs in {seconds:.0f} s, total loss '
            f'{result.history[-1].total:.4g}{early}')


def _card(args, result):
    """The scorecard, None where none is asked for or where it can't be
    made: the picture matters more."""
    from ..kept import fingerprint
    from ..outputs import eight_bits
    if args.no_metadata:
        return None
    try:
        card = result.scorecard(args.recipe)
        return {**card, RUN: record(args, fingerprint(
            eight_bits(result.image)))}
    except (Exception, KeyboardInterrupt) as e:
        warnings.warn(f'no scorecard: {str(e) or "interrupted"}', NSTWarning)


@passed_over()
def _save(args, img, crop, card=None):
    """Save the result and its card; into the temporary folder rather than
    not at all. Returns the path."""
    from ..images import alpha_of
    from ..outputs import save_card, save_image, save_unless_there
    alpha = alpha_of(args.alpha, img, crop)
    try:
        path = save_unless_there(img, args.output, alpha, card, args.force)
    except ImageError as e:
        with tempfile.NamedTemporaryFile(
                suffix='.png', prefix='d2l-nst-', delete=False) as file:
            path = file.name
        save_image(img, path, alpha, card)
        raise ImageError(f'{e}; the picture was saved as {path}') from None
    if card:
        save_card(card, path, args.force)
    return path
