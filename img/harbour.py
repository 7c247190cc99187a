"""The village on the quay and the boats of the night picture.

Everything is drawn on a `Sheet`; places are in widths, y downwards.
"""
import numpy as np
from palette import ramp

SHORE = 0.588                              # y of the far shore
INK = (10, 14, 40)
WALLS = [(92, 112, 180), (186, 128, 72), (72, 98, 166), (150, 104, 112),
         (98, 132, 160), (172, 94, 62)]
ROOFS = [(150, 58, 44), (50, 56, 122), (116, 46, 66), (66, 84, 130)]
LAMPS = [(255, 228, 96), (255, 204, 64), (255, 242, 160)]
CYPRESS = [(8, 14, 30), (14, 34, 44), (24, 62, 54), (58, 98, 60),
           (134, 128, 62)]


def village(sheet):
    """Two rows of houses above the quay, a church among them."""
    rng = np.random.default_rng(41)
    for left, right, foot, size in ((0.27, 0.64, SHORE - 0.030, 0.9),
                                    (0.215, 0.71, SHORE - 0.006, 1.0)):
        x = left
        while x < right:
            w = size * rng.uniform(0.038, 0.062)
            h = size * rng.uniform(0.034, 0.062)
            _house(sheet, rng, x, foot - rng.uniform(0, 0.004), w, h)
            x += w * rng.uniform(0.92, 1.12)
        if size < 1:
            _church(sheet, 0.355, foot)
    for x in (.15, .17, .188, .205, .738, .755, .772, .79, .81):
        for _ in range(9):
            u, v = rng.normal(0, 0.007), rng.uniform(0, 0.034)
            sheet.line([(x + u, SHORE - v), (x + u * 1.4, SHORE - v - .014)],
                       ramp(CYPRESS, rng.uniform(0.1, 0.8)), 4e-3)
    quay = [(0.19, SHORE + 0.006), (0.735, SHORE + 0.006),
            (0.73, SHORE - 0.008), (0.195, SHORE - 0.008)]
    sheet.polygon(quay, (54, 56, 96), 0)
    sheet.line(quay[:2], INK, 1.6e-3)


def _house(sheet, rng, x, y, w, h):
    """A lit front, a gable or hipped roof, and windows, most of them lit."""
    wall = np.array(WALLS[rng.integers(len(WALLS))])
    roof = ROOFS[rng.integers(len(ROOFS))]
    split = rng.uniform(0.5, 0.75)
    box = [(x, y), (x + w, y), (x + w, y - h), (x, y - h)]
    sheet.polygon(box, wall * 0.55 + (4, 8, 30), np.pi / 2)
    sheet.polygon([(x, y), (x + split * w, y), (x + split * w, y - h),
                   (x, y - h)], wall, np.pi / 2)
    rise = rng.uniform(0.35, 0.55) * w
    ridge = sorted(rng.uniform(0.25, 0.75, 2)) if rng.random() < 0.6 else (
        0.5, 0.5)
    top = [(x - .004, y - h), (x + ridge[0] * w, y - h - rise),
           (x + ridge[1] * w, y - h - rise), (x + w + .004, y - h)]
    sheet.polygon(top, roof, 0.9 if ridge[0] < 0.5 else -0.9)
    sheet.line(box + box[:1], INK, 1.4e-3)
    sheet.line(top + top[:1], INK, 1.4e-3)
    for v in np.arange(0.22, h / 0.021) * 0.021:
        for u in np.arange(0.008, w - 0.008, 0.0135):
            lit = rng.random() < 0.72
            rgb = LAMPS[rng.integers(3)] if lit else (24, 30, 80)
            if v + 0.012 < h:
                sheet.lines.append((((x + u, y - v - 0.001),
                                     (x + u, y - v - 0.008)), rgb, 2.6e-3))


def _church(sheet, x, y):
    """A nave and a tower with a spire that stands against the hills."""
    nave = [(x, y), (x + .075, y), (x + .075, y - .060), (x, y - .060)]
    roof = [(x - .004, y - .058), (x + .012, y - .092), (x + .066, y - .092),
            (x + .080, y - .058)]
    tower = [(x - .012, y), (x + .018, y), (x + .018, y - .105),
             (x - .012, y - .105)]
    spire = [(x - .017, y - .103), (x + .003, y - .200), (x + .023, y - .103)]
    for shape, rgb, angle in ((nave, (116, 126, 176), np.pi / 2),
                              (roof, (40, 50, 110), 1.2),
                              (tower, (150, 150, 176), np.pi / 2),
                              (spire, (36, 60, 116), np.pi / 2)):
        sheet.polygon(shape, rgb, angle)
        sheet.line(shape + shape[:1], INK, 1.6e-3)
    for u, v in ((.003, .085), (.003, .050), (.033, .03), (.048, .03),
                 (.063, .03)):
        sheet.lines.append((((x + u, y - v), (x + u, y - v - .014)),
                            LAMPS[0], 2.6e-3))


def boat(sheet, x, y, size, rgb):
    """A fishing boat at its mooring, with mast, yard and a lantern."""
    def at(*points):
        return [(x + size * u, y + size * v) for u, v in points]
    hull = at((-.5, -.10), (-.44, .10), (.38, .10), (.56, -.16), (.2, -.06),
              (-.2, -.04))
    shade = at((-.5, .11), (.45, .11), (.3, .26), (-.36, .26))
    sheet.polygon(shade, (8, 18, 60), 0)
    sheet.polygon(hull, rgb, 0.05)
    sheet.line(hull + hull[:1], INK, 2e-3)
    sheet.line(at((-.46, .01), (0, .05), (.40, .01)), (240, 210, 150),
                  1.6e-3)
    sheet.line(at((.02, -.02), (.03, -1.15)), INK, 2e-3)
    sheet.line(at((-.40, -.42), (.46, -1.0)), (60, 44, 60), 2e-3)
    sheet.line(at((.03, -1.12), (.53, -.16)), INK, 1e-3)
    sheet.line(at((-.30, -.46), (-.1, -.54), (.2, -.78), (.42, -.94)),
                  (206, 186, 160), 2.6e-3)
    sheet.line(at((-.42, -.06), (-.42, -.30)), INK, 1.4e-3)
    sheet.line(at((-.42, -.30), (-.42, -.33)), LAMPS[1], 4e-3)
