"""The image transformer network, its losses and painting with it."""

import json
import os
import signal
import subprocess
import sys
import types

import mxnet as mx
import numpy as onp
import pytest
import tqdm
from mxnet import autograd, np
from mxnet.gluon import nn
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image
from skimage import data

import d2l_nst
from d2l_nst import checkpoint, cli, cores, errors, images, vgg
from d2l_nst.commands import paint
from d2l_nst.controls import colours
from d2l_nst.precision import choose_precision
from d2l_nst.terms import light as terms_light
from d2l_nst.feedforward import (any_style, blocks, network, objective,
                                 painting, plan, records, swift, touch,
                                 training)

RANDOM = onp.random.RandomState(0)
norm = onp.linalg.norm
LAYERS = 'relu1_2', 'relu2_2'
STYLES = 'oak', 'sea'


@pytest.fixture(scope='module')
def net(numpy_semantics):
    """A network with scales and shifts of all kinds."""
    net = network.new_network(seed=3, styles=STYLES)
    for name, p in net.collect_params().items():
        if name.endswith(('gamma', 'beta', 'light')):
            p.set_data(np.array(RANDOM.uniform(0.5, 1.5, p.shape)))
    return net.choose(['oak'])


@pytest.fixture
def file(net, tmp_path):
    path = tmp_path / 'net.params'
    network.save_network(net, path)
    return path


@pytest.fixture(scope='module')
def loss_net(numpy_semantics):
    return vgg.get_net('vgg16', LAYERS, 'random')


def with_oak(file):
    return '--net', str(file), '--style', 'oak'


def array(X):
    return np.array(X, dtype='float32')


def pictures(n, height, width):
    return RANDOM.uniform(0, 255, (n, height, width, 3)).astype('uint8')


# ---------------------------------------- the network in NumPy, in float64
def convolve64(X, weight, bias=0, stride=1):
    pad = weight.shape[-1] // 2
    X = onp.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)), 'edge')
    windows = sliding_window_view(X, weight.shape[2:], (2, 3))
    windows = windows[:, :, ::stride, ::stride]
    Y = onp.einsum('nchwij,ocij->nohw', windows, weight, optimize=True)
    return Y + onp.reshape(bias, (1, -1, 1, 1))


def norm64(X, scale, shift):
    """`scale` and `shift`: (C,) or (N, C)."""
    mean = X.mean(axis=(2, 3), keepdims=True)
    X = (X - mean) / onp.sqrt(X.var(axis=(2, 3), keepdims=True) + 1e-3)
    scale, shift = (onp.atleast_2d(A)[:, :, None, None]
                    for A in (scale, shift))
    return X * scale + shift


def network64(net, X, weights=((1, 0),)):
    """Weights in the order in which the layers were made."""
    P = {name: p.data().asnumpy().astype('float64')
         for name, p in checkpoint.parameters(net).items()}

    def layer(X, name, stride=1, beside=None):
        scale, shift = (weights @ P.pop(f'{name}.norm.{each}')
                        for each in ('gamma', 'beta'))
        Y = convolve64(X, P.pop(f'{name}.convolution.weight'), 0, stride)
        if beside is not None:
            Y = Y + convolve64(beside, P.pop(f'{name}.beside.weight'))
        return norm64(Y, scale, shift)

    def relu(X):
        return X.clip(0)

    weights = onp.array(weights)
    X = Y = X / 127.5 - 1
    seen = []
    for i, stride in enumerate((1, 2, 2)):
        Y = relu(layer(Y, f'body.{i}', stride))
        seen.append(Y)
    for i in range(3, 8):
        Z = relu(layer(Y, f'body.{i}.first'))
        Y = Y + layer(Z, f'body.{i}.second')
    for i, beside in ((8, seen[1]), (9, seen[0])):
        Y = Y.repeat(2, axis=2).repeat(2, axis=3)
        Y = relu(layer(Y, f'body.{i}', beside=beside))
    light = (weights @ P.pop('light'))[:, :, None, None]
    Y = onp.concatenate([Y, onp.broadcast_to(X * light, X.shape)], axis=1)
    turned = P.pop('last.weight').transpose(1, 0, 2, 3)[:, :, ::-1, ::-1]
    Y = convolve64(Y, turned, P.pop('last.bias'))
    assert not P
    return 255 * (onp.tanh(Y) + 1) / 2


@pytest.mark.parametrize('weight', [-1, float('nan'), 'much'])
def test_weights_that_mean_nothing(net, weight):
    for refuses in (lambda: net.choose(['oak'], [weight]),
                    lambda: any_style.load_any_style([None], [weight]),
                    lambda: touch.Touched(net, None, weight)):
        with pytest.raises(errors.NSTError, match=f'{weight} is not poss'):
            refuses()


