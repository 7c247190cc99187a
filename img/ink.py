"""An East Asian landscape of misty peaks, a pine and a lake, in ink."""
import numpy as np
from crags import INK, RED, crag, pine
from marks import Brush, paper
from noise import fbm, perlin, smoothstep
from palette import plane
from scipy import ndimage

HEIGHT = 0.84
LAKE = 0.60                                # y of the far shore
PAPER = (246, 237, 216)
# what each pigment takes from red, green and blue light
TAKES = np.array([[1.00, 0.98, 0.92], [1.10, 0.72, 0.42],
                  [0.20, 0.50, 1.00], [0.12, 1.50, 1.60]])
# masses of rock, from far to near: centre, top, half width, foot, columns,
# ink, blue, ochre, texture
MASSES = [(0.93, 0.20, 0.15, 0.50, 7, 0.05, 0.16, 0.00, 0.3),
          (0.36, 0.24, 0.15, 0.50, 7, 0.05, 0.16, 0.00, 0.3),
          (0.80, 0.25, 0.10, 0.53, 7, 0.12, 0.14, 0.02, 0.6),
          (0.63, 0.07, 0.13, 0.60, 13, 0.32, 0.10, 0.05, 1.0),
          (0.88, 0.505, 0.17, 0.66, 8, 0.42, 0.08, 0.12, 0.8),
          (0.07, 0.60, 0.19, 0.88, 9, 0.75, 0.05, 0.20, 1.3)]


def ink_wash(width=1200):
    """The picture (0.84 width, width, 3), uint8."""
    x, y = plane(width, HEIGHT)
    brush = Brush(width, HEIGHT, 4, 7)
    fog = fbm(x * 6, y * 9, 4, seed=11)
    _air(brush)
    for k, mass in enumerate(MASSES):
        if k == 4:
            _bleed(brush, x, y, fog)
            _lake(brush)
        crag(brush, x, y, fog, k, *mass)
    _pavilion(brush, 0.845, 0.505, 0.045)
    _boat(brush, 0.56, 0.715, 0.05)
    _birds(brush)
    _reeds(brush)
    pine(brush)
    _seal(brush, 0.945, 0.075)
    light = paper(width, HEIGHT, PAPER, 3)
    depth = np.tensordot(TAKES.T, brush.density, 1)     # (3, H, W)
    light = light * np.exp(-np.moveaxis(depth, 0, -1))
    return np.rint(255 * light.clip(0, 1)).astype('uint8')


def _air(brush):
    """Broad pale strokes of sky and mist, drifting with the air."""
    rng = brush.rng
    places = rng.random((590, 2)) * (1, LAKE)
    turns = 0.5 * perlin(places[:, 0] * 3, places[:, 1] * 4, 5)
    for k, ((x, y), turn) in enumerate(zip(places, turns)):
        if k < 520:
            brush.lay(x, y, turn, rng.uniform(0.06, 0.20),
                      rng.uniform(0.012, 0.03), rng.uniform(0.02, 0.07),
                      int(rng.random() < 0.3), rng.normal(0, 0.12), 0.5, 0.5)
        else:
            brush.lay(x, y, turn, rng.uniform(0.14, 0.34),
                      rng.uniform(0.018, 0.036), rng.uniform(0.03, 0.10),
                      INK, rng.normal(0, 0.1), 0.3, 0.5, 0.8)


def _lake(brush):
    """Level dry strokes of water, closer together towards the shores."""
    rng = brush.rng
    for _ in range(900):
        near = rng.random()
        y = LAKE + 0.02 + (HEIGHT - LAKE) * near
        x = rng.random()
        shore = np.exp(-((x - 0.86) / 0.13) ** 2 - ((y - 0.68) / 0.03) ** 2)
        brush.lay(x, y, rng.normal(0, 0.02),
                  rng.uniform(0.05, 0.14) * (0.5 + near),
                  rng.uniform(0.003, 0.012) * (0.5 + near),
                  rng.uniform(0.04, 0.14) * (1 + 3 * shore),
                  int(rng.random() < 0.5),
                  rng.normal(0, 0.03), rng.uniform(0.4, 0.8), 0.2)


def _pavilion(brush, x, y, size):
    """A hall with two curved roofs on posts."""
    def put(u, v, *rest, **style):
        brush.lay(x + size * u, y + size * v, *rest, **style)
    for u in (-0.62, -0.25, 0.25, 0.62):
        put(u, -0.32, np.pi / 2, size * 0.75, 0.0035, 1.4)
    for v, half in ((-0.72, 1.15), (-1.25, 0.75)):
        for k in range(9):
            put(0, v - 0.05 * k, 0, size * half * (2 - 0.17 * k), 0.005,
                0.9, bend=0.10, taper=0)
        put(0, v + 0.04, 0, size * half * 2.2, 0.005, 1.6, bend=0.12,
            taper=0)
    put(0, -1.75, np.pi / 2, size * 0.25, 0.006, 1.6)
    for v in (0, 0.08):
        put(0, v, 0, size * 1.9, 0.004, 1.2, taper=0)


