"""The objective, the training and the whole job, on real photographs."""

import dataclasses
import functools
import math
import warnings

import chapter
import mxnet as mx
import numpy as onp
import pytest
from mxnet import autograd, gluon, np
from scipy import optimize
from skimage import data

import d2l_nst
from d2l_nst import recipes, terms
from d2l_nst.engine import (coordinates, lbfgsb, optimisers, sizes,
                            stages, synthesis)
from d2l_nst.layers import CONTENT_LAYERS, STYLE_LAYERS
from oracles import arrays_of

# scikit-image's coffee (Rachel Michetti) and astronaut (NASA), CC0 and
# public domain
COFFEE, ASTRONAUT = data.coffee(), data.astronaut()
SHAPE = (96, 64)
SMALL = (recipes.Stage((48, 32), 3, 200), recipes.Stage((96, 64), 2, 200))


@pytest.fixture(scope='module')
def net():
    return d2l_nst.get_net()


@pytest.fixture(scope='module')
def targets(net):
    X, contents_Y = d2l_nst.get_contents(COFFEE, SHAPE, net)
    _, styles_Y = d2l_nst.get_styles(ASTRONAUT, SHAPE, net)
    return X, contents_Y, styles_Y


def objective_of(targets, net, **weights):
    """The compiled objective for the chapter's targets."""
    X, contents_Y, styles_Y = targets
    features = {'content': dict(zip(CONTENT_LAYERS, contents_Y)),
                'style': dict(zip(STYLE_LAYERS, styles_Y)),
                None: {'pixels': X}}
    parts = [part for term in terms.terms_of(recipes.get_recipe(
        'book', **weights)) for part in term.parts(
            features[term.comes_from], dict.fromkeys(
                [layer.name for layer in term.layers],
                (1, 1) + X.shape[2:]))]
    return d2l_nst.Objective(net, parts)


def run(targets, net, num_epochs=8, lr_decay_epoch=200, optimiser='adam',
        **weights):
    steps, objective = [], objective_of(targets, net, **weights)
    X, _, trainer = d2l_nst.get_inits(targets[0], mx.cpu(), 0.01, [])
    X = d2l_nst.optimise(X, objective,
                         trainer if optimiser == 'adam' else optimiser,
                         num_epochs, steps.append, lr_decay_epoch)
    return X, steps


def test_features(net, targets):
    X, contents_Y, styles_Y = targets
    assert X.shape == (1, 3, 64, 96)
    assert [Y.shape for Y in contents_Y] == [(1, 512, 8, 12)]
    assert [Y.shape for Y in styles_Y] == [
        (1, 64, 64, 96), (1, 128, 32, 48), (1, 256, 16, 24),
        (1, 512, 8, 12), (1, 512, 4, 6)]
    by_index = d2l_nst.extract_features(X, net, [25], [0, 5, 10, 19, 28])
    by_name = d2l_nst.extract_features(X, net)
    for Y, Z in zip(sum(by_index, []), sum(by_name, [])):
        onp.testing.assert_array_equal(Y.asnumpy(), Z.asnumpy())


def test_features_in_the_order_asked_for(net, targets):
    contents, styles = d2l_nst.extract_features(
        targets[0], net, ['conv2_1', 'relu1_1'], ['conv1_1'])
    assert [Y.shape[1] for Y in contents] == [128, 64]
    assert (contents[1] == np.maximum(styles[0], 0)).all()


# ------------------------------------------------ parity with the chapter
@pytest.mark.parametrize('ours', ['chapter', 'engine'])
def test_same_numbers_as_the_plain_loop(net, targets, ours):
    """20 epochs, with two decays of the learning rate: each term within
    1e-4 of the total loss."""
    X, contents_Y, styles_Y = targets
    plain = chapter.epochs(X, contents_Y,
                           [chapter.gram_matrix(Y) for Y in styles_Y], net,
                           lr_decay_epoch=8)
    steps = []
    if ours == 'chapter':
        d2l_nst.train(X, contents_Y, styles_Y, net, mx.cpu(), 0.01, 20, 8,
                      steps.append)
    else:
        _, steps = run(targets, net, 20, 8)
    assert len(steps) == 20
    for step, (content, style, tv, total) in zip(steps, plain):
        ours = [step.terms[name] for name in ('content', 'style', 'tv')]
        onp.testing.assert_allclose(
            ours + [step.total], [content, style, tv, total],
            atol=1e-4 * total, rtol=0)
    assert steps[-1].total < 0.9 * steps[0].total


