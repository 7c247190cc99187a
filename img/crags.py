"""Crags and an old pine in the manner of East Asian ink painting."""
import numpy as np
from marks import curve
from noise import fbm, smoothstep

INK, BLUE, OCHRE, RED = range(4)           # the pigments of the brush
LIMBS = [((.035, .85), (.085, .71), (.150, .61), (.147, .49), (.190, .38),
          (.172, .27), (.215, .185)),
         ((.152, .585), (.23, .54), (.31, .56), (.395, .53)),
         ((.148, .50), (.09, .45), (.02, .465)),
         ((.186, .39), (.26, .345), (.33, .37), (.425, .335)),
         ((.180, .30), (.12, .25), (.05, .27)),
         ((.176, .26), (.24, .215), (.31, .23))]


def crag(brush, x, y, fog, seed, cx, top, half, foot, columns, *tones):
    """A mountain piled up of columns of rock, the tallest behind."""
    rng = np.random.default_rng(seed + 80)
    tall = np.sort(rng.random(columns) ** 1.3)
    tall[0] = 0
    rocks = []
    for k, drop in enumerate(tall):
        side = (-1) ** k * (0.25 + 0.75 * drop ** 0.6) * (k > 0)
        rocks.append(_column(rng, cx + side * half * rng.uniform(0.6, 1),
                             top + 0.62 * drop * (foot - top),
                             half * rng.uniform(0.36, 0.62), foot))
    dark = tones[0] + 0.3 * tones[1]
    for rock in rocks:
        _reserve(brush, x, y, fog, *rock)
        _wash(brush, rng, rock, np.array(tones[:3]))
        _texture(brush, rng, rock, dark, tones[-1])
        for edge in rock[2:]:
            _outline(brush, np.stack([edge, rock[1]], 1)[:48:4], rng, dark)


def _column(rng, cx, top, half, foot):
    """A column of rock: size, and heights, left and right edges (80,)."""
    d = np.linspace(0, 1, 80)
    form = half * (0.8 * d ** rng.uniform(0.22, 0.45) + 0.4 * d ** 1.5)
    left, right = (form * (1 + 0.55 * fbm(
        d * (foot - top) * 14, 0 * d + rng.integers(99), 4, seed=s)) + 1e-4
        for s in (1, 2))
    return ((foot - top) * half / 0.01, top + (foot - top) * d,
            cx - left, cx + right)


def _reserve(brush, x, y, fog, size, heights, left, right):
    """Leave the paper bare where a column is to stand out of the mist."""
    low, high = (np.interp(y[:, 0], heights, e)[:, None]
                 for e in (left, right))
    a = (2 * x - low - high) / (high - low)
    deep = (y[:, :1] - heights[0]) / (heights[-1] - heights[0])
    brush.cover(smoothstep(1.03, 0.97, np.abs(a)) * (deep > 0)
                * smoothstep(1.0, 0.5, deep + 0.5 * fog))


def _places(rng, column, count, power):
    """Places x, y, downward direction and shade for strokes on a column."""
    size, heights, left, right = column
    part, t = rng.random(count), rng.random(count) ** power
    d = np.linspace(0, 1, 80)
    px, later = (np.interp(t + dt, d, left) * (1 - part)
                 + np.interp(t + dt, d, right) * part for dt in (0, 0.05))
    tall = heights[-1] - heights[0]
    lean = np.arctan2(0.05 * tall, later - px) + rng.normal(0, 0.18, count)
    shade = 0.9 * part - 0.1 + 0.8 * fbm(
        part * 5 + left[0] * 40, t * 3, 3) + 0.5 * np.exp(-t / 0.06)
    haze = smoothstep(1.0, 0.35, t + 0.15 * rng.normal(0, 1, count))
    return zip(px, heights[0] + tall * t, lean, (shade * haze).clip(0, 1.2))


def _wash(brush, rng, column, tones):
    """Broad wet strokes down the rock."""
    for x, y, lean, shade in _places(rng, column, int(36 + 58 * column[0]),
                                     1):
        tint = tuple(tones * rng.uniform(0.6, 1.4, 3))
        brush.lay(x, y, lean, rng.uniform(0.02, 0.06),
                  rng.uniform(0.008, 0.018), 0.13 + 0.64 * shade, tint,
                  rng.normal(0, 0.1), 0.3, 0.4, 0.3)


