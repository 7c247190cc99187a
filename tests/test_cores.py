"""Threads and memory: what a process asks of the machine."""

import os
import platform
import subprocess
import sys

import pytest

from d2l_nst import cores


@pytest.fixture
def machine(monkeypatch):
    """A machine of `cpus` with their siblings and a container's quota."""
    def make(siblings, quota='max 100000'):
        monkeypatch.setattr(os, 'sched_getaffinity',
                            lambda pid: set(range(len(siblings))))

        def read(path):
            if path.endswith('cpu.max'):
                return quota
            return siblings[int(path.split('/cpu')[2].split('/')[0])]

        monkeypatch.setattr(cores, '_read', read)
        return cores.count_cores()
    return make


@pytest.mark.parametrize('siblings, quota, number', [
    (['0', '1'], 'max 100000', 2),
    (['0', '1'], '', 2),                           # no such file
    (['', ''], '', 2),                             # nor this one
    (['0-1', '0-1'], 'max 100000', 1),             # two threads to a core
    (['0,2', '1,3', '0,2', '1,3'], 'max 100000', 2),
    ([str(i) for i in range(64)], '200000 100000', 2),
    ([str(i) for i in range(64)], '150000 100000', 2),
    (['0'], '400000 100000', 1),
])
def test_cores(machine, siblings, quota, number):
    assert machine(siblings, quota) == number


FOR_MXNET = 'OMP_NUM_THREADS', 'MXNET_CPU_TEMP_COPY'


def for_mxnet(environment):
    """The threads and the spaces of a process after `import d2l_nst`."""
    environment = {**{k: v for k, v in os.environ.items()
                      if k not in FOR_MXNET}, **environment}
    return subprocess.run(
        [sys.executable, '-c', 'import d2l_nst, os, sys; '
         'assert "mxnet" not in sys.modules; '
         f'print(*map(os.environ.get, {FOR_MXNET}))'],
        env=environment, check=True, capture_output=True,
        text=True).stdout.split()


def test_the_import_sets_up_mxnet():
    assert for_mxnet({}) == [str(cores.count_cores()), '1']


def test_the_environment_wins():
    assert for_mxnet(dict(zip(FOR_MXNET, '72'))) == ['7', '2']


def pages(**environment):
    """What the command's own process has of GLIBC_TUNABLES."""
    code = ('import os, runpy, d2l_nst.cli\n'
            'd2l_nst.cli.main = lambda: print(os.environ.get('
            '"GLIBC_TUNABLES"), *__import__("sys").argv[1:])\n'
            'runpy.run_module("d2l_nst", run_name="__main__")')
    env = {name: value for name, value in os.environ.items()
           if name != 'GLIBC_TUNABLES'}
    return subprocess.run([sys.executable, '-c', code, 'a b', '-o', 'ü'],
                          env={**env, **environment}, capture_output=True,
                          check=True, text=True).stdout


@pytest.mark.skipif(sys.version_info < (3, 10),
                    reason='Python 3.9 does not know how it was called')
def test_the_command_asks_for_large_pages_and_keeps_its_arguments():
    assert pages() == ('glibc.malloc.hugetlb=1:glibc.malloc.arena_max=1 '
                       'a b -o ü\n')


@pytest.mark.skipif(platform.libc_ver()[0] != 'glibc', reason='not glibc')
def test_kept_memory_is_taken_again_without_new_pages():
    code = """if True:
        import resource
        from d2l_nst import cores

        def taken():
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
            for _ in range(20):
                bytearray(2 ** 26)
            return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

        before = taken()
        with cores.kept_memory():
            taken()
            print(taken(), before)
        print(taken())
        """
    within, before, after = map(int, subprocess.run(
        [sys.executable, '-c', code], check=True, text=True,
        env={**os.environ, 'GLIBC_TUNABLES': ''},
        capture_output=True).stdout.split())
    assert 100 * within < min(before, after)


def test_what_the_environment_says_of_memory_stays():
    assert pages(GLIBC_TUNABLES='glibc.malloc.check=1') == (
        'glibc.malloc.check=1 a b -o ü\n')