def test_objective_and_gradient_are_the_chapters(net, targets):
    """The compiled sum of terms is the chapter's `compute_loss`."""
    X, contents_Y, styles_Y = targets
    objective = objective_of(targets, net, tv_weight=7)
    grams = [d2l_nst.gram(Y) for Y in styles_Y]
    ours, plain = X + 0.1, X + 0.1
    for moved in (ours, plain):
        moved.attach_grad()
    with autograd.record():
        l, *losses = objective(ours)
        contents_l, styles_l, tv_l, expected = d2l_nst.compute_loss(
            plain, *d2l_nst.extract_features(plain, net), contents_Y, grams,
            tv_weight=7)
    autograd.backward([l, expected])
    assert objective.terms == ('content', 'style', 'tv')
    onp.testing.assert_allclose(
        [float(v) for v in (l, *losses)],
        [float(v) for v in (expected, contents_l[0], sum(styles_l), tv_l)],
        rtol=1e-4)
    assert abs(ours.grad - plain.grad).max() < 1e-3 * abs(plain.grad).max()


def test_cut_ends_with_the_last_layer():
    net = mx.gluon.model_zoo.vision.vgg19()
    cut = d2l_nst.chapter.cut(net)
    assert len(cut) == 29 and cut[28] is net.features[28]


def test_gradient_of_the_objective(net, targets):
    """Along its signs, where the loss changes most, against central
    differences."""
    objective = objective_of(targets, net)
    random = onp.random.RandomState(0)
    X = targets[0]
    X = X + np.array(random.normal(0, 0.1, X.shape), dtype='float32')
    X.attach_grad()
    with autograd.record():
        l = objective(X)[0]
    l.backward()
    slope, way = float(abs(X.grad).sum()), np.sign(X.grad)
    step = 1e-3
    ends = [float(objective(X + sign * step * way)[0]) for sign in (1, -1)]
    assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(slope, rel=.02)


@dataclasses.dataclass(frozen=True)
class Means(terms.Term):
    """The mean of each channel is to be the style's: one half of adaptive
    instance normalisation (Huang and Belongie 2017)."""

    name, comes_from = 'means', 'style'

    def target(self, Y, shape):
        return Y.mean((2, 3)),

    def loss(self, Y_hat, means):
        return ((Y_hat.mean((2, 3)) - means) ** 2).mean()


def test_a_new_term_is_one_class_and_one_line():
    recipe = recipes.get_recipe('quick', stages=SMALL, terms=(
        Means(('relu2_1:0.5', 'relu3_1'), 5),))
    history = d2l_nst.style_transfer(COFFEE, ASTRONAUT, recipe).history
    assert list(history[0].terms) == ['content', 'style', 'means', 'tv']
    assert 0 < history[2].terms['means'] < history[0].terms['means']
    alone = recipes.get_recipe(
        'texture', stages=SMALL[:1], style_layers=(), init='noise',
        terms=(Means(('relu3_1',), 5),), num_epochs=20)
    first, *_, last = d2l_nst.style_transfer(None, ASTRONAUT, alone).history
    assert last.terms['means'] < 0.1 * first.terms['means']


# --------------------------------------------------------- optimisation
def trained(targets, net, num_epochs, **kwargs):
    steps = []
    return d2l_nst.train(*targets, net, mx.cpu(), 0.01, num_epochs, 200,
                         steps.append, **kwargs), steps


def test_train_starts_from_the_content(net, targets):
    _, steps = trained(targets, net, 3)
    assert steps[0].terms['content'] < 1e-6 < steps[1].terms['content']
    assert [step.epoch for step in steps] == [1, 2, 3]
    assert all(a.seconds < b.seconds for a, b in zip(steps, steps[1:]))


