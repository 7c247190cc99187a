"""Regions: their number, their axes, and how they are painted."""
import numpy as np
import pytest
from PIL import Image
from skimage import data

from d2l_nst import ImageError, NSTError
from d2l_nst.painterly.regions import paint_regions, region_strokes
from d2l_nst.painterly.segments import find_regions, measure_regions

DETAILS = 0, 0.1, 0.25, 0.5, 0.75, 0.9, 1


@pytest.fixture(scope='module')
def photo():
    """`skimage.data.coffee()`, by Rachel Michetti, CC0; 180 x 120."""
    picture = Image.fromarray(data.coffee())
    return np.asarray(picture.resize((180, 120), Image.LANCZOS))


def ellipse(angle, shape=(150, 170)):
    """A light ellipse on a dark ground and where it is; its longer axis is
    turned by `angle` degrees from the x axis towards the y axis."""
    y, x = np.indices(shape, float)
    turn = np.exp(-1j * np.radians(angle)) * (x - 80 + 1j * (y - 70))
    inside = (turn.real / 60) ** 2 + (turn.imag / 25) ** 2 < 1
    return np.where(inside[..., None], (230, 180, 60), (20, 40, 90)), inside


def off(angles, degrees, weights=None):
    """How many degrees the mean of axes is off, of which the opposite ones
    are the same."""
    mean = np.angle(np.average(np.exp(2j * angles), weights=weights)) / 2
    return abs((np.degrees(mean) - degrees + 90) % 180 - 90)


# ------------------------------------------------------------ segmentation
def test_less_detail_gives_fewer_regions(photo):
    found = [find_regions(photo, detail) for detail in DETAILS]
    counts = [len(np.unique(labels)) for labels in found]
    assert (np.diff(counts) > 0).all() and counts[0] == 1
    assert counts[-1] > 1000
    for coarse, fine in zip(found, found[1:]):
        # each fine region lies in one coarse region
        assert len(np.unique(np.stack([coarse, fine]).reshape(2, -1),
                             axis=1).T) == fine.max() + 1


@pytest.mark.parametrize('detail', DETAILS)
def test_regions_are_whole_and_numbered(photo, detail):
    from scipy import ndimage
    labels = find_regions(photo, detail)
    assert labels.shape == photo.shape[:2]
    assert (np.unique(labels) == np.arange(labels.max() + 1)).all()
    for k in range(0, labels.max() + 1, 29):
        assert ndimage.label(labels == k)[1] == 1


def test_regions_are_those_one_sees():
    img, inside = ellipse(30)
    labels = find_regions(img)
    assert labels.max() == 1
    assert ((labels == labels[70, 80]) == inside).mean() > 0.99


def test_a_small_region_of_much_contrast_stays():
    """One of little contrast is worth its border at more detail only."""
    img = np.full((80, 120, 3), 120.0)
    img[20:32, 20:32] += 90
    img[48:64, 80:96] += 3
    assert find_regions(img, 0.4).max() == 1
    assert find_regions(img, 0.9).max() == 2


def test_measures_of_known_regions():
    labels = np.zeros((40, 60), int)
    labels[10:14, 20:50] = 1       # lies
    labels[20:36, 5:9] = 2         # stands
    img = np.array([(10, 20, 30), (200, 0, 0), (12, 22, 32)])[labels]
    regions = measure_regions(img, labels)
    assert regions.areas.tolist() == [2400 - 120 - 64, 120, 64]
    assert np.allclose(regions.centres[1:], [(34.5, 11.5), (6.5, 27.5)])
    assert np.allclose(regions.colours, [(10, 20, 30), (200, 0, 0),
                                         (12, 22, 32)])
    assert off(regions.angles[1], 0) < 1e-6
    assert off(regions.angles[2], 90) < 1e-6
    assert regions.importance[1] == 1
    assert (regions.importance[[0, 2]] < 0.2).all()


# ----------------------------------------------------------------- strokes
@pytest.mark.parametrize('angle', [0, 20, 45, 77, 90, 115, 160])
def test_strokes_follow_the_axis_of_an_ellipse(angle):
    img, inside = ellipse(angle)
    img = np.asarray(img, 'float32')
    regions = measure_regions(img, find_regions(img))
    layers = region_strokes(img, regions)
    lines = [line for strokes in layers for line in strokes.lines()
             if inside[tuple(np.rint(line[0, ::-1]).astype(int))]]
    steps = np.concatenate([np.diff(line, axis=0) for line in lines])
    angles = np.arctan2(steps[:, 1], steps[:, 0])
    assert len(lines) > 30
    assert off(angles, angle, np.hypot(*steps.T)) < 5
    assert np.mean([off(a, angle) < 20 for a in angles]) > 0.95


def test_strokes_stay_in_their_regions(photo):
    regions = measure_regions(photo, find_regions(photo, 0.3))
    for strokes in region_strokes(photo.astype('float32'), regions):
        for line in strokes.lines():
            x, y = np.rint(line).astype(int).T
            assert len(line) > 2
            assert len(set(regions.labels[y, x])) == 1


