"""A snow-capped mountain above a forest and a lake, drawn like a photograph.

A height field is seen in perspective: along each column of the picture the
first ground that rises into the line of sight is found, then lit by the sun
and the sky, and dimmed by the air between. The lake's reflection is the same
landscape seen from as far below the water as the viewer stands above it.
"""
import numpy as np
from conifers import Nursery, plant
from noise import fbm, perlin, smoothstep
from palette import mix
from scipy import ndimage
from sky import draw_sky, draw_water
from terrain import SUN, Terrain
from view import EYE, FOCUS, HAZE, rays, veil

SUNLIGHT = np.array([1.0, 0.84, 0.63], 'f4') * 3.1
SKYLIGHT = np.array([0.36, 0.50, 0.78], 'f4') * 0.42


def mountain(width=1350):
    """The picture (2/3 width, width, 3), uint8."""
    shape = round(width * 2 / 3), width
    terrain = Terrain(max(400, round(width * 1.0)))
    nursery = Nursery(3)
    sky = draw_sky(shape)
    far = _view(terrain, nursery, sky, shape, EYE)
    mirror = _view(terrain, nursery, sky, shape, -EYE)
    picture = draw_water(*far, *mirror, shape)
    _foreground(picture, nursery, shape)
    return _develop(picture)


def _first_ground(terrain, shape, eye):
    """Distance z of the first ground in sight, (H, W); inf where none."""
    right, up = rays(shape)
    steps = 0.12 + 12.8 * np.linspace(0, 1, int(1.6 * shape[1])) ** 1.25
    steps = steps.astype('f4')
    x = right[0] * steps[:, None]
    z = np.broadcast_to(steps[:, None], x.shape)
    ground = terrain('height', x, z)
    rise = np.where(ground > 0, (ground - eye) / z, -9)
    rise = np.maximum.accumulate(rise, 0)
    out = np.full(shape, np.inf, 'f4')
    for c in range(shape[1]):
        k = np.searchsorted(rise[:, c], up[:, c])
        hit = (k > 0) & (k < len(steps))
        near, k = rise[k[hit] - 1, c], k[hit]
        part = (up[hit, c] - near) / (rise[k, c] - near)
        out[hit, c] = steps[k - 1] + part * (steps[k] - steps[k - 1])
    return out


def _view(terrain, nursery, sky, shape, eye):
    """Landscape over the sky as seen from height `eye`, and distances."""
    z = _first_ground(terrain, shape, eye)
    right, up = rays(shape)
    if eye > 0:                               # the lake hides what is behind
        z[(up < 0) & (z > eye / np.maximum(-up, 1e-6))] = np.inf
    seen = np.isfinite(z)
    picture = sky.copy()
    x, z_seen = (right * np.where(seen, z, 0))[seen], z[seen]
    picture[seen] = _air(_ground(terrain, x, z_seen), z_seen,
                         terrain('height', x, z_seen))
    _forest(picture, terrain, nursery, z, shape)
    return picture, z


def _ground(terrain, x, z):
    """Colours (N, 3) of sunlit ground at the points (x, z)."""
    h, dx, dz, sun, hollow = (terrain(name, x, z) for name in (
        'height', 'dx', 'dz', 'sun', 'hollow'))
    rough = [fbm(x * 30, z * 30, 5, 0.62, seed=s) for s in (81, 82, 83)]
    steep = np.hypot(dx, dz)
    snow = smoothstep(-0.10, 0.12, h - 1.22 + 0.50 * rough[2]
                      + 0.30 * fbm(x * 2, z * 2, 4, seed=84)
                      - 0.80 * (steep - 0.90 + 0.9 * rough[0]).clip(-0.4, 2)
                      + 7 * hollow.clip(-0.1, 0.1))
    bump = 2.2 - 1.3 * snow
    normal = np.stack([-dx + bump * rough[0], np.ones_like(dx),
                       -dz + bump * rough[1]], -1)
    normal /= np.linalg.norm(normal, axis=-1)[:, None]
    facing = (normal @ SUN).clip(0, 1) * sun
    open_sky = (0.75 - 5 * hollow + 0.25 * normal[:, 1]).clip(0.25, 1.2)
    colour = mix(_soil(h, steep, rough, x, z),
                 np.array([0.58, 0.61, 0.66], 'f4'), snow)
    return colour * (facing[:, None] * SUNLIGHT
                     + open_sky[:, None] * SKYLIGHT
                     + 0.02 * SUNLIGHT)


