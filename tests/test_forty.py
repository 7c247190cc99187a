"""The sheets of forty pictures: img/forty.py."""
import importlib
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

IMG = Path(__file__).resolve().parent.parent / 'img'


@pytest.fixture
def forty(monkeypatch, tmp_path):
    """The module; its painters count, and stop at the seventh picture."""
    monkeypatch.syspath_prepend(str(IMG))
    module = importlib.import_module('forty')
    painted = []

    def paint(content, style, epochs):
        painted.append(style.stem)
        if len(painted) == 7:
            raise KeyboardInterrupt
        return np.full(content.shape, 255 * len(painted) // 100, 'uint8')

    monkeypatch.setattr(module, 'STYLES', ('autumn-oak', 'sea-wash'))
    monkeypatch.setattr(module, 'WAYS', {'quick': paint, 'one-pass': paint})
    module.painted, module.words = painted, [
        '--out', str(tmp_path), '--tiles', str(tmp_path / 'tiles')]
    yield module
    del sys.modules['forty']


def test_a_run_that_was_ended_goes_on_where_it_stopped(forty, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        forty.main(forty.words)
    assert not list(tmp_path.glob('*.jpg'))
    forty.main(forty.words)
    assert len(forty.painted) == 2 * 10 + 1        # one of them was ended
    sheets = sorted(tmp_path.glob('*.jpg'))
    assert [sheet.name for sheet in sheets] == ['forty-one-pass.jpg',
                                                'forty-quick.jpg']
    assert Image.open(sheets[0]).size == (6 * 276 - 6, 3 * 186 - 6)
    forty.main(forty.words)
    assert len(forty.painted) == 2 * 10 + 1


def test_another_recipe_paints_anew(forty):
    words = [*forty.words, '--styles', 'sea-wash', '--ways']
    forty.main([*words, 'one-pass'])
    forty.main([*words, 'one-pass', '--epochs', '3'])
    assert forty.painted == 5 * ['sea-wash']
    with pytest.raises(KeyboardInterrupt):
        forty.main([*words, 'quick'])
    forty.main([*words, 'quick', '--epochs', '3'])
    assert len(forty.painted) == 5 + 2 + 5


def test_committed_sheets_are_sound():
    for path in IMG.glob('forty-*.jpg'):
        assert path.stat().st_size < 1_200_000
        assert np.asarray(Image.open(path)).std() > 40


def test_other_decoders_paint_anew(forty, monkeypatch, tmp_path):
    words = [*forty.words, '--styles', 'sea-wash', '--ways', 'one-pass']
    forty.main(words)
    (tmp_path / 'other.params').write_bytes(b'trained anew')
    monkeypatch.setattr(forty, 'decoders',
                        lambda: [tmp_path / 'other.params'])
    with pytest.raises(KeyboardInterrupt):
        forty.main(words)
    assert len(forty.painted) == 5 + 2