def test_network_against_numpy(net):
    X = RANDOM.uniform(0, 255, (2, 3, 16, 24))
    weights = [[0, 1], [0.25, 0.75]]
    onp.testing.assert_allclose(
        net(array(X), array(weights)).asnumpy(), network64(net, X, weights),
        atol=0.02)


def test_a_convolution_of_what_was_doubled():
    """By sums of taps, with the gradients that MXNet finds for all pixels."""
    layer, plain = (kind(16, 32) for kind in (blocks.UpConvolution,
                                              blocks.Convolution))
    W, X = RANDOM.normal(size=(32, 16, 3, 3)), array(
        RANDOM.normal(size=(2, 16, 6, 5)))
    upstream = array(RANDOM.normal(size=(2, 32, 12, 10)))
    found = []
    for each, doubled in (layer, lambda X: X), (plain, blocks.Upsample()):
        each.initialize()
        each.weight.set_data(array(W))
        X.attach_grad()
        with autograd.record():
            Y = each(doubled(X))
        Y.backward(upstream)
        found.append([A.asnumpy() for A in (Y, X.grad, each.weight.grad())])
    for A, B in zip(*found):
        onp.testing.assert_allclose(A, B, rtol=1e-4, atol=1e-3)


def test_the_last_layer_is_a_transposed_convolution():
    """Of the edge repeated, with its gradients; more channels are nothing."""
    layer = blocks.Last(5)
    other = nn.Conv2DTranspose(3, 9, 1, 8, in_channels=5)
    for each in layer, other:
        each.initialize()
    for name, shape in ('weight', (5, 3, 9, 9)), ('bias', (3,)):
        numbers = array(RANDOM.normal(size=shape))
        for each in layer, other:
            getattr(each, name).set_data(numbers)
    X, upstream = (array(RANDOM.normal(size=(2, n, 7, 6))) for n in (5, 3))
    found = []
    for made in (lambda: layer(np.concatenate(
            [X, np.zeros((2, 11, 7, 6))], axis=1)),
            lambda: other(blocks.with_edge(X, 4))):
        X.attach_grad()
        with autograd.record():
            Y = made()
        Y.backward(upstream)
        found.append([Y, X.grad.copy()])
    for name in 'weight', 'bias':
        for each, arrays in zip((layer, other), found):
            arrays.append(getattr(each, name).grad())
    for A, B in zip(*found):
        onp.testing.assert_allclose(A.asnumpy(), B.asnumpy(), rtol=1e-4,
                                    atol=1e-3)


@pytest.mark.skipif(not cores.has_bfloat16(), reason='not this processor')
def test_it_learns_in_bfloat16():
    """The gradient is near, and float32's is again what it was."""
    net = network.new_network(seed=3)
    X, Y = (array(img[:64, :64].transpose(2, 0, 1)[None])
            for img in (data.astronaut()[::4, ::4], data.coffee()))
    found = []
    for precision in 'float32', 'bfloat16', 'float32':
        training.train_in(precision, net)
        with autograd.record():
            l = np.square(net(X, array([[1]])) / 255 - Y / 255).mean()
        l.backward()
        found.append(onp.concatenate([
            p.grad().asnumpy().ravel()
            for p in checkpoint.parameters(net).values()]))
    exact, short, again = found
    assert (again == exact).all()
    assert 0 < norm(short - exact) < 0.1 * norm(exact)


def test_the_swift_way_is_that_of_the_network(net):
    """Also where a spot is louder than anything may be, and at a gradient,
    which the network itself makes."""
    X = RANDOM.normal(100, 1, (2, 3, 52, 36))
    X[0, :, 20, 30] = 255
    X, weights = array(X), array([[1, 0], [0.25, 0.75]])
    painted = swift.paint(net, X, weights)
    onp.testing.assert_allclose(
        painted.asnumpy(), net(X, weights).asnumpy(), atol=0.1)
    X.attach_grad()
    with autograd.record():
        swift.paint(net, X, weights).mean().backward()
    assert (X.grad != 0).any()


