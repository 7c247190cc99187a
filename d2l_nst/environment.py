"""What MXNet 1.9.1 needs of a machine, looked at before it is imported.

Only Python's own modules are used here: this file has to run where nothing
else does.
"""

import os
import re
import sys
from importlib.machinery import PathFinder
from typing import Any, Iterator, NamedTuple, Optional, Tuple

from .errors import BrokenEnvironment

OLDEST, NEWEST = (3, 9), (3, 12)   # of Python
# What numpy 1.24 dropped and MXNet 1.9.1 asks for at its import
ALIASES = {'bool': bool, 'int': int, 'float': float, 'complex': complex,
           'object': object, 'str': str}
PIP = f'{sys.executable} -m pip install'


class Fault(NamedTuple):
    """What is wrong, and the command that mends it: two parts of one
    sentence."""

    what: str
    mend: str

    def __str__(self):
        return f'{self.what}: {self.mend}'


# Modules without which nothing runs, and what pip calls them
NEEDED = {'mxnet': 'mxnet==1.9.1', 'numpy': "'numpy<2'", 'PIL': 'pillow',
          'lazy_loader': 'lazy-loader'}


def faults() -> Iterator[Fault]:
    """All that keeps MXNet from running here, the cause first."""
    python = sys.version_info[:2]
    if not OLDEST <= python <= NEWEST:
        yield Fault('MXNet 1.9.1 runs on Python 3.9 to 3.12, and this is '
                    f'{python[0]}.{python[1]}', 'install uv '
                    '(docs.astral.sh/uv) or python3.11, and run make env')
        return
    machine = _machine()
    if machine != 'Linux-x86_64':
        yield Fault(f'MXNet 1.9.1 has no wheel for this system ({machine})',
                    'docker build -t d2l_nst . && docker run --rm d2l_nst')
        return
    modules = {**NEEDED, 'setuptools': 'setuptools'}    # for its distutils
    missing = {module: name for module, name in modules.items()
               if (module in NEEDED or python >= (3, 12))
               and not PathFinder.find_spec(module)}
    if missing:
        yield Fault(f'{", ".join(missing)} can\'t be found',
                    _make_env() or f'{PIP} {" ".join(missing.values())}')
    numpy = version_of('numpy')
    if numpy and numpy >= (2,):
        yield Fault('MXNet 1.9.1 does not run with numpy '
                    f'{".".join(map(str, numpy))}', f"{PIP} 'numpy<2'")


def _make_env():
    """The command that installs all, in a checkout and outside its own
    environment; else ''."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if (not os.path.exists(os.path.join(root, 'tools', 'env.sh'))
            or sys.prefix == os.path.join(root, '.venv')):
        return ''
    return f'make -C {root} env && {root}/.venv/bin/python -m d2l_nst doctor'


def _machine():
    if not hasattr(os, 'uname'):
        return sys.platform
    return f'{os.uname().sysname}-{os.uname().machine}'


def version_of(package: str) -> Optional[Tuple[int, ...]]:
    """The version of the package that would be imported, by the record that
    pip leaves beside it; None where there is no such, or more than one."""
    spec = PathFinder.find_spec(package)
    if not spec or not spec.origin:
        return None
    record = re.compile(package + r'-(\d[\d.]*\d)\D.*\.?(dist|egg)-info$')
    folder = os.path.dirname(os.path.dirname(spec.origin))
    found = [match[1] for match in map(record.match, os.listdir(folder))
             if match]
    return tuple(map(int, found[0].split('.'))) if len(found) == 1 else None


class BeforeMXNet:
    """Puts numpy's old names back before MXNet is imported, in whatever way
    that happens, and says what it lacks of the system."""

    def find_spec(self, name: str, path: Any = None,
                  target: Any = None) -> None:
        if name == 'mxnet':
            _find_libgomp()
            import numpy
            for alias, kind in ALIASES.items():
                if alias not in vars(numpy):
                    setattr(numpy, alias, kind)
            sys.meta_path.remove(self)
        return None    # those who find modules otherwise go on


def _find_libgomp():
    import ctypes
    try:
        ctypes.CDLL('libgomp.so.1')
    except OSError:
        raise BrokenEnvironment(str(LIBGOMP)) from None


LIBGOMP = Fault("MXNet needs the system's libgomp.so.1",
                'sudo apt install libgomp1')


def is_command() -> bool:
    """Whether this process is the command, whose `main` tells a fault in
    its own way, and whose `doctor` tells them all."""
    return sys.argv[:1] == ['-m'] or (
        os.path.basename((sys.argv or [''])[0]) == 'd2l-nst')


def check() -> None:
    """Raise `BrokenEnvironment` where MXNet can't run."""
    for fault in faults():
        raise BrokenEnvironment(str(fault))


def prepare() -> bool:
    """Get this process ready for MXNet. Returns whether all that it needs
    is here; where it is not, raises `BrokenEnvironment`, but in the
    command."""
    try:
        check()
    except BrokenEnvironment:
        if is_command():
            return False
        raise
    sys.meta_path.insert(0, BeforeMXNet())
    return True
