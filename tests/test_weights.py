"""The network, its random filters, and files in Gluon's layout."""

import itertools
import pathlib
import subprocess
import sys

import mxnet as mx
import numpy as onp
import pytest
from mxnet import np, npx
from mxnet.gluon.model_zoo import vision

import d2l_nst
from d2l_nst import NSTError, WeightsError, cores, precision
from d2l_nst.checkpoint import parameters
from d2l_nst.weights import Weights, formats

CONTENTS, STYLES = [25], [0, 5, 10, 19, 28]  # the chapter's layers
NAMES = {25: 'conv4_4', 0: 'conv1_1', 5: 'conv2_1', 10: 'conv3_1',
         19: 'conv4_1', 28: 'conv5_1'}
LAST = ('conv5_1',)


@pytest.fixture(scope='module')
def X(numpy_semantics):
    return np.array(onp.random.RandomState(0).normal(0, 1, (1, 3, 48, 64)),
                    dtype='float32')


@pytest.fixture(scope='module')
def zoo():
    """Gluon's own VGG-19; its first 29 layers filled with numbers."""
    net = vision.vgg19(prefix='vgg0_')
    random = onp.random.RandomState(3)
    net.features[:29].initialize()
    net.features[:29](np.zeros((1, 3, 32, 32)))   # which tells the shapes
    for layer in net.features[:29]:
        if hasattr(layer, 'weight'):
            for p in (layer.weight, layer.bias):
                p.set_data(np.array(random.normal(0, 0.03, p.shape)))
    return net


@pytest.fixture(scope='module')
def outputs(zoo, X):
    """What each of the 29 layers makes of X."""
    Y = []
    for layer in zoo.features[:29]:
        Y.append(layer(Y[-1] if Y else X))
    npx.waitall()
    return Y


def small(weights='random', **kwargs):
    """A network like the fixture `small_net`."""
    return d2l_nst.get_net(layers=('conv2_1',), pooling='max',
                           weights=weights, **kwargs)


def values(net):
    return [p.data().asnumpy() for p in net.collect_params().values()]


def filled(network='vgg19'):
    """Two networks with the same numbers."""
    nets = d2l_nst.VGG(network), d2l_nst.VGG(network)
    for net in nets:
        net.infer_shape(np.zeros((1, 3, 32, 32)))
        net.initialize()
        for p in net.collect_params().values():
            p.set_data(np.full(p.shape, 0.5))
    return nets


def same(net, other):
    return all((a == b).all() for a, b in zip(values(net), values(other)))


# ---------------------------------------------------------- the network
def test_the_slice_is_gluons(zoo):
    net, _ = filled()
    assert len(net) == len(net.names) == 29
    assert net.names[-1] == 'conv5_1'
    for layer, theirs in zip(net, zoo.features):
        assert type(layer) is type(theirs)
    ours = parameters(net)
    theirs = parameters(zoo.features[:29])
    assert {name: p.shape for name, p in ours.items()} == {
        name: p.shape for name, p in theirs.items()}
    assert len(ours) == 26
    assert sum(p.data().size for p in ours.values()) == 12944960


@pytest.mark.parametrize('network, count', [
    ('vgg19', 12944960), ('vgg16', 9995072)])
def test_parameters_are_counted_and_frozen(network, count):
    net, _ = filled(network)
    parameters = net.collect_params().values()
    assert sum(p.data().size for p in parameters) == count
    assert {p.grad_req for p in parameters} == {'null'}


@pytest.mark.parametrize('network', ['vgg16', 'vgg19'])
def test_names_are_those_of_the_layers(network):
    names = d2l_nst.layer_names(network)
    features = getattr(vision, network)().features
    kinds = {'Conv2D': 'conv', 'Activation': 'relu', 'MaxPool2D': 'pool'}
    assert [name[:4] for name in names] == [
        kinds[type(layer).__name__] for layer in features[:len(names)]]
    assert names[0] == 'conv1_1' and names[-1] == 'pool5'
    assert len(set(names)) == len(names) == {'vgg16': 31,
                                             'vgg19': 37}[network]
    blocks = [int(name[4]) for name in names]
    assert blocks == sorted(blocks)


