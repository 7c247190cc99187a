"""`python -m d2l_nst`: the command."""

import sys

from .cores import ask_for_large_pages


def run() -> int:
    """The command: its exit status."""
    ask_for_large_pages()
    from .cli import main
    return main()


if __name__ == '__main__':
    sys.exit(run())
