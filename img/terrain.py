"""A mountain's height field: a warped cone, foothills, gullies, sunlight.

Lengths are kilometres: x to the right, z away from the viewer, height up;
the lake's surface is height 0. The gullies are cosine waves laid along the
direction of the slope, octave after octave, each following the slope which
the former have left, a procedural stand-in for erosion by water.
"""
import numpy as np
from noise import fbm, lattice, perlin, ridges, smoothstep
from scipy import ndimage

WIDTH = 13.0                             # km, of the square field
SUN = np.array([-0.84, 0.43, -0.33])     # direction to the sun, x, up, z
SUN = SUN / np.linalg.norm(SUN)
PEAK = (0.75, 8.6, 3.15)                 # x, z, height of the summit


class Terrain:
    """Height, slopes, shadow and hollowness on an n x n grid."""

    def __init__(self, n):
        self.n, self.step = n, WIDTH / (n - 1)
        z, x = np.meshgrid(*[np.linspace(0, WIDTH, n, dtype='f4')] * 2,
                           indexing='ij')
        x = x - WIDTH / 2
        self.height = _one_shore(_height(x, z))
        self.dz, self.dx = np.gradient(self.height, self.step)
        self.sun = _sunlit(self.height, self.step)
        self.hollow = sum(ndimage.gaussian_filter(self.height, s / self.step)
                          for s in (0.06, 0.2)) / 2 - self.height

    def __call__(self, name, x, z, order=1):
        """Values of the map `name` at the points (x, z)."""
        at = np.stack([z, x + WIDTH / 2]) / self.step
        return ndimage.map_coordinates(getattr(self, name), at, order=order,
                                       mode='nearest')


def _height(x, z):
    """The field: lake bed, foothills, the mountain, gullies."""
    wx = x + 0.35 * fbm(x / 2, z / 2, 4, seed=11)
    wz = z + 0.35 * fbm(x / 2, z / 2, 4, seed=12)
    h = np.maximum(_mountain(wx, wz), _shoulders(wx, wz))
    h = h + smoothstep(1.4, 2.4, h) * (
        ndimage.gaussian_filter(h, 0.09 / (x[0, 1] - x[0, 0])) - h)
    hills = ridges(wx / 2.6, wz / 2.6, 6, 0.48, seed=21)
    rise = smoothstep(1.5, 4.5, z + 0.35 * np.abs(x))
    aside = smoothstep(0.2, 2.3, np.abs(wx - 0.12 * z))
    h = h + rise * ((0.22 + 0.55 * aside) * hills - 0.06) + 0.02 * fbm(
        x * 3, z * 3, 5, seed=5)
    h = np.maximum(h, _spurs(wx, wz))
    h = _gullies(x, z, h)
    return h + _valley(x, z)


def _one_shore(h):
    """The field without islands in the lake and without ponds ashore."""
    for sign in (1, -1):
        parts, count = ndimage.label(sign * h > 0)
        largest = 1 + np.argmax(np.bincount(parts.flat)[1:])
        h = np.where((parts > 0) & (parts != largest), -0.002 * sign, h)
    return h


def _cone(x, z, peak, width, sharp):
    """A peak with concave flanks."""
    r = np.hypot(x - peak[0], z - peak[1]) / width
    fall = np.exp(0.15 - np.hypot(r, 0.22) ** sharp)
    return peak[2] * np.maximum(fall - 0.12, 0) / 0.88


def _mountain(x, z):
    angle = np.arctan2(z - PEAK[1], x - PEAK[0])
    arms = 1 + 0.16 * perlin(2.1 * np.cos(angle), 2.1 * np.sin(angle), 31)
    ridge = ridges(x / 1.7, z / 1.7, 7, 0.5, seed=41)
    return _cone(x, z, PEAK, 2.35 * arms, 1.05) * (0.88 + 0.24 * ridge)


