"""An autumn oak, drawn in flat colours and then painted with brush strokes.

Coordinates of the drawing are in widths of the picture, y downwards, so that
the same oak grows at every size; HEIGHT is the picture's height.
"""
import numpy as np
from noise import fbm, perlin, smoothstep
from palette import colour, mix, oval, plane, ramp
from PIL import Image, ImageDraw

from d2l_nst.painterly.strokes import StrokeStyle, paint_strokes

HEIGHT = 1.1
GROUND = 0.76                              # y of the horizon
CROWN = np.array([0.50, 0.42])             # centre of the crown
REACH = np.array([0.44, 0.335])            # its half axes
SUN = np.array([-0.62, -0.78])             # direction to the light

SKY = [(16, 40, 140), (20, 84, 190), (24, 140, 214), (92, 196, 220),
       (236, 224, 150), (255, 206, 84), (255, 150, 60)]
ACCENTS = [(70, 40, 170), (150, 70, 190), (60, 200, 214), (150, 226, 200),
           (240, 150, 170)]
LEAVES = [[(96, 14, 60), (150, 16, 50), (206, 26, 34), (240, 62, 24)],
          [(120, 30, 50), (196, 58, 18), (246, 112, 12), (255, 158, 30)],
          [(140, 66, 30), (220, 124, 8), (252, 184, 20), (255, 226, 70)],
          [(24, 62, 66), (50, 104, 44), (120, 152, 30), (200, 204, 60)]]
BARK = [(26, 18, 86), (80, 34, 104), (176, 78, 52), (255, 184, 92)]


def autumn_oak(width=1000):
    """The painting (1.1 width, width, 3), uint8."""
    k = width / 1000
    style = StrokeStyle(
        radii=(18 * k, 11 * k, 7 * k, 4.4 * k), threshold=58, blur=0.4,
        curvature=0.9, min_length=3, max_length=9, grid=0.9, flow=1.6,
        jitter_hsv=(0.12, 0.5, 0.56), bristle=0.25, relief=0.3)
    return paint_strokes(draw_oak(width), style, seed=4)


def draw_oak(width):
    """The scene in flat colours (1.1 width, width, 3), uint8."""
    rng = np.random.default_rng(12)
    canvas = Image.fromarray(_scenery(width))
    pen = ImageDraw.Draw(canvas)
    _distant_trees(pen, width, rng)
    limbs, twigs = _grow(rng)
    _fallen_leaves(pen, width, rng, 2600)
    _foliage(pen, width, rng, twigs, 5200, -0.55, 0.020)
    _draw_limbs(pen, width, limbs)
    _foliage(pen, width, rng, twigs, 3600, 0.0, 0.016)
    _foliage(pen, width, rng, twigs, 2600, 0.40, 0.012)
    return np.asarray(canvas)


def _scenery(width):
    """Sky, hills and meadow (H, W, 3), uint8."""
    x, y = plane(width, HEIGHT)
    out = _sky(x, y)
    for level, dark, pale, seed in ((0.69, (70, 84, 190), (150, 130, 214), 3),
                                    (0.73, (44, 60, 150), (206, 110, 130), 5)):
        crest = level + 0.05 * fbm(x * 3, 0 * y, 4, seed=seed)
        light = 0.5 + 0.9 * fbm(x * 9, y * 24, 3, seed=seed + 1)
        hill = ramp([dark, pale], light)
        out = np.where((y > crest)[..., None], hill, out)
    return np.where((y > GROUND)[..., None], _meadow(x, y), out).clip(
        0, 255).astype('uint8')


def _sky(x, y):
    """Whirling air, deep blue above and golden where the sun stands."""
    wx = x + 0.16 * fbm(x * 2.2, y * 2.2, 2, seed=21)
    wy = y + 0.16 * fbm(x * 2.2, y * 2.2, 2, seed=22)
    wave = perlin(wx * 3, wy * 9, 23) + 0.6 * np.sin(
        46 * (wy + 0.25 * wx + 0.10 * perlin(wx * 3, wy * 3, 24)))
    sun = np.hypot(x - 0.10, 1.15 * (y - 0.60))
    ring = 0.5 * np.sin(sun * 60) * np.exp(-sun / 0.3)
    height = 0.98 - 0.95 * (sun / 0.98).clip(0, 1) ** 0.8
    blue = ramp(SKY, height + 0.085 * wave + 0.07 * ring)
    streak = np.sin(30 * (wy - 0.2 * wx) + 5 * perlin(wx * 2, wy * 5, 25))
    accent = ramp(ACCENTS, 0.5 + 0.8 * fbm(wx * 3, wy * 6, 2, seed=26))
    part = smoothstep(0.35, 0.9, streak) * smoothstep(0.85, 0.35, height)
    return mix(blue, accent, part)


def _meadow(x, y):
    """Grass in sun and in the oak's violet shade, with a path."""
    near = ((y - GROUND) / (HEIGHT - GROUND)).clip(0, 1)
    grain = fbm(x * 6 / (0.15 + near), 9 * near ** 0.5 * 3, 4, seed=31)
    tone = 0.72 - 0.45 * near + 0.75 * grain
    grass = ramp([(20, 74, 80), (34, 120, 62), (128, 168, 34),
                   (236, 206, 50), (255, 236, 120)], tone)
    shade = np.hypot((x - 0.60 - 0.25 * near) / 0.44,
                     (near - 0.42) / 0.30) + 0.8 * grain
    cool = ramp([(32, 28, 110), (48, 70, 150), (96, 60, 150)],
                 0.5 + 1.2 * grain)
    part = smoothstep(1.1, 0.75, shade) * 0.85
    grass = mix(grass, cool, part)
    middle = 0.19 + 0.20 * near + 0.10 * np.sin(4.2 * near + 0.4)
    edge = np.abs(x - middle) / (0.012 + 0.13 * near) + 0.35 * grain
    path = ramp([(150, 96, 170), (240, 170, 150), (255, 224, 170)],
                 0.55 + 1.3 * grain + 0.25 * (0.5 - part))
    return np.where((edge < 1)[..., None], path, grass)


