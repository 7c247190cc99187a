"""The blocks that the networks of this room are made of."""

from mxnet import autograd
from mxnet.gluon import nn

from ..terms.arrays import BFLOAT16, cast, classic_of, exact
from .doubling import doubled, sums_of_taps
from .wide import by_column, convolved, wide_out, with_zeros

EPSILON = 1e-3
LOUDEST = 8    # deviations: no value of a channel is louder


def restyle(F, X, scale, shift, epsilon=EPSILON, loudest=None):
    """X, (N, C, H, W), with each channel of each picture brought to mean 0
    and variance 1, where it may be clipped at `loudest`, then scaled and
    shifted; classic arrays. `scale` and `shift`: (1, C) or (N, C).

    To MXNet this is the batch normalisation of one picture of N * C
    channels, and the second scale and shift are another, by numbers that it
    is given: it has fast operators for these, forwards and backwards. They
    are right in autograd's train mode alone.
    """
    channels = X.shape[0] * X.shape[1]
    zeros, ones = F.zeros(channels, X.ctx), F.ones(channels, X.ctx)
    scale, shift = (F.broadcast_to(A, X.shape[:2]).reshape(channels)
                    for A in (scale, shift))

    def normalised(Y, scale, shift, **fixed):
        # The last two are those that it was given, and are written to
        return F.BatchNorm(Y, scale, shift, F.zeros_like(shift),
                           ones - epsilon, eps=epsilon, fix_gamma=False,
                           **fixed)

    Y = X.reshape((1, channels, *X.shape[2:]))
    if loudest:
        Y = F.clip(normalised(Y, ones, zeros), -loudest, loudest)
        Y = normalised(Y, scale, shift, use_global_stats=True)
    else:
        Y = normalised(Y, scale, shift)
    return Y.reshape(X.shape)


class PictureByPicture(nn.HybridBlock):
    """Has statistics of each picture that it is given, by `restyle`, be it
    in a training or not. MXNet can't compile that: `hybridize` does nothing.
    """

    def __call__(self, *args):
        with autograd.train_mode():
            return super().__call__(*args)

    def hybridize(self, active=True, **kwargs):
        super().hybridize(False)


class ConditionalNorm(PictureByPicture):
    """Brings each channel of each picture to mean 0 and variance 1, then
    gives it the scale and the shift of a style.

    Called with features, (N, C, H, W), and with how much each of the S
    `styles` counts for each picture, (N, S). Dumoulin, Shlens and Kudlur
    2017, equation 5; with one style it is the instance normalisation of
    Ulyanov, Vedaldi and Lempitsky 2016, equation 4. This differs from both:
    what is louder than `LOUDEST` is clipped. Else a network learns to make
    one place in the picture so loud that it sets the measure of all others
    (Karras and others 2020, section 2), and there one sees a spot. Gluon's
    own layer raises an error under NumPy semantics.
    """

    def __init__(self, channels, styles=1):
        super().__init__()
        shape = styles, channels
        self.gamma = self.params.get('gamma', shape=shape, init='ones')
        self.beta = self.params.get('beta', shape=shape, init='zeros')

    def hybrid_forward(self, F, X, weights, gamma, beta):
        X, weights, gamma, beta = (A.as_nd_ndarray()
                                   for A in (X, weights, gamma, beta))
        return restyle(F, X, F.dot(weights, gamma), F.dot(weights, beta),
                       loudest=LOUDEST).as_np_ndarray()


class Upsample(nn.HybridBlock):
    """Makes four pixels of each: (N, C, H, W) -> (N, C, 2H, 2W)."""

    def hybrid_forward(self, F, X):
        return F.UpSampling(X.as_nd_ndarray(), scale=2,
                            sample_type='nearest').as_np_ndarray()


