"""Disks that take no large files: a limit, and a real one that is full."""

import contextlib
import resource
import subprocess

import pytest


@contextlib.contextmanager
def at_most(size):
    """No file can be written that is larger."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def small(size):
    """The words before a command that give it a disk of its own with so
    much room, an empty folder `disk` of where it runs."""
    words = ('unshare', '--map-root-user', '--mount', 'sh', '-c',
             f'mount -t tmpfs -o size={size} none disk && "$@"', 'sh')
    if subprocess.run([*words, 'true'], capture_output=True).returncode:
        pytest.skip('this machine lets nobody mount a disk of his own')
    return words
