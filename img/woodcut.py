"""A great wave before a red sun, a colour woodcut in six inks."""
import numpy as np
from breakers import HORIZON, SMALL, WAVE, spray, swells, wave
from curves import spline
from noise import fbm, perlin, smoothstep
from palette import plane
from PIL import Image
from scipy import ndimage
from woodblock import (DEEP, FINE, GREY, HEIGHT, KEY, MID, PALE, PAPER, WARM,
                       Blocks, wood)

SUN = 0.33, 0.265, 0.088                 # x, y and radius
PINES = [([(.055, .335), (.07, .29), (.055, .25), (.09, .215)],
          [(.06, .262, .034), (.105, .252, .030), (.085, .225, .040)]),
         ([(.11, .345), (.135, .31), (.165, .30), (.19, .275)],
          [(.145, .318, .022), (.195, .285, .034), (.165, .298, .022)])]


def woodcut(width=1200):
    """The print (0.75 width, width, 3), uint8."""
    rng = np.random.default_rng(5)
    blocks = Blocks(width)
    _sky(blocks)
    _hills(blocks, rng)
    _birds(blocks)
    _islet(blocks, rng)
    swells(blocks, rng, (0.468, 0.482, 0.500, 0.522))
    _boat(blocks, 0.505, 0.524, 0.13)
    swells(blocks, rng, (0.545, 0.585))
    wave(blocks, rng, WAVE, 46, 1)
    swells(blocks, rng, (0.645,))
    wave(blocks, rng, SMALL, 26, 0.6)
    swells(blocks, rng, (0.715,))
    spray(blocks, rng, 0.47, 0.21, 60)
    spray(blocks, rng, 0.06, 0.56, 30)
    _frame(blocks)
    return blocks.print()


def _sky(blocks):
    """Lines along the grain, heavier towards the top, and the sun."""
    x, y = plane(blocks.width, 0.5)
    level = wood(x, y)
    shape = 0.5 * perlin(x * 3, level * 40, 2) + 0.25 * perlin(
        x * 9, level * 90, 3)
    level, shape, x, y = (ndimage.zoom(f, FINE, order=1)
                          for f in (level, shape, x, y))
    saw = np.abs(level * 100 % 1 - 0.5) * 2
    heavy = 1.22 - level * 3.7 + shape
    low = smoothstep(0.24, 0.46, level) * 0.5 + 0.2 * shape
    out = np.where(saw < 0.9 * heavy, PALE, PAPER)
    out = np.where(saw < heavy - 0.40, MID, out)
    out = np.where(saw < heavy - 0.85, DEEP, out)
    out = np.where((saw < low) & (heavy < 0.25), GREY, out)
    sun = np.hypot(x - SUN[0], y - SUN[1]) < SUN[2]
    ray = saw > 0.93 - 0.38 * smoothstep(0.20, 0.36, level) + 0.35 * shape
    out = np.where(sun, np.where(ray, PAPER, WARM), out)
    blocks.inks.paste(Image.fromarray(out.astype('uint8')), (0, 0))
    for cx, cy, half, thick in (
            (.245, .298, .10, .013), (.30, .312, .13, .012),
            (.47, .215, .07, .010), (.43, .226, .09, .012)):
        x = np.linspace(-1, 1, 90)
        line = np.stack([cx + half * x, cy + 0 * x], 1)
        end = np.sqrt(1 - x ** 6)
        blocks.cut(line, (thick + 0.0026) * end + 0.0005, MID)
        blocks.cut(line[1:-1], thick * end[1:-1], PAPER)
        for dy in (-0.25, 0.05, 0.3):
            blocks.cut(line[12:-12] + (0.02 * dy, dy * thick),
                       0.0016 * (1 - x[12:-12] ** 2), GREY)


def _hills(blocks, rng):
    """Two ridges far off, hatched down their slopes."""
    for x0, x1, top, ink in ((.22, .80, .085, GREY), (.08, .58, .05, PALE)):
        t = np.linspace(0, 1, 240)
        x = x0 + (x1 - x0) * t
        rise = top * np.sin(np.pi * t) ** 1.5 * (
            1 + 0.5 * fbm(x * 9, 0 * x, 4, seed=int(1000 * top)))
        crest = np.stack([x, HORIZON + 0.01 - rise], 1)
        blocks.fill(np.r_[crest, [(x1, 0.5), (x0, 0.5)]], ink)
        slope = np.gradient(rise, x)
        for i in range(8, 232, 2):
            s = np.linspace(0, 1, 9)
            fall = rise[i] * rng.uniform(0.3, 0.9)
            line = crest[i] + np.stack(
                [-0.5 * fall * s * np.sign(slope[i]), 0.003 + fall * s], 1)
            blocks.cut(line, 0.0028 * (1 - s) * (
                1.1 if slope[i] < 0 else 0.5), MID)
        blocks.cut(crest, 0.0018 + 0.001 * np.sin(40 * t))


def _birds(blocks):
    """Birds over the strait, larger where they are nearer."""
    for x, y, size in ((.530, .338, .0060), (.553, .350, .0065),
                       (.566, .325, .0078), (.596, .338, .0085),
                       (.604, .308, .0100), (.634, .322, .0110)):
        wing = spline([(-1.2, -0.1), (-0.6, -0.6), (0, 0.1), (0.7, -0.5),
                       (1.3, 0)], 24)
        blocks.cut(wing * size + (x, y), 0.30 * size * np.sin(
            np.linspace(0.2, np.pi - 0.2, 24)))


