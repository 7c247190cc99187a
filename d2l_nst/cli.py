"""The command: `d2l-nst`, or `python -m d2l_nst`."""

import argparse
import errno
import importlib
import sys
import warnings
from typing import Any, NoReturn, Optional, Sequence

from .commands.options import FAILED, FULL, INTERRUPTED, USAGE, one_interrupt
from .commands.streams import forgive
from .environment import check
from .errors import NSTError, NSTWarning

# Each is a module of `commands`: DESCRIPTION, add_options(parser), run(args)
COMMANDS = {
    'transfer': 'optimise a picture, by a recipe',
    'replay': 'repeat a transfer from its scorecard',
    'sheet': 'compare recipes and strengths on one page',
    'paint': 'one pass through a trained network',
    'train': 'train such a network',
    'render': 'paint without a network',
    'app': 'a page in the browser on which one paints',
    'weights': 'list, fetch and import the numbers of the networks',
    'pretrain': 'make the bundled features again',
    'doctor': 'what is wrong with this machine, and what mends it',
}


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Run the command; returns its exit code: 0, 1 where it failed (one
    line says why), 130 where the keyboard ended it. Wrong usage raises
    SystemExit(2), as argparse does."""
    if argv is None:
        forgive()
    try:
        args = make_parser().parse_args(argv)
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            with one_interrupt(argv is None):
                return args.run(args)
    except NSTError as e:
        return _end(FAILED, e)
    except OSError as e:
        return _end(FAILED, FULL if e.errno == errno.ENOSPC else e)
    except (MemoryError, OverflowError):
        return _end(FAILED, 'there is not enough memory: choose a smaller '
                    '--size')
    except KeyboardInterrupt:
        return _end(INTERRUPTED, 'interrupted before there was anything to '
                    'save')


def _show_warning(message, category, *where):
    """The package's own warnings in one line, those of others not."""
    if issubclass(category, NSTWarning):
        print(f'd2l-nst: {message}', file=sys.stderr)


def _end(code, message):
    print(f'd2l-nst: {message}', file=sys.stderr)
    return code


class _Parser(argparse.ArgumentParser):
    """One line for wrong usage; a subcommand's options are read from its
    module when it is called, not before."""

    def __init__(self, *args, command=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.command = command

    def parse_known_args(self, *args: Any, **kwargs: Any) -> Any:
        if self.command:
            if self.command != 'doctor':
                check()
            module = importlib.import_module(f'.commands.{self.command}',
                                             __package__)
            self.command, self.description = None, module.DESCRIPTION
            module.add_options(self)
            self.set_defaults(run=module.run)
            # CONTENT -o OUT STYLE; argparse does so or heeds --, not both
            mixed = getattr(module, 'INTERMIXED', False)
            if mixed and '--' not in (args[0] if args else sys.argv):
                return self.parse_known_intermixed_args(*args, **kwargs)
        return super().parse_known_args(*args, **kwargs)

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f'{self.prog}: {message} (see {self.prog} '
                         '--help)\n')


def make_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog='d2l-nst', description='Neural style transfer '
                     'from Dive into Deep Learning.')
    commands = parser.add_subparsers(required=True, metavar='COMMAND')
    for name, summary in COMMANDS.items():
        commands.add_parser(name, help=summary, command=name)
    return parser
