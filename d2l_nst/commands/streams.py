"""What the command says must not decide over its work: forgiving streams."""

import contextlib
import os
import sys
from typing import Any, TextIO


def forgive() -> None:
    """Have this process's stdout and stderr take all that is said: one that
    is closed or full, or whose encoding lacks a letter, stops nothing."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # Else the first file that is opened has this number, and gets
            # what a library writes to it
            os.open(os.devnull, os.O_RDWR)
    for name in ('stdout', 'stderr'):
        stream = getattr(sys, name) or open(os.devnull, 'w')
        stream.reconfigure(errors='backslashreplace')
        setattr(sys, name, Forgiving(stream))


class Forgiving:
    """A text stream; once it fails, all that it is given goes nowhere."""

    def __init__(self, stream: TextIO):
        self.stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def write(self, text: str) -> int:
        self._try(self.stream.write, text)
        return len(text)

    def flush(self) -> None:
        self._try(self.stream.flush)

    def _try(self, do, *args):
        try:
            do(*args)
        except OSError:
            with contextlib.suppress(OSError), open(os.devnull, 'w') as sink:
                os.dup2(sink.fileno(), self.stream.fileno())
