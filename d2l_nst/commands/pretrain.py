"""`pretrain`: make the bundled features again, or of other pictures."""

import os
import sys
import time
from argparse import ArgumentParser, Namespace

from ..checkpoint import checkpoint_path
from ..pretraining.network import LAST
from ..pretraining.training import Settings
from .bar import make_bar
from .options import INTERRUPTED, count, natural, weight

DESCRIPTION = """Train a VGG to tell places in a few pictures apart and save
its convolutions into FOLDER, as a file that --weights takes. Run again, it
goes on from the last checkpoint."""


def add_options(parser: ArgumentParser) -> None:
    add, given = parser.add_argument, Settings()
    add('-o', '--output', metavar='FOLDER', required=True,
        help='gets the weights, the log and the checkpoints')
    add('--network', choices=LAST, default=given.network)
    add('--data', metavar='FOLDER', dest='folder',
        help='of pictures; default: photographs that scikit-image, '
        'matplotlib and SciPy ship, and pictures made by code')
    add('--start', metavar='FILE', help='weights to start from, of either '
        'network; default: random ones')
    for option, what in (('steps', 'batches to train'),
                         ('classes', 'places to tell apart'),
                         ('batch_size', 'crops in a batch')):
        add('--' + option.replace('_', '-'), type=count, metavar='N',
            default=getattr(given, option),
            help=f'{what}; default: %(default)s')
    add('--lr', type=weight, metavar='X', default=given.lr,
        help='highest learning rate; default: %(default)s')
    add('--seed', type=natural, metavar='N', default=given.seed,
        help='of all that is random; default: %(default)s')


def run(args: Namespace) -> int:
    from mxnet import npx

    from ..pretraining.job import make_features
    npx.set_np()
    start = time.perf_counter()
    settings = Settings(**{name: getattr(args, name) for name in (
        'network', 'steps', 'classes', 'batch_size', 'lr', 'seed', 'folder',
        'start')})
    print('Making the pictures and the classes.', flush=True)
    with make_bar(total=settings.steps, unit='step') as bar:
        def show(step):
            bar.update(step.iteration - bar.n)
            bar.set_postfix(loss=f'{step.total:.3f}',
                            accuracy=f'{step.accuracy:.2f}')

        try:
            path = make_features(args.output, settings, show)
        except KeyboardInterrupt:
            kept = checkpoint_path(os.path.join(args.output, args.network))
            if not os.path.exists(kept):
                raise
            print(f'd2l-nst: interrupted; run again, it goes on from {kept}',
                  file=sys.stderr)
            return INTERRUPTED
    print(f'{path}: done in {time.perf_counter() - start:.0f} s')
    return 0
