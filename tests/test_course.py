"""What a teacher hands out and gets back: `check` and `hint`, and the tools
that write the students' notebooks and grade them."""

import argparse
import csv
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import d2l_nst
import nbformat
import numpy as onp
import psutil
import pytest
from mxnet import np
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / 'tools'))
import answers  # noqa: E402
import grade_pages  # noqa: E402
import grade_run  # noqa: E402
import student  # noqa: E402

ANSWERS = """
['7.1']
answers.goes = 'up'
answers."sizes['b']" = 4
hints = ['Look up.', 'Look far up.', 'It goes up.']
trained = true

['7.2']
answers.rate = {from = 0.02, to = 0.5}
answers.other = true
hints = ['one', 'two', 'three']
"""
CELLS = [
    new_markdown_cell('# A chapter\n\nChecks say so. Solutions are in\n'
                      '[solutions/7-a.ipynb](solutions/7-a.ipynb).\n\nMore.'),
    new_markdown_cell('### Exercise 1: up?'),
    new_code_cell("import d2l_nst\n\ngoes = ...  # 'up' or 'down'\n"
                  "sizes = {'b': ...}"),
    new_code_cell("def told(guess, truth):\n    return 'right' if guess == "
                  "truth else 'not yet'\n\n\nprint(told(goes, 'up'))"),
    new_markdown_cell('<details>It goes up.</details>\n\n**2. A rate.** Find'),
    new_code_cell('rate, other = 0.01, None'),
    new_code_cell("good = rate is not ... and 0.02 < rate < 0.5\n"
                  "print('right' if good else 'not yet')"),
    new_code_cell("print('a solution')", metadata={'tags': ['solution']})]


def notebook(cells=CELLS):
    made = new_notebook(cells=[cell.copy() for cell in cells])
    for cell in made.cells:
        if cell.cell_type == 'code':
            cell.outputs = [nbformat.v4.new_output('stream', text='up\n')]
    return made


@pytest.fixture(scope='module')
def built(tmp_path_factory):
    """A teacher's small course, and the folder that students get of it."""
    folder = tmp_path_factory.mktemp('teacher')
    (folder / 'answers.toml').write_text(ANSWERS)
    (folder / 'notebooks').mkdir()
    nbformat.write(notebook(), folder / 'notebooks' / '7-a.ipynb')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(student, 'PARTS', ('LICENSE',))
        assert student.write(folder / 'student', folder / 'notebooks',
                             folder / 'answers.toml') == []
    return folder


@pytest.fixture
def course(built, tmp_path, monkeypatch):
    """The students' folder, to spoil."""
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(student, 'PARTS', ('LICENSE',))
    monkeypatch.chdir(tmp_path / 'student' / 'notebooks')
    return tmp_path / 'student'


# ------------------------------------------------------- check and hint
def test_check_says_right_or_not_yet(course):
    assert d2l_nst.check('7.1', ' Up', 4) == 'goes: right\nsizes[\'b\']: right'
    assert 'goes: not yet\n' in d2l_nst.check('7.1', 'down', 4)
    assert repr(d2l_nst.check('7.2', 0.1, True)) == 'rate: right\nother: right'


@pytest.mark.parametrize('value', [4, 4.03, onp.float32(4), np.array(4.),
                                   onp.array([4])])
def test_numbers_of_any_library_are_right_to_a_percent(course, value):
    assert d2l_nst.check('7.1', 'up', value).endswith(': right')


@pytest.mark.parametrize('value', [
    4.1, 3.9, -4, 0, 0., float('nan'), float('inf'), 10 ** 400, '4', True,
    None, ..., [4], onp.ones(2), pytest.param(object(), id='object')],
    ids=repr)
def test_what_is_wrong_is_not_yet(course, value):
    assert "sizes['b']: not yet" in d2l_nst.check('7.1', 'up', value)


def test_what_is_missing_is_said(course):
    said = d2l_nst.check('7.1', ..., 'four')
    assert said.split('\n') == ['goes: not yet: fill it in',
                                "sizes['b']: not yet: a number is asked for"]


@pytest.mark.parametrize('rate, verdict', [
    (0.019, 'not yet'), (0.021, 'right'), (0.49, 'right'), (0.52, 'not yet')])
