"""How near a picture is to scene and style: values known beforehand."""

import numpy as onp
import pytest
from mxnet import np
from skimage import data

import d2l_nst
from d2l_nst import ImageError, images, measures

LAYERS = 'conv1_1', 'conv2_1'
SOBEL = onp.outer([1, 2, 1], [-1, 0, 1])
SIDE = 64
y, x = onp.mgrid[:SIDE, :SIDE]
NOISE = onp.random.RandomState(0).normal(0, 1, (SIDE, SIDE, 3))


def grey(plane):
    """(H, W) -> (H, W, 3)."""
    return onp.repeat(onp.asarray(plane, float)[..., None], 3, axis=2)


def stripes(degrees):
    """Dark and bright by turns along this direction, softly."""
    turn = onp.radians(degrees)
    return grey(128 + 100 * onp.sin(
        (onp.cos(turn) * x + onp.sin(turn) * y) * 2 * onp.pi / 9.7))


def photograph(size=SIDE):
    """Of chelsea, Stefan van der Walt, CC0."""
    return images.resize(data.chelsea(), (size, size))


# ----------------------------------------------------------------- ssim
def test_ssim_of_flat_pictures_by_hand():
    """Without variation Wang's formula is that of the two means."""
    a, b, c = 100, 160, (0.01 * 255) ** 2
    flat = onp.ones((SIDE, SIDE, 3))
    assert measures.ssim(a * flat, b * flat) == pytest.approx(
        (2 * a * b + c) / (a * a + b * b + c))


def test_ssim_is_one_with_itself_and_falls_with_noise():
    photo = photograph()
    values = [measures.ssim(photo + sigma * NOISE, photo)
              for sigma in (0, 5, 20, 80)]
    assert values[0] == pytest.approx(1)
    assert values == sorted(values, reverse=True) and values[-1] < 0.4
    assert measures.ssim(photo, 255 - photo) < 0


def test_ssim_takes_a_content_of_another_size():
    photo = photograph()
    assert measures.ssim(photo, data.chelsea()) == pytest.approx(1)
    assert measures.ssim(photo, photograph(2 * SIDE)) > 0.95


# -------------------------------------------------------------- residuals
def gram64(img, net, layer):
    """Gram matrix by its definition, in float64."""
    X = d2l_nst.preprocess(img, img.shape[1::-1])
    (Y,), _ = d2l_nst.extract_features(X, net, (layer,), ())
    Y = Y.asnumpy()[0].astype('float64')
    return onp.einsum('ihw,jhw->ij', Y, Y) / Y.size


def test_residuals_are_the_differences_that_are_left(small_net):
    photo, style = photograph(), stripes(30)
    img = 0.5 * photo + 0.5 * style
    residuals = measures.style_residuals(img, photo, style, small_net,
                                         LAYERS)
    assert list(residuals) == list(LAYERS)
    for layer, residual in residuals.items():
        G, start, aim = (gram64(picture, small_net, layer)
                         for picture in (img, photo, style))
        assert residual == pytest.approx(
            ((G - aim) ** 2).sum() / ((start - aim) ** 2).sum(), rel=1e-4)


def test_residual_is_one_for_the_photograph_and_none_for_the_style(small_net):
    """Whatever the sizes, and for whole numbers of 8 bits as well."""
    photo, style = data.chelsea()[:120, :90], data.coffee()[:60, :80]
    img = images.resize(photo, (30, 40))
    assert measures.style_residuals(
        img, photo, style, small_net, LAYERS) == dict.fromkeys(LAYERS, 1)
    assert measures.style_residuals(
        style, photo, style, small_net, LAYERS) == dict.fromkeys(LAYERS, 0)


def test_the_style_keeps_its_proportions(small_net, monkeypatch):
    seen = []
    monkeypatch.setattr(measures, '_grams', lambda img, net, layers: (
        seen.append(img.shape), [onp.ones((2, 2))])[1])
    measures.style_residuals(
        99 * onp.ones((40, 60, 3)), 99 * onp.ones((90, 90, 3)),
        99 * onp.ones((200, 100, 3)), small_net, LAYERS[:1])
    assert seen == [(40, 60, 3), (40, 60, 3), (69, 35, 3)]


