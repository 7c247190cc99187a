"""Whose colours: the photograph's are kept in one of two ways.

Gatys, Bethge, Hertzmann and Shechtman 2016, *Preserving Color in Neural
Artistic Style Transfer*: only the luminance is painted, or the style is
given the photograph's colours before. Pictures are (H, W, 3) in 0 ... 255.
"""

import numpy as onp
from scipy import ndimage

from ..kinds import Array

# Luminance and two colour differences of red, green and blue, NTSC 1953
YIQ = onp.array([[0.299, 0.587, 0.114],
                 [0.596, -0.274, -0.322],
                 [0.211, -0.523, 0.312]])
LEAST = 1.0      # variance of colours that are taken as one
# A painting's colours are stretched this many times at most: with more, the
# tints of one that is nearly grey are gaudy, and its grain is seen
STRETCH = 2.0
BROAD = 1 / 80   # of the longer side: what is broader than a stroke


def keep_luminance(painting: Array, photo: Array) -> Array:
    """The luminance of a painting in the colours of the photograph: two
    pictures of one size. Where a colour would be out of range at that
    luminance, it is paler.

    >>> dark, red = onp.full((1, 1, 3), 50), onp.full((1, 1, 3), (90, 30, 30))
    >>> keep_luminance(dark, red).round().tolist()
    [[[92.0, 32.0, 32.0]]]
    """
    return _coloured(luminance(painting), photo - luminance(photo))


def keep_broad(painting: Array, photo: Array) -> Array:
    """A painting whose colours are the photograph's where they are broad,
    as a wood or a sky is, and its own from stroke to stroke: two pictures
    of one size. The luminance is the painting's.

    Gatys et al. 2016 leave it at the palette, of which a painting puts any
    colour anywhere: a green wood goes grey.

    >>> bands = onp.kron([[[90, 30, 30], [30, 30, 90]]], onp.ones((9, 80, 1)))
    >>> kept = keep_broad(onp.full((9, 160, 3), 50), bands)
    >>> kept[0, [20, 140]].round().tolist()
    [[92.0, 32.0, 32.0], [43.0, 43.0, 103.0]]
    """
    grey = luminance(painting)
    own, reach = painting - grey, BROAD * max(photo.shape[:2])
    return _coloured(grey, own + ndimage.gaussian_filter(
        photo - luminance(photo) - own, (reach, reach, 0), mode='nearest'))


def _coloured(grey, colour):
    """A grey picture with a `colour`, whose luminance is 0, that is paler
    where it would be out of range."""
    room = onp.where(colour > 0, 255 - grey, grey)
    part = onp.where(colour, room / onp.maximum(abs(colour), 1e-6), 1)
    return grey + part.min(axis=2, keepdims=True).clip(0, 1) * colour


def luminance(img: Array) -> Array:
    """The Y of YIQ in all three channels: (H, W, 3)."""
    return onp.repeat(onp.asarray(img, 'float64') @ YIQ[0][:, None], 3, 2)


def match_luminance(style: Array, content: Array, where: Array = True,
                    of: Array = True) -> Array:
    """The luminance of the style with the content's mean and deviation:
    (h, w, 3), grey. `where` and `of` as in `match`."""
    style, content = luminance(style), luminance(content)
    ours, theirs = (pixels(A, B)[:, 0] for A, B in ((style, of),
                                                    (content, where)))
    scale = theirs.std() / max(ours.std(), LEAST ** 0.5)
    return ((style - ours.mean()) * scale + theirs.mean()).clip(0, 255)


def match(style: Array, content: Array, where: Array = True,
          of: Array = True) -> Array:
    """The style in the content's colours: (h, w, 3).

    A linear map of the pixels gives them the mean and the covariance of the
    content's (Gatys et al. 2016, section 4.1). Of all such maps this one
    moves colours least, A = S^(-1/2) (S^(1/2) C S^(1/2))^(1/2) S^(-1/2)
    (Pitie and Kokaram 2007), and it stretches none more than `STRETCH`
    times. This differs from the paper's, which turn colours into others.
    `where` and `of` are booleans, (H, W) and (h, w): the pixels of content
    and style that are looked at; True for all.
    """
    style = onp.asarray(style, 'float64')
    ours, theirs = pixels(style, of), pixels(content, where)
    S, C = (onp.cov(A.T, bias=True) for A in (ours, theirs))
    root, inverse = _power(S, 0.5), _power(S, -0.5)
    A = _power(inverse @ _power(root @ C @ root, 0.5) @ inverse, 1, STRETCH)
    moved = (style - ours.mean(axis=0)) @ A + theirs.mean(axis=0)
    return moved.clip(0, 255)


def pixels(img: Array, where: Array) -> Array:
    """Those of a picture `where` that is true, (H, W) or one for all: (N,
    3) float64."""
    return onp.asarray(img, 'float64')[where].reshape(-1, 3)


def _power(S, power, most=onp.inf):
    """A power of a symmetric matrix, whose values are `most` or less; a
    colour that does not vary is left out of a negative one, as far as
    `LEAST` goes."""
    values, vectors = onp.linalg.eigh(S)
    values = values.clip(LEAST if power < 0 else 0, most)
    return (vectors * values ** power) @ vectors.T
