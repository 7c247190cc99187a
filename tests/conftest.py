"""What the tests share: NumPy semantics, small pictures, a small network."""

import pathlib
import sys

import d2l_nst  # before MXNet, which then uses all cores

import pytest
from mxnet import npx
from PIL import Image
from skimage import data

# `benchmarks/chapter.py` is an oracle of the tests too
sys.path.append(str(pathlib.Path(__file__).parents[1] / 'benchmarks'))


@pytest.fixture(scope='session', autouse=True)
def numpy_semantics():
    npx.set_np()


@pytest.fixture(scope='session')
def small_net(numpy_semantics):
    """VGG-19 up to `conv2_1`, random filters, the chapter's pooling."""
    return d2l_nst.get_net(layers=('conv2_1',), weights='random',
                           pooling='max')


@pytest.fixture
def pictures(tmp_path):
    """Two small files of different kinds, sizes and proportions: a PNG of
    90 x 60 (coffee, Rachel Michetti, CC0) and a GIF of 50 x 70 (astronaut,
    NASA, public domain)."""
    content, style = tmp_path / 'content.png', tmp_path / 'style.gif'
    Image.fromarray(data.coffee()).resize((90, 60)).save(content)
    Image.fromarray(data.astronaut()).resize((50, 70)).save(style)
    return content, style
