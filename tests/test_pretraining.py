"""The training of the bundled features, on two pictures and few classes."""

import dataclasses

import mxnet as mx
import numpy as np
import pytest
from mxnet import nd
from PIL import Image
from skimage import data

import d2l_nst
from d2l_nst import cli
from d2l_nst.cores import has_bfloat16
from d2l_nst.pretraining import (crops, job, network, pictures, retrieval,
                                 start, training)
from d2l_nst.weights import Weights


@pytest.fixture(scope='session')
def folder(tmp_path_factory):
    """Coffee (Rachel Michetti, CC0), astronaut (NASA, public domain), and
    a file that is no picture."""
    path = tmp_path_factory.mktemp('pictures')
    Image.fromarray(data.coffee()).save(path / 'coffee.png')
    (path / 'more').mkdir()
    Image.fromarray(data.astronaut()).save(path / 'more' / 'astronaut.png')
    (path / 'notes.txt').write_text('not a picture')
    return str(path)


@pytest.fixture
def settings(folder):
    return training.Settings('vgg16', steps=4, classes=32, batch_size=8,
                             warm_up=2, folder=folder)


# ----------------------------------------------------------- pictures
def test_photographs_are_pictures_with_credits():
    photos = pictures.photographs()
    assert list(photos) == list(pictures.CREDITS)
    for photo in photos.values():
        assert photo.dtype == np.uint8 and photo.shape[2] == 3
        assert min(photo.shape[:2]) >= 300
        parts = pictures.training_part(photo), pictures.held_out_part(photo)
        np.testing.assert_array_equal(np.hstack(parts), photo)
        assert parts[1].shape[1] >= 75


def test_a_folder_is_read_to_its_depths(folder):
    found = pictures.training_pictures(folder)
    np.testing.assert_array_equal(found[0], data.coffee())
    np.testing.assert_array_equal(found[1], data.astronaut())
    assert len(found) == 2


def test_a_picture_that_cannot_be_read_is_told(tmp_path):
    Image.fromarray(data.coffee()).save(tmp_path / 'a.png')
    for name in 'b.png', '.c.png':    # what is hidden is not looked at
        (tmp_path / name).write_bytes(b'nothing')
    with pytest.warns(d2l_nst.NSTWarning, match='b.png is no picture'
                      ) as told:
        assert len(pictures.training_pictures(str(tmp_path))) == 1
    assert len(told) == 1


@pytest.mark.parametrize('name, message', [
    ('missing', 'no such folder'), ('empty', 'holds no picture')])
def test_folders_without_pictures(tmp_path, name, message):
    (tmp_path / 'empty').mkdir()
    with pytest.raises(d2l_nst.ImageError, match=message):
        pictures.training_pictures(str(tmp_path / name))


def test_pictures_made_by_code_are_seeded_and_varied():
    for make in (pictures.dead_leaves, pictures.fractal):
        one, same, other = (make(np.random.RandomState(seed), 128)
                            for seed in (1, 1, 2))
        np.testing.assert_array_equal(one, same)
        assert np.abs(one.astype(int) - other).mean() > 10
        assert one.dtype == np.uint8 and one.std() > 20


# -------------------------------------------------------------- crops
def test_classes_are_seeded_and_not_flat():
    photo = data.coffee()
    classes = crops.make_classes([photo], 40)
    assert classes.shape == (40, 3, crops.PATCH, crops.PATCH)
    np.testing.assert_array_equal(classes, crops.make_classes([photo], 40))
    edge = (crops.PATCH - crops.SIDE) // 2
    middle = classes[..., edge:-edge, edge:-edge] / 255
    assert (middle.std(axis=(2, 3)).max(axis=1)
            > crops.LEAST_DEVIATION).all()


@pytest.mark.parametrize('photos', [
    [], [np.full((99, 99, 3), 7, 'uint8')], [data.coffee()[:20, :20]]])
def test_too_little_to_see(photos):
    with pytest.raises(d2l_nst.ImageError, match='too few or too flat'):
        crops.make_classes(photos, 4)


