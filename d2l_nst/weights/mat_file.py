"""MATLAB's `.mat` files of version 5, as MatConvNet publishes its networks,
read here: SciPy's reader ends the process over some that are damaged.

Behind a head of 128 bytes stand elements: a tag, which tells the type and the
number of bytes, and those. A matrix is an element of elements: its class, its
shape, its name, and its numbers or the matrices in it (*MAT-File Format*, The
MathWorks). A packed element holds another.
"""

import math
import struct
import zlib
from typing import Any, Dict, Iterable, Tuple

import numpy as onp

from ..kinds import Path

NUMBERS = {1: 'i1', 2: 'u1', 3: '<i2', 4: '<u2', 5: '<i4', 6: '<u4',
           7: '<f4', 9: '<f8', 12: '<i8', 13: '<u8', 16: 'u1', 17: '<u2'}
MATRIX, PACKED = 14, 15
CELL, STRUCT, CHAR, FIRST_NUMERIC, LAST_NUMERIC = 1, 2, 4, 6, 15
COMPLEX = 0x800
DEEPEST, LARGEST = 12, 2 ** 30    # matrices in matrices; bytes of a packed


def read_mat(path: Path, wanted: Iterable[str]) -> Dict[str, Any]:
    """{name: matrix} of those that are `wanted`. Numbers are an array, a
    cell is a list, characters are a string, a struct a list of dictionaries,
    and what is not read here None. Raises `ValueError`, and `OSError`."""
    raw = memoryview(onp.memmap(path, 'uint8', 'r'))
    if len(raw) < 128 or bytes(raw[124:128]) != b'\0\1IM':
        raise ValueError('another version')
    matrices, raw = {}, raw[128:]
    try:
        while len(raw):
            kind, data, raw = _element(raw)
            if kind == PACKED:
                data = memoryview(zlib.decompressobj().decompress(
                    data, LARGEST))
                kind, data, _ = _element(data)
            if kind == MATRIX and _head(data)[2] in wanted:
                matrices[_head(data)[2]] = _matrix(data)
    except (struct.error, zlib.error, KeyError) as e:
        raise ValueError(f'not whole: {e}') from None
    return matrices


def _element(raw: memoryview) -> Tuple[int, memoryview, memoryview]:
    """Type and data of the first element, and what is behind it."""
    kind, size = struct.unpack('<II', raw[:8])
    first, end = 8, 8 + size
    if kind >> 16:    # a small one: four bytes of tag, four of data
        kind, size, first = kind & 0xffff, kind >> 16, 4
        end, padded = 4 + size, 8
        if size > 4:
            raise ValueError('too long for a small one')
    else:
        padded = end if kind == PACKED else end + -end % 8
    if end > len(raw):
        raise ValueError('half a file')
    return kind, raw[first:end], raw[padded:]


def _numbers(raw):
    kind, data, rest = _element(raw)
    return onp.frombuffer(data, NUMBERS[kind]), rest


def _head(raw):
    """Class and flags, shape and name of a matrix, and what is behind."""
    flags, raw = _numbers(raw)
    shape, raw = _numbers(raw)
    name, raw = _numbers(raw)
    shape = tuple(map(int, shape))
    if len(flags) != 2 or not 0 < len(shape) <= 32 or min(shape) < 0:
        raise ValueError('no matrix')
    return int(flags[0]), shape, name.tobytes().decode('latin-1'), raw


def _matrix(raw: memoryview, depth: int = 0) -> Any:
    if not len(raw):
        return onp.zeros((0, 0))
    if depth > DEEPEST:
        raise ValueError('too deep')
    flags, shape, _, raw = _head(raw)
    kind, count = flags & 0xff, math.prod(shape)
    if kind == CELL:
        return list(_matrices(raw, count, depth))
    if kind == STRUCT:
        return _struct(raw, count, depth)
    if kind == CHAR:
        return ''.join(map(chr, _numbers(raw)[0]))
    if not FIRST_NUMERIC <= kind <= LAST_NUMERIC or flags & COMPLEX:
        return None
    numbers = _numbers(raw)[0]
    if len(numbers) != count:
        raise ValueError('another number of numbers')
    return numbers.reshape(shape, order='F')


def _matrices(raw, count, depth):
    for _ in range(count):
        kind, data, raw = _element(raw)
        if kind != MATRIX:
            raise ValueError('no matrix')
        yield _matrix(data, depth + 1)


def _struct(raw, count, depth):
    length, raw = _numbers(raw)
    names, raw = _numbers(raw)
    length = int(length[0]) if len(length) else 0
    if length < 1 or len(names) > 2 ** 16:
        raise ValueError('no names')
    names = [names[i:i + length].tobytes().split(b'\0')[0].decode('latin-1')
             for i in range(0, len(names), length)]
    values = iter(list(_matrices(raw, count * len(names), depth)))
    return [dict(zip(names, values)) for _ in range(count if names else 0)]