def _texture(brush, rng, column, dark, busy):
    """Dry dark strokes where the rock is turned from the light."""
    for x, y, lean, shade in _places(
            rng, column, int(busy * (45 + 190 * column[0])), 1.3):
        if shade > rng.uniform(0.15, 0.8):
            brush.lay(x, y, lean, rng.uniform(0.010, 0.034),
                      rng.uniform(0.0015, 0.006),
                      dark * shade * rng.uniform(0.9, 2.4), INK,
                      rng.normal(0, 0.15), 0.5, 0, 0.7)


def _outline(brush, edge, rng, dark):
    """A broken contour with dots of moss, paler downwards."""
    path = curve(edge, 0.012)
    for k, (a, b) in enumerate(zip(path, path[1:])):
        part = 1 - 0.9 * k / len(path)
        x, y = (a + b) / 2
        brush.lay(x, y, np.arctan2(*(b - a)[::-1]), 0.019,
                  rng.uniform(0.0015, 0.005), 2.2 * dark * part, dry=0.4)
        for _ in range(rng.poisson(1.1 * part)):
            brush.lay(x + rng.normal(0, .004), y - abs(rng.normal(0, .005)),
                      rng.normal(1.4, 0.4), rng.uniform(.004, .009),
                      rng.uniform(.003, .006), 1.9 * dark * part, dry=0.2)


def pine(brush):
    """An old pine: trunk, branches, pads of needles."""
    rng = brush.rng
    for k, limb in enumerate(LIMBS):
        wide = (0.046, 0.008) if k == 0 else (0.018, 0.003)
        path = curve(limb, 0.004)
        along = np.gradient(path, axis=0)
        across = along[:, ::-1] * (-1, 1) / np.hypot(*along.T)[:, None]
        widths = np.linspace(*wide, len(path))[:, None]
        brush.line(limb, wide, 0.30, pigment=OCHRE, step=0.02)
        for side in np.append(np.linspace(-0.42, 0.42, 9), 0.3):
            brush.line((path + side * widths * across)[::4],
                       np.array(wide) * 0.2, 0.2 + 1.1 * (0.5 + side) ** 1.5,
                       step=0.034, dry=0.4 - 0.4 * side,
                       bend=rng.normal(0, 0.05))
        for side in (-0.5, 0.47):
            brush.line((path + side * widths * across)[::4],
                       (0.006, 0.003), 1.2, step=0.034, dry=0.05)
        for _ in range(len(path) * (2 if k == 0 else 0)):
            n, s = rng.integers(len(path)), rng.uniform(-0.5, 0.5)
            brush.lay(*(path[n] + s * widths[n] * across[n]),
                      np.arctan2(*along[n][::-1]) + rng.normal(0.9, 0.4),
                      0.35 * widths[n, 0], 0.003, 0.7 + s, bend=0.5, dry=0.4)
    for k, limb in enumerate(LIMBS):
        path = curve(limb, 0.017)
        for p in path[int(len(path) * (0.88 if k == 0 else 0.35)):]:
            _pad(brush, rng, *(p + rng.normal((0, 0.008), 0.003)),
                 0.026 + 0.014 * rng.random())


def _pad(brush, rng, x, y, half):
    """A level cloud of fans of needles over a pale wash."""
    for _ in range(4):
        brush.lay(x + rng.normal(0, half / 3), y - 0.010, rng.normal(0, 0.1),
                  half * 1.4, 0.02, 0.2, rng.integers(0, 2), 0, 0.3, 0.4)
    for k in range(9):
        fx = x + rng.uniform(-1, 1) * half * (k > 1)
        fy = y - 0.016 * rng.random() * (1 - ((fx - x) / half) ** 2)
        for turn in np.linspace(-3.0, -0.14, 10) + rng.normal(0, 0.12, 10):
            size = 0.021 * rng.uniform(0.7, 1.1)
            brush.lay(fx + np.cos(turn) * size / 2,
                      fy + np.sin(turn) * size / 2, turn, size, 0.0019,
                      0.25 + 0.1 * k * rng.random(), taper=0.8, bend=0.08)
