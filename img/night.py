"""A harbour under a whirling night sky, in thick strokes along its currents.

Coordinates are in widths of the picture, y downwards; HEIGHT is its height.
"""
import numpy as np
from brushwork import Sheet, paint_along, smear
from harbour import CYPRESS, SHORE, boat, village
from noise import fbm, perlin, smoothstep
from palette import mix, plane, ramp
from scipy import ndimage

HEIGHT = 0.80
GRID = 320                                 # columns of the map of currents
MOON = (0.150, 0.140, 0.150)               # x, y and reach of the halo
# x, y, reach, sense of turning and pitch of the vortices
WHIRLS = ((0.455, 0.215, 0.150, 1, 0.30), (0.655, 0.330, 0.100, -1, 0.30),
          (0.265, 0.345, 0.075, -1, 0.30), (0.985, 0.245, 0.090, 1, 0.30))
STARS = ((0.350, 0.062, 0.044), (0.045, 0.335, 0.050), (0.405, 0.415, 0.036),
         (0.585, 0.075, 0.050), (0.700, 0.175, 0.068), (0.545, 0.380, 0.026),
         (0.960, 0.070, 0.056), (0.155, 0.395, 0.030), (0.770, 0.420, 0.044),
         (0.420, 0.030, 0.026), (0.795, 0.055, 0.032))

SKY = [(10, 16, 66), (16, 34, 112), (22, 62, 164), (40, 104, 196),
       (84, 164, 206), (150, 210, 204), (226, 236, 190)]
GLOW = [(255, 252, 226), (255, 238, 150), (252, 206, 76), (226, 222, 130),
        (150, 206, 196), (60, 128, 200), (30, 72, 170), (96, 170, 210)]
MOONLIGHT = [(120, 190, 196), (140, 204, 196), (176, 220, 184),
             (232, 234, 160), (200, 220, 170), (90, 160, 206), (34, 80, 178),
             (84, 150, 206)]
WATER = [(8, 18, 62), (14, 42, 112), (22, 76, 152), (44, 124, 176),
         (110, 186, 196)]
BANK = [(10, 22, 44), (20, 54, 62), (44, 96, 78), (110, 140, 78),
        (190, 184, 96)]


def night(width=1200):
    """The painting (0.8 width, width, 3), uint8."""
    layers = [(7.5e-3, 8e-3, 9, 0), (5.2e-3, 6.4e-3, 9, 40),
              (3.7e-3, 4.6e-3, 9, 54), (2.4e-3, 3e-3, 7, 70)]
    return paint_along(draw_night(width), layers, 5, (0.02, 0.12, 0.10),
                       0.25, 0.32)


def draw_night(width):
    """The scene as a `Sheet`."""
    x, y = plane(width, HEIGHT)
    angle, bands = (_enlarged(a, x.shape) for a in _currents())
    sheet = Sheet(_sky(x, y, bands), angle, np.zeros(x.shape))
    _hills(sheet, x, y)
    _water(sheet, x, y)
    village(sheet)
    for place in ((0.545, 0.655, 0.060, (60, 90, 120)),
                  (0.110, 0.690, 0.110, (150, 54, 44)),
                  (0.330, 0.735, 0.150, (36, 84, 96))):
        boat(sheet, *place)
    _bank(sheet, x, y)
    for place in ((0.865, 0.735, 0.60, 0.052), (0.935, 0.72, 0.38, 0.040)):
        _cypress(sheet, x, y, *place)
    return sheet


def _enlarged(small, shape):
    """A map on the grid at the size of the picture."""
    if np.iscomplexobj(small):             # directions are kept as such
        return np.angle(_enlarged(small.real, shape)
                        + 1j * _enlarged(small.imag, shape))
    return ndimage.zoom(small, np.divide(shape, small.shape), order=1,
                        grid_mode=True, mode='nearest')


def _currents():
    """The sky's directions as complex numbers, and bands along them."""
    x, y = plane(GRID, HEIGHT)
    turn = 0.45 * np.sin(8 * x + 3 * y - 0.4) + 0.9 * fbm(
        x * 2.4, y * 3, 2, seed=11)
    flow = 0.55 * np.exp(1j * turn)
    rings = [(u, v, 1.2 * r, 1, 0) for u, v, r in STARS + (MOON,)]
    for cx, cy, reach, sense, pitch in (*WHIRLS, *rings):
        dx, dy = x - cx, y - cy
        r = np.hypot(dx, dy) + 1e-6
        whirl = (sense * 1j * np.cos(pitch) - np.sin(pitch)) * (
            dx + 1j * dy) / r
        part = np.exp(-(r / (1.05 * reach)) ** 4)
        flow = flow * (1 - part) + part * whirl + 0.5 * whirl * np.exp(
            -r / reach)
    flow /= np.abs(flow) + 1e-6
    noise = perlin(x * 42, y * 42, 12) + 0.8 * perlin(x * 24, y * 24, 13)
    return flow, smear(noise, np.angle(flow), 0.10 * GRID)


