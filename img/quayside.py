"""What stands and floats along the quay: trees, boats, lamps, people.

Each is a number of discs or balls for `raster.View.splat`; lengths are metres.
"""
import numpy as np
from masonry import CREAM, QUAY, UP, Z, slab
from noise import fbm
from palette import mix
from raster import fields


def tree(discs, rng, root, tall):
    """An elm: limbs as rows of balls, leaves as discs at their ends."""
    balls, tips = [], []
    buds = [(root, np.array([0, 1.0, 0]), tall * 0.34, tall * 0.019, 0)]
    while buds:
        at, way, length, thick, depth = buds.pop()
        steps = 20 if depth < 2 else 6
        ways = way + np.cumsum(rng.normal(0, 0.02 + 0.025 * depth,
                                          (steps, 3)), 0)
        ways[:, 1] = ways[:, 1].clip(0.05)
        ways /= np.linalg.norm(ways, axis=1, keepdims=True)
        limb = at + np.cumsum(ways, 0) * length / steps
        slim = thick * np.linspace(1, 0.65, steps)
        balls.append(np.column_stack([limb, slim]))
        if depth >= 4:
            tips.append(limb)
        at, way = limb[-1], ways[-1]
        for _ in range(0 if depth == 5 else 4 if depth == 0 else rng.integers(
                2, 5)):
            turned = way + rng.normal(0, 0.60, 3) * (1, 0.8, 1)
            turned = turned / np.linalg.norm(turned) + np.array([0, 0.22, 0])
            buds.append((at, turned / np.linalg.norm(turned), length
                         * rng.uniform(0.60, 0.80), thick * 0.62, depth + 1))
    balls, tips = np.concatenate(balls), np.concatenate(tips)
    bark = fields(len(balls), (0.070, 0.058, 0.045), UP, 0.7)
    discs.append(dict(points=balls[:, :3], radius=balls[:, 3], fields=bark,
                      ball=True))
    _leaves(discs, rng, tips, tall, 44000 if root[2] < 70 else 18000)


def _leaves(discs, rng, tips, tall, many):
    """Leaves about the ends of twigs, darker within the crown."""
    size = 0.085 if many > 30000 else 0.12
    leaf = tips[rng.integers(len(tips), size=many)] + rng.normal(
        0, 0.032 * tall, (many, 3)) * (1, 0.8, 1)
    out = (leaf - tips.mean(0)) / (1.9 * tips.std(0))
    face = out + rng.normal(0, 0.6, (many, 3))
    face /= np.linalg.norm(face, axis=1, keepdims=True)
    tint = rng.random(many) * 0.6 + 0.6 * fbm(
        leaf[:, 0], leaf[:, 1] + leaf[:, 2], 3) + 0.15
    green = mix(np.array([0.030, 0.072, 0.014]), np.array(
        [0.125, 0.150, 0.026]), tint.clip(0, 1))
    deep = 0.30 + 0.50 * np.linalg.norm(out, axis=1) + 0.25 * out[:, 1]
    discs.append(dict(
        points=leaf, radius=rng.uniform(0.7, 1.3, many) * size, flat=0.6,
        turn=rng.uniform(0, 3.1, many),
        fields=fields(many, green, face, deep.clip(0.15, 1), 1, -1)))


def boat(discs, at, size, rgb):
    """A moored sloop: planked hull, gunwale, thwarts and a dark inside."""
    t, s = (g.ravel() for g in np.mgrid[-1:1:220j, 0:1:40j])
    half = 0.15 * size * (1 - np.abs(t) ** 2.6) ** 0.7 + 0.01
    sheer = 0.62 + 0.38 * t ** 2 * (1 + 0.3 * (t > 0))
    for side in (-1, 1):
        x = side * half * np.sqrt(0.15 + 0.85 * s)
        points = at + np.stack([x, s * sheer, t * size / 2], 1)
        normal = np.stack([np.full_like(t, side * 0.85), s * 0 - 0.25,
                           0.5 * t * np.abs(t)], 1)
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        rim = (s > 0.90)[:, None]
        plank = (0.75 + 0.35 * (np.floor(s * 6) % 2))[:, None]
        colour = np.where(rim, np.array([0.50, 0.30, 0.13]), np.where(
            (s > 0.72)[:, None], CREAM * 0.9, rgb * plank))
        discs.append(dict(points=points, radius=np.full(len(t), 0.045),
                          fields=fields(len(t), colour, normal, 0.9)))
    deck = np.abs(2 * s - 1)
    points = at + np.stack([(2 * s - 1) * half, sheer - 0.28 + 0.12 * (
        np.abs(t * 3 % 1 - 0.5) < 0.12), t * size / 2], 1)
    wood = np.where((np.abs(t * 3 % 1 - 0.5) < 0.12)[:, None], np.array(
        [0.40, 0.25, 0.12]), np.array([0.10, 0.06, 0.035]))
    discs.append(dict(points=points, radius=np.full(len(t), 0.06),
                      fields=fields(len(t), wood * (1 - 0.3 * deck)[:, None],
                                    UP, 0.7)))