def test_each_class_is_shown_once_an_epoch():
    shown = [crops.batch_classes(step, 32, 8, seed=3) for step in range(8)]
    first, second = np.hstack(shown[:4]), np.hstack(shown[4:])
    assert sorted(first) == sorted(second) == list(range(32))
    assert list(first) != list(second)
    np.testing.assert_array_equal(
        shown[5], crops.batch_classes(5, 32, 8, seed=3))


def test_a_crop_left_alone_is_the_middle_of_its_patch(monkeypatch):
    for name in ('TURN', 'SCALE', 'SHIFT', 'CONTRAST', 'BRIGHTNESS',
                 'NOISE'):
        monkeypatch.setattr(crops, name, 0)
    y, x = np.mgrid[:crops.PATCH, :crops.PATCH]
    patch = np.stack([x, y, x + y], axis=0)[None].astype('uint8')
    X = crops.draw_crops(nd.array(patch, dtype='uint8'), np.zeros(40),
                         np.random.RandomState(1)).asnumpy()
    X = X * crops.RGB_STD[:, None, None] + crops.RGB_MEAN[:, None, None]
    # corners map to corners: 31 steps of 0.4 * 79 / 31 pixels
    along = 39.5 + np.linspace(-15.8, 15.8, crops.SIDE)
    mirrored = [crop for crop in X if crop[0, 0, 0] > crop[0, 0, -1]]
    assert 5 < len(mirrored) < 35
    for crop in X:
        wanted = along if crop[0, 0, 0] < crop[0, 0, -1] else along[::-1]
        np.testing.assert_allclose(crop[0], np.tile(wanted, (32, 1)) / 255,
                                   atol=1e-4)
        np.testing.assert_allclose(crop[1], np.tile(along, (32, 1)).T / 255,
                                   atol=1e-4)


def test_crops_stay_within_their_patch():
    """However they are turned, scaled and shifted."""
    theta = crops.affine(4000, np.random.RandomState(1)).reshape(-1, 2, 3)
    corners = np.array([[-1, -1, 1], [1, -1, 1], [-1, 1, 1], [1, 1, 1]]).T
    assert np.abs(theta @ corners).max() < 1
    turned = np.rad2deg(np.arctan2(theta[:, 1, 0], theta[:, 0, 0]))
    assert 33 < np.abs((turned + 90) % 180 - 90).max() <= 34


def test_colours_are_kept():
    patch = np.zeros((1, 3, crops.PATCH, crops.PATCH), 'uint8')
    patch[0, 0] = 200
    X = crops.draw_crops(nd.array(patch, dtype='uint8'), np.zeros(50),
                         np.random.RandomState(1)).asnumpy()
    X = X * crops.RGB_STD[:, None, None] + crops.RGB_MEAN[:, None, None]
    red, green, blue = X.mean(axis=(2, 3)).T
    assert ((red - green > 0.6) & (np.abs(green - blue) < 0.1)).all()


# ------------------------------------------------------------ network
def test_cosines():
    head = network.Cosines(5, 3, scale=7)
    head.initialize()
    X = np.random.RandomState(1).normal(size=(4, 5))
    w = head.weight.data().asnumpy().astype(float)
    cosines = (X @ w.T / np.linalg.norm(X, axis=1)[:, None]
               / np.linalg.norm(w, axis=1))
    Y = head(mx.np.array(X, dtype='float32')).asnumpy()
    np.testing.assert_allclose(Y, 7 * cosines, rtol=1e-4)


def test_smoothed_loss():
    logits = np.random.RandomState(1).normal(size=(4, 5))
    labels = np.array([0, 3, 3, 1])
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    target = np.full((4, 5), 0.1 / 5) + 0.9 * np.eye(5)[labels]
    l = training.smoothed_loss(mx.np.array(logits, dtype='float32'),
                               mx.np.array(labels), 0.1)
    assert float(l) == pytest.approx(-(target * np.log(p)).sum(1).mean(),
                                     rel=1e-5)


def test_learning_rate():
    s = training.Settings(steps=100, warm_up=10, lr=0.5)
    rates = [training.learning_rate(step, s) for step in range(100)]
    assert rates[0] == pytest.approx(0.05)
    assert max(rates) == rates[9] == rates[10] == pytest.approx(0.5)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[55] == pytest.approx(0.25) and 0 < rates[-1] < 1e-3


