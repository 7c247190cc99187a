"""`paint`: one pass of a trained network over pictures."""

import contextlib
import json
import os
import sys
import time
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ..errors import ImageError, NSTError
from ..feedforward.transforms import TRANSFORM, TRANSFORMS
from ..files import sha256
from ..interrupts import later, passed_over
from ..outputs import save_card
from ..recipes.settings import check_strength
from .bar import make_bar
from .film import run_film, wants_film
from .options import (FAILED, INTERRUPTED, SIZE, add_existing, count, device,
                      rate, size, summary, weight)

if TYPE_CHECKING:    # it imports MXNet
    from ..feedforward.painting import Painted

CARDS = 'scorecards.json'
DESCRIPTION = """Paint each PICTURE, or all below a folder, in one pass: with
a network that `train` made for some styles, or like any painting; or a film,
frame by frame, with its sound. The originals are left as they are."""


def add_options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add('pictures', metavar='PICTURE', nargs='+',
        help='file or folder; or one film: a file, an animated GIF, WebP or '
        'PNG, or a folder of numbered frames')
    add('--net', metavar='NAME|FILE',
        help='network: a bundled one, or a .params file of `train`')
    add('--style', metavar='PAINTING|NAME', action='append',
        help='picture to paint like; with --net one of its styles, by name; '
        'given several times the styles are mixed')
    add('--style-weight', metavar='X', type=weight, action='append',
        help='of the style before it; default: all weigh the same')
    add('--transform', choices=TRANSFORMS,
        help='what the features get of the style: wct means and '
        'covariances, adain means and deviations; default: '
        + TRANSFORM)
    add('--decoder', metavar='FILE', nargs='+',
        help='of `train --invert`, the deepest first; default: the bundled '
        'ones')
    add('-o', '--output', metavar='FOLDER|FILM', required=True,
        help='gets the paintings, under the same names; or the film, .mp4, '
        '.mov, .mkv, .webm, .gif or .webp (a folder gets its frames)')
    add('--fps', type=rate, metavar='N',
        help='frames a second, which make a film of a folder whatever OUTPUT '
        'is; default: those of the film, or 25 of a folder')
    add('--strength', type=weight, metavar='X', default=0.5,
        help='how much of the style: 0 is the picture, %(default)s, the '
        'default, the painting, 1 the painting painted once more')
    add('--mask', metavar='MASK',
        help='picture of any size: where it is white each PICTURE is '
        'painted, where it is black it stays')
    add('--feather', type=weight, metavar='N', default=0,
        help='pixels over which the edges of the mask fade')
    add('--colours', choices=('style', 'content'), default='style',
        help='content: the colours of PICTURE are kept; default: %(default)s')
    add('--size', type=size, metavar=SIZE, default='content',
        help='pixels of the paintings: both sides, the longer one, or as '
        'many as the picture has, the default')
    add('--batch-size', type=count, metavar='N', default=4,
        help='pictures of one size, up to a million pixels, that go '
        'through the network together; default: %(default)s')
    add('--device', choices=('cpu', 'gpu', 'auto'), default='auto')
    add('--no-metadata', action='store_true',
        help='no scorecards, in the pictures or beside them')
    add_existing(parser)


