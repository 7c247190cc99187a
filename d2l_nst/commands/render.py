"""`render`: paint without a network."""

import contextlib
import inspect
import time
import warnings
from argparse import ArgumentParser, Namespace
from typing import Any, Dict, Tuple

from ..engine.memory import check_memory
from ..errors import NSTWarning
from ..interrupts import passed_over
from ..painterly.analogies import make_analogy
from ..painterly.regions import paint_regions
from ..painterly.strokes import STYLES, paint_strokes
from ..painterly.texture import grow_texture
from ..scorecard import scorecard, used
from .bar import make_bar
from .options import SIZE, count, natural, size

DESCRIPTION = 'Paint by one of the methods from before the networks.'
# Name -> what it does, its function, its pictures and its settings
METHODS: Dict[str, Any] = {
    'strokes': (
        'paint PICTURE with curved brush strokes of several sizes',
        paint_strokes, ('PICTURE',), ('style',)),
    'regions': (
        'paint PICTURE region by region, with strokes or flat',
        paint_regions, ('PICTURE',), ('detail', 'flat')),
    'analogies': (
        'make of B what A2 is of A: A and A2 are one picture in two manners',
        make_analogy, ('A', 'A2', 'B'),
        ('kappa', 'levels', 'neighbourhood', 'luminance')),
    'texture': (
        'grow a picture that looks like more of SAMPLE',
        grow_texture, ('SAMPLE',), ('kappa', 'levels', 'neighbourhood')),
}
OPTIONS: Dict[str, Tuple[str, Dict[str, Any]]] = {
    'style': ('--style', {
        'choices': STYLES, 'metavar': 'NAME',
        'help': f'one of {", ".join(STYLES)}; default: %(default)s'}),
    'detail': ('--detail', {
        'type': float, 'metavar': 'X',
        'help': 'of the regions, 0 to 1; default: %(default)s'}),
    'flat': ('--flat', {
        'action': 'store_true', 'help': 'as a poster, without strokes'}),
    'kappa': ('--kappa', {
        'type': float, 'metavar': 'X',
        'help': 'how much likeness may be given up for pieces that are '
        'whole, from 0 up; default: %(default)s'}),
    'levels': ('--levels', {
        'type': count, 'metavar': 'N',
        'help': 'of the pyramid; default: as many as are useful'}),
    'neighbourhood': ('--neighbourhood', {
        'type': count, 'metavar': 'N',
        'help': 'its width in pixels, odd; default: %(default)s'}),
    'luminance': ('--colours', {
        'action': 'store_false',
        'help': 'match by colours, and take those of A2 rather than B'}),
    'seed': ('--seed', {
        'type': natural, 'metavar': 'N',
        'help': 'of all that is random; default: %(default)s'}),
}
# At the peak, measured with strokes and regions
BYTES_PER_PIXEL = 400
# Of a pyramid, and for each pixel of a neighbourhood: measured 29 to 55
LIKENESS = 50
PARTS = 1000    # of the bar


def add_options(parser: ArgumentParser) -> None:
    methods = parser.add_subparsers(required=True, metavar='METHOD')
    for name, (summary, paint, pictures, settings) in METHODS.items():
        method = methods.add_parser(name, help=summary, description=summary)
        method.set_defaults(method=name, paint=paint, pictures=pictures,
                            settings=settings + ('seed',))
        for picture in pictures:
            method.add_argument(picture)
        method.add_argument(
            '-o', '--output', metavar='OUT', required=True,
            help='picture to save: .png, .jpg, .webp or .tif')
        grown = paint is grow_texture
        method.add_argument(
            '--size', type=size, metavar=SIZE, dest='image_shape',
            required=grown, help='pixels of the result'
            + ('' if grown else f'; default: those of {pictures[-1]}'))
        for setting in settings + ('seed',):
            flag, how = OPTIONS[setting]
            default = inspect.signature(paint).parameters[setting].default
            method.add_argument(flag, dest=setting, default=default, **how)
        method.add_argument('--no-metadata', action='store_true',
                            help='no scorecard, in the picture or beside it')
        method.add_argument('--force', action='store_true',
                            help='overwrite what exists')


def run(args: Namespace) -> int:
    from ..outputs import save_card, save_unless_there
    start = time.perf_counter()
    _check_output(args)
    pictures, alpha = _read(args)
    with contextlib.ExitStack() as stack:
        img = args.paint(
            *pictures, **_progress(args, stack),
            **{name: getattr(args, name) for name in args.settings})
    seconds = time.perf_counter() - start
    card = None if args.no_metadata else _card(args, img, pictures[-1])
    with passed_over():
        path = save_unless_there(img, args.output, alpha, card, args.force)
        if card:
            save_card({**card, **used(seconds)}, path, args.force)
    print(f'{path}: {img.shape[1]}x{img.shape[0]}, done in {seconds:.0f} s')
    return 0


def _check_output(args):
    from ..outputs import card_path, check_output, check_writable
    check_output(args.output, args.force)
    if not args.no_metadata:
        check_writable(card_path(args.output), args.force)


def _card(args, img, content):
    """A texture shows nothing but itself."""
    return scorecard(img, None if args.paint is grow_texture else content,
                     method=f'render {args.method}', settings={
                         name: getattr(args, name) for name in args.settings})


def _read(args):
    """What the method works on: pictures, and a texture's size; then the
    transparency of the last one."""
    from ..images import read_image, read_with_alpha, resize, shape_of
    from ..outputs import check_apart, lost_alpha
    paths = [getattr(args, name) for name in args.pictures]
    pictures = [read_image(path) for path in paths[:-1]]
    last, alpha = read_with_alpha(paths[-1])
    check_apart(args.output, paths)
    own = last.shape[1::-1]
    shape = shape_of(own, args.image_shape or 'content')
    check_memory(shape, BYTES_PER_PIXEL, 'ask for a smaller --size')
    if 'neighbourhood' in args.settings:
        check_memory((pictures or [last])[0].shape[1::-1],
                     LIKENESS * args.neighbourhood ** 2, 'make '
                     f'{args.pictures[0]} smaller, or --neighbourhood')
    if args.paint is grow_texture:
        return [last, shape], None
    lost = lost_alpha(args.output, paths[-1], alpha)
    if lost:
        warnings.warn(lost, NSTWarning)
    return pictures + [last if shape == own else resize(last, shape)], alpha


def _progress(args, stack):
    """What the methods tell: they move a bar, which tells the time left.
    Those with a pyramid, whose last level takes most of it, tell the parts
    of each too."""
    bar = stack.enter_context(make_bar(
        smoothing=0, bar_format='{desc} |{bar}| [{elapsed}<{remaining}]'))
    bar.set_description_str(args.method, refresh=False)

    def on_step(step, steps, picture):
        bar.set_description_str(f'step {step}/{steps}', refresh=False)
        if not parts:
            on_part(step / steps)

    def on_part(share):
        bar.total = PARTS    # one that is made whole moves the bar
        bar.update(PARTS * share - bar.n)

    parts = {'on_part': on_part} if 'levels' in args.settings else {}
    return {'on_step': on_step, **parts}
