"""Loss terms, one in each file: an image optimisation minimises their sum."""

from typing import Any, List

from .content import Content
from .gram import Gram
from .histogram import Histogram
from .laplacian import Laplacian
from .light import Light
from .matting import Matting
from .patches import Patches
from .term import PIXELS, Part, Term
from .variation import Variation

__all__ = ['Content', 'Gram', 'Histogram', 'Laplacian', 'Light', 'Matting',
           'PIXELS', 'Part', 'Patches', 'Term', 'Variation', 'terms_of']


def terms_of(recipe: Any) -> List[Term]:
    """The terms of a `Recipe`, without those that come from a picture which
    it does not look at."""
    terms = [Content(recipe.content_layers, recipe.content_weight,
                     recipe.content_form),
             Patches(recipe.style_layers, recipe.style_weight)
             if recipe.style_form == 'patches' else
             Gram(recipe.style_layers, recipe.style_weight,
                  recipe.style_form),
             *recipe.terms,
             Variation(weight=recipe.tv_weight, form=recipe.tv)]
    return [term for term in terms
            if term.comes_from in (None, *recipe.needs)]
