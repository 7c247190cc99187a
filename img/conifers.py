"""Conifers as small transparent drawings, planted one by one.

A drawing holds in its three channels how much sunlight falls on the needles,
how deep in the tree they are, and how much they cover; colours come when a
tree is planted, from its place in the landscape.
"""
import numpy as np
from PIL import Image, ImageDraw

TALL, BROAD = 560, 230            # of the largest drawings, in pixels


def _branch(pen, rng, x, y, reach, droop, side, thick):
    """One branch with its hanging twigs; light falls from the left."""
    steps = max(6, int(abs(reach) * 0.9))
    for k in range(steps):
        t = (k + rng.random()) / steps
        px = x + reach * t
        py = y + droop * t * t - thick * 0.4 * (1 - t) + rng.normal(0, 1)
        size = thick * (1.3 - 0.8 * t) * (0.5 + rng.random())
        hang = rng.random()               # twigs above are in the light
        sun = 0.52 - 0.34 * side * t - 0.55 * hang + 0.25 * rng.random()
        level = int(255 * np.clip(sun * (0.4 + 0.6 * t), 0.02, 1))
        deep = int(255 * np.clip((0.2 + 0.8 * t) * (1 - 0.6 * hang), 0, 1))
        pen.line((px, py, px + np.sign(reach) * size * (0.9 - 0.5 * hang),
                  py + size * (1.25 * hang - 0.1)), (level, deep, 0, 255),
                 int(1.6 + 0.18 * thick))


def draw_conifer(rng, slender):
    """A drawing (TALL, BROAD, 3): sunlight, depth, cover, all 0 ... 1."""
    image = Image.new('RGBA', (BROAD, TALL))
    pen = ImageDraw.Draw(image)
    lean = 6 * rng.standard_normal()
    pen.line((BROAD / 2, TALL, BROAD / 2 + lean, 12), (46, 60, 0, 255), 5)
    tiers = int(44 + 10 * rng.random())
    for k in range(tiers, 0, -1):
        t = (k + 0.6 * rng.random()) / (tiers + 1)
        y = 6 + (TALL - 30) * t ** 1.05
        x = BROAD / 2 + lean * (1 - t)
        reach = slender * BROAD / 2 * t ** 0.85
        for side in rng.permutation([-1, 1, 0.45, -0.45, 0.1]):
            far = side * reach * (0.55 + 0.5 * rng.random())
            droop = abs(far) * (0.1 + 0.4 * t) + 4 * rng.random()
            if rng.random() > 0.06 + 0.10 * t:
                _branch(pen, rng, x, y, far, droop, side, 4 + 8 * t)
    pixels = np.asarray(image, 'float32') / 255
    return pixels[..., [0, 1, 3]]


class Nursery:
    """Drawings of several conifers at many sizes."""

    def __init__(self, seed=0, kinds=14):
        rng = np.random.default_rng(seed)
        self.kinds = [draw_conifer(rng, 0.62 + 0.36 * rng.random())
                      for _ in range(kinds)]
        self.made = {}

    def __call__(self, kind, tall):
        """Drawing number `kind`, about `tall` pixels high, premultiplied."""
        tall = max(3, int(tall) if tall < 24 else int(tall / 3) * 3)
        key = kind % len(self.kinds), tall
        if key not in self.made:
            full = self.kinds[key[0]]
            full = np.dstack([full[..., :2] * full[..., 2:], full[..., 2]])
            wide = max(2, round(tall * BROAD / TALL))
            self.made[key] = np.dstack([np.asarray(Image.fromarray(
                np.ascontiguousarray(full[..., c])).resize(
                    (wide, tall), Image.BOX if tall < 60 else Image.LANCZOS))
                for c in range(3)]).clip(0, 1)
        return self.made[key]


def plant(picture, drawing, x, y, lit, dark):
    """Put a drawing's foot at (x, y) of `picture` (H, W, 3), in place.

    `lit` and `dark` are the colours of needles in the sun and in the shade.
    """
    tall, wide = drawing.shape[:2]
    top, left = int(round(y)) - tall, int(round(x - wide / 2))
    rows = slice(max(top, 0), min(top + tall, picture.shape[0]))
    columns = slice(max(left, 0), min(left + wide, picture.shape[1]))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    part = drawing[rows.start - top:rows.stop - top,
                   columns.start - left:columns.stop - left]
    paint = (part[..., :1] * lit + part[..., 1:2] * dark)
    spot = picture[rows, columns]
    spot *= 1 - part[..., 2:]
    spot += paint
