"""Masks, colours and several styles: against NumPy, and on the picture."""

import dataclasses
import functools

import numpy as onp
import pytest
from mxnet import autograd, np
from PIL import Image
from skimage import data

import d2l_nst
from d2l_nst import ImageError, NSTError, Stage, get_recipe, images
from d2l_nst.controls import Style, colours, mask
from d2l_nst.controls import style as style_room
from d2l_nst.engine import objective
from d2l_nst.engine.features import extract
from d2l_nst.engine.pictures import Pictures
from d2l_nst.layers import parse_layers
from d2l_nst.recipes import fitting
from d2l_nst.terms import Gram, Histogram, Matting, Patches
from oracles import Compiled, finite_differences

RANDOM = onp.random.RandomState(0)
F = RANDOM.normal(0, 1, (1, 4, 5, 6))
STYLE = RANDOM.normal(0.5, 2, (1, 4, 6, 7))
OURS, THEIRS = RANDOM.uniform(0, 1, (5, 6)), RANDOM.uniform(0, 1, (6, 7))
PHOTO = RANDOM.normal(0, 1, (1, 3, 9, 7))
COFFEE, ASTRONAUT = data.coffee(), data.astronaut()
LEFT = onp.zeros((4, 6))
LEFT[:, :3] = 1


def array(X):
    return np.array(X, dtype='float32')


# ----------------------------------------------------------------- masks
@pytest.mark.parametrize('make', [
    lambda A: A.astype(bool), lambda A: (255 * A).astype('uint8'),
    lambda A: onp.dstack([255 * A] * 3).astype('uint8'), lambda A: A])
def test_a_mask_of_any_kind_and_size(make):
    read = mask.read_mask(make(LEFT), (60, 20))
    assert read.shape == (20, 60) and read.dtype == 'float32'
    assert (read[:, :24] == 1).all() and (read[:, 36:] == 0).all()


def test_a_mask_in_a_file(tmp_path):
    path = str(tmp_path / 'mask.jpg')
    Image.fromarray((255 * LEFT).astype('uint8')).resize((60, 40)).save(path)
    onp.testing.assert_allclose(mask.read_mask(path, (6, 4)), LEFT, atol=0.2)


@pytest.mark.parametrize('feather', [0, 1, 4, 5])
def test_a_feather_fades_so_many_pixels(feather):
    edge = onp.repeat([[0.0, 1.0]], 10, axis=1).repeat(3, axis=0)
    soft = mask.feathered(edge, feather)
    between = onp.flatnonzero((soft[1] > 1e-9) & (soft[1] < 1 - 1e-9))
    assert len(between) in (2 * feather, max(0, 2 * feather - 2))
    assert (onp.diff(soft[1]) >= -1e-9).all()
    onp.testing.assert_allclose(soft + soft[:, ::-1], 1)


@pytest.mark.parametrize('make, words', [
    (lambda: onp.zeros((4, 4), 'uint8'), 'mask is black all over'),
    (lambda: COFFEE, 'the mask has colours: save it in black'),
    (lambda: onp.ones(4), r'an array of numbers, \(height, width\), not'),
    (lambda: onp.full((4, 4), 255.0), 'floats goes from 0 to 1'),
    (lambda: onp.full((4, 4), onp.nan), 'floats goes from 0 to 1')])
def test_masks_of_the_wrong_kind(make, words):
    with pytest.raises(ImageError, match=words):
        mask.read_mask(make(), (4, 4))


def test_files_of_the_wrong_kind(tmp_path):
    clear = str(tmp_path / 'clear.png')
    Image.new('RGBA', (4, 4), (255, 255, 255, 0)).save(clear)
    torn = tmp_path / 'torn.png'
    torn.write_bytes(open(clear, 'rb').read()[:-20])
    for path, words in ((clear, 'clear.png has transparent parts'),
                        (torn, 'torn.png is damaged'),
                        (tmp_path / 'none.png', 'no such file')):
        with pytest.raises(ImageError, match=words):
            mask.read_mask(path, (4, 4))


