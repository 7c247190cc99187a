"""An old bridge and a mill by a stream, hatched in black, white and red."""
import numpy as np
from marks import paper
from mill import WATER, box, bridge, house, mill
from noise import fbm, perlin, ridges, smoothstep
from palette import plane
from pencil import LAYERS, WIDE, Sketch, contours, hatch

HEIGHT = 0.78
PAPER = (216, 203, 178)
BLACK = np.array([1.00, 1.02, 1.03])       # what black and red chalk take
RED = np.array([0.28, 1.00, 1.25])


def hatching(width=1200):
    """The drawing (0.78 width, width, 3), uint8."""
    sketch = _scene()
    x, y = plane(width, HEIGHT)
    tooth = fbm(x * 300, y * 300, 3, 0.7, seed=3)
    light = paper(width, HEIGHT, PAPER, 5)
    for k, (tone, takes) in enumerate(((sketch.red, RED),
                                       (sketch.tone, BLACK))):
        rng = np.random.default_rng(k)
        strokes = hatch(sketch, tone, rng, LAYERS[:3 + 3 * k])
        light = light * np.exp(-_rub(strokes, width, tooth)[..., None]
                               * takes)
    lines = contours(sketch, np.random.default_rng(4))
    light = light * np.exp(-_rub(lines, width, tooth)[..., None] * BLACK)
    white = hatch(sketch, sketch.chalk, np.random.default_rng(5), LAYERS[:3])
    bare = np.exp(-0.9 * _rub(white, width, tooth))[..., None]
    light = light * bare + np.array([0.99, 0.97, 0.93]) * (1 - bare)
    return np.rint(255 * light.clip(0, 1)).astype('uint8')


def _rub(strokes, width, tooth):
    """Pigment (H, W) left on the tooth of the paper."""
    laid = strokes.deposit(width, HEIGHT)
    return 0.95 * laid * np.exp(1.2 * tooth).clip(0.3, 2.2)


def _scene():
    """What is to be hatched."""
    sketch = Sketch(HEIGHT)
    rng = np.random.default_rng(8)
    _sky(sketch)
    _distance(sketch, rng)
    mill(sketch, rng)
    bridge(sketch, rng)
    _water(sketch)
    _banks(sketch, rng)
    _tree(sketch, rng)
    _grass(sketch, rng)
    return sketch


def _sky(sketch):
    """Clouds drawn along their edges, white where the sun is on them."""
    x, y = sketch.x, sketch.y
    puff = sketch.noise(2.6, 5, 4, 11) + 0.05
    lit = puff - fbm(x * 2.6 + 0.1, y * 5 + 0.16, 4, seed=11)
    tone = 0.10 + 0.22 * smoothstep(0.1, -0.2, puff) - 0.5 * lit
    sketch.fill(y > -1, tone.clip(0.05, 0.42), -0.65 + 1.2 * puff, long=0.07,
                chalk=(0.9 * smoothstep(0.0, 0.25, puff + lit)).clip(0, 0.6),
                cross=0.4)


def _distance(sketch, rng):
    """Hills, a village with its church, the far bank, poplars."""
    x, y = sketch.x, sketch.y
    for level, tone, seed in ((0.375, 0.22, 1), (0.415, 0.34, 2)):
        crest = level - 0.07 * sketch.noise(2.5, 0, 3, seed) - 0.03 * x
        slope = np.gradient(crest, axis=1) * WIDE
        sketch.fill(y > crest, tone + 0.4 * sketch.noise(9, 22, 3, seed),
                    slope + 0.5 - 0.4 * seed, long=0.04)
        sketch.outline(np.stack([x[0], crest[0]], 1)[::8], 0.5)
    for hx, hy, size in ((0.53, 0.398, 0.034), (0.575, 0.402, 0.040),
                         (0.455, 0.404, 0.034), (0.415, 0.402, 0.034)):
        house(sketch, hx, hy, size, 0.7)
    box(sketch, (0.50, 0.40), 0.030, 0.10, 0.15, 0.6)
    spire = [(0.495, 0.302), (0.515, 0.21), (0.535, 0.302)]
    sketch.fill(sketch.inside(spire), 0.55 + 14 * (x - 0.515), 1.4)
    sketch.outline(spire + spire[:1])
    for k in range(26):
        _clump(sketch, rng, rng.uniform(0.33, 0.68), 0.415 - 0.012 *
               rng.random(), 0.022, 0.1)
    sketch.fill((y > 0.425 - 0.01 * sketch.noise(6, 0, 3, 0)) & (y < WATER),
                0.4 + 0.7 * sketch.noise(8, 20, 3, 4), -0.2, long=0.04)
    for px, tall in ((0.625, 0.20), (0.66, 0.30), (0.965, 0.30),
                     (0.995, 0.34)):
        v = (y - 0.45 + tall) / tall
        half = 0.020 * np.sin(np.pi * (0.04 + 0.8 * v.clip(0, 1))) * (
            1 + 0.9 * sketch.leaves[0])
        across = (x - px) / half
        sketch.fill((np.abs(across) < 1) & (v > 0) & (v < 1),
                    (0.5 + 0.3 * across + sketch.leaves[0]).clip(.1, .9),
                    -1.35 + 0.5 * across)


