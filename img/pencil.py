"""Hatching with pencil and chalk: thousands of strokes on toothed paper.

A sketch says for each place how dark it is to be, in which direction the
form runs and to which thing it belongs; layers of strokes are then laid until
the paper is dark enough. The sketch has a fixed size, so that the strokes
are the same for every size of the picture.
"""
import numpy as np
from noise import fbm
from palette import plane
from PIL import Image, ImageDraw
from scipy import ndimage

WIDE = 600                                 # width of the sketch in pixels
STEP = 1.9                                 # of a stroke, in its pixels
STEPS = 10                                 # at most, to either side
THICK = 0.0017                             # of a line, in widths
# of each layer: turn from the form's direction, least tone, pressure
LAYERS = ((0.0, 0.02, 0.8), (0.10, 0.16, 0.9), (0.85, 0.32, 0.9),
          (-0.75, 0.48, 1.0), (0.30, 0.62, 1.2), (1.35, 0.74, 1.3))
USUAL = {'long': 0.03, 'chalk': 0.0, 'red': 0.0, 'cross': 1.0}


class Sketch:
    """What to draw, as maps (H, W).

    tone, chalk, red: how much black, white and red, 0 ... 1; angle: direction
    of the form; long: of the strokes, in widths; cross: how far the layers
    turn from the form; thing: a number for each thing drawn.
    """

    def __init__(self, height):
        self.x, self.y = plane(WIDE, height)
        for name in ('tone', 'angle', 'thing', *USUAL):
            setattr(self, name, np.zeros_like(self.x))
        self.lines = []
        self.leaves = [self.noise(26, 26, 2, s) for s in (31, 32)]

    def noise(self, u, v, octaves, seed=0):
        """fbm of u x and v y, for every second pixel and its neighbours."""
        some = fbm(u * self.x[::2, ::2], v * self.y[::2, ::2], octaves,
                   seed=seed)
        h, w = self.x.shape
        return some.repeat(2, 0).repeat(2, 1)[:h, :w]

    def window(self, x, y, size):
        """Rows and columns less than `size` away from a place."""
        return tuple(slice(max(0, int((c - size) * WIDE)),
                           max(0, int((c + size) * WIDE) + 1))
                     for c in (y, x))

    def inside(self, points):
        """Mask of a polygon, (H, W)."""
        h, w = self.x.shape
        sheet = Image.new('1', (w, h))
        ImageDraw.Draw(sheet).polygon([(x * WIDE, y * WIDE)
                                       for x, y in points], fill=1)
        return np.asarray(sheet)

    def fill(self, mask, tone, angle, box=..., **more):
        """A new thing where `mask` is, (H, W) or of the window `box`.

        more: long, chalk, red and cross where they are not the usual ones.
        """
        values = {'thing': self.thing.max() + 1, 'tone': tone,
                  'angle': angle, **USUAL, **more}
        for name, value in values.items():
            getattr(self, name)[box][mask] = np.broadcast_to(
                value, mask.shape)[mask]

    def outline(self, points, dark=1.0):
        """Remember a contour for `contours`; points (N, 2) in widths."""
        self.lines.append((np.asarray(points, float), dark, self.thing.max()))

    def at(self, field, xy):
        """Values of a map at points (..., 2) in pixels of the sketch."""
        h, w = field.shape
        x, y = np.moveaxis(np.asarray(xy).astype(int), -1, 0)
        return field[y.clip(0, h - 1), x.clip(0, w - 1)]


class Strokes:
    """Line segments with pressure: ends (N, 2), (N, 2) and (N, 2)."""

    def __init__(self):
        self.begin, self.end, self.press = [], [], []

    def add(self, paths, press):
        """Strokes through paths (N, K, 2); press (N, K), 0 where lifted."""
        keep = (press[:, 1:] > 0) & (press[:, :-1] > 0)
        self.begin.append(paths[:, :-1][keep])
        self.end.append(paths[:, 1:][keep])
        self.press.append(np.stack([press[:, :-1][keep],
                                    press[:, 1:][keep]], 1))

    def deposit(self, width, height):
        """Pigment (H, W) left by the strokes."""
        h, k = round(width * height), width / WIDE
        begin, end, press = (np.concatenate(v) for v in (
            self.begin, self.end, self.press))
        along = end - begin
        aside = along[:, ::-1] * (-1, 1) / (
            np.hypot(*along.T)[:, None] + 1e-9)
        count = max(2, int(np.ceil(STEP * k / 0.8)))
        out = np.zeros(h * width)
        for t in (np.arange(count) + 0.5) / count:
            weight = press @ (1 - t, t) * STEP * k / count
            for s in (-1, 0, 1):
                place = (begin + t * along) * k + (
                    s * THICK * width / 3) * aside
                out += _splat(place, weight / 3, h, width)
        return out.reshape(h, width) * THICK * width


