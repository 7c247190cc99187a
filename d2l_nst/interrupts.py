"""Interrupts that wait until what they would leave half done is done."""

import contextlib
import signal
import threading
from typing import Any, Dict, Iterator, List, Tuple

# The last one brings back what Python dropped: `commands.options`
SIGNALS: Tuple[int, ...] = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP,
                            signal.SIGALRM)


@contextlib.contextmanager
def later() -> Iterator[None]:
    """Let interrupts wait for the end of the block."""
    usual: Dict[int, Any] = {}
    came: List[Any] = []
    try:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                handler = signal.getsignal(number)
                if callable(handler):    # else the system sees to it
                    usual[number] = handler
                    signal.signal(number, lambda *how: came.append(how))
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
        for number, frame in came[:1]:
            usual[number](number, frame)
