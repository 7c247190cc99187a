"""The drawings of img/ are what its code draws, and tell the truth."""
import importlib
import math
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

IMG = Path(__file__).resolve().parent.parent / 'img'
NAMES = ('method', 'vgg19', 'training', 'transformer', 'tree')


@pytest.fixture(scope='module')
def drawn(tmp_path_factory):
    """A folder with all drawings, drawn again."""
    folder = tmp_path_factory.mktemp('drawings')
    subprocess.run([sys.executable, str(IMG / 'drawings.py'), '--out',
                    str(folder)], check=True, stdout=subprocess.DEVNULL)
    return folder


@pytest.fixture
def vgg19(monkeypatch):
    monkeypatch.syspath_prepend(str(IMG))
    return importlib.import_module('vgg19')


def without_pictures(path):
    """The SVG's text but for its thumbnails, which follow `make demo`, while
    processors round differently, and for matplotlib's version."""
    return re.sub(r'base64,[^"]*|id="image[0-9a-f]+"|Matplotlib v[\d.]+', '',
                  path.read_text(encoding='utf-8'))


@pytest.mark.parametrize('name', NAMES)
def test_committed_drawing_is_what_the_code_draws(drawn, name):
    assert (without_pictures(drawn / f'{name}.svg')
            == without_pictures(IMG / f'{name}.svg')), 'run `make drawings`'


@pytest.mark.parametrize('name', NAMES)
def test_drawing_suits_light_and_dark_pages(name):
    text = (IMG / f'{name}.svg').read_text(encoding='utf-8')
    assert len(text) < 200_000
    root = ElementTree.fromstring(text)
    space = {'svg': 'http://www.w3.org/2000/svg'}
    assert 'fill: #ffffff' in root.find('.//svg:path', space).get('style')
    assert root.find('svg:title', space).text
    assert not root.findall('.//svg:text', space)      # outlines, no fonts
    assert 'dc:date' not in text


def test_method_holds_three_thumbnails():
    text = (IMG / 'method.svg').read_text(encoding='utf-8')
    assert text.count('data:image/jpeg;base64,') == 3
    assert 'data:image/png' not in text


def test_layers_are_those_of_gluon(vgg19):
    zoo = pytest.importorskip('mxnet.gluon.model_zoo.vision')
    kinds = [type(layer).__name__ for layer in zoo.vgg19().features]
    drawn = {index: name for _, index, name in vgg19.layers()}
    for index, kind in enumerate(kinds[:37]):
        expected = {'Conv2D': 'conv', 'MaxPool2D': 'pool'}.get(kind)
        assert drawn.get(index, '')[:4] == (expected or '')
    assert kinds[37:] == ['Dense', 'Dropout'] * 2


def test_tapped_layers_are_the_chapters(vgg19):
    names = {index: name for _, index, name in vgg19.layers()}
    assert [names[i] for i in vgg19.STYLES] == [
        'conv1_1', 'conv2_1', 'conv3_1', 'conv4_1', 'conv5_1']
    assert [names[i] for i in vgg19.CONTENTS] == ['conv4_4']
    assert vgg19.LAST == max(vgg19.STYLES + vgg19.CONTENTS)


def test_leaves_of_the_tree_are_recipes_and_link_to_notebooks(monkeypatch):
    monkeypatch.syspath_prepend(str(IMG))
    leaves = [leaf for _, _, twigs in importlib.import_module('tree').TREE
              .values() for twig in twigs.values() for leaf in twig]
    called = {name for _, names, _ in leaves for name in names.split(', ')}
    recipes = pytest.importorskip('d2l_nst').RECIPES
    beside = {name for name in recipes
              if name.startswith(('book-', 'gatys-'))}
    assert set(recipes) - beside <= called
    links = re.findall(r'xlink:href="(\.\./[^"]*)"',
                       (IMG / 'tree.svg').read_text(encoding='utf-8'))
    assert len(links) == 3 * len(leaves)
    assert all((IMG / link).exists() for link in links)


def test_transformer_has_the_parameters_of_the_network(monkeypatch):
    network = pytest.importorskip('d2l_nst.feedforward.transformer')
    monkeypatch.syspath_prepend(str(IMG))
    drawn = importlib.import_module('transformer')
    down, residual, up = drawn.counts()
    net = network.TransformerNet()

    def size(*owners):
        return sum(math.prod(p.shape) for owner in owners
                   for p in owner.collect_params().values())

    layers, blocks = [], []
    for part in net.body:
        (blocks if type(part).__name__ == 'Residual' else layers).append(
            size(part))
    layers.append(size(net.last) + math.prod(net.light.shape))
    assert layers == [*down, *up]
    assert blocks == [residual] * drawn.RESIDUALS