@pytest.mark.parametrize('size', [(32, 48), (37, 51)])
def test_the_grid_is_that_of_the_features(size, small_net):
    X = np.ones((1, 3, *size))
    for layer, poolings in (('conv1_1', 0), ('conv2_1', 1)):
        Y = extract(X, small_net, [layer])[layer]
        grid = mask.on_grid(onp.ones(size), poolings)
        assert grid.shape == Y.shape[2:] and (grid == 1).all()


# ------------------------------------------------------- terms of regions
def gram64(X, weights):
    """Pixel by pixel: the sum of outer products, weighted by the square of
    a mask."""
    products = sum(w ** 2 * onp.outer(f, f) for f, w in zip(
        X[0].reshape(len(X[0]), -1).T, weights.ravel()))
    return products / len(X[0]) / (weights ** 2).sum()


def gram_loss64(X):
    return ((gram64(X, OURS) - gram64(STYLE, THEIRS)) ** 2).mean()


def histogram64(X):
    """The pixels inside, sorted, beside quantiles of the style's."""
    inside = OURS >= OURS.max() / 2
    theirs = STYLE[0][:, THEIRS >= THEIRS.max() / 2]
    count = inside.sum()
    levels = onp.arange(1, count + 1) / count
    own = onp.arange(1, theirs.shape[1] + 1) / theirs.shape[1]
    aim = onp.array([onp.interp(levels, own, onp.sort(row))
                     for row in theirs])
    return ((onp.sort(X[0][:, inside], axis=1) - aim) ** 2).mean()


def patches64(X):
    def patches(Y):
        return [Y[0, :, i:i + 3, j:j + 3].ravel()
                for i in range(Y.shape[2] - 2) for j in range(Y.shape[3] - 2)]

    middle = THEIRS[1:-1, 1:-1]
    known = [q for q, inside in zip(
        patches(STYLE), (middle >= middle.max() / 2).ravel()) if inside]
    distances = []
    for p in patches(X):
        likeness = [p @ q / onp.linalg.norm(q) for q in known]
        distances.append(((p - known[onp.argmax(likeness)]) ** 2).mean())
    return onp.average(distances, weights=OURS[1:-1, 1:-1].ravel())


def matting64(X):
    """Each window fitted by least squares with a small ridge."""
    left = []
    for i in range(X.shape[2] - 2):
        for j in range(X.shape[3] - 2):
            ours, photo = (A[0, :, i:i + 3, j:j + 3].reshape(3, 9).T
                           for A in (X, PHOTO))
            ours, photo = ours - ours.mean(0), photo - photo.mean(0)
            fit = onp.linalg.solve(
                photo.T @ photo / 9 + 1e-3 * onp.eye(3), photo.T @ ours / 9)
            ridge = 1e-3 * (fit ** 2).sum()
            left.append((((ours - photo @ fit) ** 2).mean(0).sum()
                         + ridge) / 3)
    return onp.mean(left)


def guided(kind):
    part, = kind(('a',)).parts({'a': array(STYLE)}, {'a': F.shape},
                               masks={'a': (OURS, THEIRS)})
    return part


def matting():
    part, = Matting().parts({'pixels': array(PHOTO)},
                            {'pixels': PHOTO.shape})
    return part


CASES = {'gram': (functools.partial(guided, Gram), gram_loss64, F),
         'histogram': (functools.partial(guided, Histogram), histogram64, F),
         'patches': (functools.partial(guided, Patches), patches64, F),
         'matting': (matting, matting64, RANDOM.normal(0, 1, PHOTO.shape))}