def test_train_leaves_the_start_alone(net, targets):
    before = targets[0].asnumpy()
    X, _ = trained(targets, net, 3)
    onp.testing.assert_array_equal(targets[0].asnumpy(), before)
    assert abs(X.asnumpy() - before).max() > 0.01


def test_train_is_repeatable(net, targets):
    one, two = (trained(targets, net, 3)[0] for _ in range(2))
    onp.testing.assert_allclose(one.asnumpy(), two.asnumpy(), atol=1e-4)


def test_lbfgs_beats_adam_and_keeps_to_the_pixels(net, targets):
    X, fast = run(targets, net, 12, optimiser='lbfgs')
    _, slow = run(targets, net, 40)
    assert len(fast) == 12
    assert min(step.total for step in fast) < slow[-1].total
    img = X[0].asnumpy() * d2l_nst.images.RGB_STD[:, None, None]
    img += d2l_nst.images.RGB_MEAN[:, None, None]
    assert -1e-5 < img.min() and img.max() < 1 + 1e-5


def test_lbfgs_returns_its_best(net, targets):
    X, steps = run(targets, net, 9, optimiser='lbfgs')
    best = min(steps, key=lambda step: step.total)
    onp.testing.assert_array_equal(X.asnumpy(), best.X.asnumpy())


def test_lbfgs_ends_where_nothing_is_left_to_do(net, targets):
    """At the minimum scipy stops by itself, before the last epoch."""
    class Flat:
        terms = ('tv',)

        def __call__(self, X):
            return (X * 0).sum(), (X * 0).sum()

    steps = []
    optimisers.optimise(targets[0], Flat(), 'lbfgs', 50, steps.append)
    assert 1 <= len(steps) < 50


@pytest.mark.parametrize('optimiser', ['adam', 'lbfgs'])
def test_who_listens_may_end_the_loop(net, targets, optimiser):
    steps = []

    def stop(step):
        steps.append(step)
        return len(steps) == 3

    X, _, trainer = d2l_nst.get_inits(targets[0], mx.cpu(), 0.01, [])
    X = d2l_nst.optimise(X, objective_of(targets, net),
                         trainer if optimiser == 'adam' else optimiser, 50,
                         stop)
    assert [step.epoch for step in steps] == [1, 2, 3]
    best = steps[-1] if optimiser == 'adam' else min(
        steps, key=lambda step: step.total)
    onp.testing.assert_array_equal(X.asnumpy(), best.X.asnumpy())


@pytest.mark.parametrize('bounded', [False, True])
def test_lbfgsb_goes_scipys_way(bounded):
    """scipy's own loop and ours ask for the same points: its inner function
    is private, and a new version may change it."""
    edges = onp.full(30, -0.5), onp.full(30, 0.7)
    start, scipys, ours = onp.random.RandomState(0).normal(0, 1, 30), [], []

    def function(x):
        scipys.append(x.copy())
        return optimize.rosen(x), optimize.rosen_der(x)

    optimize.minimize(
        function, start, jac=True, method='L-BFGS-B',
        bounds=optimize.Bounds(*edges) if bounded else None,
        options={'ftol': 0, 'gtol': 0})
    state, more = lbfgsb.Lbfgsb(start, edges if bounded else None), True
    while more and len(ours) < 99:
        ours.append(state.x.copy())
        more = state.advance(optimize.rosen(state.x),
                             optimize.rosen_der(state.x))
    assert more or len(ours) == len(scipys)
    for x, y in zip(ours, scipys):
        onp.testing.assert_allclose(x, y, rtol=1e-9, atol=1e-12)


def test_unknown_optimiser(net, targets):
    with pytest.raises(d2l_nst.NSTError, match='adam or lbfgs'):
        run(targets, net, 3, optimiser='sgd')


@pytest.mark.parametrize('change', [
    {'smoothness': float('nan')}, {'tolerance': float('inf')},
    {'lr_decay_epoch': 0}, {'lr_decay': float('nan')}])
