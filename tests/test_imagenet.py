"""ImageNet weights: where they are looked for, fetched and kept.

All hosts are of this machine.
"""

import contextlib
import hashlib
import http.server
import io
import os
import shutil
import subprocess
import sys
import threading
import zipfile

import numpy as onp
import pytest
import writers
from mxnet import np, npx

import d2l_nst
from d2l_nst import WeightsError, cli
from d2l_nst.checkpoint import parameters
from d2l_nst.weights import Weights, formats, imagenet, published

LAYERS = ('conv1_1',)


class Host:
    """A host of weights on this machine: answers `status` and `body`, and
    before that with the statuses of `failures`."""

    status, body, promised, asked, failures = 200, b'', 0, (), ()

    def __init__(self):
        host = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                host.asked += self.path,
                status, *host.failures = (*host.failures, host.status)[:4]
                self.send_response(status)
                size = host.promised or len(host.body)
                self.send_header('Content-Length', str(size))
                self.end_headers()
                self.wfile.write(host.body)

            def log_message(self, *args):
                pass

        self.server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self.server.server_port}'
        threading.Thread(target=self.server.serve_forever, args=(0.02,),
                         daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """An own cache and an own MXNet home; no waiting."""
    monkeypatch.setenv('MXNET_HOME', str(tmp_path / 'home'))
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'cache'))
    monkeypatch.delenv('D2L_NST_WEIGHTS', raising=False)
    monkeypatch.setenv('NO_PROXY', '*')
    monkeypatch.setattr(imagenet.time, 'sleep', lambda seconds: None)
    monkeypatch.setenv('MXNET_GLUON_REPO', 'http://127.0.0.1:9')


@pytest.fixture
def host(monkeypatch):
    host = Host()
    monkeypatch.setenv('MXNET_GLUON_REPO', host.url)
    yield host
    host.stop()


@pytest.fixture
def cache(tmp_path):
    return tmp_path / 'cache' / 'd2l_nst'


@pytest.fixture
def models(tmp_path):
    (tmp_path / 'home' / 'models').mkdir(parents=True)
    return tmp_path / 'home' / 'models'


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """The zoo's file in small: its name, its bytes and the network."""
    net = d2l_nst.get_net(layers=LAYERS, weights='random', seed=9,
                          pooling='max')
    arrays = {'features.' + name: p.data()
              for name, p in parameters(net).items()}
    arrays['features.37.weight'] = np.zeros((300, 9))  # the classifier
    arrays['features.37.bias'] = np.zeros(300)
    path = tmp_path / 'zoo.params'
    npx.save(str(path), arrays)
    raw = path.read_bytes()
    path.unlink()
    sha1 = hashlib.sha1(raw).hexdigest()
    monkeypatch.setitem(published.zoo(), 'vgg19', sha1)
    return f'vgg19-{sha1[:8]}.params', raw, net


def zipped(name, raw):
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w', zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, raw)
    return file.getvalue()


def files(folder):
    return sorted(os.path.join(top, name) for top, folders, names in
                  os.walk(folder) for name in folders + names)


def numbers(net):
    return [p.data().asnumpy() for p in net.collect_params().values()]


def assert_imagenet_is(net):
    loaded = d2l_nst.get_net('vgg19', LAYERS, 'imagenet')
    for a, b in zip(numbers(loaded), numbers(net)):
        onp.testing.assert_array_equal(a, b)


# --------------------------------------------------------------- fetching
def test_imagenet_is_downloaded_once(host, trained, cache, tmp_path):
    """Only the convolutions stay, with an own hash and their source."""
    name, raw, net = trained
    host.body = zipped(name, raw)
    assert_imagenet_is(net)
    url = f'/gluon/models/{name[:-7]}.zip'
    assert host.asked == (url,)
    record, kept = sorted(os.listdir(cache))
    digest = hashlib.sha256((cache / kept).read_bytes()).hexdigest()
    assert kept == f'vgg19-imagenet-{digest[:8]}.params'
    assert (cache / record).read_text() == (
        f'# {host.url}{url}\n{digest}  {kept}\n')
    assert set(formats.read_weights(cache / kept)) == {
        'features.0.weight', 'features.0.bias'}
    assert (cache / kept).stat().st_size < len(raw) - 4 * 300 * 9
    assert not (tmp_path / 'home').exists()
    host.stop()
    assert_imagenet_is(net)
    assert len(host.asked) == 1


