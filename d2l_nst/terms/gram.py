"""Style: the Gram matrices of the painting's features."""

import dataclasses
from typing import ClassVar, Optional, Tuple

import numpy as onp

from ..kinds import Array, Dims
from .arrays import (BFLOAT16, added, cast, classic_of, exact, in_float32,
                     np_of, npx_of, squares)
from .term import Part, Sums, Term

# A channel with this share of the channels' mean loudness counts half as much
# as a loud one, where all are to count alike
SILENT = 0.1
ROWS = 64   # of bfloat16 features that are turned into float32 at a time


def gram(X: Array) -> Array:
    """Gram matrix of features (1, C, H, W), divided by C * H * W: (C, C).

    `chapter.gram` for arrays and symbols, and in half the time: the product
    of a matrix with its transpose is symmetric.

    >>> from mxnet import np, npx
    >>> npx.set_np()
    >>> gram(np.ones((1, 2, 3, 4))).tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    size = npx_of(X).shape_array(X).prod()      # C * H * W
    return products(X) / size


def products(X: Array) -> Array:
    """The products of channels of the features (1, C, H, W), added up over
    all places: (C, C)."""
    rows = X.as_nd_ndarray().reshape((-3, -3))  # (1, C, H, W) -> (C, H*W)
    return classic_of(X).linalg.syrk(rows).as_np_ndarray()


def gram_loss(Y_hat: Array, gram_Y: Array, scale: Array = 1) -> Array:
    """Mean squared difference of the Gram matrix of the features `Y_hat`,
    (1, C, H, W), times a `scale`, from `gram_Y`, both (C, C): a scalar."""
    return squares(gram(Y_hat) * scale, gram_Y)


def gram_slope(Y_hat: Array, weight: float, gram_Y: Array,
               scale: Array = 1) -> Tuple[Array, Array]:
    """`weight` times `gram_loss` of arrays, and its gradient at the features
    `Y_hat`, (1, C, H, W): the matrices' difference times the features."""
    G = products_as_kept(Y_hat) / Y_hat.size
    difference = G * scale - gram_Y
    D = difference.as_nd_ndarray()
    return ((weight / D.size * added(D, D)).as_np_ndarray(),
            mixed(Y_hat, difference * scale
                  * (4 * weight / G.size / Y_hat.size)))


def products_as_kept(Y: Array) -> Array:
    """`products` of an array in the order in which oneDNN keeps features,
    which may be bfloat16. `transpose` takes them so; `cast` takes them out
    of it, and is fast where there are few rows at a time."""
    nd, A = classic_of(Y), Y.as_nd_ndarray()
    if A.dtype != BFLOAT16:
        rows = nd.transpose(A, (0, 2, 3, 1)).reshape((-1, A.shape[1]))
        return nd.linalg.syrk(rows, transpose=True).as_np_ndarray()
    return sum(products(exact(nd.slice(
        A, begin=(None, None, i, None),
        end=(None, None, i + ROWS, None))).as_np_ndarray())
        for i in range(0, A.shape[2], ROWS))


def mixed(Y: Array, matrix: Array) -> Array:
    """A matrix (C, C) times the features Y, (1, C, H, W). As a convolution
    it takes them in the order in which oneDNN keeps them."""
    nd, A, channels = classic_of(Y), Y.as_nd_ndarray(), len(matrix)
    kernels = matrix.reshape((channels, channels, 1, 1)).as_nd_ndarray()
    return nd.Convolution(A, cast(kernels, A.dtype), kernel=(1, 1),
                          num_filter=channels, no_bias=True).as_np_ndarray()


def products_of_tile(Y: Array, gram_Y: Optional[Array] = None,
                     scale: Array = 1,
                     guide: Optional[Array] = None) -> Array:
    """`products` of a tile, or of a tile times a `guide`."""
    if guide is not None:
        Y = in_float32(Y) * guide
    return products_as_kept(Y)


def back_of_products(Y: Array, slope: Array, gram_Y: Array, scale: Array = 1,
                     guide: Optional[Array] = None) -> Array:
    """The gradient of a tile from the `slope`, that of its products."""
    if guide is not None:
        Y = in_float32(Y) * guide * guide
    return mixed(Y, 2 * slope)


def guided_loss(Y_hat: Array, gram_Y: Array, scale: Array,
                guide: Array) -> Array:
    """`gram_loss` of the features times a `guide`, (1, 1, H, W)."""
    return gram_loss(Y_hat * guide, gram_Y, scale)


def loss_of_products(total: Array, places: int, gram_Y: Array,
                     scale: Array = 1,
                     guide: Optional[Array] = None) -> Array:
    """`gram_loss` of features at so many places, whose `products` are
    `total`."""
    return squares(total / (places * len(gram_Y)) * scale, gram_Y)


def few_features(total: Array, places: int) -> Array:
    """Features (1, C, 1, C) with the Gram matrix of those at so many
    places, whose `products` are `total`: its square root."""
    values, vectors = onp.linalg.eigh(total.asnumpy().astype('float64'))
    root = vectors * onp.sqrt(values.clip(0) * values.size / places)
    return np_of(total).array(root[None, :, None], dtype=total.dtype,
                              ctx=total.ctx)


def evening(gram_Y: Array) -> Array:
    """What makes the channels of a Gram matrix (C, C) equally loud when it
    is multiplied by it, once for each of an entry's two channels: (C,) of
    NumPy. A channel that is next to silent stays so."""
    loudness = onp.diag(gram_Y.asnumpy()).astype('float64')
    return 1 / onp.sqrt(loudness + SILENT * (loudness.mean() or 1))


def guide_of(mask: Array, like: Array) -> Array:
    """A mask (H, W) as a guide: (1, 1, H, W), of mean square 1, so that
    the Gram matrix of features times it is the region's own.

    Gatys, Ecker, Bethge, Hertzmann and Shechtman 2017, equation 2: guided
    Gram matrices.
    """
    guide = mask / onp.sqrt(onp.square(mask).mean())
    return np_of(like).array(guide[None, None], dtype='float32',
                             ctx=like.ctx)


@dataclasses.dataclass(frozen=True)
class Gram(Term):
    """Differences of Gram matrices from the style picture's.

    Gatys, Ecker and Bethge 2016, equations 3 and 4. `form` is the
    chapter's 'mean', or the equations' 'quarter sum': squared differences
    of sums over M positions, divided by 4 N^2 M^2 for N channels. The
    chapter's matrix is divided by NM and averaged over N^2, hence N^2 / 4.
    Each picture's own M is taken, so that the two may differ in size.
    """

    form: str = 'mean'
    name: ClassVar[str] = 'style'
    comes_from: ClassVar[str] = 'style'
    loss = staticmethod(gram_loss)
    sums = Sums(products_of_tile, back_of_products, loss_of_products,
                few_features)

    def target(self, Y: Array, shape: Dims) -> Tuple[Array, ...]:
        gram_Y = gram(Y)
        scale = evening(gram_Y) if self.form == 'even' else onp.ones(1)
        scale = np_of(Y).array(onp.outer(scale, scale), dtype='float32',
                               ctx=Y.ctx)
        return gram_Y * scale, scale

    def guided(self, layer: str, Y: Array, shape: Dims, mask: Array,
               style_mask: Array) -> Part:
        return Part(self.name, layer, 1, guided_loss,
                    (*self.target(Y * guide_of(style_mask, Y), shape),
                     guide_of(mask, Y)), self.sums)

    def factor(self, Y: Array) -> float:
        return Y.shape[1] ** 2 / 4 if self.form == 'quarter sum' else 1
