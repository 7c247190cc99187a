"""The way of a picture through a transformer network, fast on a processor.

MXNet's graph of the network takes the features out of the order in which
oneDNN keeps them for each edge and each normalisation. Here they stay in it
(`engine/frozen.py`). The wide convolutions at both ends have few channels on
one side: they go along one axis only, over as many channels as their kernels
are wide. And a convolution of features that were doubled is a transposed one
of the features themselves. The numbers are the same, but for rounding.
"""

from typing import Any, Tuple

from mxnet import autograd, nd, np

from ..engine.frozen import HEIGHT, WIDTH, cut, framed
from ..kinds import Array
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
    fine = normalised(wide_in(X, first.convolution), first, weights)
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
    Y = wide_out(nd.concat(Y, nd.broadcast_mul(X, light), dim=1), net.last)
    return 255 * (nd.tanh(Y) + 1) / 2


def numbers(parameter: Any) -> Array:
    return parameter.data().as_nd_ndarray()


def normalised(A: Array, block: Any, weights: Array) -> Array:
    """What a `Normalised` makes of its convolution's output, of one picture:
    then normalisation over a batch is that over each picture. No value may
    be louder than `LOUDEST`: the least of two numbers is that of a ReLU
    turned over."""
    scale, shift = (nd.dot(weights, numbers(A))[0]
                    for A in (block.norm.gamma, block.norm.beta))
    one, zero = nd.ones_like(scale), nd.zeros_like(scale)
    with autograd.train_mode():     # by its own mean and variance
        A = nd.BatchNorm(A, one, LOUDEST * one, zero, zero.copy(),
                         eps=EPSILON, fix_gamma=False)
    A = each_channel(relu(A), -one, 2 * LOUDEST * one)
    A = each_channel(relu(A), -scale, LOUDEST * scale + shift)
    return relu(A) if block.relu else A


def relu(A: Array) -> Array:
    return nd.Activation(A, act_type='relu', out=A)


def each_channel(A: Array, scale: Array, shift: Array) -> Array:
    """Each channel times its `scale`, plus its `shift`, (C,)."""
    channels = len(scale)
    return nd.Convolution(A, scale.reshape((channels, 1, 1, 1)), shift,
                          kernel=(1, 1), num_filter=channels,
                          num_group=channels)


def convolved(A: Array, layer: Any) -> Array:
    """What a `Convolution` makes of at least 16 channels."""
    W = numbers(layer.weight)
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
    return nd.Deconvolution(framed(A), W.transpose((1, 0, 2, 3)),
                            kernel=(4, 4), stride=(2, 2), pad=(3, 3),
                            num_filter=len(W), no_bias=True)


def wide_in(X: Array, layer: Any) -> Array:
    """What a wide `Convolution` makes of the colours: what is under a row of
    its kernel becomes channels of one pixel."""
    W, X = numbers(layer.weight), framed(X, layer.reach)
    taps = W.shape[WIDTH]
    width = X.shape[WIDTH] - taps + 1
    X = nd.concat(*(cut(X, WIDTH, i, i + width) for i in range(taps)), dim=1)
    W = W.transpose((0, 3, 1, 2)).reshape((len(W), -1, taps, 1))
    X, W = with_zeros(X, 1), with_zeros(W, 1)
    return nd.Convolution(X, W, kernel=(taps, 1), num_filter=len(W),
                          no_bias=True)


def wide_out(A: Array, layer: Any) -> Array:
    """What the last layer makes of A. Of a transposed convolution of stride
    1 the kernel is turned. A column of it gives three channels of their own,
    which are added up where they belong."""
    W = numbers(layer.weight).flip(HEIGHT).flip(WIDTH)      # (I, O, h, w)
    colours, taps = W.shape[1:3]
    A = framed(A, taps // 2)
    width = A.shape[WIDTH] - taps + 1
    W = W.transpose((3, 1, 0, 2)).reshape((-1, len(W), taps, 1))
    W = with_zeros(W, 0)
    A = nd.Convolution(A, W, kernel=(taps, 1), num_filter=len(W),
                       no_bias=True)
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
