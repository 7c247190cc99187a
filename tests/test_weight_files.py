"""Files of other frameworks: the same features, and what is refused."""

import io
import os
import pickle
import pickletools
import struct
import zipfile

import mxnet as mx
import numpy as onp
import pytest
import writers
from mxnet import np
from PIL import Image
from scipy.io import loadmat, savemat

import d2l_nst
from d2l_nst import WeightsError, files
from d2l_nst.checkpoint import parameters
from d2l_nst.weights import formats, mat_file, published, torch_file
from d2l_nst.weights.params_file import read_params

LAYERS = ('conv2_1',)


@pytest.fixture(scope='module')
def net(numpy_semantics):
    """VGG-19 up to `conv2_1`, every number random."""
    net = d2l_nst.get_net(layers=LAYERS, weights='random', seed=3,
                          pooling='max')
    random = onp.random.RandomState(3)
    for p in net.collect_params('.*bias').values():
        p.set_data(np.array(random.normal(0, 1, p.shape), dtype='float32'))
    return net


@pytest.fixture(scope='module')
def arrays(net):
    return {name: p.data().asnumpy()
            for name, p in parameters(net).items()}


@pytest.fixture(scope='module')
def X(numpy_semantics):
    return np.array(onp.random.RandomState(0).normal(0, 1, (1, 3, 32, 40)),
                    dtype='float32')


def features(net, X):
    """Outputs of the layers, NumPy."""
    layers = ['conv1_1', 'relu1_2', 'conv2_1']
    return [Y.asnumpy() for Y in d2l_nst.extract_features(
        X, net, [], layers)[1]]


def agree(net, path, X, rtol=1e-5, inside=0):
    loaded = d2l_nst.get_net(layers=LAYERS, weights=path)
    for Y, Z in zip(features(loaded, X), features(net, X)):
        if inside:
            Y, Z = (A[:, :, inside:-inside, inside:-inside] for A in (Y, Z))
        onp.testing.assert_allclose(Y, Z, rtol, rtol * abs(Z).max())
    return loaded


# ---------------------------------------------------------------- reading
FILES = {
    'zip.pth': (writers.write_pth, {}),
    'zip.pt': (writers.write_pth, {'wrapper': 'rebuilt'}),
    'UPPER.PTH': (writers.write_pth, {}),
    'double.pth': (writers.write_pth, {'dtype': '<f8'}),
    'old.pth': (writers.write_old_pth, {}),
    'old-parameters.pth': (writers.write_old_pth, {'wrapper': 'new'}),
    'older-parameters.pth': (writers.write_old_pth, {'wrapper': 'old'}),
    'a.safetensors': (writers.write_safetensors, {}),
    'double.safetensors': (writers.write_safetensors, {'dtype': 'F64'})}


@pytest.mark.parametrize('name', FILES)
def test_a_file_gives_the_same_features(net, arrays, X, tmp_path, name):
    write, options = FILES[name]
    write(tmp_path / name, arrays, **options)
    loaded = agree(net, tmp_path / name, X)
    for p in loaded.collect_params().values():
        assert p.grad_req == 'null' and p.data().dtype == 'float32'


@pytest.mark.parametrize('write, dtype, rtol', [
    (writers.write_pth, '<f2', 2e-3), (writers.write_old_pth, '<f2', 2e-3),
    (writers.write_pth, 'bfloat16', 2e-2),
    (writers.write_safetensors, 'F16', 2e-3),
    (writers.write_safetensors, 'BF16', 2e-2)])
def test_half_precision(net, arrays, X, tmp_path, write, dtype, rtol):
    name = 'a.safetensors' if 'F' in dtype else 'a.pth'
    write(tmp_path / name, arrays, dtype)
    agree(net, tmp_path / name, X, rtol)


def test_bfloat16_is_exact():
    values = onp.array([0, 1, -2.5, 3.140625, 1e30, -1e-30], 'float32')
    numbers = onp.frombuffer(writers.raw(values, 'bfloat16'), '<u2')
    read = torch_file.floats(numbers, '<u2')
    onp.testing.assert_allclose(read, values, rtol=2 ** -8)
    onp.testing.assert_array_equal(read[:4], values[:4])


