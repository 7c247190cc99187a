"""What a process asks of the machine: threads, and pages of memory.

MXNet takes one thread for each core that may be used. Left alone, MXNet 1.9
takes half the processors that the system shows, since it counts on two
threads to a core; where there is only one, half the machine idles. It keeps
four spaces for what its operators need for a moment, each as large as the
largest of them needed, although it works at one operator at a time. It reads
the environment once, when it is first imported.
"""

import contextlib
import math
import os
import sys
from typing import Iterator

# glibc's words for pages of 2 MB in place of 4 KB, where Linux has them, and
# for one heap for all threads: else MXNet's own threads have heaps that keep
# nothing
TUNABLES = 'GLIBC_TUNABLES'
LARGE_PAGES = 'glibc.malloc.hugetlb=1:glibc.malloc.arena_max=1'
# What is set by glibc's mallopt, by its numbers in malloc.h, so that memory is
# kept, and usually: how many arrays lie apart, from which size on, and the
# space that may lie idle
KEPT = {-4: (0, 2 ** 16), -3: (2 ** 25, 2 ** 25), -1: (-1, 2 ** 26)}


def set_up_mxnet() -> None:
    """Set the threads and the spaces of an MXNet that is yet to be imported,
    unless the environment sets them."""
    os.environ.setdefault('OMP_NUM_THREADS', str(count_cores()))
    os.environ.setdefault('MXNET_CPU_TEMP_COPY', '1')


def count_cores() -> int:
    """Physical cores this process may run on, or fewer where a container's
    share of the processors says so."""
    if not hasattr(os, 'sched_getaffinity'):  # not on Linux
        return max(1, (os.cpu_count() or 2) // 2)
    cores = {_read(f'/sys/devices/system/cpu/cpu{cpu}/topology/'
                   'thread_siblings_list') or cpu
             for cpu in os.sched_getaffinity(0)}
    quota, _, period = _read('/sys/fs/cgroup/cpu.max').partition(' ')
    share = math.ceil(int(quota) / int(period)) if quota.isdecimal() else 0
    return min(len(cores), share or len(cores))


def _read(path):
    with contextlib.suppress(OSError), open(path) as f:
        return f.read().strip()
    return ''


def ask_for_large_pages() -> None:
    """Start this process anew with large pages of memory in one heap, unless
    the environment says how glibc takes memory.

    The features of a picture come and go at each step. At 900x600 a quarter
    of the processor's time went into getting small pages for them. glibc
    reads its environment once, when a process starts. On Python 3.9 nothing
    is done: it does not know how it was called.
    """
    called = getattr(sys, 'orig_argv', ())
    if called and sys.platform == 'linux' and TUNABLES not in os.environ:
        os.environ[TUNABLES] = LARGE_PAGES
        with contextlib.suppress(OSError):
            os.execv(sys.executable, [sys.executable, *called[1:]])


@contextlib.contextmanager
def kept_memory() -> Iterator[None]:
    """Within, glibc keeps the memory that is given back, where it is glibc.

    Each step of a training takes the same arrays anew. Large ones glibc gets
    from Linux each time, with empty pages, and hands back. That was a sixth
    of a step's time, and a third where pictures are large.
    """
    import ctypes    # not needed for most of what is done here
    try:
        glibc = ctypes.CDLL(None)
        glibc.mallopt, glibc.malloc_trim    # look whether it has them
    except (OSError, AttributeError):
        yield
        return
    for number, (keeps, _) in KEPT.items():
        glibc.mallopt(number, keeps)
    try:
        yield
    finally:
        for number, (_, usual) in KEPT.items():
            glibc.mallopt(number, usual)
        glibc.malloc_trim(0)


def processor() -> str:
    """What the processor calls itself; '' where that can't be read."""
    name = _read('/proc/cpuinfo').partition('model name')[2]
    return name.partition('\n')[0].strip('\t :')


def has_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 numbers itself."""
    flags = _read('/proc/cpuinfo').partition('flags')[2].partition('\n')[0]
    return bool({'avx512_bf16', 'amx_bf16'} & set(flags.split()))