def _clump(sketch, rng, cx, cy, size, dark, red=0.0):
    """A lobed mass of leaves, lit from the upper left."""
    box = sketch.window(cx, cy, 1.4 * size)
    x, y = sketch.x[box] - cx, 1.15 * (sketch.y[box] - cy)
    lobes = rng.uniform(0, 6, 2)

    def edge(t):
        return size * (1 + 0.14 * np.sin(5 * t + lobes[0])
                       + 0.08 * np.sin(11 * t + lobes[1]))
    tone = dark + 0.42 + 0.40 * (0.55 * x + 0.85 * y) / size
    tone = tone + 0.9 * sketch.leaves[0][box]
    sketch.fill(np.hypot(x, y) < edge(np.arctan2(y, x)),
                tone.clip(0.15, 0.97), rng.normal(-0.85, 0.45)
                + 1.3 * sketch.leaves[1][box], box, long=0.028,
                red=red * (tone < 0.55), cross=0.8)
    t = rng.uniform(-0.6, 2.0) + np.linspace(-0.9, 0.9, 24)
    rim = edge(t)[:, None] * np.stack([np.cos(t), np.sin(t) / 1.15], 1)
    sketch.outline(rim + (cx, cy), 0.7)


def _water(sketch):
    """The stream: level strokes, and the scene upside down in it."""
    x, y = sketch.x, sketch.y
    h, w = x.shape
    ripple = perlin(x * 9, y * 60, 51) * 0.25 * (y - WATER)
    rows = ((2 * WATER - y - 1.2 * np.abs(ripple)) * w).astype(int)
    columns = ((x + ripple) * w).astype(int).clip(0, w - 1)
    mirror = sketch.tone[rows.clip(0, h - 1), columns]
    glint = smoothstep(0.25, 0.6, sketch.noise(5, 70, 3, 52))
    depth = (y - WATER) / (HEIGHT - WATER)
    tone = (0.12 + 0.85 * mirror) * (1 - 0.35 * depth) - 0.5 * glint
    sketch.fill(y > WATER, tone.clip(0.05, 0.92), 0.10 * perlin(
        x * 6, y * 30, 53), long=0.06, cross=0.15,
        chalk=0.55 * glint * (mirror < 0.5))
    sketch.outline([(0, WATER), (1, WATER)], 0.9)


def _banks(sketch, rng):
    """Grass and stones at the lower corners."""
    x, y = sketch.x, sketch.y
    for left, seed in ((True, 61), (False, 62)):
        u = x if left else 1 - x
        crest = (0.60 if left else 0.665) + (0.52 if left else 0.7) * (
            u ** 1.5) + 0.03 * sketch.noise(9, 0, 3, seed)
        grain = sketch.noise(13, 18, 3, seed)
        sketch.fill(y > crest, (0.58 + 0.9 * grain + 2 * (
            y - crest - 0.05)).clip(0.08, 0.95),
            -1.35 + 1.2 * grain + 0.3 * left, long=0.035,
            chalk=0.3 * (grain < -0.25), red=0.2 * (grain > 0))
        for _ in range(9):
            cx = rng.uniform(0.02, 0.26)
            cy = 0.62 + 0.55 * cx ** 1.3 + rng.uniform(0.03, 0.10)
            _rock(sketch, rng, cx if left else 1 - cx, cy + 0.04 * (
                not left), rng.uniform(0.015, 0.04))


