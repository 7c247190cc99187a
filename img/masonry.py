"""Masonry of the canal town: houses, quays, the bridge, the church.

Lengths are metres: x to the right across the canal, y up from the water, z
along it.
"""
from dataclasses import replace

import numpy as np
from noise import fbm, lattice, smoothstep
from palette import mix
from raster import OUTSIDE, Wall, fields

X, UP, Z = np.eye(3)
QUAY = 1.5                               # height of the streets
LEFT, RIGHT = (-31.0, -24.0), (12.5, 5.0)   # x of the fronts and of the quays
STONE = np.array([0.62, 0.57, 0.47])
CREAM = np.array([0.80, 0.77, 0.68])
BRICKS = [(0.32, 0.125, 0.070), (0.20, 0.105, 0.065), (0.44, 0.20, 0.10),
          (0.145, 0.085, 0.060), (0.36, 0.16, 0.10)]


def slab(corner, edge_u, edge_v, paint, relief=None):
    """A wall between two edges, given as vectors; `paint` takes a normal."""
    size = [np.linalg.norm(e) for e in (edge_u, edge_v)]
    u, v = np.asarray(edge_u) / size[0], np.asarray(edge_v) / size[1]
    normal = np.cross(v, u)
    return Wall(np.asarray(corner, float), u, v, tuple(size), paint(normal),
                relief)


def block(walls, corner, size, paint):
    """The sides and the top of a box that the viewer and the sun may see."""
    a, b, c = (s * e for s, e in zip(size, np.eye(3)))
    corner = np.asarray(corner, float)
    for start, u, v in ((corner, a, b), (corner + c, -c, b),
                        (corner + a, c, b), (corner + b, a, c)):
        walls.append(slab(start, u, v, paint))


def upward(normal):
    return normal if normal[1] > 0 else -normal


def tiles(normal, rgb, seed):
    """Paint for a roof of rounded tiles."""
    def paint(a, b):
        row, col = np.floor(b / 0.30), a / 0.22
        each = lattice(np.floor(col), row, seed)
        moss = smoothstep(0.0, 0.35, fbm(a * 0.8, b * 0.8, 4, seed=seed))
        wave = np.cos(2 * np.pi * col)
        tone = (0.62 + 0.45 * each + 0.20 * wave) * (
            0.55 + 0.45 * smoothstep(0.0, 0.35, b / 0.30 - row))
        colour = np.array(rgb) * tone[:, None]
        colour += moss[:, None] * 0.55 * (np.array([0.09, 0.085, 0.06])
                                          - colour)
        return fields(len(a), colour, normal, 0.85)
    return paint


def plain(normal, rgb, seed=1, open_sky=0.9):
    """Paint for masonry seen from afar."""
    def paint(a, b):
        tone = 1 + 0.5 * fbm(a * 1.5, b * 1.5, 4, 0.6, seed=seed)
        course = 0.92 + 0.08 * (np.floor(b / 0.16) % 2)
        return fields(len(a), np.array(rgb) * (tone * course)[:, None],
                      normal, open_sky)
    return paint


def house(walls, rng, x, z, broad, eave, rise, kind, side):
    """Side walls, roof and chimney behind a front."""
    back = -side * 11.0 * X
    red = np.array([(0.33, 0.135, 0.065), (0.26, 0.115, 0.065),
                    (0.15, 0.095, 0.075)][rng.integers(3)])
    seed = int(rng.integers(999))
    brick = np.array(BRICKS[rng.integers(len(BRICKS))]) * 0.9
    low, high = QUAY + eave - 0.1, QUAY + eave + 0.88 * rise
    inset = np.array([-side * 0.15, 0, 0])
    near, far = np.array([x, low, z]), np.array([x, low, z + broad])
    walls.append(slab(near * (1, 0, 1) + QUAY * UP + inset, back, UP * (
        eave - 0.1), lambda n: plain(n, brick, seed)))
    if kind == 'cornice':
        lean = np.array([-side * 4.5, 3.6, 0])
        walls.append(slab(near + 0.2 * UP + inset, broad * Z, lean,
                          lambda n: tiles(upward(n), red, seed)))
        walls.append(slab(near + 0.1 * UP + inset, back, UP * 3.6,
                          lambda n: plain(n, brick, seed),
                          lambda a, b: np.where(b < 0.8 * a, 0, OUTSIDE)))
    else:
        ridge = np.array([0, high - low, broad / 2])
        for corner, up in ((near, ridge), (far, ridge * (1, 1, -1))):
            walls.append(slab(corner + inset, back, up,
                              lambda n: tiles(upward(n), red, seed)))
    at = np.array([x - side * 4.5, high - 1.6, z + broad * (
        0.25 if rng.random() < 0.5 else 0.68)])
    block(walls, at, (0.9, 2.9, 0.7), lambda n: plain(n, brick, seed))
    if z < 100:
        block(walls, at + (-0.08, 2.9, -0.08), (1.06, 0.14, 0.86),
              lambda n: plain(n, STONE * 0.7, seed))


