"""The bundled networks: saved, found, checked; and the balance they get."""

import hashlib
import json
import os
import pathlib
import shutil

import mxnet as mx
import numpy as onp
import pytest
from mxnet import np

import d2l_nst
from d2l_nst import WeightsError, cli
from d2l_nst.checkpoint import parameters
from d2l_nst.weights import bundled, random_filters, store
from d2l_nst.weights.bundled import bundled_file, save_bundled
from d2l_nst.pretraining import job, pictures, retrieval

ROOT = pathlib.Path(__file__).parents[1]


@pytest.fixture(scope='module')
def net(numpy_semantics):
    """VGG-19 up to `relu2_1`, biases too."""
    net = d2l_nst.get_net(layers=('relu2_1',), weights='random',
                          seed=5)
    random = onp.random.RandomState(5)
    for p in net.collect_params('.*bias').values():
        p.set_data(np.array(random.normal(0, 1, p.shape), dtype='float32'))
    return net


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the package is made to look for its networks."""
    monkeypatch.setattr(bundled, 'FOLDER', str(tmp_path / 'bundled'))
    return tmp_path / 'bundled'


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def numbers(net):
    return {name: p.data().asnumpy()
            for name, p in parameters(net).items()}


# ----------------------------------------------------------------- saving
def test_saved_and_loaded(net, folder):
    path, sha256 = save_bundled(net, folder, 'a test')
    assert hashlib.sha256(open(path, 'rb').read()).hexdigest() == sha256
    assert path == str(folder / f'vgg19-{sha256[:8]}.params')
    assert (folder / 'SHA256SUMS').read_text() == (
        f'# a test\n{sha256}  vgg19-{sha256[:8]}.params\n')
    loaded = d2l_nst.get_net(layers=('relu2_1',), weights='bundled')
    wanted = d2l_nst.get_net(layers=('relu2_1',), weights='random')
    for name, p in parameters(wanted).items():
        p.set_data(np.array(numbers(net)[name].astype('float16'),
                            dtype='float32'))
    random_filters.balance(wanted, **bundled.BALANCE)
    for name, array in numbers(loaded).items():
        assert array.dtype == 'float32'
        onp.testing.assert_allclose(array, numbers(wanted)[name], rtol=1e-5)
    assert type(loaded[4]).__name__ == 'AvgPool2D'
    assert {p.grad_req for p in loaded.collect_params().values()} == {'null'}


def test_the_file_has_gluons_names_and_half_precision(net, folder):
    arrays = mx.npx.load(save_bundled(net, folder)[0])
    about = arrays.pop('about')
    assert set(arrays) == {f'{i}.{kind}' for i in (0, 2, 5)
                           for kind in ('weight', 'bias')}
    assert json.loads(bytes(about.asnumpy()))['last'] == 'relu2_1'
    assert {str(array.dtype) for array in arrays.values()} == {'float16'}


def test_the_same_numbers_give_the_same_file(net, folder, tmp_path):
    first = save_bundled(net, folder)
    second = save_bundled(net, tmp_path / 'other')
    assert first[1] == second[1] and first[0] != second[0]
    assert save_bundled(net, folder) == first
    assert len(contents(folder)) == 2


def test_a_new_file_takes_the_place_of_the_old(net, folder):
    old = save_bundled(net, folder)[0]
    vgg16 = save_bundled(d2l_nst.get_net(
        'vgg16', ('conv1_1',), 'random'), folder)[0]
    (folder / 'card.md').write_text('kept')
    new = save_bundled(d2l_nst.get_net(
        layers=('conv1_1',), weights='random'), folder)[0]
    assert old != new
    assert set(contents(folder)) == {'SHA256SUMS', 'card.md', *map(
        os.path.basename, (new, vgg16))}
    assert bundled_file('vgg19') == new and bundled_file('vgg16') == vgg16


@pytest.mark.parametrize('fault', ['disk', 'record', 'not finite', 'large'])
def test_whole_or_not_at_all(net, folder, monkeypatch, fault):
    save_bundled(net, folder)
    before = contents(folder)
    other = d2l_nst.get_net(layers=('conv1_1',), weights='random')
    weight = other[0].weight.data()
    calls, replace = [], os.replace

    def fail(*args):
        calls.append(args)
        if fault == 'disk' or len(calls) == 2:
            raise OSError(28, 'No space left on device')
        replace(*args)

    if fault in ('disk', 'record'):
        monkeypatch.setattr(os, 'replace', fail)
    else:
        weight[0, 0, 0, 0] = onp.nan if fault == 'not finite' else 1e6
        other[0].weight.set_data(weight)
    with pytest.raises(WeightsError) as e:
        save_bundled(other, folder)
    assert '\n' not in str(e.value)
    assert ('No space left' if calls else '0.weight has numbers that are not '
            'finite in float16') in str(e.value)
    after = contents(folder)
    if fault == 'record':  # what was there is what counts
        assert len(after) == len(before) + 1
    assert {name: after[name] for name in before} == before


def test_nothing_is_left_of_a_folder_made_in_vain(net, tmp_path, monkeypatch):
    monkeypatch.setattr(os, 'replace', lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save_bundled(net, tmp_path / 'new')
    assert not (tmp_path / 'new').exists()


def test_the_size_of_a_whole_one(numpy_semantics, folder):
    """VGG-19 up to `relu5_2`, 15.3 million numbers."""
    net = d2l_nst.VGG('vgg19', 'relu5_2')
    net.infer_shape(np.zeros((1, 3, 32, 32)))
    net.initialize(mx.init.One())
    path, sha256 = save_bundled(net, folder)
    assert 30e6 < os.path.getsize(path) < 32e6 < bundled.LARGEST
    assert len(mx.npx.load(path)) == 28 + 1
    assert bundled_file('vgg19') == path


# ----------------------------------------------------------------- finding
def test_the_bundled_network_says_how_far_it_goes(net, folder):
    save_bundled(net, folder)
    for layer in ('conv1_2', 'relu2_1'):
        d2l_nst.get_net(layers=(layer,), weights='bundled')
    for layers in (('conv2_2',), ('conv1_1', 'relu4_1'), d2l_nst.vgg.
                   STYLE_LAYERS):
        with pytest.raises(WeightsError, match=(
                f'the bundled vgg19 ends with relu2_1, and {layers[-1]} is '
                "behind it: choose earlier layers, or .*'imagenet'")):
            d2l_nst.get_net(layers=layers, weights='bundled')


def test_none_is_bundled(folder):
    with pytest.raises(WeightsError, match='no vgg16 is bundled.*choose '
                       "'random', 'imagenet' or a file"):
        d2l_nst.get_net('vgg16', ('conv1_1',), 'bundled')


@pytest.mark.parametrize('damage', [
    lambda raw: raw[:-1], lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]),
    lambda raw: b''])
def test_a_damaged_one(net, folder, damage):
    path = pathlib.Path(save_bundled(net, folder)[0])
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(WeightsError, match='is damaged.*install .* again'):
        d2l_nst.get_net(layers=('conv1_1',), weights='bundled')


def test_an_unreadable_record(net, folder):
    save_bundled(net, folder)
    for record in (b'\xff\xfe', b'', b'no sums\n'):
        (folder / 'SHA256SUMS').write_bytes(record)
        with pytest.raises(WeightsError, match='no vgg19 is bundled'):
            bundled_file('vgg19')


def test_pooling_goes_with_a_file_that_was_trained_here(net, tmp_path):
    path = save_bundled(net, tmp_path)[0]
    shutil.copy(path, tmp_path / 'renamed.params')
    shutil.copy(bundled.FOLDER + '/vgg19-dcc68a49.params',
                tmp_path / 'copied.params')  # says nothing of itself
    for name, last in ((path, 'relu2_1'), ('renamed.params', 'relu2_1'),
                       ('copied.params', 'relu5_2')):
        loaded = d2l_nst.get_net(layers=('pool1',), weights=tmp_path / name)
        assert type(loaded[4]).__name__ == 'AvgPool2D'
        assert loaded.source.last == last
        assert loaded.source.balance == loaded_as('bundled').source.balance
    net.save_parameters(str(tmp_path / 'vgg19-01234567.params'))
    loaded = loaded_as(tmp_path / 'vgg19-01234567.params')
    assert type(loaded[4]).__name__ == 'MaxPool2D'


def loaded_as(weights):
    return d2l_nst.get_net(layers=('pool1',), weights=weights)


def test_the_command_lists_it(net, folder, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    monkeypatch.setenv('MXNET_HOME', str(tmp_path))
    path = save_bundled(net, folder)[0]
    assert cli.main(['weights']) == 0
    rows = capsys.readouterr().out.splitlines()
    assert rows[2] == (f'vgg19 bundled   {path}, 0.2 MB, from python -m '
                       'd2l_nst pretrain')
    assert rows[3].startswith('vgg16 bundled   no vgg16 is bundled')


# ------------------------------------------------------------ what is there
def test_what_is_bundled_is_whole_and_in_the_wheel():
    text = (ROOT / 'pyproject.toml').read_text()
    for pattern in ('*.params', '*.md', 'SHA256SUMS'):
        assert f"'{pattern}'" in text
    folder = ROOT / 'd2l_nst/weights/bundled'
    there = sorted(path.name for path in folder.glob('*.params'))
    listed = []
    for network, largest in (('vgg16', 16e6), ('vgg19', 32e6)):
        if store.find(bundled.FOLDER, network):
            path = bundled_file(network)
            assert os.path.getsize(path) < largest
            listed.append(os.path.basename(path))
    assert there == listed


# ---------------------------------------------------------------- balance
@pytest.mark.parametrize('network', ['vgg16', 'vgg19'])
def test_balance(network):
    """Of a network with biases: the layers reach what they shall, and
    apart from the scale of each layer see what they saw."""
    content = random_filters.CONTENT_LAYER[network]
    layers = ['conv1_1', 'conv1_2', 'conv2_1', 'conv3_1', 'conv4_1', content]
    net = d2l_nst.get_net(network, layers, 'random', seed=2)
    random = onp.random.RandomState(2)
    for p in net.collect_params().values():
        if p.name.endswith('bias'):
            p.set_data(np.array(random.normal(0, .3, p.shape), 'float32'))
        else:
            p.set_data(p.data() * random.uniform(0.5, 2))
    pictures = random_filters.reference_pictures(random, 64)
    X, Y = (np.array(A[None], dtype='float32') for A in pictures)
    before = d2l_nst.extract_features(X, net, [], layers)[1]
    npx_wait()
    random_filters.balance(net, pictures, (5, 6, 7, 8), 2)
    after = d2l_nst.extract_features(X, net, [], layers)[1]
    others = d2l_nst.extract_features(Y, net, [], layers)[1]
    for A, B in zip(before, after):
        A, B = A.asnumpy(), B.asnumpy()
        scale = (A * B).sum() / (A * A).sum()
        assert scale > 0
        onp.testing.assert_allclose(B, scale * A, atol=1e-4 * abs(B).max())
    for i, wanted in zip((0, 2, 3, 4), (5, 6, 7, 8)):
        grams = [gram(Z[i].asnumpy()[0].astype('float64'))
                 for Z in (after, others)]
        assert 1e3 * ((grams[0] - grams[1]) ** 2).mean() == pytest.approx(
            wanted, rel=1e-3)
    assert float(after[1].std()) == pytest.approx(1, rel=1e-4)
    assert float(after[5].std()) == pytest.approx(2, rel=1e-4)


def npx_wait():
    mx.nd.waitall()


def gram(Y):
    """(C, h, w) -> (C, C)"""
    Y = Y.reshape(len(Y), -1)
    return Y @ Y.T / Y.size


def test_a_balanced_network_stays_as_it_is():
    net = d2l_nst.get_net(layers=('conv3_1',), weights='random',
                          seed=1)
    before = numbers(net)
    random_filters.balance(net)  # its pictures are those of seed 1
    for name, array in numbers(net).items():
        onp.testing.assert_allclose(array, before[name], rtol=1e-4)


@pytest.mark.parametrize('value', [0, onp.nan, onp.inf])
def test_a_dead_layer_is_named(value):
    net = d2l_nst.get_net(layers=('conv1_2',), weights='random')
    net[2].weight.set_data(net[2].weight.data() * 0 + value)
    with pytest.raises(WeightsError, match='conv1_2 .*dead'):
        random_filters.balance(net)


# --------------------------------------------------- the networks themselves
@pytest.mark.parametrize('network, last, parameters, megabytes', [
    ('vgg19', 'relu5_2', 15_304_768, 32), ('vgg16', 'relu4_3', 7_635_264, 16)])
def test_no_channel_is_dead_or_explodes(network, last, parameters,
                                        megabytes):
    """Each channel answers to some of 272 crops, of the photographs and of
    two pictures made by code."""
    path = bundled_file(network)
    assert os.path.getsize(path) <= megabytes * 2 ** 20
    net = d2l_nst.get_net(network, (last,), 'bundled')
    assert sum(p.data().size for p in net.collect_params().values()
               ) == parameters
    random = onp.random.RandomState(1)
    imgs = [*pictures.photographs().values(), pictures.fractal(random, 256),
            pictures.dead_leaves(random, 256, 500)]
    X = np.concatenate([
        d2l_nst.preprocess(img[y:y + 48, x:x + 48], (32, 32)) for img in imgs
        for y in range(0, 240, 60) for x in range(0, 240, 60)])
    for name, layer in zip(net.names, net):
        X = layer(X)
        if name.startswith('relu'):
            largest = X.max(axis=(0, 2, 3)).asnumpy()
            assert (largest > 0).all(), name
            assert largest.max() < 200 * float(X.std()), name


@pytest.mark.parametrize('network', ['vgg16', 'vgg19'])
def test_the_log_is_of_the_file(network):
    """Its last line names the hash; the loss fell, the accuracy rose."""
    path = bundled_file(network)
    log = pathlib.Path(path).with_name(network + '.csv')
    sha256 = hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
    assert log.read_text().splitlines()[-1] == (
        f'# {os.path.basename(path)} sha256 {sha256}')
    rows = job.read_log(log)
    first, final = rows[0], rows[-1]
    assert float(final['loss']) < 0.5 * float(first['loss'])
    assert float(first['accuracy']) < 0.01 < 0.3 < float(final['accuracy'])


def test_textures_are_found_better_than_by_random_filters():
    """Nearest Gram matrix, from the third block on: see `benchmarks/
    features.py`, here with fewer textures."""
    layers, pairs = ['conv3_1', 'conv4_1'], retrieval.texture_pairs(32)
    random, trained = (retrieval.retrieval(
        d2l_nst.get_net(layers=layers, weights=weights), layers, pairs)
        for weights in ('random', 'bundled'))
    assert min(trained) > max(random) + 0.2
