"""Named settings as data: each published system is a recipe."""

import dataclasses
from typing import Any, Optional, Union

from ..errors import NSTError
from ..layers import Layer, at
from ..terms import Histogram, Laplacian, Matting
from ..weights.record import PIXELS_255 as UNIT
from .checks import check_recipe
from .fitting import on_network
from .quick import QUICK
from .settings import Recipe, Stage
from .start import Start

RELU_1 = 'relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1'
# Some sources compute with pixels in 0 ... 255. Here pixels are divided by
# about 0.226 * 255, so that theirs are UNIT times larger. Their features are
# larger by the same factor, squares of features by UNIT ** 2, and squares of
# Gram matrices by UNIT ** 4; a weight grows as much, to weigh the same

RECIPES = {
    # The chapter: 225x150 from the content picture, then 900x600
    'book': Recipe((Stage((225, 150), 500, 200),
                    Stage((900, 600), 300, 100))),
    # The later edition's, 1.0: one size, and a learning rate ninety times
    # as high that falls to 0.8 every 50 epochs
    'book-1.0': Recipe((Stage((450, 300), 500, 50, 0.8),), lr=0.9,
                       style_weight=1e4),
    'quick': QUICK,
    # Gatys, Ecker and Bethge 2016, as TensorFlow walkthroughs have it, with
    # pixels in 0 ... 255: Adam at 2, content 1 and style 500, each divided
    # by its number of layers. They do not say whether the learning rate
    # falls; here it falls to a tenth half way, or a grain of single pixels
    # stays, and poolings take the average, as the paper advises
    'gatys': Recipe(
        (Stage((400, 300), 1000, 500),), lr=2 / UNIT, pooling='average',
        content_layers=at('relu4_2', 'relu5_2', weight=0.5),
        style_layers=at(*RELU_1, weight=0.2),
        content_form='half mean', style_form='quarter sum',
        init=Start('mix', 0.6), relative=True, content_weight=1,
        style_weight=10, tv_weight=0, published={
            'content_weight': 1 / 2 * UNIT ** 2,
            'style_weight': 500 / 5 * UNIT ** 4}),
    # The survey (Jing et al. 2020, section 4.1): sums in place of means.
    # It gives the layers and the start, no weights: those of Gatys, Ecker
    # and Bethge are for a network whose features all have the mean 1. So
    # they were found by trial, for relative losses. A first size, enlarged,
    # leaves nothing of the noise's grain
    'gatys-vgg16': Recipe(
        (Stage((200, 150), 150), Stage((400, 300), 150)), 'lbfgs',
        network='vgg16', smoothness=10, content_layers=at('relu3_3'),
        style_layers=at('relu1_2', 'relu2_2', 'relu3_3', 'relu4_3',
                        weight=0.25),
        content_form='half sum', style_form='quarter sum',
        init=Start('noise'), relative=True, content_weight=2,
        style_weight=3, tv_weight=0, pooling='average'),
    # PyTorch's walkthrough, whose pixels are standardised as they are here
    'gatys-lbfgs': Recipe(
        (Stage((256, 192), 300),), 'lbfgs', content_layers=at('conv2_2'),
        style_layers=at('conv1_1', 'conv1_2', 'conv2_1', 'conv2_2',
                        'conv3_1'),
        relative=True, content_weight=1, style_weight=5, tv_weight=0,
        published={'content_weight': 1, 'style_weight': 1e6}),
    # A note on total variation: `features` 0, 5, 10, 19, 28 for style, the
    # last four for content too. It does not say the weights, nor how many
    # steps there are; they were found by trial. With few steps in smooth
    # coordinates strokes are left, with more of them a sum of absolute
    # values makes bricks
    'gatys-tv': Recipe(
        (Stage((256, 256), 60),), 'lbfgs', crop=True, smoothness=10,
        content_layers=at('conv2_1', 'conv3_1', 'conv4_1', 'conv5_1'),
        style_layers=at('conv1_1', 'conv2_1', 'conv3_1', 'conv4_1',
                        'conv5_1'), tv='sum', pooling='average',
        relative=True, content_weight=1, style_weight=6, tv_weight=4e-6),
    # Gatys, Ecker and Bethge 2015 with the layers of its authors' code,
    # which all weigh the same there, and its average pooling. Any size may
    # be asked for
    'texture': Recipe(
        (Stage((256, 256), 300),), 'lbfgs', needs=('style',),
        init=Start('noise'), pooling='average',
        style_layers=at('relu1_1', 'pool1', 'pool2', 'pool3', 'pool4'),
        style_form='quarter sum', relative=True, style_weight=1,
        tv_weight=0, published={'style_weight': 1}),
    # Mahendran and Vedaldi 2015: squared distance relative to that of zero,
    # which `relative` is, and total variation of beta = 2; L-BFGS in place
    # of gradient descent with momentum. The weight of the variation
    # depends on the units of their pixels and is found anew; smooth
    # coordinates come to the picture from noise in fewer steps
    'inversion': Recipe(
        (Stage((224, 224), 200),), 'lbfgs', needs=('content',),
        init=Start('noise'), smoothness=10, content_layers=at('relu3_1'),
        tv='squared', relative=True, content_weight=1, tv_weight=1e-2),
    # Risser, Wilmot and Barnes 2017. The paper does not give the weights:
    # it tunes them at each step (which is `tuned`, for Adam). Here their
    # ratios are fixed; they were found by trial
    'histogram': Recipe(
        (Stage((225, 150), 100), Stage((450, 300), 50)), 'lbfgs',
        content_layers=at('relu4_1'), style_layers=at(*RELU_1),
        terms=(Histogram(at('relu4_1', 'relu1_1'), 24),),
        relative=True, content_weight=3, style_weight=2, tv_weight=0.1),
    # Li, Xu, Nie and Liu 2017: Gatys, Ecker and Bethge's losses and the
    # Laplacian's. In their code pixels are in 0 ... 255, content weighs 5,
    # style 100 and the Laplacian 100 (with the means that are used here,
    # and one pooling, of 4)
    'laplacian': Recipe(
        (Stage((225, 150), 100), Stage((450, 300), 50)), 'lbfgs',
        content_layers=at('relu4_2'), style_layers=at(*RELU_1),
        terms=(Laplacian(weight=2, pools=(4, 16)),),
        relative=True, content_weight=4, style_weight=2, tv_weight=0.5,
        published={'content_weight': 5 * UNIT ** 2,
                   'style_weight': 100 * UNIT ** 4,
                   'terms': (Laplacian(weight=100 * UNIT ** 2,
                                       pools=(4, 16)),)}),
    # Luan, Paris, Shechtman and Bala 2017: the mood of a painting without its
    # strokes. They add the matting Laplacian to the losses of Gatys, Ecker
    # and Bethge, and keep regions apart by masks (`--mask`, `--style-mask`).
    # Here the Laplacian of Li, Xu, Nie and Liu 2017 holds the lines too, and
    # the start in the style's palette has no matting loss yet. The weights
    # were found by trial: with a third for the matting an even sky is blotchy
    'photo': Recipe(
        (Stage((225, 150), 40), Stage((450, 300), 40),
         Stage((900, 600), 30)), 'lbfgs', smoothness=10, margin=16,
        init=Start('palette'), content_layers=at('relu4_2'),
        style_layers=(Layer('relu1_1', 2),
                      *at('relu2_1', 'relu3_1', 'relu4_1')),
        terms=(Laplacian(weight=2, pools=(4, 16)), Matting(weight=1000)),
        relative=True, content_weight=1.5, style_weight=4, tv_weight=0,
        pooling='average', padding='edge', precision='auto'),
    # Li and Wand 2016 with the settings of their code: three sizes, 100
    # steps each, from the content. The weights were found by trial:
    # those of the code depend on the picture's size (20 for a mean over
    # features, 1e-4 for a sum). With 2 for the content little is left of
    # the style
    'mrf': Recipe(
        (Stage((112, 75), 100), Stage((225, 150), 100),
         Stage((450, 300), 100)), 'lbfgs', style_form='patches',
        content_layers=at('relu4_2'),
        style_layers=at('relu3_1', 'relu4_1'),
        tv='squared', relative=True, content_weight=0.8, style_weight=1,
        tv_weight=0.3, smoothness=10),
}


def get_recipe(recipe: Union[str, Recipe] = 'quick',
               num_epochs: Optional[int] = None, **changes: Any) -> Recipe:
    """A recipe by name (or itself), with some of its fields changed.

    `num_epochs` is set in each stage. A layer that another network does
    not have (`conv4_4` in VGG-16) becomes the last of its block. Raises
    `NSTError`.
    """
    if isinstance(recipe, str):
        if recipe not in RECIPES:
            raise NSTError(f'unknown recipe {recipe}: choose one of '
                           f'{", ".join(RECIPES)}')
        recipe = RECIPES[recipe]
    recipe = dataclasses.replace(recipe, **changes)
    if recipe.published:  # the caller's own stand
        recipe = dataclasses.replace(recipe, published={
            name: changes.get(name, value)
            for name, value in recipe.published.items()})
    if 'network' in changes:
        recipe = on_network(recipe, changes)
    if num_epochs is not None:
        recipe = dataclasses.replace(recipe, stages=tuple(
            dataclasses.replace(stage, num_epochs=num_epochs)
            for stage in recipe.stages))
    check_recipe(recipe)
    return recipe
