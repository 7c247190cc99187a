"""The options of `transfer`."""

import argparse
import dataclasses
from typing import Callable, Tuple

from ..errors import NSTError
from ..layers import Layer, parse_layers
from ..recipes.settings import Recipe
from ..recipes.start import Start
from ..recipes.systems import RECIPES, get_recipe
from .options import SIZE, add_existing, count, size, tile_size, weight
from .several import Pictures
from .styles import add_styles, weight_alone

# Those of what is written besides the picture
WRITTEN = 'output', 'trace', 'save_every', 'no_metadata'


def layers(text: str) -> Tuple[Layer, ...]:
    try:
        return parse_layers(text.split(','))
    except NSTError as e:
        raise argparse.ArgumentTypeError(e) from None


OPTIONS = [field for field in dataclasses.fields(Recipe)
           if 'help' in field.metadata and field.name != 'style_weight']
TYPES = {str: str, int: int, float: weight, Start: str,
         Tuple[Layer, ...]: layers}


def add_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    parser.set_defaults(usage_error=parser.error, until=None, like=None)
    content = add('content', metavar='CONTENT', nargs='+', action=Pictures,
        help='photograph to be painted, or a folder of them')
    # All positional pictures reach CONTENT's action, which finds the style
    add('style', metavar='STYLE', nargs='?', default=argparse.SUPPRESS,
        help='painting to paint it like')
    output = add('-o', '--output', metavar='OUT', required=True,
        help='picture to save: .png, .jpg, .webp or .tif; a folder for '
        'several CONTENTs')
    add('--recipe', choices=RECIPES, default='quick', metavar='NAME',
        help=f'one of {", ".join(RECIPES)}; default: %(default)s')
    add('--size', type=size, metavar=SIZE, dest='image_shape',
        help='pixels of the result: both sides, the longer one, or as many '
        'as CONTENT has; default: the proportions of CONTENT')
    add('--epochs', type=count, metavar='N', dest='num_epochs',
        help='in each stage')
    for field in OPTIONS:
        add_field(add, field)
    add_styles(parser)
    add('--device', choices=('cpu', 'gpu', 'auto'), default='auto')
    add('--tile', type=tile_size, metavar='N',
        help='pixels a side of the tiles in which the network sees a larger '
        'picture; 0: always whole; default: auto, as the memory needs it')
    add('--dry-run', action='store_true',
        help='tell how long it will take and how much memory, and end')
    add('--save-every', type=count, metavar='N',
        help='also save the picture every N epochs, beside OUT')
    add('--trace', metavar='FILE.csv', help='write each epoch\'s losses')
    keep = parser.add_mutually_exclusive_group()
    keep.add_argument(
        '--checkpoint', metavar='FILE', help='keep there, now and then and '
        'when interrupted, all that it takes to go on with --resume')
    keep.add_argument(
        '--resume', metavar='FILE', action=_Resume, needless=(content, output),
        help='go on from a checkpoint, and keep the next ones there; it knows '
        'all other words, so that none is needed')
    add('--no-metadata', action='store_true',
        help='no scorecard, in the picture or beside it')
    add_existing(parser)


class _Resume(argparse.Action):
    """With it, what else is required is `needless`."""

    def __init__(self, needless=(), **kwargs):
        super().__init__(**kwargs)
        self.needless = needless

    def __call__(self, parser, namespace, values, option_string=None):
        setattr(namespace, self.dest, values)
        for action in self.needless:
            action.required = False


def add_field(add: Callable, field: dataclasses.Field) -> None:
    """The option of a field of the `Recipe`; not given, it is None, and
    the recipe's own value stands."""
    name, known = '--' + field.name.replace('_', '-'), field.metadata
    words = known['help']() if callable(known['help']) else known['help']
    if field.type is bool:
        add(name, action='store_const', const=True, help=words)
    elif known['choices']:
        add(name, choices=known['choices'], help=words)
    else:
        add(name, type=TYPES[field.type], metavar=known['metavar'] or 'X',
            help=words)


def recipe_of(args: argparse.Namespace) -> Recipe:
    """The recipe that was named, with what was given besides."""
    return get_recipe(args.recipe, **{
        name: getattr(args, name) for name in
        [field.name for field in OPTIONS] + ['num_epochs']
        if getattr(args, name) is not None}, **weight_alone(args))
