"""A style, how much of it there is, and where."""

import dataclasses
from typing import Any, List, NamedTuple, Optional, Sequence

import numpy as onp

from ..errors import NSTError
from ..kinds import Array
from ..ranges import ABOVE

Masks = Sequence[Array]    # any of which may be None

FAINT = 0.25   # of a mask: what is less is hardly painted


@dataclasses.dataclass(frozen=True)
class Style:
    """A style picture and what it is to do.

    `picture`: a file, or an array (h, w, 3). `weight`: beside those of the
    other styles. `mask`: where in the content it paints, as
    `mask.read_mask` reads it; everywhere where None. `style_mask`: the part
    of the picture that it is taken from: sky from sky.
    """

    picture: Any
    weight: float = 1
    mask: Any = None
    style_mask: Any = None


class Guided(NamedTuple):
    """A style as the losses of one stage see it: the picture `X`, (1, 3, h,
    w), its `share` of the weights, and masks, (H, W) of the content and (h,
    w) of the picture, or None."""

    X: Any
    share: float = 1
    mask: Optional[onp.ndarray] = None
    style_mask: Optional[onp.ndarray] = None


def styles_of(style: Any) -> List[Style]:
    """A list of `Style`s from one, from a picture, or from a list or tuple
    of either. Raises `NSTError`."""
    styles = [each if isinstance(each, Style) else Style(each)
              for each in (style if isinstance(style, (list, tuple))
                           else [style])]
    masks = sum(each.mask is not None for each in styles)
    if 0 < masks < len(styles):
        raise NSTError(f'{len(styles)} styles and {masks} mask'
                       f'{"s"[:masks > 1]}: give each style a mask of its '
                       'own, or none')
    if not styles or not all(each.weight in ABOVE for each in styles):
        raise NSTError('there is no style that weighs anything: give each a '
                       'weight above 0')
    return styles


def guides(masks: Masks) -> Masks:
    """Masks of styles, (H, W) each or None, as guides of the losses: how
    much of what is painted at a place is each style's. Where the masks are
    grey because little is painted, that little is painted in full.

    >>> guides([onp.array([0.0, 0.1, 0.5, 1.0])])[0].tolist()
    [0.0, 0.4, 1.0, 1.0]
    """
    painted = union(masks)
    return masks if painted is None else [
        mask / onp.maximum(painted, FAINT) for mask in masks]


def shares(weights: Sequence[float], masks: Masks) -> List[float]:
    """How much of the style's weight each style has, a list.

    Per painted pixel it is the recipe's on the average, at any number of
    styles: so a strength means the same, and a loss that is a mean over a
    small region does not pull its pixels more than a large one's. This
    differs from Gatys et al. 2017, where each region weighs the same.

    >>> shares([1, 3], [None, None])
    [0.25, 0.75]
    >>> left = onp.array([[1, 0, 0, 0]])
    >>> shares([1, 1], [left, 1 - left])
    [0.25, 0.75]
    """
    painted = union(masks)
    if painted is None:
        return [weight / sum(weights) for weight in weights]
    areas = [weight * mask.mean() for weight, mask in zip(weights, masks)]
    return [float(area / sum(areas) * painted.mean()) for area in areas]


def union(masks: Masks) -> Optional[Array]:
    """The mask of all that is painted by any, (H, W), or None where the
    masks are None."""
    if any(mask is None for mask in masks) or not masks:
        return None
    return onp.minimum(1, sum(masks))