@pytest.mark.parametrize('relu', [True, False])
def test_what_is_louder_than_anything_may_be(relu):
    """Up and down, whatever the signs of scale and shift, which may be the
    larger one."""
    gamma, beta = (A.astype('float32') for A in onp.meshgrid(
        (-2, -0.3, 0, 0.3, 2), (-20, -1, 0, 1, 20)))
    A = RANDOM.normal(size=(1, gamma.size, 40, 40))
    A[0, :, 3, 3], A[0, :, 5, 5] = 1000, -1000
    block = types.SimpleNamespace(relu=relu, norm=types.SimpleNamespace(**{
        name: types.SimpleNamespace(data=lambda numbers=numbers: array(
            numbers.reshape(1, -1))) for name, numbers in (
                ('gamma', gamma), ('beta', beta))}))
    found = swift.normalised(array(A).as_nd_ndarray(), block,
                             array([[1]]).as_nd_ndarray())
    x = (A - A.mean((2, 3), keepdims=True)) / A.std((2, 3), keepdims=True)
    assert (abs(x).max((2, 3)) > blocks.LOUDEST).all()
    x = x.clip(-blocks.LOUDEST, blocks.LOUDEST)
    wanted = gamma.reshape(-1, 1, 1) * x + beta.reshape(-1, 1, 1)
    onp.testing.assert_allclose(found.asnumpy(), onp.maximum(
        wanted, 0 if relu else -onp.inf), atol=1e-4)


@pytest.mark.skipif(not cores.has_bfloat16(), reason='not this processor')
def test_a_painting_in_bfloat16_is_near(net):
    X = array(RANDOM.uniform(0, 255, (1, 3, 68, 52)))
    exact = net.painted(X)
    net.compute_in('bfloat16')
    short = net.painted(X)
    net.compute_in('float32')
    assert 0 < abs(short - exact).mean() < 3


def test_number_of_parameters(net):
    """Johnson's 1,679,235 less the biases before a normalisation, with the
    light's nine by nine and what sees the way down; and what a further style
    adds."""
    number, one = (sum(p.data().size for p in each.collect_params().values())
                   for each in (net, network.new_network(styles=['one'])))
    channels = 32 + 64 + 128 + 10 * 128 + 64 + 32
    beside = 3 * 3 * (64 * 64 + 32 * 32)
    assert one == 1_679_235 - channels + beside + 3 * 3 * 9 * 9 + 3
    assert number == one + 2 * channels + 3


def test_styles_are_chosen_by_name_and_mixed(net):
    X = array(RANDOM.uniform(0, 255, (1, 3, 16, 16)))
    for styles, weights, wanted in (
            (['sea'], None, [0, 1]), (STYLES, None, [0.5, 0.5]),
            (['sea', 'oak'], [1, 3], [0.75, 0.25])):
        painted = net.choose(styles, weights).painted(X)
        assert abs(painted - swift.paint(net, X, array([wanted]))
                   ).max() < 1e-3
    for styles, weights, message in (
            (['van-gogh'], None, 'choose of oak, sea'),
            (['sea'], [1, 2], 'give one for each'),
            (['sea'], [0], 'not all of them 0')):
        with pytest.raises(errors.NSTError, match=message):
            net.choose(styles, weights)
    net.choose(['oak'])
    with pytest.raises(errors.NSTError, match='several styles'):
        network.new_network(styles=STYLES).paint(X.asnumpy())


@pytest.mark.parametrize('hybrid', [True, False])
def test_conditional_norm(hybrid):
    """It is right, and stays so where one asks for a compiled graph."""
    X = RANDOM.normal(40, 3, (3, 5, 7, 6))
    norm = blocks.ConditionalNorm(5, styles=2)
    norm.initialize()
    norm.gamma.set_data(array(onp.arange(10).reshape(2, 5) + 0.5))
    norm.beta.set_data(array(onp.arange(10).reshape(2, 5) - 2))
    norm.hybridize(hybrid)
    weights = onp.array([[1, 0], [0, 1], [0.5, 0.5]])
    gamma, beta = (weights @ p.data().asnumpy()
                   for p in (norm.gamma, norm.beta))
    X32, upstream = array(X), RANDOM.normal(0, 1, X.shape)
    X32.attach_grad()
    with autograd.record():
        Y = norm(X32, array(weights))
    Y.backward(array(upstream))
    onp.testing.assert_allclose(Y.asnumpy(), norm64(X, gamma, beta),
                                atol=1e-4)
    for i in ((0, 0, 0, 0), (2, 4, 6, 5), (1, 3, 2, 4)):
        moved = onp.zeros_like(X)
        moved[i] = 1e-5
        slope = (upstream * (norm64(X + moved, gamma, beta)
                             - norm64(X - moved, gamma, beta))).sum() / 2e-5
        assert float(X32.grad[i]) == pytest.approx(slope, abs=1e-3)
    onp.testing.assert_allclose(
        norm.beta.grad().asnumpy(),
        weights.T @ upstream.sum(axis=(2, 3)), rtol=1e-4, atol=1e-4)


