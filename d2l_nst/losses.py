"""The chapter's losses: content, Gram matrix, style, total variation.

Each is defined once and serves both arrays (a notebook) and symbols (the
compiled graph of `objective.py`): `np_of` and `npx_of` choose the module.
"""

import mxnet as mx

CONTENT_WEIGHT, STYLE_WEIGHT, TV_WEIGHT = 1, 1e3, 10


def np_of(X):
    """`mxnet.np` for an array, `mxnet.sym.np` for a symbol."""
    return mx.sym.np if isinstance(X, mx.sym.Symbol) else mx.np


def npx_of(X):
    """`mxnet.npx` for an array, `mxnet.sym.npx` for a symbol."""
    return mx.sym.npx if isinstance(X, mx.sym.Symbol) else mx.npx


def times_transposed(X):
    """X times its transpose, (m, n) -> (m, m): half the work of a general
    product. The operator exists for classic arrays only."""
    F = mx.sym if isinstance(X, mx.sym.Symbol) else mx.nd
    return F.linalg.syrk(X.as_nd_ndarray()).as_np_ndarray()


def content_loss(Y_hat, Y):
    """Mean squared difference of two features of one shape: a scalar.

    Gatys, Ecker and Bethge 2016, equation 1, with the mean in place of
    half the sum.
    """
    return np_of(Y_hat).square(Y_hat - Y).mean()


def gram(X):
    """Gram matrix of features (1, C, H, W), divided by C * H * W: (C, C).

    Gatys, Ecker and Bethge 2016, equation 3, normalised as in the
    chapter so that neither the picture's size nor the number of channels
    sets its scale.
    """
    size = npx_of(X).shape_array(X).prod()      # C * H * W
    X = npx_of(X).reshape(X, (-3, -2, -5))      # (1, C, H, W) -> (C, H*W)
    return times_transposed(X) / size


def style_loss(Y_hat, gram_Y):
    """Mean squared difference of the Gram matrix of the features `Y_hat`,
    (1, C, H, W), from `gram_Y`, (C, C): a scalar.

    Gatys, Ecker and Bethge 2016, equation 4, with the mean over the
    matrix and `gram`'s own normalisation.
    """
    return np_of(Y_hat).square(gram(Y_hat) - gram_Y).mean()


def tv_loss(Y_hat):
    """Total variation of a picture (1, 3, H, W): half the sum of the mean
    absolute differences of neighbours, down and across: a scalar.

    Mahendran and Vedaldi 2015, in the chapter's anisotropic form.
    """
    down = Y_hat[:, :, 1:, :] - Y_hat[:, :, :-1, :]
    across = Y_hat[:, :, :, 1:] - Y_hat[:, :, :, :-1]
    np = np_of(Y_hat)
    return 0.5 * (np.abs(down).mean() + np.abs(across).mean())


def compute_loss(X, contents_Y_hat, styles_Y_hat, contents_Y, styles_Y_gram,
                 content_weight=CONTENT_WEIGHT, style_weight=STYLE_WEIGHT,
                 tv_weight=TV_WEIGHT):
    """The chapter's weighted losses of a picture X, (1, 3, H, W).

    Returns the list of content losses, the list of style losses, the
    total variation loss, each times its weight, and the sum of all.
    """
    contents_l = [content_loss(Y_hat, Y) * content_weight
                  for Y_hat, Y in zip(contents_Y_hat, contents_Y)]
    styles_l = [style_loss(Y_hat, Y) * style_weight
                for Y_hat, Y in zip(styles_Y_hat, styles_Y_gram)]
    tv_l = tv_loss(X) * tv_weight
    return contents_l, styles_l, tv_l, sum(contents_l + styles_l + [tv_l])