@pytest.mark.parametrize('dtype, tolerance', [
    ('float32', 1e-4),
    pytest.param('bfloat16', 0.05, marks=pytest.mark.skipif(
        not has_bfloat16(), reason='a processor without'))])
def test_folding_keeps_the_features(dtype, tolerance):
    """Batch normalisation with random statistics against the plain VGG."""
    net = network.ExemplarNet('vgg16', 4, dtype)
    net.initialize()
    random = np.random.RandomState(1)
    for name, p in net.collect_params('.*(gamma|beta|mean|var)$').items():
        p.set_data(mx.np.array(random.uniform(0.5, 1.5, p.shape),
                               dtype='float32'))
    X = random.normal(size=(2, 3, 32, 32))
    Y = net.features(mx.np.array(X, dtype='float32')).asnumpy()
    arrays = network.fold(net)
    plain = d2l_nst.VGG('vgg16', 'relu4_3', 'average')
    plain.infer_shape(mx.np.zeros((1, 3, 32, 32)))
    d2l_nst.weights.fill(plain, Weights(arrays))
    Y_hat = plain(mx.np.array(X, dtype='float32')).asnumpy()
    assert Y.shape == (2, 512, 4, 4)
    assert np.abs(Y_hat - Y).max() < tolerance * Y.max()


def test_a_start_sees_what_the_trained_network_saw():
    """A VGG with random filters and biases: features times one number;
    VGG-16 takes what it has of a VGG-19."""
    random = np.random.RandomState(1)
    arrays = {}
    for source in ('vgg19', 'vgg16'):
        vgg = d2l_nst.get_net(source, ('relu4_3',), 'random')
        for layer in vgg:
            if hasattr(layer, 'bias'):
                layer.bias.set_data(mx.np.array(
                    random.normal(0, 0.3, layer.bias.shape)))
        arrays[source] = {
            f'{i}.{kind}': getattr(layer, kind).data().asnumpy()
            for i, layer in enumerate(vgg) if hasattr(layer, 'bias')
            for kind in ('weight', 'bias')}
    d2l_nst.weights.fill(vgg, Weights(arrays['vgg16']))
    X = random.normal(size=(4, 3, 32, 32))
    Y = vgg(mx.np.array(X, dtype='float32')).asnumpy()
    net = network.ExemplarNet('vgg16', 4)
    net.initialize()
    X = mx.np.array(X, dtype='float32')
    for source in ('vgg19', 'vgg16'):
        start.start_from(net, arrays[source], X)
    Y_hat = net.features(X).asnumpy()
    with pytest.raises(d2l_nst.WeightsError, match='no conv3_4'):
        start.start_from(network.ExemplarNet('vgg19', 4), arrays['vgg16'], X)
    np.testing.assert_allclose(Y_hat, Y / Y.max() * Y_hat.max(),
                               atol=1e-3 * Y_hat.max())


# ----------------------------------------------------------- training
def test_the_loss_falls(settings):
    settings = dataclasses.replace(settings, steps=20, batch_size=16)
    losses = []
    training.pretrain(settings,
                      on_step=lambda step: losses.append(step.total))
    assert len(losses) == 20
    assert np.mean(losses[-5:]) < 0.9 * np.mean(losses[:3])


def test_a_training_goes_on_as_if_never_ended(settings, tmp_path):
    whole, parts = [], []

    def until(last):
        def listen(step):
            parts.append(step.total)
            if step.iteration == last:
                raise KeyboardInterrupt
        return listen

    a = training.pretrain(settings, precision='float32',
                          on_step=lambda step: whole.append(step.total))
    checkpoint = str(tmp_path / 'a.checkpoint.npz')
    with pytest.raises(KeyboardInterrupt):
        training.pretrain(settings, checkpoint, 2, until(3), 'float32')
    del parts[2:]  # the third step was not kept
    b = training.pretrain(settings, checkpoint, 2, until(9), 'float32')
    np.testing.assert_array_equal(parts, whole)
    for name in a:
        np.testing.assert_array_equal(b[name], a[name])
    # one checkpoint is kept
    assert [p.name for p in tmp_path.iterdir()] == ['a.checkpoint.npz']


