"""The terms against NumPy in float64 and brute force."""

import functools
import subprocess
import sys

import mxnet as mx
import numpy as onp
import pytest
from mxnet import autograd, np
from scipy import ndimage
from skimage import exposure

from d2l_nst import chapter
from d2l_nst.engine import tuning
from d2l_nst.engine.objective import Objective
from d2l_nst.terms import (PIXELS, Content, Gram, Histogram, Laplacian, Part,
                           Patches, Variation, histogram, light, patches,
                           variation)
from oracles import Compiled, finite_differences

RANDOM = onp.random.RandomState(0)
F = RANDOM.normal(0, 1, (1, 4, 5, 6))
STYLE = RANDOM.normal(0.5, 2, (1, 4, 6, 7))
IMG = RANDOM.normal(0, 1, (1, 3, 9, 13))
LARGER = RANDOM.normal(0, 1, (1, 3, 17, 21))
CONTENT = RANDOM.normal(0, 1, LARGER.shape)


def array(X, ctx=None):
    return np.array(X, dtype='float32', ctx=ctx or mx.cpu())


# ----------------------------------- independent ones, in loops or by others
def tv_sum64(X):
    return abs(onp.diff(X, axis=2)).sum() + abs(onp.diff(X, axis=3)).sum()


def tv_squared64(X):
    return ((onp.diff(X, axis=2) ** 2).mean()
            + (onp.diff(X, axis=3) ** 2).mean()) / 2


def tv_guided64(X):
    weights = 1 + 30 * variation.calm(CONTENT)
    return ((onp.diff(X, axis=2) ** 2 * weights[:, :, 1:]).mean()
            + (onp.diff(X, axis=3) ** 2 * weights[..., 1:]).mean()) / 2


def guided():
    part, = variation_parts('guided')
    return part


def variation_parts(form):
    return Variation(form=form).parts({PIXELS: array(CONTENT)},
                                      {PIXELS: LARGER.shape})


def parts(kind, Y, shape, relative=False, **kwargs):
    """Those of a term at one layer, where the other picture has the
    features Y, and the picture that is painted features of `shape`."""
    return kind(('a',), **kwargs).parts({'a': Y}, {'a': shape}, relative)


def laplacian_parts(pool, ctx=None):
    return Laplacian(pools=(pool,)).parts({PIXELS: array(CONTENT, ctx)},
                                          {PIXELS: LARGER.shape})


def matched64(X):
    """Each channel after scikit-image's histogram matching."""
    return onp.stack([[exposure.match_histograms(x, y)
                       for x, y in zip(X[0], STYLE[0])]])


def histogram64(X, targets=None):
    return ((X - (matched64(X) if targets is None else targets)) ** 2).mean()


def laplacian64(X, pool):
    """Averages of windows, the last of which may be cut off; then
    scipy's Laplacian, with the edges repeated around."""
    grey = X[0].sum(axis=0)
    means = onp.array([[grey[i:i + pool, j:j + pool].mean()
                        for j in range(0, grey.shape[1], pool)]
                       for i in range(0, grey.shape[0], pool)])
    return -ndimage.laplace(means, mode='nearest')


def laplacian_loss64(X, pool):
    return ((laplacian64(X, pool) - laplacian64(CONTENT, pool)) ** 2).mean()


def gram64(X):
    rows = X[0].reshape(len(X[0]), -1)
    return rows @ rows.T / X.size


def even64(X):
    """Entry by entry; a channel's own strength, and a tenth of the mean."""
    ours, aim, l = gram64(X), gram64(STYLE), 0
    loud = onp.diag(aim) + onp.diag(aim).mean() / 10
    for i, j in onp.ndindex(aim.shape):
        l += (ours[i, j] - aim[i, j]) ** 2 / loud[i] / loud[j]
    return l / aim.size


def even_loss():
    return one(parts(Gram, array(STYLE), F.shape, form='even'))


def light64(X):
    """Correlation of whole squares of 4 x 4: what is left over counts
    not."""
    ours, theirs = ([A[0, :, i:i + 4, j:j + 4].mean() for i in range(0, 14, 4)
                     for j in range(0, 18, 4)] for A in (X, CONTENT))
    return 1 - onp.corrcoef(ours, theirs)[0, 1]


def light_loss():
    theirs = light.light(array(CONTENT), 4)
    return lambda X: light.light_loss(X, theirs, 4)


