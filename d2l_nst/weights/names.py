"""The names under which files hold convolutions, and what network they tell.

A file has them by their index in Gluon's `features`, 'features.0.weight' or
'0.weight', or counts convolutions only, 'vgg0_conv0_weight'.
"""

import itertools
import re

import numpy as onp

from ..layers import BLOCKS

ENTRY = re.compile(r'^(?:features\.)?(\d+)\.(weight|bias)$')
OLD_ENTRY = re.compile(r'conv(\d+)_(weight|bias)$')
KNOWN = {'vgg11': (1, 1, 2, 2, 2), 'vgg13': (2, 2, 2, 2, 2), **BLOCKS}


def network_of(arrays):
    """'vgg19', or what else the arrays of a file must be; None where they
    are too few to tell."""
    weights = sorted((_number(name), array.shape[0], bool(ENTRY.search(name)))
                     for name, array in arrays.items()
                     if name.endswith('weight'))
    fitting = [network for network, blocks in KNOWN.items()
               if _fits(blocks, *zip(*weights or [(0, 0, True)]))]
    return fitting[0] if len(fitting) == 1 else None


def _fits(blocks, numbers, channels, new):
    """Whether convolutions of these numbers and channels are of this
    network; the older names count them, and tell by where blocks 2 to 4
    change the channels."""
    ends = list(itertools.accumulate(blocks))
    if all(new):  # index in `features`: a ReLU behind each, then a pooling
        return set(numbers) <= {2 * i + sum(i >= end for end in ends)
                                for i in range(ends[-1])}
    return ends[:3] == [i for i in range(1, len(channels))
                        if channels[i] != channels[i - 1]]


def is_complete(arrays, network):
    """Whether all convolutions are there: 13 for vgg16, 16 for vgg19."""
    return len(arrays) == 2 * (int(network[3:]) - 3)


def _number(name):
    return int((ENTRY.search(name) or OLD_ENTRY.search(name)).group(1))


def is_entry(name):
    """Whether numbers of some layer may have this name."""
    return bool(ENTRY.search(name) or OLD_ENTRY.search(name))


def convolutions(arrays):
    """Those that belong to a convolution: Gluon keeps the classifier in
    `features` too, two-dimensional."""
    return {name: array for name, array in arrays.items() if is_entry(name)
            and arrays.get(name.replace('bias', 'weight'),
                           onp.empty((0,) * 4)).ndim == 4}
