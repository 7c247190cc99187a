"""The way of a picture through a transformer network, fast on a processor.

MXNet's graph of the network takes the features out of the order in which
oneDNN keeps them for each edge and each normalisation. Here they stay in it
(`engine/frozen.py`). The wide convolutions at both ends have few channels on
one side: they go along one axis only, over as many channels as their kernels
are wide. And a convolution of features that were doubled is a transposed one
of the features themselves. The numbers are the same, but for rounding: to
that of float32, or to bfloat16's.
"""

from typing import Any, Tuple

from mxnet import autograd, nd, np

from ..engine.frozen import HEIGHT, LEAST, WIDTH, cut, framed
from ..kinds import Array
from ..terms.arrays import BFLOAT16, cast, exact
from .blocks import EPSILON, LOUDEST

FAST = 32    # channels for which oneDNN has a fast convolution


def paint(net: Any, X: Array, weights: Array) -> Array:
    """What a `TransformerNet` makes of X and weights, as it takes them. On
    a GPU, or where autograd is to know, it does so itself."""
    if X.ctx.device_type != 'cpu' or autograd.is_recording():
        return net(X, weights)
    return np.concatenate([
        paint_one(net, A.as_nd_ndarray(), w.as_nd_ndarray()).as_np_ndarray()
        for A, w in zip(np.split(X, len(X)), np.split(weights, len(X)))])


def paint_one(net: Any, X: Array, weights: Array) -> Array:
    """The painting of one picture, both classic arrays, (1, 3, H, W)."""
    first, second, third, *between, fourth, fifth = net.body
    dtype = BFLOAT16 if net.precision == 'bfloat16' else X.dtype
    W, (of_Y, of_X) = numbers(first.convolution.weight), of_last(net, weights)
    A = columns(X / 127.5 - 1, W.shape[WIDTH], dtype)
    fine = normalised(wide_in(A, W), first, weights)
    X = colours(wide_in(A, of_X))
    del A    # as large as `fine`
    coarse = normalised(convolved(fine, second.convolution), second, weights)
    Y = normalised(convolved(coarse, third.convolution), third, weights)
    for block in between:
        more = Y
        for part in block.first, block.second:
            more = normalised(convolved(more, part.convolution), part,
                              weights)
        Y = nd.elemwise_add(Y, more)
    for block, beside in (fourth, coarse), (fifth, fine):
        Y = nd.elemwise_add(doubled(Y, block.convolution),
                            convolved(beside, block.beside))
        Y = normalised(Y, block, weights)
    Y = nd.broadcast_add(colours(wide_out(Y, of_Y)) + X,
                         numbers(net.last.bias).reshape((1, 3, 1, 1)))
    return 255 * (nd.tanh(Y) + 1) / 2


def numbers(parameter: Any) -> Array:
    return parameter.data().as_nd_ndarray()


def of_last(net: Any, weights: Array) -> Tuple[Array, Array]:
    """The last layer's kernels for features and for the picture, each colour
    of which they see times a number of the style. They are turned, since
    its convolution is a transposed one, of stride 1."""
    W = numbers(net.last.weight).flip(HEIGHT).flip(WIDTH)
    W = W.transpose((1, 0, 2, 3))
    light = nd.dot(weights, numbers(net.light)).reshape((1, 3, 1, 1))
    of_X = nd.broadcast_mul(cut(W, 1, -3, None), light)
    return cut(W, 1, 0, -3), with_zeros(of_X, 0, LEAST)


def colours(A: Array) -> Array:
    """The first three channels, in float32."""
    return exact(cut(A, 1, 0, 3))


def normalised(A: Array, block: Any, weights: Array) -> Array:
    """What a `Normalised` makes of its convolution's output. Of what is
    louder than `LOUDEST`, up or down, the rest is taken off again; where a
    ReLU follows, only what is above is left of it."""
    scale, shift = (nd.dot(weights, numbers(each))[0]
                    for each in (block.norm.gamma, block.norm.beta))
    one, loudest = nd.ones_like(scale), LOUDEST * nd.abs(scale)
    if block.relu:
        least, most = nd.relu(shift - loudest), nd.relu(shift + loudest)
        Y = relu(by_statistics(A, scale, shift - least))
        beyond = relu(each_channel(Y, one, least - most))
        return nd.elemwise_add(Y, each_channel(beyond, -one, least))
    Y = by_statistics(A, scale, shift)
    for sign in one, -one:
        beyond = relu(each_channel(Y, sign, -sign * shift - loudest))
        Y = nd.elemwise_add(Y, each_channel(beyond, -sign))
    return Y