def patches64(X):
    _, _, H, W = X.shape
    return [X[0, :, i:i + 3, j:j + 3].ravel()
            for i in range(H - 2) for j in range(W - 2)]


def nearest64(X):
    """Numbers of the style's patches, found by trying each."""
    found = []
    for p in patches64(X):
        likeness = [p @ q / onp.linalg.norm(p) / onp.linalg.norm(q)
                    for q in patches64(STYLE)]
        found.append(int(onp.argmax(likeness)))
    return found


def patch_loss64(X):
    style = patches64(STYLE)
    return onp.mean([((p - style[n]) ** 2).mean()
                     for p, n in zip(patches64(X), nearest64(X))])


def one(parts):
    part, = parts
    assert part.weight == 1
    return lambda X: part.loss(X, *part.targets)


def histogram_loss():
    return one(parts(Histogram, array(STYLE), F.shape))


def patch_loss():
    return one(parts(Patches, array(STYLE), F.shape))


def laplacian_loss(pool):
    return one(laplacian_parts(pool))


CASES = {
    'tv sum': (lambda: variation.tv_sum, tv_sum64, IMG),
    'tv squared': (lambda: variation.tv_squared, tv_squared64, IMG),
    'tv guided': (lambda: one([guided()]), tv_guided64, LARGER),
    'gram even': (even_loss, even64, F),
    'light': (light_loss, light64, LARGER),
    'histogram': (histogram_loss, functools.partial(
        histogram64, targets=matched64(F)), F),
    'laplacian 4': (lambda: laplacian_loss(4), functools.partial(
        laplacian_loss64, pool=4), LARGER),
    'laplacian 16': (lambda: laplacian_loss(16), functools.partial(
        laplacian_loss64, pool=16), LARGER),
    'patches': (patch_loss, patch_loss64, F),
}


def value_and_gradient(function, X):
    X = array(X)
    X.attach_grad()
    with autograd.record():
        l = function(X)
    l.backward()
    assert l.shape == ()
    return float(l), X.grad.asnumpy()


@pytest.mark.parametrize('name', CASES)
def test_value_and_gradient(name):
    make, oracle, X = CASES[name]
    l, grad = value_and_gradient(make(), X)
    assert l == pytest.approx(oracle(X), rel=1e-5)
    onp.testing.assert_allclose(grad, finite_differences(oracle, X),
                                rtol=2e-3, atol=1e-5)


@pytest.mark.parametrize('make, name', [
    (lambda: parts(Histogram, array(STYLE), F.shape), 'histogram'),
    (lambda: parts(Patches, array(STYLE), F.shape), 'patches'),
    (lambda: laplacian_parts(4), 'laplacian 4'),
    *((functools.partial(variation_parts, form), f'tv {form}')
      for form in ('sum', 'squared', 'guided'))])
def test_compiled(make, name):
    """Arrays and symbols: one definition."""
    part, = make()
    plain, _, X = CASES[name]
    compiled, loose = Compiled(part.loss, *part.targets), plain()
    for _ in range(2):  # static memory is used again
        l, grad = value_and_gradient(compiled, X)
        m, other = value_and_gradient(loose, X)
        assert l == pytest.approx(m, rel=1e-5)
        onp.testing.assert_allclose(grad, other, rtol=1e-4, atol=1e-6)
        X = X[:, :, ::-1].copy()


# ------------------------------------------------------------------ styles
def test_a_quiet_channel_counts_in_an_even_style():
    """As much as if it were loud; not at all where it is plain."""
    def change(form, loudness):
        Y = STYLE * onp.array([1, 1, 1, loudness]).reshape(1, 4, 1, 1)
        X = Y * onp.array([1, 1, 1, 2]).reshape(1, 4, 1, 1)
        part, = parts(Gram, array(Y), Y.shape, relative=True, form=form)
        return part.weight * float(part.loss(array(X), *part.targets))

    assert change('mean', 0.5) < change('mean', 1) / 5
    assert change('even', 0.5) > change('even', 1) / 2


def test_a_silent_style_has_no_bounds_to_break():
    part, = parts(Gram, array(0 * STYLE), F.shape, relative=True,
                  form='even')
    l, grad = value_and_gradient(lambda X: part.loss(X, *part.targets),
                                 F)
    assert onp.isfinite(l) and onp.isfinite(grad).all()


