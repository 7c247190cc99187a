"""Sunflowers in evening sun before a blurred garden, like a photograph.

Petals and leaves are bent sheets, sampled more finely than the pixels and
drawn into a z-buffer; the florets of the discs are balls. A view along the
sun's rays gives the shadows, and what is out of focus is drawn in layers of
its own and blurred. Lengths are radii of the large flower.
"""
import numpy as np
from helianthus import leaf, stem, sunflower
from noise import fbm, smoothstep
from palette import plane, ramp
from raster import View
from scipy import ndimage, signal
from sheets import Easel, unit

HEIGHT = 4 / 3
SUN = np.array([-0.60, 0.60, -0.46])
SUN = SUN / np.linalg.norm(SUN)
SUNLIGHT = np.array([1.0, 0.86, 0.62], 'f4') * 2.7
SKYLIGHT = np.array([0.50, 0.54, 0.56], 'f4') * 0.55
FAR = 6.0                                # of the flower from the lens


def sunflowers(width=900):
    """The picture (4/3 width, width, 3), uint8."""
    shape = round(width * HEIGHT), width
    light = _garden(width)
    for draw, blur, fine in ((_distant, 0.026, 0.5), (_second, 0.0022, 2),
                             (_subject, 0, 2)):
        size = int(shape[0] * fine), int(width * fine)
        view = _view(size)
        sun = _sun_view(width * 0.8 if fine > 1 else width * 0.3)
        easel = Easel(view, sun)
        draw(easel)
        easel.finish()
        layer, cover = _lit(view, sun)
        light = _over(light, layer, cover, blur * width, fine)
    return _develop(light)


def _view(shape):
    focus = shape[1] * FAR / 2.75
    return View(shape, (0, 0, -FAR), np.eye(3), focus,
                (shape[1] / 2, shape[0] / 2))


def _sun_view(width):
    right = unit(np.cross((0, 1, 0), -SUN))
    up = np.cross(-SUN, right)
    scale = width / 3.2
    return View((int(5 * scale), int(5 * scale)), 8 * SUN + (0, 0, 0.4),
                [right, up, -SUN], scale, (2.5 * scale, 2.5 * scale), True)


def _subject(easel):
    rng = np.random.default_rng(8)
    centre = np.array([-0.24, 0.50, 0.0])
    stem(easel, rng, centre + (0.0, -0.05, 0.22), (-0.02, -2.2, 0.35),
         (-0.10, 0, 0.1), 0.075)
    sunflower(easel, rng, centre, (0.10, 0.10, -1), 1.02)
    leaf(easel, rng, (-0.05, -1.02, 0.30), (-0.95, 0.12, -0.35),
         (-0.1, 0.65, -0.75), 1.15, (0.1, -0.75))
    leaf(easel, rng, (-0.02, -1.55, 0.30), (0.75, 0.25, -0.55),
         (0.15, 0.75, -0.6), 1.10, (0.1, -0.9))
    leaf(easel, rng, (-0.05, -1.75, 0.30), (-0.6, -0.02, -0.5),
         (-0.2, 0.7, -0.7), 1.1, (0.3, -0.9))


def _second(easel):
    rng = np.random.default_rng(5)
    centre = np.array([0.80, -0.78, 0.95])
    stem(easel, rng, centre + (-0.08, -0.05, 0.12), (0.55, -2.6, 1.2),
         (0.05, 0, 0.1), 0.07)
    sunflower(easel, rng, centre, (0.42, 0.30, -0.85), 0.80)
    leaf(easel, rng, (0.55, -1.5, 1.1), (0.8, 0.1, -0.3),
         (0.1, 0.8, -0.6), 1.0, (0.2, -0.8))
    leaf(easel, rng, (0.5, -1.3, 1.2), (-0.8, 0.45, 0.1),
         (-0.2, 0.7, -0.7), 1.0, (0.2, -0.8))
    leaf(easel, rng, (-0.9, -2.0, 1.0), (0.1, 0.9, -0.3),
         (-0.4, 0.3, -0.9), 1.1, (0.1, -0.6))


def _distant(easel):
    rng = np.random.default_rng(11)
    for x, y, z, size in ((1.15, 1.15, 3.2, 0.9), (-1.75, -0.45, 3.5, 0.85),
                          (0.35, 2.1, 4.5, 0.8), (1.9, 0.2, 4, 0.8)):
        stem(easel, rng, (x, y, z + 0.2), (x + 0.1, y - 4, z + 0.3),
             (0.1, 0, 0), 0.08)
        sunflower(easel, rng, (x, y, z), (0.2 + 0.2 * x, 0.1, -1), size,
                  coarse=True)
        for k in range(5):
            side = rng.choice([-1, 1])
            leaf(easel, rng, (x, y - 0.7 - 0.5 * k, z + 0.2),
                 (side, 0.2, -0.4), (0, 0.7, -0.7), 1.1, (0.1, -0.8))