def _boat(brush, x, y, size):
    """A fisherman in a flat boat, with its broken reflection."""
    def put(u, v, *rest, **style):
        brush.lay(x + size * u, y + size * v, *rest, **style)
    for k in range(6):
        put(0, 0.05 * k, 0, size * (2.3 - 0.2 * k), 0.005, 0.7 + 0.1 * k,
            bend=0.14, taper=0.1, dry=0.2)
    for u in np.linspace(0.18, 0.62, 5):
        put((u + 0.38) / 2, -0.22, np.arctan2(0.5, u - 0.38), size * 0.5,
            0.006, 0.4 + u, taper=0)
    for k in range(5):
        put(0.36, -0.64 + 0.045 * k, 0, size * (0.08 + 0.12 * k), 0.004,
            1.3, bend=-0.1, taper=0)
    put(0.05, -0.22, 0.2, size * 0.55, 0.004, 1.1)
    put(-0.75, -0.50, 0.35, size * 1.6, 0.0017, 1.3, bend=-0.05)
    put(-1.50, -0.32, 1.57, size * 0.9, 0.0008, 0.9)
    for k in range(12):
        put(brush.rng.normal(0, 0.3), 0.45 + 0.10 * k, 0,
            size * brush.rng.uniform(0.5, 1.6), 0.003, 0.6 - 0.04 * k,
            dry=0.5)


def _birds(brush):
    """Seven birds flying off in a hook."""
    rng = brush.rng
    for k in range(7):
        x, y = 0.40 + 0.026 * abs(k - 2) + 0.01 * k, 0.135 - 0.015 * k
        y, size = y + rng.normal(0, 0.003), rng.uniform(0.012, 0.018)
        for side in (-1, 1):
            brush.lay(x + side * size * 0.43, y - 0.002 * (side > 0),
                      side * rng.uniform(0.1, 0.5) + np.pi * (side < 0),
                      size, 0.0028, 1.3, bend=-0.35 * side, taper=0.8)


def _reeds(brush):
    """Reeds in the shallows at the lower right."""
    rng = brush.rng
    for _ in range(70):
        x = 0.985 - 0.17 * rng.random() ** 1.6
        foot = 0.845 - 0.05 * rng.random() * (x > 0.88)
        tall, lean = rng.uniform(0.05, 0.15), rng.normal(-1.65, 0.16)
        brush.lay(x + np.cos(lean) * tall / 2, foot + np.sin(lean) * tall / 2,
                  lean, tall, rng.uniform(0.002, 0.005),
                  rng.uniform(0.3, 1.2), INK, rng.normal(-0.1, 0.12), 0.2,
                  0, 0.95)


def _seal(brush, x, y):
    """A red seal with two signs left bare."""
    before = brush.density[RED].copy()
    for k in range(13):
        brush.lay(x, y - 0.0216 + 0.0036 * k, 0, 0.046, 0.007, 0.6, RED,
                  taper=0, dry=0.1)
    ink = brush.density[RED].copy()
    brush.density[RED] = before
    for u in (-0.5, 0.5):
        for v, long in ((-0.7, 0.7), (-0.35, 0.5), (0, 0.7), (0.6, 0.7)):
            brush.lay(x + 0.021 * u, y + 0.021 * v, 0, 0.021 * long, 0.0028,
                      9, RED, taper=0)
        for v, turn in ((-0.3, 1.57), (0.35, 1.9), (0.35, 1.2)):
            brush.lay(x + 0.021 * u, y + 0.021 * v, turn, 0.018, 0.0026, 9,
                      RED, taper=0)
    brush.density[RED] = ink * (1 - brush.density[RED].clip(0, 1))


def _bleed(brush, x, y, fog):
    """Let the wet ink creep into the paper and drops push it aside."""
    rng = brush.rng
    for sheet in brush.density:
        soft = ndimage.gaussian_filter(sheet, 0.006 * brush.width)
        sheet += 0.6 * smoothstep(-0.05, 0.3, fog) * (soft - sheet)
    lace = fbm(x * 22, y * 22, 4, 0.6, seed=71)
    for _ in range(26):
        cx, cy = rng.random(), rng.uniform(0.02, LAKE)
        size = rng.uniform(0.02, 0.06)
        away = np.hypot(x - cx, 1.3 * (y - cy)) / size + 0.7 * lace
        hole = 0.55 * smoothstep(1.0, 0.6, away)
        ring = np.exp(-((away - 1.05) / 0.09) ** 2)
        brush.density *= 1 - hole
        brush.density[INK] += 0.09 * ring * smoothstep(-0.3, 0.3, fog)