@pytest.mark.parametrize('old', [False, True])
def test_matconvnet(net, arrays, X, tmp_path, old):
    """Exact where both pad with the same; else inside, and near it at the
    border."""
    path = tmp_path / 'imagenet-vgg-verydeep-19.mat'
    writers.write_mat(path, arrays, net.names, old,
                      255 * onp.array(writers.MEAN))
    agree(net, path, X)
    writers.write_mat(path, arrays, net.names, old)
    loaded = agree(net, path, X, inside=6)
    first, wanted = (features(n, X)[0] for n in (loaded, net))
    difference = abs(onp.array(writers.MEAN) * 255 - (123.68, 116.779,
                                                      103.939))
    at_border = abs(first - wanted).max()
    assert 0 < at_border < (9 * abs(arrays['0.weight']).max() * (
        difference / 255 / writers.STD).sum())


def test_matconvnet_without_its_mean(net, arrays, X, tmp_path):
    writers.write_mat(tmp_path / 'a.mat', arrays, net.names, with_mean=False)
    agree(net, tmp_path / 'a.mat', X, inside=6)


@pytest.mark.parametrize('packed', [False, True])
def test_mat_files_are_read_as_by_scipy(net, arrays, tmp_path, packed):
    path = tmp_path / 'a.mat'
    writers.write_mat(path, arrays, net.names)
    extra = {'words': 'a word', 'other': onp.arange(6.).reshape(2, 3)}
    savemat(path, {**loadmat(path), **extra}, do_compression=packed)
    read = mat_file.read_mat(path, ('layers', 'words', 'other'))
    theirs = loadmat(path)
    assert read['words'] == 'a word' and set(read) == {'layers', *extra}
    onp.testing.assert_array_equal(read['other'], theirs['other'])
    cells = theirs['layers'].ravel()
    assert len(read['layers']) == len(cells)
    for (layer,), cell in zip(read['layers'], cells):
        assert layer['name'] == cell[0, 0]['name'].item()
        for mine, other in zip(layer.get('weights', ()), cell[0, 0][
                'weights'].ravel() if 'weights' in layer else ()):
            onp.testing.assert_array_equal(mine, other)


@pytest.mark.parametrize('shape_semantics', [False, True])
def test_params_files_are_read_as_by_mxnet(tmp_path, shape_semantics):
    """All types, an empty array, a scalar, and a list without names."""
    path = str(tmp_path / 'a.params')
    arrays = {kind: onp.arange(6).reshape(2, 3).astype(kind) for kind in (
        'float32', 'float64', 'float16', 'uint8', 'int32', 'int8', 'int64')}
    with mx.util.np_array(False), mx.util.np_shape(shape_semantics):
        arrays = {name: mx.nd.array(array, dtype=array.dtype)
                  for name, array in arrays.items()}
        if shape_semantics:
            arrays['empty'] = mx.nd.zeros((0, 3))
            arrays['scalar'] = mx.nd.ones(())
        mx.nd.save(path, arrays)
        read = read_params(path)
        assert list(read) == list(arrays)
        for name, array in arrays.items():
            assert read[name].dtype == array.dtype
            onp.testing.assert_array_equal(read[name], array.asnumpy())
        mx.nd.save(path, [arrays['float32']])
        assert list(read_params(path)) == ['0']


def test_params_files_of_the_first_versions(tmp_path):
    """As MXNet before 0.8 and before 1.0 wrote them; it still reads them."""
    for version, head in enumerate((
            struct.pack('<III', 2, 1, 3),
            struct.pack('<IIqq', 0xF993FAC8, 2, 1, 3))):
        path = str(tmp_path / f'{version}.params')
        numbers = onp.float32([[1, 2, 3]])
        with open(path, 'wb') as f:
            f.write(struct.pack('<QQQ', 0x112, 0, 1) + head
                    + struct.pack('<iii', 1, 0, 0) + numbers.tobytes()
                    + struct.pack('<QQ', 1, 1) + b'w')
        onp.testing.assert_array_equal(read_params(path)['w'], numbers)
        with mx.util.np_array(False), mx.util.np_shape(False):
            onp.testing.assert_array_equal(
                mx.nd.load(path)['w'].asnumpy(), numbers)


