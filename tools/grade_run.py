"""A place of its own for a notebook that was handed in, for tools/grade.py:
a temporary folder, and a process with limits."""

import os
import shutil
import subprocess
import sys

import nbformat
from answers import ROOT

from d2l_nst.course import FILE

# Without network, and with an empty folder in the place of the solutions
APART = ('unshare', '--map-root-user', '--net', '--mount', 'sh', '-c',
         'mount -t tmpfs none "$0" && exec "$@"',
         str(ROOT / 'notebooks' / 'solutions'))
KEPT = 'PATH', 'LANG', 'PYTHONPATH', 'OMP_NUM_THREADS', 'LD_LIBRARY_PATH'


def lay_out(folder, path, notebook, checks, handed):
    """Put a notebook into the folder, with what students have beside it: the
    course's pictures and checks, and the files that came with it."""
    work = folder / 'notebooks' / 'handed-in.ipynb'
    shutil.copytree(ROOT / 'img', folder / 'img')
    if path.parent != handed:   # else all students' notebooks lie there
        hidden = shutil.ignore_patterns('.*', '*.ipynb')
        shutil.copytree(path.parent, work.parent, symlinks=True,
                        ignore=hidden)
        if path.parent.parent != handed:
            for place in path.parent.parent.glob('img'):
                shutil.copytree(place, folder / 'img', symlinks=True,
                                ignore=hidden, dirs_exist_ok=True)
    work.parent.mkdir(exist_ok=True)
    (work.parent / FILE).write_text(checks, encoding='utf-8')
    nbformat.write(notebook, work)
    return work


def run(path, apart, options, budget):
    """Run the notebook at `path` in place; returns what went wrong."""
    home = path.parent.parent
    environment = {name: os.environ[name] for name in KEPT
                   if name in os.environ}
    environment.update(HOME=str(home), TMPDIR=str(home),
                       **({'D2L_NST_BUDGET': budget} if budget else {}))
    process = subprocess.Popen(
        [*apart, sys.executable, str(ROOT / 'tools' / 'handed_in.py'),
         str(path), str(options.cell_seconds), str(options.gigabytes)],
        cwd=path.parent, env=environment, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    try:
        status = process.wait(options.seconds)
        return status and f'It ended before its last cell ({status}).'
    except subprocess.TimeoutExpired:
        return f'It was stopped after {options.seconds:.0f} s.'
    finally:   # the kernel too, and all that it started
        stop(process)


def stop(process):
    """End a process that still runs, with all that stems from it."""
    import psutil
    if process.poll() is None:
        parent = psutil.Process(process.pid)
        for member in [*parent.children(recursive=True), parent]:
            try:
                member.kill()
            except psutil.NoSuchProcess:
                pass
        process.wait()
