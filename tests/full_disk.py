"""A disk that takes no large files."""

import contextlib
import resource


@contextlib.contextmanager
def at_most(size):
    """No file can be written that is larger."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
