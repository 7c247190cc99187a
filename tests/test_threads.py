"""MXNet's switches are per thread; the package works in any."""

import concurrent.futures

import mxnet as mx
import numpy as onp
import pytest
from mxnet import npx
from skimage import data

import d2l_nst
from d2l_nst import NSTError, Recipe, Stage, chapter, measures
from d2l_nst.feedforward import (inversion, network, painting, records,
                                 training)

IMG = data.coffee()[:200:4, :240:4]
LAYERS = ['conv1_2']


def get_net():
    return d2l_nst.get_net(layers=LAYERS, weights='random')


def load_weights():
    net = d2l_nst.VGG('vgg19', 'conv1_2')
    d2l_nst.load_weights(net, 'random')
    return net


JOBS = {
    'get_net': get_net,
    'load_weights': load_weights,
    'the network': lambda: get_net()(mx.np.ones((1, 3, 16, 16)
                                                ).as_np_ndarray()).asnumpy(),
    'train': lambda: training.train(
        [IMG], None, None, records.Settings(
            size=16, style_size=16, crops=4, epochs=1, weights='random'),
        workers=0).history,
    'train_decoder': lambda: inversion.train_decoder(
        None, None, records.DecoderSettings(
            size=16, batch_size=2, crops=2, epochs=1, invert='relu1_1'),
        workers=0).history,
    'measures': lambda: measures.style_distances(IMG, IMG, get_net(),
                                                 LAYERS),
    'style_transfer': lambda: d2l_nst.style_transfer(IMG, IMG, Recipe(
        (Stage((48, 32), 2),), 'lbfgs', weights='random',
        content_layers=LAYERS, style_layers=LAYERS)).scorecard(),
    'paint_pictures': lambda: painting.paint_pictures(
        network.load_network('nine-styles').choose(['ink-wash']), [IMG])}


@pytest.mark.parametrize('job', JOBS)
def test_without_numpy_semantics(job):
    """As in a new thread, which has them off; there they stay off."""
    def run():
        assert not npx.is_np_array()
        result = JOBS[job]()
        assert not npx.is_np_array()
        return result

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        there = pool.submit(run).result()
    here = JOBS[job]()
    if isinstance(there, d2l_nst.VGG):
        X = mx.np.ones((1, 3, 16, 16))
        there, here = there(X).asnumpy(), here(X).asnumpy()
    if isinstance(there, onp.ndarray):
        onp.testing.assert_allclose(there, here, rtol=1e-5)
    else:
        for varies in ('seconds', 'memory_gb'):
            there.pop(varies, None), here.pop(varies, None)
        assert there == here


CHAPTER = {
    'get_contents': lambda X, net: chapter.get_contents(
        IMG, (24, 16), net, LAYERS),
    'get_styles': lambda X, net: chapter.get_styles(
        IMG, (24, 16), net, LAYERS),
    'tv_loss': lambda X, net: chapter.tv_loss(X),
    'compute_loss': lambda X, net: chapter.compute_loss(X, [], [], [], []),
    'get_inits': lambda X, net: chapter.get_inits(X, mx.cpu(), 0.1, []),
    'train': lambda X, net: chapter.train(X, [], [], net, mx.cpu(), 0.1, 1,
                                          1, None, (), LAYERS)}


@pytest.mark.parametrize('name', CHAPTER)
def test_the_chapter_says_that_they_are_off(small_net, name):
    """What fails without them tells what to call, in any thread."""
    X = chapter.preprocess(IMG, (24, 16))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        failed = pool.submit(CHAPTER[name], X, small_net).exception()
    assert type(failed) is NSTError
    assert 'call mxnet.npx.set_np() in it first' in str(failed)


def test_the_chapter_in_a_thread_that_has_them(small_net):
    def run():
        npx.set_np()
        X, contents = chapter.get_contents(IMG, (24, 16), small_net, LAYERS)
        return float(chapter.tv_loss(X)), contents[0].shape

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        loss, shape = pool.submit(run).result()
    assert loss > 0 and shape == (1, 64, 16, 24)
