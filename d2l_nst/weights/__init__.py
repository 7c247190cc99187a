"""Where a network's numbers come from, in what files, and how they fill it.

`sources` is the table of sources and finds the `Weights` for a word or a file;
`record` is what weights say of themselves; `filling` puts them into a network.
Each source has a file: `hed`, `bundled`, `imagenet`, `random_filters`.
`formats` reads the files that people have, and `store` keeps a folder of them.
All of them are fetched when they are first used, since MXNet, which `filling`
and `random_filters` import, takes seconds.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submod_attrs={
    'filling': ['fill', 'load_weights'],
    'record': ['Weights'],
    'sources': ['DEFAULT', 'SOURCES', 'find_weights', 'reach', 'weights_help',
                'within_reach']})
