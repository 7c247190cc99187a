"""Where a network's numbers come from, in what files, and how they fill it.

`sources` is the table of sources and finds the `Weights` for a word or a file;
`record` is what weights say of themselves; `filling` puts them into a network.
Each source has a file: `hed`, `bundled`, `imagenet`, `random_filters`.
`formats` reads the files that people have, and `store` keeps a folder of them.
MXNet is imported with `filling` and `random_filters`, and elsewhere only where
it reads or writes a file.
"""

from .record import Weights
from .sources import (DEFAULT, SOURCES, find_weights, reach, weights_help,
                      within_reach)

__all__ = ['DEFAULT', 'SOURCES', 'Weights', 'fill', 'find_weights',
           'load_weights', 'reach', 'weights_help', 'within_reach']


def __getattr__(name):
    """What needs MXNet, which takes seconds to import, comes with it."""
    if name not in ('fill', 'load_weights'):
        raise AttributeError(f'module {__name__!r} has no attribute '
                             f'{name!r}')
    from . import filling
    return getattr(filling, name)
