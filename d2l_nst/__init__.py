"""Neural style transfer from *Dive into Deep Learning*, in MXNet/Gluon.

The chapter's names and a few more, fetched when they are first used: the
import of the package itself loads nothing. Import it before MXNet, which then
uses all cores, and call `npx.set_np()`.
"""

from .cores import set_up_mxnet
from .environment import prepare

__version__ = '0.1.0'

set_up_mxnet()
if prepare():
    import lazy_loader
    __getattr__, __dir__, __all__ = lazy_loader.attach(
        __name__,
        submodules=['chapter', 'cli', 'course', 'errors', 'images',
                    'measures', 'plots', 'recipes', 'steps', 'vgg',
                    'weights'],
        submod_attrs={
            'errors': ['NSTError', 'NSTWarning', 'ImageError', 'WeightsError',
                       'DivergedError', 'CourseError', 'BrokenEnvironment'],
            'course': ['check', 'hint'],
            'images': ['read_image'],
            'outputs': ['save_image'],
            'chapter': ['preprocess', 'postprocess', 'extract_features',
                        'get_contents', 'get_styles', 'content_loss', 'gram',
                        'style_loss', 'tv_loss', 'compute_loss',
                        'GeneratedImage', 'get_inits', 'train'],
            'weights': ['find_weights', 'load_weights'],
            'vgg': ['VGG', 'get_net', 'layer_names'],
            'recipes': ['RECIPES', 'Layer', 'Recipe', 'Stage', 'Start',
                        'get_recipe', 'budget', 'budget_shape'],
            'steps': ['Step'],
            'epochs': ['Epochs'],
            'controls.style': ['Style'],
            'engine.objective': ['Objective', 'make_objective'],
            'engine.optimisers': ['optimise'],
            'engine.synthesis': ['style_transfer', 'Result'],
            'plots': ['Animator', 'set_figsize']})
