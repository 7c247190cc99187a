"""Whose colours: the photograph's are kept in one of two ways.

Gatys, Bethge, Hertzmann and Shechtman 2016, *Preserving Color in Neural
Artistic Style Transfer*: only the luminance is painted, or the style is
given the photograph's colours before. Pictures are (H, W, 3) in 0 ... 255.
"""

import numpy as onp

# Luminance and two colour differences of red, green and blue, NTSC 1953
YIQ = onp.array([[0.299, 0.587, 0.114],
                 [0.596, -0.274, -0.322],
                 [0.211, -0.523, 0.312]])
LEAST = 1.0      # variance of colours that are taken as one


def keep_luminance(painting, photo):
    """The luminance of a painting in the colours of the photograph: two
    pictures of one size. Where a colour would be out of range at that
    luminance, it is paler.

    >>> dark, red = onp.full((1, 1, 3), 50), onp.full((1, 1, 3), (90, 30, 30))
    >>> keep_luminance(dark, red).round().tolist()
    [[[92.0, 32.0, 32.0]]]
    """
    grey = luminance(painting)
    colour = photo - luminance(photo)
    room = onp.where(colour > 0, 255 - grey, grey)
    part = onp.where(colour, room / onp.maximum(abs(colour), 1e-6), 1)
    return grey + part.min(axis=2, keepdims=True).clip(0, 1) * colour


def luminance(img):
    """The Y of YIQ in all three channels: (H, W, 3)."""
    return onp.repeat(onp.asarray(img, 'float64') @ YIQ[0][:, None], 3, 2)


def match_luminance(style, content, where=True, of=True):
    """The luminance of the style with the content's mean and deviation:
    (h, w, 3), grey. `where` and `of` as in `match`."""
    style, content = luminance(style), luminance(content)
    ours, theirs = (pixels(A, B)[:, 0] for A, B in ((style, of),
                                                    (content, where)))
    scale = theirs.std() / max(ours.std(), LEAST ** 0.5)
    return ((style - ours.mean()) * scale + theirs.mean()).clip(0, 255)


def match(style, content, where=True, of=True):
    """The style in the content's colours: (h, w, 3).

    A linear map of the pixels gives them the mean and the covariance of the
    content's: A = C^(1/2) S^(-1/2), which Gatys et al. 2016 call image
    analogies' (section 4.1). `where` and `of` are booleans, (H, W) and (h,
    w): the pixels of content and style that are looked at; True for all.
    """
    style = onp.asarray(style, 'float64')
    ours, theirs = pixels(style, of), pixels(content, where)
    A = (_power(onp.cov(theirs.T, bias=True), 0.5)
         @ _power(onp.cov(ours.T, bias=True), -0.5))
    moved = (style - ours.mean(axis=0)) @ A.T + theirs.mean(axis=0)
    return moved.clip(0, 255)


def pixels(img, where):
    """Those of a picture `where` that is true, (H, W) or one for all: (N,
    3) float64."""
    return onp.asarray(img, 'float64')[where].reshape(-1, 3)


def _power(S, power):
    """A power of a symmetric matrix; a colour that does not vary is left
    out of a negative one, as far as `LEAST` goes."""
    values, vectors = onp.linalg.eigh(S)
    values = onp.maximum(values, LEAST if power < 0 else 0)
    return (vectors * values ** power) @ vectors.T