def lamp(discs, at):
    """A cast-iron lamp post."""
    y = np.linspace(0, 3.6, 90)
    thick = 0.055 + 0.06 * (y < 0.7) + 0.03 * (np.abs(y - 2.9) < 0.08)
    iron = fields(len(y), (0.018, 0.026, 0.022), UP)
    discs.append(dict(points=at + y[:, None] * UP, radius=thick, fields=iron,
                      ball=True))
    y = np.linspace(3.6, 4.25, 24)
    thick = np.interp(y, [3.6, 3.62, 4.02, 4.05, 4.25],
                      [0.08, 0.13, 0.21, 0.27, 0.04])
    pane = ((y > 3.66) & (y < 4.0))[:, None]
    glow = np.where(pane, (0.85, 0.78, 0.60), (0.02, 0.03, 0.025))
    discs.append(dict(points=at + y[:, None] * UP, radius=thick, ball=True,
                      fields=fields(len(y), glow, UP)))


def post(discs, at):
    """A short iron bollard."""
    y = np.linspace(0, 0.85, 14)
    thick = np.interp(y, [0, 0.6, 0.65, 0.75, 0.85], [.10, .07, .11, .07, .1])
    discs.append(dict(points=at + y[:, None] * UP, radius=thick, ball=True,
                      fields=fields(len(y), (0.09, 0.025, 0.02), UP)))


def awning(walls, rng, x, z, broad, side):
    """A striped awning over the ground floor."""
    rgb = np.array([(0.42, 0.05, 0.04), (0.04, 0.17, 0.11),
                    (0.05, 0.10, 0.26)][rng.integers(3)])

    def cloth(normal):
        def paint(a, b):
            stripe = (np.floor(a / 0.28) % 2)[:, None]
            return fields(len(a), mix(rgb, CREAM, stripe[:, 0] * 0.9), normal)
        return paint
    start = z + 0.5 if side > 0 else z + broad - 0.5
    at = np.array([x + side * 1.7, QUAY + 2.55, start])
    u = side * (broad - 1.0) * Z
    walls.append(slab(at, u, (-side * 1.65, 0.85, 0), cloth))
    walls.append(slab(at - 0.28 * UP, u, 0.28 * UP, cloth))


def walker(discs, rng, at):
    """Somebody out for a walk."""
    coat = np.array([(0.25, 0.03, 0.03), (0.04, 0.06, 0.14),
                     (0.30, 0.26, 0.20)][rng.integers(3)])
    parts = []
    for side in (-1, 1):
        for s in np.linspace(0, 1, 12):
            parts.append((0.09 * side, 0.06 + 0.8 * s,
                          side * 0.22 * (1 - s), 0.08, 0))
            parts.append((0.22 * side, 1.40 - 0.55 * s,
                          -side * 0.18 * s, 0.06, 1))
    for s in np.linspace(0, 1, 10):
        parts.append((0, 0.85 + 0.55 * s, 0, 0.15 + 0.05 * s, 1))
    parts += [(0, 1.52, 0, 0.07, 2), (0, 1.66, 0, 0.115, 2),
              (0, 1.71, 0.02, 0.118, 3)]
    parts = np.array(parts)
    rgb = np.array([(0.03, 0.035, 0.05), coat, (0.50, 0.32, 0.23),
                    (0.05, 0.03, 0.02)], dtype=float)
    colours = rgb[parts[:, 4].astype(int)]
    discs.append(dict(points=at + parts[:, :3], radius=parts[:, 3], ball=True,
                      fields=fields(len(parts), colours, UP)))
