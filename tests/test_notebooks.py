"""What `pytest --nbval` does not see: that the committed notebooks are
whole, and that the check of the chapter can fail."""

import glob
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NOTEBOOKS = sorted(glob.glob(os.path.join(ROOT, 'notebooks', '**',
                                          '*.ipynb'), recursive=True))
CHAPTER = '1-neural-style.ipynb'
sys.path.append(os.path.join(ROOT, 'tools'))
import shown  # noqa: E402


def load(path):
    with open(path, encoding='utf-8') as file:
        return json.load(file)


def code_cells(notebook):
    return [cell for cell in notebook['cells']
            if cell['cell_type'] == 'code']


@pytest.mark.parametrize('path', NOTEBOOKS, ids=os.path.basename)
def test_notebook_is_executed_from_top_to_bottom(path):
    cells = code_cells(load(path))
    counts = [cell['execution_count'] for cell in cells]
    assert counts == list(range(1, len(cells) + 1))
    assert not [output for cell in cells for output in cell['outputs']
                if output['output_type'] == 'error']
    assert any(cell['outputs'] for cell in cells)


@pytest.mark.parametrize('path', NOTEBOOKS, ids=os.path.basename)
def test_notebook_is_fit_to_be_committed(path):
    assert os.path.getsize(path) < 2e6
    with open(path, encoding='utf-8') as file:
        text = re.sub(r'"image/[^"]*": "[^"]*"', '', file.read())
    assert not re.search(r'/(home|root|Users|tmp|work)/', text)
    assert 'widget' not in text


@pytest.mark.parametrize('path', NOTEBOOKS, ids=os.path.basename)
def test_training_is_followed_by_a_check(path):
    """A cell whose output is passed over trains, shows numbers or shows a
    picture; the next but one at the latest is compared."""
    cells = code_cells(load(path))
    trains = [i for i, cell in enumerate(cells)
              if '.train(' in ''.join(cell['source'])]
    for i in trains:
        assert cells[i + 1]['outputs']
        assert not cells[i + 1]['metadata'].get('tags')


# ------------------------------------- pictures that changed since then
def test_pictures_are_those_that_the_notebooks_were_run_with():
    recorded = json.loads(shown.FILE.read_text(encoding='utf-8'))
    assert recorded == shown.shown(), (
        'a picture of img/ has changed since, or other ones are named: run '
        'the notebook again, look at it, then run tools/shown.py')


def test_a_changed_picture_is_noticed(tmp_path):
    for folder in ('img', 'notebooks'):
        (tmp_path / folder).mkdir()
    cells = [{'source': ['![](../img/a.svg)']},
             {'source': ["names = 'b', 'c'\n", "f'../img/{names[0]}.jpg'"]}]
    (tmp_path / 'notebooks' / '9-x.ipynb').write_text(
        json.dumps({'cells': cells}))
    for name in ('a.svg', 'b.jpg', 'd.jpg'):
        (tmp_path / 'img' / name).write_text(name)
    before = shown.shown(tmp_path)
    assert {name: list(pictures) for name, pictures in before.items()} == {
        '9-x.ipynb': ['a.svg', 'b.jpg']}
    (tmp_path / 'img' / 'd.jpg').write_text('new')
    assert shown.shown(tmp_path) == before
    (tmp_path / 'img' / 'b.jpg').write_text('new')
    assert shown.shown(tmp_path) != before


# ------------------------------------------------- the check can fail
@pytest.fixture
def copy(tmp_path):
    """The project with the chapter up to its losses, without training."""
    for folder in ('d2l_nst', 'img'):
        shutil.copytree(os.path.join(ROOT, folder), tmp_path / folder)
    for file in ('conftest.py', 'pyproject.toml'):
        shutil.copy(os.path.join(ROOT, file), tmp_path)
    notebook = load(os.path.join(ROOT, 'notebooks', CHAPTER))
    last = next(i for i, cell in enumerate(notebook['cells'])
                if 'np.ones((1, 64' in ''.join(cell['source']))
    notebook['cells'] = notebook['cells'][:last + 1]
    (tmp_path / 'notebooks').mkdir()
    with open(tmp_path / 'notebooks' / CHAPTER, 'w') as file:
        json.dump(notebook, file)
    return tmp_path


def check(folder):
    run = subprocess.run(
        [sys.executable, '-m', 'pytest', '--nbval', '-q', '-p',
         'no:cacheprovider', 'notebooks'], cwd=folder, text=True,
        env=dict(os.environ, PYTHONPATH=str(folder)), capture_output=True)
    return run.returncode, run.stdout


def test_the_check_passes_on_a_true_copy(copy):
    assert check(copy)[0] == 0


def test_the_check_sees_another_gram_matrix(copy):
    """The Gram matrix divided by H * W alone: the notebook must fail, in
    the cell that computes with it, not only where its code is shown."""
    path = copy / 'd2l_nst' / 'chapter.py'
    code = path.read_text()
    true = 'np.dot(X, X.T) / (num_channels * n)'
    assert code.count(true) == 1
    path.write_text(code.replace(true, 'np.dot(X, X.T) / n'))
    status, printed = check(copy)
    assert status == 1
    assert 'each entry is 1 / c: False' in printed
