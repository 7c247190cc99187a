"""Brush strokes: what Hertzmann's method promises, measured."""
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from skimage import data

from d2l_nst import ImageError, NSTError
from d2l_nst.painterly.brush import Strokes, lay
from d2l_nst.painterly.strokes import (STYLES, StrokeStyle, layer_strokes,
                                       paint_strokes)

PLAIN = dict(jitter_hsv=(0, 0, 0), jitter_rgb=(0, 0, 0), bristle=0, relief=0)
COLOURED = [name for name, style in STYLES.items() if style.ink is None]


@pytest.fixture(scope='module')
def photo():
    """`skimage.data.coffee()`, by Rachel Michetti, CC0; 240 x 160."""
    picture = Image.fromarray(data.coffee())
    return np.asarray(picture.resize((240, 160), Image.LANCZOS))


def radial(size=161):
    """A cone of brightness around the centre, (size, size, 3)."""
    y, x = np.indices((size, size)) - size // 2
    return np.repeat(np.hypot(x, y)[..., None] * (255 / size), 3, 2)


def straight(length, radius, colour=(255, 255, 255)):
    """One horizontal stroke that starts at (40, 40)."""
    points = np.array([[[40, 40], [40 + length, 40]]], 'float32')
    return Strokes(points, np.array([2]), np.array([colour], 'float32'),
                   radius)


@pytest.mark.parametrize('name', COLOURED)
def test_a_constant_picture_gives_one_colour(name):
    img = np.zeros((40, 56, 3), 'uint8') + np.array([190, 90, 40], 'uint8')
    painting = paint_strokes(img, replace(STYLES[name], **PLAIN))
    assert (painting == img).all()


def test_the_impressionist_needs_nothing_set_aside_for_that():
    img = np.full((30, 30, 3), 77, 'uint8')
    assert (paint_strokes(img, 'impressionist') == 77).all()


def test_jitter_and_bristles_show_on_a_constant_picture():
    img = np.full((40, 40, 3), 128, 'uint8')
    for name in ('expressionist', 'wash', 'pointillist', 'impasto'):
        assert paint_strokes(img, name).std() > 2


@pytest.mark.parametrize('flow', [0, 2])
def test_on_a_radial_gradient_strokes_run_along_circles(flow):
    """Mean angle to the circle: 2.3 degrees, measured; 3 are allowed."""
    img = radial()
    style = StrokeStyle(flow=flow)
    strokes = layer_strokes(img, 4, style, seed=1)
    errors = []
    for line in strokes.lines():
        middle = (line[1:] + line[:-1]) / 2 - 80
        step = np.diff(line, axis=0)
        far = np.hypot(*middle.T)
        sine = (middle * step).sum(1) / (far * np.hypot(*step.T) + 1e-9)
        errors.extend(np.degrees(np.arcsin(np.abs(sine)))[far > 20])
    assert len(errors) > 3000
    assert np.mean(errors) < 3


def test_curvature_nought_gives_straight_strokes():
    strokes = layer_strokes(radial(), 4, StrokeStyle(curvature=0))
    longest = max(strokes.lines(), key=len)
    steps = np.diff(longest, axis=0)
    assert len(longest) == 17
    assert np.allclose(steps, steps[0], atol=1e-4)


def test_a_stroke_stops_where_its_colour_no_longer_suits():
    img = np.zeros((60, 60, 3)) + np.linspace(40, 190, 60)[:, None, None]
    img[:, :30] += 59, -30, 0          # as bright, so strokes go straight on
    canvas = img.copy()
    canvas[:, 30:] = 255               # only the right half is to be painted
    style = StrokeStyle(blur=0, threshold=1)
    free = layer_strokes(img, 2, style, 0, np.full_like(img, 255))
    bound = layer_strokes(img, 2, style, 0, canvas)
    for strokes, crossing in ((free, True), (bound, False)):
        ends = [line[-1, 0] for line in strokes.lines()
                if line[0, 0] > 40 and np.ptp(line[:, 1]) < 2]
        assert len(ends) > 100
        assert (min(ends) < 26) == crossing


@pytest.mark.parametrize('radius', [2, 4, 8])
def test_a_stroke_is_as_wide_as_its_brush(radius):
    paint = lay(straight(60, radius), (80, 140), np.random.default_rng(0))
    middle = paint.cover[:, 70]
    assert middle.sum() == pytest.approx(2 * radius, abs=0.51)
    assert paint.cover[40].sum() == pytest.approx(60 + 2 * radius, abs=1.01)


def test_edges_are_antialiased():
    slanted = straight(60, 5)._replace(points=np.array(
        [[[20, 20], [80, 43]]], 'float32'))
    cover = lay(slanted, (70, 110), np.random.default_rng(0)).cover
    partly = (cover > 0) & (cover < 1)
    assert 60 < partly.sum() < 250
    assert len(np.unique(cover)) >= 4