def test_conditional_norm_of_many_pixels():
    """Sums of as many numbers as training ever adds up, far from zero."""
    X = RANDOM.normal(100, 2, (1, 1, 512, 512)).astype('float32')
    norm = blocks.ConditionalNorm(1)
    norm.initialize()
    Y = norm(array(X), array([[1]])).asnumpy()
    onp.testing.assert_allclose(
        Y, norm64(X.astype('float64'), onp.ones(1), onp.zeros(1)), atol=1e-3)


def test_no_place_is_louder_than_the_loudest():
    """A spot would set the measure of all other places."""
    X = RANDOM.normal(0, 1, (1, 1, 100, 100))
    X[0, 0, 50, 60] = 1000
    norm = blocks.ConditionalNorm(1)
    norm.initialize()
    norm.gamma.set_data(array([[2]]))
    Y = norm(array(X), array([[1]])).asnumpy()
    whole = norm64(X, 2 * onp.ones(1), onp.zeros(1))
    assert whole.max() > 100 and Y.max() == 2 * blocks.LOUDEST
    onp.testing.assert_allclose(
        Y, onp.clip(whole, None, 2 * blocks.LOUDEST), atol=1e-4)


def test_flat_pictures_stay_numbers(net):
    for value in (0, 255):
        Y = net.painted(array(onp.full((1, 3, 8, 8), value))).asnumpy()
        assert onp.isfinite(Y).all() and 0 <= Y.min() <= Y.max() <= 255


# ------------------------------------------------------------------ losses
def gram64(X):
    C, H, W = X.shape
    return onp.array([[(X[i] * X[j]).sum() for j in range(C)]
                      for i in range(C)]) / (C * H * W)


def even64(G):
    """What an entry of a Gram matrix is multiplied by, to be even."""
    loud = onp.diag(G) + 0.1 * onp.diag(G).mean()
    return 1 / onp.sqrt(loud[:, None] * loud)


def style64(X, grams, weights):
    """Of features (N, C, H, W) and the styles' Gram matrices (S, C, C), for
    `weights` of which one is 1."""
    each = []
    for x, w in zip(X, weights):
        G = grams[w.argmax()]
        even = even64(G)
        each.append((((gram64(x) - G) * even) ** 2).sum()
                    / ((G * even) ** 2).sum())
    return onp.array(each)


def test_style_loss():
    X = RANDOM.normal(0, 1, (3, 4, 5, 6))
    grams = onp.array([gram64(Y) for Y in RANDOM.normal(0, 1, (2, 4, 7, 8))])
    weights = onp.eye(2)[[1, 0, 1]]
    X32 = array(X)
    X32.attach_grad()
    with autograd.record():
        l = objective.style_loss(
            X32, *objective.evened(array(grams.reshape(2, -1))),
            array(weights))
    l.backward()
    onp.testing.assert_allclose(l.asnumpy(), style64(X, grams, weights),
                                rtol=1e-5)
    for i in ((0, 0, 0, 0), (2, 3, 4, 5)):
        moved = onp.zeros_like(X)
        moved[i] = 1e-5
        slope = (style64(X + moved, grams, weights)
                 - style64(X - moved, grams, weights)).sum() / 2e-5
        assert float(X32.grad[i]) == pytest.approx(slope, rel=1e-3)


def light_loss(Y_hat, X):
    return terms_light.light_loss(Y_hat, terms_light.light(X, 8), 8)


def test_light_loss():
    """0 where light and dark are the same, whatever their colours; 2 in the
    negative; nothing of what is finer than its squares."""
    X = RANDOM.normal(0, 1, (2, 3, 32, 24))
    squares = X.mean(axis=1).reshape(2, 4, 8, 3, 8).mean(axis=(2, 4))
    Y = RANDOM.normal(0, 1, X.shape)
    others = Y.mean(axis=1).reshape(2, 4, 8, 3, 8).mean(axis=(2, 4))
    wanted = 1 - onp.mean([onp.corrcoef(a.ravel(), b.ravel())[0, 1]
                           for a, b in zip(squares, others)])
    assert float(light_loss(array(20 * Y), array(X))
                 ) == pytest.approx(wanted, abs=1e-2)
    X = array(50 * X)
    for Y, wanted in ((0.5 * X[:, ::-1] + 7, 0), (-X, 2)):
        assert float(light_loss(Y, X)) == pytest.approx(
            wanted, abs=1e-3)


def test_far_from_a_style_the_loss_grows_like_a_root():
    l = array([0.1, 3.9, 4, 4.1, 400])
    l.attach_grad()
    with autograd.record():
        Y = objective.restrained(l)
    Y.backward()
    onp.testing.assert_allclose(Y[:4].asnumpy(), [0.1, 3.9, 4, 4.1], atol=1e-3)
    assert float(Y[4]) == pytest.approx(4 * 400 ** 0.5 - 4)
    onp.testing.assert_allclose(l.grad.asnumpy(),
                                [1, 1, 1, (4 / 4.1) ** 0.5, 0.1], atol=1e-3)


