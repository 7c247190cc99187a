"""What options of several commands have in common, and how commands end."""

import argparse
import contextlib
import math

from ..errors import NSTError

FAILED, USAGE, INTERRUPTED = 1, 2, 130


def size(text):
    width, x, height = text.lower().partition('x')
    if not (x and width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(
            f'{text!r} is no size; write WIDTHxHEIGHT, as in 900x600')
    return int(width), int(height)


def weight(text):
    with contextlib.suppress(ValueError):
        if 0 <= float(text) < math.inf:
            return float(text)
    raise argparse.ArgumentTypeError(f'{text!r} is no weight; write a '
                                     'number from 0 up')


def count(text):
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f'{text!r} is no count; write a whole '
                                     'number from 1 up')


def seed(text):
    if text.isdecimal():
        return int(text)
    raise argparse.ArgumentTypeError(f'{text!r} is no seed; write a whole '
                                     'number from 0 up')


def device(name):
    """The context that --device names: cpu, gpu or auto."""
    import mxnet as mx
    gpus = mx.context.num_gpus() if name != 'cpu' else 0
    if name == 'gpu' and not gpus:
        raise NSTError('MXNet sees no GPU: install the wheel for yours '
                       '(mxnet-cu112 or mxnet-cu117), or use --device cpu')
    return mx.gpu(0) if gpus else mx.cpu()


@contextlib.contextmanager
def mxnet_errors(advice):
    """Turn an error of MXNet into one line that says what to try."""
    from mxnet import MXNetError
    try:
        yield
    except MXNetError as e:
        reason = str(e).strip().splitlines()[-1]
        raise NSTError(f'MXNet failed: {reason}; try {advice}') from None
