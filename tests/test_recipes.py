"""Every recipe end to end, its settings, and what its options do."""

import dataclasses
import math
from unittest import mock

import mxnet as mx
import numpy as onp
import pytest
from mxnet import autograd, np
from PIL import Image
from skimage import data

import d2l_nst
from d2l_nst import (Layer, NSTError, NSTWarning, Recipe, Stage, Start,
                     get_recipe, images, recipes, terms)
from d2l_nst.engine import objective, plan, sizes, stages, starts
from d2l_nst.layers import parse_layers
from d2l_nst.recipes import fitting
from d2l_nst.terms import Histogram
from d2l_nst.weights import Weights
from oracles import arrays_of

# scikit-image's coffee (Rachel Michetti) and astronaut (NASA), CC0 and
# public domain
COFFEE, ASTRONAUT = data.coffee(), data.astronaut()
CHAPTERS = 'book', 'book-1.0', 'quick'
TERMS = {'quick': ['content', 'style', 'light', 'tv'],
         'texture': ['style', 'tv'], 'inversion': ['content', 'tv'],
         'histogram': ['content', 'style', 'histogram', 'tv'],
         'laplacian': ['content', 'style', 'laplacian', 'tv'],
         'photo': ['content', 'style', 'laplacian', 'matting', 'tv'],
         'mrf': ['content', 'patches', 'tv']}


@pytest.fixture(scope='module')
def weights(tmp_path_factory):
    """Files of random filters: quicker than drawing them each time."""
    folder, paths = tmp_path_factory.mktemp('weights'), {}
    for network, last in (('vgg19', 'relu5_2'), ('vgg16', 'relu4_3')):
        paths[network] = str(folder / f'{network}.params')
        d2l_nst.get_net(network, (last,), 'random').save_parameters(
            paths[network])
    return paths


@pytest.fixture
def transfer(weights):
    """A run of a recipe: one small stage unless it is told otherwise."""
    def run(recipe, content=COFFEE, style=ASTRONAUT, **changes):
        image_shape = changes.pop('image_shape', None)
        on_step, ctx = changes.pop('on_step', None), changes.pop('ctx', None)
        changes = {'stages': (Stage((48, 32), 6),), 'pooling': 'average',
                   **changes}
        recipe = get_recipe(recipe, **changes)
        recipe = dataclasses.replace(  # published ones are for ImageNet's
            recipe, weights=weights[recipe.network], published={})
        return d2l_nst.style_transfer(content, style, recipe, image_shape,
                                      ctx, on_step)
    return run


# -------------------------------------------------------------- end to end
@pytest.mark.parametrize('name', [name for name in recipes.RECIPES
                                  if name not in CHAPTERS])
def test_end_to_end(name, transfer, monkeypatch):
    """On a second CPU context: a forgotten context would raise, or leave
    an array behind."""
    ctx, made, true = mx.cpu(1), [], stages.make_objective

    def make(*args):
        made.append(true(*args))
        return made[-1]

    def look(step):
        assert step.X.ctx == ctx

    monkeypatch.setattr(stages, 'make_objective', make)
    result = transfer(name, ctx=ctx, on_step=look)
    first = result.history[0]
    assert list(first.terms) == TERMS.get(name, ['content', 'style', 'tv'])
    for step in result.history:
        assert all(map(math.isfinite, step.terms.values()))
        assert step.total == pytest.approx(sum(step.terms.values()),
                                           rel=1e-4)
    assert min(s.total for s in result.history) < 0.99 * first.total
    assert (result.image.shape[0] * result.image.shape[1]
            == pytest.approx(48 * 32, rel=0.05))
    assert all(A.ctx == ctx for A in arrays_of(made[0]))


@pytest.mark.parametrize('name', ['texture', 'inversion'])
def test_one_picture_is_enough(name, transfer):
    if name == 'texture':
        result = transfer(name, None, ASTRONAUT)
    else:
        result = transfer(name, COFFEE, None)
    assert len(result.history) == 6


def test_a_texture_starts_far_and_comes_near(transfer):
    history = transfer('texture', None, num_epochs=40).history
    assert history[-1].terms['style'] < 0.1 * history[0].terms['style']