def test_any_number_between(course, rate, verdict):
    assert d2l_nst.check('7.2', rate, True).startswith(f'rate: {verdict}')


def test_hints_come_one_after_the_other(course):
    said = [d2l_nst.hint('7.1') for _ in range(4)]
    assert said == ['Hint 1 of 3: Look up.', 'Hint 2 of 3: Look far up.',
                    'Hint 3 of 3: It goes up.', 'Hint 3 of 3: It goes up.']


def test_one_clear_error(course):
    for call, said in (
            (lambda: d2l_nst.check('7.9', 1), "no exercise '7.9': there are "
             '7.1, 7.2'),
            (lambda: d2l_nst.check('7.1', 'up'), 'asks for 2 value'),
            (lambda: d2l_nst.hint('1'), "no exercise '1'")):
        with pytest.raises(d2l_nst.CourseError, match=said):
            call()
    for text in ('{', '[]', '{}', '{"exercises": {}, "salt": 1}'):
        pathlib.Path('checks.json').write_text(text)
        with pytest.raises(d2l_nst.CourseError, match="can't be read"):
            d2l_nst.check('7.1', 'up', 4)
    os.remove('checks.json')
    with pytest.raises(d2l_nst.CourseError, match='make student'):
        d2l_nst.hint('7.1')


# ------------------------------------------------- the students' folder
def test_students_get_no_answer(course):
    made = nbformat.read(course / 'notebooks' / '7-a.ipynb', 4)
    texts = [cell.source for cell in made.cells]
    assert texts[0] == '# A chapter\n\nChecks say so. \n\nMore.'
    assert texts[2] == CELLS[2].source
    assert texts[3].startswith('def told(')
    assert texts[3].endswith("\n\n# d2l_nst.hint('7.1') gives a hint\n"
                             "d2l_nst.check('7.1', goes,\n              "
                             "sizes['b'])")
    assert texts[4] == '**2. A rate.** Find'
    assert '< rate <' not in texts[6] and len(texts) == 7
    assert not any(cell.get('outputs') for cell in made.cells)
    checks = (course / 'notebooks' / 'checks.json').read_text()
    assert not {'up', '4', '0.02'} & set(json.loads(checks)['exercises'][
        '7.1']['answers']['goes']['right'])
    assert pathlib.Path(f'{course}.zip').exists()
    assert not list(course.rglob('answers.toml'))


def test_no_other_folder_is_replaced(course, tmp_path):
    with pytest.raises(d2l_nst.CourseError, match='something else'):
        student.write(tmp_path, tmp_path / 'notebooks',
                      tmp_path / 'answers.toml')
    assert (tmp_path / 'notebooks' / '7-a.ipynb').exists()


def test_each_time_other_hashes():
    exercises = answers.load()
    assert (student.hashed({'2.1': exercises['2.1']})
            != student.hashed({'2.1': exercises['2.1']}))


@pytest.mark.parametrize('text, said', [
    ('[', "can't be read"), ("['1.1']\nhints = ['a', 'b']", 'three hints'),
    (ANSWERS.replace("'up'", '{from = 1}'), 'answer goes of exercise 7.1'),
    (ANSWERS.replace('0.02', '-1'), 'of one sign'),
    (ANSWERS.replace('.other', '."not"'), 'an expression'),
    (ANSWERS.replace('7.2', '7.3'), 'exercise 7.3')])
def test_a_faulty_file_of_answers(course, tmp_path, text, said):
    (tmp_path / 'answers.toml').write_text(text)
    with pytest.raises(d2l_nst.CourseError, match=said):
        student.write(course, tmp_path / 'notebooks',
                      tmp_path / 'answers.toml')
    assert (course / 'notebooks' / '7-a.ipynb').exists()


def test_a_hidden_check_that_is_used_later(tmp_path, monkeypatch):
    cells = [*CELLS, new_code_cell('print(good)')]
    nbformat.write(notebook(cells), tmp_path / '7-a.ipynb')
    (tmp_path / 'answers.toml').write_text(ANSWERS)
    with pytest.raises(d2l_nst.CourseError, match='7-a.ipynb: good of a'):
        student.write(tmp_path / 'out', tmp_path, tmp_path / 'answers.toml')