def _sky(x, y, bands):
    """Blue bands along the currents, arms of the whirls, glowing stars."""
    tone = 0.16 + 0.36 * (y / 0.5).clip(0, 1) ** 1.6 + 0.52 * (bands - 0.5)
    road = y - 0.255 - 0.05 * np.sin(8 * x - 1.6) - 0.05 * x
    tone = tone + 0.26 * np.exp(-(road / 0.045) ** 2)
    for cx, cy, reach, sense, pitch in WHIRLS:
        dx, dy = x - cx, y - cy
        r = np.hypot(dx, dy) + 1e-6
        arms = np.cos(2 * (sense * np.arctan2(dy, dx)
                           + np.log(r / reach) / np.tan(pitch)))
        part = np.exp(-(r / (1.1 * reach)) ** 3)
        tone = tone + part * (0.06 + 0.24 * arms) + 0.3 * np.exp(
            -(r / (0.25 * reach)) ** 2)
    out = ramp(SKY, tone)
    for cx, cy, reach in STARS + (MOON,):
        r = np.hypot(x - cx, y - cy) / reach
        r = r * (1 + 0.25 * (bands - 0.5))
        glow = MOONLIGHT if (cx, cy, reach) == MOON else GLOW
        out = mix(out, ramp(glow, (r / 1.12) ** (0.8 + 12 * cx % 0.5)),
                  smoothstep(1.25, 1.05, r) * 0.95)
    return _crescent(out, x, y)


def _crescent(out, x, y):
    """The moon's sickle, golden on its pale green disc."""
    r = np.hypot(x - MOON[0], y - MOON[1]) / 0.054
    bite = np.hypot(x - MOON[0] - 0.030, y - MOON[1] + 0.014) / 0.045
    sickle = (r < 1) & (bite > 1)
    out = mix(out, np.array((110, 176, 196)), 0.7 * (bite < 1))
    return np.where(sickle[..., None], (255, 186, 24), out)


def _hills(sheet, x, y):
    """Three ranges like waves, from pale blue to dark green."""
    ranges = ((0.475, 0.030, 4.0, [(38, 70, 150), (84, 130, 190),
                                   (150, 190, 200)], 21),
              (0.515, 0.034, 3.1, [(22, 40, 110), (50, 84, 150),
                                   (110, 150, 170)], 22),
              (0.552, 0.022, 5.3, [(10, 26, 66), (24, 66, 92),
                                   (84, 124, 96)], 23))
    for level, size, pace, colours, seed in ranges:
        wave = np.sin(pace * x * 2 + seed) + 0.9 * fbm(
            x * 6, 0 * x, 3, seed=seed)
        slope = np.gradient(wave * size, 1 / sheet.width, axis=1)
        below = y - level - size * wave
        tone = 0.5 + 0.35 * np.sin(190 * below + 3 * perlin(
            x * 9, y * 9, seed)) + 0.5 * fbm(x * 14, y * 26, 2, seed=seed)
        sheet.fill(below > 0, ramp(colours, tone - 4 * (below - 0.02)),
                   np.arctan(slope) + 0.3 * np.sin(40 * x + 90 * below))


def _water(sheet, x, y):
    """The harbour: dark ripples with paths of light from moon and windows."""
    near = ((y - SHORE) / (HEIGHT - SHORE)).clip(0.001, 1)
    swell = fbm(x * 7 / (0.25 + near), 26 * near ** 0.7, 3, seed=31)
    ripple = np.sin(75 * near ** 0.7 + 5 * perlin(x * 6, near * 5, 32))
    tone = 0.46 - 0.14 * near + 1.1 * swell + 0.16 * ripple
    out = ramp(WATER, tone)
    rng = np.random.default_rng(33)
    paths = [(MOON[0], 0.035, (255, 222, 120), 1.0)]
    paths += [(u + rng.uniform(-0.014, 0.014), rng.uniform(0.006, 0.010),
               ((255, 206, 84), (255, 160, 50))[k % 2], rng.uniform(0.4, 1))
              for k, u in enumerate(np.arange(0.235, 0.71, 0.052))]
    for u, wide, rgb, reach in paths:
        off = np.abs(x - u + 0.006 * np.sin(90 * near ** 0.7 + 40 * u))
        part = smoothstep(1.3, 0.7, off / (wide * (0.7 + near)) + 0.9 * (
            ripple > 0.2)) * smoothstep(reach, 0.5 * reach, near)
        out = mix(out, np.array(rgb), 0.95 * part)
    sheet.fill(y > SHORE, out, 0.22 * np.cos(24 * x + 30 * near ** 0.7))


def _bank(sheet, x, y):
    """Grass of the near shore, in waves towards the trees."""
    crest = 0.83 - 0.19 * smoothstep(0.52, 1.05, x) + 0.008 * np.sin(30 * x)
    below = y - crest
    angle = -0.45 - 0.6 * np.sin(16 * x + 20 * y)
    tone = 0.45 + 0.9 * fbm(x * 20, y * 34, 3, seed=51) - 2.4 * (below - .05)
    sheet.fill(below > 0, ramp(BANK, tone), angle)


def _cypress(sheet, x, y, cx, foot, tall, wide):
    """A dark tree like a flame."""
    up = ((foot - y) / tall).clip(0, 1)
    sway = cx + 0.012 * np.sin(9 * up + 40 * cx) * up
    side = (x - sway) / (wide * np.sin(np.pi * (0.06 + 0.94 * up)
                                       ** 0.75).clip(0.02) + 1e-6)
    ragged = 1 + 0.5 * perlin(x * 26, y * 16, 61) + 0.3 * perlin(
        x * 60, y * 30, 62)
    angle = -np.pi / 2 + 0.5 * side + 0.55 * np.sin(30 * up + 4 * side)
    tone = 0.36 - 0.16 * side + 0.30 * np.sin(9 * side + 22 * up) + 0.6 * fbm(
        x * 40, y * 16, 2, seed=63)
    inside = (np.abs(side) < ragged) & (y < foot) & (y > foot - tall)
    sheet.fill(inside, ramp(CYPRESS, tone), angle)
