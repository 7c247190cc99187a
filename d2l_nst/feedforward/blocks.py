"""The blocks that the networks of this room are made of."""

from mxnet import nd
from mxnet.gluon import nn

STRIP_PIXELS = 2 ** 20   # of a strip of `InStrips`, at most
EPSILON = 1e-5


def restyle(F, X, scale, shift, channels, epsilon=EPSILON):
    """X, (N, C, H, W), with each channel of each picture brought to mean 0
    and variance 1, then scaled and shifted; classic arrays.

    `scale` and `shift`: (1, C) or (N, C). Here a mean over the pixels is a
    product with ones, and so is the way from a mean back to all pixels.
    Forwards and backwards that is several times as fast as MXNet's
    operators for means. The product, `dot`, exists for classic arrays only.
    """
    Y = F.reshape(X, (-3, -1))     # (N, C, H, W) -> (N*C, H*W)
    ones = F.ones_like(F.slice_axis(Y, axis=0, begin=0, end=1))
    pixels = F.dot(ones, ones, transpose_b=True)     # H*W, (1, 1)

    def mean(Y):             # (N*C, H*W) -> (N*C, 1)
        return F.broadcast_div(F.dot(Y, ones, transpose_b=True), pixels)

    def all_pixels(y):       # (N, C) -> (N*C, H*W)
        return F.dot(F.reshape(y, (-1, 1)), ones)

    Y = Y - all_pixels(mean(Y))
    inverse = F.reshape(F.rsqrt(mean(Y * Y) + epsilon),
                        (-1, channels))     # (N*C, 1) -> (N, C)
    shift = F.broadcast_add(F.zeros_like(inverse), shift)
    # In two lines: less memory at once
    Y = Y * all_pixels(F.broadcast_mul(inverse, scale))
    Y = Y + all_pixels(shift)
    return F.reshape_like(Y, X)


class InstanceNorm(nn.HybridBlock):
    """Brings each channel of each picture to mean 0 and variance 1, then
    scales and shifts it: (N, C, H, W) -> (N, C, H, W).

    Ulyanov, Vedaldi and Lempitsky 2016, equation 4. Gluon's own layer raises
    an error under NumPy semantics.
    """

    def __init__(self, channels):
        super().__init__()
        self.channels = channels
        self.gamma = self.params.get('gamma', shape=(channels,), init='ones')
        self.beta = self.params.get('beta', shape=(channels,), init='zeros')

    def hybrid_forward(self, F, X, gamma, beta):
        X, gamma, beta = (A.as_nd_ndarray() for A in (X, gamma, beta))
        return restyle(F, X, F.reshape(gamma, (1, -1)),
                       F.reshape(beta, (1, -1)),
                       self.channels).as_np_ndarray()


class Upsample(nn.HybridBlock):
    """Makes four pixels of each: (N, C, H, W) -> (N, C, 2H, 2W)."""

    def hybrid_forward(self, F, X):
        return F.UpSampling(X.as_nd_ndarray(), scale=2,
                            sample_type='nearest').as_np_ndarray()


def convolution(inputs, channels, kernel=3, stride=1, kind=nn.Conv2D):
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

        if F is not nd or X.shape[2] * X.shape[3] <= STRIP_PIXELS:
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
        self.body.add(*convolution(channels, channels),
                      nn.Activation('relu'),
                      *convolution(channels, channels))

    def hybrid_forward(self, F, X):
        return X + self.body(X)