def test_inversion_finds_the_picture_again(transfer):
    """From its first layers, which keep nearly all."""
    image = transfer('inversion', content_layers=('relu1_1',), tv_weight=0,
                     num_epochs=60).image.asnumpy()
    there = images.resize(COFFEE, image.shape[1::-1]) / 255
    noise = starts.noise(image.shape[1::-1], 1) / 255
    assert abs(image - there).mean() < 0.2 * abs(noise - there).mean()


def test_three_scales(transfer):
    shapes = []
    transfer('mrf', stages=recipes.RECIPES['mrf'].stages, num_epochs=1,
             image_shape=(120, 96),
             on_step=lambda step: shapes.append(step.X.shape[2:]))
    assert shapes == [(24, 30), (48, 60), (96, 120)]


def test_patches_need_room(transfer):
    with pytest.raises(d2l_nst.ImageError, match='at least 24 pixels'):
        transfer('mrf', image_shape=(60, 20))
    assert sizes.smallest_side(get_recipe(
        'mrf', style_layers=('relu2_1', 'pool1'))) == 16


@pytest.mark.parametrize('recipe, scale, measured', [
    ('quick', 2, 1.76), ('book', 1, 1.50)])
def test_memory_is_as_measured(recipe, scale, measured):
    """GB at the peak of 900x600 in float32, a style so much larger."""
    size, = plan.sizes_of(recipe := get_recipe(recipe), [(900, 600)],
                          [[(900 * scale, 600 * scale)]])
    assert plan.needed(recipe, [size], 0) / 2 ** 30 == pytest.approx(
        measured, rel=0.05)


MP24 = 6000 * 4000


