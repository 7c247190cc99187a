"""An old town on a canal in evening light, rendered like a photograph.

Walls in relief, roofs, trees and boats are drawn into a z-buffer, once as
seen by the viewer and once as seen from as far below the water, which gives
the reflection; a third view along the sun's rays gives the shadows. Lengths
are metres: x to the right across the canal, y up from the water, z along it.
"""
from itertools import cycle

import numpy as np
from evening import EYE, FOCUS, SUN, develop, lit_scene, sun_view, view, water
from facades import DOORS, PLASTERS, Front
from masonry import (BRICKS, LEFT, QUAY, RIGHT, UP, X, Z, bridge, church,
                     house, plain, slab, streets)
from quayside import awning, boat, lamp, post, tree, walker
from raster import OUTSIDE


def town(width=1350):
    """The picture (2/3 width, width, 3), uint8."""
    shape = round(width * 2 / 3), width
    fine = 2 * shape[0], 2 * shape[1]
    walls, discs = scene(width)
    sun = draw(sun_view(width), walls, discs)
    front = lit_scene(draw(view(fine, EYE), walls, discs), sun)
    below = lit_scene(draw(view(shape, -EYE), walls, discs), sun)
    light = water(front, below, sun, fine, shape)
    light = light.reshape(shape[0], 2, width, 2, 3).mean((1, 3))
    return develop(light)


def draw(view, walls, discs):
    for wall in sorted(walls, key=lambda w: np.linalg.norm(
            w.corner + w.size[0] / 2 * w.u - view.eye)):
        view.wall(wall)
    for disc in discs:
        view.splat(**disc)
    return view


def scene(width):
    """Walls and discs of everything above the water."""
    rng = np.random.default_rng(21)
    walls, discs = [], []
    _row(walls, rng, width, LEFT[0], 18, 128, 1)
    _row(walls, rng, width, RIGHT[0], 50, 128, -1)
    _row(walls, rng, width, LEFT[0], 146, 215, 1)
    _row(walls, rng, width, RIGHT[0], 146, 215, -1)
    _far_side(walls, rng)
    streets(walls)
    bridge(walls)
    church(walls)
    for x, z, tall in ((-25.6, 43, 8.6), (-25.6, 62, 9.5), (-25.6, 93, 10.5),
                       (-25.6, 122, 11), (6.7, 37, 12), (7.2, 50, 12),
                       (7.2, 66, 11), (7.2, 86, 12), (7.2, 108, 11),
                       (-25.6, 160, 12), (7.2, 160, 12), (-9, 205, 12),
                       (2, 210, 13)):
        tree(discs, rng, np.array([x, QUAY, z]), tall)
    for x, z, size, rgb in ((-21.9, 44, 7, DOORS[2]), (-21.8, 55, 6, DOORS[1]),
                            (-21.9, 78, 8, DOORS[0]), (2.9, 44, 6, DOORS[1]),
                            (2.8, 62, 7, DOORS[2])):
        boat(discs, np.array([x, 0.0, z]), size, np.array(rgb) * 1.5)
    for z in (33, 50, 70, 98):
        lamp(discs, np.array([-24.6, QUAY, z]))
    for z in np.arange(25, 120, 2.6):
        post(discs, np.array([-24.4, QUAY, z]))
    for x, z in ((-27, 47), (-26.6, 47.6), (-28, 69), (-27.5, 84),
                 (-27, 37), (-26, 75), (-26.4, 75.3), (8, 78), (7.4, 58)):
        walker(discs, rng, np.array([x, QUAY, z]))
    return walls, discs


def _row(walls, rng, width, x, start, stop, side):
    """Houses wall to wall from z = start to stop; side 1 faces right."""
    kinds, z, last = ['step', 'bell', 'spout', 'neck', 'cornice'], start, ''
    coats = cycle(np.stack([rng.permutation(len(BRICKS)), len(BRICKS)
                            + rng.permutation(len(PLASTERS))[:5]], 1).flat)
    while z < stop:
        broad = rng.uniform(5.4, 7.8)
        kind = str(rng.choice([k for k in kinds if k != last]))
        eave = rng.uniform(9.0, 12.0) + (1.2 if kind == 'cornice' else 0)
        rise = rng.uniform(3.4, 4.4)
        near = np.hypot(x, z)
        fine = (FOCUS * 2 * width / near) * 1.15
        grazing = abs(x) / near
        front = Front(broad, eave, rise, kind, next(coats), rng,
                      (fine * max(grazing, 0.25), fine))
        here = x + side * rng.uniform(-0.12, 0.12)
        u = side * Z
        corner = np.array([here, QUAY, z if side > 0 else z + broad])
        walls.append(front.wall(corner, u, SUN))
        house(walls, rng, here, z, broad, eave, rise, kind, side)
        if rng.random() < 0.3:
            awning(walls, rng, here, z, broad, side)
        z, last = z + broad, kind


def _far_side(walls, rng):
    """Plain gables and roofs that close the view."""
    x = -40.0
    while x < 40:
        broad, eave = rng.uniform(6, 9), rng.uniform(8, 12)
        rgb = np.array(BRICKS[rng.integers(5)]) * 1.2
        eave += QUAY
        at = np.array([x, 0, 236 + rng.uniform(-6, 6)])

        def paint(normal, rgb=rgb):
            def on(a, b):
                out = plain(normal, rgb, 3)(a, b)
                hole = (a % 2.2 > 1.1) & (b % 3 > 1.2) & (b > 2.5)
                out[hole, :3] = 0.02
                return out
            return on
        walls.append(slab(at, broad * X, (eave + 4) * UP, paint, lambda a, b,
                          w=broad, e=eave: np.where(
            b < e + 4 - 8 * np.abs(a / w - 0.5), 0, OUTSIDE)))
        x += broad
