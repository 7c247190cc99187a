"""`doctor`: what is wrong with this machine, and what mends it."""

import os
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from typing import Iterator, Tuple

from ..cores import count_cores, has_bfloat16
from ..engine.memory import GB, memory_there
from ..environment import LIBGOMP, PIP, faults
from .options import FAILED

DESCRIPTION = """Look at Python, packages, processor, weights, folders, memory
and disk. What is wrong comes with the command that mends it, and exit code 1;
a note is what works and could be better."""
MODULES = {'mxnet': 'mxnet==1.9.1', 'd2l.mxnet': 'd2l', 'scipy': 'scipy',
           'skimage': 'scikit-image', 'h5py': 'h5py', 'pooch': 'pooch',
           'tqdm': 'tqdm', 'IPython': "'ipython<9'"}
# In a process of its own: a module that fails may take the process with it
IMPORT = """
import importlib, sys
import d2l_nst
for name in sys.argv[1:]:
    print(name, end=' ', flush=True)
    try:
        print(getattr(importlib.import_module(name), '__version__', ''))
    except Exception as e:
        print('failed:', ' '.join(str(e).split()) or type(e).__name__)
"""
MEMORY, DISK = 3, 0.5    # GB; of a picture of 900x600, of what is fetched
Found = Iterator[Tuple[str, ...]]    # of a check, below


def add_options(parser: ArgumentParser) -> None:
    pass


def run(args: Namespace) -> int:
    wrong = 0
    for check in (python, packages, processor, weights, folders, memory):
        for mark, what, *mend in check():
            wrong += mark == 'wrong'
            print('\n      '.join([f'{mark:6}{what}', *mend]), flush=True)
    print('Nothing is wrong here.' if not wrong else
          'One thing is wrong.' if wrong == 1 else
          f'{wrong} things are wrong.')
    return FAILED if wrong else 0


# Each check yields what it found: ok, note or wrong; words; a command
def python() -> Found:
    for fault in faults():
        yield ('wrong', *fault)
    if not any(faults()):
        yield ('ok', 'Python {}.{}.{}, {}'.format(*sys.version_info[:3],
                                                  sys.executable))


def packages() -> Found:
    if any(faults()):    # then these would only repeat it
        return
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', IMPORT, *MODULES],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)))
    for line in done.stdout.splitlines():
        module, _, rest = line.partition(' ')
        failed, _, reason = rest.partition('failed: ')
        if reason:
            yield ('wrong', *_why(module, reason))
        elif not failed and done.returncode:
            yield ('wrong', f'{module} ends the process, by signal '
                   f'{-done.returncode}: this processor may lack what it '
                   'was built for', _again(module))
        else:
            yield 'ok', line
    yield from _pins()


def _again(module):
    return f'{PIP} --force-reinstall --no-deps {MODULES[module]}'


def _why(module, reason):
    """Why a module was not imported, and what mends it."""
    if LIBGOMP.what in reason:
        return LIBGOMP
    if module == 'mxnet' and any(part in reason for part in (
            'libcu', 'libnccl', 'libnv')):
        return (f'this MXNet is for a GPU and lacks a library ({reason})',
                f'{sys.executable} -m pip uninstall -y mxnet-cu112 '
                f'mxnet-cu117; {_again(module)}')
    return f'{module} can\'t be imported ({reason[:160]})', _again(module)


def _pins():
    """What d2l was published for and is not here; `pip check` tells it."""
    from importlib import metadata
    try:
        lines = metadata.requires('d2l') or ()
    except metadata.PackageNotFoundError:
        return    # which was told
    for line in lines:
        name, _, version = line.replace(' ', '').strip('()').partition('==')
        name = name.rstrip('(')
        try:
            here = metadata.version(name) if version else version
        except metadata.PackageNotFoundError:
            continue
        if here != version:
            yield ('note', f'd2l asks for {name} {version}, and {here} is '
                   'here: pip check complains',
                   f'{PIP} d2l==1.0.0a1.post0' if sys.version_info >= (3, 12)
                   else f'{PIP} {name}=={version}')


def processor() -> Found:
    threads, cores = os.environ['OMP_NUM_THREADS'], count_cores()
    if threads != str(cores):
        yield ('note', f'MXNet takes OMP_NUM_THREADS={threads} threads, and '
               f'there are {cores} cores', 'unset OMP_NUM_THREADS')
    try:
        with open('/proc/cpuinfo') as f:
            wide = 'avx512f' in f.read()
    except OSError:
        wide = False
    yield ('ok', f'{cores} cores, with{"" if wide else "out"} AVX-512, '
           f'{"bfloat16" if has_bfloat16() else "no bfloat16: float32"} is '
           'multiplied')


def weights() -> Found:
    if any(faults()):
        return
    from ..errors import WeightsError
    from ..weights import hed, store
    from ..weights.bundled import LAST_LAYER, bundled_file
    for network in LAST_LAYER:
        try:
            bundled_file(network)
        except WeightsError as e:
            yield ('wrong', str(e), f'{PIP} --force-reinstall --no-deps '
                   'd2l_nst, or git checkout d2l_nst/weights')
    kept, fetch = store.find(store.cache(), hed.STEM), (
        f'{sys.executable} -m d2l_nst weights fetch hed')
    if not kept:
        yield ('note', 'ImageNet\'s features are not here, and those that '
               'are bundled serve', fetch)
    elif not hed.find():
        yield ('wrong', f'{kept[0]} is damaged', f'rm {kept[0]}; {fetch}')
    else:
        yield 'ok', f'ImageNet\'s features: {kept[0]}'


def folders() -> Found:
    """Those that are written, and room on their disks."""
    home = os.path.expanduser(os.environ.get('XDG_CACHE_HOME') or '~/.cache')
    for what, folder, mend in (
            ('weights', home, 'export XDG_CACHE_HOME="$PWD/.cache"'),
            ('temporary files', os.environ.get('TMPDIR') or '/tmp',
             'export TMPDIR="$PWD"'),
            ('pictures', os.getcwd(), 'cd ~')):
        there = folder
        while not os.path.exists(there) and there != os.path.dirname(there):
            there = os.path.dirname(there)
        try:
            tempfile.TemporaryFile(dir=there).close()
        except OSError as e:
            yield ('wrong', f'{folder}, the folder for {what}, can\'t be '
                   f'written ({e.strerror})', mend)
            continue
        free = shutil.disk_usage(there).free / 1e9
        if free < DISK:
            yield ('wrong', f'the disk of {folder} has {free:.1f} GB left',
                   f'du -sh {there}/* | sort -h')


def memory() -> Found:
    try:
        with open('/proc/meminfo') as f:
            rows = dict(line.split(':') for line in f)
    except OSError:
        return
    free = min(1024 * int(rows['MemAvailable'].split()[0]),
               memory_there()) / GB
    if free < MEMORY:
        yield ('note', f'{free:.1f} GB of memory are free, too few for '
               '900x600', 'choose a smaller --size, as 600')
    else:
        yield 'ok', f'{free:.1f} GB of memory are free'