def by_statistics(A: Array, scale: Array, shift: Array) -> Array:
    """One picture's channels with mean 0 and variance 1, scaled and
    shifted: a batch normalisation, since the batch is the picture."""
    with autograd.train_mode():
        return nd.BatchNorm(A, scale, shift, nd.zeros_like(scale),
                            nd.ones_like(scale), eps=EPSILON,
                            fix_gamma=False)


def relu(A: Array) -> Array:
    return nd.Activation(A, act_type='relu', out=A)


def each_channel(A: Array, scale: Array, *shift: Array) -> Array:
    """Each channel times its `scale`, (C,), and shifted by (C,)."""
    channels = len(scale)
    given = (cast(each, A.dtype) for each in (
        scale.reshape((channels, 1, 1, 1)), *shift))
    return nd.Convolution(A, *given, kernel=(1, 1), num_filter=channels,
                          num_group=channels, no_bias=not shift)


def convolved(A: Array, layer: Any) -> Array:
    """What a `Convolution` makes of at least 16 channels."""
    W = cast(numbers(layer.weight), A.dtype)
    return nd.Convolution(framed(A, layer.reach), W, kernel=W.shape[2:],
                          stride=layer._kwargs['stride'],
                          num_filter=len(W), no_bias=True)


def doubled(A: Array, layer: Any) -> Array:
    """What a 3 x 3 `Convolution` makes of A with four pixels in place of
    each: of the four taps of a transposed one the two in the middle are sums
    of its taps, which fall on the same pixel of A."""
    W = numbers(layer.weight)
    for axis in HEIGHT, WIDTH:
        first, middle, last = (cut(W, axis, i, i + 1) for i in range(3))
        W = nd.concat(last, middle + last, first + middle, first, dim=axis)
    return nd.Deconvolution(
        framed(A), cast(W.transpose((1, 0, 2, 3)), A.dtype), kernel=(4, 4),
        stride=(2, 2), pad=(3, 3), num_filter=len(W), no_bias=True)


def columns(X: Array, taps: int, dtype: Any) -> Array:
    """The colours under each row of a wide kernel, which are channels of one
    pixel now: (1, 3, H, W) -> (1, 32, H + taps - 1, W)."""
    X = cast(framed(X, taps // 2), dtype)
    return nd.Convolution(X, cast(in_turn(taps), dtype), kernel=(1, taps),
                          num_filter=FAST, no_bias=True)


def in_turn(taps: int) -> Array:
    """Kernels that pass on what they see: (32, 3, 1, taps)."""
    W = nd.eye(3 * taps).reshape((3 * taps, taps, 3, 1))
    return with_zeros(W.transpose((0, 2, 3, 1)), 0, FAST)


def wide_in(A: Array, W: Array) -> Array:
    """What a convolution by wide kernels W, (C, 3, taps, taps), makes of
    colours in `columns`."""
    taps = W.shape[WIDTH]
    W = W.transpose((0, 3, 1, 2)).reshape((len(W), 3 * taps, taps, 1))
    W = cast(with_zeros(W, 1, FAST), A.dtype)
    return nd.Convolution(A, W, kernel=(taps, 1), num_filter=len(W),
                          no_bias=True)


def wide_out(A: Array, W: Array) -> Array:
    """What a convolution by wide kernels W, (3, C, taps, taps), makes of A:
    three colours, and channels of zeros. Each column of a kernel gives
    three channels of its own, which are then added up."""
    channels, taps = W.shape[1:3]
    W = W.transpose((3, 0, 1, 2)).reshape((3 * taps, channels, taps, 1))
    sums = with_zeros(in_turn(taps).transpose((1, 0, 2, 3)), 0, LEAST)
    A = framed(A, taps // 2)
    for each in with_zeros(W, 0, FAST), sums:
        A = nd.Convolution(A, cast(each, A.dtype), kernel=each.shape[2:],
                           num_filter=len(each), no_bias=True)
    return A


def with_zeros(A: Array, axis: int, number: int) -> Array:
    """A with zeros up to a number along an axis."""
    shape: Tuple[int, ...] = (*A.shape[:axis], number - A.shape[axis],
                              *A.shape[axis + 1:])
    return nd.concat(A, nd.zeros(shape, A.ctx), dim=axis)
