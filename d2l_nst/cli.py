"""The command: `d2l-nst`, or `python -m d2l_nst`."""

import argparse
import contextlib
import glob
import math
import os
import sys
import tempfile
import time

from .errors import DivergedError, ImageError, NSTError

FAILED, USAGE, INTERRUPTED = 1, 2, 130


def main(argv=None):
    """Run the command; returns its exit code: 0, 1 where it failed (one
    line says why), 130 where the keyboard ended it. Wrong usage raises
    SystemExit(2), as argparse does."""
    try:
        args = _parser().parse_args(argv)
        return args.run(args)
    except (NSTError, OSError) as e:
        return _end(FAILED, e)
    except (MemoryError, OverflowError):
        return _end(FAILED, 'there is not enough memory: choose a smaller '
                    '--size')
    except KeyboardInterrupt:
        return _end(INTERRUPTED, 'interrupted before there was anything to '
                    'save')


def _end(code, message):
    print(f'd2l-nst: {message}', file=sys.stderr)
    return code


# --------------------------------------------------------------- options
class _Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(USAGE, f'{self.prog}: {message} (see {self.prog} '
                         '--help)\n')


def _parser():
    parser = _Parser(prog='d2l-nst', description='Neural style transfer '
                     'from Dive into Deep Learning.')
    commands = parser.add_subparsers(required=True, metavar='COMMAND')
    _add_transfer(commands.add_parser(
        'transfer', help='optimise a picture, by a recipe',
        description='Paint CONTENT in the manner of STYLE. What is not '
        'given is read from the recipe.'))
    return parser


def _add_transfer(parser):
    from .recipes import RECIPES  # brings MXNet: only when it is needed
    add = parser.add_argument
    add('content', metavar='CONTENT', help='photograph to be painted')
    add('style', metavar='STYLE', help='painting to paint it like')
    add('-o', '--output', metavar='OUT', required=True,
        help='picture to save: .png, .jpg, .webp or .tif')
    add('--recipe', choices=RECIPES, default='quick', metavar='NAME',
        help=f'one of {", ".join(RECIPES)}; default: %(default)s')
    add('--network', choices=('vgg16', 'vgg19'))
    add('--weights', metavar='random|imagenet|FILE',
        help="the network's numbers; FILE is a .params of Gluon")
    add('--size', type=_size, metavar='WxH', dest='image_shape',
        help='pixels of the result; default: the proportions of CONTENT')
    add('--content-weight', type=_weight, metavar='X')
    add('--style-weight', type=_weight, metavar='X')
    add('--tv-weight', type=_weight, metavar='X')
    add('--epochs', type=_count, metavar='N', dest='num_epochs',
        help='in each stage')
    add('--device', choices=('cpu', 'gpu', 'auto'), default='auto')
    add('--seed', type=int, metavar='N', help='of all that is random')
    add('--save-every', type=_count, metavar='N',
        help='also save the picture every N epochs, beside OUT')
    add('--trace', metavar='FILE.csv', help='write each epoch\'s losses')
    add('--force', action='store_true', help='overwrite what exists')
    parser.set_defaults(run=_transfer)


def _size(text):
    width, x, height = text.lower().partition('x')
    if not (x and width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(
            f'{text!r} is no size; write WIDTHxHEIGHT, as in 900x600')
    return int(width), int(height)


def _weight(text):
    with contextlib.suppress(ValueError):
        if 0 <= float(text) < math.inf:
            return float(text)
    raise argparse.ArgumentTypeError(f'{text!r} is no weight; write a '
                                     'number from 0 up')


def _count(text):
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f'{text!r} is no count; write a whole '
                                     'number from 1 up')


# -------------------------------------------------------------- transfer
RECIPE_OPTIONS = ('network', 'weights', 'seed', 'content_weight',
                  'style_weight', 'tv_weight', 'num_epochs')


def _transfer(args):
    from mxnet import MXNetError, npx
    npx.set_np()
    from .listeners import make_listener
    from .recipes import get_recipe
    from .synthesis import style_transfer
    recipe = get_recipe(args.recipe, **{
        name: getattr(args, name) for name in RECIPE_OPTIONS
        if getattr(args, name) is not None})
    _check_files(args)
    ctx, start = _device(args.device), time.perf_counter()
    if recipe.weights == 'random':
        print(f'Weights: random filters, seed {recipe.seed}, since no '
              'trained ones are bundled yet: a known result (He, Wang and '
              'Hopcroft, 2016).', flush=True)
    try:
        with contextlib.ExitStack() as stack:
            result = style_transfer(
                args.content, args.style, recipe, args.image_shape, ctx,
                make_listener(args, recipe, stack))
    except DivergedError as e:
        if e.image is None:
            raise
        path = _save(args, e.image)
        raise NSTError(f'{e}; the last good picture is in {path}') from None
    except MXNetError as e:
        reason = str(e).strip().splitlines()[-1]
        raise NSTError(f'MXNet failed: {reason}; try a smaller --size or '
                       '--device cpu') from None
    path = _save(args, result.image)
    print(_summary(path, result, time.perf_counter() - start))
    return INTERRUPTED if result.interrupted else 0


def _summary(path, result, seconds):
    height, width = result.image.shape[:2]
    end = 'interrupted' if result.interrupted else 'done'
    return (f'{path}: {width}x{height}, {end} after '
            f'{len(result.history)} epochs in {seconds:.0f} s, total loss '
            f'{result.history[-1].total:.4g}')


def _device(name):
    import mxnet as mx
    gpus = mx.context.num_gpus() if name != 'cpu' else 0
    if name == 'gpu' and not gpus:
        raise NSTError('MXNet sees no GPU: install the wheel for yours '
                       '(mxnet-cu112 or mxnet-cu117), or use --device cpu')
    return mx.gpu(0) if gpus else mx.cpu()


def _check_files(args):
    """Everything that can go wrong with the files, before the work."""
    from .images import (check_output, check_size, check_writable,
                         read_image)
    check_output(args.output, args.force)
    if args.trace:
        check_writable(args.trace, args.force)
        if os.path.realpath(args.trace) == os.path.realpath(args.output):
            raise ImageError(f'{args.trace} is named for the picture and '
                             'for the trace: choose two names')
    outputs = _snapshots_there(args) + [args.output, args.trace]
    for path in (args.content, args.style):
        check_size(read_image(path))
        for output in filter(None, outputs):
            if os.path.exists(output) and os.path.samefile(path, output):
                raise ImageError(f'{output} is the picture to be read: '
                                 'choose another name')


def _snapshots_there(args):
    """Files of an earlier run that this one's could overwrite."""
    stem = os.path.splitext(args.output)[0]
    paths = glob.glob(glob.escape(stem) + '-stage*')
    if not args.save_every or not paths:
        return []
    if not args.force:
        raise ImageError(f'{paths[0]} exists: choose another -o or --force')
    return paths


def _save(args, img):
    """Save the result; into the temporary folder rather than not at all.
    Returns the path."""
    from .images import read_alpha, save_image
    try:
        save_image(img, args.output, read_alpha(args.content))
        return args.output
    except ImageError as e:
        path = tempfile.mktemp(suffix='.png', prefix='d2l-nst-')
        save_image(img, path)
        raise ImageError(f'{e}; the picture was saved as {path}') from None
