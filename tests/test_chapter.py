"""The chapter's losses and their gradients against NumPy in float64."""

import mxnet as mx
import numpy as onp
import pytest
from mxnet import autograd, np

from d2l_nst import chapter
from d2l_nst.terms import Content, Gram, Variation
from oracles import Compiled, finite_differences

RANDOM = onp.random.RandomState(0)
F = RANDOM.normal(0, 1, (1, 4, 5, 6))
G = RANDOM.normal(0, 1, (1, 4, 5, 6))
IMG = RANDOM.normal(0, 1, (1, 3, 5, 6))


def array(X):
    return np.array(X, dtype='float32')


# Independent implementations, in loops where the package has none
def content64(Y_hat, Y):
    return ((Y_hat - Y) ** 2).sum() / Y.size


def gram64(X):
    _, C, H, W = X.shape
    G = onp.zeros((C, C))
    for i in range(C):
        for j in range(C):
            G[i, j] = (X[0, i] * X[0, j]).sum() / (C * H * W)
    return G


def style64(Y_hat, Y):
    C = Y.shape[1]
    return ((gram64(Y_hat) - gram64(Y)) ** 2).sum() / C ** 2


def tv64(X):
    _, C, H, W = X.shape
    down = sum(abs(X[0, c, i + 1, j] - X[0, c, i, j])
               for c in range(C) for i in range(H - 1) for j in range(W))
    across = sum(abs(X[0, c, i, j + 1] - X[0, c, i, j])
                 for c in range(C) for i in range(H) for j in range(W - 1))
    return 0.5 * (down / (C * (H - 1) * W) + across / (C * H * (W - 1)))


CASES = {
    'content': (lambda X: chapter.content_loss(X, array(G)),
                lambda X: content64(X, G), F),
    'style': (lambda X: chapter.style_loss(X, array(gram64(G))),
              lambda X: style64(X, G), F),
    'tv': (chapter.tv_loss, tv64, IMG),
}


@pytest.mark.parametrize('name', CASES)
def test_value_and_gradient(name):
    function, oracle, X = CASES[name]
    assert_same(function, oracle, X)


@pytest.mark.parametrize('term, constant, name', [
    (Content(), G, 'content'), (Gram(), gram64(G), 'style'),
    (Variation(), None, 'tv')])
def test_terms_are_the_chapters_losses(term, constant, name):
    """Those that the compiled objective adds up, as arrays too."""
    function, oracle, X = CASES[name]
    constants = [] if constant is None else [constant]
    targets = list(map(array, constants))
    assert_same(Compiled(term.loss, *targets), oracle, X)
    assert float(term.loss(array(X), *targets)) == (
        pytest.approx(float(function(array(X))), rel=1e-5))


def assert_same(function, oracle, X):
    X32 = array(X)
    X32.attach_grad()
    with autograd.record():
        l = function(X32)
    l.backward()
    assert l.shape == ()
    onp.testing.assert_allclose(l.asnumpy(), oracle(X), rtol=1e-5)
    onp.testing.assert_allclose(X32.grad.asnumpy(),
                                finite_differences(oracle, X),
                                rtol=2e-3, atol=1e-6)


def test_gram():
    G = chapter.gram(array(F))
    assert G.shape == (4, 4) and G.dtype == 'float32'
    onp.testing.assert_allclose(G.asnumpy(), gram64(F), rtol=1e-5)
    onp.testing.assert_array_equal(G.asnumpy(), G.asnumpy().T)
    assert onp.linalg.eigvalsh(gram64(F)).min() > -1e-12
    assert onp.linalg.eigvalsh(G.asnumpy()).min() > -1e-6


@pytest.mark.parametrize('channels', [1, 64])
@pytest.mark.parametrize('shape', [(1, 1), (1, 7), (30, 20)])
def test_gram_of_ones(channels, shape):
    """Every entry of a constant picture's Gram matrix is 1 / C."""
    G = chapter.gram(np.ones((1, channels) + shape))
    onp.testing.assert_allclose(G.asnumpy(), 1 / channels, rtol=1e-6)


def test_gram_forgets_places():
    shuffled = F.reshape(1, 4, 30)[:, :, RANDOM.permutation(30)]
    onp.testing.assert_allclose(
        chapter.gram(array(shuffled.reshape(F.shape))).asnumpy(),
        chapter.gram(array(F)).asnumpy(), atol=1e-6)


def test_total_variation_in_closed_form():
    board = onp.indices((8, 10)).sum(axis=0) % 2
    board = array(onp.broadcast_to(board, (1, 3, 8, 10)))
    assert float(chapter.tv_loss(board)) == 1
    assert float(chapter.tv_loss(0 * board + 5)) == 0
    ramp = array(onp.broadcast_to(onp.arange(10), (1, 3, 8, 10)))
    assert float(chapter.tv_loss(ramp)) == 0.5


def test_losses_vanish_at_their_target():
    X = array(F)
    assert float(chapter.content_loss(X, X)) == 0
    assert float(chapter.style_loss(X, chapter.gram(X))) == 0


def test_compute_loss_weighs_and_sums():
    X, Y_hat, Y = (array(a) for a in (IMG, F, G))
    gram_Y = chapter.gram(Y)
    contents_l, styles_l, tv_l, l = chapter.compute_loss(
        X, [Y_hat], [Y_hat, Y], [Y], [gram_Y, gram_Y])
    expected = content64(F, G), 1e3 * style64(F, G), 10 * tv64(IMG)
    assert len(contents_l) == 1 and len(styles_l) == 2
    onp.testing.assert_allclose(
        [float(contents_l[0]), float(styles_l[0]), float(tv_l)], expected,
        rtol=1e-5)
    assert float(styles_l[1]) == 0
    onp.testing.assert_allclose(float(l), sum(expected), rtol=1e-5)
    *_, l = chapter.compute_loss(X, [Y_hat], [Y_hat], [Y], [gram_Y],
                                content_weight=2, style_weight=3,
                                tv_weight=4)
    onp.testing.assert_allclose(
        float(l), 2 * content64(F, G) + 3 * style64(F, G) + 4 * tv64(IMG),
        rtol=1e-5)


def test_losses_stay_on_the_device():
    X = np.array(F, ctx=mx.cpu(1))
    for l in (chapter.content_loss(X, X), chapter.gram(X),
              chapter.style_loss(X, chapter.gram(X)), chapter.tv_loss(X)):
        assert l.ctx == mx.cpu(1)