def test_the_courses_own_notebooks():
    """Each answer of the teacher's file is asked for by a notebook."""
    exercises, found = answers.load(), set()
    for path in (ROOT / 'notebooks').glob('*.ipynb'):
        made, checks = student.convert(path, exercises)
        found |= checks
        assert 'solutions/' not in ''.join(c.source for c in made.cells)
    assert set(exercises) <= found


MINUTES = ('one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight',
           'nine')


@pytest.mark.parametrize('chapter', '023567')
def test_the_plan_has_the_minutes_that_the_notebooks_say(chapter):
    path, = (ROOT / 'notebooks').glob(f'{chapter}-*.ipynb')
    head = nbformat.read(path, 4).cells[0].source
    said = re.search(f'({"|".join(MINUTES)}) minutes', head)[1]
    plan = (ROOT / 'docs' / 'teaching.md').read_text(encoding='utf-8')
    assert re.search(rf'\b{chapter}: {MINUTES.index(said) + 1} minutes', plan)


# ---------------------------------------------------------------- grading
def handed_in(course, changes, extra=()):
    """A student's notebook, filled in."""
    made = nbformat.read(course / 'notebooks' / '7-a.ipynb', 4)
    for cell in made.cells:
        for old, new in changes.items():
            cell.source = cell.source.replace(old, new)
    made.cells += extra
    return made


RIGHT = {'goes = ...': "goes = 'up'", "{'b': ...}": "{'b': 4}",
         '0.01, None': '0.1, True'}


@pytest.fixture(scope='module')
def graded(built, tmp_path_factory):
    """The table of a class of seven, and the folder of its pages."""
    folder = tmp_path_factory.mktemp('class')
    course, hand = built / 'student', folder / 'handed-in'
    (hand / 'ada').mkdir(parents=True)
    (hand / 'ada' / 'mine.txt').write_text('up')
    for name, made in {
            'ada/7-a': handed_in(course, {
                **RIGHT, 'goes = ...': "goes = open('mine.txt').read()"}),
            'joe': handed_in(course, {
                **RIGHT, 'goes = ...': "import os\ngoes = 'down' if "
                "'D2L_NST_BUDGET' in os.environ else 'up'"}),
            '=eve': handed_in(course, {
                "d2l_nst.check('7.1'": "print('7.1'", 'goes = ...':
                "goes = 'down'; print('<script>', open('x', 'w'))"}),
            'fay': handed_in(course, RIGHT, [new_code_cell(
                'import os; os._exit(1)')]),
            'ivy': handed_in(course, {
                **RIGHT, "'up'": "bytearray(10 ** 10) and 'up'"}),
            'gus': handed_in(course, {**RIGHT, 'rate, other = 0.1, True':
                                      'while True: pass'})}.items():
        nbformat.write(made, hand / f'{name}.ipynb')
    (hand / 'hal.ipynb').write_text('{"no": "notebook"}')
    script = ('import sys; sys.path.insert(0, "tools"); import answers, '
              'grade; answers.load.__defaults__ = (sys.argv.pop(),); '
              'grade.main()')
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', script, str(hand), '-o',
         str(folder / 'grades'), '--cell-seconds', '8',
         str(built / 'answers.toml')], cwd=ROOT,
        env=dict(os.environ, PYTHONPATH=str(ROOT)), text=True,
        capture_output=True)
    assert done.returncode == 0, done.stderr
    with open(folder / 'grades' / 'points.csv', newline='') as file:
        rows = {row['student']: row for row in csv.DictReader(file)}
    return rows, folder / 'grades'


@pytest.mark.parametrize('name, points, remark', [
    ('ada', '4', ''), ("'=eve", '0', ''),
    ('fay', '4', 'ended before'), ('gus', '2', ''),
    ('ivy', '2', ''), ('joe', '4', ''), ('hal', '0', 'no notebook')])
def test_the_table_of_points(graded, name, points, remark):
    row = graded[0][name]
    assert row['points'] == points and remark in row['remarks']


