"""MXNet's own launcher of distributed jobs, on Python 3.9 and later.

    python -m d2l_nst.feedforward.launch -n 2 -s 1 --launcher local \\
        python -m d2l_nst train STYLE --kvstore dist_sync ...

The options are those of `mxnet/tools/launch.py`. This module runs that script,
which leaves the work to the package `dmlc_tracker`, and mends five faults:

- The package calls `Thread.isAlive`, which Python 3.9 no longer has.
- It looks for an address of this machine that other machines can reach. A job
  with `--launcher local` needs none and is given 127.0.0.1.
- It does not quote the command that it hands to the shell.
- Two jobs that start at the same time take the same port. Here each begins
  its search for a free port at a random number.
- When one process fails, the package waits for the others for ever. Here they
  are ended.
"""

import functools
import importlib.util
import os
import random
import runpy
import shlex
import subprocess
import sys
import threading
from typing import Any, List


def main(argv: List[str]) -> int:
    """Run the launcher with its options; returns the exit code."""
    mxnet: Any = importlib.util.find_spec('mxnet')
    launcher = os.path.join(os.path.dirname(mxnet.origin), 'tools',
                            'launch.py')
    from dmlc_tracker import tracker
    setattr(threading.Thread, 'isAlive', threading.Thread.is_alive)
    if _option(argv, '--launcher') == 'local':
        os.environ.setdefault('DMLC_NODE_HOST', '127.0.0.1')
        tracker.get_host_ip = lambda host=None: '127.0.0.1'
    tracker.PSTracker = functools.partial(
        tracker.PSTracker, port=random.randrange(9091, 9991))
    running: List[subprocess.Popen] = []
    for name in ('call', 'check_call'):   # of the launcher's threads
        setattr(subprocess, name, functools.partial(_call, running))
    sys.argv = [launcher] + _quoted(argv)
    try:
        runpy.run_path(launcher, run_name='__main__')
    except BaseException:     # Ctrl-C arrives here as SystemExit
        _end(running)
        raise
    return max([process.wait() for process in running], default=0)


def _call(running, command, **options):
    """In place of `subprocess.call`; the first that fails ends all."""
    process = subprocess.Popen(command, **options)
    running.append(process)
    if process.wait():
        _end(running)
        os._exit(1)
    return 0


def _end(running):
    for process in running:
        if process.poll() is None:
            process.terminate()


def _option(argv, name):
    """The value of an option of the launcher itself."""
    place = argv.index(name) if name in argv else len(argv)
    return ''.join(argv[place + 1:place + 2])


def _quoted(argv):
    """The arguments, with those of the command quoted for the shell.

    The command begins at the first argument that is neither an option of
    the launcher nor the value of one.
    """
    first = next((i for i, a in enumerate(argv)
                  if i and not a.startswith('-')
                  and not argv[i - 1].startswith('-')), len(argv))
    return argv[:first] + [shlex.quote(a) for a in argv[first:]]


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
