"""`train`: make a network that paints like a picture in one pass."""

import os
import sys

from ..errors import NSTError
from ..feedforward.checkpoint import checkpoint_path
from ..feedforward.records import Settings
from .bar import make_bar
from .options import INTERRUPTED, count, device, mxnet_errors, seed, weight

DESCRIPTION = """Train a network to paint like STYLE; `paint` then uses it.
Stopped in any way, it goes on with --resume from the last checkpoint. On
several machines it runs under `python -m d2l_nst.feedforward.launch`."""
OPTIONS = (('size', count, 'N', 'pixels a side of what it is trained on'),
           ('style-size', count, 'N', 'STYLE has the area of NxN pixels'),
           ('batch-size', count, 'N', 'pictures in a batch, of each worker'),
           ('epochs', count, 'N', 'times that all pictures are seen'),
           ('fraction', weight, 'X', 'share of the pictures to use'),
           ('lr', weight, 'X', "Adam's learning rate"),
           ('decay', weight, 'X', 'share of the iterations, at the end, in '
            'which --lr falls to nought'),
           ('seed', seed, 'N', 'of all that is random'),
           ('weights', str, 'NAME|FILE', 'of the loss network, a VGG-16, '
            'as for transfer'),
           ('content-weight', weight, 'X', ''),
           ('style-weight', weight, 'X', '0 trains an inverter of '
            '--content-layer'),
           ('tv-weight', weight, 'X', ''),
           ('content-layer', str, 'NAME', ''))


def add_options(parser):
    add, given = parser.add_argument, Settings()
    add('style', metavar='STYLE', help='picture to paint like')
    add('--data', metavar='FOLDER',
        help='tree of pictures to train on; default: crops of those that '
        'come with scikit-image')
    add('-o', '--output', metavar='NET', required=True,
        help='file to save, .params; a checkpoint lies beside it')
    for name, kind, metavar, what in OPTIONS:
        default = getattr(given, name.replace('-', '_'))
        known = '' if default is None else f'default: {default}'
        add('--' + name, type=kind, metavar=metavar, default=default,
            help='; '.join(filter(None, (what, known))))
    add('--style-layers', nargs='+', metavar='NAME',
        default=given.style_layers, help='default: '
        + ' '.join(given.style_layers))
    add('--start', metavar='NAME|FILE',
        help='network to begin with in place of random numbers, for a new '
        'style in a fraction of the time: a bundled one, or a file of '
        '`train`')
    add('--workers', type=int, metavar='N', default=2,
        help='processes that load pictures; default: %(default)s')
    add('--every', type=count, metavar='N', default=100,
        help='iterations from one checkpoint to the next; default: '
        '%(default)s')
    add('--resume', action='store_true',
        help='go on from the checkpoint; begin where there is none')
    add('--device', choices=('cpu', 'gpu', 'auto'), default='auto')
    add('--kvstore', choices=('local', 'device', 'dist_sync'),
        default='local', help='device: all GPUs of this machine; '
        'dist_sync: with the other workers of the launcher')
    add('--force', action='store_true', help='overwrite what exists')


def run(args):
    from mxnet import npx
    npx.set_np()
    from ..feedforward.training import train
    _check_output(args)
    settings = Settings(style_layers=tuple(args.style_layers), **{
        name: getattr(args, name) for name in (
            option[0].replace('-', '_') for option in OPTIONS)})
    with _listener(args) as listen:
        try:
            with mxnet_errors('a smaller --size or --batch-size'):
                result = train(
                    args.style, args.data, args.output, settings,
                    args.resume, args.every, args.workers, _contexts(args),
                    args.kvstore, listen, args.start)
        except KeyboardInterrupt:
            if not os.path.exists(checkpoint_path(args.output)):
                raise
            print(f'd2l-nst: interrupted; {args.output} is as of the last '
                  'checkpoint, from which --resume goes on',
                  file=sys.stderr)
            return INTERRUPTED
    if not result.rank:
        _report(args, result)
    return 0


def _check_output(args):
    from ..images import check_writable
    if os.path.splitext(args.output)[1] != '.params':
        raise NSTError(f'{args.output}: name a file that ends in .params')
    # Without its checkpoint a network would begin anew, and be replaced
    resumed = args.resume and os.path.exists(checkpoint_path(args.output))
    for path in (args.output, checkpoint_path(args.output)):
        check_writable(path, args.force or resumed)


def _contexts(args):
    ctx = device(args.device)
    if args.kvstore == 'device' and ctx.device_type == 'gpu':
        import mxnet as mx
        return [mx.gpu(i) for i in range(mx.context.num_gpus())]
    return [ctx]


class _listener:
    """A bar in a terminal, else a line at each checkpoint."""

    def __init__(self, args):
        self.every, self.bar = args.every, None

    def __enter__(self):
        return self._bar if sys.stderr.isatty() else self._line

    def __exit__(self, *error):
        if self.bar:
            self.bar.close()

    def _bar(self, step):
        if self.bar is None:
            self.bar = make_bar(total=step.iterations, unit='batch',
                                initial=step.iteration - 1)
        self.bar.set_description_str(f'epoch {step.epoch}', refresh=False)
        self.bar.set_postfix_str(_losses(step), refresh=False)
        self.bar.update()

    def _line(self, step):
        if step.iteration % self.every == 0:
            print(f'epoch {step.epoch}, iteration {step.iteration} of '
                  f'{step.iterations}: {_losses(step)}', file=sys.stderr,
                  flush=True)


def _losses(step):
    return ', '.join(f'{name} {value:.3g}'
                     for name, value in step.terms.items() if value)


def _report(args, result):
    if result.damaged:
        print(f'd2l-nst: damaged pictures skipped: {len(result.damaged)}, '
              f'{min(result.damaged)} among them', file=sys.stderr)
    print(f'{args.output}: {len(result.history)} iterations in '
          f'{result.seconds:.0f} s, total loss {result.history[-1][-1]:.4g}')
