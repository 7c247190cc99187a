"""Environments broken for real: each is told in one sentence, with what mends
it, by `doctor`, by the other commands and by the import."""

import os
import pathlib
import subprocess
import sys

import pytest

from d2l_nst import BrokenEnvironment, cli, cores, environment
from d2l_nst.commands import doctor

ROOT = pathlib.Path(__file__).parents[1]


def python(*argv, first='', **variables):
    """Run this Python, with a folder of modules that come `first`."""
    return subprocess.run(
        [sys.executable, *argv], capture_output=True, text=True,
        env={**os.environ, 'PYTHONWARNINGS': 'ignore',
             'PYTHONPATH': os.pathsep.join([str(first), str(ROOT)]),
             **variables})


def module(folder, name, code='', version=''):
    (folder / name).mkdir()
    (folder / name / '__init__.py').write_text(code)
    if version:
        (folder / f'{name}-{version}.dist-info').mkdir()
    return folder


# ---------------------------------------------------------------- faults
@pytest.mark.parametrize('broken, words', [
    ('nothing installed', 'mxnet, numpy, PIL, lazy_loader'),
    ('numpy 2', 'MXNet 1.9.1 does not run with numpy 2.1.0')])
def test_a_broken_environment(tmp_path, broken, words):
    """One sentence, the same from all three."""
    options, first = ['-S'], ''
    if broken == 'numpy 2':
        options, first = [], module(tmp_path, 'numpy', version='2.1.0')
    imported = python(*options, '-c', 'import d2l_nst', first=first)
    sentence = imported.stderr.splitlines()[-1].partition(': ')[2]
    assert imported.returncode == 1 and sentence.startswith(words)
    used = python(*options, '-m', 'd2l_nst', 'transfer', 'a', 'b', '-o', 'c',
                  first=first)
    assert (used.returncode, used.stdout) == (1, '')
    assert used.stderr == f'd2l-nst: {sentence}\n'
    told = python(*options, '-m', 'd2l_nst', 'doctor', first=first)
    assert (told.returncode, told.stderr) == (1, '')
    what, mend = told.stdout.splitlines()[:2]
    assert f'{what[6:]}: {mend[6:]}' == sentence
    assert mend[6:].startswith((f'make -C {ROOT} env', environment.PIP))
    assert told.stdout.endswith('One thing is wrong.\n')


@pytest.mark.parametrize('version, words', [
    ((3, 13, 0), 'this is 3.13: install uv'), ((3, 8, 18), 'this is 3.8'),
    ((3, 9, 0), ''), ((3, 11, 7), '')])
def test_versions_of_python(monkeypatch, version, words):
    monkeypatch.setattr(sys, 'version_info', version)
    told = list(map(str, environment.faults()))
    assert words in told[0] if words else not told


@pytest.mark.parametrize('system, machine', [('Darwin', 'arm64'),
                                             ('Linux', 'aarch64')])
def test_machines_without_a_wheel(monkeypatch, system, machine):
    monkeypatch.setattr(os, 'uname', lambda: os.uname_result(
        (system, '', '', '', machine)))
    with pytest.raises(BrokenEnvironment, match=f'{system}-{machine}.*docker'):
        environment.check()


def test_windows(monkeypatch):
    monkeypatch.delattr(os, 'uname')
    monkeypatch.setattr(sys, 'platform', 'win32')
    with pytest.raises(BrokenEnvironment, match='win32.*docker'):
        environment.check()


def test_a_missing_libgomp():
    done = python('-c', 'import ctypes\n'
                  'def CDLL(name, *args): raise OSError(name)\n'
                  'ctypes.CDLL = CDLL\n'
                  'import d2l_nst\n'
                  'from mxnet import npx\n')
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith(
        "BrokenEnvironment: MXNet needs the system's libgomp.so.1: sudo apt "
        'install libgomp1')


@pytest.mark.parametrize('first, fails', [('', True),
                                          ('import d2l_nst\n', False)])
def test_a_numpy_without_its_old_names(first, fails):
    """As numpy 1.24 is; d2l_nst puts them back, MXNet alone fails."""
    done = python('-c', 'import numpy\n'
                  'has = numpy.__getattr__\n'
                  'def lacks(name):\n'
                  '    if name in ("bool", "int", "float", "object"):\n'
                  '        raise AttributeError(name)\n'
                  '    return has(name)\n'
                  f'numpy.__getattr__ = lacks\n{first}'
                  'from mxnet import np\n'
                  'print(np.ones(3).sum())\n')
    assert bool(done.returncode) is fails
    assert 'AttributeError' in done.stderr if fails else '3.0' in done.stdout


