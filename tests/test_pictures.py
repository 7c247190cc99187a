"""The pictures of img/: made by their command, again and again the same."""
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

IMG = Path(__file__).resolve().parent.parent / 'img'
SCALE = 0.25
# name: full size, and how far a small make's broad averages may be from it
PICTURES = {'mountain': ((1350, 900), 8),
            'autumn-oak': ((940, 1034), 18),
            'sea-wash': ((900, 702), 10),
            'poppies-pointillist': ((900, 720), 10),
            'canal-town': ((1350, 900), 10),
            'sunflowers': ((900, 1200), 10),
            'great-wave-woodcut': ((1200, 900), 10),
            'sunrise-glass': ((1200, 960), 10),
            'night-harbour': ((1200, 960), 10),
            'cubist-guitar': ((1200, 1200), 10),
            'ink-wash': ((1200, 1008), 10),
            'mill-hatching': ((1200, 936), 10)}
SLOW = {'mountain', 'autumn-oak', 'canal-town'}   # made once only


def command(*words):
    return subprocess.run([sys.executable, str(IMG / 'make.py'), *words],
                          capture_output=True, text=True)


@pytest.fixture(scope='module')
def small(tmp_path_factory):
    """A folder with all pictures, made small by the command."""
    out = tmp_path_factory.mktemp('img')
    done = command('all', '--scale', str(SCALE), '--out', str(out))
    assert done.returncode == 0, done.stderr
    return out


def coarse(path):
    """The picture averaged over 16 columns and 12 rows, float (12, 16, 3)."""
    return np.asarray(Image.open(path).resize((16, 12), Image.BOX), float)


@pytest.mark.parametrize('name', PICTURES)
def test_the_committed_picture_is_what_the_command_makes(small, name):
    path = small / f'{name}.jpg'
    size, allowed = PICTURES[name]
    assert np.allclose(Image.open(path).size, np.multiply(size, SCALE),
                       atol=1)
    made, kept = coarse(path), coarse(IMG / path.name)
    assert np.abs(made - kept).mean() < allowed
    assert np.corrcoef(made.ravel(), kept.ravel())[0, 1] > 0.93


def test_the_command_makes_the_same_picture_twice(small, tmp_path):
    names = PICTURES.keys() - SLOW
    done = command(*names, '--scale', str(SCALE), '--out', str(tmp_path))
    assert done.returncode == 0, done.stderr
    for name in names:
        assert ((small / f'{name}.jpg').read_bytes()
                == (tmp_path / f'{name}.jpg').read_bytes())


@pytest.mark.parametrize('name', PICTURES)
def test_committed_pictures_are_sound(name):
    path = IMG / f'{name}.jpg'
    picture = Image.open(path)
    assert picture.size == PICTURES[name][0]
    assert (picture.format, picture.mode) == ('JPEG', 'RGB')
    assert path.stat().st_size < 1_400_000
    assert np.asarray(picture).std() > 40


@pytest.mark.parametrize('name', PICTURES)
def test_the_readme_tells_how_each_was_made(name):
    text = (IMG / 'README.md').read_text()
    size = '{} x {}'.format(*PICTURES[name][0])
    row = next(line for line in text.splitlines() if f'{name}.jpg' in line)
    assert f'python img/make.py {name}`' in row
    assert size in row
    assert 'CC0 1.0' in text


@pytest.mark.parametrize('words', [
    ['nothing'], [], ['mountain', '--scale', '0'],
    ['mountain', '--scale', 'big']])
def test_a_wrong_command_is_refused(words, tmp_path):
    done = command(*words, '--out', str(tmp_path / 'new'))
    assert done.returncode == 2
    assert 'usage' in done.stderr and 'Traceback' not in done.stderr
    assert not (tmp_path / 'new').exists()
