"""`train`: make a network that paints like a picture in one pass."""

import contextlib
import dataclasses
import os
import sys
from argparse import ArgumentParser, Namespace
from typing import Any, Callable, Dict, Optional, Tuple

from ..checkpoint import checkpoint_path
from ..errors import NSTError
from ..feedforward.records import DecoderSettings, Settings
from .bar import make_bar
from .options import (INTERRUPTED, count, device, mxnet_errors, natural,
                      share, weight)

DESCRIPTION = """Train a network to paint like each STYLE, or with --invert a
decoder, which turns features back into pictures; `paint` then uses it.
Stopped in any way, it goes on with --resume from the last checkpoint. On
several machines it runs under `python -m d2l_nst.feedforward.launch`."""
TYPES: Dict[Any, Callable[[str], Any]] = {
    int: count, float: weight, Optional[int]: count, Optional[float]: weight,
    str: str, Tuple[str, ...]: str}
OWN: Dict[str, Callable[[str], Any]] = {'seed': natural, 'fraction': share}
START = 'nine-styles'
FIELDS = {field.name: field for kind in (DecoderSettings, Settings)
          for field in dataclasses.fields(kind)}


def add_options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add('style', metavar='STYLE', nargs='*', help='picture to paint like')
    add('--data', metavar='FOLDER',
        help='tree of pictures to train on; default: crops of those that '
        'come with scikit-image')
    add('--styles', metavar='FOLDER', help='tree of paintings for --invert; '
        'default: the pictures stand for them')
    add('-o', '--output', metavar='NET', required=True,
        help='file to save, .params; a checkpoint lies beside it')
    for name, field in FIELDS.items():
        add('--' + name.replace('_', '-'),
            type=OWN.get(name) or TYPES[field.type],
            choices=field.metadata['choices'] or None,
            metavar=field.metadata['metavar'] or (
                'N' if TYPES[field.type] is count else
                None if field.metadata['choices'] else 'X'),
            nargs='+' if field.type == Tuple[str, ...] else None,
            help=field.metadata['help'] + _defaults(name))
    add('--start', metavar='NAME|FILE',
        help='network to begin with, for a new style in a fraction of the '
        'time: a bundled one, a file of `train`, or random for none; '
        f'default: {START}, with --invert random')
    add('--workers', type=natural, metavar='N', default=2,
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


def _defaults(name):
    """What an option is where it is not given."""
    defaults = {}
    for kind, words in ((Settings, ''), (DecoderSettings, 'with --invert ')):
        value = getattr(kind(), name, None) if name != 'invert' else None
        if value is not None:
            shown = ' '.join(value) if isinstance(value, tuple) else value
            defaults.setdefault(shown, words)
    known = ', '.join(f'{words}{value}' for value, words in defaults.items())
    return f'; default: {known}' if known else ''


def run(args: Namespace) -> int:
    from mxnet import npx
    npx.set_np()
    settings = _settings(args)
    _check_output(args)
    with contextlib.ExitStack() as stack:
        try:
            with mxnet_errors('a smaller --size or --batch-size'):
                result = _train(args, settings, _listener(stack))
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


def _train(args, settings, listen):
    """As `training.train` and `inversion.train_decoder` do, but that nothing
    is replaced unasked."""
    from ..feedforward.inversion import DecoderTraining
    from ..feedforward.training import Run
    start = args.start or ('random' if args.invert else START)
    last = (_contexts(args), args.kvstore,
            None if start == 'random' else start)
    training = (DecoderTraining(args.data, settings, args.styles, *last)
                if args.invert
                else Run(args.style, args.data, settings, *last))
    return training.run(args.output, args.resume, args.every, args.workers,
                        listen, args.force)


def _settings(args):
    """The settings of the training that is asked for."""
    if bool(args.style) == bool(args.invert):
        raise NSTError('name a STYLE to be painted like, or a layer to '
                       'invert (--invert); not both')
    kind = DecoderSettings if args.invert else Settings
    given: Dict[str, Any] = {
        name: getattr(args, name) for name in FIELDS
        if getattr(args, name) is not None}
    if args.styles:
        given['styles'] = args.styles
    known = {field.name for field in dataclasses.fields(kind)}
    known |= {'styles'} if args.invert else set()
    foreign = sorted(set(given) - known)
    if foreign:
        raise NSTError(f'--{foreign[0].replace("_", "-")} is not for '
                       + ('--invert' if args.invert else 'a STYLE')
                       + ': leave it out')
    given.pop('styles', None)
    for name, value in given.items():
        if isinstance(value, list):
            given[name] = tuple(value)
    return kind(**given)


def _check_output(args):
    from ..outputs import check_writable
    if os.path.splitext(args.output)[1] != '.params':
        raise NSTError(f'{args.output}: name a file that ends in .params')
    # Without its checkpoint a network would begin anew, and be replaced
    args.force |= args.resume and os.path.exists(
        checkpoint_path(args.output))
    for path in (args.output, checkpoint_path(args.output)):
        check_writable(path, args.force)


def _contexts(args):
    ctx = device(args.device)
    if args.kvstore == 'device' and ctx.device_type == 'gpu':
        import mxnet as mx
        return [mx.gpu(i) for i in range(mx.context.num_gpus())]
    return [ctx]


def _listener(stack):
    """A bar, made by the first step: a training may go on from any."""
    bar = None

    def listen(step):
        nonlocal bar
        if bar is None:
            bar = stack.enter_context(make_bar(
                total=step.iterations, unit='batch',
                initial=step.iteration - 1))
        bar.set_description(f'epoch {step.epoch}', refresh=False)
        bar.set_postfix_str(_losses(step), refresh=False)
        bar.update()
    return listen


def _losses(step):
    return ', '.join(f'{name} {value:.3g}'
                     for name, value in step.terms.items() if value)


def _report(args, result):
    if result.damaged:
        print('d2l-nst: pictures that can\'t be read were skipped: '
              f'{len(result.damaged)}, {min(result.damaged)} among them',
              file=sys.stderr)
    print(f'{result.output}: {len(result.history)} iterations in '
          f'{result.seconds:.0f} s, total loss {result.history[-1][-1]:.4g}')