# ---------------------------------------------------------------- doctor
def found(check):
    return [' | '.join(row) for row in check() if row[0] != 'ok']


@pytest.mark.parametrize('code, words', [
    ('raise OSError("libcudart.so.11.0: cannot open shared object file")',
     ['wrong | this MXNet is for a GPU and lacks a library (libcudart',
      'uninstall -y mxnet-cu112 mxnet-cu117;']),
    ('import os; os.kill(os.getpid(), 4)',
     ['wrong | mxnet ends the process, by signal 4', '--force-reinstall']),
    ('raise ImportError("bad magic number")',
     ["wrong | mxnet can't be imported (bad magic number)",
      f'| {environment.PIP} --force-reinstall --no-deps mxnet==1.9.1'])])
def test_an_mxnet_that_is_broken(monkeypatch, tmp_path, code, words):
    monkeypatch.setattr(sys, 'path', [
        str(module(tmp_path, 'mxnet', code)), *sys.path])
    monkeypatch.setattr(doctor, 'MODULES', {'mxnet': 'mxnet==1.9.1'})
    told = found(doctor.packages)[0]
    assert all(word in told for word in words)


@pytest.mark.parametrize('lines, words', [
    (['numpy==1.1', 'jupyter'], ['note | d2l asks for numpy 1.1, and ']),
    (['numpy (==1.1)'], ['note | d2l asks for numpy 1.1, and ']),
    (['numpy'], []), (None, [])])
def test_the_pins_of_d2l(monkeypatch, lines, words):
    from importlib import metadata
    monkeypatch.setattr(doctor, 'MODULES', {'tqdm': ''})
    monkeypatch.setattr(metadata, 'requires', lambda name: lines)
    told = found(doctor.packages)
    assert len(told) == len(words)
    assert all(line.startswith(word) for line, word in zip(told, words))


def test_damaged_and_missing_weights(monkeypatch, tmp_path):
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    told, = found(doctor.weights)
    assert told.startswith("note | ImageNet's features are not here")
    assert told.endswith('-m d2l_nst weights fetch hed')
    kept = tmp_path / 'd2l_nst' / 'vgg16-hed-01234567.params'
    kept.parent.mkdir()
    kept.write_bytes(b'half a file')
    (kept.parent / 'SHA256SUMS').write_text(
        f'# hed\n{"01234567" * 8}  {kept.name}\n')
    told, = found(doctor.weights)
    assert told.startswith(f'wrong | {kept} is damaged | rm {kept}; ')


def test_a_home_that_may_not_be_written(monkeypatch):
    monkeypatch.setenv('HOME', '/proc/no/home')
    monkeypatch.delenv('XDG_CACHE_HOME', raising=False)
    told, = found(doctor.folders)
    assert told.startswith('wrong | /proc/no/home/.cache, the folder for '
                           "weights, can't be written (")
    assert told.endswith('| export XDG_CACHE_HOME="$PWD/.cache"')


def test_too_little_of_memory_and_disk(monkeypatch):
    monkeypatch.setattr(doctor, 'MEMORY', 2 ** 30)
    monkeypatch.setattr(doctor, 'DISK', 2 ** 40)
    told, = found(doctor.memory)
    assert 'GB of memory are free, too few' in told and '--size' in told
    assert len(found(doctor.folders)) == 3


def test_the_memory_of_a_container(monkeypatch):
    monkeypatch.setattr(doctor, 'memory_there', lambda: 2 ** 30)
    told, = found(doctor.memory)
    assert told.startswith('note | 1.0 GB of memory are free, too few')


def test_threads(monkeypatch):
    monkeypatch.setenv('OMP_NUM_THREADS', str(cores.count_cores() + 1))
    told, = found(doctor.processor)
    assert told.startswith('note | MXNet takes OMP_NUM_THREADS=')


def test_this_environment(monkeypatch, capsys):
    """Nothing is wrong, and all that it looks at is told."""
    monkeypatch.setattr(doctor, 'MODULES', {'mxnet': '', 'tqdm': ''})
    assert cli.main(['doctor']) == 0
    out = capsys.readouterr().out
    for words in ('ok    Python ', 'ok    mxnet 1.9.1', 'ok    tqdm ',
                  ' cores, with', 'GB of memory'):
        assert words in out
    assert out.endswith('Nothing is wrong here.\n')