def _shoulders(x, z):
    """Lesser summits to both sides and behind."""
    h = np.zeros_like(x)
    for px, pz, top, width in ((-2.9, 8.0, 1.35, 1.5), (3.9, 9.2, 1.5, 1.6),
                               (-4.9, 9.9, 1.35, 2.4), (-1.0, 6.4, 0.75, 1.2),
                               (2.6, 6.2, 0.7, 1.1), (5.4, 7.4, 1.1, 1.5)):
        crest = ridges(x / 1.3, z / 1.3, 6, 0.5, seed=int(50 + 9 * pz))
        h = np.maximum(h, _cone(x, z, (px, pz, top), width, 1.3)
                       * (0.8 + 0.35 * crest))
    return h


def _spurs(x, z):
    """Wooded ridges that come down to the valley from both sides."""
    h = np.zeros_like(x)
    for at, side, foot, top, width in (
            (2.5, -1, 0.1, 0.75, 0.40), (3.2, 1, -0.1, 0.80, 0.42),
            (4.1, -1, -0.5, 0.80, 0.45), (5.0, 1, 0.2, 0.95, 0.50)):
        out = side * x
        crest = top * smoothstep(foot, foot + 2.9, out) ** 0.8
        across = (z - at - 0.28 * out) / width
        h = np.maximum(h, crest * np.exp(-across * across))
    return h


def _valley(x, z):
    """The lake's basin and the slopes beside it."""
    bank = 0.75 * fbm(x / 0.9, z / 0.9, 6, seed=71)
    shore = smoothstep(1.25, 2.5, z + bank + 0.1 * np.abs(x))
    side = smoothstep(0.55, 2.2, np.abs(x + 0.05) + 0.3 * bank)
    cape = smoothstep(-0.22, 0.45, x + 0.25 * bank) * np.exp(
        -((z - 1.05 - 0.25 * bank) / 0.15) ** 2)
    return (0.45 * side * smoothstep(0.35, 1.6, z) + 0.16 * shore
            + 0.115 * cape - 0.06)


def _gullies(x, z, h, octaves=5):
    """Height with gullies cut down its slopes, sharper in each octave."""
    step = x[0, 1] - x[0, 0]
    gz, gx = np.gradient(ndimage.gaussian_filter(h, 0.08 / step), step)
    size, depth = 1.1, 0.085
    for k in range(octaves):
        steep = np.hypot(gx, gz) + 1e-6
        wave, side = _waves(x / size, z / size, -gz / steep, gx / steep, k)
        cut = depth * smoothstep(0.05, 0.6, steep)
        h = h + cut * wave
        push = -cut * side * 2 * np.pi / size * 0.8
        gx, gz = gx - push * gz / steep, gz + push * gx / steep
        size, depth = size * 0.5, depth * 0.5
    return h


def _waves(x, z, ux, uz, seed):
    """Cosine and sine waves of direction (ux, uz), mixed cell by cell."""
    i, j = np.floor(x).astype('int32'), np.floor(z).astype('int32')
    cos = sin = total = 0
    for di in (-1, 0, 1):
        for dj in (-1, 0, 1):
            a, b = i + di, j + dj
            dx = x - a - lattice(a, b, 2 * seed + 900)
            dz = z - b - lattice(a, b, 2 * seed + 901)
            weight = np.exp(-2.5 * (dx * dx + dz * dz))
            phase = 2 * np.pi * (dx * ux + dz * uz)
            cos = cos + weight * np.cos(phase)
            sin = sin + weight * np.sin(phase)
            total = total + weight
    return cos / total, sin / total


def _sunlit(h, step):
    """1 in the sun, 0 in the shadow of other ground, soft between."""
    across = np.hypot(SUN[0], SUN[2])
    ux, uz, climb = SUN[0] / across, SUN[2] / across, SUN[1] / across
    above = np.full_like(h, -1)
    n = len(h)
    for k in range(2, int(3.2 / step), 2):
        di, dj = round(uz * k), round(ux * k)
        to = h[max(di, 0):n + min(di, 0), max(dj, 0):n + min(dj, 0)]
        view = (slice(max(-di, 0), n - max(di, 0)),
                slice(max(-dj, 0), n - max(dj, 0)))
        distance = k * step
        above[view] = np.maximum(
            above[view], (to - h[view] - distance * climb) / (
                0.02 + 0.03 * distance))
    return smoothstep(0.5, -0.3, ndimage.gaussian_filter(above, 0.7))