def _islet(blocks, rng):
    """A rock with pines at the left."""
    edge = spline([(-.02, .33), (.03, .315), (.06, .335), (.09, .33),
                   (.125, .355), (.15, .40), (.175, .415), (.20, .455),
                   (.235, .475)], 220)
    edge = edge + 0.006 * np.stack([fbm(edge[:, 0] * 50, edge[:, 1] * 50, 4,
                                        seed=s) for s in (3, 4)], 1)
    blocks.fill(np.r_[edge, [(.24, .53), (-.02, .53)]], GREY)
    for k in range(260):
        i = rng.integers(0, 205)
        s = np.linspace(0, 1, 14)
        x, y = edge[i] + (0, 0.15 * rng.random() ** 1.3)
        line = np.stack([x + 0.02 * s + 0.010 * perlin(
            s * 3 + k, 0 * s + k, 9), y + rng.uniform(0.02, 0.07) * s], 1)
        ink = (DEEP, KEY, MID, PAPER)[k % 4]
        blocks.cut(line, 0.0065 * np.sin(np.pi * s ** 0.6) * (
            0.7 if ink == PAPER else 0.5 + 3 * max(0, x)), ink)
    blocks.cut(edge, 0.003)
    for points, pads in PINES:
        trunk = spline(points, 60)
        blocks.cut(trunk, 0.010 * (1.15 - np.linspace(0, 1, 60)))
        for x, y, wide in pads:
            _pad(blocks, rng, x, y, wide)


def _pad(blocks, rng, x, y, wide):
    """A cushion of pine needles, row over row."""
    for row in range(3):
        for k in range(-3 + row, 4 - row):
            cx = x + wide * 0.28 * (k + rng.normal(0, 0.2))
            cy = y - 0.008 * row - 0.002 * rng.random()
            a = np.linspace(0.05, np.pi - 0.05, 11)
            r = wide * 0.34 * rng.uniform(0.85, 1.1, 11)
            fan = np.stack([cx - r * np.cos(a), cy - 0.62 * r * np.sin(a)], 1)
            blocks.fill(np.r_[fan, [(cx, cy + 0.004)]], DEEP)
            blocks.cut(np.r_[fan, fan[:1]], 0.0018)
            for tip in fan[1::2]:
                blocks.cut(np.linspace((cx, cy), 0.9 * tip + (
                    0.1 * cx, 0.1 * cy), 5), [0, .001, .0014, .0018, .0016],
                    PALE if row else MID)


def _boat(blocks, x, y, size):
    """A boat under a square sail."""
    def at(points):
        return np.array(points) * size + (x, y)
    sail = np.r_[spline(at([(-.22, -.92), (0, -.95), (.26, -.90)]), 20),
                 spline(at([(.26, -.90), (.36, -.55), (.27, -.18)]), 20),
                 spline(at([(.27, -.18), (0, -.14), (-.20, -.20)]), 20),
                 spline(at([(-.20, -.20), (-.10, -.55), (-.22, -.92)]), 20)]
    blocks.cut(at([(.02, -1.05), (.02, 0)]), 0.004)
    blocks.fill(sail, PAPER)
    for k in range(1, 6):
        line = sail[:20][k * 3 + 1], sail[40:60][::-1][k * 3 + 1]
        curve = spline([line[0], (line[0] + line[1]) / 2 + (.1 * size, 0),
                        line[1]], 20)
        blocks.cut(curve, 0.0012, KEY if k % 2 else GREY)
    blocks.cut(np.r_[sail, sail[:1]], 0.0024)
    blocks.cut(sail[:20], 0.007, WARM)
    hull = np.r_[spline(at([(-.62, -.20), (-.3, -.05), (.3, -.04),
                            (.66, -.30)]), 30),
                 spline(at([(.66, -.30), (.5, .06), (.1, .14), (-.4, .12),
                            (-.62, -.20)]), 40)]
    blocks.fill(hull, WARM)
    blocks.cut(hull[:30], 0.006, PAPER)
    blocks.cut(np.r_[hull, hull[:1]], 0.003)
    for v in (0.3, 0.6):
        blocks.cut(hull[:30] * (1 - v) + hull[30:60][::-1] * v, 0.0016)


def _frame(blocks):
    """The paper's margin, the border line and a seal."""
    m, h = 0.016, HEIGHT
    for x0, y0, x1, y1 in ((-1, -1, 2, m), (-1, h - m, 2, 2), (-1, -1, m, 2),
                           (1 - m, -1, 2, 2)):
        blocks.fill([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], PAPER)
    blocks.cut(np.array([(m, m), (1 - m, m), (1 - m, h - m), (m, h - m),
                         (m, m)]), 0.0036)
    x, y = 0.94, 0.675
    side = np.linspace(-1, 1, 40)
    blocks.cut(np.stack([x + 0.018 * side, y + 0 * side], 1),
               0.036 * (1 - side ** 10) ** 0.2, WARM)
    t = np.linspace(0, np.pi, 30)
    for cx, cy in ((-.5, .65), (.5, .65), (0, .1), (-.5, -.4), (.5, -.4)):
        for r in (0.45, 0.22):
            arc = np.stack([cx - r * np.cos(t), cy - r * np.sin(t)], 1)
            blocks.cut(0.015 * arc + (x, y), 0.0017, PAPER)
