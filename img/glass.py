"""Sunrise over a river with a tree and poppies, a stained-glass window."""
import numpy as np
from curves import ribbon, sheet, spline
from garden import flowers, tree
from noise import fbm
from palette import ramp
from window import Window

HEIGHT = 0.8
SUN = np.array([0.60, 0.385])
SKY = [(255, 236, 140), (255, 206, 60), (255, 156, 36), (248, 100, 56),
       (222, 72, 116), (136, 76, 186), (66, 84, 206), (30, 92, 196),
       (16, 62, 166), (14, 36, 120)]
RIVER = [(20, 50, 140), (24, 110, 180), (40, 170, 200), (255, 200, 90),
         (60, 190, 200), (24, 120, 190), (20, 50, 150)]


def glass(width=1200):
    """The window (0.8 width, width, 3), uint8."""
    window = Window(width, HEIGHT, seed=4)
    _sky(window)
    _sun(window)
    _clouds(window)
    _birds(window)
    _hills(window)
    _river(window)
    _banks(window)
    tree(window, SUN)
    flowers(window)
    _border(window)
    return window.shine()


def _uneven(rng, count, spread=0.5):
    """`count` + 1 rising numbers from 0 to 1."""
    edges = np.r_[0, np.cumsum(rng.uniform(1 - spread, 1 + spread, count))]
    return edges / edges[-1]


