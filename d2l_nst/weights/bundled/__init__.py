"""The trained networks that come with this package, and how they are saved.

Each is one file of float16 numbers under Gluon's names for `features`
(`0.weight`, `0.bias`, `2.weight` ...) with a record of itself (the first two
came before that: see `known`), with a line in `SHA256SUMS` and a
model card, `.md`, beside it. They were trained with average pooling.
"""

import dataclasses
import os
from typing import Any, Tuple

from ... import files
from ...errors import WeightsError
from ...kinds import Arrays
from .. import store
from ..formats import read_record
from ..record import Weights

FOLDER = os.path.dirname(os.path.abspath(__file__))
LAST_LAYER = {'vgg19': 'relu5_2', 'vgg16': 'relu4_3'}
LARGEST = 32 * 2 ** 20  # bytes
# Of the networks trained here, see `random_filters.balance`: by trial, as
# there
BALANCE = {'style_start': [8, 5, 4, 2, 1], 'content_scale': 1.2}


def record_of(arrays: Arrays, network: str, last: str) -> Weights:
    """The `Weights` of a network that was trained here."""
    return Weights(arrays, network, 'bundled', 'average', last,
                   balance=BALANCE, unit=None,
                   origin='python -m d2l_nst pretrain',
                   licence='MIT, the authors of d2l_nst')


def save_bundled(net: Any, folder: str = FOLDER,
                 source: str = 'python -m d2l_nst pretrain'
                ) -> Tuple[str, str]:
    """Save the convolutions of a `VGG` as `NETWORK-<8>.params`, float16, 8
    being the first digits of its sha256, and note it in `SHA256SUMS`.

    Whole or not at all; takes the place of the folder's file for the same
    network. Returns (path, sha256). Raises `WeightsError`.
    """
    arrays = {f'{i}.{kind}': getattr(layer, kind).data().asnumpy()
              for i, layer in enumerate(net) if hasattr(layer, 'weight')
              for kind in ('weight', 'bias')}
    return store.keep(record_of(arrays, net.network, net.names[-1]), folder,
                      net.network, source, 'float16')


def load_bundled(network: str) -> Weights:
    """The `Weights` of a bundled network. Raises `WeightsError`."""
    weights = read_record(bundled_file(network))
    if weights.unit:  # it says nothing of itself
        weights = record_of(weights.arrays, network, LAST_LAYER[network])
    return dataclasses.replace(weights, name='bundled')


def known(weights: Weights) -> Weights:
    """`Weights` of a file, or, where the file says nothing of itself and
    is a copy of a bundled one, what is known of that."""
    if weights.unit and os.path.getsize(weights.name) <= LARGEST:
        sha256 = files.sha256(weights.name)
        for network, last in LAST_LAYER.items():
            entry = store.find(FOLDER, network)
            if entry and entry[1] == sha256:
                return dataclasses.replace(
                    record_of(weights.arrays, network, last),
                    name=weights.name)
    return weights


def bundled_file(network: str) -> str:
    """Path of the bundled file, its sha256 checked. Raises
    `WeightsError`."""
    entry = store.find(FOLDER, network)
    if not entry:
        raise WeightsError(f'no {network} is bundled with this package: '
                           "choose 'random', 'imagenet' or a file")
    if files.sha256(entry[0]) != entry[1]:
        raise WeightsError(f'{entry[0]} is damaged, its sha256 is not that '
                           'of SHA256SUMS: install the package again')
    return entry[0]