def _soil(h, steep, rough, x, z):
    """Colours (N, 3) of rock, scree, meadow and forest floor."""
    strata = perlin(h * 22 + 3 * rough[0], x * 1.5, 91)
    grey = 0.15 + 0.16 * rough[1] + 0.06 * strata
    rock = grey[:, None] * np.array([1.06, 0.98, 0.92], 'f4')
    rock = mix(rock, np.array([0.30, 0.20, 0.13], 'f4'),
               smoothstep(0.05, 0.6, fbm(x * 4, z * 4, 4, seed=92)) * 0.6)
    meadow = mix(np.array([0.035, 0.055, 0.018], 'f4') + 0 * rock,
                 np.array([0.13, 0.11, 0.035], 'f4'), (
                     0.3 + rough[2] + 0.4 * (h - 0.5)).clip(0, 1))
    green = smoothstep(1.25, 0.75, h + 0.5 * rough[2]) * smoothstep(
        1.25, 0.75, steep + 0.3 * rough[1])
    soil = mix(rock, meadow, green)
    shore = smoothstep(0.006, 0.001, h)
    return mix(soil, np.array([0.23, 0.20, 0.16], 'f4'), shore)


def _air(colour, z, h):
    """Colours dimmed by `z` km of air, denser near the ground."""
    depth = veil(z, h)
    return mix(colour * np.exp(-depth * 0.35)[:, None], HAZE,
               1 - np.exp(-depth))


def _forest(picture, terrain, nursery, distance, shape, count=110000):
    """Plants conifers on the visible ground, the farthest first."""
    rng = np.random.default_rng(17)
    u, v, chance, tint = rng.random((4, count)).astype('f4')
    kind = rng.integers(0, 1000, count)
    row, column = (v * shape[0]).astype(int), (u * shape[1]).astype(int)
    z = distance[row, column]
    x = rays(shape)[0][row, column] * np.where(np.isfinite(z), z, 0)
    z0 = np.where(np.isfinite(z), z, 0)
    h = terrain('height', x, z0)
    steep = np.hypot(terrain('dx', x, z0), terrain('dz', x, z0))
    wood = smoothstep(1.12, 0.62, h + 0.5 * fbm(x * 2.5, z0 * 2.5, 4, seed=7)
                      + 0.22 * (steep - 0.6).clip(0))
    wood *= smoothstep(-0.16, 0.04, fbm(x * 1.6, z0 * 1.1, 5, 0.6, seed=8)
                       + 0.35 - 0.28 * h)
    wood *= smoothstep(0.001, 0.006, h) * (z0 > 0.3)
    wood *= (z0 / 5).clip(0.10, 1) ** 1.3
    order = np.nonzero(chance < wood)[0]
    order = order[np.argsort(-z0[order])]
    sun = terrain('sun', x, z0) * (0.45 + 0.55 * (
        SUN[1] - SUN[0] * terrain('dx', x, z0)
        - SUN[2] * terrain('dz', x, z0)).clip(0, 1))
    gold = smoothstep(0.05, 0.35, fbm(x * 3, z0 * 3, 3, seed=9))
    for n in order:
        tall = 0.036 * (0.45 + 0.9 * tint[n]) * (1.15 - 0.5 * h[n])
        drawing = nursery(kind[n], FOCUS * shape[1] * tall / z0[n])
        lit, dark = _needles(gold[n] * tint[n], sun[n])
        _plant_in_air(picture, drawing, u[n] * shape[1], row[n] + 1, lit,
                      dark, z0[n], h[n])


def _needles(tint, sun):
    """Colours of needles in the sun and in the shade."""
    lit = np.array([0.09 + 0.20 * tint ** 2, 0.14 + 0.03 * tint, 0.045],
                   'f4') * SUNLIGHT * (0.07 + 0.93 * sun)
    return lit, np.array([0.010, 0.020, 0.018], 'f4')


def _plant_in_air(picture, drawing, x, y, lit, dark, z, h):
    """A tree, then as much haze over it as the air before it holds."""
    haze = 1 - np.exp(-veil(z, h))
    hazy = np.dstack([drawing[..., :2] * (1 - haze), drawing[..., 2]])
    plant(picture, hazy, x, y, lit, dark)
    if haze > 0.02:
        plant(picture, np.dstack([drawing[..., 2:] * haze,
                                  0 * drawing[..., :2]]), x, y, HAZE, dark)


def _foreground(picture, nursery, shape):
    """Tall firs close by, which frame the view."""
    rng = np.random.default_rng(5)
    for x, foot, tall in ((0.005, 1.06, 0.80), (0.075, 1.08, 0.56),
                          (0.135, 1.05, 0.36), (0.965, 1.10, 0.50),
                          (1.01, 1.08, 0.66)):
        drawing = nursery(int(rng.integers(1000)), tall * shape[0])
        lit, dark = _needles(0.4 * rng.random(), 0.55)
        plant(picture, drawing, x * shape[1], foot * shape[0], lit * 0.8,
              dark * 0.7)


def _develop(light):
    """Linear light to 8 bits: exposure, shoulder, colour, gamma."""
    light = light * 0.80
    tone = light * (2.51 * light + 0.03) / (
        light * (2.43 * light + 0.59) + 0.14)
    grey = tone.mean(-1, keepdims=True)
    around = ndimage.gaussian_filter(grey, (len(tone) / 40,) * 2 + (0,))
    tone = tone * (1 + 0.35 * (grey - around))
    tone = (1.02 * (grey + 1.15 * (tone - grey)) - 0.012).clip(0, 1)
    return np.rint(255 * tone ** (1 / 2.2)).astype('uint8')
