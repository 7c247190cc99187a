"""Interrupts that wait until what they would leave half done is done."""

import contextlib
import signal
import threading
from functools import partial
from typing import Any, Dict, Iterator, List, Tuple

# The last one brings back what Python dropped: `commands.options`
SIGNALS: Tuple[int, ...] = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP,
                            signal.SIGALRM)


@contextlib.contextmanager
def passed_over() -> Iterator[List[Any]]:
    """Let interrupts do nothing in the block, as in one that saves what is
    done; those that came are noted in a list: what each would have done."""
    usual: Dict[int, Any] = {}
    came: List[Any] = []
    try:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                handler = signal.getsignal(number)
                if callable(handler):    # else the system sees to it
                    usual[number] = handler
                    signal.signal(number, lambda *how, handler=handler:
                                  came.append(partial(handler, *how)))
        yield came
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def later() -> Iterator[None]:
    """Let interrupts wait for the end of the block."""
    came: List[Any] = []
    try:
        with passed_over() as came:
            yield
    finally:
        for interrupt in came[:1]:
            interrupt()