def test_indices_are_the_chapters(outputs, X, zoo, tmp_path):
    net = d2l_nst.VGG()
    d2l_nst.load_weights(net, save_as(zoo, tmp_path, 'features.'))
    for layers in ((CONTENTS, STYLES), ([NAMES[i] for i in CONTENTS],
                                        [NAMES[i] for i in STYLES])):
        contents, styles = d2l_nst.extract_features(X, net, *layers)
        for i, Y in zip(CONTENTS + STYLES, contents + styles):
            assert net.names[i] == NAMES[i]
            onp.testing.assert_allclose(Y.asnumpy(), outputs[i].asnumpy(),
                                        rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize('last, count', [
    ('conv1_1', 1), ('relu1_1', 2), ('pool2', 10), (25, 26), ('25', 26)])
def test_the_network_ends_behind_the_last_layer(last, count):
    assert len(d2l_nst.VGG('vgg19', last)) == count


@pytest.mark.parametrize('layer', ['conv3_9', 'conv', 'fc6', 37, -1, '', 0.5])
def test_unknown_layers_name_the_choices(layer):
    with pytest.raises(NSTError, match='vgg19 has no layer.*conv1_1.*pool5'):
        d2l_nst.get_net(layers=('conv1_1', layer))


def test_unknown_networks_name_the_choices():
    with pytest.raises(NSTError, match='vgg13.*vgg16, vgg19'):
        d2l_nst.get_net('vgg13')


def test_pooling_goes_with_the_weights(tmp_path):
    net = d2l_nst.get_net(layers=('pool1',), weights='bundled')
    assert type(net[4]).__name__ == 'AvgPool2D'
    net.save_parameters(str(tmp_path / 'a.params'))
    for pooling, kind in ((None, 'Max'), ('max', 'Max'), ('average', 'Avg')):
        net = d2l_nst.get_net('vgg19', ('pool1',), tmp_path / 'a.params',
                              pooling=pooling)
        assert type(net[4]).__name__ == kind + 'Pool2D'


def test_the_edge_is_repeated(X):
    """As NumPy pads; inside, nothing changes."""
    weights = Weights({
        name: p.data().asnumpy() for name, p in
        parameters(small()).items()})
    plain, edge = (d2l_nst.get_net(layers=('conv1_2',), weights=weights,
                                   padding=padding)
                   for padding in ('zeros', 'edge'))
    wide = np.array(onp.pad(X.asnumpy(), ((0, 0), (0, 0), (1, 1), (1, 1)),
                            'edge'))
    first, second = (d2l_nst.extract_features(
        A, net, (), ('conv1_1',))[1][0].asnumpy()
        for A, net in ((wide, plain), (X, edge)))
    onp.testing.assert_allclose(second, first[:, :, 1:-1, 1:-1], atol=1e-4)
    onp.testing.assert_allclose(edge(X)[:, :, 2:-2, 2:-2].asnumpy(),
                                plain(X)[:, :, 2:-2, 2:-2].asnumpy(),
                                atol=1e-4)


def test_a_flat_picture_has_flat_features():
    """No frame: the border sees what the middle sees."""
    net = d2l_nst.get_net(layers=('relu3_1',), weights='random',
                          padding='edge')
    Y = net(np.full((1, 3, 32, 48), 0.7))
    assert float(abs(Y - Y[:, :, :1, :1]).max()) < 1e-4


@pytest.mark.skipif(not cores.has_bfloat16(), reason='not this processor')
@pytest.mark.parametrize('padding', ['zeros', 'edge'])
def test_bfloat16_is_near(X, padding):
    exact, short = (d2l_nst.get_net(layers=('conv3_1',), weights='random',
                                    padding=padding, precision=precision)
                    for precision in ('float32', 'bfloat16'))
    difference = onp.abs((exact(X) - short(X)).asnumpy())
    assert 0 < difference.mean() < 0.02 * float(exact(X).std())


@pytest.mark.parametrize('pays', [True, False])
def test_precision_is_what_the_processor_can(monkeypatch, pays):
    monkeypatch.setattr(precision, 'bfloat16_pays', lambda: pays)
    monkeypatch.setattr(precision, 'has_bfloat16', lambda: False)
    assert precision.choose_precision('auto', mx.cpu()) == 'float32'
    with pytest.raises(NSTError, match='no instructions for bfloat16'):
        d2l_nst.get_net(layers=('conv1_1',), weights='random',
                        precision='bfloat16')
    monkeypatch.setattr(precision, 'has_bfloat16', lambda: True)
    assert precision.choose_precision('auto', mx.cpu()) == (
        'bfloat16' if pays else 'float32')
    assert precision.choose_precision('bfloat16', mx.cpu()) == 'bfloat16'
    assert precision.choose_precision('auto', mx.gpu()) == 'float32'
    assert precision.choose_precision('float32', mx.cpu()) == 'float32'


@pytest.mark.parametrize('seconds, faster', [
    ((9, 6), True), ((9, 9), False), ((6, 9), False)])
def test_a_busy_moment_decides_nothing(monkeypatch, seconds, faster):
    """Whichever precision is tried in it."""
    of = dict(zip(('float32', precision.BFLOAT16), seconds))
    monkeypatch.setattr(precision, 'convolutions', of.get)
    for busy in range(2 * precision.TIMES - 5):
        times = itertools.count()
        monkeypatch.setattr(
            precision.timeit, 'timeit', lambda each, number:
            each * (20 if busy <= next(times) < busy + 6 else 1))
        assert precision.is_faster() is faster


def test_the_faster_precision_is_chosen_once(monkeypatch, tmp_path):
    """What was found stays, whatever the machine has to do the next time."""
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'new'))
    for first in (True, False):
        precision.bfloat16_pays.cache_clear()
        monkeypatch.setattr(precision, 'is_faster', lambda: first)
        assert precision.bfloat16_pays() is True
    file, = (tmp_path / 'new' / 'd2l_nst').iterdir()
    file.write_text('damaged')
    precision.bfloat16_pays.cache_clear()
    assert precision.bfloat16_pays() is False
    precision.bfloat16_pays.cache_clear()


