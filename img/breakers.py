"""Waves for a woodcut: rows of swell, great breakers, claws of foam."""
import numpy as np
from curves import ribbon, sheet
from noise import perlin
from woodblock import DEEP, HEIGHT, KEY, MID, PALE, PAPER

CLAW = np.linspace(0, 1, 14)             # places along a claw of foam
HORIZON = 0.455                          # y of the far edge of the sea
# Lines down the face of a wave, from the lip to the trough: the first one is
# the inner edge of the barrel, the last one the back.
WAVE = [
    [(.500, .200), (.56, .185), (.62, .205), (.665, .27), (.68, .35),
     (.66, .43), (.60, .51), (.50, .575), (.36, .625), (-.05, .69)],
    [(.535, .155), (.64, .145), (.73, .205), (.765, .32), (.745, .44),
     (.68, .545), (.56, .62), (.38, .68), (-.05, .74)],
    [(.60, .11), (.70, .10), (.805, .15), (.865, .28), (.86, .44),
     (.80, .57), (.66, .68), (.45, .75), (-.05, .80)],
    [(.66, .085), (.78, .085), (.90, .14), (.98, .28), (1.0, .46),
     (.95, .62), (.82, .76), (.6, .84), (-.05, .89)],
    [(.74, .075), (.90, .10), (1.03, .18), (1.10, .3), (1.12, .48),
     (1.10, .68), (.98, .84), (.7, .94), (-.05, .98)]]
SMALL = [
    [(.045, .575), (.085, .555), (.12, .575), (.135, .62), (.12, .665),
     (.07, .71), (-.05, .74)],
    [(.08, .535), (.14, .525), (.19, .57), (.20, .63), (.175, .69),
     (.10, .75), (-.05, .79)],
    [(.12, .512), (.18, .512), (.245, .56), (.285, .63), (.275, .71),
     (.2, .78), (-.05, .85)],
    [(.16, .508), (.215, .515), (.28, .555), (.345, .615), (.42, .665),
     (.50, .715), (.47, .80), (.2, .95)]]


def swells(blocks, rng, levels):
    """Rows of waves between the far sea and the viewer."""
    for y0 in levels:
        near = (y0 - HORIZON) / (HEIGHT - HORIZON)
        _swell(blocks, rng, y0, 0.008 + 0.065 * near, 0.06 + 0.26 * near,
               0.0045 + 0.004 * near)


def _swell(blocks, rng, y0, tall, long, step):
    """One row: crests that lean to the left, lines along them below."""
    x = np.linspace(-0.04, 1.08, 700)
    turn = x / long + rng.random() + 0.7 * perlin(x / long / 2, 0 * x + y0, 5)
    size = 0.65 + 0.7 * perlin(x / long / 1.5, 0 * x + 9 * y0 + .4, 6)
    peak = size * (1 - np.abs(np.sin(np.pi * turn))) ** 1.4

    def row(depth):
        rise = tall * peak * 0.87 ** depth
        return np.stack([x - 0.8 * rise, y0 + depth * step - rise], 1)
    blocks.fill(np.r_[row(0), [(1.08, 1), (-0.08, 1)]], MID)
    for k in range(1, 22):
        thick = step * (0.5 + 1.1 * perlin(x / long * 1.6, 0 * x + k * 1.7,
                                           int(900 * y0)))
        ink = (KEY, PALE, DEEP, PALE, DEEP)[k % 5 if k < 6 else 1 + k % 2]
        blocks.cut(row(k), thick.clip(0, 0.85 * step), ink)
    blocks.cut(row(0.25), step * (0.2 + 0.9 * peak), PAPER)
    blocks.cut(row(0), 0.0010 + 0.0022 * peak.clip(0, 1))
    if y0 < 0.54:
        return
    for i in np.flatnonzero((peak[1:-1] > peak[:-2]) & (
            peak[1:-1] >= peak[2:]) & (peak[1:-1] > 0.35)):
        for k in range(-3, 9):
            j = min(max(0, i + 1 - 2 * k), 699)
            _claw(blocks, rng, *row(0.3)[j], np.pi * rng.uniform(0.95, 1.15),
                  tall * peak[j] * rng.uniform(0.4, 0.75))