def test_a_page_for_each_student(graded):
    _, folder = graded
    index = (folder / 'index.html').read_text()
    assert index.count('<tr>') == 9
    assert '<tr><td>right</td><td>8 of 12</td><td>8 of 12</td></tr>' in index
    page = (folder / 'ivy' / 'index.html').read_text()
    assert 'MemoryError' in page and '2 of 4 points' in page
    assert 'longer than' in (folder / 'gus' / 'index.html').read_text()
    assert '<script>' not in (folder / '=eve' / 'index.html').read_text()
    assert (folder / 'ada' / '7-a.ipynb').exists()
    assert '<li>' not in (folder / 'ada' / 'index.html').read_text()


def test_the_better_of_two_counts():
    one, two = (grade_pages.Graded('7.ipynb', {'7.1': {'goes': (value, right)}
                                               }) for value, right
                in (('down', False), ('up', True)))
    assert grade_pages.best([one, two]) == grade_pages.best([two, one])
    assert grade_pages.total(grade_pages.best([one, two])) == (1, 1)


def test_an_empty_folder_is_refused(tmp_path):
    done = subprocess.run([sys.executable, 'tools/grade.py', str(tmp_path)],
                          cwd=ROOT, env=dict(os.environ, PYTHONPATH=str(ROOT)),
                          capture_output=True, text=True)
    assert done.returncode == 1 and 'has no notebooks' in done.stderr


BUSY = sys.executable, '-c', 'while True: pass'


@pytest.mark.parametrize('words, seconds, patience, remark', [
    (('sleep', '2'), 1, 60, 0), (BUSY, 1, 60, '1 s of computing'),
    (('sh', '-c', f'"{BUSY[0]}" -c "{BUSY[2]}"'), 1, 60, 'of computing'),
    (('sleep', '60'), 60, 1, '1 s on the clock'), (('false',), 9, 9, '(1)')])
def test_time_is_that_of_the_processor(words, seconds, patience, remark):
    """A busy machine cuts nobody off."""
    others = grade_run.tree(os.getpid())
    process = subprocess.Popen(words)
    said = grade_run.wait(process, seconds, patience)
    grade_run.stop(others)
    assert remark in said if remark else not said
    assert process.wait() is not None


def test_a_cell_that_waits_is_not_one_that_computes(tmp_path):
    """And nothing that it began outlives its notebook."""
    path = tmp_path / 'notebooks' / '7-a.ipynb'
    path.parent.mkdir()
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in (
        "import subprocess, time\ntime.sleep(3)\nprint('in time')",
        f'subprocess.run({BUSY})',
        "left = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        "print(left.pid)")]), path)
    assert not grade_run.run(path, (), argparse.Namespace(
        seconds=60, cell_seconds=1, patience=60, gigabytes=6), '')
    waited, computed, left = nbformat.read(path, 4).cells
    assert waited.outputs[0].text == 'in time\n'
    assert computed.outputs[-1].ename == 'KeyboardInterrupt'
    assert not psutil.pid_exists(int(left.outputs[0].text))


# ------------------------------------------------- pytest --nbval notebooks/
def test_nbval_does_not_fail_a_student_who_is_right(tmp_path):
    """The notebook was committed with 'not yet'; a solution that says so
    fails."""
    made = notebook(CELLS[2:4])
    made.cells[0].outputs = []
    made.cells[1].outputs[0].text = 'not yet\n'
    made.cells[0].source = made.cells[0].source.replace('...  #', "'up'  #")
    for cell in made.cells:
        cell.execution_count = 1
    (tmp_path / 'solutions').mkdir()
    for folder in (tmp_path, tmp_path / 'solutions'):
        nbformat.write(made, folder / '7-a.ipynb')
    (tmp_path / 'conftest.py').write_text((ROOT / 'conftest.py').read_text())
    done = subprocess.run(
        [sys.executable, '-m', 'pytest', '--nbval', '--nbval-current-env',
         '-q', '-p', 'no:cacheprovider', str(tmp_path)], cwd=tmp_path,
        env=dict(os.environ, PYTHONPATH=str(ROOT)), text=True,
        capture_output=True)
    assert '1 failed, 3 passed' in done.stdout
    assert 'FAILED solutions' in done.stdout
