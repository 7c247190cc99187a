"""A photograph stays one: Luan, Paris, Shechtman and Bala 2017."""

import dataclasses
from typing import ClassVar, Tuple

import numpy as onp

from ..kinds import Array, Dims
from .arrays import np_of, npx_of
from .term import Term

SIDE = 3         # pixels of a window
NOISE = 1e-3     # variance that is no colour: of 1.5 in 255


def means(X: Array) -> Array:
    """Of all windows of (N, C, H, W): (N, C, H - 2, W - 2)."""
    return npx_of(X).pooling(X, kernel=(SIDE, SIDE), pool_type='avg')


def matting_loss(X: Array, photo: Array, whitening: Array) -> Array:
    """What of a picture X, (1, 3, H, W), no change of the photograph's
    colours explains: a scalar, 0 for the photograph in any one tone.

    In each window of 3 x 3 pixels the picture is to be the photograph times
    a matrix and plus a colour: the matting Laplacian of Levin, Lischinski
    and Weiss 2006, which Luan et al. 2017 (equation 2) bound the picture
    with. No such matrix is built here: the mean squared residual of a window
    is the variance of X less the part that its covariance with the `photo`,
    (1, 3, H, W), explains. `whitening`, (3, 3, H - 2, W - 2), is that of
    the photograph's own covariance.
    """
    np = np_of(X)
    X = np.transpose(X, (1, 0, 2, 3))       # (3, 1, H, W)
    mean = means(X)
    left = (means(np.square(X)) - np.square(mean)).mean()
    covariance = means(X * photo) - mean * means(photo)  # (3, 3, H-2, W-2)
    for i in range(3):
        part = sum(covariance[:, j:j + 1] * whitening[i:i + 1, j:j + 1]
                   for j in range(3))
        left = left - np.square(part).mean()
    return left


def whitening_of(photo: Array) -> Array:
    """Of the colours in each window of a photograph (3, H, W): (3, 3, H -
    2, W - 2), a matrix W such that W^T W inverts their covariance."""
    windows = onp.lib.stride_tricks.sliding_window_view(
        photo.astype('float64'), (SIDE, SIDE), (1, 2))
    windows = windows.reshape(*windows.shape[:3], -1)
    windows = windows - windows.mean(axis=-1, keepdims=True)
    covariance = onp.einsum('ihwn,jhwn->hwij', windows, windows) / SIDE ** 2
    lower = onp.linalg.cholesky(covariance + NOISE * onp.eye(3))
    return onp.linalg.inv(lower).transpose(2, 3, 0, 1)


@dataclasses.dataclass(frozen=True)
class Matting(Term):
    """What no local change of the content picture's colours explains. The
    content itself, darker and redder, has none of it:

    >>> from mxnet import np, npx
    >>> from d2l_nst.terms import PIXELS
    >>> npx.set_np()
    >>> X = np.random.uniform(size=(1, 3, 6, 6))
    >>> part, = Matting().parts({PIXELS: X}, {PIXELS: X.shape})
    >>> red = np.array([0.9, 0.3, 0.4]).reshape(1, 3, 1, 1)
    >>> float(part.loss(X * red - 0.5, *part.targets)) < 1e-3
    True
    """

    name: ClassVar[str] = 'matting'
    comes_from: ClassVar[str] = 'content'
    loss = staticmethod(matting_loss)

    def target(self, Y: Array, shape: Dims) -> Tuple[Array, ...]:
        return Y, np_of(Y).array(whitening_of(Y.asnumpy()[0]),
                                 dtype='float32', ctx=Y.ctx)

    def unit(self, target: Tuple[Array, ...]) -> float:
        return 1
