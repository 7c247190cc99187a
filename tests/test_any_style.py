"""Any style in one pass: statistics of features, decoders, the command."""

import dataclasses

import mxnet as mx
import numpy as onp
import pytest
from PIL import Image
from skimage import data

from d2l_nst import cli, errors, images, vgg
from d2l_nst.checkpoint import parameters
from d2l_nst.feedforward import (any_style, encoder, network, tiles,
                                 transforms)
from d2l_nst.feedforward.decoder import Decoder
from d2l_nst.feedforward.levels import LEVELS, PICTURE, between
from d2l_nst.feedforward.transforms import Statistics
from d2l_nst.precision import choose_precision
from d2l_nst.weights import find_weights

RANDOM = onp.random.RandomState(0)
ROOT = __file__.rpartition('tests')[0]
STYLES = [ROOT + f'img/{name}.jpg' for name in ('autumn-oak', 'ink-wash')]


@pytest.fixture(scope='module')
def painter(numpy_semantics):
    return any_style.load_any_style([images.read_image(STYLES[0])])


@pytest.fixture(scope='module')
def coffee():
    return data.coffee()[::6, ::6]      # (67, 100, 3)


def features(seed, channels=5, side=40):
    """Features whose channels go together, (2, C, H, W)."""
    random = onp.random.RandomState(seed)
    mixed = random.normal(0, 100, (channels, channels))
    X = random.gamma(1, 2, (2, channels, side * side)) + seed
    return (mixed @ X).reshape(2, channels, side, side)


# ------------------------------------------------------------ transforms
def moments64(X):
    pixels = X.transpose(1, 0, 2, 3).reshape(X.shape[1], -1)
    return pixels.mean(axis=1), onp.cov(pixels, bias=True)


def test_statistics_are_those_of_numpy():
    X = features(1)
    mean, covariance = moments64(X)
    found = Statistics.of(X)
    onp.testing.assert_allclose(found.mean, mean)
    onp.testing.assert_allclose(found.covariance, covariance)


def test_wct_gives_mean_and_covariance():
    X, Y = features(1), features(2)
    Z = transforms.apply(X, *transforms.wct(Statistics.of(X),
                                            Statistics.of(Y)))
    for new, wanted, old in zip(moments64(Z), moments64(Y), moments64(X)):
        size = abs(wanted).max()
        onp.testing.assert_allclose(new, wanted, atol=1e-4 * size)
        assert abs(old - wanted).max() > 0.1 * size


def test_adain_gives_mean_and_deviations_and_nothing_else():
    X, Y = features(1), features(2)
    Z = transforms.apply(X, *transforms.adain(Statistics.of(X),
                                              Statistics.of(Y)))
    (mean, covariance), (mean_Y, covariance_Y) = moments64(Z), moments64(Y)
    onp.testing.assert_allclose(mean, mean_Y, rtol=1e-4)
    onp.testing.assert_allclose(onp.diag(covariance),
                                onp.diag(covariance_Y), rtol=1e-4)
    scale = onp.sqrt(onp.diag(covariance))
    before = onp.corrcoef(moments64(X)[1])
    assert onp.isfinite(before).all()
    correlation = moments64(X)[1]
    deviation = onp.sqrt(onp.diag(correlation))
    onp.testing.assert_allclose(covariance / onp.outer(scale, scale),
                                correlation / onp.outer(deviation, deviation),
                                atol=1e-6)


@pytest.mark.parametrize('name', transforms.TRANSFORMS)
def test_its_own_statistics_change_nothing(name):
    X = features(3)
    of = Statistics.of(X)
    Y = transforms.apply(X, *transforms.TRANSFORMS[name](of, of))
    onp.testing.assert_allclose(Y, X, atol=1e-6 * abs(X).max())