@pytest.mark.parametrize('name', CASES)
@pytest.mark.parametrize('compiled', [False, True])
def test_value_and_gradient(name, compiled):
    make, oracle, Y = CASES[name]
    part = make()
    assert part.weight == 1
    loss = (Compiled(part.loss, *part.targets) if compiled else
            lambda X: part.loss(X, *part.targets))
    X = array(Y)
    X.attach_grad()
    with autograd.record():
        l = loss(X)
    l.backward()
    assert l.shape == () and float(l) == pytest.approx(oracle(Y), rel=1e-4)
    onp.testing.assert_allclose(X.grad.asnumpy(), finite_differences(
        oracle, Y), rtol=3e-3, atol=2e-5)


@pytest.mark.parametrize('kind', [Gram, Histogram, Patches])
def test_a_mask_of_all_is_none(kind):
    whole = onp.ones(OURS.shape), onp.ones(THEIRS.shape)
    parts = [kind(('a',)).parts({'a': array(STYLE)}, {'a': F.shape}, True,
                                *masks)[0]
             for masks in ((), ({'a': whole},))]
    losses = [float(part.weight * part.loss(array(F), *part.targets))
              for part in parts]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_a_region_finer_than_the_grid_has_no_part():
    assert not Gram(('a',)).parts({'a': array(STYLE)}, {'a': F.shape}, True,
                                  {'a': (0 * OURS, THEIRS)})


def test_a_photograph_in_another_tone_is_one():
    part = matting()
    tone = onp.random.RandomState(1).normal(0, 1, (3, 3))
    toned = onp.einsum('ij,njhw->nihw', tone, PHOTO) + 0.7
    toned *= PHOTO.std() / toned.std()      # the loss grows with contrast
    blurred = (PHOTO + PHOTO[:, :, ::-1]) / 2
    losses = [float(part.loss(array(X), *part.targets))
              for X in (toned, blurred)]
    assert losses[0] < 0.02 * losses[1]


# --------------------------------------------------------------- colours
def statistics(img):
    pixels = img.reshape(-1, 3).astype('float64')
    return pixels.mean(axis=0), onp.cov(pixels.T)


def test_match_gives_mean_and_covariance():
    style, content = RANDOM.uniform(90, 170, (2, 30, 20, 3))
    content = 128 + (content - 128) @ RANDOM.uniform(0, 0.6, (3, 3))
    matched = colours.match(style, content)
    for ours, theirs in zip(statistics(matched), statistics(content)):
        onp.testing.assert_allclose(ours, theirs, rtol=0.01, atol=0.1)


def test_match_turns_no_colour_into_another():
    """Of all maps with these statistics it is the symmetric one: red that
    is to be paler stays red."""
    style = 128 + RANDOM.normal(0, (30, 20, 10), (60, 50, 3))
    mix = onp.array([[0.9, 0.3, 0.1], [0.3, 0.8, 0.2], [0.1, 0.2, 0.7]])
    matched = colours.match(style, 128 + (style - 128) @ mix)
    onp.testing.assert_allclose(matched, 128 + (style - 128) @ mix, atol=1)


def test_match_stretches_no_tint_into_gaudiness():
    """A painting in grey with a tint of one of 255, for a gaudy photograph."""
    grey = RANDOM.uniform(60, 200, (60, 50, 1))
    style = grey + RANDOM.normal(0, 2, (60, 50, 3))
    matched = colours.match(style, RANDOM.uniform(0, 255, (60, 50, 3)))
    tint = [img - colours.luminance(img) for img in (matched, style)]
    assert tint[0].std(axis=(0, 1)).max() < 2.1 * tint[1].std(axis=(0, 1)
                                                              ).max()
    assert matched.std() > 0.9 * style.std()


def test_match_of_regions_looks_at_nothing_else():
    style, content = RANDOM.uniform(90, 170, (2, 30, 20, 3))
    upper = onp.arange(30)[:, None] < onp.full(20, 15)
    whole = colours.match(style[:15], content[15:])
    content[:15] = style[15:] = 255
    region = colours.match(style, content, ~upper, upper)
    onp.testing.assert_allclose(region[:15], whole)