def features64(net, X):
    X = (X / 255 - images.RGB_MEAN.reshape(3, 1, 1)) / \
        images.RGB_STD.reshape(3, 1, 1)
    return [Y.asnumpy().astype('float64') for Y in d2l_nst.extract_features(
        array(X), net, LAYERS, ())[0]]


def objective_settings(**changes):
    return records.Settings(**{'style_layers': LAYERS,
                               'content_layers': ('relu2_2',), **changes})


def test_perceptual_loss(loss_net):
    X, Y_hat, S = (RANDOM.uniform(0, 255, (2, 3, 16, 24)) for _ in range(3))
    settings = objective_settings(
        content_weight=0.5, style_weight=2, light_weight=4, tv_weight=3,
        content_layers=('relu2_2', 'relu1_2:3'),
        style_layers=('relu1_2:1.5', 'relu2_2'))
    weights, calm = onp.eye(2)[::-1], objective.calmness(X)
    assert calm.shape == (2, 1, 16, 24) and 1 < calm.min() < calm.max() <= 31
    grams = objective.style_grams(loss_net, [array(s[None]) for s in S],
                                  LAYERS)
    loss = objective.PerceptualLoss(loss_net, grams, settings)
    total, *terms = (float(l) for l in loss(
        array(Y_hat), array(X), array(weights), array(calm)))
    hats, Xs, Ss = (features64(loss_net, A) for A in (Y_hat, X, S))
    content = 0.5 * sum(
        w * (((hats[i] - Xs[i]) ** 2).sum(axis=(1, 2, 3))
             / (Xs[i] ** 2).sum(axis=(1, 2, 3))).mean()
        for i, w in ((1, 1), (0, 3)))
    style = sum(w * style64(hat, onp.array([gram64(Z) for Z in Y]), weights)
                for w, hat, Y in zip((1.5, 1), hats, Ss))
    assert (style < objective.FAR).all()
    standard, standard_X = (A / 255 / images.RGB_STD.reshape(3, 1, 1)
                            for A in (Y_hat, X))
    light = float(light_loss(array(standard), array(standard_X)))
    tv = 0.5 * ((calm[:, :, 1:] * onp.diff(standard, axis=2) ** 2).mean()
                + (calm[..., 1:] * onp.diff(standard, axis=3) ** 2).mean())
    onp.testing.assert_allclose(
        terms, [content, 2 * style.mean(), 4 * light, 3 * tv], rtol=1e-3)
    assert total == pytest.approx(sum(terms), rel=1e-6)


def test_what_weighs_nothing_is_left_out(loss_net):
    X, Y_hat = (array(RANDOM.uniform(0, 255, (2, 3, 16, 16)))
                for _ in range(2))
    loss = objective.PerceptualLoss(loss_net, [], objective_settings(
        style_weight=0, tv_weight=0, light_weight=0))
    given = array([[1], [1]]), array(onp.ones((2, 1, 16, 16)))
    total, content, *others = (float(l) for l in loss(Y_hat, X, *given))
    assert total == content > 0 and others == [0, 0, 0]
    assert float(loss(X, X, *given)[0]) == 0


def test_losses_forget_the_scale_of_the_features(loss_net):
    """Features of a ReLU network times 100 lose the same."""
    X, Y_hat, S = (array(RANDOM.uniform(0, 255, (n, 3, 16, 16)))
                   for n in (4, 4, 1))
    weight = loss_net[0].weight.data().copy()
    losses = []
    for scale in (1, 100):
        loss_net[0].weight.set_data(weight * scale)
        grams = objective.style_grams(loss_net, [S], LAYERS)
        loss = objective.PerceptualLoss(loss_net, grams,
                                        objective_settings())
        losses.append([float(l) for l in loss(
            Y_hat, X, array([[1]] * 4), array(onp.ones((4, 1, 16, 16))))])
    loss_net[0].weight.set_data(weight)
    onp.testing.assert_allclose(*losses, rtol=1e-3)


# ---------------------------------------------------------------- painting
@pytest.mark.parametrize('height, width', [
    (16, 16), (17, 30), (1, 1), (3, 50), (22, 7)])
