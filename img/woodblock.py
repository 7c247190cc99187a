"""A colour woodcut's blocks of wood: they are cut, inked and printed.

Every ink has its own block. Flat areas and tapered cuts are drawn, in widths
of the picture and y downwards, and then each block is printed in turn on
cream paper, a little out of register.
"""
import numpy as np
from curves import ribbon
from noise import fbm, perlin
from palette import plane
from PIL import Image, ImageDraw

HEIGHT = 0.75
FINE = 3                                 # the blocks are cut so much finer
PAPER, PALE, MID, DEEP, GREY, WARM, KEY = range(7)
INKS = [(246, 236, 212), (164, 198, 204), (70, 126, 172), (30, 66, 122),
        (186, 182, 172), (222, 84, 52), (20, 28, 62)]


class Blocks:
    """The blocks of wood: one picture of ink numbers, one of key lines."""

    def __init__(self, width):
        self.width, self.scale = width, width * FINE
        size = self.scale, round(width * HEIGHT) * FINE
        self.inks, self.key = Image.new('L', size), Image.new('L', size)
        self.pens = [ImageDraw.Draw(im) for im in (self.inks, self.key)]

    def fill(self, points, ink):
        """A flat area, which hides what was drawn under it."""
        points = (np.asarray(points) * self.scale).ravel().tolist()
        if ink != KEY:
            self.pens[0].polygon(points, ink)
        self.pens[1].polygon(points, 255 * (ink == KEY))

    def cut(self, line, widths, ink=KEY):
        """A line (N, 2) of varying widths, in ink or in the key block."""
        self.fill(ribbon(line, widths), ink)

    def print(self):
        """The print (H, W, 3), uint8."""
        x, y = plane(self.width, HEIGHT)
        labels, key = np.asarray(self.inks), np.asarray(self.key)
        light = np.array(INKS[PAPER]) / 255 * (
            1 + 0.05 * fbm(x * 60, y * 60, 4, 0.7, seed=1))[..., None]
        for ink in range(1, 7):
            block = key > 0 if ink == KEY else labels == ink
            off = np.rint(np.random.default_rng(ink).uniform(
                -0.0009, 0.0009, 2) * self.scale * (ink != KEY)).astype(int)
            cover = np.roll(block, off, (0, 1)).reshape(
                len(y), FINE, self.width, FINE).mean((1, 3))
            grain = perlin(x * 2 + ink, wood(x, y) * 150, 60 + ink)
            pore = fbm(x * 160, y * 160, 2, seed=70 + ink)
            load = 0.93 - (0.04 if ink == KEY else 0.13) * grain - 0.16 * pore
            light = light * (1 - (cover * load)[..., None] * (
                1 - np.array(INKS[ink]) / INKS[PAPER]))
        return np.rint(255 * light.clip(0, 1)).astype('uint8')


def wood(x, y):
    """Height field whose level lines are the grain of the wood."""
    out = y + 0.016 * fbm(x * 1.6, y * 5, 3, seed=51)
    for kx, ky, deep in ((0.13, 0.13, 0.016), (0.88, 0.05, 0.014),
                         (0.55, 0.06, -0.010)):
        out = out + deep * np.exp(-((x - kx) / 0.07) ** 2
                                  - ((y - ky) / 0.028) ** 2)
    return out
