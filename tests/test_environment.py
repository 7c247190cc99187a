"""tools/env.sh finds the right Python or says in one sentence what is missing;
the Makefile lists what it can do. The interpreters here are small scripts.
"""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FINDER = shutil.which('dash') or '/bin/sh'
TOOLS = ('cat', 'cksum', 'date', 'dirname', 'grep', 'mkdir', 'rm', 'sh',
         'touch')
UNAME = 'case $1 in -s) echo Linux;; *) echo x86_64;; esac\n'
# An interpreter that has venv, finds libgomp and installs, or does not
PYTHON = """\
case "$*" in
    *version_info*) echo "{version} $0" ;;
    *ensurepip*) [ "{venv}" = yes ] ;;
    *libgomp*) [ "{gomp}" = yes ] ;;
    "-m venv "*) echo "venv {version}" >>log
        mkdir -p "$3/bin" && cat "$0" >"$3/bin/python" &&
            chmod +x "$3/bin/python" ;;
    "-m pip "*) echo "$*" >>log
        case "$*" in *" -r "*) [ "{pip}" = yes ] ;; esac ;;
    "-m d2l_nst weights fetch hed") echo fetch >>log
        [ "{fetch}" = yes ] && mkdir -p cache/d2l_nst &&
            touch cache/d2l_nst/vgg16-hed-01234567.params ;;
esac
"""
UV = """\
case "$1" in
    --version) echo 'uv 1.0' ;;
    venv) echo "$*" >>log
        mkdir -p .venv/bin && cat fake-python >.venv/bin/python &&
            chmod +x .venv/bin/python ;;
esac
"""


