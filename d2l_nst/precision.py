"""Which numbers a network is multiplied in: float32 or bfloat16."""

import contextlib
import functools
import hashlib
import json
import os
import timeit
from typing import Any, Callable

import mxnet as mx

from . import files
from .cores import has_bfloat16, processor
from .errors import NSTError
from .terms.arrays import BFLOAT16, cast
from .weights import store

CHANNELS = 128  # of the convolutions that are tried
TIMES = 12      # each; the first time MXNet prepares itself
PAYS = 0.9      # of float32's seconds: with more, its exactness counts


def choose_precision(precision: str, ctx: Any) -> str:
    """'float32' or 'bfloat16', which 'auto' is where the CPU has the
    instructions and is faster with them. Raises `NSTError` where it has not
    and is to use them."""
    first = ctx[0] if isinstance(ctx, (list, tuple)) else ctx
    can = first.device_type == 'cpu' and has_bfloat16()
    if precision == 'bfloat16' and not can:
        raise NSTError(f'{first} has no instructions for bfloat16: choose '
                       'precision float32 or auto')
    if precision == 'auto':
        return 'bfloat16' if can and bfloat16_pays() else 'float32'
    return precision


@functools.lru_cache(maxsize=None)
def bfloat16_pays() -> bool:
    """Whether this processor takes less time for convolutions in bfloat16.

    MXNet is older than some processors, whose instructions it may not use
    well, so that both are tried, once: a file in the cache keeps the
    answer, or a busy machine would now and then paint another picture.
    """
    machine = hashlib.sha256(f'{processor()} {mx.__version__}'.encode())
    path = os.path.join(store.cache(),
                        f'bfloat16-pays-{machine.hexdigest()[:8]}.json')
    with contextlib.suppress(OSError, ValueError), open(path) as file:
        return json.load(file) is True
    pays = is_faster()
    with contextlib.suppress(OSError):
        os.makedirs(store.cache(), exist_ok=True)
        with files.atomic(path) as file:
            file.write(json.dumps(pays).encode())
    return pays


def is_faster() -> bool:
    """Whether two convolutions, as `engine.frozen` computes them, take less
    time in bfloat16 here and now. Both are tried in turn, several times, so
    that what else the machine does for a moment decides nothing."""
    both = [convolutions(dtype) for dtype in ('float32', BFLOAT16)]
    rounds = [[timeit.timeit(each, number=1) for each in both]
              for _ in range(TIMES)]
    float32, bfloat16 = map(min, zip(*rounds))
    return bfloat16 < PAYS * float32


def convolutions(dtype: Any) -> Callable[[], None]:
    """What computes two convolutions."""
    nd = mx.nd
    A, W = (cast(nd.ones(shape), dtype) for shape in (
        (1, CHANNELS, 64, 64), (CHANNELS, CHANNELS, 3, 3)))

    def compute():
        Y = A
        for _ in range(2):
            Y = nd.Convolution(Y, W, kernel=(3, 3), pad=(1, 1),
                               num_filter=CHANNELS, no_bias=True)
            nd.Activation(Y, act_type='relu', out=Y)
        Y.wait_to_read()

    return compute
