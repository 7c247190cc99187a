"""A small z-buffer renderer: walls in relief, splatted discs, cast shadows.

What a pixel shows is kept in nine fields: the surface's colour (3), its
normal (3), how open it is to the sky and to the sun, and how much like glass
it is. A view along the sun's rays serves as a map of the shadows.

Axes are x to the right, y up and z away, as the viewer sees them.
"""
from dataclasses import dataclass
from functools import cached_property
from typing import Callable, Tuple

import numpy as np
from scipy import ndimage

BOX = np.array([(i, j, k) for i in (0, 1) for j in (0, 1) for k in (-1, 1)])
OUTSIDE = -9.0                           # relief where a wall has a hole


@dataclass
class Wall:
    """A rectangle from `corner` along unit vectors `u` and `v`, in metres.

    `paint(a, b)` gives the fields (N, 9) at a metres along u, b along v, and
    `relief(a, b)` how far the wall stands out, one of the `layers`.
    """
    corner: np.ndarray
    u: np.ndarray
    v: np.ndarray
    size: Tuple[float, float]
    paint: Callable
    relief: Callable = None
    layers: Tuple[float, ...] = (0.0,)

    @cached_property
    def normal(self):
        return np.cross(self.v, self.u)


class View:
    """A picture of the scene; rows of `axes` are right, up and forward."""

    def __init__(self, shape, eye, axes, focus, centre, parallel=False):
        self.eye, self.axes = np.asarray(eye, 'f4'), np.asarray(axes, 'f4')
        self.focus, self.centre, self.parallel = focus, centre, parallel
        self.depth = np.full(shape, np.inf, 'f4')
        self.fields = np.zeros((*shape, 1 if parallel else 9), 'f4')

    def project(self, points):
        """Column, row, depth and pixels per metre of points (N, 3)."""
        right, up, away = ((points - self.eye) @ self.axes.T).T
        scale = np.full_like(away, self.focus) if self.parallel else (
            self.focus / np.maximum(away, 0.05))
        return (self.centre[0] + right * scale, self.centre[1] - up * scale,
                away, scale)

    def rays(self, rows, columns):
        """Origins and directions (N, 3); a direction is 1 deep."""
        across = ((columns + 0.5 - self.centre[0])[..., None] * self.axes[0]
                  + (self.centre[1] - rows - 0.5)[..., None] * self.axes[1])
        across = across / np.float32(self.focus)
        if self.parallel:
            return self.eye + across, self.axes[2] + 0 * across
        return self.eye + 0 * across, self.axes[2] + across

    def wall(self, wall):
        """Draw a wall where it is nearer than what is there."""
        window = self._window(wall)
        if window is None:
            return
        rows, columns = (g.astype('f4').ravel() for g in np.mgrid[window])
        origin, ray = self.rays(rows, columns)
        corner, u, v, normal = (np.asarray(q, 'f4') for q in (
            wall.corner, wall.u, wall.v, wall.normal))
        slope = ray @ normal
        slope = np.where(np.abs(slope) < 1e-6, np.float32(1e-6), slope)
        deep = ((corner - origin) @ normal) / slope
        at = origin + deep[:, None] * ray - corner
        a, b, da, db = at @ u, at @ v, ray @ u, ray @ v
        todo = np.nonzero(deep - 2 < self.depth[window].ravel())[0]
        for high in wall.layers:
            t = high / slope[todo]
            s, h = a[todo] + t * da[todo], b[todo] + t * db[todo]
            hit = ((s > 0) & (s < wall.size[0]) & (h > 0)
                   & (h < wall.size[1]) & (deep[todo] + t > 0.05))
            if wall.relief:
                hit[hit] = wall.relief(s[hit], h[hit]) >= high - 1e-4
            where = [g[todo[hit]].astype(int) for g in (rows, columns)]
            far = (deep[todo] + t)[hit]
            near = far < self.depth[tuple(where)]
            where = where[0][near], where[1][near]
            self.depth[where] = far[near]
            if not self.parallel:
                self.fields[where] = wall.paint(s[hit][near], h[hit][near])
            todo = todo[~hit]

    def _window(self, wall):
        """The part of the picture that a wall may cover, as two slices."""
        corners = wall.corner + BOX * (*wall.size, wall.layers[0]) @ np.array(
            [wall.u, wall.v, wall.normal])
        x, y, away, _ = self.project(corners)
        h, w = self.depth.shape
        if not self.parallel and away.min() < 0.06:
            x, y = np.array([0, w]), np.array([0, h])
        x0, y0 = max(int(x.min()) - 1, 0), max(int(y.min()) - 1, 0)
        x1, y1 = min(int(x.max()) + 2, w), min(int(y.max()) + 2, h)
        return (slice(y0, y1), slice(x0, x1)) if x0 < x1 and y0 < y1 else None

    def splat(self, points, radius, fields, ball=False, flat=1.0, turn=0.0):
        """Draw discs, or balls, of `radius` metres at points (N, 3).

        Discs may be ovals, `flat` times as wide as long, turned by `turn`.
        """
        x, y, away, scale = self.project(points)
        size = np.maximum(radius * scale, 0.5)
        flat, turn = (np.broadcast_to(q, size.shape) for q in (flat, turn))
        reach = (size + 0.4).astype(int)
        keep = (away > 0.1) & (x > -99) & (x < self.depth.shape[1] + 99) & (
            y > -99) & (y < self.depth.shape[0] + 99)
        for k in np.unique(reach[keep]):
            n = np.nonzero(keep & (reach == k))[0]
            for part in np.array_split(n, 1 + len(n) * (2 * k + 1) ** 2
                                       // 2_000_000):
                self._splat(part, k, x, y, away, size, fields, ball, flat,
                            turn, radius)

    def _splat(self, n, k, x, y, away, size, fields, ball, flat, turn, radius):
        if self.parallel and k == 0:
            return self._dots(n, x, y, away)
        dy, dx = (g.ravel() for g in np.mgrid[-k:k + 1, -k:k + 1])
        px, py = np.rint(x[n]).astype(int), np.rint(y[n]).astype(int)
        ex = (px[:, None] + dx - x[n][:, None]) / size[n][:, None]
        ey = (py[:, None] + dy - y[n][:, None]) / size[n][:, None]
        c, s = np.cos(turn[n])[:, None], np.sin(turn[n])[:, None]
        out = (c * ex + s * ey) ** 2 + ((c * ey - s * ex)
                                        / flat[n][:, None]) ** 2
        col, row = px[:, None] + dx, py[:, None] + dy
        h, w = self.depth.shape
        i, j = np.nonzero(((out <= 1) | (k == 0)) & (col >= 0) & (col < w)
                          & (row >= 0) & (row < h))
        deep = away[n][i]
        if ball:
            bulge = np.sqrt((1 - out[i, j]).clip(0))
            deep = deep - bulge * np.broadcast_to(radius, size.shape)[n][i]
        row, col = row[i, j], col[i, j]
        order = np.argsort(-deep, kind='stable')
        order = order[deep[order] < self.depth[row[order], col[order]]]
        where = row[order], col[order]
        self.depth[where] = deep[order]
        if self.parallel:
            return
        seen = fields[n][i[order]]
        if ball:
            e = [q[i, j][order][:, None] for q in (ex, ey)]
            seen[:, 3:6] = (e[0] * self.axes[0] - e[1] * self.axes[1]
                            - bulge[order][:, None] * self.axes[2])
        self.fields[where] = seen

    def _dots(self, n, x, y, away):
        """Draw no more than depths, a pixel for each point."""
        col, row = np.rint(x[n]).astype(int), np.rint(y[n]).astype(int)
        h, w = self.depth.shape
        keep = (col >= 0) & (col < w) & (row >= 0) & (row < h)
        col, row, deep = col[keep], row[keep], away[n][keep]
        order = np.argsort(-deep)
        order = order[deep[order] < self.depth[row[order], col[order]]]
        self.depth[row[order], col[order]] = deep[order]

    def points(self):
        """Places (H, W, 3) of what is seen; far away where there is none."""
        rows, columns = np.indices(self.depth.shape, dtype='f4')
        origin, ray = self.rays(rows, columns)
        deep = np.where(np.isfinite(self.depth), self.depth, 1e4)
        return origin + deep[..., None] * ray, ray

    def lit(self, points, slack=0.08, soft=1.2):
        """How much of the light of this parallel view reaches points."""
        x, y, away, _ = self.project(points.reshape(-1, 3))
        total = np.zeros(len(x), 'f4')
        ring = [(0, 0)] + [(np.cos(k), np.sin(k))
                           for k in (0.3, 1.9, 3.4, 5.0)]
        for dx, dy in ring:
            at = np.stack([y + soft * dy - 0.5, x + soft * dx - 0.5])
            total += ndimage.map_coordinates(
                self.depth, at, order=0, cval=np.inf) > away - slack
        return (total / len(ring)).reshape(points.shape[:-1])


def fields(count, colour, normal, open_sky=1.0, open_sun=1.0, glass=0.0):
    """Fields (count, 9) of one kind of surface; arrays are welcome."""
    parts = [np.broadcast_to(np.asarray(p, 'f4').reshape(-1, k), (count, k))
             for p, k in ((colour, 3), (normal, 3), (open_sky, 1),
                          (open_sun, 1), (glass, 1))]
    return np.concatenate(parts, 1).astype('f4')
