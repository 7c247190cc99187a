"""What options of several commands have in common, and how commands end."""

import argparse
import contextlib
import math
import os
import resource
import signal
import sys
import threading
from typing import Any, Dict, Iterator, Optional

from ..errors import NSTError
from ..kinds import AnySize, Path

FULL = 'the disk is full: make room, and try again'
FAILED, USAGE, INTERRUPTED = 1, 2, 130
# What ends a command unless it is switched off, as by nohup
ENDS: Dict[int, Any] = {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGTERM: signal.SIG_DFL, signal.SIGHUP: signal.SIG_DFL}
AGAIN = 0.01   # seconds until an interrupt that was lost comes once more


SIZE = 'WxH|N|content'


def size(text: str) -> AnySize:
    """(width, height), the longer side, or 'content': for
    `images.shape_of`."""
    width, x, height = text.lower().partition('x')
    if text == 'content':
        return text
    if text.isdecimal() and int(text):
        return int(text)
    if x and width.isdecimal() and height.isdecimal():
        return int(width), int(height)
    raise argparse.ArgumentTypeError(
        f'{text!r} is no size; write WIDTHxHEIGHT, as in 900x600, the longer '
        'side, as in 800, or content')


def weight(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 <= float(text) < math.inf:
            return float(text)
    raise argparse.ArgumentTypeError(f'{text!r} is no weight; write a '
                                     'number from 0 up')


def share(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < float(text) <= 1:
            return float(text)
    raise argparse.ArgumentTypeError(f'{text!r} is no share; write a number '
                                     'above 0, up to 1')


def rate(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0.1 <= float(text) <= 240:
            return float(text)
    raise argparse.ArgumentTypeError(f'{text!r} is no rate; write frames a '
                                     'second, from 0.1 to 240')


def count(text: str) -> int:
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f'{text!r} is no count; write a whole '
                                     'number from 1 up')


def tile_size(text: str) -> Optional[int]:
    """Pixels a side, or None for 'auto'."""
    if text == 'auto':
        return None
    if text.isdecimal():
        return int(text)
    raise argparse.ArgumentTypeError(f'{text!r} is no size of tiles; write '
                                     'auto, or pixels a side, 0 for none')


def natural(text: str) -> int:
    if text.isdecimal():
        return int(text)
    raise argparse.ArgumentTypeError(f'{text!r} does not do; write a whole '
                                     'number from 0 up')


def device(name: str) -> Any:
    """The context that --device names: cpu, gpu or auto."""
    import mxnet as mx
    gpus = mx.context.num_gpus() if name != 'cpu' else 0
    if name == 'gpu' and not gpus:
        raise NSTError('MXNet sees no GPU: install the wheel for yours '
                       '(mxnet-cu112 or mxnet-cu117), or use --device cpu')
    return mx.gpu(0) if gpus else mx.cpu()


def add_existing(parser: argparse.ArgumentParser) -> None:
    """What is done about pictures that are there already: one of two."""
    exists = parser.add_mutually_exclusive_group()
    exists.add_argument('--force', action='store_true',
                        help='overwrite what exists')
    exists.add_argument('--skip-existing', action='store_true',
                        help='paint only what is not there yet')


@contextlib.contextmanager
def mxnet_errors(advice: str) -> Iterator[None]:
    """Turn an error of MXNet into one line that says what to try."""
    from mxnet import MXNetError
    try:
        yield
    except MXNetError as e:
        reason = str(e).strip().splitlines()[-1]
        if 'Write incomplete' in reason:
            raise NSTError(FULL) from None
        raise NSTError(f'MXNet failed: {reason}; try {advice}') from None


@contextlib.contextmanager
def one_interrupt(to_the_end: bool = False) -> Iterator[None]:
    """Let the first Ctrl-C, SIGTERM or SIGHUP raise KeyboardInterrupt, and
    pass over the others, so that what was reached is saved in peace. They
    are passed over `to_the_end` of the process, where it ends with the
    command."""
    process, here = os.getpid(), threading.current_thread()
    told, alarm = sys.unraisablehook, signal.getsignal(signal.SIGALRM)
    ends = [number for number, usual in ENDS.items()
            if signal.getsignal(number) == usual
            and here is threading.main_thread()]

    def interrupt(number, frame):
        if os.getpid() != process:  # a fork that was told to end
            os._exit(128 + number)
        for each in ends:  # one of them may be on its way already
            signal.signal(each, pass_over)
        sys.unraisablehook = but_half_made
        raise KeyboardInterrupt

    def pass_over(number, frame):
        pass

    def but_half_made(error):
        """Tell what Python would, but of an MXNet array that the interrupt
        left without what is to be freed. An interrupt that came while one
        was freed, where Python drops it, comes once more."""
        if error.exc_type is KeyboardInterrupt:
            signal.signal(signal.SIGALRM, interrupt)
            signal.setitimer(signal.ITIMER_REAL, AGAIN)
        elif "has no attribute 'handle'" not in str(error.exc_value):
            told(error)

    for number in ends:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        sys.unraisablehook = told
        if ends and signal.getsignal(signal.SIGALRM) == interrupt:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, alarm)
        for number in ends:
            ended = signal.getsignal(number) == pass_over
            signal.signal(number, signal.SIG_IGN if to_the_end and ended
                          else ENDS[number])


def summary(output: Path, number: int, of: int, code: int, seconds: float,
            unit: str = '') -> str:
    """The last line about what was painted."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2 ** 20
    ended = ', interrupted' if code == INTERRUPTED else ''
    return (f'{output}: {number} of {of}{unit} painted in {seconds:.0f} s, '
            f'with {used:.1f} GB of memory at most{ended}')
