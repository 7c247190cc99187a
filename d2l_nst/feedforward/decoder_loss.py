"""What a decoder is trained for: its losses."""

from typing import Any, List, Sequence, Tuple

from mxnet import gluon

from ..kinds import Array
from ..terms.light import light_loss
from ..terms.term import np_of
from ..terms.variation import tv_guided
from .decoder import Decoder
from .encoder import Encoder
from .levels import PICTURE
from .objective import LIGHT
from .records import DecoderSettings

TERMS = 'features', 'style', 'picture', 'between', 'light', 'tv'
BETWEEN_WEIGHT = 0.3
LEAST = 1e-4     # under a root, or its gradient would have no bounds


class DecoderLoss(gluon.HybridBlock):
    """Losses of what a decoder makes of features, (N, C, h, w).

    Called with these features; the deviations and means of each level
    below; the Gram matrices and means of each level from the lowest; what
    the first half is to become, and its features at each level between; and
    of the pictures that the second half shows, the light and the weights of
    the total variation (`terms.light.light`, `objective.calmness`), which
    count where pictures are made. Returns the total, the weighted losses in
    the order of `TERMS`, and what was made.
    """

    def __init__(self, decoder: Decoder, encoder: Encoder,
                 settings: DecoderSettings):
        super().__init__()
        self.decoder, self.settings = decoder, settings
        self.encoder = encoder.above(settings.down_to)

    def hybrid_forward(self, F: Any, X: Array, statistics: Sequence[Array],
                       grams: Sequence[Array], picture: Array,
                       between: Sequence[Array], light: Array,
                       calm: Array) -> Tuple[Array, ...]:
        np, s = np_of(X), self.settings
        Y, *made = self.decoder(X, *statistics)
        features = self.encoder(Y)
        content = np.square(features[-1] - X).mean()
        if s.down_to != PICTURE:
            features = [Y, *features]
        style = sum(distance(np, A, B) for Y_hat, *known in zip(
            features, grams[::2], grams[1::2])
            for A, B in zip(moments_of(F, Y_hat), known))
        half = [half_of(F, Z) for Z in (Y, *made)]
        picture_l = np.square(half[0] - picture).mean()
        between_l = sum((np.square(A - B).mean()
                         for A, B in zip(half[1:], between)),
                        0 * picture_l)
        light_l = tv_l = 0 * picture_l
        if s.down_to == PICTURE:
            painted = half_of(F, Y, 1)
            light_l = light_loss(painted, light, LIGHT)
            tv_l = tv_guided(painted, calm)
        terms = [weight * l for weight, l in zip(weights_of(s), (
            content, style, picture_l, between_l, light_l, tv_l))]
        return (sum(terms), *terms, Y)


def weights_of(settings: DecoderSettings) -> Tuple[float, ...]:
    """Those of the losses, in the order of `TERMS`."""
    s = settings
    return (1, s.style_weight, s.picture_weight, BETWEEN_WEIGHT,
            s.light_weight, s.tv_weight)


def distance(np: Any, A: Array, B: Array) -> Array:
    """|A - B| / |B| of matrices (N, ., .), mean over the batch."""
    difference, size = (np.square(M).sum(axis=(1, 2)) for M in (A - B, B))
    return np.sqrt(difference / (size + 1e-3) + LEAST).mean()


def moments_of(F: Any, X: Array) -> List[Array]:
    """Gram matrices (N, C, C) and means (N, C, 1) of features, over their
    pixels: products with ones, as in `blocks.restyle`."""
    X = F.reshape(X.as_nd_ndarray(), (0, 0, -1))   # -> (N, C, H*W)
    ones = F.ones_like(F.slice_axis(X, axis=1, begin=0, end=1))
    pixels = F.mean(F.batch_dot(ones, ones, transpose_b=True))
    return [F.broadcast_div(F.batch_dot(X, other, transpose_b=True),
                            pixels).as_np_ndarray() for other in (X, ones)]


def half_of(F: Any, X: Array, i: int = 0) -> Array:
    """The first half of a batch, or where `i` is 1, the second."""
    X = F.reshape(X.as_nd_ndarray(), (-4, 2, -1, -2))  # -> (2, N/2, C, H, W)
    X = F.slice_axis(X, axis=0, begin=i, end=i + 1)
    return F.reshape(X, (-3, -2)).as_np_ndarray()