# ---------------------------------------------------------------- random
def test_random_weights_are_repeatable():
    first = small(seed=7)
    onp.random.seed(0)
    mx.random.seed(0)
    assert same(first, small(seed=7))
    for seed in (8, -7, 2 ** 40):
        other = small(seed=seed)
        assert not (values(other)[0] == values(first)[0]).any()


def test_random_weights_leave_other_randomness_alone():
    onp.random.seed(5)
    expected = onp.random.uniform()
    onp.random.seed(5)
    d2l_nst.get_net(layers=('conv1_1',), weights='random')
    assert onp.random.uniform() == expected


def test_random_features_are_alive(X):
    deviations = {}
    for network in ('vgg16', 'vgg19'):
        net, Y = d2l_nst.get_net(network, LAST, 'random'), X
        for layer, name in zip(net, net.names):
            Y = layer(Y)
            assert np.isfinite(Y).all(), name
            assert (Y.std(axis=(2, 3)) == 0).mean() < 0.1, name
            deviations[network, name] = float(Y.std())
            assert 0.01 < float(Y.std()) < 100, name
        for p in net.collect_params('.*bias').values():
            assert (p.data() == 0).all()
    assert deviations['vgg16', 'conv4_3'] == pytest.approx(
        deviations['vgg19', 'conv4_4'], rel=0.5)


@pytest.mark.parametrize('network', ['vgg16', 'vgg19'])
def test_random_filters_do_not_depend_on_the_cut(network):
    whole = d2l_nst.get_net(network, ('conv4_3',), 'random')
    for last in ('conv2_2', 'conv4_2'):
        cut = d2l_nst.get_net(network, (last,), 'random')
        assert len(values(cut)) < len(values(whole))
        assert same(cut, whole)


def test_random_weights_after_others(small_net, tmp_path):
    net = small(seed=2)
    assert not same(net, small_net)
    d2l_nst.load_weights(net, 'random', seed=1)
    assert same(net, small_net)