def streets(walls):
    """Cobbled quays and their walls."""
    def cobbles(normal):
        def paint(a, b):
            i, j = np.floor(a / 0.22), np.floor(b / 0.16)
            tone = 0.75 + 0.35 * lattice(i, j, 4) + 0.5 * fbm(
                a * 0.6, b * 0.6, 4, seed=5)
            return fields(len(a), np.array([0.20, 0.175, 0.15])
                          * tone[:, None], UP)
        return paint

    def ashlar(normal):
        def paint(a, b):
            row = np.floor(b / 0.3)
            each = lattice(np.floor(a / 0.8 + 0.5 * (row % 2)), row, 6)
            joint = np.abs(b / 0.3 % 1 - 0.5) > 0.45
            green = smoothstep(0.75, 0.15, b + 0.5 * fbm(a, b * 3, 4, seed=7))
            colour = np.array([0.25, 0.20, 0.16]) * (
                0.6 + 0.7 * each + 0.7 * fbm(a * 2, b * 2, 4, seed=8)
                - 0.3 * joint)[:, None]
            colour = mix(colour, np.array([0.035, 0.045, 0.022]), green * 0.9)
            rim = (b > QUAY - 0.25)[:, None]
            return fields(len(a), np.where(rim, STONE * 0.62 * (
                0.8 + 0.4 * each[:, None]), colour), normal, 0.8)
        return paint
    walls.append(slab((LEFT[0] - 1, QUAY, 12), 230 * Z, 8 * X, cobbles))
    walls.append(slab((RIGHT[1], QUAY, 20), 230 * Z, 9 * X, cobbles))
    walls.append(slab((LEFT[1], 0, 12), 230 * Z, QUAY * UP, ashlar))
    walls.append(slab((RIGHT[1], 0, 250), -230 * Z, QUAY * UP, ashlar))


def bridge(walls):
    """A brick bridge of three arches."""
    wide = RIGHT[1] - LEFT[1]

    def arches(a, b):
        t = (a / wide * 3) % 1 - 0.5
        middle = 1 - np.abs(np.floor(a / wide * 3) - 1) * 0.22
        hole = b < 2.6 * middle * np.sqrt((1 - (t / 0.40) ** 2).clip(0))
        top = 3.3 + 1.25 * (1 - (2 * a / wide - 1) ** 2)
        return np.where(hole | (b > top), OUTSIDE, 0.0)

    def skin(normal):
        masonry = plain(normal, (0.30, 0.15, 0.095), 31)

        def paint(a, b):
            out = masonry(a, b)
            top = 3.3 + 1.25 * (1 - (2 * a / wide - 1) ** 2)
            rim = (arches(a, b - 0.3) == OUTSIDE) & (b < 3.0) | (
                b > top - 0.22) | (np.abs(b - top + 1.05) < 0.12)
            out[rim, :3] = STONE * 0.8
            return out
        return paint
    for z in (132.0, 140.0):
        walls.append(slab((LEFT[1], 0, z), wide * X, 5 * UP, skin, arches))
    walls.append(slab((LEFT[1], 3.4, 132.2), wide * X, 8 * Z,
                      lambda n: plain(UP, (0.2, 0.18, 0.15))))


