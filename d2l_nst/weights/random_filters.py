"""Random filters, and the balance that any network of filters is given."""

import math
from typing import Any, Dict, Optional, Sequence

import mxnet as mx
import numpy as onp

from ..chapter import gram
from ..errors import WeightsError
from ..kinds import Array
from ..layers import BLOCKS

# Style losses (weight 1e3) of blocks 1 to 5 between the two reference
# pictures, and deviation of the content layer: found by trial so that the
# three terms of the chapter's loss end within a factor of five
STYLE_START = (4, 30, 30, 30, 15)
CONTENT_SCALE = 3
CONTENT_LAYER = {network: f'conv4_{blocks[3]}'
                 for network, blocks in BLOCKS.items()}


def randomise(net: Any, seed: int = 1) -> None:
    """Fill a `VGG` with random filters and biases of zero, balanced.

    He, Wang and Hopcroft 2016 (*A powerful generative model using random
    weights*) show that such a network transfers style. The same `seed`
    draws the same filters whatever the last layer of `net` is.
    """
    random = onp.random.RandomState(seed % 2 ** 32)
    pictures = reference_pictures(random)
    net.initialize(mx.init.Zero(), mx.cpu(), force_reinit=True)
    for layer in convolutions(net).values():
        shape = layer.weight.shape
        deviation = math.sqrt(2 / (shape[1] * 9))  # keeps that of the input
        layer.weight.set_data(mx.np.array(
            random.normal(0, 1, shape) * deviation, dtype='float32'))
    balance(net, pictures)


def balance(net: Any, pictures: Optional[Array] = None,
            style_start: Sequence[float] = STYLE_START,
            content_scale: float = CONTENT_SCALE) -> Dict[str, float]:
    """Rescale the layers of a filled `VGG`, in place, so that the weights
    1, 1e3 and 10 of the chapter's losses balance.

    A ReLU network may be rescaled layer by layer without changing what it
    sees. The first layer of each block, which serves style, is scaled to
    its loss of `style_start` between the two `pictures`, (2, 3, H, W), by
    default those of `reference_pictures`; the content layer to the
    deviation `content_scale` on the first of them, every other
    convolution to 1. Returns the factors. Raises `WeightsError` where a
    layer is dead.
    """
    if pictures is None:
        pictures = reference_pictures(onp.random.RandomState(1))
    X, Y = (mx.np.array(A[None], dtype='float32') for A in pictures)
    scale = {}
    for layer, name in zip(net, net.names):
        X, Y = layer(X), layer(Y)  # both as if nothing had been rescaled
        if name.startswith('conv'):
            scale[name] = _scale(name, CONTENT_LAYER[net.network], X, Y,
                                 style_start, content_scale)
    rescale(net, scale)
    return scale


def rescale(net: Any, scale: Dict[str, float]) -> None:
    """Multiply what the convolutions of a filled `VGG` put out by `scale`,
    {'conv1_1': factor ...}, in place; 1 where none is given. What changes
    nothing goes on doing so: it takes over the factor before it."""
    before = 1.0
    for i, (layer, name) in enumerate(zip(net, net.names)):
        if name.startswith('conv'):
            factor = before if i in net.unchanging else scale.get(name, 1)
            layer.weight.set_data(layer.weight.data() * (factor / before))
            layer.bias.set_data(layer.bias.data() * factor)
            before = factor
    # oneDNN lays out weights anew, in place, while they are first used:
    # `save_parameters` must not read them before
    mx.nd.waitall()


def convolutions(net: Any) -> Dict[int, Any]:
    """The convolutions of a `VGG` by their index."""
    return {i: layer for i, layer in enumerate(net)
            if hasattr(layer, 'weight')}


def _scale(name, content_layer, X, Y, style_start, content_scale):
    """What the outputs X and Y of a layer shall be multiplied with."""
    block, number = int(name[4]), int(name[6:])
    if number == 1:
        value = 1e3 * float(((gram(X) - gram(Y)) ** 2).mean())
        wanted, power = style_start[block - 1], 0.25  # of the scale
    else:
        value, power = float(X.std()), 1
        wanted = content_scale if name == content_layer else 1
    if not 0 < value < math.inf:
        raise WeightsError(f'{name} of this network is dead, or too loud: '
                           f'it can\'t be balanced')
    return (wanted / value) ** power


def reference_pictures(random: Any, size: int = 128) -> Array:
    """Two pictures of noise, (2, 3, size, size): one grey and smooth as a
    landscape, one warm, vivid and rough as a painting."""
    f = onp.hypot(onp.fft.fftfreq(size)[:, None],
                  onp.fft.rfftfreq(size)[None]) + 1 / size

    def noise(power):
        spectrum = onp.fft.rfft2(random.normal(0, 1, (3, size, size)))
        return standard(onp.fft.irfft2(spectrum / f ** power, (size, size)))

    def standard(X):
        return X / X.std(axis=(1, 2), keepdims=True)

    landscape = noise(1)
    landscape = standard(landscape + 2 * landscape.mean(axis=0))
    warm = onp.array([0.5, -0.3, -0.6])[:, None, None]
    return onp.stack([landscape, 1.3 * noise(0.7) + warm])