def _distant_trees(pen, width, rng):
    """A hedge of small round trees along the horizon."""
    for x in np.sort(rng.uniform(-0.02, 1.02, 46)):
        size = rng.uniform(0.018, 0.045)
        palette = LEAVES[rng.integers(4)]
        for _ in range(60):
            dx, dy = rng.normal(0, 0.5, 2)
            light = 0.45 - 0.35 * dx - 0.4 * dy + rng.normal(0, 0.12)
            hue = mix(ramp(palette, light), np.array((70, 80, 190)), 0.3)
            oval(pen, width, x + dx * size, GROUND - 0.7 * size + dy * size,
                  0.006, 0.004, rng.uniform(0, 3), hue)


def _grow(rng):
    """Limbs (x0, y0, x1, y1, thickness) and leafy twigs (x, y)."""
    limbs, twigs = [], []
    buds = [(0.475, 0.985, -1.50, 0.24, 0.105, 0)]
    while buds:
        x, y, angle, length, thick, depth = buds.pop(0)
        steps = 6
        for k in range(steps):
            angle += rng.normal(0, 0.10 + 0.05 * depth)
            nx = x + np.cos(angle) * length / steps
            ny = y + np.sin(angle) * length / steps
            slim = thick * (1 - 0.32 * (k + 1) / steps)
            limbs.append((x, y, nx, ny, slim, depth))
            x, y = nx, ny
            if depth >= 2:
                twigs.append((x, y))
        inside = np.hypot(*(((x, y) - CROWN) / REACH)) < 0.93
        if depth < 2 or depth < 6 and inside:
            forks = 5 if depth == 0 else rng.integers(2, 4)
            spread = np.linspace(-1, 1, forks) * (1.15 if depth == 0 else 0.62)
            for turn in spread:
                turned = angle + turn + rng.normal(0, 0.14)
                up = -np.pi / 2
                turned += 0.10 * (up - turned)
                buds.append((x, y, turned, length * rng.uniform(0.62, 0.86)
                             if depth else 0.20 - 0.03 * abs(turn),
                             thick * 0.68 * rng.uniform(0.62, 0.9),
                             depth + 1))
    return limbs, np.array(twigs)


def _draw_limbs(pen, width, limbs):
    """Bark, lit from the left, in strips side by side along each limb."""
    for x0, y0, x1, y1, thick, depth in limbs:
        size = np.hypot(x1 - x0, y1 - y0) + 1e-6
        nx, ny = -(y1 - y0) / size, (x1 - x0) / size
        strips = max(3, int(thick / 0.008))
        for k in range(strips):
            side = (k + 0.5) / strips - 0.5
            facing = side * 2 * (nx * SUN[0] + ny * SUN[1])
            tone = 0.42 + 0.5 * facing + 0.16 * np.sin(7.1 * k + depth)
            flare = 1 + 0.9 * max(0, y0 - 0.90) / 0.07 * (depth == 0)
            ends = [(width * (x + nx * side * thick * f),
                     width * (y + ny * side * thick * f))
                    for x, y, f in ((x0, y0, flare), (x1, y1, 1))]
            pen.line(ends, colour(ramp(BARK, tone)),
                     max(1, round(width * thick * 1.5 / strips)))


def _foliage(pen, width, rng, twigs, count, bright, size):
    """Leaves around the twigs; `bright` leaves sit towards the light."""
    where = twigs[rng.integers(0, len(twigs), count)]
    where = where + rng.normal(0, 0.024, where.shape) + bright * 0.03 * SUN
    where = where[np.argsort(where @ SUN)]
    place = (where - CROWN) / REACH
    centres = np.random.default_rng(6).permutation(twigs)[:26]
    away = where[:, None] - centres
    nearest = np.argmin((away ** 2).sum(-1), 1)
    clump = (away[np.arange(count), nearest] @ SUN / 0.11).clip(-1, 1)
    kinds = fbm(where[:, 0] * 4 + 7, where[:, 1] * 4, 3, seed=42)
    kinds = (1.6 + 4.2 * kinds + 0.7 * rng.normal(0, 1, count)).clip(
        0, 3.4).astype(int)
    light = 0.46 + 0.22 * (place @ SUN) + 0.34 * clump + 0.6 * bright
    light = light + rng.normal(0, 0.13, count)
    for (x, y), kind, tone in zip(where, kinds, light):
        oval(pen, width, x, y, size * rng.uniform(0.5, 1),
              size * rng.uniform(0.3, 0.5), rng.uniform(0, np.pi),
             ramp(LEAVES[kind], tone))


def _fallen_leaves(pen, width, rng, count):
    """Leaves on the meadow, smaller with distance."""
    near = np.sort(rng.random(count) ** 0.8)
    x = 0.5 + rng.normal(0, 0.30, count)
    for x, n in zip(x, near):
        kind, size = rng.integers(0, 3), 0.003 + 0.010 * n
        tone = rng.normal(0.6, 0.25)
        oval(pen, width, x, GROUND + 0.03 + (HEIGHT - GROUND - 0.03) * n,
              size, size * 0.45, rng.normal(0, 0.3),
              ramp(LEAVES[kind], tone))