def church(walls):
    """A tower with louvres, a clock and a slated spire, and the nave."""
    w, stone = 11.0, STONE * 0.75
    first = len(walls)
    block(walls, (0, 0, 0), (w, 37, w), _shaft(w))
    block(walls, (-0.6, 37, -0.6), (w + 1.2, 1.0, w + 1.2),
           lambda n: plain(n, stone))
    block(walls, (1.3, 38, 1.3), (w - 2.6, 7, w - 2.6), _shaft(w - 2.6))
    block(walls, (0.9, 45, 0.9), (w - 1.8, 0.6, w - 1.8),
           lambda n: plain(n, stone))
    _spire(walls, w / 2, 45.6, w / 2, w / 2 - 0.9, 22)
    for i in (0, 1):
        for k in (0, 1):
            _spire(walls, 0.6 + i * (w - 1.2), 38,
                   0.6 + k * (w - 1.2), 0.9, 7)
    block(walls, (1.5, 0, w), (w - 3, 13, 30), lambda n: plain(
        n, (0.34, 0.20, 0.13), 42))
    for x, lean in ((1.0, (4.5, 9, 0)), (w - 1.0, (-4.5, 9, 0))):
        walls.append(slab((x, 12.6, w), 30 * Z, lean, lambda n: tiles(
            upward(n), (0.12, 0.13, 0.135), 43)))
    c, s = np.cos(1.0), np.sin(1.0)
    turn = np.array([(c, 0, s), (0, 1, 0), (-s, 0, c)])
    for n in range(first, len(walls)):
        walls[n] = _moved(walls[n], turn, np.array([-14.5, QUAY, 194.0]))


def _moved(wall, turn, to):
    """The wall turned about the origin, then moved."""
    def paint(a, b):
        out = wall.paint(a, b)
        out[:, 3:6] = out[:, 3:6] @ turn
        return out
    return replace(wall, corner=wall.corner @ turn + to, u=wall.u @ turn,
                   v=wall.v @ turn, paint=paint)


def _shaft(w):
    """Paint for the walls of a tower `w` wide."""
    def on(normal):
        masonry = plain(normal, (0.40, 0.25, 0.16), 41)

        def paint(a, b):
            out = masonry(a, b)
            band = (b % 12 < 0.7) | (np.abs(a - w / 2) > w / 2 - 0.8)
            out[band, :3] = STONE * 0.85
            across = np.abs(a / w * 2 % 1 - 0.5) * w / 2
            arch = 6.6 + 1.2 * np.sqrt((1 - (across / 1.1) ** 2).clip(0))
            gap = (b % 12 > 1.8) & (b % 12 < arch) & (across < 1.1)
            gap &= (b > 12) & (b < 24) | (w < 9)
            out[gap, :3] *= 0.10 + 0.12 * (b[gap, None] % 0.5 < 0.25)
            if w > 9:
                _clock(out, a - w / 2, b - 30.5)
            return out
        return paint
    return on


def _clock(out, a, b):
    """A gilt dial on the fields `out`."""
    far = np.hypot(a, b)
    out[far < 2.5, :3] = (0.03, 0.04, 0.07)
    gold = (np.abs(far - 2.3) < 0.25) | (far < 1.9) & (
        (np.abs(a) < 0.18) & (b > -0.2) | (np.abs(b) < 0.18) & (a > 0))
    out[gold, :3] = (0.85, 0.60, 0.16)


def _spire(walls, x, y, z, half, high):
    """A pyramid of slates, its foot flared."""
    for dx, dz in ((0, -1), (1, 0), (-1, 0), (0, 1)):
        out = np.array([dx, 0, dz]) * half
        along = np.array([-dz, 0, dx]) * half
        lean = UP * high - out
        length = np.linalg.norm(lean)
        walls.append(slab(
            np.array([x, y, z]) + out - along, 2 * along, lean,
            lambda n: tiles(upward(n), (0.10, 0.125, 0.125), 51),
            lambda a, b: np.where(np.abs(a - half) < half * (
                1 - b / length), 0, OUTSIDE)))
