"""What the drawn pictures share: ramps of colours and little ovals."""
import numpy as np


def ramp(colours, t):
    """Colours (..., 3) along a list of colours, t from 0 to 1."""
    colours = np.asarray(colours, float)
    place = np.linspace(0, 1, len(colours))
    return np.stack([np.interp(t, place, c) for c in colours.T], -1)


def mix(a, b, part):
    """Colours `a` where `part` (...) is 0, `b` where it is 1."""
    return a + (b - a) * np.asarray(part)[..., None]


def plane(width, height):
    """Coordinates x, y (H, W) in widths; `height` is in widths too."""
    y, x = np.indices((round(width * height), width), dtype='f4')
    return (x + 0.5) / width, (y + 0.5) / width


def colour(rgb):
    """A colour for Pillow."""
    return tuple(int(v) for v in np.clip(rgb, 0, 255))


def oval(pen, width, x, y, a, b, angle, rgb):
    """A leaf or petal: an oval of half axes a, b about (x, y), in widths."""
    t = np.linspace(0, 2 * np.pi, 9)[:-1]
    u, v = a * np.cos(t), b * np.sin(t)
    c, s = np.cos(angle), np.sin(angle)
    pen.polygon([*zip(width * (x + c * u - s * v),
                      width * (y + s * u + c * v))], colour(rgb))
