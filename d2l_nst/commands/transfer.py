"""`transfer`: optimise a picture, by a recipe."""

import argparse
import contextlib
import dataclasses
import glob
import os
import tempfile
import time
import warnings
from typing import Tuple

from ..errors import DivergedError, ImageError, NSTError, NSTWarning
from ..layers import Layer, parse_layers
from ..recipes.settings import Recipe
from ..recipes.start import Start, parse_start
from ..recipes.systems import RECIPES, get_recipe
from .options import (INTERRUPTED, SIZE, add_existing, count, device,
                      mxnet_errors, size, tile_size, weight)
from .several import Pictures, is_several, run_each
from .styles import add_styles, styles_named, weight_alone

DESCRIPTION = """Paint CONTENT in the manner of STYLE, the last picture that
is named; several CONTENTs, or a folder of them, into a folder OUT. What is
not given is read from the recipe; recipe texture takes STYLE alone, recipe
inversion CONTENT alone."""
INTERMIXED = True  # options may stand between the two pictures


def layers(text):
    try:
        return parse_layers(text.split(','))
    except NSTError as e:
        raise argparse.ArgumentTypeError(e) from None


OPTIONS = [field for field in dataclasses.fields(Recipe)
           if 'help' in field.metadata and field.name != 'style_weight']
TYPES = {str: str, int: int, float: weight, Start: str,
         Tuple[Layer, ...]: layers}


def add_options(parser):
    add = parser.add_argument
    parser.set_defaults(usage_error=parser.error)
    add('content', metavar='CONTENT', nargs='+', action=Pictures,
        help='photograph to be painted, or a folder of them')
    # All positional pictures reach CONTENT's action, which finds the style
    add('style', metavar='STYLE', nargs='?', default=argparse.SUPPRESS,
        help='painting to paint it like')
    add('-o', '--output', metavar='OUT', required=True,
        help='picture to save: .png, .jpg, .webp or .tif; a folder for '
        'several CONTENTs')
    add('--recipe', choices=RECIPES, default='quick', metavar='NAME',
        help=f'one of {", ".join(RECIPES)}; default: %(default)s')
    add('--size', type=size, metavar=SIZE, dest='image_shape',
        help='pixels of the result: both sides, the longer one, or as many '
        'as CONTENT has; default: the proportions of CONTENT')
    add('--epochs', type=count, metavar='N', dest='num_epochs',
        help='in each stage')
    for field in OPTIONS:
        _add_field(add, field)
    add_styles(parser)
    add('--device', choices=('cpu', 'gpu', 'auto'), default='auto')
    add('--tile', type=tile_size, metavar='N',
        help='pixels a side of the tiles in which the network sees a larger '
        'picture; 0: always whole; default: auto, as the memory needs it')
    add('--dry-run', action='store_true',
        help='tell how long it will take and how much memory, and end')
    add('--save-every', type=count, metavar='N',
        help='also save the picture every N epochs, beside OUT')
    add('--trace', metavar='FILE.csv', help='write each epoch\'s losses')
    add('--no-metadata', action='store_true',
        help='no scorecard, in the picture or beside it')
    add_existing(parser)


def _add_field(add, field):
    """The option of a field of the `Recipe`; not given, it is None, and
    the recipe's own value stands."""
    name, known = '--' + field.name.replace('_', '-'), field.metadata
    words = known['help']() if callable(known['help']) else known['help']
    if field.type is bool:
        add(name, action='store_const', const=True, help=words)
    elif known['choices']:
        add(name, choices=known['choices'], help=words)
    else:
        add(name, type=TYPES[field.type], metavar=known['metavar'] or 'X',
            help=words)


