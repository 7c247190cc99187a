"""Curved strokes traced through a picture, along its edges.

A. Hertzmann, *Painterly Rendering with Curved Brush Strokes of Multiple
Sizes*, SIGGRAPH 1998, section 2.2.
"""
from typing import Optional, Tuple

import numpy as onp
from scipy import ndimage

from ..kinds import Array
from .styles import StrokeStyle

LUMINANCE = onp.array([0.30, 0.59, 0.11], 'float32')   # the paper's weights


def trace(x: Array, y: Array, colours: Array, reference: Array,
          canvas: Optional[Array], radius: float,
          style: StrokeStyle) -> Tuple[Array, Array]:
    """Control points of strokes from (x, y): procedure `makeStroke`.

    Returns points (N, max_length + 1, 2) and counts (N,).
    """
    h, w = reference.shape[:2]
    field = _directions(reference, style.flow * radius)
    miss = None if canvas is None else distance(reference, canvas)
    at = onp.stack([x, y], 1).astype('float32')
    points = onp.repeat(at[:, None], style.max_length + 1, 1)
    counts = onp.ones(len(at), int)
    last, alive = onp.zeros_like(at), onp.arange(len(at))
    for i in range(1, style.max_length + 1):
        column, row = onp.rint(at[alive]).astype('intp').T
        go = field[row, column]
        going = (go != 0).any(1)
        if i > style.min_length and miss is not None:
            going &= miss[row, column] >= distance(
                reference[row, column], colours[alive])
        go *= onp.where((go * last[alive]).sum(1) < 0, -1, 1)[:, None]
        if i > 1:
            go = style.curvature * go + (1 - style.curvature) * last[alive]
            go /= onp.hypot(*go.T)[:, None] + 1e-9
        to = at[alive] + radius * go
        going &= (to >= 0).all(1) & (to <= (w - 1, h - 1)).all(1)
        alive, to = alive[going], to[going]
        at[alive], last[alive] = to, go[going]
        points[alive, i], counts[alive] = to, i + 1
    return points, counts


def distance(a: Array, b: Array) -> Array:
    """Euclidean distance of colours, (..., 3) to (...)."""
    d = a - b
    return onp.sqrt(onp.einsum('...c,...c->...', d, d))


def _directions(reference, smooth):
    """Unit vectors (H, W, 2) across the luminance gradient; zero on flats.

    With `smooth` pixels of blur they are the main directions of the
    structure tensor, which flow calmly where the gradient is weak.
    """
    luminance = reference @ LUMINANCE
    gx, gy = ndimage.sobel(luminance, 1), ndimage.sobel(luminance, 0)
    if smooth:
        xx, xy, yy = (ndimage.gaussian_filter(g, smooth)
                      for g in (gx * gx, gx * gy, gy * gy))
        angle = 0.5 * onp.arctan2(2 * xy, xx - yy)
        size = onp.sqrt(xx + yy)
        gx, gy = size * onp.cos(angle), size * onp.sin(angle)
    across = onp.stack([-gy, gx], -1)
    size = onp.hypot(gx, gy)[..., None]
    return onp.where(size > 1e-3, across / onp.maximum(size, 1e-3), 0)
