"""Evening light on the canal: views of the scene, the sky and the water."""
import numpy as np
from masonry import UP
from noise import fbm, perlin, smoothstep
from palette import mix
from raster import View
from scipy import ndimage

EYE, FOCUS, HORIZON = 3.6, 0.98, 0.565   # metres, widths, heights
TURN = np.radians(20)                    # the viewer looks left of the canal
SUN = np.array([0.66, 0.42, 0.36])
SUN = SUN / np.linalg.norm(SUN)
SUNLIGHT = np.array([1.0, 0.79, 0.53], 'f4') * 3.3
SKYLIGHT = np.array([0.42, 0.54, 0.78], 'f4') * 0.50
HAZE = np.array([0.62, 0.66, 0.74], 'f4')


def view(shape, eye):
    h, w = shape
    s, c = np.sin(TURN), np.cos(TURN)
    return View(shape, (0, eye, 0), [(c, 0, s), (0, 1, 0), (-s, 0, c)],
                FOCUS * w, (w / 2, HORIZON * h))


def sun_view(width):
    right = np.cross(UP, -SUN)
    right /= np.linalg.norm(right)
    up = np.cross(-SUN, right)
    scale = width / 1350 * 15
    middle = np.array([-12.0, 12, 100]) + 150 * SUN
    return View((int(80 * scale), int(200 * scale)), middle,
                [right, up, -SUN], scale, (100 * scale, 40 * scale), True)


def lit_scene(view, sun):
    """Light (H, W, 3) from what a view sees, over the sky; the view too."""
    seen = np.isfinite(view.depth)
    places, rays = view.points()
    light = _sky(rays[::2, ::2])
    light = light.repeat(2, 0).repeat(2, 1)[:len(rays), :rays.shape[1]]
    where, f, ray = places[seen], view.fields[seen], rays[seen]
    ray = ray / np.linalg.norm(ray, axis=1, keepdims=True)
    normal, leaf = f[:, 3:6], f[:, 8] < 0
    facing = normal @ SUN.astype('f4')
    facing = np.where(leaf, 0.30 + 0.55 * np.abs(facing), facing.clip(0))
    shadow = sun.lit(where + 0.05 * normal, 0.12)
    direct = facing * f[:, 7] * shadow
    above = f[:, 6] * (0.62 + 0.38 * normal[:, 1])
    bounce = 0.10 * f[:, 6] * (0.6 - 0.4 * normal[:, 1]) * (
        1 + 0.5 * (normal[:, 0] < -0.5))
    colour = f[:, :3] * (direct[:, None] * SUNLIGHT + above[:, None]
                         * SKYLIGHT + bounce[:, None] * SUNLIGHT)
    glass = f[:, 8] > 0.5
    colour[glass] += _panes(where[glass], normal[glass], ray[glass])
    deep = view.depth[seen]
    thick = 1 - np.exp(-((deep - 25).clip(0) / 1300))
    light[seen] = mix(colour, HAZE, thick)
    return light, view


def _panes(where, normal, ray):
    """What panes mirror: the sky above the dark houses over the water."""
    dot = (ray * normal).sum(1, keepdims=True)
    back = ray - 2 * dot * normal
    rise = back[:, 1] / (np.abs(back[:, 0]) + 0.15)
    roofs = 0.17 + 0.09 * perlin(where[:, 2] * 0.35 + back[:, 2] * 5,
                                 where[:, 1] * 0.2, 71)
    sky = smoothstep(-0.03, 0.05, rise - roofs)
    bright = mix(np.array([0.80, 0.80, 0.82], 'f4') + 0 * back,
                 np.array([0.30, 0.45, 0.75], 'f4'), rise.clip(0, 1))
    mirrored = mix(np.array([0.045, 0.042, 0.04], 'f4') + 0 * back, bright,
                   sky)
    strong = 0.10 + 0.90 * (1 - np.abs(dot)) ** 3
    return mirrored * (0.25 + strong).clip(0, 0.9)


