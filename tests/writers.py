"""Files of weights as other frameworks write them, made by hand: an oracle
that shares nothing with the readers.

Each takes a path and {'0.weight': float32 array}, the indices being those of
`features`.
"""

import json
import pickle
import struct
import zipfile

import numpy as onp
from scipy.io import savemat

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # preprocess
STORAGES = {'<f4': 'FloatStorage', '<f2': 'HalfStorage',
            '<f8': 'DoubleStorage', '<i8': 'LongStorage',
            'bfloat16': 'BFloat16Storage'}


def bfloat16(array):
    """The upper halves of float32, rounded to nearest, as '<u2'."""
    bits = onp.ascontiguousarray(array, '<f4').view('<u4').astype('u8')
    return ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16).astype('<u2')


def raw(array, dtype):
    return (bfloat16(array) if dtype == 'bfloat16'
            else array.astype(dtype)).tobytes()


# ---------------------------------------------------------------- PyTorch
def word(text):
    text = text.encode()
    return b'X' + struct.pack('<I', len(text)) + text


def integers(values):
    return b'(' + b''.join(b'J' + struct.pack('<i', v) for v in values) + b't'


def tensor(key, array, storage, old=False, start=0):
    """Opcodes of a tensor; PyTorch's functions take the storage by a
    persistent id."""
    strides = [s // array.itemsize for s in array.strides]
    pid = (b'(' + word('storage') + b'ctorch\n' + storage.encode() + b'\n'
           + word(key) + word('cpu') + b'J' + struct.pack('<i', array.size
                                                          + start)
           + (b'N' if old else b'') + b'tQ')
    name = b'_rebuild_tensor\n' if old else b'_rebuild_tensor_v2\n'
    return (b'ctorch._utils\n' + name + b'(' + pid + b'J'
            + struct.pack('<i', start) + integers(array.shape)
            + integers(strides)
            + (b'' if old else b'\x89ccollections\nOrderedDict\n)R') + b'tR')


HOOKS = b'ccollections\nOrderedDict\n)R'
PARAMETER = b'ctorch.nn.parameter\nParameter\n'
WRAPPERS = {
    None: lambda data: data,
    # Parameter.__reduce_ex__ since 0.2: __newobj__(type, data), settings
    'new': lambda data: PARAMETER + b'(' + data + b't\x81(\x88\x89' + HOOKS
    + b'tb',
    # Variable's state before: data, grad, hooks, requires_grad, volatile
    'old': lambda data: PARAMETER + b')\x81(' + data + b'N' + HOOKS
    + b'\x88\x89tb',
    # since 0.4
    'rebuilt': lambda data: b'ctorch._utils\n_rebuild_parameter\n(' + data
    + b'\x88' + HOOKS + b'tR'}


def state_dict(arrays, storage='FloatStorage', old=False, wrapper=None):
    """The pickle of an OrderedDict of tensors, in protocol 2."""
    entries = b''.join(
        word('features.' + name)
        + WRAPPERS[wrapper](tensor(str(i), array, storage, old))
        for i, (name, array) in enumerate(arrays.items()))
    return b'\x80\x02ccollections\nOrderedDict\n)R(' + entries + b'u.'


def write_pth(path, arrays, dtype='<f4', pickled=None, wrapper=None,
              extra=()):
    """torch.save since 1.6: a zip file, nothing compressed."""
    pickled = pickled or state_dict(arrays, STORAGES[dtype],
                                    wrapper=wrapper)
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_STORED) as archive:
        archive.writestr('archive/data.pkl', pickled)
        for i, array in enumerate(arrays.values()):
            archive.writestr(f'archive/data/{i}', raw(array, dtype))
        archive.writestr('archive/version', '3\n')


def write_old_pth(path, arrays, dtype='<f4', pickled=None, wrapper=None):
    """torch.save before 1.6: pickles, then each storage's count and
    numbers, in any order."""
    keys = [str(i) for i in range(len(arrays))][::-1]
    parts = [pickle.dumps(0x1950a86a20f9469cfc6c, 2), pickle.dumps(1001, 2),
             pickle.dumps({'protocol_version': 1001, 'little_endian': True,
                           'type_sizes': {'int': 4}}, 2),
             pickled or state_dict(arrays, STORAGES[dtype], True, wrapper),
             pickle.dumps(keys, 2)]
    for array in list(arrays.values())[::-1]:
        parts += [struct.pack('<q', array.size), raw(array, dtype)]
    with open(path, 'wb') as f:
        f.write(b''.join(parts))


# ----------------------------------------------------------- safetensors
def write_safetensors(path, arrays, dtype='F32'):
    """Numbers behind a JSON header that tells where each is."""
    kinds = {'F32': '<f4', 'F16': '<f2', 'F64': '<f8', 'BF16': 'bfloat16'}
    header, data = {'__metadata__': {'format': 'pt'}}, b''
    for name, array in arrays.items():
        part = raw(array, kinds[dtype])
        header['features.' + name] = {
            'dtype': dtype, 'shape': array.shape,
            'data_offsets': [len(data), len(data) + len(part)]}
        data += part
    header = json.dumps(header).encode()
    header += b' ' * (-len(header) % 8)
    with open(path, 'wb') as f:
        f.write(struct.pack('<Q', len(header)) + header + data)


# ------------------------------------------------------------ MatConvNet
def write_mat(path, arrays, names, old=False, mean=(123.68, 116.779, 103.939),
              with_mean=True):
    """Layers of the names given, made for RGB 0 ... 255 less `mean`: what
    computes on such pictures as `arrays` do on those of `preprocess`."""
    layers = onp.empty((1, len(names)), dtype=object)
    arrays = unfolded(arrays, mean)
    for i, name in enumerate(names):
        layers[0, i] = {'name': name, 'type': name[:4]}
        if name.startswith('conv'):
            filters = arrays[f'{i}.weight'].transpose(2, 3, 1, 0)
            biases = arrays[f'{i}.bias']
            weights = onp.empty((1, 2), dtype=object)
            weights[0, 0], weights[0, 1] = filters, biases[:, None]
            layers[0, i].update({'filters': filters, 'biases': biases[None]}
                                if old else {'weights': weights})
    image = onp.array(mean, 'float32').reshape(1, 1, 3)
    if old:  # a mean for each pixel
        image = onp.tile(image, (22, 22, 1))
    about = {'averageImage': image, 'imageSize': [224, 224, 3]}
    about = {'normalization': about}
    savemat(path, dict({'layers': layers}, **(
        {} if not with_mean else about if old else {'meta': about})))


def unfolded(arrays, mean):
    """First convolution for x = 255 (std X + MEAN) - mean, in place of X:
    X = (x + mean - 255 MEAN) / (255 std)."""
    arrays = {name: array.astype('float64') for name, array in
              arrays.items()}
    for c in range(3):
        arrays['0.weight'][:, c] /= 255 * STD[c]
        shift = (mean[c] - 255 * MEAN[c])
        arrays['0.bias'] += shift * arrays['0.weight'][:, c].sum(axis=(1, 2))
    return {name: array.astype('float32') for name, array in arrays.items()}
