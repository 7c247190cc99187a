"""The options that belong to one of several styles, in `transfer`.

The positional STYLE is the first style, each --style begins a further one,
and what follows belongs to the one before it.
"""

import argparse
from typing import Any, Dict, Iterable, List

from ..controls.style import Style, styles_of
from .options import weight

MASKS = {
    '--mask': 'where the style paints: white is painted, black stays the '
              'photograph, grey is between',
    '--style-mask': 'the part of the style that is taken, in white: sky '
                    'from sky'}


class _Styles(argparse.Action):
    """Keeps the options of each style together: `args.named` is a list of
    dictionaries, the first of which is the positional style's."""

    def __call__(self, parser, namespace, values, option_string=None):
        named = namespace.named = list(namespace.named or [{}])
        if self.dest == 'further':
            named.append({'style': values})
        elif self.dest in named[-1]:
            raise argparse.ArgumentError(
                self, 'given twice for one style: name it after the --style '
                'that it belongs to')
        else:
            named[-1] = {**named[-1], self.dest: values}


def add_styles(parser: argparse.ArgumentParser) -> None:
    """The options of each style."""
    def add(name, **kwargs):
        parser.add_argument(name, action=_Styles, default=argparse.SUPPRESS,
                            **kwargs)

    parser.set_defaults(named=None)
    add('--style', dest='further', metavar='PAINTING',
        help='a further style; the next three options belong to the style '
        'before them, which at first is STYLE')
    add('--style-weight', metavar='X', type=weight,
        help='of the style loss; of several styles: relative to the others')
    for name, words in MASKS.items():
        add(name, metavar='PICTURE', help=words)


def weight_alone(args: argparse.Namespace) -> Dict[str, Any]:
    """A lone style's weight is that of the recipe: {} or a change of it."""
    named = args.named or [{}]
    if len(named) > 1 or 'style_weight' not in named[0]:
        return {}
    return {'style_weight': named[0]['style_weight']}


def styles_named(args: argparse.Namespace,
                 needs: Iterable[str]) -> List[Style]:
    """The `Style`s that the command names, after `args.style` was found
    among the positional pictures. Raises `NSTError`."""
    named = args.named or [{}]
    if 'style' not in needs:
        if any(set(each) - {'style_weight'} for each in named):
            args.usage_error(f'recipe {args.recipe} has no style: leave '
                             '--style, --mask and --style-mask out')
        return []
    return styles_of([Style(
        each.get('style', args.style),
        each.get('style_weight', 1) if len(named) > 1 else 1,
        each.get('mask'), each.get('style_mask')) for each in named])


def masks_named(styles: Iterable[Style]) -> List[str]:
    """The files of all masks of `Style`s, each of them looked at."""
    from ..controls.mask import read_mask
    masks = [mask for style in styles
             for mask in (style.mask, style.style_mask) if mask]
    for mask in masks:
        read_mask(mask, (1, 1))
    return masks