def test_any_size(net, height, width):
    imgs = pictures(2, height, width)
    paintings = painting.paint_pictures(net, list(imgs))
    assert paintings.shape == imgs.shape and paintings.dtype == 'uint8'
    bottom, right = 8 + -height % 4, 8 + -width % 4
    X = onp.pad(imgs[0], ((8, bottom), (8, right), (0, 0)), 'reflect')
    Y = network64(net, X.transpose(2, 0, 1)[None].astype('float64'))
    Y = Y[0].transpose(1, 2, 0)[8:8 + height, 8:8 + width]
    # a picture of one colour is flat inside too: there rounding counts
    if height * width > 1:
        assert abs(paintings[0] - Y).max() < 0.6
    alone = painting.paint_pictures(net, [imgs[1]])[0]
    assert abs(paintings[1].astype(int) - alone).max() <= 1


def test_file(net, file):
    assert 3.4e6 < os.path.getsize(file) < 3.5e6
    loaded = network.load_network(file).choose(['oak'])
    X = array(RANDOM.uniform(0, 255, (1, 3, 20, 24)))
    assert abs(loaded.painted(X) - net.painted(X)).max() < 2
    assert {p.grad_req for p in loaded.collect_params().values()} == {'null'}
    assert {p.data().dtype for p in loaded.collect_params().values()} == {
        onp.dtype('float32')}


@pytest.mark.parametrize('content', [b'', b'junk', None])
def test_files_that_are_no_network(tmp_path, loss_net, content):
    path = tmp_path / 'x.params'
    if content is None:
        loss_net.save_parameters(str(path))
    else:
        path.write_bytes(content)
    with pytest.raises(errors.WeightsError, match='does not hold'):
        network.load_network(path)
    with pytest.raises(errors.WeightsError, match='no such network'):
        network.load_network('starry-night')


@pytest.fixture
def tree(tmp_path):
    """Seven pictures below a folder, one of them damaged."""
    folder = tmp_path / 'photos'
    (folder / 'sub').mkdir(parents=True)
    coffee = Image.fromarray(data.coffee())
    for i in range(3):
        coffee.rotate(i).resize((40, 30)).save(folder / f'{i}.jpg')
    upright = coffee.resize((30, 20))
    exif = upright.getexif()
    exif[274] = 6
    upright.save(folder / 'turned.jpg', exif=exif)
    coffee.resize((21, 33)).convert('L').save(folder / 'sub' / 'grey.gif')
    clear = coffee.resize((30, 20)).convert('RGBA')
    clear.putalpha(Image.linear_gradient('L').resize((30, 20)))
    clear.save(folder / 'sub' / 'clear.png')
    whole = (folder / '0.jpg').read_bytes()
    (folder / 'sub' / 'broken.jpg').write_bytes(whole[:-300])
    (folder / 'notes.txt').write_text('no picture')
    return folder


def contents(folder):
    return {path.relative_to(folder): path.read_bytes()
            for path in folder.rglob('*') if path.is_file()}


def test_paint_a_tree(tree, tmp_path, file, capsys, net):
    before, out = contents(tree), tmp_path / 'new' / 'out'
    argv = ['paint', str(tree), *with_oak(file), '-o', str(out)]
    assert cli.main(argv) == 1
    told = capsys.readouterr()
    assert 'broken.jpg is damaged' in told.err and '6 of 7' in told.out
    assert 'GB of memory' in told.out
    assert contents(tree) == before
    assert {str(path) for path in contents(out)} == {
        '0.jpg', '1.jpg', '2.jpg', 'turned.jpg', 'sub/grey.png',
        'sub/clear.png', 'scorecards.json'}
    loaded = network.load_network(file).choose(['oak'])
    loaded.compute_in(choose_precision('auto', mx.cpu()))
    for source, output in (('1.jpg', '1.jpg'), ('turned.jpg', 'turned.jpg'),
                           ('sub/grey.gif', 'sub/grey.png')):
        img = images.read_image(tree / source)
        painted = images.read_image(out / output)
        assert painted.shape == img.shape
        expected = painting.paint_pictures(loaded, [img])[0].astype(int)
        tolerance = 2 if output.endswith('png') else 60    # JPEG
        assert abs(expected - painted).max() <= tolerance
    onp.testing.assert_array_equal(
        images.read_alpha(out / 'sub' / 'clear.png'),
        images.read_alpha(tree / 'sub' / 'clear.png'))
    assert cli.main(argv) == 1 and 'exists' in capsys.readouterr().err


def test_interrupted_painting_tells_what_was_saved(tree, tmp_path, file,
                                                   capsys, monkeypatch):
    calls, true = [], painting.paint_pictures

    def paint_pictures(*args):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return true(*args)

    monkeypatch.setattr(painting, 'paint_pictures', paint_pictures)
    out = tmp_path / 'out'
    assert cli.main(['paint', str(tree), *with_oak(file), '-o', str(out),
                     '--batch-size', '1', '--no-metadata']) == 130
    told = capsys.readouterr().out
    assert f'{len(contents(out))} of 7 painted' in told
    assert told.endswith('interrupted\n') and len(contents(out)) == 2


