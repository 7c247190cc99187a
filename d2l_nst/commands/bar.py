"""The progress bar of all the commands, and the lines in its place where
there is no terminal."""

import shutil
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tqdm import tqdm

EVERY = 30    # seconds from one line to the next
LINE = ('{desc}{percentage:3.0f}% {n_fmt}/{total_fmt} '
        '[{elapsed}<{remaining}{postfix}]')


def make_bar(**options: Any) -> 'tqdm':
    """tqdm's bar, as wide as the terminal. Where there is none, as in a
    log, it is a line every `EVERY` seconds.

    `options` are tqdm's: `total`, `unit`, `bar_format` ...
    """
    from tqdm import tqdm
    if sys.stderr.isatty():
        # tqdm shows nothing in a terminal that calls itself 0 lines high
        terminal = shutil.get_terminal_size()
        return tqdm(file=sys.stderr, ncols=terminal.columns,
                    nrows=terminal.lines, **options)

    class Lines(tqdm):
        told = time.monotonic()

        def display(self, msg=None, pos=None):
            now = time.monotonic()
            if msg is None and now >= self.told + EVERY:   # '' clears a bar
                print(self, file=sys.stderr, flush=True)
                self.told = now

        def clear(self, *args, **kwargs):
            """A line stays where it is when another is written."""

    form = options.pop('bar_format', LINE).replace('|{bar}| ', '')
    return Lines(file=sys.stderr, mininterval=EVERY, miniters=1, leave=False,
                 bar_format=form, **options)
