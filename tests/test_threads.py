"""MXNet's switches are per thread; the package works in any."""

import concurrent.futures

import mxnet as mx
import numpy as onp
import pytest
from mxnet import npx
from skimage import data

import d2l_nst
from d2l_nst import Recipe, Stage, measures
from d2l_nst.feedforward import network, painting

IMG = data.coffee()[:200:4, :240:4]
LAYERS = ['conv1_2']


def get_net():
    return d2l_nst.get_net(layers=LAYERS, weights='random')


JOBS = {
    'get_net': get_net,
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