# ----------------------------------------------------------------- files
def save_as(zoo, folder, prefix, change=None, old=False):
    """A .params file of the 29 layers: named '0.weight' behind `prefix`,
    or 'vgg0_conv0_weight' where it is old. Returns the path."""
    arrays = {}
    for name, p in parameters(zoo.features[:29]).items():
        arrays[prefix + (p.name if old else name)] = p.data()
    path = str(folder / 'some.params')
    mx.npx.save(path, change(arrays) if change else arrays)
    return path


def test_gluon_names_its_parameters_so(zoo):
    names = parameters(zoo)
    assert {'features.0.weight', 'features.28.bias'} <= set(names)
    assert names['features.0.weight'].name == 'vgg0_conv0_weight'
    assert names['features.28.bias'].name == 'vgg0_conv12_bias'


@pytest.mark.parametrize('prefix, old', [
    ('features.', False), ('', False), ('', True), ('arg:', True)])
def test_layouts(zoo, outputs, X, tmp_path, prefix, old):
    path = save_as(zoo, tmp_path, prefix, old=old)
    net = d2l_nst.get_net(weights=path)
    assert {p.grad_req for p in net.collect_params().values()} == {'null'}
    onp.testing.assert_allclose(net(X).asnumpy(), outputs[-1].asnumpy(),
                                rtol=1e-5, atol=1e-6)


def test_the_networks_own_file(small_net, X, tmp_path):
    small_net.save_parameters(str(tmp_path / 'own.params'))
    net = small(weights=tmp_path / 'own.params')
    onp.testing.assert_array_equal(net(X).asnumpy(), small_net(X).asnumpy())


def test_a_file_of_classic_arrays(small_net, tmp_path):
    """Such as the model zoo's: written before MXNet had NumPy arrays."""
    arrays = parameters(small_net)
    with mx.util.np_array(False), mx.util.np_shape(False):
        mx.nd.save(str(tmp_path / 'a.params'), {
            'features.' + name: mx.nd.array(p.data().asnumpy())
            for name, p in arrays.items()})
    net = small(weights=tmp_path / 'a.params')
    assert same(net, small_net)


def test_reading_needs_no_numpy_semantics(small_net, tmp_path):
    path = tmp_path / 'a.params'
    small_net.save_parameters(str(path))
    with mx.util.np_array(False), mx.util.np_shape(False):
        arrays = formats.read_weights(path)
    for name, p in parameters(small_net).items():
        onp.testing.assert_array_equal(arrays[name], p.data().asnumpy())


def test_a_file_of_half_precision(small_net, tmp_path):
    mx.npx.save(str(tmp_path / 'a.params'), {
        name: p.data().astype('float16')
        for name, p in parameters(small_net).items()})
    net = small(weights=tmp_path / 'a.params')
    for a, b in zip(values(net), values(small_net)):
        assert a.dtype == 'float32'
        onp.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-7)


def test_a_longer_file_fills_a_shorter_network(zoo, X, outputs, tmp_path):
    def with_classifier(arrays):
        return dict(arrays, **{
            'features.37.weight': np.zeros((9, 9)), 'output.bias':
            np.zeros(9), 'classifier.0.weight': np.zeros((9, 9))})

    path = save_as(zoo, tmp_path, 'features.', with_classifier)
    net = d2l_nst.get_net(layers=('relu1_2',), weights=path)
    onp.testing.assert_allclose(net(X).asnumpy(), outputs[3].asnumpy(),
                                rtol=1e-5, atol=1e-6)


@pytest.fixture(scope='module')
def two(numpy_semantics):
    return filled()


def renamed(arrays):
    """The parameters of VGG-16, by their indices."""
    def index(name):
        return int(name.split('.')[1])

    places = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28]
    theirs = sorted({index(name) for name in arrays})
    return {name.replace(str(index(name)), str(places[
        theirs.index(index(name))])): array
        for name, array in arrays.items()}


def without(missing):
    return lambda arrays: {name: array for name, array in arrays.items()
                           if missing not in name}


