"""A water mill, a bridge of two arches and small houses, to be hatched."""
import numpy as np
from noise import fbm

WATER = 0.60                               # y of the water's edge
ARCHES = ((0.275, 0.080, 0.088), (0.465, 0.084, 0.100))


def house(sketch, x, y, size, dark):
    """A small house, gable to the left: wall, side, roof."""
    w, d, h, r = 0.5 * size, size, 0.5 * size, 0.5 * size
    gable = [(x, y), (x, y - h), (x + w / 2, y - h - r), (x + w, y - h),
             (x + w, y)]
    side = [(x + w, y), (x + w, y - h), (x + w + d, y - h), (x + w + d, y)]
    roof = [(x + w / 2, y - h - r), (x + w / 2 + d, y - h - r),
            (x + w + d, y - h), (x + w, y - h)]
    for shape, tone, angle, chalk, red in (
            (gable, 0.04, 1.5, 0.6, 0), (side, 0.55 * dark, 1.45, 0, 0),
            (roof, 0.45 * dark, 1.1, 0, 0.7)):
        sketch.fill(sketch.inside(shape), tone, angle, long=0.04,
                    chalk=chalk, red=red)
        sketch.outline(shape + shape[:1], 0.8)


def box(sketch, foot, w, h, left, right):
    """An upright block with a light and a dark half."""
    x, y = foot
    for a, b, tone in ((0, 0.55, left), (0.55, 1, right)):
        shape = [(x + a * w, y), (x + a * w, y - h), (x + b * w, y - h),
                 (x + b * w, y)]
        sketch.fill(sketch.inside(shape), tone, 1.5)
        sketch.outline(shape + shape[:1], 0.8)


def mill(sketch, rng):
    """The mill: gable, long side, tiled roof, chimney, wheel."""
    y = sketch.y
    stones = 0.35 * sketch.noise(30, 60, 2, 21)
    gable = [(0.655, WATER), (0.655, 0.315), (0.715, 0.185), (0.775, 0.315),
             (0.775, WATER)]
    side = [(0.775, WATER), (0.775, 0.315), (0.975, 0.305), (0.975, WATER)]
    roof = [(0.705, 0.178), (0.925, 0.168), (0.992, 0.312), (0.782, 0.325)]
    eaves = [(0.640, 0.325), (0.705, 0.178), (0.715, 0.185), (0.652, 0.335)]
    for shape, tone, angle, chalk, red in (
            (gable, 0.10 + 0.6 * stones + 0.5 * (y > 0.52), 0.05,
             0.40 - stones, 0.0),
            (side, 0.58 + stones, 1.50, 0, 0.22),
            (roof, 0.26 + 0.7 * sketch.noise(20, 40, 3, 22)
             + 0.10 * np.sin(y * 480), 1.12, 0, 0.66),
            (eaves, 0.8, 2.0, 0, 0)):
        sketch.fill(sketch.inside(shape), np.clip(tone, 0.04, 0.95), angle,
                    long=0.05, chalk=chalk, red=red)
        sketch.outline(shape + shape[:1], 1.1)
    box(sketch, (0.868, 0.200), 0.026, 0.070, 0.12, 0.7)
    box(sketch, (0.864, 0.137), 0.034, 0.012, 0.3, 0.8)
    _windows(sketch)
    _joints(sketch, rng)
    _wheel(sketch, 0.865, 0.515, 0.092)


def _windows(sketch):
    """Dark windows with white shutters, and the door."""
    for u, v, w, h in ((0.70, 0.275, 0.026, 0.042),
                       (0.675, 0.375, 0.024, 0.045),
                       (0.735, 0.375, 0.024, 0.045),
                       (0.695, 0.480, 0.036, 0.075),
                       (0.80, 0.350, 0.026, 0.045),
                       (0.925, 0.350, 0.026, 0.045)):
        shape = [(u, v), (u + w, v), (u + w, v + h), (u, v + h), (u, v)]
        sketch.fill(sketch.inside(shape), 0.93, 1.5)
        sketch.outline(shape)
        for a, b in ((0.42, 0.58), (1.0, 1.18))[v > 0.45:]:
            bar = [(u + a * w, v), (u + b * w, v), (u + b * w, v + h),
                   (u + a * w, v + h)]
            sketch.fill(sketch.inside(bar), 0.05, 1.5, chalk=0.6)


def _joints(sketch, rng):
    """Stones at the corners of the gable and here and there in it."""
    for v in np.arange(0.335, WATER, 0.022):
        for u, w in ((0.655, 0.02), (0.757, 0.018)):
            sketch.outline([(u, v), (u + w, v)], 0.8)
    for _ in range(60):
        u, v = rng.uniform(0.66, 0.75), rng.uniform(0.33, 0.59)
        w = rng.uniform(0.008, 0.018)
        sketch.outline([(u, v), (u + w, v), (u + w, v + 0.009)], 0.45)