def test_the_loop_refuses_numbers_that_are_none(net, targets, change):
    with pytest.raises(d2l_nst.NSTError, match='is not possible: choose'):
        optimisers.optimise(targets[0], objective_of(targets, net), 'lbfgs',
                            2, **change)


# ------------------------------------------------------------ divergence
@pytest.mark.parametrize('loop', [
    functools.partial(run, optimiser='adam'),
    functools.partial(run, optimiser='lbfgs'), trained])
def test_divergence_names_step_and_term(net, targets, loop):
    with pytest.raises(d2l_nst.DivergedError,
                       match='stage 1, epoch 1: the style loss became inf'):
        loop(targets, net, num_epochs=3, style_weight=1e40)


def spoil(monkeypatch, calls, value):
    """Let a loss be no number at these calls; returns what was measured."""
    true, seen = optimisers.evaluate, []

    def evaluate(X, objective):
        total, terms = true(X, objective)
        if len(seen) in calls:
            terms['tv'] = value
        seen.append(X.copy())
        return total, terms

    monkeypatch.setattr(optimisers, 'evaluate', evaluate)
    return seen


@pytest.mark.parametrize('value', [math.nan, math.inf])
def test_divergence_keeps_the_last_good_picture(monkeypatch, value):
    """It is tried three times more from there."""
    seen = spoil(monkeypatch, range(4, 99, 2), value)
    with pytest.warns(d2l_nst.NSTWarning, match='half the step') as told:
        with pytest.raises(d2l_nst.DivergedError, match='stage 2, epoch 2: '
                           f'the tv loss became {value}') as error:
            d2l_nst.style_transfer(COFFEE, ASTRONAUT, 'book', stages=SMALL)
    assert len(told) == 3
    assert error.value.image.shape == (64, 96, 3)
    onp.testing.assert_array_equal(
        error.value.image.asnumpy(),
        d2l_nst.postprocess(seen[3]).asnumpy())
    for again in seen[5::2]:     # the good one, and each time another step
        onp.testing.assert_array_equal(again.asnumpy(), seen[3].asnumpy())
    steps = [abs(X - seen[3]).mean().item() for X in seen[4::2]]
    assert steps == sorted(steps, reverse=True) and len(steps) == 4
    assert [step.epoch for step in error.value.history] == [1, 2, 3, 1]


@pytest.mark.parametrize('recipe', ['book', 'quick'])
def test_one_fault_is_forgiven(monkeypatch, recipe):
    """From the last good picture it goes on, and arrives."""
    seen = spoil(monkeypatch, [3], math.nan)
    with pytest.warns(d2l_nst.NSTWarning, match='stage 1, epoch 4'):
        result = d2l_nst.style_transfer(
            COFFEE, ASTRONAUT, recipe, margin=0,
            stages=[d2l_nst.Stage((48, 32), 12)])
    totals = [step.total for step in result.history]
    assert len(totals) == 12 and totals[-1] < totals[2]
    onp.testing.assert_allclose(seen[4].asnumpy(), seen[2].asnumpy(),
                                atol=1e-5)
    assert onp.isfinite(result.image.asnumpy()).all()


def test_after_a_fault_adam_takes_half_the_step(net, targets, monkeypatch):
    """Twice as small from the first good picture on."""
    def moved(calls):
        seen = spoil(monkeypatch, calls, math.nan)
        with warnings.catch_warnings():
            warnings.simplefilter('ignore', d2l_nst.NSTWarning)
            run(targets, net, 4, optimiser='adam')
        monkeypatch.undo()
        return [X.asnumpy() for X in seen]

    whole, spoilt = moved([]), moved([1])
    first = abs(whole[1] - whole[0]).mean()
    assert (spoilt[2] == spoilt[0]).all()
    again = abs(spoilt[3] - spoilt[2]).mean()
    assert 0.3 * first < again < 0.8 * first


