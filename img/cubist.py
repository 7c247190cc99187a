"""A cubist still life of guitar, bottle and fruit, broken into facets.

The things are drawn flat in still_life.py; here the plane is split along
straight cuts, and each facet shows them moved, turned and lit in its own
way, with brush strokes in its own direction.
"""
import numpy as np
from brushwork import Sheet, paint_along
from facets import TURNS, borders, split
from noise import fbm, perlin, smoothstep
from palette import mix, plane, ramp
from scipy import ndimage
from still_life import NAMES, PALETTES, draw_things

HEIGHT = 1.0
# how often a facet gives a thing other colours, and whose they are
LOANS = {'wall': (0.34, 'cream', 'blue', 'panel', 'bowl', 'dark'),
         'panel': (0.34, 'side', 'cream', 'wall', 'orange'),
         'table': (0.40, 'wall', 'panel', 'dark', 'cream', 'side', 'bowl'),
         'dark': (0.2, 'side', 'wall'), 'guitar': (0.14, 'panel', 'side'),
         'bottle': (0.14, 'dark', 'glass')}
# only on these are there dots, which would hide the smaller things
ROOM = ('wall', 'panel', 'table', 'dark', 'side')
INK = np.array((24, 16, 24))
CREAM = np.array((250, 238, 210))


def cubist(width=1200):
    """The painting (width, width, 3), uint8."""
    sheet, facet, shape, ink = draw_cubist(width)
    layers = [(7e-3, 7.4e-3, 7, 0), (4.2e-3, 5e-3, 8, 34),
              (2.8e-3, 3.4e-3, 6, 56)]
    painting = paint_along(sheet, layers, 7, (0.012, 0.09, 0.075), 0.28, 0.3)
    x, y = plane(width, HEIGHT)
    out = _contours(painting.astype('f4'), facet, shape, ink, x, y)
    return np.rint(_canvas(out, x, y)).clip(0, 255).astype('uint8')


def draw_cubist(width):
    """`Sheet`, numbers of facets and of things (H, W), and inked lines."""
    rng = np.random.default_rng(6)
    x, y = plane(width, HEIGHT)
    corners = split([(0, 0), (1, 0), (1, HEIGHT), (0, HEIGHT)], rng)
    blank = Sheet(np.zeros(x.shape + (3,)), 0 * x, 0 * x)
    facet = np.zeros(x.shape, int)
    for k, polygon in enumerate(corners):
        facet[blank.mask(polygon)] = k
    middle = np.array([np.mean(c, 0) for c in corners])
    things = draw_things(width, HEIGHT)
    at = _seen_from(x, y, facet, middle, rng) * width - 0.5
    at = at.clip(0, width - 1)
    shape = np.asarray(things.image)[tuple(np.rint(at).astype('intp'))]
    ink = ndimage.map_coordinates(np.asarray(things.lines, 'f4'), at, order=1)
    kind, tone, body = (np.array(v)[shape] for v in (
        things.kinds, things.tones, things.bodies))
    chosen = np.isin(kind, [NAMES.index(name) for name in ROOM])
    kind = _other_colours(kind, facet, rng)
    angle = rng.choice(TURNS, len(corners)) + rng.normal(0, 0.1, len(corners))
    tone = 0.52 + tone + _light(x, y, facet, middle, angle, rng)
    tone, planes = _overlays(blank, x, y, tone, rng)
    tone = tone + _patterns(x, y, facet, kind, angle, rng)
    colours = np.zeros(x.shape + (3,), 'f4')
    for k, name in enumerate(NAMES):
        colours[kind == k] = ramp(PALETTES[name], tone[kind == k])
    number = (facet * 211 + shape) * 64 + planes
    sheet = Sheet(colours, angle[facet] + 0.25 * perlin(x * 5, y * 5, 3),
                  number)
    _dabs(sheet, np.where(chosen, facet, -1), rng)
    return sheet, facet * 64 + planes, body, ink / 255


def _other_colours(kind, facet, rng):
    """Palettes (H, W) where some facets of the room borrow another's."""
    out = kind.copy()
    for k in range(facet.max() + 1):
        for name, (chance, *loans) in LOANS.items():
            if rng.random() < chance:
                out[(facet == k) & (kind == NAMES.index(name))] = NAMES.index(
                    rng.choice(loans))
    return out


def _seen_from(x, y, facet, middle, rng):
    """Row and column, in widths, of what each pixel shows (2, H, W)."""
    n = len(middle)
    shift = rng.normal(0, 0.010, (n, 2))
    turn, zoom = rng.normal(0, 0.10, n), np.exp(rng.normal(0.03, 0.09, n))
    dx, dy = x - middle[facet, 0], y - middle[facet, 1]
    c, s = (np.cos(turn) / zoom)[facet], (np.sin(turn) / zoom)[facet]
    u = middle[facet, 0] + c * dx - s * dy + shift[facet, 0]
    v = middle[facet, 1] + s * dx + c * dy + shift[facet, 1]
    return np.stack([v, u])