def _sky(rays):
    """Evening sky: blue above, warm to the right, with heaped clouds."""
    right = rays[..., 0] * np.cos(TURN) + rays[..., 2] * np.sin(TURN)
    up = rays[..., 1].clip(0)
    tone = smoothstep(-0.05, 0.50, up) ** 0.8
    blue = mix(np.array([0.80, 0.80, 0.80], 'f4') + 0 * rays,
               np.array([0.10, 0.25, 0.56], 'f4'), tone)
    warm = np.exp(-((right - 0.55) ** 2 / 0.25 + up ** 2 / 0.04))
    blue = blue + warm[..., None] * np.array([0.42, 0.24, 0.02], 'f4')

    def cover(x, y):
        wx = x + 0.10 * fbm(x * 3, y * 5, 3, seed=81)
        return (fbm(wx * 2.6 + 3, y * 5.2, 7, 0.52, seed=82) + 0.06
                - 0.35 * np.abs(y - 0.27))
    body = cover(right, up)
    edge = body - cover(right + 0.035, up + 0.022)
    shade = smoothstep(-0.09, 0.11, edge)
    cloud = mix(np.array([0.44, 0.47, 0.58], 'f4') + 0 * blue,
                np.array([1.30, 1.14, 0.95], 'f4'), shade)
    return mix(blue, cloud, smoothstep(0.02, 0.16, body) * 0.95)


def water(front, below, sun, fine, shape):
    """The canal: the view from below the water, rippled and darkened."""
    light, view = front
    rows, columns = np.indices(fine, dtype='f4')
    _, ray = view.rays(rows, columns)
    down = np.maximum(-ray[..., 1], 1e-4)
    z = EYE / down
    wet = (ray[..., 1] < 0) & (z < view.depth)
    rows, columns, z, ray = (q[wet] for q in (rows, columns, z, ray))
    x, away = ray[:, 0] * z, ray[:, 2] * z
    gust = smoothstep(-0.2, 0.35, fbm(x * 0.07, away * 0.04, 2, seed=91))
    wave = fbm(x * 1.3 + 3, away * 0.9, 4, 0.55, seed=92)
    tilt = (0.012 + 0.030 * gust) * wave * FOCUS * shape[1]
    fade = smoothstep(0, 0.10, -ray[:, 1]) ** 0.6
    mirrored = np.zeros((len(x), 3), 'f4')
    for k in (-1, -0.3, 0.3, 1):
        at = np.stack([2 * HORIZON * shape[0] - rows / 2 + fade * (
            1.6 * tilt + k * (1.0 + 3.5 * gust) * shape[1] / 1350),
            columns / 2 + 0.35 * fade * tilt])
        mirrored += np.stack([ndimage.map_coordinates(
            below[0][..., c], at, order=1, mode='nearest')
            for c in range(3)], 1) / 4
    steep = -ray[:, 1] / np.linalg.norm(ray, axis=1)
    part = 0.34 + 0.62 * (1 - steep - 0.25 * wave * fade).clip(0, 1) ** 5
    lit = sun.lit(np.stack([x, 0 * x, away], 1))
    depth = np.array([0.030, 0.044, 0.030], 'f4') * (0.7 + 0.6 * lit)[:, None]
    light[wet] = mix(depth, mirrored, part.clip(0, 0.95))
    return light


def develop(light):
    """Linear light to 8 bits: exposure, shoulder, colour, gamma."""
    light = light * 0.66
    tone = light * (2.51 * light + 0.03) / (
        light * (2.43 * light + 0.59) + 0.14)
    grey = tone.mean(-1, keepdims=True)
    around = ndimage.gaussian_filter(grey, (len(tone) / 40,) * 2 + (0,))
    tone = tone * (1 + 0.30 * (grey - around))
    tone = (1.02 * (grey + 1.12 * (tone - grey)) - 0.010).clip(0, 1)
    return np.rint(255 * tone ** (1 / 2.2)).astype('uint8')