def test_flat_pictures_stay_finite():
    flat, img = onp.full((9, 9, 3), 40), RANDOM.uniform(0, 255, (9, 9, 3))
    for change in colours.match, colours.match_luminance:
        for style, content in ((flat, img), (img, flat), (flat, flat)):
            assert onp.isfinite(change(style, content)).all()
    assert onp.allclose(colours.match(img, flat), 40)


def test_the_luminance_is_the_paintings_the_colours_the_photographs():
    painting, photo = RANDOM.uniform(90, 150, (2, 8, 9, 3))
    kept = colours.keep_luminance(painting, photo)
    to_yiq = colours.YIQ.T
    onp.testing.assert_allclose((kept @ to_yiq)[..., 0],
                                (painting @ to_yiq)[..., 0])
    onp.testing.assert_allclose((kept @ to_yiq)[..., 1:],
                                (photo @ to_yiq)[..., 1:], atol=0.5)
    onp.testing.assert_allclose(colours.keep_luminance(photo, photo), photo)


def test_broad_colours_are_the_photographs_and_fine_ones_the_paintings():
    stripes = onp.kron([[[20, -5, 0], [-20, 5, 0]] * 80], onp.ones((99, 1, 1)))
    painting = 100 + stripes          # a pixel wide
    photo = onp.kron([[[90, 30, 30], [30, 30, 90]]], onp.ones((99, 80, 1)))
    kept = colours.keep_broad(painting, photo)
    onp.testing.assert_allclose(colours.luminance(kept),
                                colours.luminance(painting), atol=1e-6)
    colour = kept - colours.luminance(kept)
    wanted = photo - colours.luminance(photo)
    for half in (colour[:, :70], wanted[:, :70]), (colour[:, 90:],
                                                   wanted[:, 90:]):
        onp.testing.assert_allclose(*(A.mean((0, 1)) for A in half), atol=1)
    fine = stripes - colours.luminance(stripes)
    onp.testing.assert_allclose(colour[:, 20:60] - wanted[:, 20:60],
                                fine[:, 20:60], atol=1)
    onp.testing.assert_allclose(colours.keep_broad(photo, photo), photo)


def test_colours_beyond_black_and_white_are_paler():
    painting, photo = RANDOM.uniform(0, 255, (2, 30, 40, 3))
    kept = colours.keep_luminance(painting, photo)
    assert kept.min() > -1e-9 and kept.max() < 255 + 1e-9
    for ours, theirs in zip(colours.luminance(kept),
                            colours.luminance(painting)):
        onp.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_the_styles_luminance_is_the_contents():
    matched = colours.match_luminance(ASTRONAUT[::8, ::8] / 2 + 60,
                                      COFFEE / 4 + 90)
    grey = colours.luminance(COFFEE / 4 + 90)
    assert matched.mean() == pytest.approx(grey.mean())
    assert matched.std() == pytest.approx(grey.std())
    assert (onp.ptp(matched, axis=2) == 0).all()


# ---------------------------------------------------------------- styles
def test_shares():
    left = onp.kron(LEFT, onp.ones((2, 2)))
    assert style_room.shares([2, 2], [None, None]) == [0.5, 0.5]
    assert style_room.shares([7], [None]) == [1]
    assert style_room.shares([7], [left]) == [0.5]
    assert style_room.shares([1, 1], [left, 1 - left]) == [0.5, 0.5]
    assert style_room.shares([3, 1], [left, 1 - left]) == [0.75, 0.25]
    assert style_room.shares([3, 1], [onp.ones((2, 2))] * 2) == [0.75, 0.25]


@pytest.mark.parametrize('styles, words', [
    ([Style(COFFEE, mask=LEFT), COFFEE], '2 styles and 1 mask: give each'),
    ([Style(COFFEE, 0), COFFEE], 'a weight above 0'),
    ([Style(COFFEE, onp.inf), COFFEE], 'a weight above 0'),
    ([Style(COFFEE, None), COFFEE], 'a weight above 0'),
    ([], 'no style that weighs')])
def test_styles_that_cannot_be(styles, words):
    with pytest.raises(NSTError, match=words):
        d2l_nst.style_transfer(COFFEE, styles)


