"""The networks that come with the package: whole, and able to paint."""

import hashlib
import pathlib
import re

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
NAMES = ('autumn-oak', 'sea-wash')


@pytest.fixture(scope='module')
def coffee():
    """A photograph that no network was trained on, 128 x 128."""
    return images.resize(data.coffee()[:, 100:500], (128, 128))


def test_they_are_what_the_record_says():
    assert tuple(network.bundled()) == NAMES
    assert {path.name for path in FOLDER.iterdir()} - {'__pycache__'} == {
        '__init__.py', 'README.md', 'SHA256SUMS', 'decoders',
        *(name + '.params' for name in NAMES)}
    sums = dict(line.split()[::-1] for line in (
        FOLDER / 'SHA256SUMS').read_text().splitlines())
    assert set(sums) == {name + '.params' for name in NAMES}
    for name, sha256 in sums.items():
        content = (FOLDER / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == sha256
        assert 3.3e6 < len(content) < 3.4e6


def test_the_card_names_each_and_how_it_was_made():
    card = (FOLDER / 'README.md').read_text()
    for name in NAMES:
        assert re.search(f'd2l_nst train img/{name}.jpg .*-o .*{name}.params',
                         card.replace('\\\n', ''))
        assert (ROOT / 'img' / f'{name}.jpg').is_file()


@pytest.mark.parametrize('name', NAMES)
def test_one_pass_brings_the_style(numpy_semantics, coffee, name):
    """The style loss falls to less than half of the photograph's, the
    objective falls too; light and dark stay where they were."""
    run = training.Run(ROOT / 'img' / f'{name}.jpg', None,
                        Settings(size=128, tv_weight=0.2), None, 'local')
    run.get_ready()
    X = mx.np.array(coffee.transpose(2, 0, 1)[None], dtype='float32')
    Y = network.load_network(name)(X)
    before, after = ([float(l) for l in run.loss(A, X)] for A in (X, Y))
    assert after[2] < 0.5 * before[2]
    assert after[0] < before[0]
    grey = [A.mean(axis=(0, 1)).asnumpy().ravel() for A in (X, Y)]
    assert onp.corrcoef(*grey)[0, 1] > 0.5


@pytest.mark.parametrize('name', NAMES)
def test_each_paints_any_size(numpy_semantics, coffee, name):
    net = network.load_network(name)
    painted, = painting.paint_pictures(net, [coffee[:61, :90]])
    assert painted.shape == (61, 90, 3) and painted.std() > 20


def test_paint_by_name(tmp_path, capsys):
    photo, folder = tmp_path / 'photo.png', tmp_path / 'out'
    Image.fromarray(data.coffee()).resize((60, 40)).save(photo)
    paintings = []
    for name in NAMES:
        assert cli.main(['paint', '--net', name, str(photo), '-o',
                         str(folder / name)]) == 0
        paintings.append(images.read_image(folder / name / 'photo.png'))
    assert paintings[0].shape == (40, 60, 3)
    assert abs(paintings[0].astype(int) - paintings[1]).mean() > 10
    assert cli.main(['paint', '--net', 'nameless', str(photo), '-o',
                     str(folder)]) == 1
    assert f'({", ".join(NAMES)})' in capsys.readouterr().err


def test_one_to_begin_with(numpy_semantics):
    arrays = network.read_network(NAMES[0])
    net = network.new_network(start=arrays)
    loaded = network.load_network(NAMES[0])
    X = mx.np.ones((1, 3, 16, 20)) * 100
    assert abs(net(X) - loaded(X)).max() < 1e-2
    with pytest.raises(errors.WeightsError, match='autumn-oak, sea-wash'):
        network.read_network('nameless')
