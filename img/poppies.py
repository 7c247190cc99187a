"""A field of poppies under poplars, in dots of pure colour."""
import numpy as np
from noise import fbm, ridges, smoothstep
from palette import mix, oval, plane, ramp
from PIL import Image, ImageDraw

from d2l_nst.painterly.strokes import StrokeStyle, paint_strokes

HEIGHT = 0.80
HORIZON = 0.34
GREENS = [(18, 70, 92), (28, 110, 72), (104, 160, 52), (206, 210, 78)]
REDS = [(150, 10, 60), (222, 22, 40), (250, 70, 36), (255, 140, 90)]


def poppies(width=900):
    """The painting (0.8 width, width, 3), uint8."""
    k = width / 900
    style = StrokeStyle(
        radii=(6 * k, 4.2 * k, 3 * k), threshold=62, blur=0.4, grid=0.8,
        min_length=0, max_length=0, jitter_hsv=(0.34, 0.7, 0.8),
        relief=0.05, ground=(238, 226, 196))
    return paint_strokes(draw_poppies(width), style, seed=8)


def draw_poppies(width):
    """The scene in flat colours (H, W, 3), uint8."""
    rng = np.random.default_rng(21)
    x, y = plane(width, HEIGHT)
    out = np.where((y < HORIZON)[..., None], _sky(x, y), _field(x, y))
    out = _hills(out, x, y)
    canvas = Image.fromarray(out.clip(0, 255).astype('uint8'))
    pen = ImageDraw.Draw(canvas)
    _farm(pen, width)
    for tx, size in ((0.08, 0.20), (0.145, 0.26), (0.205, 0.23), (0.26, 0.17),
                     (0.86, 0.15), (0.905, 0.19), (0.96, 0.16)):
        _poplar(pen, width, rng, tx, size)
    _flowers(pen, width, rng, 3600)
    return np.asarray(canvas)


def _sky(x, y):
    """Light blue with creamy, violet-shaded clouds."""
    blue = ramp([(56, 112, 214), (104, 170, 236), (180, 216, 236),
                 (252, 232, 196)], y / HORIZON + 0.1 * fbm(x * 4, y * 4, 3))
    puff = fbm(x * 2.6 + 9, y * 6, 5, 0.55, seed=3) + 0.06
    under = fbm(x * 2.6 + 9.1, (y + 0.035) * 6, 5, 0.55, seed=3) + 0.06
    cloud = ramp([(150, 140, 210), (236, 206, 220), (255, 246, 220)],
                 0.5 + 2.4 * (puff - under))
    return mix(blue, cloud, smoothstep(-0.02, 0.14, puff))


def _hills(out, x, y):
    for level, low, high, seed in ((0.055, (96, 110, 196), (170, 160, 222), 5),
                                   (0.022, (60, 120, 130), (150, 190, 120),
                                    6)):
        crest = HORIZON - level * (0.5 + ridges(x * 2, 0 * y, 3, seed=seed))
        hill = ramp([low, high], 0.5 + fbm(x * 12, y * 30, 3, seed=seed))
        out = np.where(((y > crest) & (y < HORIZON))[..., None], hill, out)
    return out


def _field(x, y):
    """Wheat far off, grass and a lane nearer by, in bands of light."""
    near = ((y - HORIZON) / (HEIGHT - HORIZON)).clip(0.001, 1)
    grain = fbm(x * 5 / (0.12 + near), 16 * near ** 0.5, 4, seed=11)
    grass = ramp(GREENS, 0.62 - 0.25 * near + 0.9 * grain)
    wheat = ramp([(214, 150, 50), (246, 200, 76), (255, 236, 150)],
                 0.5 + grain)
    out = mix(wheat, grass, smoothstep(0.10, 0.20, near + 0.12 * grain))
    cool = ramp([(30, 40, 130), (40, 100, 140)], 0.5 + grain)
    band = smoothstep(0.10, 0.30, fbm(x * 1.6, near * 3.2, 3, seed=12))
    out = mix(out, cool, 0.75 * band * (near > 0.12))
    middle = 0.60 - 0.12 * near + 0.05 * np.sin(5 * near)
    edge = np.abs(x - middle) / (0.008 + 0.10 * near) + 0.4 * grain
    lane = ramp([(196, 130, 150), (250, 206, 160), (255, 240, 206)],
                0.5 + 1.2 * grain - 0.5 * band)
    return np.where((edge < 1)[..., None], lane, out)