def test_filters_of_matconvnet_stand_upright(net, arrays, tmp_path):
    """A bar that lies down in the file answers to a bar that lies down."""
    bar = {name: onp.zeros_like(array) for name, array in arrays.items()}
    bar['0.weight'][0, :, 1, :] = 1
    writers.write_mat(tmp_path / 'a.mat', bar, net.names)
    weight = formats.read_weights(tmp_path / 'a.mat')['0.weight'][0]
    assert (abs(weight[:, 1]) > 0).all()
    assert not weight[:, 0].any() and not weight[:, 2].any()


def test_files_for_bgr(net, arrays, X, tmp_path, monkeypatch):
    """J. Johnson's: Caffe's numbers in torchvision's names, known by their
    hash under whatever name."""
    bgr = writers.unfolded(arrays, (123.68, 116.779, 103.939))
    bgr['0.weight'] = bgr['0.weight'][:, ::-1].copy()
    path = tmp_path / 'renamed.pth'
    writers.write_old_pth(path, bgr)
    monkeypatch.setattr(formats, 'BGR_HASHES', (
        files.sha256(path)[:8],))
    agree(net, path, X, inside=6)


def test_only_convolutions_are_read(net, arrays, X, tmp_path, monkeypatch):
    """The classifier, four fifths of the file, stays on the disk."""
    more = dict(arrays)
    more['36.running_mean'] = onp.zeros(7, 'float32')
    for name, write in (('a.pth', writers.write_pth),
                        ('b.pth', writers.write_old_pth),
                        ('a.safetensors', writers.write_safetensors)):
        write(tmp_path / name, more)
        assert set(formats.read_weights(tmp_path / name)) == {
            'features.' + key for key in arrays}
    read = []
    whole = zipfile.ZipFile.read
    monkeypatch.setattr(zipfile.ZipFile, 'read', lambda self, member: (
        read.append(member.filename), whole(self, member))[1])
    formats.read_weights(tmp_path / 'a.pth')
    assert len(read) == len(arrays)


def test_gluons_classifier_is_left_out(arrays, tmp_path):
    """It is in `features` too."""
    import mxnet as mx
    more = dict(arrays, **{'37.weight': onp.zeros((4, 9), 'float32'),
                           '37.bias': onp.zeros(4, 'float32')})
    mx.npx.save(str(tmp_path / 'a.params'), {
        'features.' + name: np.array(A) for name, A in more.items()})
    assert set(formats.read_weights(tmp_path / 'a.params')) == {
        'features.' + key for key in arrays}


def test_a_part_of_a_storage(arrays, tmp_path):
    """Two tensors in one storage, the second from some number on."""
    data = onp.arange(20, dtype='float32')
    one, two = data[:8].reshape(1, 2, 2, 2), data[8:20].reshape(1, 3, 2, 2)
    pickled = (b'\x80\x02}(' + writers.word('0.weight') + writers.tensor(
        '0', one, 'FloatStorage') + writers.word('2.weight')
        + writers.tensor('0', two, 'FloatStorage', start=8) + b'u.')
    # the first names 8 numbers of its storage, the second all 20
    pickled = pickled.replace(struct.pack('<i', 8) + b'tQ',
                              struct.pack('<i', 20) + b'tQ', 1)
    writers.write_pth(tmp_path / 'a.pth', {'x': data}, pickled=pickled)
    read = formats.read_weights(tmp_path / 'a.pth')
    onp.testing.assert_array_equal(read['0.weight'], one)
    onp.testing.assert_array_equal(read['2.weight'], two)


# ---------------------------------------------------------------- hostile
class Evil:
    """Makes a file when it is unpickled, if it is."""

    def __init__(self, path, protocol=2):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), 'w')


def reduce(module, name):
    return f'\x80\x02c{module}\n{name}\n'.encode() + b'(' + writers.word(
        'x') + b'tR.'


def hostile(trap):
    yield 'open', pickle.dumps(Evil(trap), 2)
    yield 'protocol 0', pickle.dumps(Evil(trap), 0)
    yield 'protocol 4', pickle.dumps(Evil(trap), 4)
    yield 'in a dictionary', pickle.dumps({'features.0.weight': Evil(trap)})
    yield 'inst', f"(S'touch {trap}'\nios\nsystem\n.".encode()
    yield 'behind a stop', pickle.dumps({}, 2)[:-1] + pickle.dumps(
        Evil(trap), 2)[2:]
    for module, name in (('os', 'system'), ('builtins', 'eval'),
                         ('torch', 'load'), ('torch.hub', 'load'),
                         ('collections', 'OrderedDict.fromkeys'),
                         ('d2l_nst.weights.torch_file', 'os.system'),
                         ('numpy', 'load'), ('x\ny', 'z')):
        yield f'{module} {name}', reduce(module, name)


