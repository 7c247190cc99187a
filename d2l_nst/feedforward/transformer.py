"""The image transformer network: a picture in, its painting out."""

from mxnet import gluon, init
from mxnet.gluon import nn

from .blocks import InStrips, Residual, Upsample, convolution
from .one_pass import OnePass


class TransformerNet(OnePass, gluon.HybridBlock):
    """Makes paintings of pictures, both (N, 3, H, W) in 0 ... 255.

    H and W must be multiples of `factor`.

    Johnson, Alahi and Fei-Fei 2016, supplementary table 1, with instance
    normalisation, zero padding throughout, and nearest upsampling with a
    convolution in place of a transposed one (Odena, Dumoulin and Olah
    2016). It has 1,677,635 parameters. With the biases that a normalisation
    would subtract again it would have 1,679,235. Here the input is first
    brought to -1 ... 1, the range of tanh, so that zero padding is grey.
    """

    about = 'an image transformer network'
    margin, factor = 16, 4
    initializer = init.Xavier()

    def __init__(self):
        super().__init__()
        self.body = nn.HybridSequential()
        for layer in (
                convolution(3, 32, 9, kind=InStrips),
                convolution(32, 64, 3, 2), convolution(64, 128, 3, 2)):
            self.body.add(*layer, nn.Activation('relu'))
        self.body.add(*(Residual() for _ in range(5)))
        for inputs, channels in ((128, 64), (64, 32)):
            self.body.add(Upsample(), *convolution(inputs, channels),
                          nn.Activation('relu'))
        # A transposed convolution of stride 1 is a convolution with turned
        # kernels. Where there are so few output channels, MXNet's transposed
        # one is several times as fast, forwards and backwards
        self.body.add(nn.Conv2DTranspose(3, 9, 1, 4, in_channels=32))

    def hybrid_forward(self, F, X):
        Y = self.body(X / 127.5 - 1)
        return 255 * (F.np.tanh(Y) + 1) / 2