@pytest.mark.parametrize('recipe, content, styles, measured', [
    ({}, 0, [MP24 // 2], 962), ({}, 0, [MP24], 1544),
    ({}, 0, [MP24, MP24], 1692), ({'init': 'pass'}, 0, [MP24], 1093),
    ({'colours': 'content:match'}, 0, [MP24], 2646),
    ({'colours': 'content:match'}, 0, [MP24, MP24], 3332),
    ({'colours': 'content'}, 0, [MP24], 2670),
    ({'colours': 'content'}, MP24, [0], 1315)])
def test_memory_of_huge_files_is_as_measured(recipe, content, styles,
                                             measured):
    """MB at the peak of 128x96, a picture of 24 million pixels in its
    file: much more than what the network sees of it takes."""
    recipe = get_recipe('quick', **recipe)
    sizes = plan.sizes_of(recipe, [(128, 96)], [[(256, 192)]])
    planned = plan.needed(recipe, sizes, 0, read=(content, styles)) / 2 ** 20
    assert planned == pytest.approx(measured, rel=0.15)
    assert plan.needed(recipe, sizes, 0) / 2 ** 20 < 600


def test_patches_need_more_memory(transfer, monkeypatch):
    monkeypatch.setattr(terms.Patches, 'bytes_per_pixel', 2 ** 50)
    with pytest.raises(d2l_nst.ImageError, match='GB of memory'):
        transfer('mrf')
    transfer('quick', num_epochs=1)


def test_the_live_plot_names_the_terms(transfer, monkeypatch):
    plots = pytest.importorskip('d2l_nst.plots')
    handle = mock.Mock()
    monkeypatch.setattr(plots.display, 'display', lambda *a, **k: handle)
    animator = plots.Animator(2, every=1)
    transfer('histogram', num_epochs=2, on_step=animator)
    curves = animator.axes[0]
    assert [text.get_text() for text in curves.get_legend().texts] == [
        'content', 'style', 'histogram', 'TV']
    assert len(curves.lines) == 4 and handle.update.call_count == 2
    assert len(animator.history) == 2
    assert curves.get_yscale() == 'linear'  # as in the book
    animator = plots.Animator(1, yscale='log')
    transfer('quick', num_epochs=1, on_step=animator)
    assert animator.axes[0].get_yscale() == 'log'


def test_tuned(transfer):
    """Adam moves the picture by another gradient, and downhill."""
    def last(**changes):
        result = transfer('histogram', optimiser='adam', lr=0.05,
                          num_epochs=12, **changes)
        assert result.history[-1].total < result.history[0].total
        return result.history[-1].total

    assert last(tuned=True) != pytest.approx(last(), rel=1e-3)


def test_lbfgs_ends_below_adam(transfer):
    """After as many evaluations, whatever Adam's learning rate."""
    def end(**changes):
        history = transfer('gatys-lbfgs', num_epochs=25, **changes).history
        return min(step.total for step in history)

    assert end() < min(end(optimiser='adam', lr=lr)
                       for lr in (0.01, 0.03, 0.1))


# --------------------------------------------------------- one and the same
@pytest.fixture(scope='module')
def net(weights):
    return d2l_nst.get_net(layers=('relu5_2',), weights=weights['vgg19'],
                           pooling='average')


@pytest.fixture(scope='module')
def pictures():
    random = onp.random.RandomState(0)
    content_X, style_X = (d2l_nst.preprocess(img, (64, 48))
                          for img in (COFFEE, ASTRONAUT))
    noise = np.array(random.normal(0, 0.1, content_X.shape), dtype='float32')
    return content_X + noise, content_X, style_X


def values(made, X):
    X = X.copy()
    X.attach_grad()
    with autograd.record():
        l, *terms = made(X)
    l.backward()
    return dict(zip(made.terms, map(float, terms))), X.grad.asnumpy()


def test_weights_of_layers(net, pictures):
    """Twice the weight of a layer is twice its part of the term."""
    def content(*layers):
        recipe = get_recipe('gatys', content_layers=layers, content_weight=3,
                            relative=False)
        made = objective.make_objective(recipe, net, *pictures)
        return values(made, pictures[0])[0]['content']

    one, two = content('relu1_1'), content('relu2_1')
    assert content('relu1_1:0.5', 'relu2_1:4') == pytest.approx(
        0.5 * one + 4 * two, rel=1e-5)


def test_tuned_objective_has_the_same_values(net, pictures):
    recipe = get_recipe('histogram', optimiser='adam')
    terms, gradient = values(objective.make_objective(
        recipe, net, *pictures), pictures[0])
    tuned, other = values(objective.make_objective(
        dataclasses.replace(recipe, tuned=True), net, *pictures),
        pictures[0])
    assert tuned == pytest.approx(terms, rel=1e-4)
    assert onp.isfinite(other).all()
    assert onp.linalg.norm(other) < onp.linalg.norm(gradient)


# ------------------------------------------------------------- the settings
def test_settings_of_the_sources():
    """What the documents fix; UNIT turns 0 ... 255 into our pixels."""
    relu = tuple(f'relu{i}_1' for i in range(1, 6))
    gatys = get_recipe('gatys')
    assert gatys.content_layers == (Layer('relu4_2', 0.5),
                                    Layer('relu5_2', 0.5))
    assert gatys.style_layers == tuple(Layer(name, 0.2) for name in relu)
    assert (gatys.network, gatys.init, gatys.optimiser) == (
        'vgg19', Start('mix', 0.6), 'adam')
    assert gatys.stages[0].num_epochs == 1000
    source = on_imagenet('gatys')
    assert source.style_weight / source.content_weight == pytest.approx(
        500 * 2 / 5 * 57.4 ** 2)
    assert not (source.relative or source.scaled)
    assert source.content_form == 'half mean'
    vgg16 = get_recipe('gatys-vgg16')
    assert (vgg16.network, vgg16.init) == ('vgg16', Start('noise'))
    assert vgg16.content_layers == (Layer('relu3_3'),)
    lbfgs = on_imagenet('gatys-lbfgs')
    assert lbfgs.content_layers == (Layer('conv2_2'),)
    assert lbfgs.style_weight == 1e6
    assert lbfgs.style_layers == parse_layers((
        'conv1_1', 'conv1_2', 'conv2_1', 'conv2_2', 'conv3_1'))
    assert (lbfgs.optimiser, lbfgs.stages[0].num_epochs) == ('lbfgs', 300)
    tv = get_recipe('gatys-tv')
    index = [d2l_nst.vgg.layer_index(layer.name)
             for layer in tv.style_layers]
    assert index == [0, 5, 10, 19, 28]
    index = [d2l_nst.vgg.layer_index(layer.name)
             for layer in tv.content_layers]
    assert index == [5, 10, 19, 28]
    assert (tv.tv, tv.crop, tv.stages[0].image_shape) == (
        'sum', True, (256, 256))
    assert get_recipe('texture').needs == ('style',)
    assert get_recipe('inversion').needs == ('content',)
    assert get_recipe('histogram').terms == (
        Histogram(('relu4_1', 'relu1_1'), 24),)
    assert get_recipe('laplacian').terms[0].pools == (4, 16)
    mrf = get_recipe('mrf')
    assert mrf.style_layers == (Layer('relu3_1'), Layer('relu4_1'))
    assert mrf.content_layers == (Layer('relu4_2'),)
    assert len(mrf.stages) == 3


def on_imagenet(recipe, **changes):
    return fitting.on_weights(get_recipe(recipe, **changes), Weights({}))


def test_published_weights_give_way_to_options():
    recipe = on_imagenet('gatys', style_weight=7)
    assert recipe.style_weight == 7 and recipe.content_weight > 1000
    assert on_imagenet('quick') == recipes.RECIPES['quick']
    assert on_imagenet('mrf').relative


def test_published_weights_are_for_imagenets_features_alone():
    own = Weights({}, unit=None)
    assert fitting.on_weights(get_recipe('gatys'), own).relative


def test_layers_on_another_network():
    recipe = get_recipe('gatys', network='vgg16', weights='random',
                        style_layers=('relu1_1:2', 'pool2'))
    assert recipe.content_layers == parse_layers(('relu4_2:0.5',
                                                  'relu5_2:0.5'))
    assert recipe.style_layers == parse_layers(('relu1_1:2', 'pool2'))
    recipe = get_recipe('book', network='vgg16', init='noise')
    assert recipe.layers[0] == 'conv4_3'
    weighted = Recipe((), content_layers=('conv4_4:0.3', 25),
                      weights='random')
    assert fitting.on_network(dataclasses.replace(
        weighted, network='vgg16')).content_layers == (
            Layer('conv4_3', 0.3), Layer('25'))


def test_layers_that_the_weights_do_not_reach():
    """The bundled VGG-16 ends with `relu4_3`: what a recipe has behind it
    is left out, what the caller asked for is not."""
    recipe = get_recipe('gatys', network='vgg16', weights='bundled')
    assert recipe.content_layers == (Layer('relu4_2', 0.5),)
    assert recipe.style_layers[-1] == Layer('relu4_1', 0.2)
    assert len(get_recipe('gatys', network='vgg19').style_layers) == 5
    asked = get_recipe('quick', network='vgg16', weights='bundled',
                       style_layers=('conv5_1',))
    assert asked.style_layers == (Layer('conv5_1'),)
    with pytest.raises(NSTError, match='ends with relu4_3'):
        d2l_nst.get_net('vgg16', asked.layers, 'bundled')


def test_auto_takes_the_nearest_layers():
    short = Weights({}, 'vgg16', 'short', last='relu4_3', unit=None)
    recipe = get_recipe('gatys', network='vgg16', style_layers=(
        'relu3_1:2', 'conv5_1:3', 'pool5', 29))
    with pytest.warns(NSTWarning, match='conv4_3 is taken for conv5_1'):
        recipe = fitting.on_weights(recipe, short)
    assert recipe.content_layers == parse_layers(('relu4_2:0.5',
                                                  'relu4_3:0.5'))
    assert recipe.style_layers == parse_layers((
        'relu3_1:2', 'conv4_3:3', 'pool3', 'relu4_3'))


@pytest.mark.parametrize('change, words', [
    ({'optimiser': 'sgd'}, 'adam, lbfgs'), ({'tv': 'cubic'}, 'mean, sum'),
    ({'tv': 'guided', 'needs': ('style',), 'init': 'noise'},
     'looks at the content picture'),
    ({'pooling': 'min'}, 'max, average'),
    ({'margin': -1}, 'from 0 up'), ({'smoothness': -2}, 'from 0 up'),
    ({'style_form': 'x'}, 'quarter sum'),
    ({'style_layers': ('conv1_1:x',)}, 'conv1_1:x has no number'),
    ({'style_layers': ('conv1_1:nan',)}, 'no number from 0 up'),
    ({'num_epochs': 0}, 'from 1 up'),
    ({'num_epochs': 1.5}, 'from 1 up'), ({'content_weight': -1}, 'from 0 up'),
    ({'tv_weight': float('nan')}, 'from 0 up'),
    ({'tolerance': -1}, 'from 0 up'), ({'seed': 'x'}, 'a whole number'),
    ({'lr': -1}, 'above 0'),
    ({'style_layers': ('conv9_1:2',)}, 'choose one of'),
    ({'init': 'nothing.png'},
     'choose content, style, palette, pass, noise, mix:0.6'),
    ({'init': 'mix:2'}, 'choose content'),
    ({'tuned': True, 'optimiser': 'lbfgs'}, 'optimiser adam'),
    ({'recipe': 'texture', 'init': 'content'}, 'no content picture'),
    ({'recipe': 'texture', 'init': 'palette'}, 'no content picture'),
    ({'recipe': 'inversion', 'init': 'palette'}, 'no style picture'),
    ({'recipe': 'inversion', 'init': 'pass'}, 'no style picture'),
    ({'recipe': 'texture', 'init': 'mix:0.5'}, 'no content picture'),
    ({'recipe': 'inversion', 'init': 'style'}, 'no style picture')])
def test_settings_that_cannot_be(change, words):
    with pytest.raises(NSTError, match=words):
        get_recipe(**change)


NUMBERS = [field.name for field in dataclasses.fields(Recipe)
           if type(field.default) in (int, float)]


@pytest.mark.parametrize('value', [
    float('nan'), float('inf'), -float('inf'), 10 ** 400, None, 'x'],
    ids='nan inf -inf huge None x'.split())
@pytest.mark.parametrize('name', NUMBERS)
def test_numbers_that_are_none(name, value):
    if (name, value) != ('seed', 10 ** 400):
        with pytest.raises(NSTError, match=f'{name.replace("_", " ")}.* is '
                           'not possible: choose'):
            get_recipe('quick', **{name: value})


@pytest.mark.parametrize('change, words', [
    ({'lr_decay': float('nan')}, 'lr decay nan'),
    ({'lr_decay': float('inf')}, 'lr decay inf'),
    ({'lr_decay_epoch': 0}, 'lr decay epoch 0'),
    ({'image_shape': (0, 64)}, 'width 0'),
    ({'image_shape': (64, -1)}, 'height -1')])
def test_numbers_of_a_stage_that_are_none(change, words):
    stage = Stage(**{'image_shape': (64, 48), 'num_epochs': 2, **change})
    with pytest.raises(NSTError, match=words + ' is not possible: choose'):
        get_recipe('quick', stages=(stage,))


@pytest.mark.parametrize('share', [float('nan'), float('inf'), -1, None])
def test_a_share_of_noise_that_is_none(share):
    with pytest.raises(NSTError, match=f'share of noise {share} is not'):
        get_recipe('quick', init=Start('mix', share))


@pytest.mark.parametrize('name', ['laplacian', 'photo'])
def test_pixels_are_a_layer_of_every_network(name):
    """Terms of pixels stay in a recipe on another network."""
    added = [term.name for term in get_recipe(name, network='vgg16',
                                              weights='bundled').terms]
    assert added == TERMS[name][2:-1]
    assert ['pixels'] in [[layer.name for layer in term.layers]
                          for term in get_recipe(
                              name, network='vgg16').terms]


# ------------------------------------------------------ starts and shapes
def start(init, shape=(30, 20), **changes):
    recipe = get_recipe('book', init=init, **changes)
    return starts.start_picture(recipe, COFFEE, ASTRONAUT, shape)


def test_noise():
    noise = start('noise')
    assert noise.shape == (20, 30, 3)
    distance = noise - images.RGB_MEAN * 255
    assert 15 < abs(distance).max() <= 20 and abs(distance.mean()) < 1
    assert (noise == start('noise')).all()
    assert (noise != start('noise', seed=2)).any()
    assert start('noise', seed=-3).shape == noise.shape


def test_mix():
    content, noise = images.resize(COFFEE, (30, 20)), start('noise')
    for share in (0, 0.25, 1):
        onp.testing.assert_allclose(
            start(f'mix:{share}'), share * noise + (1 - share) * content,
            rtol=1e-6)


def test_start_from_the_content_the_style_and_a_file(tmp_path):
    path = str(tmp_path / 'start.png')
    Image.fromarray(COFFEE).save(path)
    assert start('content') is COFFEE
    style = start('style')
    assert style.shape[1] / style.shape[0] == pytest.approx(1.5, rel=0.01)
    assert start(path).shape[1] / start(path).shape[0] == pytest.approx(
        1.5, rel=0.01)


def test_start_in_the_styles_palette():
    img = start('palette')
    assert img.shape == (20, 30, 3) and 0 <= img.min() and img.max() <= 255
    dark = onp.random.RandomState(0).uniform(40, 80, (30, 20, 3))
    img = starts.in_palette(ASTRONAUT, dark)
    for statistic in onp.mean, onp.std:
        onp.testing.assert_allclose(statistic(img, (0, 1)),
                                    statistic(dark, (0, 1)), rtol=1e-6)
    order = onp.argsort(ASTRONAUT[5, :, 0], kind='stable')
    assert (onp.diff(img[5, order, 0]) >= 0).all()
    flat = starts.in_palette(onp.full((4, 4, 3), 7), dark)
    onp.testing.assert_allclose(flat, onp.broadcast_to(
        dark.mean((0, 1)), flat.shape))
    dull = 100 + dark / 20
    onp.testing.assert_allclose(
        starts.in_palette(dull, ASTRONAUT).std((0, 1)),
        starts.STRETCH * dull.std((0, 1)))
    assert get_recipe('quick').init == Start('palette')


@pytest.mark.parametrize('init', ['content', 'style', 'palette', 'pass',
                                  'noise', 'mix:0.6'])
def test_the_first_step_shows_the_start(init, transfer):
    seen = []
    transfer('gatys', init=init, num_epochs=1,
             on_step=lambda step: seen.append(step.X))
    shape = seen[0].shape[3], seen[0].shape[2]
    onp.testing.assert_allclose(
        seen[0].asnumpy(), d2l_nst.preprocess(start(init, shape), shape)
        .asnumpy(), atol=1e-4)


def test_centre_crop():
    img = onp.arange(8 * 20 * 3).reshape(8, 20, 3)
    assert (images.centre_crop(img, (50, 50)) == img[:, 6:14]).all()
    assert images.centre_crop(img, (200, 10)).tolist() == img[3:4].tolist()
    assert (images.centre_crop(img, (20, 8)) == img).all()
    assert images.centre_crop(img, (20, 4)).tolist() == img[2:6].tolist()


def test_crop(transfer):
    result = transfer('quick', crop=True, stages=(Stage((32, 32), 1),))
    assert result.image.shape == (32, 32, 3)
    result = transfer('quick', crop=True, image_shape=(40, 20),
                      num_epochs=1)
    assert result.image.shape == (20, 40, 3)
    seen = []
    transfer('inversion', crop=True, init='content', num_epochs=1,
             image_shape=(32, 32), on_step=lambda s: seen.append(s.X))
    middle = COFFEE[:, 100:500]
    onp.testing.assert_allclose(
        seen[0].asnumpy(), d2l_nst.preprocess(middle, (32, 32)).asnumpy(),
        atol=1e-5)


def test_a_texture_of_any_size_has_the_styles_grain(transfer):
    result = transfer('texture', None, image_shape=(96, 32), num_epochs=1)
    assert result.image.shape == (32, 96, 3)
    texture = get_recipe('texture', stages=(Stage((48, 32), 1),))
    assert sizes.style_shapes(ASTRONAUT, texture, [(96, 32)]) == [(39, 39)]
    assert sizes.style_shapes(ASTRONAUT, get_recipe('mrf'),
                              [(96, 96)]) == [(96, 96)]


def test_pooling_reaches_the_network(transfer):
    one = transfer('quick', num_epochs=1, pooling='max')
    two = transfer('quick', num_epochs=1, pooling='average')
    assert one.history[0].terms['style'] != pytest.approx(
        two.history[0].terms['style'], rel=1e-3)


# ------------------------------------------------- strength, scale, border
def test_strength_is_how_much_of_the_style():
    half = get_recipe('quick')
    assert fitting.with_strength(half) == half
    full = fitting.with_strength(get_recipe('quick', strength=1))
    none = fitting.with_strength(get_recipe('quick', strength=0))
    assert full.style_weight == fitting.STRENGTH * half.style_weight
    assert none.style_weight == 0
    weights = [fitting.with_strength(get_recipe(
        'quick', strength=x / 8)).style_weight for x in range(9)]
    assert weights == sorted(set(weights))
    assert (full.tv_weight, none.tv_weight) == (half.tv_weight, 0)
    assert (full.content_weight, none.content_weight) == (
        half.content_weight, half.content_weight)


def test_more_strength_leaves_less_of_the_scene(transfer):
    kept = []
    for strength in (0, 0.5, 1):
        result = transfer('quick', num_epochs=20, strength=strength)
        kept.append(result.history[-1].terms['content'])
        assert result.recipe.strength == strength
    assert kept[0] < kept[1] < kept[2]


def test_without_strength_the_photograph_stays(transfer):
    image = transfer('quick', num_epochs=9, strength=0, margin=0,
                     smoothness=10).image.asnumpy()
    onp.testing.assert_allclose(
        255 * image, images.resize(COFFEE, (48, 32)), atol=0.1)


def test_without_strength_the_start_is_the_photograph():
    recipe = get_recipe('quick', strength=0)
    start = starts.start_picture(recipe, COFFEE, ASTRONAUT, (60, 40))
    onp.testing.assert_allclose(start, images.resize(COFFEE, (60, 40)),
                                atol=1e-3)


def test_style_scale_is_the_size_of_the_strokes():
    recipe = get_recipe('quick', style_scale=2)
    (width, height), = set(sizes.style_shapes(ASTRONAUT, recipe,
                                              [(60, 40)]))
    assert width * height == pytest.approx(4 * 60 * 40, rel=0.05)
    assert width == height  # in its own proportions


@pytest.mark.parametrize('margin, whole', [
    (0, (32, 48)), (5, (42, 58)), (99, (64, 80))])
def test_a_margin_is_painted_and_cut_off(transfer, monkeypatch, margin,
                                         whole):
    """At most half of the shorter side; nobody sees it."""
    seen, steps, true = [], [], stages.make_objective

    def make(recipe, net, X, content_X, styles, *look):
        seen.extend([X, content_X, styles[0].X])
        return true(recipe, net, X, content_X, styles, *look)

    monkeypatch.setattr(stages, 'make_objective', make)
    result = transfer('quick', num_epochs=2, init='content', margin=margin,
                      on_step=steps.append)
    assert result.image.shape == (32, 48, 3)
    assert {step.X.shape for step in steps} == {(1, 3, 32, 48)}
    X, content_X, style_X = (Y.asnumpy() for Y in seen)
    assert X.shape[2:] == whole and style_X.shape[2:] != whole
    expected = d2l_nst.preprocess(COFFEE, (48, 32)).asnumpy()
    width = (whole[0] - 32) // 2
    expected = onp.pad(expected, ((0, 0), (0, 0), (width,) * 2,
                                  (width,) * 2), mode='reflect')
    for Y in (X, content_X):
        onp.testing.assert_allclose(Y, expected, atol=1e-5)


def test_a_margin_that_diverges_is_cut_off_too(transfer):
    with pytest.raises(d2l_nst.DivergedError) as caught:
        transfer('gatys', num_epochs=9, lr=1e18, margin=4)
    assert caught.value.image.shape == (32, 48, 3)


@pytest.mark.parametrize('change', [
    {'strength': -0.1}, {'strength': 1.5}, {'style_scale': 0},
    {'style_scale': 99}, {'padding': 'mirror'}, {'precision': 'float16'}])
def test_new_settings_are_checked(change):
    with pytest.raises(NSTError, match='choose one'):
        get_recipe('quick', **change)


def test_layers_and_starts_are_written_in_either_way():
    """As typed data or as the command has them, parsed once."""
    written = Recipe((), content_layers=['conv4_4:0.3', 25, 'relu1_1:1',
                                         Layer('relu1_1', 2)],
                     style_layers=(), init='mix:0.25')
    typed = Recipe((), content_layers=(
        Layer('conv4_4', 0.3), Layer('25'), Layer('relu1_1', 2)),
        style_layers=(), init=Start('mix', 0.25))
    assert written == typed == dataclasses.replace(written)
    assert [*map(str, typed.content_layers), str(typed.init)] == [
        'conv4_4:0.3', '25', 'relu1_1:2', 'mix:0.25']
    assert Histogram(('relu4_1:3',)).layers == (Layer('relu4_1', 3),)