@pytest.mark.skipif(not shutil.which('sha256sum'), reason='not there')
def test_the_record_can_be_checked_by_others(host, trained, cache):
    host.body = zipped(*trained[:2])
    imagenet.fetch('vgg19')
    subprocess.run(['sha256sum', '--strict', '-c', 'SHA256SUMS'], cwd=cache,
                   check=True, stdout=subprocess.DEVNULL)


def test_downloading_is_silent(host, trained, capfd, caplog):
    host.body = zipped(*trained[:2])
    imagenet.fetch('vgg19')
    assert capfd.readouterr() == ('', '') and not caplog.records


def test_progress_is_shown_on_a_terminal(host, trained, monkeypatch, capsys):
    host.body = zipped(*trained[:2])
    monkeypatch.setattr(sys.stderr, 'isatty', lambda: True, raising=False)
    imagenet.fetch('vgg19')
    assert '100%' in capsys.readouterr().err


@pytest.mark.parametrize('failures, asked', [((500,), 2), ((503, 500), 3)])
def test_a_failing_host_is_asked_again(host, trained, failures, asked):
    host.body, host.failures = zipped(*trained[:2]), failures
    assert_imagenet_is(trained[2])
    assert len(host.asked) == asked


def corrupt(body):
    return body[:300] + b'\xff' * 200 + body[500:]