# ------------------------------------------------------------- histograms
@pytest.mark.parametrize('shape', [(6, 7), (3, 4), (12, 11)])
def test_histogram_target_channel_by_channel(shape):
    """The gradient of a mean of squares points to its target."""
    X = RANDOM.normal(1, 3, (1, 4) + shape)
    part, = parts(Histogram, array(STYLE), X.shape)
    _, grad = value_and_gradient(
        lambda X: part.loss(X, *part.targets), X)
    target = X - grad * X.size / 2
    onp.testing.assert_allclose(target, matched64(X), atol=1e-4)


def test_quantiles_of_clipped_features():
    """Behind a ReLU many values are alike."""
    Y = onp.maximum(STYLE, 0)
    q = histogram.quantiles(array(Y), 30).asnumpy()
    distinct = RANDOM.normal(0, 1, (30,))
    for row, y in zip(q, Y[0]):
        target = exposure.match_histograms(distinct, y.ravel())
        onp.testing.assert_allclose(row, onp.sort(target), atol=1e-6)


def test_equal_gram_matrices_unequal_histograms():
    """What Risser, Wilmot and Barnes object to the Gram matrix: two
    channels of mean and deviation (1, 1) and (sqrt 2, 0)."""
    X = array(onp.tile([0., 2.], 18).reshape(1, 1, 6, 6))
    Y = array(onp.full((1, 1, 6, 6), 2 ** 0.5))
    assert float(chapter.style_loss(X, chapter.gram(Y))) < 1e-12
    part, = parts(Histogram, Y, X.shape)
    assert float(part.loss(X, *part.targets)) > 0.5


# ---------------------------------------------------------------- patches
def test_nearest_patches_against_brute_force():
    part, = parts(Patches, array(STYLE), F.shape)
    directions = part.targets[2]
    assert directions.shape == (20, 4, 3, 3)
    for size in (20, 7, 1):
        chunks = [(i, min(i + size, 20)) for i in range(0, 20, size)]
        found = patches.nearest_patches(array(F), directions, chunks)
        assert found.shape == (1, 3, 4)
        assert found.asnumpy().ravel().tolist() == nearest64(F)


def test_patches_in_chunks(monkeypatch):
    whole = float(patch_loss()(array(F)))
    monkeypatch.setattr(patches, 'RESPONSES', 3 * 5 * 6)  # of 20 patches
    part, = parts(Patches, array(STYLE), F.shape)
    assert part.loss.keywords['chunks'][-1] == (18, 20)
    assert float(part.loss(array(F), *part.targets)) == pytest.approx(whole)


MEMORY = """
import resource
from d2l_nst.engine.objective import Objective
from d2l_nst.terms import Patches, patches
from mxnet import autograd, np, npx
npx.set_np()
patches.RESPONSES = 2 ** 16
X = np.random.normal(size=(1, 4, 70, 70))
objective = Objective(None, Patches().parts(
    {'pixels': X[:, :, ::-1]}, {'pixels': X.shape}))
X.attach_grad()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with autograd.record():
    l, _ = objective(X)
l.backward()
assert abs(X.grad).sum() > 0
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def test_memory_is_that_of_a_chunk():
    """All responses, 4624 patches at 4624 places, would take 82 MB more
    (some 57 are those of hundreds of small convolutions)."""
    grown = subprocess.run([sys.executable, '-W', 'ignore', '-c', MEMORY],
                           check=True, capture_output=True, text=True).stdout
    assert float(grown) < 100


def test_a_mosaic_of_the_style_has_no_patch_loss():
    """A cut of the style's features, scaled: still found, only the scale
    is seen."""
    cut = STYLE[:, :, 1:5, 2:7]
    part, = parts(Patches, array(STYLE), cut.shape)
    assert float(part.loss(array(cut), *part.targets)) < 1e-10
    doubled = float(part.loss(array(2 * cut), *part.targets))
    expected = onp.mean([(p ** 2).mean() for p in patches64(cut)])
    assert doubled == pytest.approx(expected, rel=1e-5)


def test_flat_style_has_no_direction():
    flat = array(onp.zeros_like(STYLE))
    part, = parts(Patches, flat, F.shape)
    assert float(part.loss(array(F), *part.targets)) == pytest.approx(
        onp.mean([(p ** 2).mean() for p in patches64(F)]), rel=1e-5)


# ---------------------------------------------------------- forms and units
def test_forms_of_content_and_style():
    """The sources' formulas, with Gram matrices that are plain sums."""
    def gram(X):
        X = X[0].reshape(4, -1)
        return X @ X.T

    X = RANDOM.normal(0, 1, STYLE.shape)
    squares = ((X - STYLE) ** 2).sum()
    n, m = 4, 42
    style = ((gram(X) - gram(STYLE)) ** 2).sum() / (4 * n ** 2 * m ** 2)
    for kind, form, expected in (
            (Content, 'mean', squares / (n * m)),
            (Content, 'half mean', squares / (2 * m * n)),
            (Content, 'half sum', squares / 2),
            (Gram, 'quarter sum', style), (Gram, 'mean', style * 4 / n ** 2)):
        part, = parts(kind, array(STYLE), X.shape, weight=0.5, form=form)
        l = part.weight * part.loss(array(X), *part.targets)
        assert float(l) == pytest.approx(expected / 2, rel=1e-5)


