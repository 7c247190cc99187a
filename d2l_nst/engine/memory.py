"""How much memory there is, and whether a picture fits into it."""

import contextlib
import os
import resource

from ..errors import ImageError
from ..kinds import Shape

GB = 2 ** 30


def memory_there(root: str = '/') -> int:
    """Bytes of memory that this process may have: those of the machine, or
    fewer where a container or a limit says so. `root` is where the files
    of the system are."""
    limits = [os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES'),
              *_groups(root), *(limit for limit in resource.getrlimit(
                  resource.RLIMIT_AS) if limit != resource.RLIM_INFINITY)]
    return min(limits)


def _groups(root):
    """The limits of the control groups that this process is in, of version
    1 and 2, and of those around them. In a container its own group may be
    the whole tree."""
    for line in _read(root, 'proc/self/cgroup').splitlines():
        _, names, path = line.split(':', 2)
        if names and 'memory' not in names.split(','):
            continue
        tree, file = (('memory', 'memory.limit_in_bytes') if names
                      else ('', 'memory.max'))
        parts = [part for part in path.split('/') if part]
        for depth in range(len(parts) + 1):
            text = _read(root, 'sys/fs/cgroup', tree, *parts[:depth], file)
            if text.strip().isdecimal():    # and not 'max'
                yield int(text)


def _read(*path):
    with contextlib.suppress(OSError), open(os.path.join(*path)) as file:
        return file.read()
    return ''


def check_memory(shape: Shape, bytes_per_pixel: float, advice: str) -> None:
    """Raise `ImageError`, which ends with the `advice`, where a picture of
    `shape`, (width, height), needs more memory than there is."""
    needed, there = shape[0] * shape[1] * bytes_per_pixel, memory_there()
    if needed > there:
        raise ImageError(
            f'{shape[0]}x{shape[1]} needs about {needed / GB:.0f} GB '
            f'of memory, and there are {there / GB:.3g} here: {advice}')