def run(args: Namespace) -> int:
    # MXNet keeps four workspaces, each as large as any has been; one does
    os.environ.setdefault('MXNET_CPU_TEMP_COPY', '1')
    from mxnet import npx
    npx.set_np()
    from ..feedforward.painting import paint
    from ..feedforward.plan import plan
    from ..feedforward.steady import Steady
    check_strength(args.strength)
    _check_use(args)
    if wants_film(args):
        return run_film(args, lambda: _painter(args, device(args.device),
                                               Steady),
                        None if args.no_metadata else _about(args))
    outputs = plan(args.pictures, args.output, args.force,
                   args.skip_existing)
    cards = None if args.no_metadata else Cards(args.output)
    ctx, start = device(args.device), time.perf_counter()
    painter = _painter(args, ctx)
    done, failed, notes = 0, [], []
    with make_bar(total=len(outputs), unit='picture') as bar:
        def tell(painted):
            nonlocal done
            bar.update()
            if painted.error:
                failed.append(painted)
                return
            done += 1
            if painted.note:
                notes.append(painted.note)
            if cards:
                cards.add(painted)

        code = _tell_all(paint(painter, outputs, args.batch_size,
                               args.strength, args.size, args.force,
                               _about(args) if cards else None), tell)
    if cards:
        with passed_over():
            cards.save()
    for line in notes + [painted.error for painted in failed]:
        print(f'd2l-nst: {line}', file=sys.stderr)
    print(summary(args.output, done, len(outputs), code,
                  time.perf_counter() - start))
    return code or (FAILED if failed else 0)


def _tell_all(work, tell):
    """Tell each `Painted` of what `paint` returns; where the keyboard
    interrupts, those that it then still saves too. Returns the exit code.
    """
    try:
        for painted in work:
            with later():
                tell(painted)
        return 0
    except KeyboardInterrupt as e:
        with contextlib.suppress(KeyboardInterrupt):
            tell(work.throw(e))    # where it interrupts this loop
            for painted in work:
                tell(painted)
        return INTERRUPTED


def _check_use(args):
    """A --net or a --style, and what belongs to it."""
    if not (args.net or args.style):
        raise NSTError('name a network (--net) or a painting (--style)')
    for name in ('transform', 'decoder'):
        if args.net and getattr(args, name):
            raise NSTError(f'--{name} is for paintings, not for --net: '
                           'leave it out')
    if args.style_weight and not args.style:
        raise NSTError('--style-weight is for --style: name one before it')


def _about(args):
    """What the scorecard of each picture begins with."""
    about = {'method': 'paint', 'strength': args.strength,
             'mask': args.mask, 'feather': args.feather,
             'colours': args.colours}
    if args.net:
        from ..feedforward.network import find_network
        return {**about, 'network': args.net, 'style': args.style,
                'style_weight': args.style_weight,
                'sha256': sha256(find_network(args.net))}
    return {**about, 'style': args.style, 'style_weight': args.style_weight,
            'transform': args.transform or TRANSFORM,
            'decoder': args.decoder}


class Cards:
    """The scorecards of a folder of paintings, in one file: by their names,
    together with those of earlier runs. Raises `ImageError` where the file
    is something else."""

    def __init__(self, folder: str):
        self.folder, self.cards = folder, {}
        self.path = os.path.join(folder, CARDS)
        if os.path.exists(self.path):
            try:
                with open(self.path, encoding='utf-8') as file:
                    self.cards = dict(json.load(file))
            except (OSError, ValueError, TypeError):
                raise ImageError(f'{self.path} does not hold scorecards: '
                                 'move it away, or choose --no-metadata'
                                 ) from None

    def add(self, painted: 'Painted') -> None:
        name = os.path.relpath(painted.output, self.folder)
        self.cards[name] = painted.card

    def save(self) -> None:
        if self.cards:
            save_card(self.cards, self.path, force=True)


def _painter(args, ctx, of=lambda painter: painter):
    """What paints: `of` the network, its paintings touched up."""
    from ..feedforward.touch import Touched
    painter = of(_untouched(args, ctx))
    return painter if not args.mask and args.colours == 'style' else Touched(
        painter, args.mask, args.feather, args.colours)


def _untouched(args, ctx):
    if args.net:
        from ..feedforward.network import load_network
        from ..precision import choose_precision
        net = load_network(args.net, ctx)
        net.compute_in(choose_precision('auto', ctx))
        return net.choose(args.style, args.style_weight) if args.style \
            else net.check()
    from ..feedforward.any_style import load_any_style
    from ..images import read_image
    return load_any_style([read_image(path) for path in args.style],
                          args.style_weight, args.transform or TRANSFORM,
                          args.decoder, ctx)
