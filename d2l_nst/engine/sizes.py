"""Sizes of the pictures in each stage."""

from .. import images
from ..errors import ImageError
from ..terms import terms_of


def smallest_side(recipe):
    """Pixels that each side needs, for all of its terms."""
    return max(term.smallest_side(recipe.network)
               for term in terms_of(recipe))


def stage_shapes(picture, recipe, image_shape=None):
    """(width, height) of each stage. The last is `image_shape`, or has
    the picture's proportions and the area of the recipe, or, where that
    crops, the recipe's own shape; the earlier ones keep the recipe's ratio
    to it as long as their sides have the pixels that its terms want
    (`Term.earlier_side`), or the recipe's own. Raises
    `ImageError`."""
    smallest = smallest_side(recipe)
    widths = [stage.image_shape[0] for stage in recipe.stages]
    width, height = shape = recipe.stages[-1].image_shape
    last = image_shape or (shape if recipe.crop else images.fit_shape(
        picture, width * height, smallest))
    if min(last) < smallest:
        raise ImageError(f'{last[0]}x{last[1]} is too small: each side '
                         f'needs at least {smallest} pixels')
    least = min(*recipe.stages[0].image_shape,
                *(term.earlier_side for term in terms_of(recipe)))
    ratios = [max(w / widths[-1], min(1, least / min(last)))
              for w in widths]
    return [tuple(max(smallest, round(side * ratio)) for side in last)
            for ratio in ratios]


def style_shapes(style, recipe, shapes):
    """(width, height) of the style picture in each stage whose result has
    one of `shapes`: the same area in its own proportions, times the
    recipe's `style_scale`; where it is cropped, the same shape; where there
    is no content, the recipe's area, so that a larger result holds more of
    it and not larger."""
    if style is None or recipe.crop:
        return shapes
    if 'content' not in recipe.needs:
        shapes = [stage.image_shape for stage in recipe.stages]
    return [images.fit_shape(
        style, width * height * recipe.style_scale ** 2,
        smallest_side(recipe)) for width, height in shapes]