def _garden(width):
    """A far hedge and sky, wholly out of focus, (H, W, 3)."""
    x, y = plane(width, HEIGHT)
    tone = 0.62 - 0.42 * y + 0.55 * fbm(x * 2.2, y * 2.2, 3, seed=2) + 0.25 * (
        0.5 - x)
    out = ramp([(0.010, 0.030, 0.012), (0.030, 0.075, 0.020),
                (0.085, 0.150, 0.030), (0.26, 0.30, 0.07),
                (0.62, 0.60, 0.28)], tone)
    rng = np.random.default_rng(3)
    for _ in range(150):
        u, v = rng.random(2) * (1.1, 0.95)
        radius = rng.uniform(0.014, 0.046)
        part = tuple(slice(max(0, int(width * (q - 1.1 * radius))),
                           max(0, int(width * (q + 1.1 * radius)) + 1))
                     for q in (v * HEIGHT, u))
        far = np.hypot(x[part] - u, y[part] - v * HEIGHT) / radius
        disc = smoothstep(1.08, 0.84, far) * (0.72 + 0.28 * far.clip(0, 1))
        glow = ramp([(0.06, 0.12, 0.02), (0.25, 0.30, 0.06),
                     (0.85, 0.75, 0.32)], rng.random() ** 1.6 * (1.15 - v))
        out[part] += disc[..., None] * glow * 0.32
    return out.astype('f4')


def _lit(view, sun):
    """Light (h, w, 3) of a layer and its cover (h, w)."""
    seen = np.isfinite(view.depth)
    places, rays = view.points()
    f, where, ray = view.fields[seen], places[seen], unit(rays[seen])
    normal = f[:, 3:6]
    facing = normal @ SUN.astype('f4')
    thin = f[:, 8] < 0
    shadow = sun.lit(where + 0.012 * normal, 0.018, 2.0)
    through = sun.lit(where, 0.05, 3.0)
    direct = facing.clip(0) * shadow
    glow = np.where(thin, 0.42 * (-facing).clip(0) * through
                    + 0.10 * through, 0)
    open_sky = _hollows(view.depth, view.focus / FAR)[seen]
    above = open_sky * (0.70 + 0.30 * normal[:, 1])
    light = f[:, :3] * ((direct * (0.35 + 0.65 * open_sky))[:, None]
                        * SUNLIGHT + above[:, None] * SKYLIGHT)
    light += f[:, :3] ** 1.25 * glow[:, None] * SUNLIGHT * 1.1
    light += f[:, :3] ** 1.4 * (0.06 + 0.30 * (1 - open_sky))[:, None] * (
        SUNLIGHT)
    half = unit(SUN.astype('f4') - ray)
    gloss = (normal * half).sum(1).clip(0) ** 28 * shadow * 0.10
    light += gloss[:, None] * SUNLIGHT * thin[:, None]
    out = np.zeros((*view.depth.shape, 3), 'f4')
    out[seen] = light
    return out, seen.astype('f4')


def _hollows(depth, scale):
    """How open to the light each pixel is, judged by nearby depths."""
    flat = np.where(np.isfinite(depth), depth, FAR + 3).astype('f4')
    closed = 0
    for reach in (0.02, 0.05, 0.11):
        around = ndimage.uniform_filter(flat, int(reach * scale) * 2 + 1)
        around = ndimage.gaussian_filter(around, reach * scale * 0.4) if (
            scale < 300) else around
        closed = closed + ((flat - around) / (reach * 2.2)).clip(0, 1) / 3
    return (1 - 1.15 * closed).clip(0.15, 1)


def _over(light, layer, cover, blur, fine):
    """A layer, blurred by a lens, over the light (H, W, 3) behind it."""
    both = np.dstack([layer, cover])
    if fine > 1:
        h, w = light.shape[:2]
        both = both.reshape(h, fine, w, fine, 4).mean((1, 3))
    if blur > 0.5:
        k = blur * min(fine, 1)
        y, x = np.mgrid[-int(k) - 1:int(k) + 2, -int(k) - 1:int(k) + 2]
        lens = (k + 0.5 - np.hypot(x, y)).clip(0, 1)
        both = np.dstack([signal.fftconvolve(
            both[..., c], lens / lens.sum(), 'same') for c in range(4)])
    if fine < 1:
        both = np.dstack([ndimage.zoom(both[..., c], [
            a / b for a, b in zip(light.shape, both.shape)][:2], order=1)
            for c in range(4)])
    return light * (1 - both[..., 3:].clip(0, 1)) + both[..., :3]


def _develop(light):
    """Linear light to 8 bits: exposure, shoulder, colour, gamma."""
    light = np.maximum(light, 0) * 0.72
    tone = light * (2.51 * light + 0.03) / (
        light * (2.43 * light + 0.59) + 0.14)
    grey = tone.mean(-1, keepdims=True)
    around = ndimage.gaussian_filter(grey, (len(tone) / 40,) * 2 + (0,))
    tone = (tone * (1 + 0.25 * (grey - around))).clip(0, 1)
    return np.rint(255 * tone ** (1 / 2.2)).astype('uint8')