def wave(blocks, rng, guides, strips, size):
    """A breaking wave: strips of ink from lip to trough, then its foam."""
    curve, u = sheet(guides, 160), np.linspace(0, 1, 160)
    blocks.fill(np.r_[curve(0.0), curve(1.0)[::-1]], DEEP)
    edges = np.cumsum(rng.uniform(0.6, 1.4, strips))
    edges = edges / edges[-1]
    for k, (a, b) in enumerate(zip(edges, edges[1:])):
        ink = (MID, PALE, MID, DEEP, PALE, DEEP)[k % 6]
        gap = np.hypot(*(curve(b) - curve(a)).T)
        swell = 0.75 + 0.5 * perlin(u * 6, 0 * u + 3.3 * k, 7)
        blocks.cut(curve((a + b) / 2), gap * swell.clip(0.2, 1), ink)
    for v in edges:
        wide = 0.0012 + 0.003 * size * np.sin(np.pi * u) ** 2 * (
            0.6 + 0.8 * perlin(u * 5, 0 * u + 30 * v, 8))
        blocks.cut(curve(v), wide.clip(0.0008))
    blocks.cut(curve(0.0), 0.002 + 0.003 * size)
    blocks.cut(curve(1.0), 0.002)
    _foam(blocks, rng, curve, size)


def _foam(blocks, rng, curve, size):
    """Rows of claws along the lip: skyward, down the face, at the tip."""
    v = np.linspace(1, 0, 80)
    lip = np.stack([curve(t)[0] for t in v])
    inner = np.stack([curve(t)[int(8 + 10 * t)] for t in v])
    for t in np.linspace(0, 1, 21):
        x, y = lip[int(79 * t)]
        _claw(blocks, rng, x, y + 0.01 * size, np.pi * (1.32 - 0.36 * t),
              size * (0.04 + 0.065 * t) * rng.uniform(0.7, 1.25), -1.3)
    blocks.fill(np.r_[lip, inner[::-1]], PAPER)
    for t in np.linspace(0, 1, 40):
        x, y = inner[int(79 * t)] - (0, 0.004)
        _claw(blocks, rng, x, y, np.pi * (0.95 - 0.25 * t),
              size * (0.03 + 0.05 * t) * rng.uniform(0.6, 1.2))
    for t in np.linspace(0, 1, 60):
        a = rng.random()
        x, y = (1 - a) * lip[int(79 * t)] + a * inner[int(79 * t)]
        _claw(blocks, rng, x, y, np.pi * rng.uniform(0.8, 1.2),
              size * (0.03 + 0.05 * t) * rng.uniform(0.6, 1))


def _claw(blocks, rng, x, y, angle, size, bend=-1.5):
    """A finger of foam that ends in hooked claws."""
    fingers = []
    _finger(rng, x, y, angle, size, bend, 2, fingers)
    lines, widths = map(np.stack, zip(*fingers))
    for grow, ink in ((0.0026 + 0.012 * size, KEY), (0, PAPER)):
        for outline in ribbon(lines, widths + grow):
            blocks.fill(outline, ink)
    for line, wide in fingers[:1] + fingers[1::3]:
        blocks.cut(line[2:-1] + 0.2 * wide.max(), 0.26 * wide[2:-1], PALE)


def _finger(rng, x, y, angle, size, bend, depth, out):
    """Append lines (14, 2) and widths (14,) of a claw and those on it."""
    s = CLAW
    turn = angle + bend * s ** 1.5
    line = np.stack([x + np.cumsum(np.cos(turn)) * size / 13,
                     y + np.cumsum(np.sin(turn)) * size / 13], 1)
    out.append((line, 0.36 * size * (1 - s) * (0.25 + s) ** 0.5))
    for i in ((), (4, 8), (2, 5, 8, 10))[depth]:
        _finger(rng, *line[i], turn[i] - np.sign(bend) * rng.uniform(.4, .9),
                size * rng.uniform(0.42, 0.56) * (1.1 - 0.03 * i),
                bend * 1.25, depth - 1, out)


def spray(blocks, rng, x, y, count):
    """Drops of foam before the lip of a wave."""
    for _ in range(count):
        px, py = rng.normal((x, y), (0.055, 0.05))
        size = rng.uniform(0.0015, 0.0045)
        for grow, ink in ((0.0024, KEY), (0, PAPER)):
            half = (size + grow) / 2
            t = np.linspace(0, 2 * np.pi, 13)
            blocks.fill(np.stack([px + half * np.cos(t),
                                  py + half * np.sin(t)], 1), ink)
