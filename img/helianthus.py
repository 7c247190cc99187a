"""The plants of a sunflower: petals, bracts, discs of florets, leaves, stems.

Lengths are radii of the large flower.
"""
import numpy as np
from noise import fbm, perlin, smoothstep
from palette import mix, ramp
from sheets import blade, unit

GOLDEN = np.pi * (3 - 5 ** 0.5)          # angle from floret to floret


def petal_shape(t):
    return (0.42 + 0.62 * np.sin(np.pi * t ** 0.85)) * np.sqrt(
        (1 - t ** 3.2).clip(0))


def petal_paint(seed, warm, pale):
    """Paint of a ray floret: pleats, streaks, orange at its foot."""
    def paint(t, s, shape_only=False):
        if shape_only:
            return np.ones(len(t), bool)
        streak = fbm(s * 5 + seed, t * 1.3 + seed, 3, 0.6, seed=seed % 97)
        pleat = np.cos(s * 17 + 2 * perlin(t * 2, s + seed, 5))
        tone = t * 0.95 + 0.7 * streak + 0.10
        colour = ramp([(0.52, 0.15, 0.004), (0.80, 0.37, 0.006),
                       (0.90, 0.53, 0.012), (0.94, 0.64, 0.03)],
                      tone + pale)
        colour = colour * (0.93 + 0.07 * pleat + 0.35 * streak)[:, None]
        colour = mix(colour, np.array([0.62, 0.24, 0.01]), warm)
        slope = np.stack([0.10 * streak, 0.17 * np.sin(
            s * 17 + 2 * perlin(t * 2, s + seed, 5))], 1)
        return colour.clip(0, 1), slope
    return paint


def green_paint(seed, rgb, hairs=0.2):
    """Paint of a bract: streaks along its length."""
    def paint(t, s, shape_only=False):
        if shape_only:
            return np.ones(len(t), bool)
        streak = fbm(s * 4 + seed, t * 3, 4, 0.6, seed=seed % 89)
        colour = np.array(rgb) * (0.9 + 1.1 * streak
                                  + 0.5 * np.exp(-(s / 0.1) ** 2))[:, None]
        return colour.clip(0.004, 1), np.stack(
            [0 * t, hairs * np.sin(s * 9)], 1)
    return paint


def leaf_shape(t):
    return np.sqrt(t.clip(0)) * (1 - t) ** 0.72 * 1.9


def leaf_paint(seed):
    """Paint of a leaf: veins, blisters between them, a toothed edge."""
    def teeth(t):
        return 0.90 + 0.10 * np.abs((t * 19 + 0.8 * perlin(
            t * 5, 0 * t, seed)) % 1 * 1.6 - 0.6)

    def paint(t, s, shape_only=False):
        edge = np.abs(s)
        if shape_only:
            return edge < teeth(t)
        bent = 0.35 * perlin(t * 3 + seed, s * 2, 7)
        rib = 1.15 * (t * 7.6 - 3.4 * edge ** 0.85) + bent
        near = np.abs(rib - np.rint(rib))
        vein = np.maximum(
            np.exp(-(near / (0.075 - 0.045 * edge)) ** 2) * (1 - 0.6 * edge),
            np.exp(-(s / (0.05 - 0.035 * t)) ** 2))
        net = np.abs(perlin(t * 40 + seed, s * 17, 8))
        vein = np.maximum(vein, 0.28 * np.exp(-(net / 0.10) ** 2))
        grain = fbm(t * 5 + seed, s * 3, 5, 0.55, seed=9)
        colour = mix(np.array([0.032, 0.098, 0.020]), np.array(
            [0.080, 0.130, 0.022]), (0.4 + 1.3 * grain).clip(0, 1))
        colour = mix(colour, np.array([0.130, 0.215, 0.060]), 0.62 * vein)
        colour = mix(colour, np.array([0.16, 0.13, 0.03]), 0.6 * smoothstep(
            0.80, 0.97, edge + 0.3 * grain))
        blister = np.sin(2 * np.pi * rib)
        rough = [0.20 * fbm(t * 40, s * 17, 3, 0.6, seed=k) for k in (11, 15)]
        slope = np.stack([0.17 * blister + rough[0], -0.15 * blister
                          * np.sign(s) + 0.30 * s * np.exp(
                              -(s / 0.15) ** 2) + rough[1]], 1)
        return colour.clip(0.004, 1), slope
    return paint