def test_pictures_from_0_to_1_are_no_black_ones(tmp_path):
    """Those of a `Result` are such."""
    for pictures in ((COFFEE / 255, ASTRONAUT),
                     (COFFEE, np.array(ASTRONAUT / 255))):
        with pytest.raises(d2l_nst.ImageError, match='multiply it by 255'):
            d2l_nst.style_transfer(*pictures, stages=SMALL[:1])
    with pytest.raises(d2l_nst.ImageError, match='divide it by 255'):
        d2l_nst.save_image(1.0 * COFFEE, tmp_path / 'white.png')
    assert not list(tmp_path.iterdir())


def test_flat_and_equal_pictures_stay_finite():
    grey = onp.full((40, 60, 3), 128, 'uint8')
    for content, style, recipe in (
            (grey, COFFEE, 'quick'), (COFFEE, grey, 'quick'),
            (grey, grey, 'book'), (grey, grey, 'quick'),
            (COFFEE, COFFEE, 'book')):
        result = d2l_nst.style_transfer(content, style, recipe,
                                        stages=SMALL[:1])
        assert all(math.isfinite(s.total) for s in result.history)
        assert onp.isfinite(result.image.asnumpy()).all()


# --------------------------------------------------------- the whole job
@pytest.mark.parametrize('recipe', ['book', 'quick'])
def test_two_stages(recipe):
    seen = []
    result = d2l_nst.style_transfer(COFFEE, ASTRONAUT, recipe,
                                    stages=SMALL, on_step=seen.append)
    assert result.image.shape == (64, 96, 3)
    assert 0 <= result.image.min() and result.image.max() <= 1
    assert [(s.stage, s.epoch) for s in result.history] == [
        (1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]
    assert result.history == seen and not result.interrupted
    assert result.history[0].X is None and seen[0].X.shape == (1, 3, 32, 48)
    assert result.history[2].total < result.history[0].total


def test_the_second_stage_starts_from_the_first(monkeypatch):
    """Enlarged, and not rounded to 8 bits on the way."""
    first, seen = [], []
    d2l_nst.style_transfer(
        COFFEE, ASTRONAUT, 'book', stages=SMALL,
        on_step=lambda step: seen.append(step.X))
    true = synthesis.run_stage

    def run_stage(i, recipe, net, X, *args):
        first.append((X, true(i, recipe, net, X, *args)))
        return first[-1][1]

    monkeypatch.setattr(synthesis, 'run_stage', run_stage)
    d2l_nst.style_transfer(COFFEE, ASTRONAUT, 'book', stages=SMALL)
    start = d2l_nst.preprocess(
        d2l_nst.postprocess(first[0][1]) * 255, (96, 64))
    onp.testing.assert_allclose(first[1][0].asnumpy(), start.asnumpy())
    onp.testing.assert_allclose(seen[3].asnumpy(), start.asnumpy(),
                                atol=0.05)


def test_interrupt_keeps_the_picture():
    def stop(step):
        if (step.stage, step.epoch) == (2, 1):
            raise KeyboardInterrupt

    result = d2l_nst.style_transfer(COFFEE, ASTRONAUT, 'book',
                                    stages=SMALL, on_step=stop)
    assert result.interrupted and len(result.history) == 4
    assert result.image.shape == (64, 96, 3)


def test_interrupt_before_the_first_step(monkeypatch):
    def stop(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(stages, 'make_objective', stop)
    with pytest.raises(KeyboardInterrupt):
        d2l_nst.style_transfer(COFFEE, ASTRONAUT, stages=SMALL)


@pytest.mark.parametrize('size, shapes', [
    (None, [(225, 150), (900, 600)]), ((600, 600), [(150, 150), (600, 600)]),
    ((300, 300), [(100, 100), (300, 300)]), ((40, 20), [(40, 20)] * 2)])
def test_shapes_of_the_stages(size, shapes):
    content = onp.zeros((200, 300, 3))
    assert sizes.stage_shapes(content, recipes.get_recipe('book'),
                              size) == shapes


def test_the_contents_proportions_are_kept():
    (w, h), (W, H) = sizes.stage_shapes(
        onp.zeros((300, 100, 3)), recipes.get_recipe('book'))
    assert H / W == pytest.approx(3, rel=0.01)
    assert W * H == pytest.approx(540000, rel=0.01)
    assert (w, h) == (round(W / 4), round(H / 4))


@pytest.mark.parametrize('size, words', [
    ((15, 100), '15x100.*at least 16'), ((1, 1), '1x1.*at least 16'),
    ((0, 5), 'width 0 .*from 1 up'), (0, 'size 0 .*from 1 up'),
    (-1, 'size -1 .*from 1 up'), ((64, -2), 'height -2 .*from 1 up'),
    (0.0, r'0\.0 is no size: choose'), ('', "'' is no size: choose"),
    ((), r'\(\) is no size: choose')])
def test_too_small(size, words):
    """Nought is a size too, and not the lack of one."""
    with pytest.raises(d2l_nst.NSTError, match=words):
        d2l_nst.style_transfer(COFFEE, ASTRONAUT, image_shape=size)


def test_who_listens_may_end_the_job():
    steps = []

    def stop(step):
        steps.append(step)
        return len(steps) == 2

    result = d2l_nst.style_transfer(COFFEE, ASTRONAUT, stages=SMALL,
                                    on_step=stop)
    assert result.interrupted and len(result.history) == len(steps) == 2
    onp.testing.assert_array_equal(
        result.image.asnumpy(), d2l_nst.postprocess(steps[-1].X).asnumpy())


# ---------------------------------------------------------------- device
def test_everything_is_on_the_device(monkeypatch):
    """The whole path on a second CPU context: a forgotten context would
    raise, or leave an array behind. It guards the path on a GPU."""
    ctx, made = mx.cpu(1), []
    true = stages.make_objective

    def make(*args):
        made.append(true(*args))
        return made[-1]

    def look(step):
        assert step.X.ctx == ctx

    monkeypatch.setattr(stages, 'make_objective', make)
    for recipe in ('book', 'quick'):
        d2l_nst.style_transfer(COFFEE, ASTRONAUT, recipe, ctx=ctx,
                               on_step=look, stages=SMALL)
    assert len(made) == 4
    for objective in made:
        assert all(A.ctx == ctx for A in arrays_of(objective))


def test_chapter_functions_on_the_device():
    ctx = mx.cpu(1)
    net = d2l_nst.get_net(ctx=ctx)
    X, contents_Y = d2l_nst.get_contents(COFFEE, SHAPE, net, ctx=ctx)
    style_X, styles_Y = d2l_nst.get_styles(ASTRONAUT, SHAPE, net, ctx=ctx)
    pixels, grams, trainer = d2l_nst.get_inits(X, ctx, 0.01, styles_Y)
    for array in [X, style_X, pixels, *contents_Y, *styles_Y, *grams]:
        assert array.ctx == ctx
    assert trainer.learning_rate == 0.01
    assert d2l_nst.train(X, contents_Y, styles_Y, net, ctx, 0.01, 2,
                         200).ctx == ctx


# --------------------------------------------------------------- recipes
def test_recipe_book_is_the_chapters():
    book = recipes.RECIPES['book']
    assert [(s.image_shape, s.num_epochs, s.lr_decay_epoch)
            for s in book.stages] == [((225, 150), 500, 200),
                                      ((900, 600), 300, 100)]
    assert (book.optimiser, book.lr) == ('adam', 0.01)
    assert (book.content_weight, book.style_weight, book.tv_weight) == (
        1, 1e3, 10)
    assert book.network == 'vgg19'


def test_recipe_of_the_later_edition(monkeypatch):
    book = recipes.RECIPES['book-1.0']
    stage, = book.stages
    assert (stage.image_shape, stage.num_epochs) == ((450, 300), 500)
    assert (book.lr, book.style_weight, book.tv_weight) == (0.9, 1e4, 10)
    rates, move = [], gluon.Trainer.step

    def step(trainer, size):
        rates.append(trainer.learning_rate)
        move(trainer, size)

    monkeypatch.setattr(gluon.Trainer, 'step', step)
    d2l_nst.style_transfer(COFFEE, ASTRONAUT, 'book-1.0', stages=(
        d2l_nst.Stage((48, 32), 5, 2, stage.lr_decay),), weights='random')
    assert rates == pytest.approx([0.9, 0.9, 0.72, 0.72, 0.576])


def test_recipe_on_another_network():
    recipe = recipes.get_recipe('book', network='vgg16')
    assert recipe.content_layers == (d2l_nst.Layer('conv4_3'),)
    assert recipe.style_layers == recipes.RECIPES['book'].style_layers
    result = d2l_nst.style_transfer(COFFEE, ASTRONAUT, recipe,
                                    stages=SMALL)
    assert result.image.shape == (64, 96, 3)


@pytest.mark.parametrize('change', [
    {'recipe': 'cubist'}, {'network': 'vgg11'},
    {'content_layers': ('conv9_1',)}, {'style_layers': (99,)}])
def test_unknown_settings_name_the_choices(change):
    with pytest.raises(d2l_nst.NSTError, match='choose one of'):
        recipes.get_recipe(**change)


def test_budget(monkeypatch):
    monkeypatch.delenv('D2L_NST_BUDGET', raising=False)
    assert recipes.budget(500) == 500
    monkeypatch.setenv('D2L_NST_BUDGET', '4')
    assert recipes.budget(500) == 4 and recipes.budget(3) == 3


def test_budget_shape(monkeypatch):
    monkeypatch.delenv('D2L_NST_BUDGET', raising=False)
    assert recipes.budget_shape((225, 150)) == (225, 150)
    monkeypatch.setenv('D2L_NST_BUDGET', '4')
    assert recipes.budget_shape((225, 150)) == (75, 50)


def test_default_net_of_each_network():
    """They end with the last layer that the chapter listens to, or that
    their weights reach."""
    for network, weights, last, number in (
            ('vgg16', 'random', 'conv5_1', 25),
            ('vgg16', 'bundled', 'relu4_3', 23),
            ('vgg19', 'bundled', 'conv5_1', 29)):
        net = d2l_nst.get_net(network, weights=weights)
        assert (net.names[-1], len(net)) == (last, number)


@pytest.mark.parametrize('size', [None, (48, 32)])
def test_tiny_pictures_are_refused(size):
    dot = onp.zeros((1, 1, 3), 'uint8')
    for content, style in ((dot, COFFEE), (COFFEE, dot)):
        with pytest.raises(d2l_nst.ImageError, match='1x1 is too small'):
            d2l_nst.style_transfer(content, style, image_shape=size)


# ------------------------------------------------------ smooth coordinates
def test_smooth_coordinates_are_exact():
    """There and back; and the gradient is that of the picture's, turned:
    <gradient of z, dz> is <gradient of X, dX>."""
    random = onp.random.RandomState(0)
    smooth = coordinates.Smooth((1, 3, 12, 17), 10)
    X, gradient, dz = random.normal(size=(3, 3 * 12 * 17))
    onp.testing.assert_allclose(smooth.to_picture(smooth.to_z(X)), X,
                                atol=1e-5)
    assert smooth.to_gradient(gradient) @ dz == pytest.approx(
        gradient @ smooth.to_picture(dz), rel=1e-5)


@pytest.mark.parametrize('colour, easier', [
    ((1, 1, 1), coordinates.LIGHT ** 2), ((1, 0, -1), 1)])
def test_smooth_coordinates_favour_broad_and_light(colour, easier):
    """A step along the gradient of z moves a flat picture by all of its
    gradient, a checkerboard by 1 / (1 + 10 * 8) of it, nearly: the
    Laplacian multiplies that by 8. Grey is moved by more than what differs
    in colour alone."""
    smooth = coordinates.Smooth((1, 3, 64, 64), 10)
    board = onp.indices((64, 64)).sum(axis=0) % 2 * 2.0 - 1
    flat, board = (onp.multiply.outer(colour, A).ravel()
                   for A in (onp.ones((64, 64)), board))
    for A, expected in (flat, easier), (board, easier / 81):
        moved = smooth.to_picture(smooth.to_gradient(A))
        assert moved @ A / (A @ A) == pytest.approx(expected, rel=0.05)
