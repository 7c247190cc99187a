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
    """Each channel of each picture to mean 0 and variance 1, then scaled
    and shifted: (N, C, H, W) -> (N, C, H, W).

    Ulyanov, Vedaldi and Lempitsky 2016, equation 4. Gluon's own raises
    under NumPy semantics. Means, and their way back to all pixels, are
    written as products with ones: several times as fast, there and back,
    as MXNet's operators for it, whose `dot` is for classic arrays only.
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
    """Each pixel four times: (N, C, H, W) -> (N, C, 2H, 2W)."""

    def hybrid_forward(self, F, X):
        return F.UpSampling(X.as_nd_ndarray(), scale=2,
                            sample_type='nearest').as_np_ndarray()


def _convolution(inputs, channels, kernel=3, stride=1, kind=nn.Conv2D):
    """'same' convolution with its normalisation, which would take away a
    bias: there is none."""
    return [kind(channels, kernel, stride, kernel // 2, use_bias=False,
                 in_channels=inputs), InstanceNorm(channels)]


class InStrips(nn.Conv2D):
    """A 'same' convolution that takes a large picture strip by strip, where
    it is not compiled: with a wide kernel on few channels, MXNet's takes
    minutes for what are seconds on a CPU, from about 3 million pixels up."""

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
    """Convolution, norm, ReLU, convolution, norm, and the input added; no
    ReLU after it (Gross and Wilber 2016)."""

    def __init__(self, channels=128):
        super().__init__()
        self.body = nn.HybridSequential()
        self.body.add(*_convolution(channels, channels),
                      nn.Activation('relu'),
                      *_convolution(channels, channels))

    def hybrid_forward(self, F, X):
        return X + self.body(X)


class TransformerNet(gluon.HybridBlock):
    """Pictures in 0 ... 255, (N, 3, H, W), to their paintings in 0 ... 255,
    of the same shape; H and W are multiples of `FACTOR`.

    Johnson, Alahi and Fei-Fei 2016, supplementary table 1, with instance
    normalisation, zero padding throughout, and nearest upsampling with a
    convolution in place of a transposed one (Odena, Dumoulin and Olah
    2016). It has 1,677,635 parameters: 1,679,235 with the biases that a
    normalisation takes away again. Here the input is first brought to
    -1 ... 1, as tanh's output is, so that zero padding is grey.
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
        # A transposed convolution of stride 1 IS a convolution, with the
        # kernels turned; with so few channels to go to, MXNet's is several
        # times as fast, there and back
        self.body.add(nn.Conv2DTranspose(3, 9, 1, 4, in_channels=32))

    def hybrid_forward(self, F, X):
        Y = self.body(X / 127.5 - 1)
        return 255 * (F.np.tanh(Y) + 1) / 2


def new_network(seed=1, ctx=None, start=None):
    """A `TransformerNet` to be trained, hybridized: drawn by `seed`, or
    with the numbers of `start`, as `read_network` returns them."""
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
    """NumPy pictures (N, 3, H, W) with a reflected `MARGIN`, up to multiples
    of `FACTOR`: zero padding inside the network leaves a rim, which falls
    into it."""
    sides = ((MARGIN, MARGIN + -n % FACTOR) for n in X.shape[2:])
    return onp.pad(X, ((0, 0), (0, 0), *sides), mode='reflect')


def without_margin(Y, height, width):
    """The middle of the paintings of `with_margin`'s pictures."""
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
    """The numbers of a bundled NAME or of a .params file, by the names of
    the parameters, float32. Raises `WeightsError`."""
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