@pytest.mark.parametrize('name', transforms.TRANSFORMS)
def test_flat_features_become_the_mean_of_the_style(name):
    """Not noise, however silent the channels are."""
    X = onp.full((1, 5, 8, 8), 3.0) + RANDOM.normal(0, 1e-4, (1, 5, 8, 8))
    Y = features(2)
    Z = transforms.apply(X, *transforms.TRANSFORMS[name](
        Statistics.of(X), Statistics.of(Y)))
    mean, covariance = moments64(Y)
    deviation = onp.sqrt(onp.diag(covariance))[None, :, None, None]
    assert (abs(Z - mean[None, :, None, None]) < 0.1 * deviation).all()


def test_transforms_are_mixed_by_weights():
    X = features(1)
    each = [transforms.wct(Statistics.of(X), Statistics.of(features(seed)))
            for seed in (2, 3)]
    mixed = transforms.apply(X, *transforms.mix(each, (0.5, 0.2)))
    alone = [transforms.apply(X, *one) for one in each]
    onp.testing.assert_allclose(
        mixed, 0.5 * alone[0] + 0.2 * alone[1] + 0.3 * X)


# --------------------------------------------------------------- networks
def test_levels_between():
    assert between(PICTURE, LEVELS[-1]) == LEVELS
    assert between('relu1_1', 'relu3_1') == ('relu2_1', 'relu3_1')


def test_the_encoder_is_the_vgg_in_parts(numpy_semantics):
    from mxnet import np
    whole = encoder.get_encoder('relu3_1')
    X = np.array(RANDOM.normal(size=(2, 3, 24, 32)), dtype='float32')
    low, middle, high = whole(X)
    assert [Y.shape for Y in (low, middle, high)] == [
        (2, 64, 24, 32), (2, 128, 12, 16), (2, 256, 6, 8)]
    part, = whole.above('relu2_1')(middle)
    onp.testing.assert_allclose(part.asnumpy(), high.asnumpy(), rtol=1e-4,
                                atol=1e-4)
    net = vgg.get_net('vgg16', ['relu3_1'], 'hed', scaled=False,
                      padding='edge')
    Y = net(X).asnumpy()
    assert onp.corrcoef(Y.ravel(), high.asnumpy().ravel())[0, 1] > 0.9999


def test_features_of_photographs_are_as_loud_as_is_said(numpy_semantics):
    from mxnet import np
    X = any_style.standardised(data.astronaut()[::2, ::2])
    for Y in encoder.get_encoder()(np.array(X)):
        assert 0.4 < float((Y ** 2).mean()) < 2.5


def test_another_encoder_is_refused(painter):
    bundled = encoder.identify(find_weights('bundled', 'vgg16'))
    mine = painter.encoder.identity
    assert bundled != mine
    net = Decoder('relu3_1', encoder=bundled)
    with pytest.raises(errors.WeightsError, match=f'{bundled}.*{mine}'):
        any_style.check_encoder(net, painter.encoder)
    any_style.check_encoder(Decoder('relu3_1', encoder=mine),
                            painter.encoder)


def test_a_file_knows_its_class(numpy_semantics, tmp_path):
    """A painter is no decoder and a decoder no painter."""
    net = network.new_network(kind=Decoder, top='relu2_1', encoder='abc')
    path = str(tmp_path / 'net.params')
    network.save_network(net, path)
    again = network.load_network(path, kind=Decoder)
    assert again.settings == {'top': 'relu2_1', 'bottom': PICTURE,
                              'encoder': 'abc'}
    for key, p in parameters(net).items():
        onp.testing.assert_allclose(
            parameters(again)[key].data().asnumpy(),
            p.data().asnumpy(), rtol=1e-3, atol=1e-6)
    with pytest.raises(errors.WeightsError, match='transformer network'):
        network.load_network(path)
    with pytest.raises(errors.WeightsError, match='a decoder.*--invert'):
        network.load_network('nine-styles', kind=Decoder)
    with pytest.raises(errors.WeightsError, match='another encoder'):
        network.read_network(path, Decoder, encoder='other')


