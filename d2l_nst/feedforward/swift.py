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

from ..engine.frozen import HEIGHT, WIDTH, cut, framed
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
    X = X / 127.5 - 1
    first, second, third, *between, fourth, fifth = net.body
    dtype = BFLOAT16 if net.precision == 'bfloat16' else X.dtype
    fine = normalised(wide_in(X, first.convolution, dtype), first, weights)
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
    light = nd.dot(weights, numbers(net.light)).reshape((1, 3, 1, 1))
    X = cast(nd.broadcast_mul(X, light), dtype)
    Y = wide_out(nd.concat(Y, X, dim=1), net.last)
    return 255 * (nd.tanh(Y) + 1) / 2


def numbers(parameter: Any) -> Array:
    return parameter.data().as_nd_ndarray()


def normalised(A: Array, block: Any, weights: Array) -> Array:
    """What a `Normalised` makes of its convolution's output. Of what is
    louder than `LOUDEST`, up or down, the rest is taken off again."""
    scale, shift = (nd.dot(weights, numbers(each))[0]
                    for each in (block.norm.gamma, block.norm.beta))
    one, Y = nd.ones_like(scale), by_statistics(A, scale, shift)
    for sign in one, -one:
        beyond = relu(by_statistics(A, sign, -LOUDEST * one))
        Y = nd.elemwise_add(Y, each_channel(beyond, -sign * scale))
    return relu(Y) if block.relu else Y


def by_statistics(A: Array, scale: Array, shift: Array) -> Array:
    """One picture's channels with mean 0 and variance 1, scaled and
    shifted: a batch normalisation, since the batch is the picture."""
    with autograd.train_mode():
        return nd.BatchNorm(A, scale, shift, nd.zeros_like(scale),
                            nd.ones_like(scale), eps=EPSILON,
                            fix_gamma=False)


def relu(A: Array) -> Array:
    return nd.Activation(A, act_type='relu', out=A)


def each_channel(A: Array, scale: Array) -> Array:
    """Each channel times its `scale`, (C,)."""
    channels = len(scale)
    return nd.Convolution(A, cast(scale.reshape((channels, 1, 1, 1)), A.dtype),
                          kernel=(1, 1), num_filter=channels,
                          num_group=channels, no_bias=True)


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


def wide_in(X: Array, layer: Any, dtype: Any) -> Array:
    """What a wide `Convolution` makes of the colours: what is under a row of
    its kernel becomes channels of one pixel."""
    W, X = numbers(layer.weight), framed(X, layer.reach)
    taps = W.shape[WIDTH]
    width = X.shape[WIDTH] - taps + 1
    X = nd.concat(*(cut(X, WIDTH, i, i + width) for i in range(taps)), dim=1)
    W = W.transpose((0, 3, 1, 2)).reshape((len(W), -1, taps, 1))
    X, W = (cast(with_zeros(A, 1), dtype) for A in (X, W))
    return nd.Convolution(X, W, kernel=(taps, 1), num_filter=len(W),
                          no_bias=True)


def wide_out(A: Array, layer: Any) -> Array:
    """What the last layer makes of A. Of a transposed convolution of stride
    1 the kernel is turned. A column of it gives three channels of their own,
    which are added up where they belong."""
    W = numbers(layer.weight).flip(HEIGHT).flip(WIDTH)
    colours, taps = W.shape[1:3]        # (inputs, colours, taps, taps)
    A = framed(A, taps // 2)
    width = A.shape[WIDTH] - taps + 1
    W = W.transpose((3, 1, 0, 2)).reshape((-1, len(W), taps, 1))
    W = cast(with_zeros(W, 0), A.dtype)
    A = exact(nd.Convolution(A, W, kernel=(taps, 1), num_filter=len(W),
                             no_bias=True))
    Y = numbers(layer.bias).reshape((1, -1, 1, 1))
    for i in range(taps):
        part = cut(A, 1, i * colours, (i + 1) * colours)
        Y = nd.broadcast_add(Y, cut(part, WIDTH, i, i + width))
    return Y


def with_zeros(A: Array, axis: int) -> Array:
    """A with zeros up to `FAST` along an axis."""
    shape: Tuple[int, ...] = (*A.shape[:axis], FAST - A.shape[axis],
                              *A.shape[axis + 1:])
    return nd.concat(A, nd.zeros(shape, A.ctx), dim=axis)