def own_brush(area, importance=0.0):
    """The broadest brush in a square region on a ground."""
    labels = np.zeros((300, 300), int)
    side = int(area ** 0.5)
    labels[20:20 + side, 20:20 + side] = 1
    img = np.zeros((300, 300, 3), 'float32')
    regions = measure_regions(img, labels)._replace(
        importance=np.array([0, importance]))
    return max(strokes.radius for strokes in region_strokes(img, regions)
               if any(labels[tuple(np.rint(line[0, ::-1]).astype(int))]
                      for line in strokes.lines()))


def test_brushes_follow_area_and_importance():
    assert own_brush(1200) > 1.5 * own_brush(300) > 2 * own_brush(80)
    assert own_brush(300, 1) < 0.7 * own_brush(300)


# ---------------------------------------------------------------- painting
@pytest.mark.parametrize('detail', [0, 0.2, 0.5, 1])
def test_a_poster_has_at_most_as_many_colours_as_regions(photo, detail):
    poster = paint_regions(photo, detail, flat=True)
    labels = find_regions(photo, detail)
    colours = len(np.unique(poster.reshape(-1, 3), axis=0))
    assert 1 <= colours <= labels.max() + 1
    for k in range(0, labels.max() + 1, 31):
        mean = photo[labels == k].mean(0)
        assert abs(poster[labels == k] - mean).max() <= 0.51


@pytest.mark.parametrize('flat', [True, False])
def test_more_detail_is_closer_to_the_photograph(photo, flat):
    errors = [abs(paint_regions(photo, d, flat) - photo.astype(float)).mean()
              for d in (0, 0.2, 0.5, 1)]
    assert (np.diff(errors) < 0).all()
    assert errors[-1] < errors[0] / 2.5


def test_strokes_cover_the_picture_and_show(photo):
    paintings = []
    painting = paint_regions(photo, on_step=lambda *step: paintings.append(
        step))
    layers = paintings[-1][1]
    assert [step[:2] for step in paintings] == [
        (k + 1, layers) for k in range(layers)]
    poster = paint_regions(photo, flat=True)
    assert abs(paintings[0][2] - poster.astype(int)).max() <= 1
    assert (paintings[-1][2] == painting).all()
    assert (painting != poster).any(2).mean() > 0.9


@pytest.mark.parametrize('detail', [0, 0.5, 1])
def test_a_constant_picture(detail):
    img = np.zeros((40, 56, 3), 'uint8') + np.array([190, 90, 40], 'uint8')
    assert (paint_regions(img, detail, flat=True) == img).all()
    painting = paint_regions(img, detail)
    assert painting.std((0, 1)).min() > 2        # strokes show
    assert abs(painting.mean((0, 1)) - img[0, 0]).max() < 6


@pytest.mark.parametrize('flat', [True, False])
def test_a_seed_repeats_a_painting(photo, flat):
    state = np.random.get_state()[1].copy()
    first, again, other = (paint_regions(photo, flat=flat, seed=s)
                           for s in (5, 5, 6))
    assert first.dtype == 'uint8' and first.shape == photo.shape
    assert (first == again).all()
    assert (first == other).all() == flat      # a poster has nothing random
    assert (np.random.get_state()[1] == state).all()


def test_floats_and_bytes_paint_alike(photo):
    assert (paint_regions(photo) == paint_regions(photo.astype(float))).all()


@pytest.mark.parametrize('shape', [(1, 1, 3), (1, 50, 3), (50, 1, 3),
                                   (2, 2, 3), (7, 3, 3), (9, 400, 3)])
@pytest.mark.parametrize('detail', [0, 0.5, 1])
@pytest.mark.parametrize('flat', [True, False])
@pytest.mark.filterwarnings('error')
def test_tiny_pictures(shape, detail, flat):
    img = np.random.default_rng(0).integers(0, 256, shape).astype('uint8')
    assert paint_regions(img, detail, flat).shape == shape


@pytest.mark.parametrize('img, word', [
    (np.zeros((5, 5)), 'shape'), (np.zeros((0, 5, 3)), 'shape'),
    (None, 'shape'), (np.full((5, 5, 3), np.nan), 'finite'),
    (np.full((5, 5, 3), 'red'), 'numbers'), (np.full((5, 5, 3), -1), '255')])
def test_what_is_no_picture_is_refused(img, word):
    for paint in (paint_regions, find_regions):
        with pytest.raises(ImageError, match=word) as caught:
            paint(img)
        assert '\n' not in str(caught.value)


@pytest.mark.parametrize('detail', [-0.1, 1.01, np.nan, np.inf, 'much', None,
                                    1j, [0.5]])
def test_a_detail_out_of_range_is_refused(photo, detail):
    with pytest.raises(NSTError, match='from 0 to 1') as caught:
        paint_regions(photo, detail)
    assert '\n' not in str(caught.value)