def sunflower(easel, rng, centre, axis, size, fresh=1.0, coarse=False):
    """A flower at `centre` facing `axis`; `fresh` petals open wide."""
    axis = unit(np.asarray(axis, float))
    e1 = unit(np.cross((0.1, 1, 0), axis))
    e2 = np.cross(axis, e1)
    centre = np.asarray(centre, float)

    def ray(angle):
        return np.cos(angle) * e1 + np.sin(angle) * e2
    for whorl, count, back in ((0, 17, 0.10), (1, 15, 0.06), (2, 15, 0.0),
                               (3, 9, -0.05)):
        for k in range(count):
            angle = 2 * np.pi * (k + 0.33 * whorl + rng.uniform(
                -0.22, 0.22)) / count
            out = ray(angle)
            lift = rng.normal(0.10 + 0.20 * whorl / 3, 0.10)
            root = centre + size * (0.33 * out - back * axis)
            long = size * rng.uniform(0.56, 0.70) * (1 - 0.05 * whorl)
            sheet = blade(root, out + lift * axis, axis, long,
                          size * rng.uniform(0.085, 0.115), petal_shape,
                          (rng.normal(0.15, 0.25) * fresh,
                           rng.normal(-0.45, 0.40)), rng.normal(0, 0.35),
                          rng.uniform(-0.1, 0.45), rng.uniform(0.0, 0.16),
                          rng.uniform(0, 6))
            easel.sheet(sheet, petal_paint(int(rng.integers(500)), 0.25
                                           * rng.random() ** 2,
                                           rng.normal(0, 0.12)))
    for k in range(26):
        out = ray(2 * np.pi * (k + rng.uniform(-0.3, 0.3)) / 13 + 0.1)
        sheet = blade(centre + size * (0.26 * out - 0.16 * axis),
                      out + 0.1 * axis, axis, size * rng.uniform(0.30, 0.46),
                      size * 0.10, lambda t: (1 - t) ** 0.7 * (0.5 + t),
                      (rng.normal(-0.1, 0.3), rng.normal(-0.3, 0.4)))
        easel.sheet(sheet, green_paint(int(rng.integers(500)),
                                       (0.075, 0.155, 0.030)))
    _disc(easel, rng, centre, axis, e1, e2, size, 500 if coarse else 1500)


def _disc(easel, rng, centre, axis, e1, e2, size, count):
    """Florets in golden spirals: buds within, open ones at the rim."""
    k = np.arange(count) + 0.5
    r, angle = np.sqrt(k / count), k * GOLDEN
    high = 0.10 * (1 - r ** 2.5) - 0.07 * np.exp(-(r / 0.28) ** 2)
    def place(r, high):
        return centre + size * (
            (0.37 * r * np.cos(angle))[:, None] * e1
            + (0.37 * r * np.sin(angle))[:, None] * e2
            + high[:, None] * axis)
    tint = rng.normal(0, 0.08, count)
    colour = ramp([(0.13, 0.14, 0.022), (0.11, 0.085, 0.018),
                   (0.050, 0.022, 0.008), (0.075, 0.030, 0.008),
                   (0.17, 0.070, 0.010), (0.12, 0.05, 0.010)],
                  r + tint)
    radius = size * 0.37 / np.sqrt(count) * 1.05 * (0.75 + 0.45 * r)
    easel.balls(place(r, high), radius, colour)
    open_ = smoothstep(0.45, 0.62, r + tint) * (rng.random(count) < 0.85)
    for step in (0.5, 1.0, 1.5):
        tip = place(r * (1 + 0.02 * step), high + 0.026 * step * open_)
        show = open_ > 0.3
        gold = ramp([(0.16, 0.06, 0.01), (0.40, 0.17, 0.012),
                     (0.80, 0.46, 0.03)], step / 1.5 - 0.25 * rng.random(
                         count))
        easel.balls(tip[show], (radius * (0.62 - 0.13 * step))[show],
                    gold[show])


def stem(easel, rng, top, foot, bow, thick):
    """A stem from foot to top, bowed sideways, with short hairs."""
    t = np.linspace(0, 1, 420)[:, None]
    line = np.asarray(foot) + (np.asarray(top) - foot) * t
    line = line + np.asarray(bow) * (4 * t * (1 - t))
    grain = fbm(t[:, 0] * 20, 0 * t[:, 0], 4, seed=3)
    colour = np.array([0.11, 0.19, 0.045]) * (1 + 0.6 * grain)[:, None]
    easel.balls(line, thick * (1.15 - 0.3 * t[:, 0]), colour)
    n = 2600
    k = rng.integers(len(line), size=n)
    out = unit(rng.normal(0, 1, (n, 3)) * (1, 0.3, 1))
    for far in (1.02, 1.05, 1.08, 1.11, 1.14, 1.17):
        easel.balls(line[k] + out * thick * far * (1.15 - 0.3 * t[k]),
                    np.full(n, 0.0016), (0.30, 0.36, 0.16))


def leaf(easel, rng, root, way, face, size, bend):
    """A heart-shaped leaf."""
    sheet = blade(np.asarray(root, float), way, np.asarray(face, float), size,
                  size * 0.40, leaf_shape, bend, rng.normal(0, 0.15), 0.22,
                  0.10, rng.uniform(0, 6), 60, 31)
    easel.sheet(sheet, leaf_paint(int(rng.integers(99))))