def _farm(pen, width):
    """A house with a roof of red tiles and a barn."""
    for x, y, w, h in ((0.700, 0.338, 0.070, 0.034),
                       (0.775, 0.340, 0.045, 0.022)):
        for points, rgb in (
                (((0, 0), (w, 0), (w, -h), (0, -h)), (255, 240, 214)),
                (((w * .62, 0), (w, 0), (w, -h), (w * .62, -h)),
                 (150, 130, 196)),
                (((-.004, -h), (w + .004, -h), (w * .86, -1.9 * h),
                  (w * .10, -1.9 * h)), (226, 84, 40))):
            pen.polygon([(width * (x + u), width * (y + v))
                         for u, v in points], rgb)


def _poplar(pen, width, rng, x, size):
    """A tall slender tree with its shadow on the field."""
    for _ in range(240):
        u = rng.uniform(-1, 1)
        oval(pen, width, x + 0.5 * size * (1 + u) + 0.01 * rng.normal(),
             HORIZON + 0.035 + 0.10 * size * (1 + u), 0.012, 0.004, 0.1,
             ramp([(30, 40, 130), (40, 100, 140)], rng.random()))
    for t in np.sort(rng.random(620)):
        wide = 0.17 * size * np.sin(np.pi * (0.06 + 0.9 * t)) ** 0.7
        u = rng.normal(0, 0.45)
        light = 0.45 - 0.45 * u + rng.normal(0, 0.16)
        oval(pen, width, x + wide * u, HORIZON + 0.03 - size * t,
             0.009, 0.0045, rng.normal(-1.2, 0.4),
             ramp([(20, 40, 110), (20, 96, 84), (92, 160, 50),
                   (240, 214, 80)], light))


def _flowers(pen, width, rng, count):
    """Poppies, cornflowers and daisies, larger towards the viewer."""
    near = np.sort(rng.random(count) ** 0.75)
    x = rng.random(count)
    thick = fbm(x * 4, near * 5, 3, seed=31) + 0.35 * rng.normal(0, 1, count)
    for x, n, t in zip(x, near, thick):
        lane = abs(x - (0.60 - 0.12 * n + 0.05 * np.sin(5 * n)))
        if n < 0.14 or t < -0.15 or lane < 0.01 + 0.10 * n:
            continue
        y = HORIZON + (HEIGHT + 0.03 - HORIZON) * n
        size = 0.0025 + 0.019 * n ** 1.5 * rng.uniform(0.6, 1.1)
        kind = rng.random()
        if n > 0.5:
            oval(pen, width, x, y + 1.6 * size, 0.0025, 1.6 * size, 0.1,
                 (20, 90, 60))
        if kind < 0.80:
            _poppy(pen, width, rng, x, y, size)
        else:
            oval(pen, width, x, y, 0.7 * size, 0.6 * size, 0,
                 (60, 70, 220) if kind < 0.92 else (255, 244, 220))


def _poppy(pen, width, rng, x, y, size):
    """Four petals lit from above and a dark heart."""
    for dx, dy, tone in ((-0.5, -0.1, 0.45), (0.5, -0.1, 0.35),
                         (0, 0.30, 0.2), (0, -0.35, 0.75)):
        oval(pen, width, x + dx * size, y + dy * size, 0.75 * size,
             0.55 * size, rng.normal(0, 0.3),
             ramp(REDS, tone + rng.normal(0, 0.12)))
    oval(pen, width, x, y + 0.05 * size, 0.2 * size, 0.15 * size, 0,
         (40, 10, 60))
