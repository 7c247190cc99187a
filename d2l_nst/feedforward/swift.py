"""The way of a picture through a transformer network, fast on a processor.

MXNet's graph of the network takes the features out of the order in which
oneDNN keeps them for each edge and each normalisation. Here they stay in it
(`engine/frozen.py`). The numbers are the same, but for rounding: to that of
float32, or to bfloat16's.
"""

from typing import Any, Dict, List

from mxnet import autograd, nd, np

from ..engine.frozen import LEAST, cut, framed
from ..kinds import Array
from ..terms.arrays import BFLOAT16, cast, exact
from .blocks import EPSILON, LOUDEST, Convolution, turned
from .wide import (by_column, columns, convolved, in_columns, wide_out,
                   with_zeros)


def paint(net: Any, X: Array, weights: Array) -> Array:
    """What a `TransformerNet` makes of X and weights, as it takes them. On
    a GPU, or where autograd is to know, it does so itself."""
    if X.ctx.device_type != 'cpu' or autograd.is_recording():
        return net(X, weights)
    kernels = kernels_of(net)
    return np.concatenate([
        paint_one(net, kernels, A.as_nd_ndarray(), w.as_nd_ndarray()
                  ).as_np_ndarray()
        for A, w in zip(np.split(X, len(X)), np.split(weights, len(X)))])


def kernels_of(net: Any) -> Dict[Any, Array]:
    """Those of its layers, as they serve all pictures: oneDNN brings them
    into its order once."""
    layers: List[Any] = []
    net.apply(layers.append)
    found = {layer: layer.kernels(numbers(layer.weight)) for layer in layers
             if isinstance(layer, Convolution)}
    first, W = net.body[0].convolution, numbers(net.last.weight)
    found[first] = in_columns(found[first])
    found[net.last] = by_column(cut(turned(W), 1, 0, -3))
    dtype = BFLOAT16 if net.precision == 'bfloat16' else W.dtype
    return {layer: cast(W, dtype) for layer, W in found.items()}


def paint_one(net: Any, kernels: Dict[Any, Array], X: Array,
              weights: Array) -> Array:
    """The painting of one picture, both classic arrays, (1, 3, H, W)."""
    def made(A, layer):
        return layer.convolve(framed(A, layer.reach), kernels[layer])

    first, second, third, *between, fourth, fifth = net.body
    W = kernels[first.convolution]
    A = framed(X / 127.5 - 1, first.convolution.reach)
    A = columns(cast(A, W.dtype), W.shape[2])
    fine = normalised(convolved(A, W), first, weights)
    X = colours(convolved(A, in_columns(of_picture(net, weights))))
    del A    # as large as `fine`
    coarse = normalised(made(fine, second.convolution), second, weights)
    Y = normalised(made(coarse, third.convolution), third, weights)
    for block in between:
        more = Y
        for part in block.first, block.second:
            more = normalised(made(more, part.convolution), part, weights)
        Y = nd.elemwise_add(Y, more)
    for block, beside in (fourth, coarse), (fifth, fine):
        Y = nd.elemwise_add(made(Y, block.convolution),
                            made(beside, block.beside))
        Y = normalised(Y, block, weights)
    Y = colours(wide_out(framed(Y, net.last.reach), kernels[net.last]))
    Y = nd.broadcast_add(Y + X, numbers(net.last.bias).reshape((1, 3, 1, 1)))
    return 255 * (nd.tanh(Y) + 1) / 2


def numbers(parameter: Any) -> Array:
    return parameter.data().as_nd_ndarray()


def of_picture(net: Any, weights: Array) -> Array:
    """The last layer's kernels for the picture, each colour of which they
    see times a number of the style: (16, 3, 9, 9)."""
    light = nd.dot(weights, numbers(net.light)).reshape((1, 3, 1, 1))
    W = cut(turned(numbers(net.last.weight)), 1, -3, None)
    return with_zeros(nd.broadcast_mul(W, light), 0, LEAST)


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