NAMES = [name for name, _ in hostile('x')]


def expect_refusal(path, words):
    """One clear line, and the folder as it was; returns the message."""
    before = sorted(os.listdir(os.path.dirname(path)))
    with pytest.raises(WeightsError, match=words) as e:
        d2l_nst.get_net(layers=('conv1_1',), weights=str(path))
    message = str(e.value)
    assert message.count('\n') == 0 and len(message) < 300
    assert str(path) in message
    assert sorted(os.listdir(os.path.dirname(path))) == before
    return message


@pytest.mark.parametrize('name', NAMES)
def test_a_hostile_pickle_is_refused(arrays, tmp_path, name):
    trap = tmp_path / 'trap'
    pickled = dict(hostile(trap))[name]
    path = tmp_path / 'a.pth'
    for write in (writers.write_pth, writers.write_old_pth):
        write(path, arrays, pickled=pickled)
        expect_refusal(path, 'refused: it asks for|is no whole .pth file')
        assert not trap.exists()


def test_each_pickle_of_an_old_file_is_guarded(arrays, tmp_path):
    path, trap = tmp_path / 'a.pth', tmp_path / 'trap'
    writers.write_old_pth(path, arrays)
    raw, places = path.read_bytes(), []
    f = io.BytesIO(raw)
    for _ in range(5):
        start = f.tell()
        list(pickletools.genops(f))
        places.append((start, f.tell()))
    for start, end in places:
        path.write_bytes(raw[:start] + pickle.dumps(Evil(trap), 2)
                         + raw[end:])
        expect_refusal(path, r"it asks for '\w*io.open', which no file")
        assert not trap.exists()


def test_the_readers_own_parts_stay_as_they_are(arrays, tmp_path):
    """A pickle may set attributes of what it names."""
    for name in ('torch._utils\n_rebuild_tensor', 'torch\nFloatTensor',
                 'torch._utils\n_rebuild_parameter',
                 'collections\nOrderedDict'):
        for state in (b'}' + writers.word('a') + b'K\1s',
                      b'(N}' + writers.word('__doc__') + b'K\1st'):
            pickled = b'\x80\x02c' + name.encode() + b'\n' + state + b'b.'
            writers.write_pth(tmp_path / 'a.pth', arrays, pickled=pickled)
            expect_refusal(tmp_path / 'a.pth', 'is no whole')
    writers.write_pth(tmp_path / 'a.pth', arrays)
    assert len(formats.read_weights(tmp_path / 'a.pth')) == len(arrays)
    assert not hasattr(torch_file.Tensor, 'a')
    assert torch_file.Tensor.__doc__ != 1


@pytest.mark.parametrize('pickled', [
    b'\x80\x02Nr\xff\xff\xff\xff.', b'\x80\x04N\x94' * 9 + b'.',
    b'Np99999999999\n.', b'\x80\x02]q\x00h\x00a.', b'\x80\x02' + b'(' * 999,
    b'.', b'', b'\x80\x63.', b'\x80\x02K\x01.', b'\x80\x02}X\xff\xff\xff\xff'])
def test_pickles_that_are_none(arrays, tmp_path, pickled):
    writers.write_pth(tmp_path / 'a.pth', arrays, pickled=pickled + b' ')
    expect_refusal(tmp_path / 'a.pth', 'is no whole .pth')
    if pickled[-1:] == b'.':
        writers.write_old_pth(tmp_path / 'a.pth', arrays, pickled=pickled)
        expect_refusal(tmp_path / 'a.pth', 'is no whole .pth')


@pytest.mark.parametrize('change', [
    lambda raw: raw.replace(struct.pack('<i', 1728), struct.pack('<i', 1727)),
    lambda raw: raw.replace(writers.word('0') + writers.word('cpu'),
                            writers.word('77') + writers.word('cpu')),
    lambda raw: raw.replace(writers.word('storage'),
                            writers.word('strange')),
    lambda raw: raw.replace(writers.integers([64, 3, 3, 3]),
                            writers.integers([64, 3, 3, 4])),
    lambda raw: raw.replace(writers.integers([64, 3, 3, 3]),
                            writers.integers([-64, -3, 3, 3])),
    lambda raw: raw.replace(writers.integers([27, 9, 3, 1]),
                            writers.integers([9999, 9, 3, 1])),
    lambda raw: raw.replace(writers.integers([27, 9, 3, 1]),
                            writers.integers([0, 0, 0, 0]))])
