"""The README tells the truth: its code, its commands, its links."""

import os
import re
import subprocess
import sys

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


def test_make_targets_exist():
    with open(os.path.join(ROOT, 'Makefile'), encoding='utf-8') as file:
        targets = set(re.findall(r'^([a-z]+):', file.read(), re.M))
    named = set(re.findall(r'`make ([a-z]+)', README))
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


def test_options_exist():
    """Each --option of the README is one of some command."""
    def usage(*command):
        return subprocess.run(
            [sys.executable, '-W', 'ignore', '-m', *command, '--help'],
            cwd=ROOT, check=True, capture_output=True, text=True).stdout
    commands = re.findall(r'^    ([a-z]+) ', usage('d2l_nst'), re.M)
    assert len(commands) > 4
    usages = [usage('d2l_nst', command) for command in commands]
    usages.append(usage('d2l_nst.feedforward.launch'))
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