@pytest.mark.parametrize('change, words', [
    (renamed, 'does not hold a vgg19 but a vgg16'),
    (without('19.weight'), 'conv4_1 needs a weight of shape .512, 256, 3, 3.'
     ', the file has nothing'),
    (without('28.bias'), 'conv5_1 needs a bias of shape .512,.'),
    (lambda arrays: {'a': np.zeros(3)}, 'conv1_1.*nothing'),
    (lambda arrays: dict(arrays, **{'features.0.weight': np.zeros(
        (64, 1, 3, 3))}), 'conv1_1 needs .*64, 3, 3, 3.*64, 1, 3, 3'),
    (lambda arrays: list(arrays.values()), 'conv1_1.*nothing')])
def test_a_file_that_does_not_fit(zoo, two, tmp_path, change, words):
    path = save_as(zoo, tmp_path, 'features.', change)
    net, before = two
    with pytest.raises(WeightsError, match=f'some.params.*{words}') as e:
        d2l_nst.load_weights(net, path)
    assert '\n' not in str(e.value)
    assert same(net, before)


def test_a_vgg16_file_for_vgg19_and_back(tmp_path):
    path = str(tmp_path / 'a.params')
    for network, other in (('vgg16', 'vgg19'), ('vgg19', 'vgg16')):
        filled(network)[0].save_parameters(path)
        with pytest.raises(WeightsError, match=f'does not hold a {other}'):
            d2l_nst.get_net(other, LAST, path)


@pytest.mark.parametrize('old', [False, True])
@pytest.mark.parametrize('network, other', [('vgg16', 'vgg19'),
                                            ('vgg19', 'vgg16'),
                                            ('vgg13', 'vgg16')])
def test_another_network_is_told_by_name(tmp_path, network, other, old):
    """Even where the layers needed would fit, as all of block 1 do."""
    net, arrays, convolutions = getattr(vision, network)(), {}, 0
    for i, layer in enumerate(net.features):
        if 'Conv' in type(layer).__name__:
            name = (f'vgg0_conv{convolutions}_' if old else f'features.{i}.')
            shape = layer.weight.shape[0], 3, 3, 3
            arrays[name + 'weight'] = np.zeros(shape)
            arrays[name + 'bias'] = np.zeros(shape[:1])
            convolutions += 1
    mx.npx.save(str(tmp_path / 'some.params'), arrays)
    with pytest.raises(WeightsError, match=f'does not hold a {other} but a '
                       f'{network}: choose that network'):
        d2l_nst.get_net(other, ('conv1_1',), tmp_path / 'some.params')


@pytest.mark.parametrize('damage', [
    lambda raw: raw[:-1], lambda raw: raw[:len(raw) // 2],
    lambda raw: raw[:40], lambda raw: b'', lambda raw: b'\0' * 999,
    lambda raw: b'a text that somebody wrote\n' * 99,
    lambda raw: b'<!DOCTYPE html><html><body>Not here</body></html>'])
def test_a_file_that_is_damaged(small_net, tmp_path, damage):
    path = tmp_path / 'some.params'
    small_net.save_parameters(str(path))
    path.write_bytes(damage(path.read_bytes()))
    net = small()
    with pytest.raises(WeightsError, match='some.params is no whole') as e:
        d2l_nst.load_weights(net, path)
    assert '\n' not in str(e.value)
    assert same(net, small_net)


@pytest.mark.parametrize('name', ['no.params', 'folder'])
def test_a_file_that_is_missing(small_net, tmp_path, name):
    (tmp_path / 'folder').mkdir()
    net = small()
    with pytest.raises(WeightsError, match="no such.*'random'.*'imagenet'"):
        d2l_nst.load_weights(net, tmp_path / name)
    assert same(net, small_net)


# ------------------------------------------------------------------ import
def test_the_import_brings_no_mxnet():
    """It takes seconds, and settings only ask for names."""
    code = ('import sys; from d2l_nst.weights import find_weights, reach, '
            'weights_help; weights_help(); reach("bundled", "vgg19"); '
            'assert "mxnet" not in sys.modules')
    subprocess.run([sys.executable, '-c', code], check=True,
                   cwd=pathlib.Path(__file__).parents[1])
