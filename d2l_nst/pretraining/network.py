"""The network that is trained: a VGG with batch normalisation and a head."""

import contextlib

import mxnet as mx
import numpy as onp
from mxnet import gluon
from mxnet.gluon import nn

from ..vgg import layer_index, layer_names

LAST = {'vgg16': 'relu4_3', 'vgg19': 'relu5_2'}
BFLOAT16 = onp.dtype([('bfloat16', onp.uint16)])  # as MXNet has it


@contextlib.contextmanager
def classic():
    """Switch to MXNet's classic arrays, since its NumPy arrays have no
    `amp_cast`."""
    with mx.util.np_array(False), mx.util.np_shape(False):
        yield


def fast_dtype():
    """'bfloat16' where the processor multiplies it, else 'float32'."""
    with contextlib.suppress(OSError), open('/proc/cpuinfo') as f:
        if 'avx512_bf16' in f.read():
            return 'bfloat16'
    return 'float32'


class Convolution(nn.HybridBlock):
    """A 3x3 convolution without bias.

    In bfloat16 only what is multiplied is rounded; the weights and the
    outputs stay float32.
    """

    def __init__(self, in_channels, channels, dtype='float32'):
        super().__init__()
        self.channels, self.dtype = channels, dtype
        self.weight = self.params.get(
            'weight', shape=(channels, in_channels, 3, 3),
            init=mx.init.Xavier('gaussian', 'in', 2))

    def hybrid_forward(self, F, X, weight):
        low = self.dtype == 'bfloat16'
        if low:
            X, weight = (F.amp_cast(A, dtype=BFLOAT16) for A in (X, weight))
        Y = F.Convolution(X, weight, kernel=(3, 3), pad=(1, 1), no_bias=True,
                          num_filter=self.channels)
        return F.amp_cast(Y, dtype='float32') if low else Y


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
        cosines = F.FullyConnected(
            F.L2Normalization(X), F.L2Normalization(weight), no_bias=True,
            num_hidden=self.classes)
        return F.broadcast_mul(cosines, F.reshape(scale, (1, 1)))


class ExemplarNet(gluon.HybridBlock):
    """Maps crops, (N, 3, H, W), to a logit for each class, (N, classes).

    It has the convolutions of a VGG up to `LAST`, each with batch
    normalisation, and average pooling between the blocks. The mean and the
    maximum of each channel are then compared with the classes by cosines.
    """

    def __init__(self, network='vgg19', classes=4096, dtype='float32'):
        super().__init__()
        stop = layer_index(LAST[network], network) + 1
        self.names = layer_names(network)[:stop]
        self.features, channels = nn.HybridSequential(), 3
        for name in self.names:
            if name.startswith('conv'):
                before, channels = channels, min(512, 32 * 2 ** int(name[4]))
                self.features.add(Convolution(before, channels, dtype),
                                  nn.BatchNorm(in_channels=channels))
            else:
                self.features.add(nn.Activation('relu') if 'relu' in name
                                  else nn.AvgPool2D(2, 2))
        self.head = Cosines(2 * channels, classes)

    def hybrid_forward(self, F, X):
        Y = self.features(X)
        pooled = F.concat(F.mean(Y, axis=(2, 3)), F.max(Y, axis=(2, 3)))
        return self.head(pooled)


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
