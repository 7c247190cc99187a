"""The words of one `transfer`, and what it reads: enough to paint it again.

The words name files by their whole paths, so that they mean the same in any
folder.
"""

import argparse
import os
from typing import Any, Dict, List, Optional, Sequence

from .. import files
from ..errors import NSTError
from ..layers import Layer
from ..recipes.start import parse_start
from .transfer_options import OPTIONS, add_options

RUN = 'run'   # what a scorecard tells of it


def words_of(args: argparse.Namespace, *outputs: str) -> List[str]:
    """The words of a command that was parsed: those that decide the result,
    and the options `outputs`, by their names in `args`."""
    words = [os.path.abspath(path) for path in (args.content, args.style)
             if path]
    for name in ('recipe', 'image_shape', 'num_epochs', 'device', 'tile',
                 *(field.name for field in OPTIONS), *outputs):
        words += _option(OTHERWISE.get(name, name), getattr(args, name))
    for each in args.named or []:
        for name, value in each.items():
            words += _option(name, value)
    return words


OTHERWISE = {'image_shape': 'size', 'num_epochs': 'epochs'}
PATHS = 'output', 'trace', 'style', 'mask', 'style_mask'


def _option(name, value):
    """An option as words; none where nothing was given."""
    if value is None or value is False:
        return []
    option = '--' + name.replace('_', '-')
    if value is True:
        return [option]
    if name in PATHS or name in ('init', 'weights') and _is_file(name, value):
        value = os.path.abspath(value)
    if isinstance(value, tuple):
        value = (',' if isinstance(value[0], Layer) else 'x').join(
            map(str, value))
    return [f'{option}={value}']


def _is_file(name, value):
    if name == 'init':
        return parse_start(value).kind == 'file'
    return os.path.isfile(value)


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The arguments that such words stand for. Raises `NSTError`."""
    parser = _Parser()
    add_options(parser)
    return parser.parse_args(words)


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise NSTError(f'the words that were kept are no transfer: {message}')


def with_words(args: argparse.Namespace,
               words: Sequence[str]) -> argparse.Namespace:
    """The arguments of these words, but for what `args` have besides."""
    usual = parse(['\0', '--output=\0'])    # no file has such a name
    found = parse(words)
    for name, value in vars(args).items():
        if value != getattr(usual, name, None) and value is not None:
            setattr(found, name, value)
    return found


def record(args: argparse.Namespace, pixels: Optional[str]) -> Dict[str, Any]:
    """What a scorecard tells of the run that made a picture: all that
    repeats it. Its `pixels` are told by their hash. It names files and the
    machine, and is for the file beside the picture alone."""
    from ..scorecard import machine
    folder, name = os.path.split(os.path.abspath(args.output))
    return {'words': words_of(args), 'files': hashes(args), 'folder': folder,
            'extension': os.path.splitext(name)[1], 'pixels': pixels,
            'machine': machine()}


def hashes(args: argparse.Namespace) -> Dict[str, str]:
    """{path: sha256} of all files that a command reads, but for the
    package's own."""
    paths = [args.content, args.style]
    for each in args.named or []:
        paths += [each.get(name) for name in ('style', 'mask', 'style_mask')]
    paths += [value for name, value in (('init', args.init),
                                        ('weights', args.weights))
              if value and _is_file(name, value)]
    return {os.path.abspath(path): files.sha256(path)
            for path in paths if path}