def _sky(window):
    """Bent rays about the sun, golden near it, blue far away."""
    r = 0.07 + 1.0 * np.linspace(0, 1, 160)

    def ray(v):
        angle = np.pi * (0.93 + 1.14 * v) + 0.16 * np.sin(4.2 * r + 0.5)
        return SUN + r[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
    rays = _uneven(window.rng, 34, 0.45)

    def tint(u, v):
        turn = 0.06 * (-1) ** np.searchsorted(rays, v)
        return ramp(SKY, 1.75 * u ** 0.85 + turn)
    window.bands(ray, rays, 0.085, tint, 1)


def _sun(window):
    """A disc and two rings of panes, later half hidden by the hills."""
    turns = np.linspace(0, 2 * np.pi, 97)
    for r0, r1, count, rgb in ((.052, .076, 12, (255, 176, 40)),
                               (.026, .053, 8, (255, 214, 90)),
                               (0, .027, 1, (255, 244, 190))):
        edges = np.linspace(0, 96, count + 1).astype(int)
        for i, j in zip(edges, edges[1:]):
            arc = np.stack([np.cos(turns[i:j + 1]), np.sin(turns[i:j + 1])], 1)
            window.piece(SUN + np.r_[r1 * arc, r0 * arc[::-1]], rgb, 2)


def _clouds(window):
    """Long clouds, violet above and golden below, each of two rows."""
    pale = [(216, 190, 250), (255, 190, 196), (255, 206, 140)]
    for k, points in enumerate((
            [(.60, .20), (.70, .175), (.82, .20), (.99, .165)],
            [(.74, .235), (.83, .225), (.92, .245), (1.0, .225)],
            [(.28, .30), (.38, .285), (.47, .305), (.53, .295)],
            [(.03, .335), (.14, .32), (.26, .345), (.40, .335)])):
        line = spline(points, 120)
        t = np.linspace(0, 1, 120)
        wide = 0.020 * np.sin(np.pi * t) ** 0.7 * (
            1 + 0.4 * np.sin(17 * t + k))
        outline = ribbon(line, 2 * wide)
        top, bottom = outline[:120], outline[120:][::-1]
        window.bands(lambda v: top + (bottom - top) * v, [0, .45, 1], 0.09,
                     lambda u, v: ramp(pale, v * 0.9 + 0.1 * u), 3 + k)


def _birds(window):
    """Three white birds, each of two wings and a body."""
    for x, y, size, tilt in ((.79, .115, .075, -.25), (.875, .165, .050, -.1),
                             (.685, .095, .046, -.3)):
        c, s = np.cos(tilt), np.sin(tilt)
        turn = size * np.array([[c, s], [-s, c]])
        for flip, rgb in ((1, (226, 234, 255)), (-1, (255, 246, 226))):
            for wing in ([(0, -.1), (-.4, -.42), (-.8, -.5), (-1.3, -.2),
                          (-.8, -.22), (-.42, -.12), (0, .2)],
                         [(0, .2), (-.42, -.12), (-.8, -.22), (-.62, .02),
                          (-.3, .16), (0, .3)]):
                window.piece(spline(np.array(wing) * (flip, 1), 60) @ turn
                             + (x, y), rgb, 8)
        body = spline([(0, -.34), (.15, -.1), (.12, .3), (.2, .8), (0, .7),
                       (-.2, .8), (-.12, .3), (-.15, -.1), (0, -.34)], 50)
        window.piece(body @ turn + (x, y), (255, 255, 250), 8)


def _hills(window):
    """Four ranges, lower where the sun stands, each in four bands."""
    x = np.linspace(-0.02, 1.02, 200)
    for k, (level, rise, low, high) in enumerate((
            (.400, .10, (90, 90, 200), (190, 120, 210)),
            (.430, .07, (40, 80, 180), (80, 150, 200)),
            (.465, .05, (20, 110, 120), (70, 180, 150)),
            (.500, .05, (30, 120, 60), (160, 200, 60)))):
        away = np.abs(x - SUN[0] + 0.02) ** 1.2
        crest = level + 0.01 - rise * (
            0.2 * away + 0.8 * (0.5 + fbm(x * 3.1, 0 * x, 2, seed=20 + k)
                                ) * (0.25 + 1.6 * away).clip(0, 1))
        top = np.stack([x, crest], 1)

        def curve(v):
            return top * (1, 1 - v) + np.stack([
                0 * x, v * (level + 0.13 + 0.02 * np.sin(9 * x + k))], 1)
        window.bands(curve, [0, .16, .36, .6, 1], 0.16,
                     lambda u, v: ramp([high, low], 1.3 * v), 12 + k)


LEFT = [(.590, .470), (.560, .490), (.575, .510), (.625, .535),
        (.615, .575), (.52, .635), (.37, .70), (.26, .83)]
RIGHT = [(.602, .470), (.588, .490), (.640, .508), (.735, .535),
         (.785, .585), (.765, .655), (.68, .73), (.64, .83)]


def _river(window):
    """Long curved pieces, with the sun's light down the middle."""
    curve = sheet([LEFT, RIGHT], 240)

    def tint(u, v):
        glint = 0.5 + (v - 0.5) * (0.6 + 0.6 * u)
        return ramp(RIVER, glint + window.rng.normal(0, 0.04))
    window.bands(curve, _uneven(window.rng, 8, 0.3), 0.085, tint, 20)
    window.bands(lambda v: curve(v)[:70], [0, .36, .68, 1], 0.05, tint, 20)


def _banks(window):
    """Meadow on both sides, in bands that follow the river."""
    green = [(190, 210, 60), (96, 170, 56), (24, 122, 70), (14, 84, 84)]
    for bank, away in ((LEFT, [
            (.42, .50), (.32, .515), (.22, .53), (.12, .56), (.06, .60),
            (-.02, .66), (-.1, .74), (-.2, .83)]), (RIGHT, [
            (.68, .485), (.78, .49), (.88, .505), (.98, .53), (1.1, .58),
            (1.15, .66), (1.15, .75), (1.1, .83)])):
        window.bands(sheet([bank, away], 200), _uneven(window.rng, 6), 0.09,
                     lambda u, v: ramp(green, v + window.rng.normal(0, .1)),
                     21 + (bank is RIGHT))


def _border(window):
    """A frame of small panes in two rows, with squares at the corners."""
    rng = window.rng
    jewels = [(190, 16, 50), (24, 60, 180), (16, 120, 100), (110, 40, 150)]
    for a, b, form in ((.030, .041, 50), (0, .030, 51)):
        for length, turn in ((1, 0), (HEIGHT, 1)):
            inside = length - .082
            count = round(inside / (.075 if a else .05))
            for far in (0, 1):
                edges = .041 + inside * _uneven(rng, count, 0.2)
                for k, (u, v) in enumerate(zip(edges, edges[1:])):
                    box = np.array([(u, a), (v, a), (v, b), (u, b)])
                    if far:
                        box[:, 1] = (HEIGHT, 1)[turn] - box[:, 1]
                    window.piece(box[:, ::-1] if turn else box, (
                        255, 196, 60) if a else jewels[k % 4], form)
    for x in (0, 1 - .041):
        for y in (0, HEIGHT - .041):
            box = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * .041
            window.piece(box + (x, y), (255, 170, 40), 52)
