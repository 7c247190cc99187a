"""The progress bar of all the commands."""

import shutil
import sys


def make_bar(**options):
    """tqdm's bar, as wide as the terminal; silent where there is none.

    `options` are tqdm's: `total`, `unit`, `bar_format` ...
    """
    from tqdm import tqdm
    # tqdm shows nothing in a terminal that calls itself 0 lines high
    terminal = shutil.get_terminal_size()
    return tqdm(file=sys.stderr, disable=not sys.stderr.isatty(),
                ncols=terminal.columns, nrows=terminal.lines, **options)
