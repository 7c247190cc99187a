"""What a process has computed, for the limits of tools/grade.py.

A busy machine makes a notebook slow, which is no fault of who wrote it: so
time is that of the processor, not of the clock.
"""

import psutil


def spent(pid):
    """Seconds that a process and all that stems from it have computed."""
    return sum(map(_own, tree(pid)))


def tree(pid):
    """The process and all that stem from it, as far as they still run."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _own(process):
    """Its seconds, with those of its children that have ended."""
    try:
        return sum(process.cpu_times()[:4])
    except psutil.Error:
        return 0
