"""PyTorch's `.pth` files, read without PyTorch and without running them.

A pickle is a program. This one may name the few globals of a dictionary of
tensors, each replaced by a stand-in of this module, and nothing else.
Both formats are read: a zip file (since PyTorch 1.6), and four pickles with
the numbers behind them, as torchvision's VGG files of 2017 are.
"""

import collections
import os
import pickle
import pickletools
import zipfile
from typing import Any, Callable

import numpy as onp

from ..errors import WeightsError
from ..kinds import Array, Arrays, Path

MAGIC, PROTOCOL = 0x1950a86a20f9469cfc6c, 1001  # torch/serialization.py
MOST_MEMOS, MOST_BYTES = 10 ** 6, 2 ** 26  # of a pickle; VGG's has 4 kB
MOST_NUMBERS = 2 ** 30  # bytes of a storage, which may be packed

Storage = collections.namedtuple('Storage', 'dtype key size start')


class Tensor:
    """A part of a storage; also what older versions call a Parameter."""

    def __new__(cls, *state: Any) -> Any:
        if state and isinstance(state[0], Tensor):  # a Parameter's data
            return state[0]
        tensor = super().__new__(cls)
        if len(state) >= 4:
            tensor.__setstate__(state[:4])
        return tensor

    def __init__(self, *state: Any):
        pass

    def __setstate__(self, state: Any) -> None:
        if len(state) == 5:  # a Variable: its data, then its settings
            state = state[0].state
        if len(state) == 4:  # else the settings of a Parameter
            self.state = state

    def array(self, read: Callable[[Storage], Array]) -> Array:
        """The numbers, float32; `read` returns those of a storage."""
        storage, start, shape, stride = self.state
        count = int(onp.prod(shape))
        rows = onp.cumprod((1,) + tuple(shape)[:0:-1])[::-1]
        if any(a != b for n, a, b in zip(shape, stride, rows) if n > 1):
            raise ValueError('not in order of rows')
        start += storage.start
        numbers = read(storage)
        if start < 0 or len(numbers) < start + count:
            raise ValueError('beyond the end')
        return floats(numbers[start:start + count],
                      storage.dtype).reshape(shape)


def floats(numbers: Array, dtype: str) -> Array:
    """float32 of raw numbers; NumPy has no bfloat16, the upper half of a
    float32, so it comes as '<u2'."""
    if dtype == '<u2':
        return (numbers.astype('<u4') << 16).view('<f4')
    return numbers.astype('float32')


STORAGES = {'FloatStorage': '<f4', 'HalfStorage': '<f2',
            'DoubleStorage': '<f8', 'BFloat16Storage': '<u2',
            'LongStorage': '<i8'}
GLOBALS = {
    'collections.OrderedDict': collections.OrderedDict,
    'torch._utils._rebuild_tensor': Tensor,
    'torch._utils._rebuild_tensor_v2': Tensor,
    'torch._utils._rebuild_parameter': Tensor,
    'torch.nn.parameter.Parameter': Tensor,
    'torch.FloatTensor': Tensor,
    **{'torch.' + name: dtype for name, dtype in STORAGES.items()}}


class Unpickler(pickle.Unpickler):
    """Reads what names nothing but GLOBALS; `storages` holds those met."""

    def __init__(self, file: Any):
        super().__init__(file)
        self.storages = {}

    def find_class(self, module: str, name: str) -> Any:
        if f'{module}.{name}' not in GLOBALS:
            raise WeightsError(f'it asks for {f"{module}.{name}"[:60]!a}, '
                               'which no file of weights needs')
        return GLOBALS[f'{module}.{name}']

    def persistent_load(self, pid: Any) -> Storage:
        kind, dtype, key, _, size, *view = pid
        start = view[0][1] if view and view[0] else 0
        if kind != 'storage' or dtype not in STORAGES.values():
            raise ValueError('no storage')
        self.storages[key] = Storage(dtype, key, size, start)
        return self.storages[key]


def read_pth(path: Path, wanted: Callable[[str], Any]) -> Arrays:
    """{name: float32 array} of the tensors whose name is `wanted`."""
    with open(path, 'rb') as f:
        if f.read(4) != b'PK\3\4':
            f.seek(0)
            return _arrays(wanted, *_open_pickles(f))
        with zipfile.ZipFile(f) as archive:
            return _arrays(wanted, *_open_zip(archive))


def _arrays(wanted, tensors, read):
    return {name: tensor.array(read) for name, tensor in tensors.items()
            if wanted(name)}


def _open_zip(archive):
    """The pickled dictionary, and a function that reads a storage."""
    name, = (name for name in archive.namelist()
             if name.endswith('/data.pkl'))
    if archive.getinfo(name).file_size > MOST_BYTES:
        raise ValueError('too long a pickle')

    def read(storage):
        member = archive.getinfo(f'{name[:-4]}/{storage.key}')
        size = storage.size * onp.dtype(storage.dtype).itemsize
        if member.file_size != size or size > MOST_NUMBERS:
            raise ValueError('another size')
        return onp.frombuffer(archive.read(member), storage.dtype)

    with archive.open(name) as f:
        return _load(f)[0], read


def _open_pickles(f):
    if _load(f)[0] != MAGIC or _load(f)[0] != PROTOCOL:
        raise ValueError('not the format of PyTorch')
    _load(f)  # about the machine that wrote it
    tensors, storages = _load(f)
    keys, places = _load(f)[0], {}
    place = f.tell()
    for key in keys:  # each is its count, 8 bytes, and its numbers
        f.seek(place)
        dtype = onp.dtype(storages[key].dtype)
        size = int.from_bytes(f.read(8), 'little')
        places[key] = place + 8, size
        place += 8 + size * dtype.itemsize
    if os.fstat(f.fileno()).st_size < place:
        raise ValueError('half a file')

    def read(storage):
        place, size = places[storage.key]
        f.seek(place)
        return onp.fromfile(f, storage.dtype, size)

    return tensors, read


def _load(f):
    """The next pickle of a file, and the storages that it names. A memo
    with a far index would fill the memory before anything is checked."""
    start = f.tell()
    for opcode, arg, _ in pickletools.genops(f):
        if 'PUT' in opcode.name and int(arg or 0) > MOST_MEMOS:
            raise ValueError('too many memos')
    f.seek(start)
    unpickler = Unpickler(f)
    return unpickler.load(), unpickler.storages
