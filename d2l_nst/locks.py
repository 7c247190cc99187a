"""What one job at a time may write."""

import contextlib
import fcntl
import os
from typing import Iterator

from .errors import NSTError
from .kinds import Path


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep `path` from every other job that asks for it so, as long as this
    one runs: a training writes its files again and again. Raises `NSTError`
    where another has it.

    It is kept by the system's lock of a file beside it, which goes with the
    process, however that ends.
    """
    lock = os.path.realpath(path) + '.lock'
    with _locked(lock, path):
        try:
            yield
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.remove(lock)


def _locked(lock, path):
    """The file `lock`, held. Between its opening and its locking another
    job may have ended and removed it: then there is a new one."""
    while True:
        try:
            file = open(lock, 'ab')
        except OSError as e:
            raise NSTError(f"{path} can't be written ({e.strerror}): choose "
                           'another folder') from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file.fileno()), os.stat(lock)):
                return file
        except FileNotFoundError:
            pass
        except BlockingIOError:
            file.close()
            raise NSTError(f'another job is writing {path}: wait for its '
                           'end, or choose another name') from None
        except OSError:    # a disk that knows no locks
            return file
        file.close()
