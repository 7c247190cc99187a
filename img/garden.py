"""A tree, reeds and poppies, cut from glass for a window."""
import numpy as np
from curves import ribbon, sheet, spline
from palette import ramp

LEAVES = [[(20, 110, 70), (70, 170, 60)], [(100, 180, 40), (200, 220, 60)],
          [(250, 200, 40), (255, 160, 30)], [(230, 60, 30), (255, 120, 40)]]
BARK = [(70, 36, 60), (130, 70, 50), (190, 110, 60)]
BRANCHES = [[(.155, .56), (.155, .45), (.20, .345), (.30, .265), (.44, .235)],
            [(.160, .54), (.175, .40), (.225, .27), (.33, .16), (.46, .12)],
            [(.150, .54), (.145, .36), (.17, .22), (.24, .13), (.32, .07)],
            [(.145, .56), (.12, .42), (.075, .31), (.04, .20)],
            [(.145, .42), (.135, .30), (.11, .20), (.12, .09)],
            [(.20, .345), (.30, .335), (.39, .315), (.46, .325)],
            [(.10, .365), (.06, .36), (.03, .39)]]


def tree(window, sun):
    """A tree at the left; its leaves glow on the side of the sun."""
    rng = window.rng
    trunk = sheet([[(.138, .44), (.128, .54), (.112, .67), (.06, .80)],
                   [(.170, .44), (.180, .54), (.200, .67), (.26, .80)]], 120)
    window.bands(trunk, [0, .28, .52, .76, 1], 0.09,
                 lambda u, v: ramp(BARK, v + rng.normal(0, .12)), 30)
    for points in BRANCHES:
        line = spline(points, 80)
        wide = ribbon(line, 0.030 - 0.023 * np.linspace(0, 1, 80) ** 0.7)
        left, right = wide[:80], wide[80:][::-1]
        window.bands(lambda v: left + (right - left) * v, [0, 1], 0.10,
                     lambda u, v: ramp(BARK, rng.uniform(.3, 1)), 30)
    for points in BRANCHES:
        line = spline(points, 80)
        along = np.arctan2(*np.gradient(line, axis=0).T[::-1])
        for i in range(36, 80, 3):
            for side in (-1, 1):
                angle = along[i] + side * rng.uniform(0.5, 1.3)
                foot = line[i] + rng.normal(0, 0.010, 2) + 0.012 * np.array(
                    [np.cos(angle), np.sin(angle)])
                _leaf(window, sun, *foot, angle, rng.uniform(0.042, 0.064))
        _leaf(window, sun, *line[-1], along[-1], 0.06)


def _leaf(window, sun, x, y, angle, size):
    """A pointed leaf: two pieces on both sides of its rib."""
    rng = window.rng
    t = np.linspace(0, 1, 16)
    rib = np.stack([t, 0.12 * np.sin(np.pi * t)], 1)
    turn = size * np.array([[np.cos(angle), np.sin(angle)],
                            [-np.sin(angle), np.cos(angle)]])
    lit = 2.5 - 4.6 * np.hypot(x - sun[0], y - sun[1]) + rng.normal(0, .55)
    hue = LEAVES[int(np.clip(lit + 1.5, 0, 3))]
    for side, rgb in zip((-1, 1), hue):
        bulge = 0.27 * np.sin(np.pi * t ** 0.8) * side
        edge = rib + np.stack([0 * t, bulge], 1)
        window.piece(np.r_[rib, edge[::-1]] @ turn + (x, y), rgb, 31)


def flowers(window):
    """Reeds and poppies along the lower edge."""
    rng = window.rng
    for x in np.sort(np.r_[rng.uniform(.64, .97, 17), rng.uniform(0, .3, 9)]):
        tall, lean = rng.uniform(.10, .22), rng.normal(0, .05)
        line = spline([(x, .82), (x + .2 * lean, .80 - .5 * tall),
                       (x + lean, .80 - tall)], 40)
        window.piece(ribbon(line, .030 * np.sin(
            np.pi * np.linspace(.3, 1, 40))), ramp(
                [(10, 110, 90), (60, 180, 70), (190, 230, 70)], rng.random()),
            40)
    for x, y, size in ((.70, .70, .036), (.775, .625, .034), (.83, .70, .046),
                       (.905, .60, .036), (.945, .69, .042), (.30, .735, .030),
                       (.055, .70, .034), (.755, .745, .034)):
        stem = spline([(x, y), (x + .012, .5 * y + .40), (x - .006, .81)], 30)
        window.piece(ribbon(stem, 0.0085 + 0 * stem[:, 0]), (70, 170, 60), 40)
        _poppy(window, x, y, size)


def _poppy(window, x, y, size):
    """Six petals around a dark heart with a golden rim."""
    rng = window.rng
    t = np.linspace(0, 2 * np.pi, 25)
    start = rng.uniform(0, 2)
    for k in (0, 2, 4, 1, 3, 5):
        angle = start + k * np.pi / 3
        petal = np.stack([.62 + .46 * np.cos(t), .52 * np.sin(t)], 1)
        petal[:, 1] *= 0.55 + 0.5 * petal[:, 0]
        turn = size * np.array([[np.cos(angle), .8 * np.sin(angle)],
                                [-np.sin(angle), .8 * np.cos(angle)]])
        window.piece(petal @ turn + (x, y), ramp(
            [(150, 8, 40), (226, 20, 36), (255, 90, 50)], rng.random()), 41)
    for r, rgb in ((.40, (255, 200, 50)), (.20, (90, 30, 90))):
        ring = np.stack([np.cos(t), .8 * np.sin(t)], 1)
        window.piece(r * size * ring + (x, y), rgb, 41)