# ---------------------------------------------------------- nearest style
def test_each_texture_is_found_when_shifted(small_net):
    """scikit-image's brick, grass and gravel, CC0."""
    textures = {name: grey(getattr(data, name)())
                for name in ('brick', 'grass', 'gravel')}
    styles = {name: img[:96, :96] for name, img in textures.items()}
    known = {}
    for name, img in textures.items():
        for i in (48, 230):
            shifted = img[i:i + 96, i + 30:i + 126]
            assert measures.nearest_style(shifted, styles, small_net,
                                          LAYERS, known) == name
            distances = {
                other: sum(measures.style_distances(
                    shifted, style, small_net, LAYERS).values())
                for other, style in styles.items()}
            assert min(distances, key=distances.get) == name
    assert len(known) == 3    # the Gram matrices of each style, once


# -------------------------------------------------------------- the faults
@pytest.mark.parametrize('degrees, share', [
    (0, 1), (90, 1), (7, 1), (-7, 1), (97, 1), (13, 0), (77, 0), (45, 0),
    (135, 0)])
def test_axis_share_of_stripes(degrees, share):
    assert measures.axis_share(stripes(degrees)) == pytest.approx(
        share, abs=0.02)


def test_axis_share_of_rings_is_that_of_all_directions():
    rings = 128 + 100 * onp.sin(onp.hypot(x - 31.5, y - 31.5))
    rings[onp.hypot(x - 31.5, y - 31.5) > 30] = 128
    assert measures.axis_share(grey(rings)) == pytest.approx(20 / 90,
                                                             abs=0.06)


def test_axis_share_sees_the_strongest_lines_only():
    """A quarter of the picture holds them, upright."""
    strong, weak = stripes(0), 128 + 0.1 * (stripes(45) - 128)
    img = onp.where(x[..., None] < SIDE / 4, strong, weak)
    assert measures.axis_share(img) > 0.95
    assert measures.axis_share(grey(onp.full((20, 20), 7))) == 0


def gradients64(img):
    """Sizes of the gradient by Sobel's nine numbers, in loops."""
    plane = img @ [0.2126, 0.7152, 0.0722]
    return onp.array([[
        onp.hypot((plane[i:i + 3, j:j + 3] * SOBEL).sum(),
                  (plane[i:i + 3, j:j + 3] * SOBEL.T).sum())
        for j in range(plane.shape[1] - 2)]
        for i in range(plane.shape[0] - 2)])


def test_rim_by_its_definition():
    img = photograph()[:30]
    size = gradients64(img)  # without the outermost pixels
    inside = size[7:-7, 7:-7]
    outside = (size.sum() - inside.sum()) / (size.size - inside.size)
    assert measures.rim(img) == pytest.approx(outside / inside.mean())


def test_a_bright_frame_raises_the_rim():
    assert measures.rim(grey(x)) == pytest.approx(1)  # the same everywhere
    photo = photograph()
    framed = onp.full_like(photo, 255)
    framed[3:-3, 3:-3] = photo[3:-3, 3:-3]
    assert measures.rim(framed) > 1.5 * measures.rim(photo)
    assert measures.rim_ratio(framed, photo) == pytest.approx(
        measures.rim(framed) / measures.rim(photo))
    assert measures.rim_ratio(photo, data.chelsea()) == pytest.approx(1)


# ------------------------------------------------------------ the pictures
ONE = measures.axis_share, measures.rim
TWO = measures.ssim, measures.rim_ratio


def test_any_kind_of_array_is_measured_alike():
    photo = photograph().round()
    for kind in (photo.astype('uint8'), np.array(photo)):
        for measure in ONE:
            assert measure(kind) == measure(photo)
        for measure in TWO:
            assert measure(kind, 255 - kind) == measure(photo, 255 - photo)


@pytest.mark.parametrize('wrong', [
    onp.ones((40, 40)), onp.ones((40, 40, 4)), onp.ones((1, 3, 40, 40)),
    onp.ones((15, 40, 3)), onp.full((40, 40, 3), onp.nan)])
def test_what_is_no_picture_raises(wrong, small_net):
    right = photograph()
    calls = [lambda measure=measure: measure(wrong) for measure in ONE]
    calls += [lambda measure=measure, pair=pair: measure(*pair)
              for measure in TWO for pair in ((wrong, right),
                                              (right, wrong))]
    calls += [lambda p=p: measures.style_residuals(*p, small_net, LAYERS)
              for p in ((wrong, right, right), (right, wrong, right),
                        (right, right, wrong))]
    calls += [lambda: measures.nearest_style(wrong, {'a': right}, small_net,
                                             LAYERS),
              lambda: measures.nearest_style(right, {'a': wrong}, small_net,
                                             LAYERS)]
    for call in calls:
        with pytest.raises(ImageError, match='picture'):
            call()