ANSWERS = {
    'not found': (1, '404', lambda name, raw: (404, b'nothing here')),
    'forbidden': (1, '403', lambda name, raw: (403, b'')),
    'failing': (3, '500', lambda name, raw: (500, b'')),
    'web page': (1, 'a web page came in place of vgg19',
                 lambda name, raw: (200, b'<!DOCTYPE html><html></html>')),
    'empty': (1, 'not a zip', lambda name, raw: (200, b'')),
    'other hash': (1, 'came with another sha1',
                   lambda name, raw: (200, zipped(name, raw[:-1] + b'?'))),
    'half': (1, 'came with another sha1',
             lambda name, raw: (200, zipped(name, raw[:len(raw) // 2]))),
    'other name': (1, 'there is no vgg19-',
                   lambda name, raw: (200, zipped('vgg19.params', raw))),
    'truncated': (1, 'not a zip',
                  lambda name, raw: (200, zipped(name, raw)[:-50])),
    'corrupt': (1, '', lambda name, raw: (200, corrupt(zipped(name, raw)))),
    'hangs up': (3, '',
                 lambda name, raw: (200, zipped(name, raw)[:500], 10 ** 6))}


@contextlib.contextmanager
def refused(name, url, folder):
    """Expect the error that names the cause and the ways out, and nothing
    left in `folder`, nor `folder`."""
    there = folder.exists()
    with pytest.raises(WeightsError) as e:
        yield e
    message = str(e.value)
    assert '\n' not in message and len(message) < 600
    for words in (
            "can't be had from", url, f'get {name} (Gluon) or vgg19-dcbb9e9d'
            '.pth (torchvision) or imagenet-vgg-verydeep-19.mat (MatConvNet)',
            'python -m d2l_nst weights import FILE', 'MXNET_GLUON_REPO',
            "'random'"):
        assert words in message
    assert folder.exists() == there and files(folder) == []


@pytest.mark.parametrize('there', [False, True])
@pytest.mark.parametrize('answer', ANSWERS)
def test_a_host_without_the_weights(host, trained, cache, answer, there):
    name, raw, _ = trained
    asked, words, body = ANSWERS[answer]
    host.status, host.body, *promised = body(name, raw)
    host.promised = sum(promised)
    if there:
        cache.mkdir(parents=True)
    with refused(name, host.url, cache) as e:
        d2l_nst.get_net('vgg19', LAYERS, 'imagenet')
    assert words in str(e.value)
    assert len(host.asked) == asked


def test_a_dead_host(host, trained, cache):
    host.stop()
    with refused(trained[0], host.url, cache):
        d2l_nst.get_net('vgg19', LAYERS, 'imagenet')


@pytest.mark.parametrize('url', ['no-url', 'http://', 'ftp://127.0.0.1'])
def test_a_host_that_is_none(trained, cache, monkeypatch, url):
    monkeypatch.setenv('MXNET_GLUON_REPO', url)
    with refused(trained[0], url.rstrip('/'), cache):
        d2l_nst.get_net('vgg19', LAYERS, 'imagenet')


def test_vgg16_names_its_own_files(cache):
    with pytest.raises(WeightsError, match=(
            r'get vgg16-e660d456.params \(Gluon\) or vgg16-397923af.pth '
            r'\(torchvision\) or imagenet-vgg-verydeep-16.mat')):
        d2l_nst.get_net('vgg16', LAYERS, 'imagenet')


def test_a_zip_that_climbs_out(host, trained, cache, tmp_path):
    """Only the one member is unpacked."""
    name, raw, net = trained
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w') as archive:
        archive.writestr('../../evil', 'x')
        archive.writestr(name, raw)
    host.body = file.getvalue()
    assert_imagenet_is(net)
    assert not [path for path in files(tmp_path) if 'evil' in path]


# ---------------------------------------------------------------- finding
def test_imagenet_by_hand(trained, models, cache):
    """The file in MXNet's folder stays; its convolutions are kept."""
    name, raw, net = trained
    (models / name).write_bytes(raw)
    assert_imagenet_is(net)
    assert (models / name).read_bytes() == raw
    (models / name).unlink()
    assert_imagenet_is(net)
    assert str(models / name) in (cache / 'SHA256SUMS').read_text()


def test_the_home_may_be_written_with_a_tilde(trained, models, monkeypatch):
    monkeypatch.setenv('HOME', str(models.parents[1]))
    monkeypatch.setenv('MXNET_HOME', '~/home')
    (models / trained[0]).write_bytes(trained[1])
    assert_imagenet_is(trained[2])


def test_a_damaged_file_is_downloaded_anew(host, trained, models, cache):
    """Be it MXNet's, which is left as it is, or the kept one."""
    name, raw, net = trained
    host.body = zipped(name, raw)
    (models / name).write_bytes(raw[:-1])
    assert_imagenet_is(net)
    assert (models / name).read_bytes() == raw[:-1]
    kept, = cache.glob('*.params')
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-1] + b'?')
    assert_imagenet_is(net)
    assert kept.read_bytes() == whole and len(host.asked) == 2


def test_a_failed_download_keeps_what_is_there(host, trained, cache):
    host.body = zipped(*trained[:2])
    imagenet.fetch('vgg19')
    before = {path: open(path, 'rb').read() for path in files(cache)}
    host.status = 404
    with pytest.raises(WeightsError):
        imagenet.fetch('vgg19')
    assert before == {path: open(path, 'rb').read() for path in files(cache)}


def test_a_cache_that_can_not_be_written(trained, models, cache):
    (models / trained[0]).write_bytes(trained[1])
    cache.parent.mkdir()
    cache.write_text('a file in its place')
    assert_imagenet_is(trained[2])
    with pytest.raises(WeightsError, match="can't be"):
        imagenet.fetch('vgg19')
    assert cache.read_text() == 'a file in its place'


@pytest.fixture(scope='module')
def small(numpy_semantics):
    """Networks of one layer."""
    return [d2l_nst.get_net(layers=LAYERS, weights='random', seed=seed,
                            pooling='max')
            for seed in range(4)]


def arrays_of(net):
    return {name: p.data().asnumpy()
            for name, p in parameters(net).items()}


def test_the_order_of_places(host, trained, models, cache, small, tmp_path,
                             monkeypatch):
    name, raw, of_host = trained
    host.body = zipped(name, raw)
    writers.write_safetensors(tmp_path / 'own.safetensors',
                              arrays_of(small[0]))
    monkeypatch.setenv('D2L_NST_WEIGHTS', str(tmp_path / 'own.safetensors'))
    imagenet.keep(Weights(arrays_of(small[1]), 'vgg19'), 'a test')
    monkeypatch.setitem(published.PUBLISHED, 'vgg19-dcbb9e9d.pth', ('', ''))
    writers.write_pth(models / 'vgg19-dcbb9e9d.pth', arrays_of(small[2]))
    assert_imagenet_is(small[0])
    writers.write_pth(tmp_path / 'named.pth', arrays_of(small[3]))
    loaded = d2l_nst.get_net('vgg19', LAYERS, tmp_path / 'named.pth')
    onp.testing.assert_array_equal(numbers(loaded)[0], numbers(small[3])[0])
    monkeypatch.delenv('D2L_NST_WEIGHTS')
    assert_imagenet_is(small[1])
    shutil.rmtree(cache)
    assert_imagenet_is(small[2])
    assert not cache.exists()  # one layer is not all of a network
    (models / 'vgg19-dcbb9e9d.pth').unlink()
    assert host.asked == ()
    assert_imagenet_is(of_host)
    assert len(host.asked) == 1


@pytest.mark.parametrize('place', ['D2L_NST_WEIGHTS', 'XDG_CACHE_HOME'])
def test_a_copied_folder(host, trained, cache, tmp_path, monkeypatch, place):
    host.body = zipped(*trained[:2])
    imagenet.fetch('vgg19')
    host.stop()
    os.rename(cache.parent, tmp_path / 'copy')
    with pytest.raises(WeightsError):
        imagenet.load_imagenet('vgg19')
    folder = tmp_path / 'copy'
    monkeypatch.setenv(place, str(folder if place[0] == 'X'
                                  else folder / 'd2l_nst'))
    assert_imagenet_is(trained[2])


def test_a_name_that_leads_nowhere(host, trained, models, tmp_path,
                                   monkeypatch):
    """Nothing else is taken in its place."""
    (models / trained[0]).write_bytes(trained[1])
    for name in ('no.pth', 'folder'):
        (tmp_path / 'folder').mkdir(exist_ok=True)
        monkeypatch.setenv('D2L_NST_WEIGHTS', str(tmp_path / name))
        with pytest.raises(WeightsError, match=f'D2L_NST_WEIGHTS names .*'
                           f'{name}, where there are no'):
            d2l_nst.get_net('vgg19', LAYERS, 'imagenet')
    (tmp_path / trained[0]).write_bytes(trained[1][:-1])
    monkeypatch.setenv('D2L_NST_WEIGHTS', str(tmp_path / trained[0]))
    with pytest.raises(WeightsError, match='not the whole of Gluon'):
        d2l_nst.get_net('vgg19', LAYERS, 'imagenet')
    assert host.asked == ()


# ------------------------------------------------------------ the command
@pytest.fixture
def command(capfd):
    def run(*args):
        code = cli.main(['weights', *map(str, args)])
        return code, *capfd.readouterr()

    return run


@pytest.fixture(scope='module')
def whole(numpy_semantics, tmp_path_factory):
    """A whole VGG-19 of one value a layer, which packs well."""
    net = d2l_nst.VGG('vgg19', 'pool5')
    net.infer_shape(np.zeros((1, 3, 32, 32)))
    return {f'{i}.{kind}': onp.full(getattr(layer, kind).shape, i, 'float32')
            for i, layer in enumerate(net) if hasattr(layer, 'weight')
            for kind in ('weight', 'bias')}


def test_nothing_there(command):
    code, out, err = command()
    assert (code, err) == (0, '')
    for network in ('vgg19', 'vgg16'):
        assert (f'{network} imagenet  not here: d2l-nst weights fetch '
                f'{network}, or d2l-nst weights import FILE\n') in out
    assert command('list') == (0, out, '')


def test_fetch_and_list(command, host, trained, cache):
    host.body = zipped(*trained[:2])
    code, out, err = command('fetch', 'vgg19')
    kept, = cache.glob('*.params')
    row = (f'vgg19 imagenet  {kept}, 0.0 MB, from {host.url}/gluon/models/'
           f'{trained[0][:-7]}.zip\n')
    assert (code, out, err) == (0, row, '')
    host.stop()
    assert command('fetch', 'vgg19') == (0, row, '')
    assert row in command()[1]


def test_fetching_in_vain(command, trained, cache):
    code, out, err = command('fetch', 'vgg19')
    assert (code, out) == (1, '') and err.count('\n') == 1
    assert "can't be had" in err and not cache.exists()


def test_a_cache_that_cannot_be_is_not_the_hosts_fault(command, host,
                                                       monkeypatch):
    monkeypatch.setenv('XDG_CACHE_HOME', '/dev/null/cache')
    code, _, err = command('fetch', 'vgg19')
    assert code == 1 and "can't be written" in err and host.url not in err


def test_import(command, whole, cache, tmp_path):
    """All from a file that may go afterwards."""
    path = tmp_path / 'some of mine.safetensors'
    writers.write_safetensors(path, whole)
    code, out, err = command('import', path)
    kept, = cache.glob('vgg19-imagenet-*.params')
    assert (code, out, err) == (
        0, f'vgg19 imagenet  {kept}, 80.1 MB, from {path}\n', '')
    path.unlink()
    assert out in command()[1]
    net = d2l_nst.get_net('vgg19', ('conv5_4',), 'imagenet')
    for i, layer in enumerate(net):
        if hasattr(layer, 'weight'):
            assert (layer.weight.data() == i).all()
    assert type(net[4]).__name__ == 'MaxPool2D'


@pytest.mark.parametrize('change, words', [
    (lambda arrays: arrays.pop('34.bias'), 'conv5_4 needs a bias'),
    (lambda arrays: arrays.update({'34.weight': arrays['32.weight'][:9]}),
     'conv5_4 needs a weight'),
    (lambda arrays: arrays.pop('16.weight'), 'vgg19: conv3_4 needs a weight'),
    (lambda arrays: [arrays.pop(name) for name in list(arrays)[4:]],
     'holds no whole VGG: bring a file of vgg19 or vgg16')])
def test_importing_what_does_not_fit(command, whole, cache, small, tmp_path,
                                     change, words):
    import re
    imagenet.keep(Weights(arrays_of(small[0]), 'vgg19'), 'a test')
    before = files(cache)
    arrays = {name: array if name in ('34.weight', '32.weight') else
              onp.zeros(array.shape, 'float16')
              for name, array in whole.items()}
    change(arrays)
    path = tmp_path / 'bad.safetensors'
    writers.write_safetensors(path, arrays, 'F16')
    code, out, err = command('import', path)
    assert (code, out) == (1, '') and err.count('\n') == 1
    assert re.search(words, err), err
    assert files(cache) == before
    assert_imagenet_is(small[0])


@pytest.mark.parametrize('args', [
    ('fetch',), ('fetch', 'vgg13'), ('import',), ('steal',),
    ('import', 'a', 'b')])
def test_wrong_usage(args, capsys):
    with pytest.raises(SystemExit) as e:
        cli.main(['weights', *args])
    assert e.value.code == 2
    assert capsys.readouterr().err.count('\n') == 1
