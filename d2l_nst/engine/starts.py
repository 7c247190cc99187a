"""The picture that an optimisation starts from."""

import os
import pkgutil
from typing import Any, Optional

import numpy as onp

from .. import images
from ..controls.colours import pixels
from ..kinds import Array, Shape
from ..recipes.settings import Recipe

NOISE = 20     # of 255, to both sides of the mean colour
# A dull channel is stretched this many times at most: with more its noise
# would be seen
STRETCH = 4.0
# Starts that another room makes, found where they are needed. Each function
# is given the content, the style and a strength
ELSEWHERE = {'pass': 'd2l_nst.feedforward.any_style:paint_like'}


def start_picture(recipe: Recipe, content: Optional[Array],
                  style: Optional[Array], shape: Shape, where: Array = True,
                  of: Array = True) -> Array:
    """The picture that `recipe.init` names: (H, W, 3) in 0 ... 255.

    `shape`: (width, height) that it is to have, where it must be known;
    `content` and `style`: (H, W, 3), or None where the recipe needs none;
    `where` and `of`, as in `colours.match`, are what is painted of the one
    like what of the other.
    """
    kind = recipe.init.kind
    value: Any = recipe.init.value
    if kind == 'content':
        return content
    if kind == 'style':
        return images.centre_crop(style, shape)
    if kind == 'palette':
        return in_palette(images.resize(content, shape), style,
                          min(1, 2 * recipe.strength), where, of)
    if kind in ELSEWHERE:
        paint = pkgutil.resolve_name(ELSEWHERE[kind])
        return paint(images.resize(content, shape), style, recipe.strength)
    if kind == 'file':
        return images.centre_crop(read_picture(value), shape)
    if kind == 'noise':
        return noise(shape, recipe.seed)
    return (value * noise(shape, recipe.seed)
            + (1 - value) * images.resize(content, shape))


def in_palette(img: Array, style: Array, part: float = 1, where: Array = True,
               of: Array = True) -> Array:
    """`img` with the mean and the deviation of each channel of `style`,
    both (H, W, 3) in 0 ... 255, or `part` of the way there.

    Reinhard, Ashikhmin, Gooch and Shirley 2001, here in red, green and
    blue: much of the style loss is palette, and a picture that has it
    already is a shorter way from the result. A channel is stretched
    `STRETCH` times at most. `where` and `of` are those of `colours.match`:
    the pixels of `img` and `style` that are looked at.
    """
    img = onp.asarray(img, 'float64')
    ours, theirs = pixels(img, where), pixels(style, of)
    scale = onp.minimum(theirs.std(0) / onp.maximum(ours.std(0), 1), STRETCH)
    moved = (img - ours.mean(0)) * scale + theirs.mean(0)
    return onp.clip(img + part * (moved - img), 0, 255)


def noise(shape: Shape, seed: int) -> Array:
    """Noise around ImageNet's mean colour, uniform within `NOISE`, as
    walkthroughs of Gatys, Ecker and Bethge 2016 have it."""
    random = onp.random.RandomState(seed % 2 ** 32)
    width, height = shape
    return images.RGB_MEAN * 255 + random.uniform(-NOISE, NOISE,
                                                  (height, width, 3))


def read_picture(img: Any) -> Array:
    """An (H, W, 3) array from a file's path or from an array, checked."""
    if isinstance(img, (str, bytes, os.PathLike)):
        img = images.read_image(os.fsdecode(img))
    img = images.to_numpy(img)
    images.check_size(img)
    images.check_range(img)
    return img