def test_tensors_that_lie(arrays, tmp_path, change):
    for old in (False, True):
        pickled = writers.state_dict(arrays, old=old)
        assert change(pickled) != pickled
        write = writers.write_old_pth if old else writers.write_pth
        write(tmp_path / 'a.pth', arrays, pickled=change(pickled))
        if old and b'\xbf\x06' in change(pickled):
            continue  # there the count beside the numbers holds
        expect_refusal(tmp_path / 'a.pth', 'is no whole .pth')


# ---------------------------------------------------------------- damaged
DAMAGES = {
    'short': lambda raw: raw[:-1], 'half': lambda raw: raw[:len(raw) // 2],
    'beginning': lambda raw: raw[:100], 'empty': lambda raw: b'',
    'zeros': lambda raw: b'\0' * 999,
    'text': lambda raw: b'a text that somebody wrote\n' * 99,
    'page': lambda raw: b'\n<!DOCTYPE html><html><body>Gone</body></html>'}
WRITERS = {'zip.pth': writers.write_pth, 'old.pth': writers.write_old_pth,
           'a.safetensors': writers.write_safetensors,
           'a.mat': lambda path, arrays: writers.write_mat(
               path, arrays, d2l_nst.layer_names()[:6])}


@pytest.mark.parametrize('damage', DAMAGES)
@pytest.mark.parametrize('name', WRITERS)
def test_a_damaged_file(net, arrays, tmp_path, name, damage):
    path = tmp_path / name
    WRITERS[name](path, arrays)
    raw = path.read_bytes()
    path.write_bytes(DAMAGES[damage](raw))
    kind = name.rpartition('.')[2]
    message = expect_refusal(path, f'is no whole .{kind} file')
    assert ('web page' in message) == (damage == 'page')
    assert path.read_bytes() == DAMAGES[damage](raw)


@pytest.mark.parametrize('kind', ['PNG', 'JPEG', 'GIF', 'TIFF', 'WebP'])
@pytest.mark.parametrize('name', ['a.params', 'a.pth', 'a.safetensors',
                                  'a.mat', 'a.h5', 'a.whl', 'a.picture'])
def test_a_whole_file_of_another_kind(tmp_path, name, kind):
    """It is no damaged one."""
    Image.new('RGB', (30, 20)).save(tmp_path / name, kind)
    expect_refusal(tmp_path / name, f'is a {kind} picture.* and no .*: name '
                   'a file of weights')


@pytest.mark.parametrize('name, other, what', [
    ('a.pth', 'a.params', 'a ZIP archive'),
    ('a.mat', 'a.pth', 'a .mat file'), ('a.params', 'a.h5', 'a .params file')])
def test_weights_with_the_ending_of_others(arrays, tmp_path, name, other,
                                           what):
    if name == 'a.params':
        mx.npx.save(str(tmp_path / name), {'0.weight': np.zeros((2, 3, 3, 3))})
    else:
        WRITERS.get(name, writers.write_pth)(tmp_path / name, arrays)
    (tmp_path / name).rename(tmp_path / other)
    expect_refusal(tmp_path / other, f'is {what} and no .*: name a file of '
                   'weights, with the ending of its kind')


def test_a_flipped_number_in_a_zip_is_noticed(arrays, tmp_path):
    """By zip's own sums."""
    path = tmp_path / 'a.pth'
    writers.write_pth(path, arrays)
    raw = bytearray(path.read_bytes())
    place = raw.index(arrays['0.weight'].tobytes()[:40])
    raw[place + 20] ^= 1
    path.write_bytes(raw)
    expect_refusal(path, 'is no whole .pth file')


@pytest.mark.parametrize('header', [
    {'0.weight': {'dtype': 'F32', 'shape': [64, 3, 3, 3],
                  'data_offsets': [0, 10 ** 12]}},
    {'0.weight': {'dtype': 'F32', 'shape': [64, 3, 3, 3],
                  'data_offsets': [8, 0]}},
    {'0.weight': {'dtype': 'I8', 'shape': [4], 'data_offsets': [0, 4]}},
    {'0.weight': {'dtype': 'F32'}}, {'0.weight': None}, ['0.weight'], 7])
def test_headers_that_lie(tmp_path, header):
    import json
    header = json.dumps(header).encode()
    path = tmp_path / 'a.safetensors'
    path.write_bytes(struct.pack('<Q', len(header)) + header + bytes(99))
    expect_refusal(path, 'is no whole .safetensors file')
    path.write_bytes(struct.pack('<Q', 2 ** 63) + header + bytes(99))
    expect_refusal(path, 'is no whole .safetensors file')


def test_a_file_that_may_not_be_read(arrays, tmp_path):
    path = tmp_path / 'a.pth'
    writers.write_pth(path, arrays)
    path.chmod(0)
    if not os.access(path, os.R_OK):  # root may always
        expect_refusal(path, "can't be read")


# ------------------------------------------------------- another network
def tiny(network):
    """All convolutions of a network, one number a filter."""
    arrays = {}
    for i, name in enumerate(d2l_nst.layer_names(network)):
        if name.startswith('conv'):
            number = min(512, 32 * 2 ** int(name[4]))
            arrays[f'{i}.weight'] = onp.ones((number, 1, 1, 1), 'float32')
            arrays[f'{i}.bias'] = onp.ones(number, 'float32')
    return arrays


@pytest.mark.parametrize('network, other', [('vgg16', 'vgg19'),
                                            ('vgg19', 'vgg16')])
@pytest.mark.parametrize('name', WRITERS)
def test_another_network_is_told_by_name(tmp_path, name, network, other):
    path = tmp_path / name
    if name == 'a.mat':
        arrays = tiny(network)
        arrays['0.weight'] = onp.ones((64, 3, 3, 3), 'float32')
        writers.write_mat(path, arrays, d2l_nst.layer_names(network))
    else:
        WRITERS[name](path, tiny(network))
    with pytest.raises(WeightsError, match=f'does not hold a {other} but a '
                       f'{network}: choose that network'):
        d2l_nst.get_net(other, ('conv1_1',), path)


@pytest.mark.parametrize('name', WRITERS)
@pytest.mark.parametrize('missing', ['2.weight', '5.bias', '0.bias'])
def test_a_missing_layer(net, arrays, tmp_path, name, missing):
    if name == 'a.mat':
        missing = '5'
        names = list(d2l_nst.layer_names()[:6])
        names[5] = 'gone'
        writers.write_mat(tmp_path / name, arrays, names)
    else:
        WRITERS[name](tmp_path / name, {key: A for key, A in arrays.items()
                                        if key != missing})
    words = {'2': 'conv1_2 needs a weight', '5': 'conv2_1 needs a',
             '0': 'conv1_1 needs a bias'}[missing[0]]
    loaded = d2l_nst.get_net(layers=LAYERS)
    before = [p.data().asnumpy() for p in loaded.collect_params().values()]
    with pytest.raises(WeightsError, match=f'{words}.*has nothing'):
        d2l_nst.load_weights(loaded, tmp_path / name)
    for p, A in zip(loaded.collect_params().values(), before):
        onp.testing.assert_array_equal(p.data().asnumpy(), A)


# ---------------------------------------------------------------- hashes
def test_a_published_file_must_have_its_hash(arrays, tmp_path, monkeypatch):
    """Nothing of it is taken, and it stays where it is."""
    path = tmp_path / 'vgg19-dcbb9e9d.pth'
    writers.write_old_pth(path, arrays)
    expect_refusal(path, "not the whole of torchvision's .*sha256 begins with"
                   ' dcbb9e9d: get it again')
    monkeypatch.setitem(published.PUBLISHED, path.name, (
        files.sha256(path)[:8], 'torchvision'))
    d2l_nst.get_net(layers=LAYERS, weights=path)
    path = tmp_path / 'vgg19-ad2f660d.params'
    path.write_bytes(b'half')
    expect_refusal(path, "Gluon's file of this name, whose sha1 begins with "
                   'ad2f660d')


def test_published_names_carry_their_hash():
    for name, (digest, publisher) in published.PUBLISHED.items():
        assert publisher in ('torchvision', 'MatConvNet')
        assert not digest or f'-{digest}.pth' in name
