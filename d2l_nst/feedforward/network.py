"""The image transformer network: a picture in, its painting out."""

import glob
import os

import mxnet as mx
import numpy as onp
from mxnet import gluon, init
from mxnet.gluon import nn

from .. import files
from ..errors import WeightsError

FACTOR = 4        # both sides of a picture are multiples of it
MARGIN = 16       # reflected pixels around a picture, cropped again
STRIP_PIXELS = 2 ** 20   # of a strip of `InStrips`, at most
EPSILON = 1e-5
BUNDLED = os.path.join(os.path.dirname(__file__), 'bundled')


class InstanceNorm(nn.HybridBlock):
    """Brings each channel of each picture to mean 0 and variance 1, then
    scales and shifts it: (N, C, H, W) -> (N, C, H, W).

    Ulyanov, Vedaldi and Lempitsky 2016, equation 4. Gluon's own layer raises
    an error under NumPy semantics. Here a mean over the pixels is a product
    with ones, and so is the way from a mean back to all pixels. Forwards and
    backwards that is several times as fast as MXNet's operators for means.
    The product, `dot`, exists for classic arrays only.
    """

    def __init__(self, channels):
        super().__init__()
        self.channels = channels
        self.gamma = self.params.get('gamma', shape=(channels,), init='ones')
        self.beta = self.params.get('beta', shape=(channels,), init='zeros')

    def hybrid_forward(self, F, X, gamma, beta):
        X, gamma, beta = (A.as_nd_ndarray() for A in (X, gamma, beta))
        Y = F.reshape(X, (-3, -1))     # (N, C, H, W) -> (N*C, H*W)
        ones = F.ones_like(F.slice_axis(Y, axis=0, begin=0, end=1))
        pixels = F.dot(ones, ones, transpose_b=True)     # H*W, (1, 1)

        def mean(Y):             # (N*C, H*W) -> (N*C, 1)
            return F.broadcast_div(F.dot(Y, ones, transpose_b=True), pixels)

        def all_pixels(y):       # (N, C) -> (N*C, H*W)
            return F.dot(F.reshape(y, (-1, 1)), ones)

        Y = Y - all_pixels(mean(Y))
        scale = F.reshape(F.rsqrt(mean(Y * Y) + EPSILON),
                          (-1, self.channels))     # (N*C, 1) -> (N, C)
        shift = F.broadcast_add(F.zeros_like(scale),
                                F.reshape(beta, (1, -1)))
        scale = F.broadcast_mul(scale, F.reshape(gamma, (1, -1)))
        Y = Y * all_pixels(scale)     # in two lines: less memory at once
        Y = Y + all_pixels(shift)
        return F.reshape_like(Y, X).as_np_ndarray()


class Upsample(nn.HybridBlock):
    """Makes four pixels of each: (N, C, H, W) -> (N, C, 2H, 2W)."""

    def hybrid_forward(self, F, X):
        return F.UpSampling(X.as_nd_ndarray(), scale=2,
                            sample_type='nearest').as_np_ndarray()


def _convolution(inputs, channels, kernel=3, stride=1, kind=nn.Conv2D):
    """A 'same' convolution and its normalisation.

    The convolution has no bias, since the normalisation would subtract it
    again.
    """
    return [kind(channels, kernel, stride, kernel // 2, use_bias=False,
                 in_channels=inputs), InstanceNorm(channels)]


