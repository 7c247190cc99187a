"""Neural style transfer from *Dive into Deep Learning*, in MXNet/Gluon.

The chapter's names and a few more, fetched when they are first used: the
import of the package itself loads nothing. Import it before MXNet, which then
uses all cores, and call `npx.set_np()`.
"""

import importlib

from .cores import set_threads

__version__ = '0.1.0'

_HOMES = {
    'errors': ('NSTError', 'NSTWarning', 'ImageError', 'WeightsError',
               'DivergedError'),
    'images': ('read_image', 'save_image'),
    'chapter': ('preprocess', 'postprocess', 'extract_features',
                'get_contents', 'get_styles', 'content_loss', 'gram',
                'style_loss', 'tv_loss', 'compute_loss', 'GeneratedImage',
                'get_inits', 'train'),
    'weights': ('find_weights', 'load_weights'),
    'vgg': ('VGG', 'get_net', 'layer_names'),
    'objective': ('Objective', 'make_objective'),
    'recipes': ('RECIPES', 'Recipe', 'Stage', 'get_recipe', 'budget'),
    'steps': ('Step',),
    'optimisers': ('optimise',),
    'synthesis': ('style_transfer', 'Result'),
    'plots': ('Animator', 'set_figsize'),
}
set_threads()
_NAMES = {name: home for home, names in _HOMES.items() for name in names}
_NAMES.update((home, None) for home in _HOMES)
__all__ = sorted(_NAMES)


def __getattr__(name):
    if name not in _NAMES:
        raise AttributeError(f'module {__name__!r} has no attribute '
                             f'{name!r}')
    module = importlib.import_module(f'.{_NAMES[name] or name}', __name__)
    return getattr(module, name) if _NAMES[name] else module


def __dir__():
    return sorted(list(globals()) + __all__)
