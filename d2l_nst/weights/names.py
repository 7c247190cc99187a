"""The names under which files hold convolutions, and what network they tell.

A file has them by their index in Gluon's `features`, 'features.0.weight' or
'0.weight', or counts convolutions only, 'vgg0_conv0_weight'.
"""

import itertools
import re
from typing import Any, Dict, NamedTuple, Optional

import numpy as onp

from ..layers import BLOCKS

NAME = re.compile(
    r'(?:^(?:features\.)?(?P<index>\d+)\.|conv(?P<count>\d+)_)'
    r'(?P<kind>weight|bias)$')
KNOWN = {'vgg11': (1, 1, 2, 2, 2), 'vgg13': (2, 2, 2, 2, 2), **BLOCKS}


class Entry(NamedTuple):
    """What a name says: `number` is an index in `features`, or, where
    `counts`, how many convolutions come before; `kind` is 'weight' or
    'bias'."""

    number: int
    kind: str
    counts: bool


def entry_of(name: str) -> Optional[Entry]:
    """The `Entry` of a name; None where it is no layer's.

    >>> entry_of('features.5.weight')
    Entry(number=5, kind='weight', counts=False)
    """
    found = NAME.search(name)
    return found and Entry(int(found['index'] or found['count']),
                           found['kind'], found['index'] is None)


def entries_of(arrays: Dict[str, Any]) -> Dict[Entry, Any]:
    """The arrays that belong to a layer, by their `Entry`."""
    known = ((entry_of(name), array) for name, array in arrays.items())
    return {entry: array for entry, array in known if entry}


def network_of(arrays: Dict[str, Any]) -> Optional[str]:
    """'vgg19', or what else the arrays of a file must be; None where they
    are too few to tell."""
    weights = sorted((entry.number, array.shape[0], entry.counts)
                     for entry, array in entries_of(arrays).items()
                     if entry.kind == 'weight')
    fitting = [network for network, blocks in KNOWN.items()
               if _fits(blocks, *zip(*weights or [(0, 0, False)]))]
    return fitting[0] if len(fitting) == 1 else None


def _fits(blocks, numbers, channels, counts):
    """Whether convolutions of these numbers and channels are of this
    network; the older names count them, and tell by where blocks 2 to 4
    change the channels."""
    ends = list(itertools.accumulate(blocks))
    if not any(counts):  # a ReLU behind each, then a pooling
        return set(numbers) <= {2 * i + sum(i >= end for end in ends)
                                for i in range(ends[-1])}
    return ends[:3] == [i for i in range(1, len(channels))
                        if channels[i] != channels[i - 1]]


def is_complete(arrays: Dict[str, Any], network: str) -> bool:
    """Whether all convolutions are there: 13 for vgg16, 16 for vgg19."""
    return len(arrays) == 2 * sum(BLOCKS[network])


def convolutions(arrays: Dict[str, Any]) -> Dict[str, Any]:
    """Those that belong to a convolution: Gluon keeps the classifier in
    `features` too, two-dimensional."""
    return {name: array for name, array in arrays.items() if entry_of(name)
            and arrays.get(name.replace('bias', 'weight'),
                           onp.empty((0,) * 4)).ndim == 4}
