"""Sizes of the pictures in each stage."""

from typing import Any, List, Optional, Sequence

from .. import images
from ..errors import ImageError
from ..kinds import Array, Shape
from ..recipes.settings import Recipe
from ..terms import terms_of


def smallest_side(recipe: Recipe) -> int:
    """Pixels that each side needs, for all of its terms."""
    return max(term.smallest_side(recipe.network)
               for term in terms_of(recipe))


def stage_shapes(picture: Array, recipe: Recipe,
                 image_shape: Any = None) -> List[Shape]:
    """(width, height) of each stage, of the smallest first. Raises
    `ImageError`.

    The last stage has the size `image_shape`, which may be all that
    `images.shape_of` knows. Without one it has the area of the recipe in
    the proportions of `picture`, or, where the recipe crops, the recipe's
    own size. An earlier stage is as much smaller as it
    is in the recipe, but its shorter side keeps the pixels that the terms
    want (`Term.earlier_side`).
    """
    smallest = smallest_side(recipe)
    widths = [stage.image_shape[0] for stage in recipe.stages]
    width, height = shape = recipe.stages[-1].image_shape
    if image_shape is not None:
        cropped = recipe.crop and image_shape != 'content'
        last = images.shape_of(shape if cropped else picture.shape[1::-1],
                               image_shape)
    else:
        last = shape if recipe.crop else images.fit_shape(
            picture, width * height, smallest)
    if min(last) < smallest:
        raise ImageError(f'{last[0]}x{last[1]} is too small: each side '
                         f'needs at least {smallest} pixels')
    least = min(*recipe.stages[0].image_shape,
                *(term.earlier_side for term in terms_of(recipe)))
    ratios = [max(w / widths[-1], min(1, least / min(last)))
              for w in widths]
    width, height = last
    return [(max(smallest, round(width * ratio)),
             max(smallest, round(height * ratio))) for ratio in ratios]


def style_shapes(style: Optional[Array], recipe: Recipe,
                 shapes: Sequence[Shape]) -> Sequence[Shape]:
    """(width, height) of the style picture in each stage, where `shapes`
    are those of the result.

    It has the area of the result in its own proportions, times the
    recipe's `style_scale`. A style that is cropped has the result's own
    size. Where there is no content, the style has the recipe's area at any
    size of the result, so that a larger texture holds more of it.
    """
    if style is None or recipe.crop:
        return shapes
    if 'content' not in recipe.needs:
        shapes = [stage.image_shape for stage in recipe.stages]
    return [images.fit_shape(
        style, width * height * recipe.style_scale ** 2,
        smallest_side(recipe)) for width, height in shapes]
