"""A picture in tiles has the loss and the gradient of the whole picture."""

import numpy as onp
import pytest
from mxnet import np
from skimage import data

import d2l_nst
from d2l_nst.controls.style import Guided
from d2l_nst.engine import optimisers, tiles, windows
from d2l_nst.recipes import get_recipe

COFFEE, ASTRONAUT = data.coffee(), data.astronaut()


def pictures(dtype, *shapes):
    """A start, a content and a style of these (width, height)."""
    random = onp.random.RandomState(1)
    for img, shape in zip((COFFEE, COFFEE, ASTRONAUT), shapes):
        X = d2l_nst.preprocess(img, shape).asnumpy()
        yield np.array(X + random.normal(0, 0.1, X.shape), dtype=dtype)


def both(recipe, dtype, tile, shape, style=(90, 83), styles=None):
    """Loss, losses and gradient of the whole picture, and of its tiles."""
    net = d2l_nst.get_net(recipe.network, recipe.layers, 'random',
                          pooling=recipe.pooling, padding=recipe.padding)
    net.cast(dtype)
    X, content_X, style_X = pictures(dtype, shape, shape, style)
    style_X = styles(style_X) if styles else style_X
    objectives = (
        d2l_nst.make_objective(recipe, net, X, content_X, style_X),
        tiles.make_tiled(recipe, net, X, content_X, style_X, tile))
    assert len(objectives[1].windows) > 1
    for objective in objectives:
        X.attach_grad()
        told = optimisers.evaluate(X, objective)
        yield (*told, X.grad.asnumpy())


def far(A, B):
    return onp.linalg.norm(A - B) / onp.linalg.norm(B)


def alike(whole, tiled, tolerance):
    assert list(whole[1]) == list(tiled[1])
    assert tiled[0] == pytest.approx(whole[0], rel=tolerance)
    assert tiled[1] == pytest.approx(whole[1], rel=tolerance)
    assert far(tiled[2], whole[2]) < tolerance


@pytest.mark.parametrize('padding', ['zeros', 'edge'])
@pytest.mark.parametrize('pooling', ['max', 'average'])
def test_the_gradient_is_that_of_the_whole(padding, pooling):
    recipe = get_recipe('quick', padding=padding, pooling=pooling,
                        style_layers=('relu1_1', 'pool2'),
                        content_layers=('conv2_2',))
    alike(*both(recipe, 'float64', 36, (67, 49), (43, 51)), 1e-9)


def test_the_gradient_in_single_precision():
    """With all the layers of the default recipe."""
    recipe = get_recipe('quick')
    alike(*both(recipe, 'float32', 96, (115, 101)), 1e-4)


def test_the_book_in_tiles():
    """Its last layer is behind four poolings."""
    alike(*both(get_recipe('book'), 'float32', 192, (227, 37)), 1e-4)


def test_masks_in_tiles():
    """Of content and of style, and a region that a layer is too coarse
    for."""
    recipe = get_recipe('quick', style_layers=('relu1_1', 'relu2_1'),
                        content_layers=('relu2_1',))

    def styles(style_X):
        (h, w), mask = style_X.shape[2:], onp.zeros((45, 71), 'float32')
        mask[:40, 13:50] = 1
        return [Guided(style_X, 0.3, mask), Guided(
            style_X, 0.7, 1 - mask, onp.linspace(0, 1, h * w).reshape(h, w))]
    alike(*both(recipe, 'float64', 36, (71, 45), (43, 51), styles), 1e-9)


@pytest.mark.parametrize('recipe, word', [
    ('histogram', 'histogram'), ('mrf', 'patches'),
    (get_recipe('book', tuned=True), 'tuned')])
def test_what_has_no_tiles_says_so(recipe, word):
    with pytest.raises(d2l_nst.NSTError, match=f'the {word} loss looks at'):
        tiles.check_tiled(get_recipe(recipe))


@pytest.mark.parametrize('length', [56, 63, 64, 65, 90, 91, 97, 350])
def test_tiles_cover_a_side_once(length):
    spans = windows.spans(length, 48, 8, 8)
    assert [i for span in spans for i in range(span.first, span.last)] == (
        list(range(length)))
    for i, span in enumerate(spans):
        assert span.stop - span.start < 48 + 8
        assert span.start % 8 == span.first % 8 == 0
        assert span.first < span.last
        assert not i or span.first >= span.start + 8
        assert i + 1 == len(spans) or span.last <= span.stop - 8
