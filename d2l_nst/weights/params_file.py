"""Gluon's `.params` files, read without MXNet, whose own reader ends the
process over some files that are none.

Little-endian, in this order: a magic number and a reserved one, of 8 bytes
each; the number of arrays, and the arrays; the number of names, and the
names, each behind its length. An array is a magic number that tells the
version, the kind of storage (version 2), the number of axes and the lengths,
the device (8 bytes), the type of the numbers, the numbers (MXNet's
src/ndarray/ndarray.cc).
"""

import math
import struct
from typing import Dict

import numpy as onp

from ..kinds import Array, Path

LIST = 0x112
# Version 3 is 2 with NumPy semantics, where an array may have no axis
V1, V2, V3 = 0xF993FAC8, 0xF993FAC9, 0xF993FACA
TYPES = {0: '<f4', 1: '<f8', 2: '<f2', 3: 'u1', 4: '<i4', 5: 'i1', 6: '<i8',
         7: '?', 8: '<i2', 9: '<u2', 10: '<u4', 11: '<u8'}
MOST_AXES = 32    # NumPy's


def read_params(path: Path) -> Dict[str, Array]:
    """{name: array} of a file, or {'0': array ...} where it has no names;
    views of the file, not to be written to. Raises `ValueError` where it
    is not whole, and `OSError`."""
    try:
        return _Reader(onp.memmap(path, 'uint8', 'r')).arrays()
    except (struct.error, UnicodeDecodeError) as e:
        raise ValueError(f'not whole: {e}') from None


class _Reader:
    """Reads on and on from raw bytes, never beyond their end."""

    def __init__(self, raw):
        self.raw, self.place = raw, 0

    def take(self, count):
        start, self.place = self.place, self.place + count
        if self.place > len(self.raw):
            raise ValueError('half a file')
        return self.raw[start:self.place]

    def number(self, form):
        """The next number, of a `form` of `struct`."""
        form = '<' + form
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def arrays(self):
        if self.number('Q') != LIST:
            raise ValueError('another format')
        self.number('Q')
        arrays = [self.array() for _ in range(self.number('Q'))]
        names = [self.take(self.number('Q')).tobytes().decode()
                 for _ in range(self.number('Q'))]
        if len(names) not in (0, len(arrays)):
            raise ValueError('another number of names')
        return dict(zip(names or map(str, range(len(arrays))), arrays))

    def array(self):
        version = self.number('I')
        if version in (V2, V3) and self.number('i'):
            raise ValueError('sparse')
        # Before version 1 the number of axes stands in the place of the
        # magic number, and lengths have 4 bytes
        axes = self.number('i') if version in (V1, V2, V3) else version
        length = 'q' if version in (V1, V2, V3) else 'I'
        if axes > MOST_AXES or axes < (version != V3):    # none of any kind
            raise ValueError('no array')
        shape = [self.number(length) for _ in range(axes)]
        self.number('q')    # the device
        dtype = onp.dtype(TYPES.get(self.number('i'), 'V0'))
        if min(shape, default=0) < 0 or not dtype.itemsize:
            raise ValueError('no numbers')
        return self.take(math.prod(shape) * dtype.itemsize).view(
            dtype).reshape(shape)