def relative_losses(scale):
    """All kinds of parts on features multiplied by `scale`."""
    X, Y = array(F * scale), array(STYLE * scale)
    made = parts(Content, array(F[:, :, ::-1] * scale), X.shape,
                 relative=True)
    for kind in (Gram, Histogram, Patches):
        made += parts(kind, Y, X.shape, relative=True)
    return [float(p.weight * p.loss(X, *p.targets)) for p in made]


def test_relative_parts_forget_the_scale():
    onp.testing.assert_allclose(relative_losses(1), relative_losses(57.4),
                                rtol=1e-4)


def test_relative_parts_are_one_where_nothing_is():
    for kind in (Content, Gram):
        p, = parts(kind, array(STYLE), STYLE.shape, True, weight=3)
        l = p.weight * p.loss(array(0 * STYLE), *p.targets)
        assert float(l) == pytest.approx(3, rel=1e-5)


def test_a_picture_is_calm_where_nothing_is_to_be_seen():
    picture = onp.zeros((1, 3, 40, 60))
    assert (variation.calm(picture) == 1).all()
    picture[..., 30:] = RANDOM.normal(0, 1, (1, 3, 40, 30))
    calm = variation.calm(picture)
    assert calm.shape == (1, 1, 40, 60)
    assert calm[..., :25].min() > 0.99 and calm[..., 35:].max() < 0.4
    louder = variation.calm(3 * picture)
    onp.testing.assert_allclose(louder, calm, rtol=1e-4)


def test_relative_leaves_alone_what_has_no_unit():
    for form in ('mean', 'guided'):
        tv, = Variation(weight=2, form=form).parts(
            {PIXELS: array(CONTENT)}, {PIXELS: LARGER.shape}, relative=True)
        assert tv.weight == 2
    dark, = parts(Content, array(0 * STYLE), STYLE.shape, True, weight=2)
    assert dark.weight == 2


# ------------------------------------------------------------------ tuning
def test_shares():
    lengths = 1, 10, 1000, 0
    gradients = [array([0, length]) for length in lengths]
    assert tuning.shares(gradients) == [1, 1, pytest.approx(0.01), 1]
    assert tuning.shares([array([0, 0])]) == [1]


def test_tuned_gradient():
    X = array([3., 4.])
    X.attach_grad()
    tuned = tuning.Tuned(Objective(None, [
        Part('large', PIXELS, 1e3, lambda X: np.square(X).sum()),
        Part('small', PIXELS, 1, lambda X: X.sum()),
        Part('middle', PIXELS, 5, lambda X: X.sum())]))
    assert tuned.terms == ('large', 'small', 'middle')
    with autograd.record():
        l, *losses = tuned(X)
    l.backward()
    expected = 25e3 + 7 + 35
    assert float(l) == expected == float(sum(losses))
    threshold = 50 ** 0.5
    onp.testing.assert_allclose(
        X.grad.asnumpy(), onp.array([.6, .8]) * threshold + 6, rtol=1e-5)


# ------------------------------------------------------------------ device
def test_all_stays_on_the_device():
    ctx = mx.cpu(1)
    Y, X = array(STYLE, ctx), array(F, ctx)
    made = sum((parts(kind, Y, X.shape, relative=True)
                for kind in (Histogram, Patches, Gram)), [])
    for p in made:
        assert all(target.ctx == ctx for target in p.targets)
        assert p.loss(X, *p.targets).ctx == ctx
    p, = laplacian_parts(4, ctx)
    assert all(target.ctx == ctx for target in p.targets)
    assert p.loss(array(LARGER, ctx), *p.targets).ctx == ctx