def test_a_checkpoint_of_other_settings(settings, tmp_path):
    path = str(tmp_path / 'c.npz')
    training.pretrain(settings, path, 4)
    with pytest.raises(d2l_nst.NSTError, match='another seed'):
        training.pretrain(dataclasses.replace(settings, seed=2), path)


@pytest.mark.parametrize('changes', [{'lr': 0}, {'lr': float('inf')},
                                     {'steps': 0}, {'batch_size': -1}])
def test_numbers_that_mean_nothing(settings, changes):
    with pytest.raises(d2l_nst.NSTError, match='is not possible'):
        training.pretrain(dataclasses.replace(settings, **changes))


def test_too_few_classes(settings):
    with pytest.raises(d2l_nst.NSTError, match='more classes'):
        training.pretrain(dataclasses.replace(settings, classes=7))


def test_divergence_is_told(settings):
    settings = dataclasses.replace(settings, lr=1e30, warm_up=0)
    with pytest.raises(d2l_nst.DivergedError, match='learning rate'):
        training.pretrain(settings)


def test_the_log_forgets_what_a_checkpoint_undid(tmp_path):
    path = str(tmp_path / 'log.csv')
    history = [[i, 0.5, 2 * i] for i in range(1, 101)]
    for steps in (70, 45, 100):
        job.write_log(path, history[:steps])
        rows = job.read_log(path)
        assert [int(row['step']) for row in rows] == list(
            range(20, steps + 1, 20))
    assert float(rows[2]['loss']) == pytest.approx(50.5)
    assert float(rows[2]['seconds']) == 120


# ------------------------------------------------------------ command
def test_the_command_makes_weights_that_load(folder, tmp_path, capsys):
    out = tmp_path / 'weights'
    code = cli.main(['pretrain', '-o', str(out), '--network', 'vgg16',
                     '--data', folder, '--steps', '2', '--classes', '16',
                     '--batch-size', '8'])
    assert code == 0
    [path] = out.glob('*.params')
    assert sorted(p.name for p in out.iterdir()) == sorted(
        [path.name, 'SHA256SUMS', 'vgg16.csv'])
    assert capsys.readouterr().out.splitlines()[-1].startswith(str(path))
    last = (out / 'vgg16.csv').read_text().splitlines()[-1]
    assert last.startswith(f'# {path.name} sha256 ')
    assert path.stem.split('-')[1] in last.split()[-1]
    net = d2l_nst.get_net('vgg16', ('relu4_3',), str(path))
    assert 0 < float(net(mx.np.ones((1, 3, 16, 16))).std()) < 1e3


def test_the_command_says_what_is_wrong(tmp_path, capsys):
    code = cli.main(['pretrain', '-o', str(tmp_path), '--data',
                     str(tmp_path / 'missing')])
    assert code == 1
    [line] = capsys.readouterr().err.splitlines()
    assert 'no such folder' in line


def test_the_keyboard_names_what_is_kept(tmp_path, monkeypatch, capsys):
    def interrupted(folder, settings, on_step):
        raise KeyboardInterrupt

    monkeypatch.setattr(job, 'make_features', interrupted)
    assert cli.main(['pretrain', '-o', str(tmp_path)]) == 130
    assert 'before there was anything' in capsys.readouterr().err
    (tmp_path / 'vgg19.checkpoint.npz').write_bytes(b'')
    assert cli.main(['pretrain', '-o', str(tmp_path)]) == 130
    assert 'it goes on from' in capsys.readouterr().err


# ---------------------------------------------------------- retrieval
def test_textures_are_pairs_of_one_place():
    first, second = retrieval.texture_pairs(12)
    assert len(first) == len(second) == 12
    for a, b in zip(first, second):
        assert a.shape == b.shape == (64, 64, 3)
        assert np.abs(a - b).mean() > 1                # not the same picture
        assert abs(np.log(b.mean() / a.mean())) < 0.7  # but of one place


def test_retrieval_finds_what_is_the_same(small_net):
    """Crops among themselves: all; among those of others: none."""
    first, _ = retrieval.texture_pairs(6)
    assert retrieval.retrieval(small_net, ['conv1_1', 'conv2_1'],
                               (first, first)) == [1, 1]
    assert retrieval.retrieval(small_net, ['conv1_1'],
                               (first, first[1:] + first[:1])) == [0]
