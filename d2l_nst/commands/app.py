"""`app`: a page in the browser on which one paints."""

import importlib.util
import sys
from argparse import ArgumentParser, Namespace

from ..errors import NSTError
from .options import device

DESCRIPTION = """Open a page in the browser on which one paints: choose a
photograph and a painting, watch the picture grow, stop, go on, save. It is
served to this machine alone, and what it is given is removed at the end."""
OLDEST = 3, 10     # the Python that Gradio's present versions need


def add_options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add('-o', '--output', metavar='FOLDER',
        help='keeps the pictures that are painted, and their scorecards; '
        'without it they are gone at the end, unless they were saved')
    add('--host', default='127.0.0.1', metavar='ADDRESS',
        help='where it is served: %(default)s, the default, is this machine '
        'alone; 0.0.0.0 lets in everybody who can reach it, and asks for no '
        'password')
    add('--port', type=int, metavar='N',
        help='default: 7860, or one that is free; 0: one that is free')
    add('--no-browser', action='store_true',
        help='open no browser: the address is printed')
    add('--device', choices=('cpu', 'gpu', 'auto'), default='auto')


def run(args: Namespace) -> int:
    check()
    from ..app.server import serve
    serve(args.output, args.host, args.port, device(args.device),
          not args.no_browser)
    return 0


def check() -> None:
    """Raise `NSTError` where the page's library is not here."""
    if sys.version_info < OLDEST:
        raise NSTError('the page needs Python 3.10 or later, and this is '
                       '{}.{}: make clean, then make app PYTHON=python3.11'
                       .format(*sys.version_info))
    if importlib.util.find_spec('gradio') is None:
        raise NSTError('the page needs the package gradio: make app installs '
                       'it, and so does pip install -r requirements-app.txt')
