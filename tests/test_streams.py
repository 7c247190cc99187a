"""What the command says decides nothing: closed, full and narrow streams."""

import os
import pathlib
import subprocess
import sys
import time

import pytest
from PIL import Image
from skimage import data

import d2l_nst
from d2l_nst import cli
from d2l_nst.commands import bar

NAMES = {'plain': 'a.png', 'umlaut': 'ü.png', 'surrogate': 'x\udce9.png'}


@pytest.mark.parametrize('line, name, encoding', [
    ('{} 2>&-', 'plain', ''), ('{} >&-', 'plain', ''),
    ('{} >&- 2>&- <&-', 'plain', ''), ('{} >/dev/full', 'plain', ''),
    ('set -o pipefail; {} | true', 'plain', ''),
    ('{}', 'umlaut', 'ascii'), ('{}', 'surrogate', 'utf-8')])
def test_the_work_is_done_and_saved(tmp_path, line, name, encoding):
    Image.fromarray(data.coffee()).resize((30, 20)).save(
        tmp_path / 'photo.png')
    root = str(pathlib.Path(d2l_nst.__file__).parents[1])
    done = subprocess.run(
        ['bash', '-c', line.format('"$0" -m d2l_nst render strokes photo.png '
                                   '-o "$1"'), sys.executable, NAMES[name]],
        cwd=tmp_path, env=dict(os.environ, PYTHONPATH=root,
                               PYTHONIOENCODING=encoding),
        capture_output=True)
    assert (done.returncode, done.stderr) == (0, b'')
    assert Image.open(tmp_path / NAMES[name]).size == (30, 20)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [
        '.json', '.png', '.png']


def test_off_a_terminal_there_is_a_line_now_and_then(monkeypatch, capsys):
    monkeypatch.setattr(bar, 'EVERY', 0.1)
    with bar.make_bar(total=4, bar_format='{desc} |{bar}| '
                      '{percentage:3.0f}%{postfix}') as lines:
        for i in range(4):
            time.sleep(0.06)
            lines.set_description_str(f'epoch {i}', refresh=False)
            lines.set_postfix_str('style 0.5', refresh=False)
            lines.update()
    assert capsys.readouterr().err == (
        'epoch 1  50%, style 0.5\nepoch 3 100%, style 0.5\n')


def test_a_quick_job_has_no_lines(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(data.coffee()).resize((30, 20)).save('photo.png')
    assert cli.main(['render', 'regions', 'photo.png', '-o', 'a.png']) == 0
    assert capsys.readouterr().err == ''