@pytest.mark.parametrize('change, words', [
    ({'colours': 'grey'}, 'choose one of style, content'),
    ({'colours': 'content', 'recipe': 'texture'}, 'no other picture whose'),
    ({'feather': -1}, 'feather -1 is not'), ({'feather': onp.nan}, 'feather')])
def test_settings_that_cannot_be(change, words):
    with pytest.raises(NSTError, match=words):
        get_recipe(**change)


# ------------------------------------------------------------ whole jobs
@pytest.fixture(scope='module')
def weights(tmp_path_factory):
    path = str(tmp_path_factory.mktemp('weights') / 'small.params')
    d2l_nst.get_net('vgg19', ('relu2_1',), 'random').save_parameters(path)
    return path


@pytest.fixture
def transfer(weights):
    """A run of a recipe with one small stage and the first layers."""
    def first(layers):
        return parse_layers(dict.fromkeys(
            name if name == 'pixels' or name.startswith('relu1') else
            'relu2_1' for name in (layer.name for layer in layers)))

    def run(recipe, style, content=COFFEE, **changes):
        changes = {'stages': (Stage((48, 32), 6),), **changes}
        on_step = changes.pop('on_step', None)
        recipe = fitting.with_layers(get_recipe(recipe, **changes), first)
        recipe = dataclasses.replace(recipe, network='vgg19', published={},
                                     pooling='average', weights=weights)
        return d2l_nst.style_transfer(content, style, recipe, (48, 32),
                                      on_step=on_step)
    return run


def pixels(img):
    return (255 * img).round().asnumpy()


def photograph(shape=(48, 32)):
    return onp.rint(images.resize(COFFEE, shape))


def test_a_lone_style_is_the_picture(transfer):
    """Bit by bit, whatever it weighs beside no other."""
    plain = transfer('quick', ASTRONAUT).image
    for style in (Style(ASTRONAUT, 3), [ASTRONAUT]):
        assert (transfer('quick', style).image == plain).all()


BOTH = [name for name, recipe in d2l_nst.RECIPES.items()
        if recipe.needs == ('content', 'style') and not recipe.crop]


@pytest.mark.parametrize('name', BOTH)
def test_black_stays_the_photograph(name, transfer):
    """With two styles and a soft border, by every recipe, at each step."""
    seen = []
    upper = onp.repeat([[1.0, 0, 0]], 4, axis=0).T
    styles = [Style(ASTRONAUT, mask=upper),
              Style(COFFEE[::-1], 2, onp.roll(upper, 1, 0), upper)]
    result = transfer(name, styles, feather=2, seed=3, num_epochs=3,
                      on_step=lambda step: seen.append(step.X))
    photo = photograph()
    for img in [pixels(result.image)] + [
            pixels(d2l_nst.postprocess(X)) for X in seen]:
        assert abs(img[28:] - photo[28:]).mean() < 0.02
    start = seen[0].asnumpy()[:, :, :20]
    assert abs(seen[-1].asnumpy()[:, :, :20] - start).max() > 1e-3


@pytest.mark.parametrize('kept', ['content', 'content:luminance',
                                  'content:match'])
