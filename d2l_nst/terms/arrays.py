"""What losses compute with: arrays of MXNet, and symbols, which stand for
them in a graph, have the same functions under different names."""

from typing import Any, Tuple

import numpy as onp

from ..kinds import Array

BFLOAT16 = onp.dtype([('bfloat16', onp.uint16)])  # as MXNet names it


def np_of(X: Array) -> Any:
    """`mxnet.np` for an array, `mxnet.sym.np` for a symbol."""
    import mxnet as mx
    return mx.sym.np if isinstance(X, mx.sym.Symbol) else mx.np


def npx_of(X: Array) -> Any:
    """`mxnet.npx` for an array, `mxnet.sym.npx` for a symbol."""
    import mxnet as mx
    return mx.sym.npx if isinstance(X, mx.sym.Symbol) else mx.npx


def classic_of(X: Array) -> Any:
    """`mxnet.nd` for an array, `mxnet.sym` for a symbol: some operators
    exist for classic arrays only."""
    import mxnet as mx
    return mx.sym if isinstance(X, mx.sym.Symbol) else mx.nd


def cast(A: Array, dtype: Any) -> Array:
    """A classic array in numbers of another kind, where it is not of it."""
    if A.dtype == dtype:
        return A
    if BFLOAT16 in (A.dtype, dtype):
        return classic_of(A).amp_cast(A, dtype=dtype)
    return A.astype(dtype)


def exact(A: Array) -> Array:
    """A classic array in float32 where it is in bfloat16."""
    return cast(A, onp.float32) if A.dtype == BFLOAT16 else A


def in_float32(A: Array) -> Array:
    """`exact` for an array of `mxnet.np`."""
    return exact(A.as_nd_ndarray()).as_np_ndarray()


def squares(Y_hat: Array, Y: Array) -> Array:
    """Mean squared difference of two arrays of one shape: a scalar."""
    return np_of(Y_hat).square(Y_hat - Y).mean()


def squares_slope(Y_hat: Array, weight: float,
                  Y: Array) -> Tuple[Array, Array]:
    """`weight` times `squares` of arrays, and its gradient at `Y_hat`."""
    D = difference(Y_hat, Y)
    share = weight / D.size
    l = share * added(D, D)
    D *= 2 * share
    return l.as_np_ndarray(), D.as_np_ndarray()


def difference(Y_hat: Array, Y: Array) -> Array:
    """That of two arrays of one shape, the first of which may be bfloat16:
    a classic array."""
    return exact(Y_hat.as_nd_ndarray()) - Y.as_nd_ndarray()


def added(A: Array, B: Array) -> Array:
    """The product of two classic arrays of one shape, (..., W), added up: a
    scalar. `dot` of millions of numbers is fast, and in float32 true to
    four digits; in rows it is true to seven."""
    rows = (A * B).reshape((-1, A.shape[-1]))
    return classic_of(A).dot(rows, rows[0].ones_like()).sum()
