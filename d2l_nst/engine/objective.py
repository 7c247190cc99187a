"""Features and weighted losses as ONE hybrid graph: X -> (loss, terms)."""

import functools
from operator import itemgetter

import numpy as onp
from mxnet import gluon

from ..chapter import extract_features
from ..controls.mask import on_grid
from ..controls.style import Guided
from ..layers import poolings
from ..recipes.fitting import with_strength
from ..terms import PIXELS, terms_of
from ..vgg import taking_part
from .tuning import Tuned


class Objective(gluon.HybridBlock):
    """The sum of the `Part`s of terms, compiled with static memory.

    `net` is a `VGG`, or None where all parts are of the pixels. The parts'
    targets are on the device on which the objective is to run. Called with
    X, (1, 3, H, W), it returns the total loss and the weighted loss of each
    of `terms`: scalars.
    """

    def __init__(self, net, parts):
        super().__init__()
        self.net, self.parts = taking_part(net), parts
        self.terms = tuple(dict.fromkeys(part.name for part in parts))
        self.features = functools.partial(
            extract, net=net, layers=dict.fromkeys(part.layer
                                                   for part in parts))
        for i, part in enumerate(parts):
            for j, Y in enumerate(part.targets):
                target = self.params.get_constant(f'target{i}_{j}', Y)
                target.initialize(ctx=Y.ctx)
                setattr(self, f'target{i}_{j}', target)
        # static_shape would keep the buffers of both passes apart: a third
        # more memory for no time
        self.hybridize(static_alloc=True)

    def hybrid_forward(self, F, X, **targets):
        features = self.features(X)
        losses = dict.fromkeys(self.terms, 0)
        for i, part in enumerate(self.parts):
            Y = (targets[f'target{i}_{j}'] for j in range(len(part.targets)))
            losses[part.name] = losses[part.name] + part.weight * part.loss(
                features[part.layer], *Y)
        return (sum(losses.values()), *losses.values())


def extract(X, net, layers):
    """{layer: its features} of pictures X, (1, 3, H, W), of which the layer
    `PIXELS` is X itself."""
    layers = [layer for layer in layers if layer != PIXELS]
    if not layers:
        return {PIXELS: X}
    features, _ = extract_features(X, net, layers, ())
    return {PIXELS: X, **dict(zip(layers, features))}


def make_objective(recipe, net, X, content_X=None, style_X=None):
    """The objective of a `Recipe` for a picture that starts as X.

    X, `content_X` and `style_X`: (1, 3, H, W), of which the recipe may
    need one of the latter only. `style_X` may be a list of `Guided` too.
    """
    objective = Objective(net, make_parts(recipe, net, X, content_X,
                                          style_X))
    return Tuned(objective) if recipe.tuned else objective


def make_parts(recipe, net, X, content_X=None, style_X=None, look=None):
    """The weighted `Part`s of a recipe, as for `make_objective`; `look`
    may take the place of the function of that name."""
    recipe, parts = with_strength(recipe), []
    styles = style_X if isinstance(style_X, list) else [Guided(style_X)]
    pictures = {'content': [Guided(content_X)], 'style': styles,
                None: [Guided(X)]}
    terms = terms_of(recipe)
    for source, seen in pictures.items():
        ours = [(place, term) for place, term in enumerate(terms)
                if term.comes_from == source]
        for picture in seen if ours else ():
            found = (look or look_at)(picture, X, [term for _, term in ours],
                                      recipe.network, net)
            parts += [(place, part) for place, term in ours
                      for part in _parts(term, recipe, picture, X, *found)]
    return [part for _, part in sorted(parts, key=itemgetter(0))]


def look_at(picture, X, terms, network, net):
    """The features and the masks of a `Guided`, at all layers of the terms,
    for a picture like X: {layer: (1, C, h, w)} and `masks_of`."""
    layers = layers_of(terms)
    return extract(picture.X, net, layers), masks_of(picture, X, layers,
                                                     network)


def layers_of(terms):
    """The names of the layers of terms, each once."""
    return list(dict.fromkeys(layer.name for term in terms
                              for layer in term.layers))


def _parts(term, recipe, picture, X, features, masks):
    """Those of one term and one picture, which was looked at."""
    layers = [layer.name for layer in term.layers]
    made = term.parts(
        {layer: features[layer] for layer in layers},
        {layer: features_shape(layer, features[layer], X, recipe.network)
         for layer in layers}, recipe.relative, masks)
    return [part._replace(weight=part.weight * picture.share)
            for part in made]


def masks_of(picture, X, layers, network):
    """{layer: (mask, style mask)} of a `Guided`, on the grid of each layer,
    or None. A mask that it has not is 1 everywhere."""
    masks = picture.mask, picture.style_mask
    if all(mask is None for mask in masks):
        return None
    full = [onp.ones(A.shape[2:]) if mask is None else mask
            for A, mask in zip((X, picture.X), masks)]
    return {layer: [on_grid(mask, poolings(layer, network))
                    for mask in full] for layer in layers}


def features_shape(layer, Y, X, network):
    """(1, C, H, W) of the features of X at a layer where those of another
    picture are Y: each pooling halves the sides, rounded down."""
    return (*Y.shape[:2], *(side >> poolings(layer, network)
                            for side in X.shape[2:]))