def _wheel(sketch, cx, cy, r):
    """A water wheel: rim, spokes, paddles before a dark wall."""
    x, y = sketch.x - cx, sketch.y - cy
    away, turn = np.hypot(x, y), np.arctan2(y, x)
    sketch.fill(away < 1.1 * r, 0.88, 0.7)
    spokes = np.abs(np.sin(4 * turn)) * away / 4 < 0.0035
    sketch.fill((away < r) & spokes, 0.12, turn, chalk=0.4)
    sketch.fill((away < r) & (away > 0.84 * r), 0.18 + 0.3 * (x > 0),
                turn + np.pi / 2, chalk=0.3)
    sketch.fill((away < 0.16 * r), 0.3, turn + 1.57)
    for radius in (r, 0.84 * r, 0.16 * r):
        t = np.linspace(0, 2 * np.pi, 50)
        sketch.outline(np.stack([cx + radius * np.cos(t),
                                 cy + radius * np.sin(t)], 1))
    for t in np.linspace(0, 2 * np.pi, 25)[:-1]:
        ends = np.array([[1, 1.12]]).T * r * np.array([np.cos(t), np.sin(t)])
        sketch.outline(ends + (cx, cy), 1.4)


def _deck(x):
    """The height y of the road over the bridge."""
    return 0.468 - 0.062 * np.cos(4.4 * (x - 0.37))


def bridge(sketch, rng):
    """A humped bridge of two arches with its courses of stone."""
    x, y = sketch.x, sketch.y
    top = _deck(x)
    here = x < 0.66
    stone = fbm(x * 26, np.round((y - top) * 46) * 3.1, 2, seed=41)
    sketch.fill(here & (y > top) & (y < WATER),
                (0.30 + 0.6 * stone + 1.2 * (y - 0.5)).clip(0.08, 0.8),
                0.12 * (x - 0.37) + 0.9 * (stone > 0.12),
                long=0.035, chalk=0.30 * (stone < -0.1),
                red=0.18 * (stone > 0.02))
    for cx, rx, ry in ARCHES:
        _arch(sketch, cx, rx, ry)
    pier = [(0.352, WATER + 0.01), (0.357, 0.50), (0.370, 0.475),
            (0.385, 0.50), (0.392, WATER + 0.01)]
    sketch.fill(sketch.inside(pier), (0.2 + 22 * (x - 0.365)).clip(0.1, 0.8),
                1.5)
    sketch.outline(pier)
    cap = here & (y > top - 0.016) & (y < top)
    sketch.fill(cap, 0.08 + 0.4 * (y > top - 0.005), 0.1, long=0.05,
                chalk=0.6)
    u = np.linspace(0, 0.66, 90)
    for dy, dark in ((-0.016, 1.1), (0, 1.2), (0.020, 0.5)):
        sketch.outline(np.stack([u, _deck(u) + dy], 1), dark)
    _stones(sketch, rng)
    for px, size in ((0.405, 0.045), (0.425, 0.036)):
        _walker(sketch, px, _deck(px) - 0.012, size)


def _arch(sketch, cx, rx, ry):
    """Ring of wedge stones, dark vault, light through the opening."""
    x, y = sketch.x - cx, sketch.y - WATER
    turn = np.arctan2(y / ry, x / rx)
    away = np.hypot(x / rx, y / ry)
    above = y < 0.004
    wedge = np.floor(turn * 7.0)
    sketch.fill(above & (away < 1.2), 0.16 + 0.22 * (wedge % 2)
                + 0.2 * (x > 0), turn, chalk=0.35 * (wedge % 2 == 0))
    sketch.fill(above & (away < 1), (0.93 - 0.25 * (x > 0.5 * rx)),
                turn + np.pi / 2)
    inner = np.hypot((x + 0.022) / (0.80 * rx), y / (0.86 * ry))
    sketch.fill(above & (inner < 1), 0.10 + 0.45 * (y > -0.035)
                + 0.2 * sketch.noise(30, 30, 2), 0.2, chalk=0.3)
    t = np.linspace(np.pi, 2 * np.pi, 30)
    for k in (1, 1.2):
        sketch.outline(np.stack([cx + k * rx * np.cos(t),
                                 WATER + k * ry * np.sin(t)], 1), 1.3)
    for a in np.arange(-22, 0) / 7.0:
        ends = np.array([[1, 1.2]]).T * (rx * np.cos(a), ry * np.sin(a))
        sketch.outline(ends + (cx, WATER), 0.8)


def _stones(sketch, rng):
    """Joints between the stones of the bridge."""
    for row in range(1, 8):
        dy = 0.0215 * row
        for u in np.arange(0, 0.66, 0.036) + 0.018 * (row % 2):
            v = _deck(u) + dy
            if v > WATER - 0.005 or any(
                    np.hypot((u - cx) / rx, (v - WATER) / ry) < 1.3
                    for cx, rx, ry in ARCHES) or rng.random() < 0.25:
                continue
            w = rng.uniform(0.018, 0.034)
            sketch.outline([(u, v), (u + w, _deck(u + w) + dy)], 0.6)
            sketch.outline([(u, v), (u, v - 0.02)], 0.5)


def _walker(sketch, x, y, size):
    """A figure with a hat on the bridge."""
    body = [(x - .16 * size, y), (x - .2 * size, y - .6 * size),
            (x - .05 * size, y - .8 * size), (x + .14 * size, y - .6 * size),
            (x + .2 * size, y)]
    head = [(x - .2 * size, y - .84 * size), (x - .09 * size, y - size),
            (x + .09 * size, y - size), (x + .18 * size, y - .84 * size)]
    for shape in (body, head):
        sketch.fill(sketch.inside(shape), 0.92, 1.4)
        sketch.outline(shape + shape[:1], 1.2)