def run(args):
    from mxnet import npx
    npx.set_np()
    from ..engine.synthesis import Job
    from .listeners import make_listener
    recipe = get_recipe(args.recipe, **{
        name: getattr(args, name) for name in
        [field.name for field in OPTIONS] + ['num_epochs']
        if getattr(args, name) is not None}, **weight_alone(args))
    _name_pictures(args, recipe.needs)
    if is_several(args):
        return run_each(args, run)
    if args.skip_existing and os.path.exists(args.output):
        print(f'{args.output} is there already')
        return 0
    args.styles = styles_named(args, recipe.needs)
    content = _check_files(args)
    ctx, start = device(args.device), time.perf_counter()
    try:
        with mxnet_errors('a smaller --size or --device cpu'), (
                contextlib.ExitStack()) as stack:
            job = Job(content, args.styles, recipe, args.image_shape, ctx,
                      args.tile)
            print(f'Plan: {job.plan()}.', flush=True)
            if args.dry_run:
                return 0
            _tell_weights(recipe)
            result = job.run(make_listener(args, recipe, stack))
    except DivergedError as e:
        if e.image is None:
            raise
        path = _save(args, e.image, recipe.crop)
        raise NSTError(f'{e}; the last good picture is in {path}') from None
    path = _save(args, result.image, recipe.crop, _card(args, result))
    print(_summary(path, result, time.perf_counter() - start))
    return INTERRUPTED if result.interrupted else 0


def _tell_weights(recipe):
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


def _check_files(args):
    """Everything that can go wrong with the files, before the work. Returns
    the content, (H, W, 3), or None where it is not needed; the pictures of
    `args.styles` are read."""
    from ..images import check_size, read_image, read_with_alpha
    from ..outputs import WITH_ALPHA, check_apart, check_output
    check_output(args.output, args.force)
    outputs = _others_written(args) + [args.output]
    content = args.alpha = None
    if args.content:
        content, args.alpha = read_with_alpha(args.content)
    if args.alpha is not None and (os.path.splitext(args.output)[1].lower()
                                   not in WITH_ALPHA):
        warnings.warn(f'{args.output} has no place for the transparency of '
                      f'{args.content}, which is laid on white: .png, .webp '
                      'and .tif have', NSTWarning)
    pictures = {args.content: content}
    for i, style in enumerate(args.styles):
        img = pictures[style.picture] = read_image(style.picture)
        args.styles[i] = dataclasses.replace(style, picture=img)
    if args.init and parse_start(args.init).kind == 'file':
        pictures[args.init] = read_image(args.init)
    for path, img in pictures.items():
        if path:
            check_size(img)
    for path in (*pictures, *_masks(args.styles)):
        for output in outputs if path else ():
            check_apart(output, [path])
    return content


def _masks(styles):
    """The files of all masks, each of them looked at."""
    from ..controls.mask import read_mask
    masks = [mask for style in styles
             for mask in (style.mask, style.style_mask) if mask]
    for mask in masks:
        read_mask(mask, (1, 1))
    return masks


def _others_written(args):
    """The files beside the picture that will be written, or may be."""
    from ..outputs import card_path, check_writable
    others = [args.trace] if args.trace else []
    if not args.no_metadata:
        others.append(card_path(args.output))
    for path in others:
        check_writable(path, args.force)
    names = list(map(os.path.realpath, others + [args.output]))
    if len(set(names)) < len(names):
        raise ImageError(f'{args.trace} is named for the trace and for '
                         'another file too: choose two names')
    return others + _snapshots_there(args)


def _snapshots_there(args):
    """Files of an earlier run that this one's could overwrite."""
    stem = os.path.splitext(args.output)[0]
    paths = glob.glob(glob.escape(stem) + '-stage*')
    if not args.save_every or not paths:
        return []
    if not args.force:
        raise ImageError(f'{paths[0]} exists: choose another -o or --force')
    return paths


def _card(args, result):
    """The scorecard, None where none is asked for or where it can't be
    made: the picture matters more."""
    if args.no_metadata:
        return None
    try:
        return result.scorecard(args.recipe)
    except (Exception, KeyboardInterrupt) as e:
        warnings.warn(f'no scorecard: {str(e) or "interrupted"}', NSTWarning)


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