# --------------------------------------------------------------- painting
def test_a_picture_gets_the_style_and_keeps_the_scene(painter, coffee):
    """Nearer to the painting's Gram matrices than the photograph, layers
    and all; the decoder alone gives the photograph back."""
    from d2l_nst import measures
    net = vgg.get_net('vgg16', ['relu2_2'], 'hed', pooling='max')
    big = onp.asarray(images.resize(data.coffee(), (240, 160)))
    painted = painter.paint(big[None])[0]
    residuals = measures.style_residuals(
        painted, big, images.read_image(STYLES[0]), net, ['relu2_2'])
    assert residuals['relu2_2'] < 0.5
    assert measures.ssim(painter.invert(big), big) > 0.4


def test_strength(painter, coffee):
    """0 is the picture itself, and from there it goes on without a jump."""
    X = coffee[None].astype(float)
    painted = {s: painter.paint(X, s)[0]
               for s in (0, 0.001, 0.25, 0.5, 1)}
    assert (painted[0] == coffee).all()
    assert abs(painted[0.001] - coffee).mean() < 1
    near = [abs(painted[s] - coffee).mean() for s in (0.001, 0.25, 0.5)]
    assert near == sorted(near) and near[2] > 10
    assert abs(painted[1] - painted[0.5]).mean() > 1


@pytest.mark.parametrize('transform', transforms.TRANSFORMS)
@pytest.mark.parametrize('size', [(16, 16), (17, 61), (50, 33)])
def test_odd_sizes(painter, transform, size):
    img = onp.asarray(images.resize(data.coffee(), size))
    other = any_style.AnyStyle.__new__(any_style.AnyStyle)
    other.__dict__.update(painter.__dict__,
                          transform=transforms.TRANSFORMS[transform])
    Y = other.paint(img[None])[0]
    assert Y.shape == img.shape and Y.std() > 10
    assert Y.min() >= 0 and Y.max() <= 255


def test_large_pictures_go_by_tiles(painter, monkeypatch):
    """With the transforms of the whole each tile is what it is there."""
    img, shapes, in_tiles = data.coffee()[None, :160, :320], [], tiles.in_tiles
    whole = painter.paint(img)
    for name, value in (('TILE', 96), ('SAMPLE', 999), ('SAMPLES', 1)):
        monkeypatch.setattr(tiles, name, value)   # the sample is the whole
    monkeypatch.setattr(any_style, 'LARGE', 0)
    monkeypatch.setattr(any_style, 'in_tiles', lambda X, paint: in_tiles(
        X, lambda tile: shapes.append(tile.shape[2:]) or paint(tile)))
    tiled = painter.paint(img)
    assert len(shapes) == 8 and max(shapes) == (160, 224)
    short = choose_precision('auto', mx.cpu()) == 'bfloat16'
    onp.testing.assert_allclose(tiled, whole, atol=1 if short else 0.1)


def test_samples_of_a_large_picture():
    X = RANDOM.uniform(size=(1, 3, 700, 1200))
    S = tiles.samples(X)
    assert S.shape == (9, 3, 320, 320)
    assert (S[0] == X[0, :, :320, :320]).all()
    assert (S[-1] == X[0, :, -320:, -320:]).all()
    assert tiles.samples(X[:, :, :100]).shape == (9, 3, 100, 320)


def test_a_large_picture(painter, monkeypatch):
    img = onp.asarray(images.resize(data.coffee(), (300, 200)))
    small = painter.paint(img[None])[0]
    monkeypatch.setattr(any_style, 'LARGE', 10000)
    monkeypatch.setattr(tiles, 'SAMPLE', 112)
    large = painter.paint(img[None])[0]
    apart = abs(large - small).mean()
    assert apart < abs(small - img).mean() / 2 and apart < 20


def test_a_white_sheet_has_no_rim(painter):
    white = onp.full((1, 120, 180, 3), 255.0)
    Y = painter.paint(white)[0]
    edge = onp.ones((120, 180), bool)
    edge[20:-20, 20:-20] = False
    assert abs(Y[edge].mean(0) - Y[~edge].mean(0)).max() < 20