class InStrips(nn.Conv2D):
    """A 'same' convolution that takes a large picture strip by strip.

    MXNet's convolution with a wide kernel on few channels takes minutes on a
    CPU from about 3 million pixels up; strip by strip it takes seconds. A
    compiled network takes the picture as a whole.
    """

    def hybrid_forward(self, F, X, weight):
        def convolve(X):
            return super(InStrips, self).hybrid_forward(F, X, weight=weight)

        if F is not mx.nd or X.shape[2] * X.shape[3] <= STRIP_PIXELS:
            return convolve(X)
        reach, (height, width) = self._kwargs['pad'][0], X.shape[2:]
        rows, strips = max(1, STRIP_PIXELS // width), []
        for top in range(0, height, rows):
            above = max(0, top - reach)
            Y = convolve(X[:, :, above:top + rows + reach])
            strips.append(Y[:, :, top - above:top - above + rows])
        return F.np.concatenate(strips, axis=2)


class Residual(nn.HybridBlock):
    """Adds to its input what two convolutions make of it.

    Each convolution is normalised, and a ReLU stands between them. There is
    none after the sum (Gross and Wilber 2016).
    """

    def __init__(self, channels=128):
        super().__init__()
        self.body = nn.HybridSequential()
        self.body.add(*_convolution(channels, channels),
                      nn.Activation('relu'),
                      *_convolution(channels, channels))

    def hybrid_forward(self, F, X):
        return X + self.body(X)


class TransformerNet(gluon.HybridBlock):
    """Makes paintings of pictures, both (N, 3, H, W) in 0 ... 255.

    H and W must be multiples of `FACTOR`.

    Johnson, Alahi and Fei-Fei 2016, supplementary table 1, with instance
    normalisation, zero padding throughout, and nearest upsampling with a
    convolution in place of a transposed one (Odena, Dumoulin and Olah
    2016). It has 1,677,635 parameters. With the biases that a normalisation
    would subtract again it would have 1,679,235. Here the input is first
    brought to -1 ... 1, the range of tanh, so that zero padding is grey.
    """

    def __init__(self):
        super().__init__()
        self.body = nn.HybridSequential()
        for layer in (
                _convolution(3, 32, 9, kind=InStrips),
                _convolution(32, 64, 3, 2), _convolution(64, 128, 3, 2)):
            self.body.add(*layer, nn.Activation('relu'))
        self.body.add(*(Residual() for _ in range(5)))
        for inputs, channels in ((128, 64), (64, 32)):
            self.body.add(Upsample(), *_convolution(inputs, channels),
                          nn.Activation('relu'))
        # A transposed convolution of stride 1 is a convolution with turned
        # kernels. Where there are so few output channels, MXNet's transposed
        # one is several times as fast, forwards and backwards
        self.body.add(nn.Conv2DTranspose(3, 9, 1, 4, in_channels=32))

    def hybrid_forward(self, F, X):
        Y = self.body(X / 127.5 - 1)
        return 255 * (F.np.tanh(Y) + 1) / 2


def new_network(seed=1, ctx=None, start=None):
    """A hybridized `TransformerNet` to be trained.

    Its numbers are drawn by `seed`, or they are those of `start`, which is
    what `read_network` returns.
    """
    net = TransformerNet()
    mx.random.seed(seed % 2 ** 31)
    net.initialize(init.Xavier(), mx.cpu())
    if start:
        _fill(net, start)
    net.collect_params().reset_ctx(ctx or mx.cpu())
    net.hybridize(static_alloc=True)
    return net


# -------------------------------------------------------------- margin
def with_margin(X):
    """Add a reflected margin to NumPy pictures, (N, 3, H, W).

    Zero padding inside the network leaves a rim along the edges of a
    painting. With the margin this rim lies where `without_margin` cuts it
    off. The margin is `MARGIN` pixels wide, and a little wider below and to
    the right where the sides would be no multiples of `FACTOR`.

    >>> X = onp.zeros((1, 3, 50, 75))
    >>> with_margin(X).shape
    (1, 3, 84, 108)
    >>> without_margin(with_margin(X), 50, 75).shape
    (1, 3, 50, 75)
    """
    sides = ((MARGIN, MARGIN + -n % FACTOR) for n in X.shape[2:])
    return onp.pad(X, ((0, 0), (0, 0), *sides), mode='reflect')


def without_margin(Y, height, width):
    """Cut the margin off the paintings Y: (N, 3, height, width)."""
    return Y[:, :, MARGIN:MARGIN + height, MARGIN:MARGIN + width]


# --------------------------------------------------------------- files
def bundled():
    """Paths of the networks that come with the package, by name."""
    paths = sorted(glob.glob(os.path.join(glob.escape(BUNDLED), '*.params')))
    return {os.path.splitext(os.path.basename(p))[0]: p for p in paths}


def save_network(net, path):
    """Save the parameters as float16, 3.4 MB, atomically. Raises
    `OSError`."""
    mx.nd.waitall()
    arrays = {name: p.data(p.list_ctx()[0]).as_in_ctx(mx.cpu())
              for name, p in net._collect_params_with_prefix().items()}
    with files.atomic_path(path) as part:
        mx.npx.save(part, {name: array.astype('float16')
                           for name, array in arrays.items()})


def load_network(name, ctx=None):
    """The trained network of a bundled NAME or of a .params file, frozen,
    on `ctx`. Raises `WeightsError`."""
    net = TransformerNet()
    net.initialize(init.Zero(), mx.cpu())
    _fill(net, read_network(name))
    net.collect_params().setattr('grad_req', 'null')
    net.collect_params().reset_ctx(ctx or mx.cpu())
    return net


def read_network(name):
    """The float32 numbers of a network, by the names of its parameters.

    `name` is that of a bundled network or of a .params file. Raises
    `WeightsError`.
    """
    path = bundled().get(name, name)
    if not os.path.isfile(path):
        names = ', '.join(bundled()) or 'none yet'
        raise WeightsError(f'{name}: there is no such network; name a '
                           '.params file that `train` made, or a bundled '
                           f'one ({names})')
    wanted = TransformerNet()._collect_params_with_prefix()
    arrays = _read(path)
    if ({key: p.shape for key, p in wanted.items()}
            != {key: array.shape for key, array in arrays.items()}):
        raise WeightsError(f'{path} does not hold an image transformer '
                           'network: name a file that `train` made')
    return {key: arrays[key].astype('float32') for key in sorted(arrays)}


def _fill(net, arrays):
    for key, p in net._collect_params_with_prefix().items():
        p.set_data(arrays[key])


def _read(path):
    """{name: array} of a .params file; {} where it is none."""
    try:
        arrays = mx.npx.load(str(path))
    except (mx.MXNetError, UnicodeDecodeError):
        return {}
    return arrays if isinstance(arrays, dict) else {}
