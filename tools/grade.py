"""Runs the notebooks that students handed in, and gives points:
`python tools/grade.py FOLDER`.

FOLDER holds a folder for each student, with the pictures that are used, or
notebooks named after them. Each notebook runs by itself, in a temporary
folder, with limits on time and memory and without network where the machine
allows that. An answer is worth a point. It is the teacher's file that says
which values are asked for and right, not the calls of `d2l_nst.check` in the
notebook.
"""

import argparse
import ast
import json
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import nbformat
from answers import ROOT, load
from grade_pages import Graded, best, show, total
from grade_run import APART, lay_out, run
from student import hashed

from d2l_nst.course import key
from d2l_nst.errors import CourseError

# Of errors that say nothing themselves
WHY = {'KeyboardInterrupt': 'it took longer than a cell may',
       'MemoryError': 'it wanted more memory than there may be'}
PROBE = "__import__('d2l_nst.course').course.plain({})"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('folder', type=pathlib.Path)
    parser.add_argument('-o', '--output', type=pathlib.Path,
                        default=ROOT / 'build' / 'grades')
    parser.add_argument('--seconds', type=float, default=1200,
                        help='of computing, for a notebook (1200)')
    parser.add_argument('--cell-seconds', type=float, default=300,
                        help='of computing, for each of its cells (300)')
    parser.add_argument('--patience', type=float, default=6,
                        help='how many times as long both may take on the '
                        'clock, where the machine is busy (6)')
    parser.add_argument('--gigabytes', type=float, default=6,
                        help='of memory for a notebook (6)')
    parser.add_argument('--budget', default='3', metavar='EPOCHS',
                        help='of a training, as where notebooks are checked; '
                        '"" for those that they ask for (3). Where an '
                        'exercise that takes them all is right in part, the '
                        'notebook is run again with them all')
    options = parser.parse_args()
    for number in signal.SIGTERM, signal.SIGHUP:   # as Ctrl-C does
        signal.signal(number, signal.default_int_handler)
    try:
        grade(options)
    except KeyboardInterrupt:
        sys.exit('interrupted: the table has those that were run')
    except CourseError as error:
        sys.exit(f'error: {error}')


def grade(options):
    """Grade all, and bring table and pages up to date after each."""
    handed = find(options.folder)
    exercises, graded = load(), {}
    checks = json.dumps(hashed(exercises))
    apart = APART if subprocess.run(
        [*APART, 'true'], capture_output=True).returncode == 0 else ()
    if not apart:
        print('The notebooks run WITH the network: this machine does not let '
              'it be taken away (unshare).', file=sys.stderr)
    for i, (student, path) in enumerate(handed):
        result = one(path, exercises, checks, apart, options)
        graded.setdefault(student, []).append(result)
        show(graded, options.output)
        print(f'{i + 1}/{len(handed)} {student}, {path.name}: {result}',
              flush=True)
    print(f'The table is {options.output / "index.html"}, and points.csv.')


def find(folder):
    """[(student, notebook)] of a folder, by name."""
    found = [(path.relative_to(folder).with_suffix('').parts[0], path)
             for path in sorted(folder.rglob('*.ipynb'))
             if '.ipynb_checkpoints' not in path.parts]
    if not found:
        raise CourseError(f'{folder} has no notebooks: name the folder with '
                          'those that were handed in, FOLDER=handed-in/')
    return found


def one(path, exercises, checks, apart, options):
    """A notebook's `Graded`; never raises, whatever the notebook is."""
    started, results = time.monotonic(), []
    try:
        notebook = nbformat.read(path, as_version=4)
        chapters = asked(notebook, path, exercises)
    except CourseError as error:
        return Graded(path.name, remark=str(error))
    except Exception as error:   # nbformat's are many
        return Graded(path.name, remark='It is no notebook: '
                      + str(error).split('\n')[0][:200])
    for budget in dict.fromkeys((options.budget, '')):
        folder = pathlib.Path(tempfile.mkdtemp())
        try:
            work = lay_out(folder, path, notebook, checks, options.folder)
            remark = run(work, apart, options, budget)
            ran = nbformat.read(work, as_version=4)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        found = points(ran, chapters)
        results.append(Graded(path.name, found, faults(ran), remark,
                              time.monotonic() - started, ran))
        if not any(chapters[number].trained and in_part(answers)
                   for number, answers in found.items()):
            break
    return results[-1]._replace(points=best(results))


def in_part(answers):
    """Whether some answers to an exercise are right, and some are not."""
    gained, all_points = total({0: answers})
    return 0 < gained < all_points


def asked(notebook, path, exercises):
    """Put a cell behind each check, or at the end, which shows an answer.
    Returns the exercises of this chapter."""
    sources = [cell.source if cell.cell_type == 'code' else ''
               for cell in notebook.cells]
    chapter = next((number.split('.')[0] for number in exercises if any(
        call(number) in source for source in sources)),
        re.split(r'\D', path.name)[0])
    chapters = {number: exercise for number, exercise in exercises.items()
                if number.split('.')[0] == chapter}
    if not chapters:
        raise CourseError('It has no check of a known exercise.')
    cells = [[cell] for cell in notebook.cells]
    for number, exercise in chapters.items():
        at = max([i for i, source in enumerate(sources)
                  if call(number) in source], default=len(cells) - 1)
        cells[at] += [nbformat.v4.new_code_cell(
            PROBE.format(name), metadata={'asks': [number, name]})
            for name in exercise.answers]
    notebook.cells = sum(cells, [])
    for cell in notebook.cells:
        if cell.cell_type == 'code':
            cell.outputs, cell.execution_count = [], None
    return chapters


def call(number):
    return f"check('{number}'"


def points(notebook, exercises):
    """{exercise: {answer: (what was given, whether it is right)}}."""
    given = {tuple(cell.metadata.asks): value(cell)
             for cell in notebook.cells if 'asks' in cell.metadata}
    return {number: {name: (given.get((number, name)), given.get(
        (number, name)) is not None and key(given[number, name])
        in answer.keys) for name, answer in exercise.answers.items()}
        for number, exercise in exercises.items()}


def value(cell):
    """What a cell that asks has shown, a plain value, or None."""
    for output in cell.get('outputs', ()):
        if output.output_type == 'execute_result':
            try:
                found = ast.literal_eval(output.data['text/plain'])
            except (KeyError, ValueError, SyntaxError):
                return None
            if isinstance(found, (str, bool, float)):
                return found
    return None


def faults(notebook):
    """The errors of the student's own cells, a line each."""
    return [f'cell {i}: {output.ename}: '
            f'{output.evalue or WHY.get(output.ename, "")}'[:200]
            for i, cell in enumerate(notebook.cells, 1)
            if 'asks' not in cell.metadata
            for output in cell.get('outputs', ())
            if output.output_type == 'error']


if __name__ == '__main__':
    main()
