"""`transfer`: optimise a picture, by a recipe."""

import contextlib
import glob
import os
import tempfile
import time

from ..cli import INTERRUPTED, count, device, size, weight
from ..errors import DivergedError, ImageError, NSTError
from ..recipes import RECIPES, get_recipe

DESCRIPTION = """Paint CONTENT in the manner of STYLE. What is not given is
read from the recipe."""


def add_options(parser):
    add = parser.add_argument
    add('content', metavar='CONTENT', help='photograph to be painted')
    add('style', metavar='STYLE', help='painting to paint it like')
    add('-o', '--output', metavar='OUT', required=True,
        help='picture to save: .png, .jpg, .webp or .tif')
    add('--recipe', choices=RECIPES, default='quick', metavar='NAME',
        help=f'one of {", ".join(RECIPES)}; default: %(default)s')
    add('--network', choices=('vgg16', 'vgg19'))
    add('--weights', metavar='random|bundled|imagenet|FILE',
        help="the network's numbers; FILE is a .params of Gluon, a .pth of "
        'torchvision, a .safetensors or a .mat of MatConvNet')
    add('--size', type=size, metavar='WxH', dest='image_shape',
        help='pixels of the result; default: the proportions of CONTENT')
    add('--content-weight', type=weight, metavar='X')
    add('--style-weight', type=weight, metavar='X')
    add('--tv-weight', type=weight, metavar='X')
    add('--epochs', type=count, metavar='N', dest='num_epochs',
        help='in each stage')
    add('--device', choices=('cpu', 'gpu', 'auto'), default='auto')
    add('--seed', type=int, metavar='N', help='of all that is random')
    add('--save-every', type=count, metavar='N',
        help='also save the picture every N epochs, beside OUT')
    add('--trace', metavar='FILE.csv', help='write each epoch\'s losses')
    add('--force', action='store_true', help='overwrite what exists')


RECIPE_OPTIONS = ('network', 'weights', 'seed', 'content_weight',
                  'style_weight', 'tv_weight', 'num_epochs')


def run(args):
    from mxnet import MXNetError, npx
    npx.set_np()
    from ..listeners import make_listener
    from ..synthesis import style_transfer
    recipe = get_recipe(args.recipe, **{
        name: getattr(args, name) for name in RECIPE_OPTIONS
        if getattr(args, name) is not None})
    _check_files(args)
    ctx, start = device(args.device), time.perf_counter()
    if recipe.weights == 'random':
        print(f'Weights: random filters, seed {recipe.seed}: a known result '
              '(He, Wang and Hopcroft, 2016); --weights bundled takes '
              'trained ones.', flush=True)
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


def _check_files(args):
    """Everything that can go wrong with the files, before the work."""
    from ..images import (check_output, check_size, check_writable,
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
    from ..images import read_alpha, save_image
    try:
        save_image(img, args.output, read_alpha(args.content))
        return args.output
    except ImageError as e:
        path = tempfile.mktemp(suffix='.png', prefix='d2l-nst-')
        save_image(img, path)
        raise ImageError(f'{e}; the picture was saved as {path}') from None
