"""Smooth curves for the drawn pictures: splines, ribbons, sheets of lines."""
import numpy as np
from scipy.interpolate import CubicSpline


def spline(points, count=120):
    """A smooth curve (count, 2) through points (N, 2), even in length."""
    points = np.asarray(points, float)
    s = np.r_[0, np.cumsum(np.hypot(*np.diff(points, axis=0).T))]
    fine = CubicSpline(s, points)(np.linspace(0, s[-1], 8 * count))
    length = np.r_[0, np.cumsum(np.hypot(*np.diff(fine, axis=0).T))]
    even = np.linspace(0, length[-1], count)
    return np.stack([np.interp(even, length, c) for c in fine.T], 1)


def ribbon(line, widths):
    """Outlines (..., 2 N, 2) of lines (..., N, 2) `widths` (..., N) wide."""
    along = np.empty_like(line, float)
    along[..., 1:-1, :] = line[..., 2:, :] - line[..., :-2, :]
    along[..., 0, :] = line[..., 1, :] - line[..., 0, :]
    along[..., -1, :] = line[..., -1, :] - line[..., -2, :]
    side = along[..., ::-1] * (-0.5, 0.5)
    side *= (widths / (np.sqrt((along ** 2).sum(-1)) + 1e-9))[..., None]
    return np.concatenate([line + side, (line - side)[..., ::-1, :]], -2)


def sheet(guides, count=120):
    """Curves between guide lines: a function of v from 0 to 1.

    guides: lists of points, the first is met at v = 0, the last at v = 1.
    The function gives (count, 2), or (len(v), count, 2) for several v.
    """
    lines = np.stack([spline(g, count) for g in guides])
    return CubicSpline(np.linspace(0, 1, len(lines)), lines)
