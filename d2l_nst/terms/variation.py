"""Total variation: neighbours that differ, in four forms."""

import dataclasses
from typing import Any, Callable, ClassVar, Dict, Optional, Tuple

import numpy as onp

from ..kinds import Array, Dims
from .arrays import added, cast, classic_of, np_of
from .term import Term

CALM = 30        # what is added to the weight 1 where a picture is all calm
QUIET = 0.35     # of the mean contrast: a pixel that has it is half calm
AROUND = 1 / 100  # of the longer side: the reach of a pixel's surroundings


def differences(X: Array) -> Tuple[Array, Array]:
    """Those of neighbours of (1, C, H, W), down and across."""
    return X[:, :, 1:] - X[:, :, :-1], X[:, :, :, 1:] - X[:, :, :, :-1]


def tv_mean(X: Array) -> Array:
    """`chapter.tv_loss` for arrays and symbols: half the sum of the mean
    absolute differences of neighbours: a scalar."""
    down, across = map(np_of(X).abs, differences(X))
    return 0.5 * (down.mean() + across.mean())


def tv_sum(X: Array) -> Array:
    """The plain sum of absolute differences of neighbours: a scalar. It
    grows with the picture."""
    down, across = map(np_of(X).abs, differences(X))
    return down.sum() + across.sum()


def tv_squared(X: Array) -> Array:
    """Half the sum of the mean squared differences of neighbours: a
    scalar. It blurs edges, which the absolute ones keep.

    The total variation of Mahendran and Vedaldi 2015 with beta = 2, the
    mean in place of the sum.
    """
    down, across = map(np_of(X).square, differences(X))
    return 0.5 * (down.mean() + across.mean())


def tv_guided(X: Array, weights: Array) -> Array:
    """`tv_squared` with a weight for each pixel, (1, 1, H, W): a scalar."""
    down, across = map(np_of(X).square, differences(X))
    return 0.5 * ((weights[:, :, 1:] * down).mean()
                  + (weights[:, :, :, 1:] * across).mean())


def tv_mean_slope(X: Array, weight: float) -> Tuple[Array, Array]:
    """`weight` times `tv_mean` of an array, and its gradient."""
    return _slope(X, weight / 2, lambda D, cut: D.sign())


def tv_guided_slope(X: Array, weight: float,
                    weights: Array) -> Tuple[Array, Array]:
    """`weight` times `tv_guided` of an array, and its gradient."""
    l, slope = _slope(X, weight, lambda D, cut: D * cast(
        cut(weights, 1, None), D.dtype))
    return l / 2, slope


def _slope(X, weight, flow):
    """`weight` times the sum of the means of D * flow(D, cut) for the
    differences D of neighbours, down and across, and what flows out of each
    pixel less what flows into it. Few arrays of the picture's size are
    there at a time."""
    nd = classic_of(X)
    l: Any = 0
    slope: Any = 0
    for axis in 2, 3:
        def cut(A, begin, end):
            return nd.slice_axis(A.as_nd_ndarray(), axis=axis, begin=begin,
                                 end=end)
        D = cut(X, 1, None)
        D -= cut(X, 0, -1)
        flows, share = flow(D, cut), weight / D.size
        l = l + share * added(flows, D)
        flows *= share
        first, last = cut(flows, 0, 1), cut(flows, -1, None)
        inside = cut(flows, 0, -1)
        inside -= cut(flows, 1, None)
        slope = slope + nd.concat(-first, inside, last, dim=axis)
    return l.as_np_ndarray(), slope.as_np_ndarray()


def calm(X: Array) -> Array:
    """How calm a picture X of NumPy, (1, 3, H, W), is around each pixel: an
    array (1, 1, H, W), 1 where neighbours are alike, towards 0 where
    their contrast is much above the picture's mean."""
    from scipy import ndimage
    grey = X[0].mean(0)
    contrast = sum(A ** 2 for A in onp.gradient(grey))
    around = ndimage.gaussian_filter(contrast, AROUND * max(grey.shape))
    unit = QUIET ** 2 * contrast.mean() or 1
    return 1 / (1 + around / unit)[None, None]


FORMS: Dict[str, Callable] = {
    'mean': tv_mean, 'sum': tv_sum, 'squared': tv_squared,
    'guided': tv_guided}


@dataclasses.dataclass(frozen=True)
class Variation(Term):
    """Total variation of the pixels.

    `form` is 'mean', the chapter's, 'sum', 'squared' or 'guided'. That one
    is 'squared' and weighs the more the calmer the content picture is at a
    pixel: a stroke is seen as one where something is to be seen, and as a
    ripple in a blank sky.

    >>> from mxnet import np, npx
    >>> npx.set_np()
    >>> board = np.array([[0, 1], [1, 0]]).reshape(1, 1, 2, 2)
    >>> [float(Variation(form=form).loss(board)) for form in ('mean', 'sum')]
    [1.0, 4.0]
    """

    form: str = 'mean'
    name: ClassVar[str] = 'tv'

    @property
    def comes_from(self) -> Optional[str]:  # type: ignore[override]
        return 'content' if self.form == 'guided' else None

    @property
    def loss(self) -> Callable:
        return FORMS[self.form]

    def target(self, Y: Array, shape: Dims) -> Tuple[Array, ...]:
        if self.form != 'guided':
            return ()
        return np_of(Y).array(1 + CALM * calm(Y.asnumpy()), dtype='float32',
                              ctx=Y.ctx),

    def unit(self, target: Tuple[Array, ...]) -> float:
        return 1
