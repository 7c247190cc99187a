"""Features and weighted losses as ONE hybrid graph: X -> (loss, terms)."""

import functools

from mxnet import gluon

from .layers import CONTENT_LAYERS, STYLE_LAYERS
from .losses import (CONTENT_WEIGHT, STYLE_WEIGHT, TV_WEIGHT, compute_loss,
                     gram)
from .methods.gatys import content_parts, style_parts
from .methods.histogram import histogram_parts
from .methods.laplacian import laplacian_parts
from .methods.mrf import patch_parts
from .methods.part import PIXELS, relative
from .methods.tuning import Tuned
from .methods.variation import tv_parts
from .settings import layer_weights, with_strength
from .vgg import extract_features, taking_part


class Objective(gluon.HybridBlock):
    """The chapter's loss of a picture, compiled with static memory.

    `contents_Y` are features of the content picture, as `get_contents`
    returns them, `styles_Y_gram` the Gram matrices of the style's, on the
    device on which the objective is to run. Called with X, (1, 3, H, W),
    it returns the total loss and, in the order of `terms`, the weighted
    content, style and total variation losses: four scalars.
    """

    terms = ('content', 'style', 'tv')

    def __init__(self, net, contents_Y, styles_Y_gram,
                 content_layers=CONTENT_LAYERS, style_layers=STYLE_LAYERS,
                 content_weight=CONTENT_WEIGHT, style_weight=STYLE_WEIGHT,
                 tv_weight=TV_WEIGHT):
        super().__init__()
        self.net = taking_part(net)
        self.features = functools.partial(
            extract_features, net=net, content_layers=content_layers,
            style_layers=style_layers)
        self.weights = content_weight, style_weight, tv_weight
        for i, Y in enumerate(contents_Y + styles_Y_gram):
            target = self.params.get_constant(f'target{i}', Y)
            target.initialize(ctx=Y.ctx)
            setattr(self, f'target{i}', target)
        # static_shape would keep the buffers of both passes apart: a third
        # more memory for no time
        self.hybridize(static_alloc=True)

    def hybrid_forward(self, F, X, **targets):
        contents, styles = self.features(X)
        Y = [targets[f'target{i}'] for i in range(len(targets))]
        contents_l, styles_l, tv_l, l = compute_loss(
            X, contents, styles, Y[:len(contents)], Y[len(contents):],
            *self.weights)
        return l, sum(contents_l), sum(styles_l), tv_l


class PartsObjective(gluon.HybridBlock):
    """Any sum of `Part`s, compiled with static memory.

    The parts' targets are on the device on which the objective is to run.
    Called with X, (1, 3, H, W), it returns the total loss and the loss of
    each of `terms`: scalars.
    """

    def __init__(self, net, parts):
        super().__init__()
        self.net, self.parts = taking_part(net), parts
        self.terms = tuple(dict.fromkeys(part.term for part in parts))
        self.features = functools.partial(extract, net=net,
                                          layers=_layers(parts))
        for i, part in enumerate(parts):
            for j, Y in enumerate(part.targets):
                target = self.params.get_constant(f'target{i}_{j}', Y)
                target.initialize(ctx=Y.ctx)
                setattr(self, f'target{i}_{j}', target)
        self.hybridize(static_alloc=True)

    def hybrid_forward(self, F, X, **targets):
        features = self.features(X)
        losses = dict.fromkeys(self.terms, 0)
        for i, part in enumerate(self.parts):
            Y = (targets[f'target{i}_{j}'] for j in range(len(part.targets)))
            losses[part.term] = losses[part.term] + part.weight * part.loss(
                features[part.layer], *Y)
        return (sum(losses.values()), *losses.values())


def _layers(parts):
    return tuple(dict.fromkeys(part.layer for part in parts
                               if part.layer != PIXELS))


def extract(X, net, layers):
    """{layer: its features} of pictures X, and X itself as PIXELS."""
    if not layers:
        return {PIXELS: X}
    features, _ = extract_features(X, net, layers, ())
    return {PIXELS: X, **dict(zip(layers, features))}


def make_objective(recipe, net, X, content_X=None, style_X=None):
    """The objective of a `Recipe` for a picture that starts as X.

    X, `content_X` and `style_X`: (1, 3, H, W), of which the recipe may
    need one of the latter only. Where it asks for the chapter's losses
    and no more, that is an `Objective`.
    """
    recipe = with_strength(recipe)
    if recipe.is_chapters:
        contents_Y, _ = extract_features(content_X, net,
                                         recipe.content_layers, ())
        _, styles_Y = extract_features(style_X, net, (),
                                       recipe.style_layers)
        return Objective(net, contents_Y, [gram(Y) for Y in styles_Y],
                         recipe.content_layers, recipe.style_layers,
                         recipe.content_weight, recipe.style_weight,
                         recipe.tv_weight)
    parts = make_parts(recipe, net, X, content_X, style_X)
    objective = PartsObjective(net, parts)
    return Tuned(objective) if recipe.tuned else objective


def make_parts(recipe, net, X, content_X, style_X):
    """The weighted `Part`s of a recipe, as for `make_objective`."""
    parts = []
    if 'content' in recipe.needs:
        parts += _parts_of_content(recipe, net, content_X)
    if 'style' in recipe.needs:
        parts += _parts_of_style(recipe, net, X, style_X)
    if recipe.relative:
        parts = [relative(part) for part in parts]
    return parts + tv_parts(recipe.tv_weight, recipe.tv, content_X)


def _parts_of_content(recipe, net, content_X):
    layers = layer_weights(recipe.content_layers, recipe.content_weight)
    pools = dict.fromkeys(recipe.laplacian_pools, recipe.laplacian_weight)
    form = 'mean' if recipe.relative else recipe.content_form
    return (content_parts(layers, extract(content_X, net, layers), form)
            + laplacian_parts(pools, content_X))


def _parts_of_style(recipe, net, X, style_X):
    layers = layer_weights(recipe.style_layers, recipe.style_weight)
    more = layer_weights(recipe.histogram_layers, recipe.histogram_weight)
    features = extract(style_X, net, {**layers, **more})
    shapes = {layer: Y.shape for layer, Y in
              extract(X, net, {**layers, **more}).items()}
    if recipe.style_form == 'patches':
        parts = patch_parts(layers, features, shapes)
    else:
        form = 'mean' if recipe.relative else recipe.style_form
        parts = style_parts(layers, features, form)
    return parts + histogram_parts(more, features, shapes)