def _grass(sketch, rng):
    """Blades in tufts on the banks, round the tree and the stones."""
    for _ in range(110):
        left = rng.random() < 0.62
        u = rng.uniform(0, 0.36) ** 1.1
        v = (0.615 if left else 0.68) + (0.52 if left else 0.7) * u ** 1.5
        v = v + (HEIGHT + 0.02 - v) * rng.random()
        for _ in range(rng.integers(5, 12)):
            cx, tall = u + rng.normal(0, 0.008), rng.uniform(0.015, 0.04)
            lean = rng.normal(0.2, 0.35) * tall
            blade = np.array([(cx, v), (cx + 0.3 * lean, v - 0.6 * tall),
                              (cx + lean, v - tall)])
            sketch.outline(blade if left else blade * (-1, 1) + (1, 0),
                           rng.uniform(0.5, 1.3))


def _rock(sketch, rng, cx, cy, size):
    """A boulder of three planes."""
    t = np.linspace(0, 2 * np.pi, 10)[:-1] + rng.normal(0, 0.15, 9)
    rim = size * np.stack([1.4 * np.cos(t), 0.8 * np.sin(t)], 1) + (cx, cy)
    dx, dy = (sketch.x - cx) / size, (sketch.y - cy) / size
    plane_ = np.where(dy < -0.25 - 0.3 * dx, 0, np.where(dx < 0.4, 1, 2))
    sketch.fill(sketch.inside(rim), np.array([0.08, 0.42, 0.8])[plane_],
                np.array([0.1, 1.2, 1.9])[plane_], chalk=0.6 * (plane_ == 0))
    sketch.outline(np.vstack([rim, rim[:1]]), 1.2)


def _tree(sketch, rng):
    """A great tree at the left: trunk and limbs, masses of leaves."""
    limbs = [((.095, .72), (.105, .55), (.095, .40), (.11, .22), .036, .016),
             ((.10, .44), (.16, .34), (.22, .27), (.27, .22), .018, .006),
             ((.10, .40), (.05, .30), (.02, .24), (-.02, .2), .016, .006),
             ((.105, .36), (.13, .28), (.15, .22), (.19, .12), .014, .004)]
    leaves = rng.uniform(-1, 1, (84, 2))
    leaves = leaves[np.hypot(*leaves.T) < 1] * (0.23, 0.185) + (0.12, 0.17)
    order = leaves[np.argsort(leaves @ (-0.4, -0.8))]
    for cx, cy in order[:22]:
        _clump(sketch, rng, cx, cy, rng.uniform(0.05, 0.07), 0.40)
    for *points, thick, thin in limbs:
        _limb(sketch, np.array(points), thick, thin)
    for cx, cy in order[22:]:
        _clump(sketch, rng, cx, cy, rng.uniform(0.032, 0.054),
               0.08 + 0.6 * (cx - 0.12) + 0.7 * (cy - 0.17), 0.16)


def _limb(sketch, points, thick, thin):
    """A limb through four points, hatched round its form."""
    x, y = sketch.x, sketch.y
    s = np.linspace(0, 3, 40)
    path = np.stack([np.interp(s, range(4), c) for c in points.T], 1)
    path[:, 0] += 0.006 * np.sin(5 * s)
    flare = 0.03 * np.exp(-s / 0.25) * (thick > 0.03)
    half = np.linspace(thick, thin, 40) + flare
    along = np.gradient(path, axis=0)
    aside = along[:, ::-1] * (-1, 1) / np.hypot(*along.T)[:, None]
    sides = [path + k * half[:, None] * aside for k in (-1, 1)]
    mask = sketch.inside(np.vstack([sides[0], sides[1][::-1]]))
    here = np.stack([x[mask], y[mask]], 1)
    near = np.hypot(*np.moveaxis(here[:, None] - path, 2, 0)).argmin(1)
    across, lean = np.zeros_like(x), np.zeros_like(x)
    across[mask] = (here[:, 0] - path[near, 0]) / half[near]
    lean[mask] = np.arctan2(along[near, 1], along[near, 0])
    tone = 0.33 + 0.40 * across + 0.6 * ridges(x * 40, y * 9, 2)
    sketch.fill(mask, tone.clip(0.1, 0.97), lean + 1.1 - 0.5 * across,
                red=0.2 * (across < 0))
    for side in sides:
        sketch.outline(side, 1.2)
