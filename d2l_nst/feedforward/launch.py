"""MXNet's own launcher of distributed jobs, on Python 3.9 and later.

    python -m d2l_nst.feedforward.launch -n 2 -s 1 --launcher local \\
        python -m d2l_nst train STYLE --kvstore dist_sync ...

All options are those of `mxnet/tools/launch.py`, the `dmlc_tracker` does the
work. It calls `Thread.isAlive`, which is gone; it looks for an address that
other machines see, where `local` needs 127.0.0.1 alone; it doesn't quote; two
jobs that start together take the same port; and where a process fails it waits
for the others for ever, where here they end.
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


def main(argv):
    """Run the launcher with its options; returns the exit code."""
    launcher = os.path.join(
        os.path.dirname(importlib.util.find_spec('mxnet').origin),
        'tools', 'launch.py')
    from dmlc_tracker import tracker
    threading.Thread.isAlive = threading.Thread.is_alive
    if _option(argv, '--launcher') == 'local':
        os.environ.setdefault('DMLC_NODE_HOST', '127.0.0.1')
        tracker.get_host_ip = lambda host=None: '127.0.0.1'
    tracker.PSTracker = functools.partial(
        tracker.PSTracker, port=random.randrange(9091, 9991))
    processes = _Processes()
    subprocess.call = subprocess.check_call = processes.call
    sys.argv = [launcher] + _quoted(argv)
    try:
        runpy.run_path(launcher, run_name='__main__')
    except BaseException:     # SystemExit where the keyboard ended it
        processes.end()
        raise
    return processes.wait()


def _option(argv, name):
    """The value of an option of the launcher itself."""
    place = argv.index(name) if name in argv else len(argv)
    return ''.join(argv[place + 1:place + 2])


def _quoted(argv):
    """The command within the options, quoted for the shell."""
    first = next((i for i, a in enumerate(argv)
                  if i and not a.startswith('-')
                  and not argv[i - 1].startswith('-')), len(argv))
    return argv[:first] + [shlex.quote(a) for a in argv[first:]]


class _Processes:
    """Stands in for `subprocess.call` of the launcher's threads."""

    def __init__(self):
        self.running, self.code = [], 0

    def call(self, command, **options):
        if self.code:
            return 0
        process = subprocess.Popen(command, **options)
        self.running.append(process)
        code = process.wait()
        if code and not self.code:
            self.code = 1
            self.end()
        return 0     # of which `wait` tells

    def wait(self):
        for process in self.running:
            process.wait()
        return self.code

    def end(self):
        for process in self.running:
            if process.poll() is None:
                process.terminate()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