def with_edge(X, reach):
    """X with `reach` more pixels around, like those at its edge.

    Zeros would be a frame to the network, and on flat ground it would paint
    one.
    """
    X, sides = X.as_nd_ndarray(), (reach,) * 4
    return classic_of(X).pad(X, mode='edge', pad_width=(0,) * 4 + sides
                             ).as_np_ndarray()


class Convolution(nn.Conv2D):
    """A 'same' convolution with the edge repeated, and no bias, since the
    normalisation behind it would subtract it again. Where it is `short`, it
    multiplies bfloat16 numbers, forwards and backwards."""

    short = False

    def __init__(self, inputs, channels, kernel=3, stride=1):
        super().__init__(channels, kernel, stride, use_bias=False,
                         in_channels=inputs)
        self.reach = kernel // 2

    def hybrid_forward(self, F, X, weight):
        A = with_edge(X, self.reach).as_nd_ndarray()
        W = self.kernels(weight.as_nd_ndarray())
        if self.short:
            A, W = cast(A, BFLOAT16), cast(W, BFLOAT16)
        return exact(self.convolve(A, W)).as_np_ndarray()

    def kernels(self, W):
        """What `convolve` takes in place of its weights; classic arrays."""
        return W

    def convolve(self, A, W):
        return convolved(A, W, self._kwargs['stride'])


class UpConvolution(Convolution):
    """A `Convolution` by 3 of features with four pixels in place of each:
    (N, C, H, W) -> (N, C', 2H, 2W)."""

    def kernels(self, W):
        return sums_of_taps(W)

    def convolve(self, A, W):
        return doubled(A, W)


class Last(nn.Conv2DTranspose):
    """Three colours of features, by wide kernels and with the edge repeated.

    The features, (N, C, H, W), may have more channels than it has: they must
    be zeros. Its numbers are those of a transposed convolution of stride 1,
    which is a convolution with turned kernels.
    """

    short = False

    def __init__(self, inputs, taps=9):
        super().__init__(3, taps, in_channels=inputs)
        self.reach = taps // 2

    def hybrid_forward(self, F, X, weight, bias):
        A = with_edge(X, self.reach).as_nd_ndarray()
        W = with_zeros(turned(weight.as_nd_ndarray()), 1, A.shape[1])
        Y = wide_out(cast(A, BFLOAT16) if self.short else A, by_column(W))
        Y = exact(Y).slice_axis(axis=1, begin=0, end=3).as_np_ndarray()
        return Y + bias.reshape(1, -1, 1, 1)


def turned(W):
    """(C, C', h, w) -> (C', C, h, w), each kernel turned round."""
    return W.transpose((1, 0, 2, 3)).flip(2).flip(3)


class Normalised(nn.HybridBlock):
    """A convolution and its normalisation, with a ReLU behind it unless
    `relu` is False.

    Where it goes `up`, the sides are doubled first, and it sees the features
    `beside` it too, which have its own size and number of channels.
    """

    def __init__(self, inputs, channels, kernel=3, stride=1, up=False,
                 relu=True, styles=1):
        super().__init__()
        self.relu = relu
        self.convolution = (UpConvolution(inputs, channels) if up else
                            Convolution(inputs, channels, kernel, stride))
        self.beside = up and Convolution(channels, channels, kernel)
        self.norm = ConditionalNorm(channels, styles)

    def hybrid_forward(self, F, X, weights, beside=None):
        X = self.convolution(X)
        if self.beside:
            X = X + self.beside(beside)
        Y = self.norm(X, weights)
        return F.npx.relu(Y) if self.relu else Y


class Residual(nn.HybridBlock):
    """Adds to its input what two convolutions make of it.

    Each convolution is normalised, and a ReLU stands between them. There is
    none after the sum (Gross and Wilber 2016).
    """

    def __init__(self, channels=128, styles=1):
        super().__init__()
        self.first = Normalised(channels, channels, styles=styles)
        self.second = Normalised(channels, channels, relu=False,
                                 styles=styles)

    def hybrid_forward(self, F, X, weights):
        return X + self.second(self.first(X, weights), weights)
