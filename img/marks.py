"""Marks of a soft brush and the paper under them, for the ink drawings.

Pigment is kept as optical density, so that marks over each other darken as
glazes do. Places and sizes are in widths of the picture, y downwards.
"""
import math

import numpy as np
from noise import fbm
from palette import plane
from scipy import interpolate, ndimage


class Brush:
    """A brush over sheets of pigment, (P, H, W) densities.

    The hairs of the brush and the tooth of the paper decide where a dry
    stroke breaks up.
    """

    def __init__(self, width, height, pigments, seed):
        self.width, self.laid = width, 0
        x, y = plane(width, height)
        self.density = np.zeros((pigments,) + x.shape, 'float32')
        self.tooth = fbm(x * 330, y * 330, 2, 0.6, seed=seed)
        self.rng = np.random.default_rng(seed)
        raw = self.rng.standard_normal((128, 256)).astype('float32')
        hair = ndimage.gaussian_filter(raw, (5, 1.2), mode='wrap')
        place = hair.ravel().argsort().argsort().reshape(hair.shape)
        self.hairs = (place / hair.size).astype('float32')   # 0 ... 1 evenly

    def lay(self, x, y, angle, length, wide, dark, pigment=0, bend=0.0,
            dry=0.0, rim=0.0, taper=0.5):
        """A stroke `length` long, `wide` at most, about (x, y).

        pigment: its number, or the shares of the first few, a tuple;
        bend: sagitta as part of the half length; dry: 0 full ... 1 hardly
        any ink; rim: darker edge of a wet stroke; taper: thinning to its end.
        """
        half, w = self.width * length / 2, self.width * wide / 2
        dark, w = dark * min(1, w / 0.6), max(w, 0.6)
        cos, sin = math.cos(angle), math.sin(angle)
        self.laid += 1
        box, px, py = self._box(self.width * x, self.width * y, half,
                                w + abs(bend) * half, cos, sin)
        if px.size == 0 or py.size == 0:
            return
        u = px * (cos / half) + py * (sin / half)
        square = u * u
        v = py * cos - px * sin + (square - 0.4) * (bend * half)
        limit = np.sqrt(np.maximum(1 - square * square, 0)) * (
            w * (1 - taper / 2) - (w * taper / 2) * u)
        inside = limit - np.abs(v)
        mark = np.minimum(np.maximum(inside + 0.5, 0), limit > 0)
        hair = self._hair(u, v, w, length, wide)
        if dry:
            soak = 5 * (1.05 - 0.75 * dry - hair - 0.35 * dry * u
                        + 0.5 * self.tooth[box])
            mark *= np.minimum(np.maximum(soak, 0), 1)
        flow = 0.75 + 0.5 * hair
        if rim:
            flow += rim * np.exp(-(inside / (0.12 * w + 1)) ** 2)
        mark *= dark * flow
        if isinstance(pigment, tuple):
            for sheet, share in zip(self.density, pigment):
                if share:
                    sheet[box] += share * mark
        else:
            self.density[pigment][box] += mark

    def _hair(self, u, v, w, length, wide):
        """Trace of the hairs, 0 ... 1; too fine to see in a thin line."""
        if w <= 0.8:
            return 0.5
        across = (v * (min(40, 5000 * wide) / w)).astype('int32')
        along = (u * (length * 500)).astype('int32')
        return self.hairs[(along + 37 * self.laid) & 127,
                          (across + 101 * self.laid) & 255]

    def _box(self, x, y, half, w, cos, sin):
        """Rows and columns round a stroke; pixel places from its centre."""
        rx = abs(cos) * half + abs(sin) * w + 2
        ry = abs(sin) * half + abs(cos) * w + 2
        h, n = self.tooth.shape
        left, right = max(0, int(x - rx)), min(n, max(0, int(x + rx + 1)))
        top, low = max(0, int(y - ry)), min(h, max(0, int(y + ry + 1)))
        return ((slice(top, low), slice(left, right)),
                np.arange(left, right, dtype='f4')[None] + 0.5 - x,
                np.arange(top, low, dtype='f4')[:, None] + 0.5 - y)

    def line(self, points, wide, dark, step=0.012, **style):
        """Strokes end to end along `curve(points)`; `wide` at both ends."""
        path = curve(points, step)
        widths = np.linspace(*wide, len(path))
        for (x0, y0), (x1, y1), w in zip(path, path[1:], widths):
            size = np.hypot(x1 - x0, y1 - y0)
            self.lay((x0 + x1) / 2, (y0 + y1) / 2,
                     np.arctan2(y1 - y0, x1 - x0), size * 1.35, w,
                     dark, **{'taper': 0.1, **style})

    def cover(self, mask):
        """Take away what lies behind `mask` (H, W), 0 ... 1."""
        self.density *= 1 - mask


def curve(points, step):
    """Points (N, 2) about `step` apart on a smooth curve through `points`."""
    points = np.asarray(points, float)
    t = np.append(0, np.hypot(*np.diff(points, axis=0).T).cumsum())
    spline = interpolate.make_interp_spline(t, points, min(3, len(t) - 1))
    return spline(np.linspace(0, t[-1], max(2, round(t[-1] / step))))


def paper(width, height, colour, seed):
    """Hand-made paper (H, W, 3), 0 ... 1, with grain and long fibres."""
    rng = np.random.default_rng(seed)
    x, y = plane(width, height)
    sheet = Brush(width, height, 1, seed)
    for _ in range(900):
        sheet.lay(rng.random(), rng.uniform(0, height), rng.normal(0, 0.9),
                  rng.uniform(0.01, 0.04), 0.0010, rng.normal(0, 0.035),
                  bend=rng.normal(0, 0.3), taper=0)
    cloud = fbm(x * 5, y * 5, 4, 0.6, seed=seed + 1)
    grain = fbm(x * 150, y * 150, 3, 0.6, seed=seed + 2)
    edge = np.minimum(np.minimum(x, 1 - x), np.minimum(y, height - y))
    depth = (0.06 * cloud + 0.08 * grain + sheet.density[0]
             + 0.10 * np.exp(-edge / 0.05))
    return np.asarray(colour) / 255 * np.exp(
        -depth[..., None] * np.array([0.8, 1, 1.35]))