def test_later_strokes_lie_over_earlier_ones():
    red, blue = straight(60, 4, (255, 0, 0)), straight(60, 4, (0, 0, 255))
    both = Strokes(*[np.concatenate(pair) for pair in zip(
        red[:3], blue[:3])], 4)
    for order, colour in (([0, 1], (0, 0, 255)), ([1, 0], (255, 0, 0))):
        paint = lay(both.pick(order), (80, 140), np.random.default_rng(0))
        assert tuple(paint.colour[40, 70]) == colour


def measured(photo, name):
    """Mean length and width of the strokes of a style's second layer.

    Lengths are in pixels, over a canvas after the first layer.
    """
    style = STYLES[name]
    canvas = paint_strokes(photo, replace(style, radii=style.radii[:1]))
    radius = style.radii[1]
    strokes = layer_strokes(photo, radius, replace(style, threshold=5), 0,
                            canvas)
    paint = lay(straight(60, radius), (80, 140), np.random.default_rng(0))
    return strokes.lengths().mean(), paint.cover[:, 70].sum()


def test_the_styles_differ_in_length_and_width(photo):
    size = {name: measured(photo, name) for name in STYLES}
    length, width = ({n: s[k] for n, s in size.items()} for k in (0, 1))
    assert length['pointillist'] == 0
    assert length['expressionist'] > 1.1 * length['impressionist'] > 30
    assert length['pen'] < 30
    assert (width['impasto'] > 1.3 * width['impressionist']
            > 2 * width['pointillist'] > 4 * width['pen'])


@pytest.mark.parametrize('name', [
    'impressionist', 'expressionist', 'pointillist', 'impasto', 'pen'])
def test_the_error_falls_from_layer_to_layer(photo, name):
    errors, steps = [], []

    def watch(layer, layers, painting):
        steps.append((layer, layers))
        errors.append(np.abs(painting - photo.astype(float)).mean())

    painting = paint_strokes(photo, name, on_step=watch)
    layers = len(STYLES[name].radii)
    assert steps == [(k + 1, layers) for k in range(layers)]
    assert (np.diff(errors) < 0).all()
    assert errors[-1] == np.abs(painting - photo.astype(float)).mean()


def test_a_painting_is_close_to_its_photograph(photo):
    error = np.abs(paint_strokes(photo) - photo.astype(float)).mean()
    flat = np.abs(photo - photo.mean((0, 1))).mean()
    assert error < flat / 2.5


@pytest.mark.parametrize('name', STYLES)
def test_a_seed_repeats_a_painting(photo, name):
    state = np.random.get_state()[1].copy()
    first, again, other = (paint_strokes(photo, name, s) for s in (5, 5, 6))
    assert first.dtype == 'uint8' and first.shape == photo.shape
    assert (first == again).all()
    assert (first != other).any()
    assert (np.random.get_state()[1] == state).all()


def test_floats_and_bytes_paint_alike(photo):
    assert (paint_strokes(photo) == paint_strokes(photo.astype(float))).all()


def test_pen_and_ink_is_ink_on_paper(photo):
    sketch = paint_strokes(photo, 'pen').mean(2)
    dark, light = photo.mean(2) < 60, photo.mean(2) > 200
    assert sketch[dark].mean() < 110 < 200 < sketch[light].mean()


@pytest.mark.parametrize('shape', [(1, 1, 3), (1, 50, 3), (7, 3, 3)])
@pytest.mark.parametrize('name', STYLES)
def test_tiny_pictures(shape, name):
    img = np.random.default_rng(0).integers(0, 256, shape).astype('uint8')
    assert paint_strokes(img, name).shape == shape


@pytest.mark.parametrize('img, word', [
    (np.zeros((5, 5)), 'shape'), (np.zeros((5, 5, 4)), 'shape'),
    (np.zeros((0, 5, 3)), 'shape'), (None, 'shape'),
    (np.full((5, 5, 3), np.nan), 'finite'),
    (np.full((5, 5, 3), 'red'), 'numbers'),
    (np.full((5, 5, 3), 300.0), '255'), (np.full((5, 5, 3), -1), '255')])
def test_what_is_no_picture_is_refused(img, word):
    with pytest.raises(ImageError, match=word) as caught:
        paint_strokes(img)
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize('shape', [(5, 6), (5, 6, 4), (6, 5, 3), (1, 1, 3)])
def test_a_canvas_of_another_shape_is_refused(shape):
    with pytest.raises(ImageError, match=r'canvas.*\(5, 6, 3\)'):
        layer_strokes(np.zeros((5, 6, 3)), 2, canvas=np.zeros(shape))


@pytest.mark.parametrize('style', ['cubist', None, 3, ['wash']])
def test_an_unknown_style_is_refused(photo, style):
    with pytest.raises(NSTError, match='impressionist'):
        paint_strokes(photo, style)


@pytest.mark.parametrize('radii', [(), (4, 0), (-2,), (float('nan'),)])
def test_a_style_needs_brushes(photo, radii):
    with pytest.raises(NSTError, match='radii'):
        paint_strokes(photo, StrokeStyle(radii=radii))
