"""The sky over the mountain and the lake in which both are mirrored."""
import numpy as np
from noise import fbm, perlin, smoothstep
from palette import mix
from scipy import ndimage
from view import EYE, HORIZON, rays


def draw_sky(shape):
    """Evening sky with fractal clouds, (H, W, 3)."""
    right, up = rays(shape)
    up = up.clip(0.0)
    blue = mix(np.array([0.62, 0.72, 0.84], 'f4') + 0 * up[..., None],
               np.array([0.06, 0.19, 0.52], 'f4'),
               smoothstep(-0.05, 0.62, up) ** 0.8)
    warm = np.exp(-((right + 0.5) ** 2 / 0.10 + up ** 2 / 0.03))
    blue = blue + warm[..., None] * np.array([0.30, 0.17, 0.02], 'f4')
    x, z = right / (up + 0.16), 1 / (up + 0.16)
    cover = _clouds(x, z)
    shade = smoothstep(-0.10, 0.16, cover - _clouds(x - 0.10, z - 0.05))
    cloud = mix(np.array([0.46, 0.51, 0.66], 'f4') + 0 * blue,
                np.array([1.45, 1.30, 1.14], 'f4'), shade)
    return mix(blue, cloud, smoothstep(0.04, 0.34, cover) * 0.93)


def _clouds(x, z):
    wx = x + 0.25 * fbm(x, z, 3, seed=61)
    return (0.10 + 1.25 * fbm(wx * 0.8 + 20, z * 0.9, 8, 0.55, seed=62)
            + 0.12 * fbm(x * 7, z * 7, 4, seed=63)
            + 0.20 * perlin(x * 0.4 + 21.2, z * 0.3, 64))


def draw_water(picture, distance, mirror, mirror_distance, shape):
    """The lake: a rippled reflection, darker where one looks down into it."""
    right, up = rays(shape)
    lake = ~np.isfinite(distance) & (up < 0)
    z = EYE / np.maximum(-up, 1e-4)
    x = right * z
    gust = smoothstep(-0.15, 0.35, fbm(x * 1.2, z * 0.8, 4, seed=101))
    wave = fbm(x * 45, z * 16, 4, 0.6, seed=102)
    swell = (0.35 + gust) * wave * shape[0] * 0.016 * smoothstep(
        0, 0.12, -up) ** 0.5
    rows, columns = np.indices(shape, dtype='f4')
    rows = 2 * HORIZON * shape[0] - 1 - rows
    seen = sum(np.stack([ndimage.map_coordinates(
        mirror[..., c], [rows + (k + 0.6) * swell * 2 + k * 1.2 * gust,
                         columns + 0.3 * swell],
        order=1, mode='nearest') for c in range(3)], -1)
        for k in (-1, 0, 1)) / 3
    back = np.rint(rows).astype(int).clip(0, shape[0] - 1)
    behind = np.take_along_axis(mirror_distance, back, 0) < z
    seen[behind] = 0.10, 0.15, 0.13           # shore between lake and lake
    clear = smoothstep(0.03, 0.23, -up)
    depth = np.array([0.012, 0.055, 0.070], 'f4')
    water = mix(seen * np.array([0.86, 0.92, 0.94], 'f4'), depth,
                0.10 + 0.45 * clear)
    sheen = gust * smoothstep(0.1, 0.5, wave + 0.2) * 0.22
    water = mix(water, np.array([0.55, 0.66, 0.80], 'f4'), sheen)
    return np.where(lake[..., None], water, picture)
