"""Writes what students get: `python tools/student.py [FOLDER]`.

The folder, build/student unless another is named, and FOLDER.zip hold the
notebooks without outputs and solutions, the package and its pictures. In the
notebooks `d2l_nst.check` stands where a check would tell the answer.

What a notebook's author keeps to:
- An exercise begins, in a cell of text, with '### Exercise 3: ' or '**3. '.
- Its check is the cell of code, beneath, that says 'not yet'. What is defined
  there stays, and what is to be filled in (`= ...`); everything else gives way
  to `d2l_nst.check`.
- A cell with the tag 'solution' is left out, and so are folded answers
  (<details>) and sentences with a link to solutions/.
- notebooks/solutions/answers.toml has the answers and the hints.
"""

import argparse
import ast
import builtins
import json
import pathlib
import re
import secrets
import shutil
import sys

import nbformat
from answers import FILE, ROOT, load

from d2l_nst import course
from d2l_nst.errors import CourseError

TITLE = re.compile(r'^(?:#+ Exercise |\*\*)(\d+)[.:]', re.M)
# Text that leads to the answers: folded, or a sentence with a link to them
TELLING = re.compile(r'<details>.*?</details>\n*|'
                     r'(?:(?<=[.!?:)]\s)|^)(?:[^.!?|]|\.(?=\w))*'
                     r'\]\(solutions/[^)]*\)[^.!?|]*[.!?] ?', re.S | re.M)
PARTS = ('d2l_nst', 'img', 'conftest.py', 'LICENSE', 'pyproject.toml',
         'requirements.txt', 'tools/env.sh', 'tools/hosted.py')
STAYING = ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom
README = """\
# Neural style transfer: exercises

`sh tools/env.sh` makes the environment `.venv` in about a minute, and
`.venv/bin/python -m jupyterlab notebooks/` opens the notebooks. On Colab or
Binder run `tools/hosted.py` first: it tells what it does.

Write your answers in place of `...` and run the cells from top to bottom. A
cell with `d2l_nst.check` tells whether you are right, and
`d2l_nst.hint("2.1")` gives the next of three hints. Hand in the notebooks,
saved, and beside them the pictures of your own that they read.
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('folder', nargs='?', type=pathlib.Path,
                        default=ROOT / 'build' / 'student')
    folder = parser.parse_args().folder
    try:
        left = write(folder)
    except CourseError as error:
        sys.exit(f'error: {error}')
    print(f'{folder} and {folder}.zip are for the students.')
    if left:
        print('Not in answers.toml, so their checks stay in the clear:',
              ', '.join(left))


def write(folder, notebooks=ROOT / 'notebooks', answers=FILE):
    """Write the folder and its zip; returns the exercises whose checks are
    not hidden. Raises `CourseError`, and then leaves what was there."""
    exercises = load(answers)
    made, left, hidden = {}, [], set()
    for path in sorted(notebooks.glob('*.ipynb')):
        made[path.name], checks = convert(path, exercises)
        hidden |= checks & set(exercises)
        left += sorted(checks - set(exercises))
    for number in set(exercises) - hidden:
        raise CourseError(f'answers.toml has exercise {number}, and no '
                          f'notebook in {notebooks} has a check of it.')
    if (folder.exists() and any(folder.iterdir())
            and not (folder / 'notebooks' / course.FILE).exists()):
        raise CourseError(f'{folder} holds something else, and would be '
                          'replaced: name another folder.')
    shutil.rmtree(folder, ignore_errors=True)
    for part in PARTS:
        copy(ROOT / part, folder / part)
    (folder / 'README.md').write_text(README, encoding='utf-8')
    (folder / 'notebooks').mkdir()
    for name, notebook in made.items():
        nbformat.write(notebook, folder / 'notebooks' / name)
    (folder / 'notebooks' / course.FILE).write_text(
        json.dumps(hashed(exercises), indent=1), encoding='utf-8')
    shutil.make_archive(folder, 'zip', folder)
    return left


def copy(source, target, *but):
    """Copy a file or a folder, `but` what is named so."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns(
                            '__pycache__', '.ipynb_checkpoints', 'out', *but))
    else:
        shutil.copy(source, target)


def hashed(exercises):
    """What students get of the answers: hashes, with a salt of this time."""
    salt = secrets.token_hex(16)
    return {'salt': salt, 'exercises': {
        number: {'hints': exercise.hints, 'answers': {
            name: {'kind': answer.kind, 'right': sorted(
                course.digest(key, salt, number + name)
                for key in answer.keys)}
            for name, answer in exercise.answers.items()}}
        for number, exercise in exercises.items()}}


def convert(path, exercises):
    """The students' version of a notebook, and the exercises that it has
    a check of."""
    notebook = nbformat.read(path, as_version=4)
    before, number, checks = names(notebook), None, set()
    notebook.cells = [cell for cell in notebook.cells
                      if 'solution' not in cell.metadata.get('tags', ())]
    for cell in notebook.cells:
        if cell.cell_type == 'markdown':
            number = (TITLE.findall(cell.source) or [number])[-1]
            cell.source = TELLING.sub('', cell.source)
            continue
        cell.outputs, cell.execution_count = [], None
        if "'not yet'" in cell.source and number:
            exercise = f'{path.name.split("-")[0]}.{number}'
            checks.add(exercise)
            if exercise in exercises:
                cell.source = hide(cell.source, exercise,
                                   exercises[exercise].answers)
    missing = names(notebook) - before
    if missing:
        raise CourseError(f'{path.name}: {", ".join(sorted(missing))} of a '
                          'check that is hidden is used later: make it in a '
                          'cell of its own.')
    return notebook, checks


def hide(source, exercise, answers):
    """A check that does not tell the answer, in place of one that does."""
    lines, kept = source.split('\n'), ''
    for node in ast.parse(source).body:
        if isinstance(node, STAYING) or is_blank(node):
            decorators = getattr(node, 'decorator_list', [])
            first = min(part.lineno for part in (node, *decorators))
            kept += '\n'.join(lines[first - 1:node.end_lineno]) + '\n\n'
    values = ',\n              '.join(answers)
    return (f"{kept}# d2l_nst.hint('{exercise}') gives a hint\n"
            f"d2l_nst.check('{exercise}', {values})")


def is_blank(node):
    """Whether it assigns something with ..., for the student to fill in."""
    parts = list(ast.walk(node))
    return isinstance(node, ast.Assign) and not any(
        isinstance(part, ast.Compare) for part in parts) and any(
        getattr(part, 'value', 0) is ... for part in parts)


def names(notebook):
    """The names that a notebook uses and nowhere makes."""
    used, made = set(), set(dir(builtins)) | {'display', 'get_ipython'}
    for cell in notebook.cells:
        if cell.cell_type != 'code':
            continue
        source = re.sub(r'^[%!].*', '', cell.source, flags=re.M)
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Name):
                (used if isinstance(node.ctx, ast.Load) else made).add(node.id)
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                made.add(node.name)
            elif isinstance(node, ast.arg):
                made.add(node.arg)
            elif isinstance(node, ast.alias):
                made.add((node.asname or node.name).split('.')[0])
            elif isinstance(node, ast.ExceptHandler) and node.name:
                made.add(node.name)
    return used - made


if __name__ == '__main__':
    main()