@pytest.mark.parametrize('name', ['quick', 'mrf'])
def test_colours_of_the_content_are_kept(name, kept, transfer):
    red = onp.stack([ASTRONAUT[..., 0], *2 * [ASTRONAUT[..., 0] // 4]], 2)
    photo = photograph()
    colour = photo - colours.luminance(photo)
    away = []
    for change in ({}, {'colours': kept}):
        img = pixels(transfer(name, red, num_epochs=5, strength=0.8,
                              **change).image)
        away.append(abs(img - colours.luminance(img) - colour).mean())
    assert away[1] < 0.7 * away[0]


def test_grey_is_between(transfer):
    def painted(value):
        return transfer('quick', Style(ASTRONAUT, mask=onp.full(
            (2, 2), value)), num_epochs=2).image.asnumpy()

    photo = images.resize(COFFEE, (48, 32)) / 255
    onp.testing.assert_allclose(painted(0.5), painted(1.0) / 2 + photo / 2,
                                atol=0.02)


def test_no_colours_of_one_region_are_in_the_other(transfer):
    """Two styles in pure colours: beside the border there is no blue in the
    red."""
    grey = ASTRONAUT.mean(axis=2).astype('uint8')
    red, blue = onp.zeros((2, *ASTRONAUT.shape), 'uint8')
    red[..., 0], blue[..., 2] = grey, grey
    img = transfer('quick', [Style(red, mask=LEFT),
                             Style(blue, mask=1 - LEFT)],
                   num_epochs=12).image.asnumpy()
    left, right = img[:, :20].mean((0, 1)), img[:, 28:].mean((0, 1))
    assert left[2] < 0.2 * left[0] and right[0] < 0.2 * right[2]
    assert left[0] > 0.2 and right[2] > 0.2


@pytest.mark.parametrize('styles', [
    ASTRONAUT, [ASTRONAUT, COFFEE], Style(ASTRONAUT, mask=LEFT)])
def test_strength_is_the_same_dial(styles, transfer):
    photo, away = photograph(), []
    for strength in 0, 0.15, 0.5:
        img = pixels(transfer('quick', styles, strength=strength,
                              num_epochs=3, feather=3).image)
        away.append(abs(img - photo).mean())
    assert away[0] < 0.6 and 2 < away[1] < 0.9 * away[2]


def test_styles_are_mixed_by_their_weights():
    styles = [Style(ASTRONAUT, 3), Style(COFFEE)]
    recipe = get_recipe('book')
    both = Pictures(COFFEE, styles, recipe)
    assert both.shares == [0.75, 0.25]
    start = Pictures(COFFEE, styles, get_recipe('quick'), (48, 32)).start()
    one, other = (Pictures(COFFEE, each, get_recipe('quick'),
                           (48, 32)).start() for each in styles)
    onp.testing.assert_allclose(start, (3 * one + other) / 4, rtol=1e-5)


def test_the_parts_weigh_what_their_styles_do(small_net):
    recipe = get_recipe('book', content_layers=('conv2_1',),
                        style_layers=('conv1_1',))
    X = np.random.uniform(-1, 1, (1, 3, 32, 32))
    guided = [style_room.Guided(X[:, ::-1], 0.7),
              style_room.Guided(X[:, :, ::-1], 0.3)]
    _, *parts, _ = objective.make_parts(recipe, small_net, X, X, guided)
    assert [part.weight for part in parts] == [700, 300]
    assert {part.name for part in parts} == {'style'}


def test_masks_are_cropped_as_the_pictures_are(transfer):
    """Recipe gatys-tv cuts the middle out."""
    wide = onp.zeros((2, 64), 'uint8')
    wide[:, :32] = 255
    recipe = get_recipe('gatys-tv', stages=(Stage((32, 32), 1),))
    prepared = Pictures(COFFEE, Style(ASTRONAUT, 1, wide, wide), recipe)
    assert prepared.mask.shape == (32, 32)
    assert (prepared.mask[:, :15] > 0.9).all()
    assert (prepared.mask[:, 17:] < 0.1).all()
    assert prepared.styles[0].style_mask.shape == (512, 512)


def test_a_texture_of_a_part(transfer):
    """Style masks need no photograph, masks do."""
    style = ASTRONAUT.copy()
    style[:, 256:] = (0, 255, 0)
    left = onp.repeat([[1.0, 0]], 2, axis=0)
    img = transfer('texture', Style(style, style_mask=left), None,
                   num_epochs=25).image.asnumpy().mean((0, 1))
    assert abs(img - ASTRONAUT[:, :256].mean((0, 1)) / 255).max() < 0.12
    with pytest.raises(NSTError, match='photograph is painted, and this'):
        transfer('texture', Style(style, mask=left), None)