@pytest.mark.parametrize('place', ['told', 'card', 'saving', 'cards'])
def test_an_interrupt_anywhere_loses_nothing_that_was_saved(
        tree, tmp_path, file, capsys, monkeypatch, place):
    """What is in the folder is counted, and has its card."""
    kind, name = {'told': (tqdm.tqdm, 'update'),
                  'card': (paint.Cards, 'add'), 'cards': (paint.Cards, 'save'),
                  'saving': (painting.concurrent.futures, 'wait')}[place]
    true, calls = getattr(kind, name), []

    def interrupted(*args):
        calls.append(args)
        if len(calls) == 1:
            signal.raise_signal(signal.SIGINT)
        return true(*args)

    monkeypatch.setattr(kind, name, interrupted)
    out = tmp_path / 'out'
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        code = cli.main(['paint', str(tree), *with_oak(file), '-o', str(out),
                         '--batch-size', '1'])
    finally:
        signal.signal(signal.SIGINT, usual)
    assert code == (1 if place == 'cards' else 130)
    names = {str(path) for path in contents(out)} - {'scorecards.json'}
    assert set(json.loads((out / 'scorecards.json').read_text())) == names
    assert f'{len(names)} of 7 painted' in capsys.readouterr().out


@pytest.mark.parametrize('same', ['folder', 'link', 'below'])
def test_originals_are_never_overwritten(tree, tmp_path, file, capsys, same):
    before, out = contents(tree), tree
    if same == 'link':
        out = tmp_path / 'link'
        out.symlink_to(tree)
    if same == 'below':
        out = tree / 'painted'
        outputs = plan.plan([tree], out)
        (tree / 'painted').mkdir()
        (tree / 'painted' / '0.jpg').write_bytes(before[next(iter(before))])
        assert plan.plan([tree], out, True) == outputs
        return
    assert cli.main(['paint', str(tree), *with_oak(file), '-o', str(out),
                     '--force']) == 1
    assert 'is the picture to be read' in capsys.readouterr().err
    assert contents(tree) == before


def test_two_pictures_of_one_name(tree, tmp_path):
    (tree / '0.gif').write_bytes((tree / 'sub' / 'grey.gif').read_bytes())
    (tree / '0.png').write_bytes((tree / 'sub' / 'clear.png').read_bytes())
    (tree / '0.ppm').write_bytes((tree / 'sub' / 'clear.png').read_bytes())
    names = {os.path.basename(source): os.path.basename(output) for
             source, output in plan.plan([tree], tmp_path / 'out').items()}
    assert names['0.png'] == '0.png'
    assert names['0.gif'] == '0.gif.png' and names['0.ppm'] == '0.ppm.png'
    with pytest.raises(errors.ImageError, match='would both be'):
        (tmp_path / 'other').mkdir()
        other = tmp_path / 'other' / '0.png'
        other.write_bytes((tree / '0.png').read_bytes())
        plan.plan([tree / '0.png', other], tmp_path / 'out')
    with pytest.raises(errors.ImageError, match='holds no pictures'):
        (tmp_path / 'empty').mkdir()
        plan.plan([tmp_path / 'empty'], tmp_path / 'out')


def test_what_exists_may_be_skipped(tree, tmp_path, file, capsys):
    """An interrupted job goes on where it was."""
    out = tmp_path / 'out'
    (tree / 'sub' / 'broken.jpg').unlink()
    command = ['paint', str(tree), *with_oak(file), '-o', str(out)]
    outputs = plan.plan([tree], out)
    done, *left = outputs.values()
    os.makedirs(os.path.dirname(done), exist_ok=True)
    with open(done, 'w') as f:
        f.write('painted before')
    assert cli.main(command) == 1
    assert '--skip-existing' in capsys.readouterr().err
    assert cli.main([*command, '--skip-existing']) == 0
    assert f'{len(left)} of {len(left)} painted' in capsys.readouterr().out
    assert open(done).read() == 'painted before'
    assert all(map(os.path.exists, left))
    assert cli.main([*command, '--skip-existing']) == 0
    assert '0 of 0 painted' in capsys.readouterr().out
    with pytest.raises(SystemExit):
        cli.main([*command, '--skip-existing', '--force'])


@pytest.mark.parametrize('folder, words', [
    ('file', 'file is a file'), ('file/deep/er', 'file is a file'),
    ('/proc/new/er', "can't be written in /proc")])    # by root neither
def test_a_folder_that_cannot_be_is_told_before(tree, tmp_path, folder,
                                                words):
    (tmp_path / 'file').write_text('no folder')
    with pytest.raises(errors.ImageError, match=words):
        plan.plan([tree], tmp_path / folder)


