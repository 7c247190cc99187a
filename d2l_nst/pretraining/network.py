"""The network that is trained: a VGG with batch normalisation and a head."""

import mxnet as mx
import numpy as onp
from mxnet import gluon
from mxnet.gluon import nn

from ..layers import layer_index, layer_names
from ..vgg import Convolution

LAST = {'vgg16': 'relu4_3', 'vgg19': 'relu5_2'}


class Cosines(nn.HybridBlock):
    """Cosines between features and one direction for each class, times a
    learnt scale: (N, D) -> (N, classes)."""

    def __init__(self, dim, classes, scale=10):
        super().__init__()
        self.classes = classes
        self.weight = self.params.get('weight', shape=(classes, dim),
                                      init=mx.init.Normal(dim ** -0.5))
        self.scale = self.params.get('scale', shape=(1,),
                                     init=mx.init.Constant(scale))

    def hybrid_forward(self, F, X, weight, scale):
        X, weight = (F.L2Normalization(A.as_nd_ndarray()).as_np_ndarray()
                     for A in (X, weight))
        return scale * F.npx.fully_connected(
            X, weight, no_bias=True, num_hidden=self.classes)


class ExemplarNet(gluon.HybridBlock):
    """Maps crops, (N, 3, H, W), to a logit for each class, (N, classes).

    It has the convolutions of a VGG up to `LAST`, each with batch
    normalisation, and average pooling between the blocks. The mean and the
    maximum of each channel are then compared with the classes by cosines.
    """

    def __init__(self, network='vgg19', classes=4096, precision='float32'):
        super().__init__()
        init = mx.init.Xavier('gaussian', 'in', 2)
        stop = layer_index(LAST[network], network) + 1
        self.names = layer_names(network)[:stop]
        self.features, channels = nn.HybridSequential(), 3
        for name in self.names:
            if name.startswith('conv'):
                before, channels = channels, min(512, 32 * 2 ** int(name[4]))
                self.features.add(
                    Convolution(channels, 'zeros', precision, before,
                                use_bias=False, weight_initializer=init),
                    nn.BatchNorm(in_channels=channels))
            else:
                self.features.add(nn.Activation('relu') if 'relu' in name
                                  else nn.AvgPool2D(2, 2))
        self.head = Cosines(2 * channels, classes)

    def hybrid_forward(self, F, X):
        Y = self.features(X)
        return self.head(F.np.concatenate(
            [Y.mean(axis=(2, 3)), Y.max(axis=(2, 3))], axis=1))


def fold(net):
    """The weights and biases of a plain VGG that computes the same.

    In a trained network batch normalisation is a scale and a shift of each
    channel, which go into the convolution before it. Returns NumPy arrays
    under Gluon's names for `features`.
    """
    blocks = iter(net.features)
    arrays = {}
    for i, name in enumerate(net.names):
        block = next(blocks)
        if name.startswith('conv'):
            norm = next(blocks)
            gamma, beta, mean, var = (
                p.data().asnumpy().astype('float64') for p in (
                    norm.gamma, norm.beta, norm.running_mean,
                    norm.running_var))
            scale = gamma / onp.sqrt(var + norm._kwargs['eps'])
            weight = block.weight.data().asnumpy() * scale[:, None, None,
                                                           None]
            arrays[f'{i}.weight'] = weight.astype('float32')
            arrays[f'{i}.bias'] = (beta - mean * scale).astype('float32')
    return arrays