class Machine:
    """A checkout and a PATH of which the test knows every program."""

    def __init__(self, folder):
        self.root, self.bin = folder / 'a checkout', folder / 'bin'
        (self.root / 'tools').mkdir(parents=True)
        self.bin.mkdir()
        for tool in (*TOOLS, 'chmod'):
            (self.bin / tool).symlink_to(shutil.which(tool))
        for name in ('tools/env.sh', 'requirements.txt', 'pyproject.toml'):
            shutil.copy(ROOT / name, self.root / name)
        self.program('uname', UNAME)
        self.program('ldd', 'echo ldd (GNU libc) 2.36\n')

    def program(self, name, text):
        path = self.bin / name
        path.write_text('#!/bin/sh\n' + text)
        path.chmod(0o755)

    def python(self, version, name=None, **missing):
        values = {'venv': 'yes', 'gomp': 'yes', 'pip': 'yes', 'fetch': 'yes',
                  **missing}
        self.program(name or f'python{version}',
                     PYTHON.format(version=version, **values))

    def uv(self):
        (self.root / 'fake-python').write_text('#!/bin/sh\n' + PYTHON.format(
            version='3.11', venv='yes', gomp='yes', pip='yes',
            fetch='yes'))
        self.program('uv', UV)

    def run(self, *arguments, **variables):
        return subprocess.run(
            [FINDER, 'tools/env.sh', *arguments], cwd=self.root, text=True,
            env={'PATH': str(self.bin), 'XDG_CACHE_HOME': 'cache',
                 **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def found(self, **variables):
        """The name of the interpreter that is taken, and by what."""
        answer = self.run('find', **variables).stdout.strip()
        return answer.replace(f'{self.bin}/', '')

    def refusal(self, *arguments, **variables):
        """The one sentence it stops with."""
        answer = self.run(*arguments, **variables)
        assert answer.returncode == 1
        assert answer.stderr.count('\n') == 1
        assert answer.stderr.endswith('.\n')
        return answer.stderr

    def log(self):
        path = self.root / 'log'
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_pyenv_has_it(machine):
    """Its own `python3.9`, in PATH, runs where that version is chosen."""
    machine.program('python3.9', 'exit 127\n')
    for version in ('3.8', '3.9', '3.10'):
        machine.python(version, f'real{version}')
        folder = machine.root / f'.pyenv/versions/{version}.1/bin'
        folder.mkdir(parents=True)
        (machine.bin / f'real{version}').rename(folder / f'python{version}')
    home = {'HOME': str(machine.root)}
    for version in ('3.9', '3.10'):
        assert machine.found(PYTHON=f'python{version}', **home).endswith(
            f'/{version}.1/bin/python{version} (venv)')
    assert 'python3.8 does not run' in machine.refusal(
        'find', PYTHON='python3.8', **home)


def test_takes_3_11_first(machine):
    for version in ('3.9', '3.10', '3.11'):
        machine.python(version)
    assert machine.found() == 'python3.11 (venv)'


def test_skips_one_that_does_not_run(machine):
    machine.program('python3.11', 'echo "command not found" >&2; exit 127\n')
    machine.python('3.10')
    assert machine.found() == 'python3.10 (venv)'


def test_3_12_where_there_is_nothing_older(machine):
    machine.python('3.12')
    machine.python('3.12', 'python3')
    assert machine.found() == 'python3.12 (venv)'
    machine.python('3.9')
    assert machine.found() == 'python3.9 (venv)'


def test_takes_python3_if_it_fits(machine):
    machine.python('3.10', 'python3')
    assert machine.found() == 'python3 (venv)'


@pytest.mark.parametrize('version', ['3.8', '3.13', '3.14', '2.7'])
def test_refuses_other_versions(machine, version):
    machine.python(version, 'python3')
    assert 'install python3.12' in machine.refusal()
    assert not (machine.root / '.venv').exists()


def test_refuses_a_machine_without_python(machine):
    assert 'install python3.12' in machine.refusal()


def test_one_that_lacks_venv_is_named(machine):
    machine.python('3.11', venv='no')
    refusal = machine.refusal()
    assert 'python3-venv' in refusal and 'bin/python3.11 lacks' in refusal


def test_one_with_venv_goes_before_a_newer_one_without(machine):
    machine.python('3.11', venv='no')
    machine.python('3.9')
    assert machine.found() == 'python3.9 (venv)'


def test_uv_fetches_a_python(machine):
    machine.uv()
    machine.python('3.13', 'python3')
    assert machine.run().returncode == 0
    assert machine.log()[0] == 'venv --quiet --seed --python 3.11 .venv'
    assert (machine.root / '.venv' / 'installed').exists()


def test_uv_stands_in_for_venv(machine):
    machine.uv()
    machine.python('3.10', venv='no')
    assert machine.found() == 'python3.10 (uv)'


def test_PYTHON_overrides(machine):
    machine.python('3.11')
    machine.python('3.9', 'my own python')
    assert machine.found(PYTHON='my own python') == 'my own python (venv)'
    machine.python('3.13')
    assert 'PYTHON=python3.13' in machine.refusal(PYTHON='python3.13')
    assert 'PYTHON=nowhere' in machine.refusal(PYTHON='nowhere')


@pytest.mark.parametrize('system', ['Darwin', 'MINGW64_NT-10.0'])
def test_refuses_other_systems(machine, system):
    machine.python('3.11')
    machine.program('uname', f'echo {system}\n')
    assert 'Docker or WSL2' in machine.refusal()


def test_refuses_other_processors(machine):
    machine.python('3.11')
    machine.program('uname', UNAME.replace('x86_64', 'aarch64'))
    assert '(Linux-aarch64)' in machine.refusal()


def test_refuses_musl(machine):
    machine.python('3.11')
    machine.program('ldd', 'echo "musl libc (x86_64)" >&2; exit 1\n')
    assert 'Docker' in machine.refusal()


def test_missing_libgomp_is_named_before_anything_is_fetched(machine):
    machine.python('3.11', gomp='no')
    assert 'libgomp1' in machine.refusal()
    assert machine.log() == ['venv 3.11']


def test_installs_once_and_again_when_the_pins_change(machine):
    machine.python('3.11')
    first = machine.run()
    assert first.returncode == 0 and first.stdout.count('\n') == 4
    log = machine.log()
    assert log[0] == 'venv 3.11' and log[-1] == 'fetch' and len(log) == 5
    assert machine.run().stdout == '' and machine.log() == log
    with open(machine.root / 'requirements.txt', 'a') as file:
        file.write('# changed\n')
    assert machine.run().returncode == 0
    assert machine.log() == log + log[1:-1]


def test_without_the_package_index_the_bundled_features_serve(machine):
    """An environment that is whole, and no features: told at each call,
    until they can be had."""
    machine.python('3.11', fetch='no')
    for _ in range(2):
        done = machine.run()
        assert done.returncode == 0
        assert done.stderr == 'Going on with the bundled features.\n'
    assert machine.log()[-2:] == ['fetch', 'fetch']


def test_an_interrupted_installation_leaves_no_stamp(machine):
    machine.python('3.11', pip='no')
    assert 'failed' in machine.refusal()
    assert not (machine.root / '.venv' / 'installed').exists()
    (machine.root / '.venv' / 'half').touch()
    machine.python('3.11')
    assert machine.run().returncode == 0
    assert (machine.root / '.venv' / 'installed').exists()
    assert not (machine.root / '.venv' / 'half').exists()


def test_another_PYTHON_makes_another_environment(machine):
    machine.python('3.11')
    machine.run()
    machine.python('3.9')
    machine.run(PYTHON='python3.9')
    assert [line for line in machine.log() if 'venv' in line] == [
        'venv 3.11', 'venv 3.9']


def test_an_environment_of_somebody_else_is_not_removed(machine):
    machine.python('3.11')
    (machine.root / '.venv').mkdir()
    (machine.root / '.venv' / 'mine').touch()
    assert 'make clean' in machine.refusal()
    assert (machine.root / '.venv' / 'mine').exists()


def test_help_lists_every_target():
    makefile = (ROOT / 'Makefile').read_text()
    targets = set(re.findall(r'^([a-z-]+):', makefile, re.M))
    shown = subprocess.run(['make'], cwd=ROOT, text=True, check=True,
                           env={**os.environ, 'MAKEFLAGS': ''},
                           stdout=subprocess.PIPE).stdout
    assert targets == set(re.findall(r'^  ([a-z-]+) +\w', shown, re.M))
    assert {'help', 'demo', 'test', 'test-all', 'fuzz', 'fresh', 'lint',
            'notebooks', 'benchmarks', 'pictures', 'drawings', 'lab', 'env',
            'clean'} <= targets


def test_hooks_have_the_versions_and_options_of_make():
    """What a commit is checked by is what `make` runs."""
    makefile = (ROOT / 'Makefile').read_text()
    hooks = (ROOT / '.pre-commit-config.yaml').read_text()
    ruff = re.search('^RUFF = (.*)', makefile, re.M)[1]
    assert f"'ruff=={ruff}'" in hooks
    pin = re.search('^nbstripout==.*', (ROOT / 'requirements.txt').read_text(),
                    re.M)[0]
    assert f"'{pin}'" in hooks
    options = set(re.findall(r'--(?:keep|extra)-[a-z]+', makefile))
    assert options == set(re.findall(r'--(?:keep|extra)-[a-z]+', hooks))
    key = "--extra-keys 'metadata.language_info.version'"
    assert key in makefile and key in hooks


def test_pins_are_exact_and_sound():
    lines = (ROOT / 'requirements.txt').read_text().splitlines()
    pins = [line.split('#')[0].split(';')[0].strip() for line in lines]
    assert all(re.fullmatch(r'[\w-]+==[\w.]+', pin) for pin in pins if pin)
    check = subprocess.run([sys.executable, '-m', 'pip', 'check'], text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert check.returncode == 0, check.stdout


@pytest.mark.parametrize('folder', ['benchmarks', 'img', 'tools'])
def test_scripts_import_the_package_before_mxnet(folder):
    """On Python 3.12 nothing else puts back numpy's old names.
    benchmarks/chapter.py is for others to import."""
    found = {}
    for path in set(ROOT.glob(f'{folder}/*.py')) - {
            ROOT / 'benchmarks' / 'chapter.py'}:
        imports = re.findall(r'^ *(?:from|import) (mxnet|d2l_nst)\b',
                             path.read_text(encoding='utf-8'), re.M)
        found[path.name] = imports
    assert any('mxnet' in imports for imports in found.values())
    assert not [name for name, imports in found.items()
                if imports[:1] == ['mxnet']]