def _splat(place, weight, h, w):
    """Sums (h * w,) of weights shared among the four pixels round places."""
    x, y = (place - 0.5).T
    i, j = np.floor(y).astype(int), np.floor(x).astype(int)
    fy, fx = y - i, x - j
    out = 0
    for di, wy in ((0, 1 - fy), (1, fy)):
        for dj, wx in ((0, 1 - fx), (1, fx)):
            good = (i + di >= 0) & (i + di < h) & (j + dj >= 0) & (j + dj < w)
            out = out + np.bincount(
                ((i + di) * w + j + dj)[good],
                (weight * wy * wx)[good], h * w)
    return out


def hatch(sketch, tone, rng, layers=LAYERS, gap=3.15):
    """Strokes that darken paper to `tone` (H, W), layer over layer."""
    strokes, h = Strokes(), tone.shape[0]
    wanted = -np.log(1 - 0.95 * tone.clip(0, 1))
    laid = np.zeros_like(tone)
    for turn, least, press in layers:
        for _ in range(4):
            rows, columns = int(h / gap), int(WIDE / gap)
            seeds = np.indices((columns, rows)).reshape(2, -1).T + rng.random(
                (rows * columns, 2))
            seeds = seeds[rng.random(len(seeds)) < 0.20] * gap
            need = sketch.at(wanted, seeds) - sketch.at(laid, seeds)
            seeds = seeds[(need > 0.04) & (sketch.at(tone, seeds) > least)]
            paths, there = _trace(sketch, tone, seeds, turn, least, rng)
            force = press * rng.uniform(0.4, 1.0, len(seeds)) * (
                0.35 + 0.75 * sketch.at(tone, seeds))
            weight = there * force[:, None] * _taper(there, rng)
            strokes.add(paths, weight)
            laid += ndimage.gaussian_filter(_splat(
                paths.reshape(-1, 2), weight.ravel() * (STEP * WIDE * THICK),
                *tone.shape).reshape(tone.shape), 2.2)
    return strokes


def _taper(there, rng):
    """Pressure along strokes (N, K): firm at one end, lifted at the other."""
    part = np.cumsum(there, 1) / (there.sum(1, keepdims=True) + 1)
    part = np.where(rng.random((len(there), 1)) < 0.8, part, 1 - part)
    return (0.25 + 0.75 * (part / 0.15).clip(0, 1)) * (
        1 - 0.75 * ((part - 0.5) / 0.5).clip(0, 1) ** 2)


def _trace(sketch, tone, seeds, turn, least, rng):
    """Paths (N, 2 STEPS + 1, 2) through seeds and where they exist."""
    count = len(seeds)
    turns = turn * sketch.at(sketch.cross, seeds) + rng.normal(
        0, 0.07, count)
    bow = rng.normal(0, 0.012, count)
    reach = sketch.at(sketch.long, seeds) * WIDE / STEP / 2 * rng.uniform(
        0.5, 1.1, count)
    home = sketch.at(sketch.thing, seeds)
    paths = np.repeat(seeds[:, None], 2 * STEPS + 1, 1)
    there = np.zeros(paths.shape[:2], bool)
    there[:, STEPS] = True
    for way in (-1, 1):
        at, alive, last = seeds, np.ones(count, bool), None
        for k in range(1, STEPS + 1):
            a = sketch.at(sketch.angle, at) + turns + way * k * bow
            go = way * STEP * np.stack([np.cos(a), np.sin(a)], 1)
            if last is not None:
                go *= np.where((go * last).sum(1) < 0, -1, 1)[:, None]
            at, last = at + go, go
            alive = alive & (k < reach) & (
                sketch.at(sketch.thing, at) == home) & (
                sketch.at(tone, at) > 0.5 * least)
            paths[:, STEPS + way * k] = at
            there[:, STEPS + way * k] = alive
    return paths, there


def contours(sketch, rng):
    """The outlines with a free hand, the long ones drawn twice."""
    strokes = Strokes()
    for points, dark, thing in sketch.lines:
        t = np.append(0, np.hypot(*np.diff(points, axis=0).T).cumsum())
        s = np.linspace(0, t[-1], max(3, int(t[-1] * WIDE / STEP)))
        path = np.stack([np.interp(s, t, c) for c in points.T], 1) * WIDE
        for _ in range(1 + (t[-1] > 0.05)):
            shake, press = (ndimage.gaussian_filter1d(
                rng.normal(0, 1, (len(s), 2)), 6, 0, mode='nearest')
                for _ in range(2))
            press = dark * (0.55 + 1.1 * press[:, 0]).clip(0.05, 1)
            press = press * (sketch.at(sketch.thing, path) <= thing)
            strokes.add((path + 1.9 * shake)[None], press[None])
    return strokes
