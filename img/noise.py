"""Fractal noise in the plane, the stuff of which the landscapes are made.

K. Perlin, *Improving Noise*, SIGGRAPH 2002; F. K. Musgrave in *Texturing and
Modeling: A Procedural Approach*, 3rd ed. 2003, chapter 16 (fractal sums,
ridges). All functions take arrays x and y of one shape and give float32.
"""
import numpy as np

TURN = np.array([[0.8, 0.6], [-0.6, 0.8]])     # octaves are turned apart


def _hash(i, j, seed):
    """Pseudo-random integers 0 ... 65535 for the lattice points (i, j)."""
    n = (i.astype('uint32') * np.uint32(0x9E3779B1)
         + j.astype('uint32') * np.uint32(0x85EBCA77)
         + np.uint32(seed * 2654435761 % 2 ** 32))
    n = (n ^ (n >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
    return (n ^ (n >> np.uint32(13))) >> np.uint32(16)


def lattice(i, j, seed=0):
    """Random numbers 0 ... 1 for integer lattice points (i, j)."""
    return _hash(i, j, seed).astype('float32') / 65536


def perlin(x, y, seed=0):
    """Smooth noise of wavelength 1, about -1 ... 1."""
    x, y = np.asarray(x, 'float32'), np.asarray(y, 'float32')
    i, j = np.floor(x).astype('int32'), np.floor(y).astype('int32')
    fx, fy = x - i, y - j
    sx, sy = (f * f * f * (f * (f * 6 - 15) + 10) for f in (fx, fy))
    angles = np.arange(256) * (2 * np.pi / 256)
    cos, sin = np.cos(angles).astype('f4'), np.sin(angles).astype('f4')

    def corner(di, dj):
        g = _hash(i + di, j + dj, seed) & np.uint32(255)
        return cos[g] * (fx - di) + sin[g] * (fy - dj)

    low = corner(0, 0) * (1 - sx) + corner(1, 0) * sx
    high = corner(0, 1) * (1 - sx) + corner(1, 1) * sx
    return 1.5 * (low * (1 - sy) + high * sy)


def _octaves(x, y, octaves, gain, seed):
    """Yield weight and noise of each octave; the weights sum to 1."""
    total = sum(gain ** k for k in range(octaves))
    for k in range(octaves):
        yield gain ** k / total, perlin(x, y, seed + k)
        x, y = (2.03 * (TURN[0, 0] * x + TURN[0, 1] * y),
                2.03 * (TURN[1, 0] * x + TURN[1, 1] * y))


def fbm(x, y, octaves=6, gain=0.5, seed=0):
    """Fractal sum of noise, first wavelength 1, about -0.6 ... 0.6."""
    return sum(w * n for w, n in _octaves(x, y, octaves, gain, seed))


def ridges(x, y, octaves=6, gain=0.5, seed=0):
    """Fractal with sharp crests, 0 ... 1."""
    out, carry = 0, 1
    for w, n in _octaves(x, y, octaves, gain, seed):
        crest = (1 - np.abs(n).clip(0, 1)) ** 2
        out = out + w * crest * carry
        carry = crest
    return out


def smoothstep(low, high, x):
    """0 below `low`, 1 above `high`, smooth between; `low` may be greater."""
    t = ((x - low) / (high - low)).clip(0, 1)
    return t * t * (3 - 2 * t)
