"""A bay in summer, turquoise and blue, as a wash on white paper."""
import numpy as np
from noise import fbm, perlin, ridges, smoothstep
from palette import colour, mix, plane, ramp
from PIL import Image, ImageDraw
from scipy import ndimage

from d2l_nst.painterly.strokes import StrokeStyle, paint_strokes

HEIGHT = 0.78
HORIZON = 0.33
PAPER = (252, 249, 242)
WATER = [(30, 84, 168), (20, 124, 190), (24, 166, 196), (96, 208, 204),
         (190, 236, 218), (244, 250, 240)]
ROCK = [(64, 70, 120), (118, 104, 128), (196, 160, 132), (246, 222, 184)]


def sea_wash(width=900):
    """The picture (0.78 width, width, 3), uint8."""
    k = width / 900
    style = StrokeStyle(
        radii=(26 * k, 13 * k, 7 * k, 3.5 * k), threshold=34, blur=0.35,
        opacity=0.5, min_length=3, max_length=10, flow=1, bristle=0.10,
        jitter_hsv=(0.16, 0.6, 0.36), jitter_rgb=(0.1, 0.1, 0.1),
        ground=PAPER)
    return _on_paper(paint_strokes(draw_sea(width), style, seed=2), width)


def draw_sea(width):
    """The scene in flat colours (H, W, 3), uint8."""
    x, y = plane(width, HEIGHT)
    out = np.where((y < HORIZON)[..., None], _sky(x, y), _sea(x, y))
    out = _land(out, x, y)
    canvas = Image.fromarray(out.clip(0, 255).astype('uint8'))
    pen = ImageDraw.Draw(canvas)
    for bx, by, size in ((0.655, 0.395, 0.105), (0.80, 0.352, 0.042),
                         (0.52, 0.344, 0.028)):
        _boat(pen, width, bx, by, size)
    return np.asarray(canvas)


def _sky(x, y):
    """Blue above, rosy above the horizon, towers of white cloud."""
    blue = ramp([(60, 120, 208), (110, 176, 226), (196, 224, 232),
                 (252, 230, 214)], y / HORIZON + 0.10 * fbm(x * 3, y * 3, 3))
    wx = x + 0.08 * fbm(x * 5, y * 5, 3, seed=2)
    puff = fbm(wx * 3.2 + 3, y * 5.5, 5, 0.55, seed=3) + 0.10
    shade = puff - fbm((wx + 0.03) * 3.2 + 3, (y + 0.04) * 5.5, 5, 0.55,
                       seed=3) - 0.10
    cloud = ramp([(150, 160, 206), (232, 224, 236), (255, 252, 244)],
                 0.55 + 2.2 * shade)
    return mix(blue, cloud, smoothstep(0.02, 0.18, puff))


def _sea(x, y):
    """Deep water far out, clear shallows, lines of foam, the beach."""
    near = ((y - HORIZON) / (HEIGHT - HORIZON)).clip(0.001, 1)
    shore = 0.99 - 0.62 * x ** 2 + 0.05 * np.sin(9 * x) + 0.04 * perlin(
        x * 5, near, 11)
    depth = (shore - near) * 1.25
    swell = fbm(x * 5 / (0.2 + near), 14 * near ** 0.6, 4, seed=12)
    water = ramp(WATER, 0.80 - 0.95 * depth + 0.55 * swell * (0.4 + near))
    foam = np.sin(26 * depth + 2.4 * perlin(x * 4, y * 6, 13))
    foam = smoothstep(0.80, 0.98, foam + 0.7 * swell) * smoothstep(
        0.45, 0.05, depth)
    water = mix(water, np.array((255, 255, 250)), 0.9 * foam)
    sand = ramp([(206, 160, 130), (240, 206, 160), (254, 236, 204)],
                0.55 - 1.3 * depth + 0.9 * fbm(x * 7, y * 16, 4, seed=14))
    return mix(water, sand, smoothstep(0.01, -0.02, depth))


def _land(out, x, y):
    """Blue hills far off and a headland of pale rock to the left."""
    for top, far, seed in ((0.055, (142, 160, 214), 21),
                           (0.035, (92, 120, 190), 22)):
        crest = HORIZON - top * (0.4 + 1.2 * ridges(x * 2.3, 0 * y, 4,
                                                    seed=seed)) * (
            0.2 + 0.8 * smoothstep(0.35, 0.9, x if seed == 21 else 1 - x))
        hill = mix(np.array(far) + 0 * out, np.array((226, 214, 226)),
                   smoothstep(crest, HORIZON + 0.01, y) * 0.5)
        out = np.where(((y > crest) & (y < HORIZON))[..., None], hill, out)
    edge = x + 0.05 * fbm(y * 9, x * 3, 4, seed=31)
    crest = 0.145 + 0.34 * smoothstep(0.02, 0.40, edge) ** 1.6 + 0.03 * fbm(
        x * 11, 0 * y, 4, seed=32)
    foot = 0.50 - 0.36 * x + 0.012 * fbm(x * 14, 0 * y, 3, seed=33)
    face = ridges(x * 9 + 2 * y, y * 3.5, 4, seed=34)
    rock = ramp(ROCK, 0.1 + 1.1 * face + 0.5 * fbm(x * 5, y * 22, 3, seed=35))
    grass = ramp([(30, 96, 104), (70, 146, 96), (168, 196, 96)],
                 0.5 + 1.2 * fbm(x * 12, y * 20, 4, seed=36))
    rock = mix(grass, rock, smoothstep(0.015, 0.05, y - crest
                                       + 0.06 * (face - 0.5)))
    out = np.where(((y > crest) & (y < foot))[..., None], rock, out)
    mirror = smoothstep(0.09, 0.0, y - foot) * smoothstep(
        0.42, 0.25, edge) * (y >= foot)
    return mix(out, np.array((70, 108, 128)), 0.6 * mirror)


def _boat(pen, width, x, y, size):
    """A sailing boat with its broken reflection."""
    def shape(points, rgb):
        pen.polygon([(width * (x + size * u), width * (y + size * v))
                     for u, v in points], colour(rgb))
    for k in range(7):
        v = 0.12 + 0.10 * k
        half = 0.34 - 0.035 * k
        shape([(-half, v), (half - 0.1, v), (half - 0.16, v + 0.05),
               (-half + 0.1, v + 0.05)], (240, 244, 236))
    shape([(-0.42, -0.02), (0.40, -0.02), (0.28, 0.11), (-0.30, 0.11)],
          (206, 64, 50))
    shape([(0.02, -0.06), (0.02, -1.05), (0.44, -0.10)], (255, 253, 246))
    shape([(-0.02, -0.08), (-0.02, -0.98), (-0.34, -0.10)], (250, 196, 120))


def _on_paper(painting, width):
    """The painting on grained paper, its edges darker where the wash dried."""
    x, y = plane(width, HEIGHT)
    light = painting / 255
    edges = np.hypot(*(ndimage.sobel(ndimage.gaussian_filter(
        light.mean(-1), width / 900), axis) for axis in (0, 1)))
    grain = fbm(x * 240, y * 240, 3, 0.7, seed=41)
    pool = fbm(x * 7, y * 7, 5, 0.6, seed=42)
    dark = 1 - light
    light = 1 - dark * (1 + 0.45 * grain + 0.30 * pool
                        + 0.25 * edges.clip(0, 1))[..., None]
    return np.rint(255 * (light * np.array(PAPER) / 255).clip(0, 1)).astype(
        'uint8')
