"""Bent sheets, such as petals and leaves, drawn into a z-buffer.

A sheet is a grid of points, sampled more finely than the pixels; what is
seen of it is painted afterwards.
"""
import numpy as np
from raster import fields
from scipy import ndimage


class Easel:
    """Draws the same sheets and balls for the viewer and for the sun.

    Sheets first leave only their number and place (t, s) in the pixels; what
    is seen of them in the end is painted by `finish`.
    """

    def __init__(self, view, sun):
        self.view, self.sun, self.sheets, self.later = view, sun, [], []
        self.owner = np.full(view.depth.shape, -1)
        self.place = np.zeros((*view.depth.shape, 2), 'f4')

    def balls(self, points, radius, colour):
        self.later.append((points, radius, fields(
            len(points), colour, (0, 0, -1))))

    def sheet(self, grid, paint):
        """A sheet through the points `grid` (n, m, 3), painted by (t, s).

        `paint` gives colours (N, 3) and slopes (N, 2) of the surface along
        t from 0 to 1 and along s from -1 to 1, and where it has no hole.
        """
        x, y, away, scale = self.view.project(grid.reshape(-1, 3))
        h, w = self.view.depth.shape
        if x.max() < 0 or x.min() > w or y.max() < 0 or y.min() > h:
            return
        flat = np.stack([x, y], -1).reshape(*grid.shape[:2], 2)
        steps = [1.2 * np.linalg.norm(np.diff(flat, axis=k), axis=-1).max()
                 for k in (0, 1)]
        x, y, away, t, s = _refine([x, y, away], grid.shape, steps)
        x, y = x.astype(int), y.astype(int)
        keep = (x >= 0) & (x < w) & (y >= 0) & (y < h)
        order = np.nonzero(keep)[0][np.argsort(-away[keep])]
        order = order[away[order] < self.view.depth[y[order], x[order]]]
        order = order[paint(t[order], s[order], True)]
        where = y[order], x[order]
        self.view.depth[where] = away[order]
        self.owner[where] = len(self.sheets)
        self.place[where] = np.stack([t[order], s[order]], 1)
        self.sheets.append((grid, paint))
        points = np.stack(_refine(list(np.moveaxis(grid, 2, 0).reshape(
            3, -1)), grid.shape, [d * 0.9 * self.sun.focus
                                  / scale.mean() for d in steps])[:3], 1)
        self.sun.splat(points, np.zeros(len(points), 'f4'), None)

    def finish(self):
        """Paint what is seen of the sheets, then draw the balls."""
        order = np.argsort(self.owner, axis=None, kind='stable')
        start = np.searchsorted(self.owner.ravel()[order],
                                np.arange(len(self.sheets) + 1))
        for k, (grid, paint) in enumerate(self.sheets):
            where = np.unravel_index(order[start[k]:start[k + 1]],
                                     self.owner.shape)
            if len(where[0]):
                self.view.fields[where] = self._skin(
                    grid, paint, *self.place[where].T)
        for ball in self.later:
            for view in (self.view, self.sun):
                view.splat(*ball, ball=True)

    def _skin(self, grid, paint, t, s):
        """Fields (N, 9) of a sheet at the places (t, s)."""
        n, m = grid.shape[:2]
        at = np.stack([t * (n - 1), (s + 1) / 2 * (m - 1)])

        def take(values):
            return np.stack([ndimage.map_coordinates(
                values[..., c], at, order=1) for c in range(3)], 1)
        a = unit(take(np.gradient(grid, axis=0)))
        b = unit(take(np.gradient(grid, axis=1)))
        normal = unit(np.cross(a, b))
        front = np.sign((normal * (self.view.eye - take(grid))).sum(1))
        colour, slope = paint(t, s)
        normal = unit(normal * front[:, None] - slope[:, :1] * a
                       - slope[:, 1:] * b)
        return fields(len(t), colour, normal, glass=-1)


def _refine(values, shape, steps):
    """Grids of values, linearly refined so many times; t and s as well."""
    grids = []
    for size, step in zip(shape, steps):
        fine = np.linspace(0, size - 1, int(np.clip(
            (size - 1) * step, 6, 4000)), dtype='f4')
        hat = (1 - np.abs(fine[:, None] - np.arange(size))).clip(0)
        grids.append((hat.astype('f4'), fine / (size - 1)))
    (rows, t), (columns, s) = grids
    t, s = np.meshgrid(t, 2 * s - 1, indexing='ij')
    return [(rows @ np.asarray(v, 'f4').reshape(shape[:2]) @ columns.T
             ).ravel() for v in values] + [t.ravel(), s.ravel()]


def unit(v):
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)


def blade(root, way, face, length, width, profile, bend, twist=0.0, cup=0.2,
          wave=0.0, phase=0.0, n=36, m=15):
    """A sheet (n, m, 3) that starts at `root` along `way`, facing `face`.

    It bends towards its face by bend[0] + bend[1] t radians over its length.
    """
    t, s = np.linspace(0, 1, n), np.linspace(-1, 1, m)
    way = unit(np.asarray(way, float))
    face = unit(face - (face @ way) * way)
    side = np.cross(way, face)
    turn = (bend[0] * t + bend[1] * t * t)[:, None]
    run = np.cos(turn) * way + np.sin(turn) * face
    up = np.cos(turn) * face - np.sin(turn) * way
    middle = root + np.cumsum(run, 0) * length / n
    roll = (twist * t)[:, None]
    across = np.cos(roll) * side + np.sin(roll) * up
    lift = np.cos(roll) * up - np.sin(roll) * side
    half = (width * profile(t))[:, None, None]
    bow = cup * s ** 2 + wave * np.sin(
        9 * t[:, None] + 2 * s + phase) * np.abs(s) ** 1.5
    return middle[:, None] + half * (s[:, None] * across[:, None]
                                     + bow[..., None] * lift[:, None])