def test_strength_mixes_with_the_picture_and_paints_twice(net):
    img, = pictures(1, 20, 24)

    def painted(strength):
        return painting.paint_pictures(net, [img], strength=strength)[0]

    once = net.paint(img[None])
    twice, once = net.paint(once)[0], once[0]
    assert (painted(0) == img).all() and abs(once - img).max() > 10
    for strength, expected in ((0.25, img / 2 + once / 2), (1, twice),
                               (0.8, 0.4 * once + 0.6 * twice)):
        assert abs(painted(strength) - expected).max() <= 1
    with pytest.raises(errors.NSTError, match='choose one from 0 to 1'):
        painted(1.1)


def test_strength_of_the_command(tree, tmp_path, file, capsys):
    def run(strength):
        return cli.main(['paint', str(tree / '1.jpg'), *with_oak(file),
                         '-o', str(tmp_path / 'out'), '--strength',
                         strength])

    assert run('1.5') == 1
    assert 'choose one from 0 to 1' in capsys.readouterr().err
    assert not (tmp_path / 'out').exists()
    assert run('0') == 0
    img, same = map(images.read_image, (tree / '1.jpg',
                                        tmp_path / 'out' / '1.jpg'))
    assert abs(img.astype(int) - same).mean() < 4  # JPEG


def test_masks_and_colours(net, tree, tmp_path, file, capsys):
    """White is painted, black stays; the colours that are kept have the
    painting's luminance."""
    img, = pictures(1, 20, 24)
    once, mask = net.paint(img[None])[0], onp.zeros((10, 12))
    mask[:, 6:] = 1
    half = touch.Touched(net, mask).paint(img[None])[0]
    assert (half[:, :11] == img[:, :11]).all()
    assert abs(half[:, 13:] - once[:, 13:]).max() < 1e-3
    kept = touch.Touched(net, colours='content').paint(img[None])[0]
    assert abs(kept - colours.keep_luminance(once, img)).max() < 1e-3
    Image.fromarray(255 * mask.astype('uint8')).save(tmp_path / 'mask.png')
    argv = ['paint', str(tree / '1.jpg'), *with_oak(file), '-o',
            str(tmp_path / 'out'), '--mask']
    assert cli.main([*argv, str(tmp_path / 'mask.png'), '--colours',
                     'content', '--no-metadata']) == 0
    painted = images.read_image(tmp_path / 'out' / '1.jpg').astype(int)
    photo = images.read_image(tree / '1.jpg')
    assert abs(painted - photo)[:, :15].mean() < 3 < 10 < abs(
        painted - photo)[:, 25:].mean()
    assert cli.main([*argv, str(tree / 'sub' / 'clear.png'), '--force']) == 1
    assert 'has transparent parts' in capsys.readouterr().err


def test_lost_transparency_is_told(net, tmp_path, capsys):
    """As of a PNG that is called .jpg."""
    picture = Image.new('RGBA', (30, 20), (9, 99, 199, 120))
    picture.save(tmp_path / 'a.jpg', 'PNG')
    outputs = {tmp_path / 'a.jpg': tmp_path / 'b.jpg'}
    painted, = painting.paint(net, outputs)
    assert not painted.error and painted.note.startswith(
        f'{tmp_path}/b.jpg has no place for the transparency of')
    outputs = {tmp_path / 'a.jpg': tmp_path / 'b.png'}
    painted, = painting.paint(net, outputs)
    assert not painted.error and not painted.note


def test_too_large_a_picture(net, monkeypatch):
    monkeypatch.setattr(net, 'memory', lambda pixels: 2 ** 40 * pixels)
    with pytest.raises(errors.ImageError, match='GB of memory'):
        painting.paint_pictures(net, [onp.zeros((16, 16, 3), 'uint8')])


def test_batches_are_of_one_size_and_not_too_large(tmp_path):
    paths = []
    for i, shape in enumerate([(40, 30)] * 5 + [(1500, 1000)] * 2):
        paths.append(str(tmp_path / f'{i}.png'))
        Image.new('RGB', shape).save(paths[-1])
    batches = list(painting.batches(dict.fromkeys(paths), 4))
    assert [len(batch) for batch in batches] == [4, 1, 1, 1]


def test_paint_loads_no_more_than_it_needs():
    """Neither d2l nor scikit-image nor matplotlib."""
    subprocess.run(
        [sys.executable, '-c', 'import d2l_nst.feedforward.data, sys; '
         'assert "mxnet" not in sys.modules; '
         'import d2l_nst.feedforward.painting; '
         'assert not {"d2l", "skimage", "matplotlib"} & set(sys.modules)'],
        check=True)
