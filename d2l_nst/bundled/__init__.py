"""The trained networks that come with this package, and how they are saved.

Each is one file of float16 numbers under Gluon's names for `features`
(`0.weight`, `0.bias`, `2.weight` ...), with a line in `SHA256SUMS` and a
model card, `.md`, beside it. They were trained with average pooling.
"""

import os
import re

from .. import weight_store
from ..errors import WeightsError

FOLDER = os.path.dirname(os.path.abspath(__file__))
NAME = re.compile(r'vgg1[69]-([0-9a-f]{8})\.params$')
LAST_LAYER = {'vgg19': 'relu5_2', 'vgg16': 'relu4_3'}
LARGEST = 32 * 2 ** 20  # bytes


def save_bundled(net, folder=FOLDER, source='python -m d2l_nst pretrain'):
    """Save the convolutions of a `VGG` as `NETWORK-<8>.params`, float16, 8
    being the first digits of its sha256, and note it in `SHA256SUMS`.

    Whole or not at all; takes the place of the folder's file for the same
    network. Returns (path, sha256). Raises `WeightsError`.
    """
    arrays = {f'{i}.{kind}': getattr(layer, kind).data().asnumpy()
              for i, layer in enumerate(net) if hasattr(layer, 'weight')
              for kind in ('weight', 'bias')}
    return weight_store.keep(arrays, folder, net.network, source, 'float16')


def bundled_file(network, folder=None):
    """Path of the bundled file, its sha256 checked. Raises
    `WeightsError`."""
    entry = weight_store.find(folder or FOLDER, network)
    if not entry:
        raise WeightsError(f'no {network} is bundled with this package: '
                           "choose 'random', 'imagenet' or a file")
    if weight_store.file_hash(entry[0]) != entry[1]:
        raise WeightsError(f'{entry[0]} is damaged, its sha256 is not that '
                           'of SHA256SUMS: install the package again')
    return entry[0]


def is_trained_here(path):
    """Whether a file is one of `save_bundled`: its name tells its hash."""
    name = NAME.match(os.path.basename(path))
    return bool(name and os.path.isfile(path)
                and os.path.getsize(path) <= LARGEST
                and weight_store.file_hash(path).startswith(name.group(1)))
