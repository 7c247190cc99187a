"""Total variation in three forms."""

from .. import losses
from .part import PIXELS, Part


def differences(X):
    """Those of neighbours of (1, C, H, W), down and across."""
    return X[:, :, 1:] - X[:, :, :-1], X[:, :, :, 1:] - X[:, :, :, :-1]


def tv_sum(X):
    """The plain sum of absolute differences of neighbours: a scalar. It
    grows with the picture."""
    down, across = map(losses.np_of(X).abs, differences(X))
    return down.sum() + across.sum()


def tv_squared(X):
    """Half the sum of the mean squared differences of neighbours: a
    scalar. It blurs edges, which the absolute ones keep.

    The total variation of Mahendran and Vedaldi 2015 with beta = 2, the
    mean in place of the sum.
    """
    down, across = map(losses.np_of(X).square, differences(X))
    return 0.5 * (down.mean() + across.mean())


FORMS = {'mean': losses.tv_loss, 'sum': tv_sum, 'squared': tv_squared}


def tv_parts(weight, form='mean'):
    """Total variation of the pixels; `form`: 'mean', the chapter's, 'sum'
    or 'squared'."""
    return [Part('tv', PIXELS, weight, FORMS[form])]
