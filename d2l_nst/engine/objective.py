"""Features and weighted losses: X -> (loss, terms), and the gradient."""

from operator import itemgetter
from typing import (Any, Callable, Iterable, List, Optional, Sequence, Tuple,
                    Union)

import numpy as onp
from mxnet import autograd

from ..controls.mask import on_grid
from ..controls.style import Guided
from ..kinds import Array, Arrays, Dims
from ..layers import poolings
from ..recipes.fitting import with_strength
from ..recipes.settings import Recipe
from ..terms import Part, Term, terms_of
from ..terms.term import Masks
from ..vgg import VGG
from .features import extract
from .tuning import Tuned, with_gradient
from .walk import stretches

Seen = Tuple[Arrays, Optional[Masks]]    # what `look_at` returns
Look = Callable[..., Seen]


class Objective:
    """The sum of the `Part`s of terms.

    `net` is a `VGG`, or None where all parts are of the pixels. The parts'
    targets are on the device on which the objective is to run. Called with
    X, (1, 3, H, W), it returns the total loss and the weighted loss of each
    of `terms`: scalars. autograd knows the gradient of the total alone; for
    that of one of the terms go `forward` and `back`.
    """

    def __init__(self, net: Optional[VGG], parts: Sequence[Part]):
        self.terms = tuple(dict.fromkeys(part.name for part in parts))
        self.stretches = stretches(net, parts)

    def __call__(self, X: Array) -> Tuple[Array, ...]:
        if autograd.is_recording():
            with autograd.pause():
                each, gradient = self.back(self.forward(X), self.terms)
            return (with_gradient(sum(each), X, gradient), *each)
        losses = self.losses(X)
        return (sum(losses.values()), *losses.values())

    def losses(self, X: Array) -> Arrays:
        """{term: its loss}, on the way through alone."""
        A, losses = X.as_nd_ndarray(), dict.fromkeys(self.terms, 0)
        for stretch in self.stretches:
            A = stretch.forward(A)
            stretch.listen(A, losses)
            A = stretch.at(stretch.end, A)
        return losses

    def forward(self, X: Array) -> List[Array]:
        """What each of the `stretches` keeps on the way through."""
        A, kept = X.as_nd_ndarray(), []
        for stretch in self.stretches:
            kept.append(stretch.forward(A))
            A = stretch.at(stretch.end, kept[-1])
        return kept

    def back(self, kept: List[Array],
             terms: Iterable[str]) -> Tuple[List[Array], Array]:
        """The losses of some of the `terms`, and the gradient of their sum
        at the pixels. The list of what was kept is emptied, so that it goes
        as soon as it has served."""
        losses = dict.fromkeys(terms, 0)
        slope: Any = None
        for stretch in reversed(self.stretches):
            slope = stretch.back(kept.pop(), slope, losses)
        return list(losses.values()), slope.as_np_ndarray()


def make_objective(recipe: Recipe, net: VGG, X: Array,
                   content_X: Optional[Array] = None, style_X: Any = None,
                   look: Optional[Look] = None) -> Union[Objective, Tuned]:
    """The objective of a `Recipe` for a picture that starts as X.

    X, `content_X` and `style_X`: (1, 3, H, W), of which the recipe may
    need one of the latter only. `style_X` may be a list of `Guided` too.
    `look` may take the place of `look_at`.
    """
    objective = Objective(net, make_parts(recipe, net, X, content_X,
                                          style_X, look))
    return Tuned(objective) if recipe.tuned else objective


def make_parts(recipe: Recipe, net: VGG, X: Array,
               content_X: Optional[Array] = None, style_X: Any = None,
               look: Optional[Look] = None) -> List[Part]:
    """The weighted `Part`s of a recipe, as for `make_objective`."""
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


def look_at(picture: Guided, X: Array, terms: Sequence[Term], network: str,
            net: VGG) -> Seen:
    """The features and the masks of a `Guided`, at all layers of the terms,
    for a picture like X: {layer: (1, C, h, w)} and `masks_of`."""
    layers = layers_of(terms)
    return extract(picture.X, net, layers), masks_of(picture, X, layers,
                                                     network)


def layers_of(terms: Sequence[Term]) -> List[str]:
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


def masks_of(picture: Guided, X: Array, layers: Sequence[str],
             network: str) -> Optional[Masks]:
    """{layer: (mask, style mask)} of a `Guided`, on the grid of each layer,
    or None. A mask that it has not is 1 everywhere."""
    masks = picture.mask, picture.style_mask
    if all(mask is None for mask in masks):
        return None
    ours, theirs = (onp.ones(A.shape[2:]) if mask is None else mask
                    for A, mask in zip((X, picture.X), masks))
    depths = {layer: poolings(layer, network) for layer in layers}
    return {layer: (on_grid(ours, depth), on_grid(theirs, depth))
            for layer, depth in depths.items()}


def features_shape(layer: str, Y: Array, X: Array, network: str) -> Dims:
    """(1, C, H, W) of the features of X at a layer where those of another
    picture are Y: each pooling halves the sides, rounded down."""
    return (*Y.shape[:2], *(side >> poolings(layer, network)
                            for side in X.shape[2:]))
