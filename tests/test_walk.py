"""The way back through the network against MXNet's own gradient."""

import itertools

import numpy as onp
import pytest
from mxnet import autograd, np

import d2l_nst
from d2l_nst import cores
from d2l_nst.engine import walk
from d2l_nst.engine.features import extract
from d2l_nst.engine.objective import Objective
from d2l_nst.terms import PIXELS, Gram, Part, gram, variation
from d2l_nst.terms.arrays import BFLOAT16, added, cast, squares

RANDOM = onp.random.RandomState(1)
HEARD = 'conv1_1', 'relu1_1', 'pool1', 'conv2_1', 'relu2_2', 'pool2'


def network(padding, pooling='max', precision='float32'):
    return d2l_nst.get_net('vgg19', HEARD, 'random', pooling=pooling,
                           padding=padding, precision=precision)


def picture(height, width):
    return np.array(RANDOM.normal(size=(1, 3, height, width)),
                    dtype='float32')


def parts_of(net, X, layers):
    """A Gram matrix and a mean of squares at each layer, and the pixels."""
    features = extract(X, net, layers)
    shapes = {layer: Y.shape for layer, Y in features.items()}
    found = Gram(layers, 3).parts(features, shapes)
    found += [Part('content', layer, 0.5, squares, (features[layer],))
              for layer in layers]
    return [*found, Part('tv', PIXELS, 2, lambda X: np.square(X).mean())]


def by_mxnet(X, net, layers):
    """{layer: features}, as MXNet's graph of the network has them."""
    layers = [layer for layer in layers if layer != PIXELS]
    features, _ = d2l_nst.extract_features(X, net, layers, ())
    return {PIXELS: X, **dict(zip(layers, features))}


def gradients(net, parts, X):
    """Loss and gradient: by hand, and by MXNet's graph of the network."""
    for walked in (True, False):
        X.attach_grad()
        with autograd.record():
            if walked:
                l = Objective(net, parts)(X)[0]
            else:
                features = by_mxnet(X, net, dict.fromkeys(
                    part.layer for part in parts))
                l = sum(part.weight * part.loss(features[part.layer],
                                                *part.targets)
                        for part in parts)
        l.backward()
        yield float(l), X.grad.asnumpy()


@pytest.mark.parametrize('padding, pooling', itertools.product(
    ('zeros', 'edge'), ('max', 'average')))
def test_the_gradient_is_that_of_mxnets_graph(padding, pooling):
    net = network(padding, pooling)
    parts = parts_of(net, picture(21, 26), HEARD)
    (l, ours), (wanted, theirs) = gradients(net, parts, picture(21, 26))
    assert l == pytest.approx(wanted, rel=1e-5)
    assert onp.linalg.norm(ours - theirs) < 1e-5 * onp.linalg.norm(theirs)


@pytest.mark.parametrize('padding', ['zeros', 'edge'])
def test_down_to_one_pixel_of_features(padding):
    """Where the frame of the edge is larger than what it surrounds."""
    net = network(padding)
    parts = parts_of(net, picture(4, 9), HEARD)
    (l, ours), (wanted, theirs) = gradients(net, parts, picture(4, 9))
    assert l == pytest.approx(wanted, rel=1e-5)
    assert onp.linalg.norm(ours - theirs) < 1e-5 * onp.linalg.norm(theirs)


def test_the_loss_alone_is_the_same():
    net = network('edge')
    parts = parts_of(net, picture(24, 20), HEARD)
    X, objective = picture(24, 20), Objective(net, parts)
    with autograd.record():
        recorded = list(map(float, objective(X)))
    onp.testing.assert_allclose(list(map(float, objective(X))), recorded,
                                rtol=1e-5)
    assert objective.terms == ('style', 'content', 'tv')


def test_what_was_kept_goes_on_the_way_back():
    net = network('zeros')
    objective = Objective(net, parts_of(net, picture(16, 16), HEARD))
    kept = objective.forward(picture(16, 16))
    assert len(kept) == 5    # the picture, and one for each convolution
    objective.back(kept, objective.terms)
    assert not kept


def test_the_gradient_of_one_term():
    net = network('zeros')
    parts = parts_of(net, picture(16, 16), HEARD)
    X, objective = picture(16, 16), Objective(net, parts)
    (l,), gradient = objective.back(objective.forward(X), ['tv'])
    assert float(l) == pytest.approx(float(2 * (X ** 2).mean()), rel=1e-5)
    onp.testing.assert_allclose(gradient.asnumpy(), 4 / X.size * X.asnumpy(),
                                rtol=1e-5)


def array(*shape):
    return np.array(RANDOM.normal(size=shape), dtype='float32')


@pytest.mark.parametrize('loss, target_of', [
    (gram.gram_loss, lambda Y: gram.Gram(form='mean').target(Y, Y.shape)),
    (gram.gram_loss, lambda Y: gram.Gram(form='even').target(Y, Y.shape)),
    (squares, lambda Y: (Y,)),
    (variation.tv_mean, lambda Y: ()),
    (variation.tv_guided, lambda Y: (abs(Y[:, :1]),)),
], ids=['gram', 'even gram', 'squares', 'tv', 'guided tv'])
def test_the_slopes_that_are_written_down(loss, target_of):
    """They are MXNet's, and leave what they are given as it is."""
    Y, target = array(1, 16, 5, 7), target_of(array(1, 16, 5, 7))
    before = Y.asnumpy()
    Y.attach_grad()
    with autograd.record():
        l = 3 * loss(Y, *target)
    l.backward()
    found, slope = walk.SLOPES[loss](Y, 3, *target)
    assert float(found) == pytest.approx(float(l), rel=1e-5)
    onp.testing.assert_allclose(slope.asnumpy(), Y.grad.asnumpy(),
                                atol=1e-5 * float(abs(Y.grad).max()))
    assert (Y.asnumpy() == before).all()


def test_millions_of_products_are_added_up():
    """One after the other, float32 is true to four digits of them."""
    A = abs(array(1, 64, 300, 400))
    wanted = (A.asnumpy().astype('float64') ** 2).sum()
    B = A.as_nd_ndarray()
    assert float(added(B, B).asscalar()) == pytest.approx(wanted, rel=1e-6)


@pytest.mark.skipif(not cores.has_bfloat16(), reason='not this processor')
def test_the_gram_matrix_of_bfloat16_features():
    """Strip by strip, of which the last one is lower."""
    Y = array(1, 16, 2 * gram.ROWS + 5, 9)
    short = cast(Y.as_nd_ndarray(), BFLOAT16).as_np_ndarray()
    wanted = gram.products(cast(
        short.as_nd_ndarray(), onp.float32).as_np_ndarray()).asnumpy()
    onp.testing.assert_allclose(gram.products_as_kept(short).asnumpy(),
                                wanted, atol=1e-4 * wanted.max())


@pytest.mark.skipif(not cores.has_bfloat16(), reason='not this processor')
@pytest.mark.parametrize('padding', ['zeros', 'edge'])
def test_bfloat16_is_near(padding):
    X, parts = picture(32, 48), parts_of(network(padding), picture(32, 48),
                                         HEARD)
    (wanted, exact), (l, short) = (
        next(gradients(network(padding, precision=precision), parts, X))
        for precision in ('float32', 'bfloat16'))
    assert l == pytest.approx(wanted, rel=0.02)
    assert 0 < onp.linalg.norm(short - exact) < 0.05 * onp.linalg.norm(exact)
