"""The blocks that the networks of this room are made of."""

from mxnet.gluon import nn

from ..terms.arrays import BFLOAT16, classic_of

EPSILON = 1e-3
LOUDEST = 8    # deviations: no value of a channel is louder


def restyle(F, X, scale, shift, channels, epsilon=EPSILON, loudest=None):
    """X, (N, C, H, W), with each channel of each picture brought to mean 0
    and variance 1, where it may be clipped at `loudest`, then scaled and
    shifted; classic arrays.

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
    if loudest:
        Y = F.clip(Y * all_pixels(inverse), -loudest, loudest)
        inverse = F.ones_like(inverse)
    # In two lines: less memory at once
    Y = Y * all_pixels(F.broadcast_mul(inverse, scale))
    Y = Y + all_pixels(shift)
    return F.reshape_like(Y, X)


class ConditionalNorm(nn.HybridBlock):
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
        self.channels = channels
        shape = styles, channels
        self.gamma = self.params.get('gamma', shape=shape, init='ones')
        self.beta = self.params.get('beta', shape=shape, init='zeros')

    def hybrid_forward(self, F, X, weights, gamma, beta):
        X, weights, gamma, beta = (A.as_nd_ndarray()
                                   for A in (X, weights, gamma, beta))
        return restyle(F, X, F.dot(weights, gamma), F.dot(weights, beta),
                       self.channels, loudest=LOUDEST).as_np_ndarray()


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
        X = with_edge(X, self.reach)
        if not self.short:
            return super().hybrid_forward(F, X, weight)
        Y = super().hybrid_forward(F, *(in_numbers(BFLOAT16, A)
                                        for A in (X, weight)))
        return in_numbers('float32', Y)


def in_numbers(dtype, A):
    A = A.as_nd_ndarray()
    return classic_of(A).amp_cast(A, dtype=dtype).as_np_ndarray()


class Normalised(nn.HybridBlock):
    """A convolution and its normalisation, with a ReLU behind it unless
    `relu` is False.

    Where it goes `up`, the sides are doubled first, and it sees the features
    `beside` it too, which have its own size and number of channels.
    """

    def __init__(self, inputs, channels, kernel=3, stride=1, up=False,
                 relu=True, styles=1):
        super().__init__()
        self.up, self.relu = up and Upsample(), relu
        self.convolution = Convolution(inputs, channels, kernel, stride)
        self.beside = up and Convolution(channels, channels, kernel)
        self.norm = ConditionalNorm(channels, styles)

    def hybrid_forward(self, F, X, weights, beside=None):
        X = self.convolution(self.up(X) if self.up else X)
        if self.up:
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
