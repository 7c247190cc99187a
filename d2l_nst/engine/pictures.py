"""The pictures of a job: read once, then made ready for each stage."""

import dataclasses
from typing import Any, Callable, List, Optional, Tuple

import numpy as onp

from .. import images
from ..chapter import postprocess, preprocess
from ..controls import colours
from ..controls.mask import blend, inside, read_mask, resized
from ..controls.style import (Guided, Style, guides, shares, styles_of,
                              union)
from ..errors import NSTError
from ..kinds import Array, Shape
from ..recipes.settings import Recipe
from .sizes import stage_shapes, style_shapes
from .starts import read_picture, start_picture

TINY = 1e-6   # in place of 0 where no style weighs anything
# By `Recipe.colours`: what is done to a style, and to what is painted
LUMINANCE = colours.match_luminance, colours.keep_luminance
KEPT = {'content': LUMINANCE, 'content:luminance': LUMINANCE,
        'content:match': (colours.match, colours.keep_broad)}


class Pictures:
    """The photograph and the styles of a job by a `Recipe`.

    `content` and `style` are those of `style_transfer`. As attributes,
    `content` and `styles`, a list of `Style`s with their masks as arrays,
    are what the network is to see, in the colours that it is to see;
    `photo` is the content as it was. What the recipe does not need is not
    there. `shapes` are (width, height) of each stage, and `read` the pixels
    of the content and of each style as they were.
    """

    def __init__(self, content: Any, style: Any, recipe: Recipe,
                 image_shape: Any = None):
        self.recipe, needs = recipe, recipe.needs
        photo = read_picture(content) if 'content' in needs else None
        styles = [
            dataclasses.replace(each, picture=read_picture(each.picture))
            for each in (styles_of(style) if 'style' in needs else ())]
        self.read = area(photo), [area(each.picture) for each in styles]
        self.shapes = stage_shapes(
            styles[0].picture if photo is None else photo, recipe,
            image_shape)
        self.styles = [self._with_masks(each, photo) for each in styles]
        self.photo = self.content = self._cut(photo)
        masks = [each.mask for each in self.styles]
        self.mask = union(masks)
        self.guides = guides(masks)
        self.shares = shares([each.weight for each in styles], self.guides)
        self.style_shapes = [style_shapes(each.picture, recipe, self.shapes)
                             for each in self.styles]
        self._choose_colours()

    def _cut(self, A):
        """A picture, or a mask of one, as the recipe crops it."""
        if A is None or not self.recipe.crop:
            return A
        return images.centre_crop(A, self.shapes[-1])

    def _with_masks(self, style, photo):
        """The style, cut, and its masks as arrays: of the size of the last
        stage, and of the style."""
        def read(mask, img, shape, feather=0):
            if mask is not None and self.recipe.crop:
                mask = self._cut(read_mask(mask, img.shape[1::-1]))
            return mask if mask is None else read_mask(mask, shape, feather)

        if style.mask is not None and photo is None:
            raise NSTError('a mask says where a photograph is painted, and '
                           'this recipe looks at none: leave the mask out')
        picture = self._cut(style.picture)
        return dataclasses.replace(
            style, picture=picture,
            mask=read(style.mask, photo, self.shapes[-1],
                      self.recipe.feather),
            style_mask=read(style.style_mask, style.picture,
                            picture.shape[1::-1]))

    def _choose_colours(self):
        """Let the network see the colours that the recipe names."""
        change, self.keep = KEPT.get(self.recipe.colours, (None, None))
        if not change:
            return
        shape = self.shapes[-1]
        photo = images.resize(self.photo, shape)
        self.styles = [dataclasses.replace(
            each, picture=change(each.picture, photo,
                                 *where_and_of(each, shape)))
            for each in self.styles]
        if change is colours.match_luminance:
            self.content = colours.luminance(self.photo)

    def start(self) -> Array:
        """The picture that the first stage starts from: of each style its
        own where it paints, and elsewhere the photograph."""
        shape = self.shapes[0]
        starts = [start_picture(self.recipe, self.content, each.picture,
                                shape, *where_and_of(each, shape))
                  for each in self.styles or [Style(None)]]
        if len(starts) == 1 and self.mask is None:
            return starts[0]
        small = [resized(guide, shape) for guide in self.guides]
        weights = [each.weight * (1 if guide is None else guide[..., None])
                   for each, guide in zip(self.styles, small)]
        mixed = sum(weight * images.resize(A, shape) for weight, A
                    in zip(weights, starts)) / onp.maximum(sum(weights), TINY)
        return mixed if self.mask is None else blend(
            mixed, images.resize(self.content, shape), union(small))

    def seen(self, i: int, ctx: Any) -> Tuple[Optional[Array], List[Guided]]:
        """What stage `i` compares its picture with, on a device: the
        content, (1, 3, H, W) or None, and a `Guided` for each style."""
        shape, content = self.shapes[i], self.content
        if content is not None:
            content = preprocess(content, shape).copyto(ctx)
        return content, [
            Guided(preprocess(each.picture, shapes[i]).copyto(ctx), share,
                   resized(guide, shape),
                   resized(each.style_mask, shapes[i]))
            for each, shapes, share, guide in zip(
                self.styles, self.style_shapes, self.shares, self.guides)]

    def finish(self, i: int) -> Callable[[Array], Array]:
        """A function that takes a picture of stage `i`, (1, 3, H, W), and
        returns it in the colours that are kept, and with the photograph
        where nothing is painted."""
        keep, shape = self.keep, self.shapes[i]
        if self.mask is None and not keep:
            return lambda X: X
        photo, mask = images.resize(self.photo, shape), resized(self.mask,
                                                                shape)

        def finished(X):
            img = 255 * postprocess(X).asnumpy()
            if keep:
                img = keep(img, photo)
            if mask is not None:
                img = blend(img, photo, mask)
            return preprocess(img, shape).as_in_ctx(X.ctx)
        return finished


def area(img: Optional[Array]) -> int:
    """Pixels of a picture, (H, W, 3); 0 of none."""
    return 0 if img is None else img.shape[0] * img.shape[1]


def where_and_of(style: Style, shape: Shape) -> Tuple[Array, Array]:
    """`where` and `of` as `colours.match` has them: the pixels of the
    content at `shape` that a `Style` paints, and those of its picture that
    it is taken from: booleans, (H, W) and (h, w), or True for all."""
    return inside(resized(style.mask, shape)), inside(style.style_mask)