def _light(x, y, facet, middle, angle, rng):
    """Tone of each facet (H, W), fading from one edge to the other."""
    n = len(middle)
    across = rng.choice([-1, 1], n) * np.pi / 2 + angle
    dx, dy = x - middle[facet, 0], y - middle[facet, 1]
    run = dx * np.cos(across)[facet] + dy * np.sin(across)[facet]
    size = np.sqrt(ndimage.mean(run ** 2, facet, np.arange(n)))[facet]
    return rng.normal(0, 0.13, n)[facet] + 0.21 * run / size


def _overlays(blank, x, y, tone, rng):
    """Tones under large half-transparent planes, and the planes' numbers."""
    planes = np.zeros(x.shape, int)
    for k in range(11):
        angle, size = rng.choice(TURNS), rng.uniform(0.16, 0.34)
        cx, cy = rng.uniform(0.1, 0.9, 2)
        c, s = np.cos(angle), np.sin(angle)
        square = np.array([(-1, -.5), (1, -.6), (.8, .5), (-.7, .6)]) * size
        inside = blank.mask(square @ [[c, s], [-s, c]] + (cx, cy))
        run = ((x - cx) * c + (y - cy) * s) / size
        fade = smoothstep(1.0, -0.9, run) * (1, -1, -1)[k % 3]
        tone = tone + 0.26 * inside * fade
        planes = np.where(inside, (planes * 5 + k + 1) % 64, planes)
    return tone, planes


def _patterns(x, y, facet, kind, angle, rng):
    """Change of tone by hatching in some facets, by the grain of wood."""
    n = len(angle)
    along = angle[facet]
    across = y * np.cos(along) - x * np.sin(along)
    hatch = np.sin(across * rng.uniform(290, 420, n)[facet])
    out = (0.17 * (rng.random(n) < 0.4))[facet] * hatch
    wood = np.isin(kind, [NAMES.index(k) for k in ('table', 'guitar',
                                                   'panel')])
    grain = np.sin(190 * (across + 0.02 * fbm(x * 6, y * 6, 2, seed=4)))
    return out + wood * 0.11 * grain + 0.16 * fbm(x * 9, y * 9, 3, seed=5)


def _dabs(sheet, facet, rng):
    """Dots of light or dark paint in rows on some facets (not on -1)."""
    chosen = rng.random(facet.max() + 1) < 0.2
    turn = rng.choice(TURNS, len(chosen))
    h, w = facet.shape
    for k in np.flatnonzero(chosen):
        c, s = np.cos(turn[k]), np.sin(turn[k])
        for u, v in np.ndindex(100, 100):
            a, b = (u - 50) * 0.018, (v - 50) * 0.015
            px, py = 0.5 + c * a - s * b, 0.5 + s * a + c * b
            row, column = int(py * w), int(px * w)
            if not (0 <= row < h and 0 <= column < w
                    and facet[row, column] == k):
                continue
            rgb = sheet.colours[row, column]
            rgb = mix(rgb, CREAM if rgb.mean() < 120 else INK, 0.55)
            sheet.lines.append((((px, py), (px + .004 * c, py + .004 * s)),
                                rgb, 3.2e-3))


def _contours(out, facet, shape, ink, x, y):
    """Dark lines round the things, dark and pale ones along the facets."""
    k = out.shape[1] / 1200
    press = 1 + 0.8 * fbm(x * 14, y * 14, 3, seed=6)
    dry = 0.5 + 1.5 * fbm(x * 90, y * 90, 2, seed=7)
    for number, wide, rgb, part in ((facet, 1.6, CREAM, 0.42),
                                    (facet, 1.1, INK, 0.8),
                                    (shape, 2.2, INK, 0.92)):
        far = ndimage.distance_transform_edt(~borders(number))
        some = 1 if number is shape else smoothstep(
            -.1, .1, fbm(x * 3, y * 3, 2, seed=8) * (-1 if rgb is INK else 1))
        line = smoothstep(1.0, 0.0, far / k - wide * press)
        line = line * some * (0.75 + 0.25 * dry).clip(0, 1)
        out = mix(out, rgb, part * line)
    return mix(out, INK, 0.85 * ink)


def _canvas(out, x, y):
    """The painting with the weave of the canvas in its thin places."""
    weave = np.sin(x * 1500 + 2 * perlin(x * 20, y * 20, 9)) * np.sin(
        y * 1500 + 2 * perlin(x * 20, y * 20, 10))
    thin = 0.5 + fbm(x * 7, y * 7, 3, seed=11)
    return out * (1 + 0.05 * weave * thin
                  + 0.05 * fbm(x * 60, y * 60, 2, seed=12))[..., None]