def test_two_styles(coffee):
    def painted(**how):
        return any_style.load_any_style(
            [images.read_image(path) for path in STYLES],
            **how).paint(coffee[None].astype(float))[0]

    oak, both, ink = (painted(weights=weights) for weights in (
        [2, 0], None, [0, 1]))
    apart = abs(oak - ink).mean()
    assert apart > 10
    for one in (oak, ink):
        assert 0.2 * apart < abs(both - one).mean() < 0.9 * apart
    with pytest.raises(errors.NSTError, match='2 styles have 1 weights'):
        painted(weights=[1])
    with pytest.raises(errors.NSTError, match='weigh nothing'):
        painted(weights=[0, 0])


def test_decoders_that_lead_nowhere(numpy_semantics, tmp_path):
    style, half = [images.read_image(STYLES[0])], str(tmp_path / 'a.params')
    network.save_network(network.new_network(
        kind=Decoder, top='relu3_1', bottom='relu1_1'), half)
    with pytest.raises(errors.NSTError, match='lead down to the picture'):
        any_style.load_any_style(style, decoders=[half])
    with pytest.raises(errors.WeightsError, match='no such network'):
        any_style.load_any_style(style, decoders=['there-is-none.params'])


def test_without_its_encoder(numpy_semantics, monkeypatch):
    """One clear error, and no other features in its place."""
    def gone(weights, network):
        raise errors.WeightsError('not here: get them')

    monkeypatch.setattr(encoder, 'find_weights', gone)
    with pytest.raises(errors.WeightsError, match='not here: get them'):
        any_style.load_any_style([images.read_image(STYLES[0])])
    other = dataclasses.replace(find_weights('bundled', 'vgg16'))
    monkeypatch.setattr(encoder, 'find_weights', lambda *_: other)
    with pytest.raises(errors.WeightsError, match='train one for them'):
        any_style.load_any_style([images.read_image(STYLES[0])])


# --------------------------------------------------------------- command
def test_command(tmp_path, coffee, capsys):
    """Grey and transparent pictures, and a folder of them."""
    (tmp_path / 'in').mkdir()
    Image.fromarray(coffee).convert('L').save(tmp_path / 'in' / 'grey.png')
    clear = Image.fromarray(coffee).convert('RGBA')
    clear.putalpha(Image.linear_gradient('L').resize(clear.size))
    clear.save(tmp_path / 'in' / 'clear.png')
    assert cli.main(['paint', str(tmp_path / 'in'), '-o',
                     str(tmp_path / 'out'), '--style', STYLES[0],
                     '--style', STYLES[1], '--style-weight', '2',
                     '--style-weight', '1', '--transform', 'adain']) == 0
    assert '2 of 2 painted' in capsys.readouterr().out
    grey, painted = (Image.open(tmp_path / 'out' / name)
                     for name in ('grey.png', 'clear.png'))
    assert grey.mode == 'RGB' and grey.size == (100, 67)
    assert painted.mode == 'RGBA'
    assert (onp.asarray(painted)[..., 3] == onp.asarray(clear)[..., 3]).all()


@pytest.mark.parametrize('options, message', [
    ((), 'name a network'),
    (('--net', 'nine-styles', '--style', STYLES[0]), 'no style of this'),
    (('--net', 'nine-styles', '--transform', 'wct'), '--transform is for'),
    (('--style', STYLES[0], '--style-weight', '1', '--style-weight', '1'),
     '1 styles have 2 weights'),
    (('--style', 'none.jpg'), 'none.jpg'),
    (('--style', STYLES[0], '--decoder', 'nine-styles'), 'a decoder')])
def test_wrong_usage(tmp_path, capsys, options, message):
    picture = tmp_path / 'a.png'
    Image.new('RGB', (20, 20)).save(picture)
    assert cli.main(['paint', str(picture), '-o', str(tmp_path / 'out'),
                     *options]) == 1
    error = capsys.readouterr().err
    assert message in error and error.count('\n') == 1
    assert not (tmp_path / 'out').exists()
