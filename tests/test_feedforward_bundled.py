"""The network that comes with the package: whole, and able to paint."""

import hashlib
import pathlib

import mxnet as mx
import numpy as onp
import pytest
from PIL import Image
from skimage import data

from d2l_nst import cli, errors, images
from d2l_nst.feedforward import network, painting, training
from d2l_nst.feedforward.records import Settings

ROOT = pathlib.Path(__file__).parents[1]
FOLDER = ROOT / 'd2l_nst' / 'feedforward' / 'bundled'
NAME = 'nine-styles'
STYLES = ('autumn-oak', 'cubist-guitar', 'great-wave-woodcut', 'ink-wash',
          'mill-hatching', 'night-harbour', 'poppies-pointillist', 'sea-wash',
          'sunrise-glass')


@pytest.fixture(scope='module')
def coffee():
    """A photograph that no network was trained on, 128 x 128."""
    return images.resize(data.coffee()[:, 100:500], (128, 128))


@pytest.fixture(scope='module')
def net(numpy_semantics):
    return network.load_network(NAME)


def test_it_is_what_the_record_says(net):
    assert tuple(network.bundled()) == (NAME,)
    assert {path.name for path in FOLDER.iterdir()} - {'__pycache__'} == {
        '__init__.py', 'README.md', 'SHA256SUMS', 'decoders',
        NAME + '.params'}
    (sha256, name), = (line.split() for line in (
        FOLDER / 'SHA256SUMS').read_text().splitlines())
    content = (FOLDER / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == sha256
    assert 3.5e6 < len(content) < 3.6e6
    card = (FOLDER / 'README.md').read_text()
    assert tuple(net.settings['styles']) == STYLES
    for style in STYLES:
        assert f'`{style}`' in card
        assert (ROOT / 'img' / f'{style}.jpg').is_file()


def test_one_pass_brings_each_style(net, coffee):
    """The style loss falls to less than half of the photograph's, the
    objective falls too; light and dark stay where they were."""
    run = training.Run([ROOT / 'img' / f'{name}.jpg' for name in STYLES],
                       None, Settings(size=128, style_size=256), None)
    run.get_ready()
    X = mx.np.array(coffee.transpose(2, 0, 1)[None], dtype='float32')
    calm = mx.np.ones((1, 1, 128, 128))
    for name in STYLES:
        Y = net.choose([name]).painted(X)
        before, after = ([float(l) for l in run.loss(
            A, X, mx.np.array(net.chosen), calm)] for A in (X, Y))
        assert after[2] < 0.5 * before[2], name
        assert after[0] < before[0], name
        grey = [A.mean(axis=(0, 1)).asnumpy().ravel() for A in (X, Y)]
        assert onp.corrcoef(*grey)[0, 1] > 0.5, name


def test_it_paints_any_size(net, coffee):
    painted, = painting.paint_pictures(net.choose(['sea-wash']),
                                       [coffee[:61, :90]])
    assert painted.shape == (61, 90, 3) and painted.std() > 20


@pytest.mark.parametrize('style', STYLES)
def test_a_white_sheet_has_no_rim(net, style):
    sheet = onp.full((100, 150, 3), 255, 'uint8')
    painted = painting.paint_pictures(net.choose([style]), [sheet])[0]
    inside = painted[30:-30, 30:-30].mean(axis=(0, 1))
    assert abs(painted - inside).max() < 20


def test_paint_by_name(tmp_path, capsys):
    photo, folder = tmp_path / 'photo.png', tmp_path / 'out'
    Image.fromarray(data.coffee()).resize((60, 40)).save(photo)

    def paint(*options):
        folder = tmp_path / 'out' / str(len(paintings))
        code = cli.main(['paint', '--net', NAME, *options, str(photo), '-o',
                         str(folder)])
        if not code:
            paintings.append(images.read_image(folder / 'photo.png')
                             .astype(int))
        return code

    paintings = []
    for options in ('--style', 'sea-wash'), ('--style', 'ink-wash'), (
            '--style', 'sea-wash', '--style', 'ink-wash', '--style-weight',
            '1', '--style-weight', '0.0001'):
        assert paint(*options) == 0
    sea, ink, mixed = paintings
    assert sea.shape == (40, 60, 3)
    assert abs(sea - ink).mean() > 10 > 2 > abs(sea - mixed).max()
    for options, told in (
            ((), 'several styles: choose of autumn-oak, '),
            (('--style', 'van-gogh'), 'van-gogh is no style of this'),
            (('--style', 'sea-wash', '--transform', 'wct'), '--transform is'),
            (('--style-weight', '2'), '--style-weight is for --style')):
        assert paint(*options) == 1
        assert told in capsys.readouterr().err
    assert cli.main(['paint', '--net', 'nameless', str(photo), '-o',
                     str(folder)]) == 1
    assert f'({NAME})' in capsys.readouterr().err


def test_one_to_begin_with(net):
    """Its own styles keep their numbers, another one has the mean."""
    arrays = network.read_network(NAME, styles=['sea-wash', 'mine'])
    begun = network.new_network(start=arrays, styles=['sea-wash', 'mine'])
    X = mx.np.array(onp.random.RandomState(1).uniform(
        0, 255, (1, 3, 16, 20)), dtype='float32')
    assert abs(begun.choose(['sea-wash']).painted(X) - net.choose(
        ['sea-wash']).painted(X)).max() < 1e-2
    assert abs(begun.choose(['mine']).painted(X) - net.choose(
        STYLES).painted(X)).max() < 1e-2
    with pytest.raises(errors.WeightsError, match=f'one .{NAME}.'):
        network.read_network('nameless')
