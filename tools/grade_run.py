"""A place of its own for a notebook that was handed in, for tools/grade.py:
a temporary folder, and a process with limits."""

import contextlib
import ctypes
import os
import shutil
import subprocess
import sys
import time

import nbformat
import psutil
from answers import ROOT
from cpu_time import spent, tree

from d2l_nst.course import FILE

# Without network, and with an empty folder in the place of the solutions
APART = ('unshare', '--map-root-user', '--net', '--mount', 'sh', '-c',
         'mount -t tmpfs none "$0" && exec "$@"',
         str(ROOT / 'notebooks' / 'solutions'))
KEPT = 'PATH', 'LANG', 'PYTHONPATH', 'OMP_NUM_THREADS', 'LD_LIBRARY_PATH'
SUBREAPER = 36   # of Linux's prctl: whose parent has ended becomes our child


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
    """Run the notebook at `path` in place; returns what went wrong.

    It has one thread, so that what it computes takes as many seconds on any
    machine.
    """
    home = path.parent.parent
    environment = {'OMP_NUM_THREADS': '1', **{
        name: os.environ[name] for name in KEPT if name in os.environ}}
    environment.update(HOME=str(home), TMPDIR=str(home),
                       **({'D2L_NST_BUDGET': budget} if budget else {}))
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    others = tree(os.getpid())
    process = subprocess.Popen(
        [*apart, sys.executable, str(ROOT / 'tools' / 'handed_in.py'),
         str(path), str(options.cell_seconds), str(options.patience),
         str(options.gigabytes)],
        cwd=path.parent, env=environment, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    try:
        return wait(process, options.seconds,
                    options.seconds * options.patience)
    finally:   # the kernel too, and all that it started
        stop(others)
        process.wait()


def wait(process, seconds, patience):
    """Wait until a process has ended, has computed for `seconds`, or has
    taken `patience` seconds on the clock; returns what went wrong."""
    end = time.monotonic() + patience
    limit = spent(os.getpid()) + seconds
    while True:
        try:
            status = process.wait(0.5)
            return status and f'It ended before its last cell ({status}).'
        except subprocess.TimeoutExpired:
            if spent(os.getpid()) > limit:
                return f'It was stopped after {seconds:.0f} s of computing.'
            if time.monotonic() > end:
                return f'It was stopped after {patience:.0f} s on the clock.'


def stop(others):
    """End all that stems from this process, but the others."""
    while True:
        started = [each for each in tree(os.getpid()) if each not in others]
        if not started:
            break
        for each in started:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        psutil.wait_procs(started, timeout=1)
