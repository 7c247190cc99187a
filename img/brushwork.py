"""Painting along a field of directions of one's own: sheets, bands, strokes.

Places and sizes are in widths of the picture, y downwards; an angle is
measured from the x axis towards the y axis.
"""
import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage
from skimage.color import hsv2rgb, rgb2hsv

from d2l_nst.painterly.brush import Strokes, lay, light


class Sheet:
    """A flat drawing: the colour, direction and shape seen at each pixel.

    colours: (H, W, 3); angle: (H, W) of the strokes to come; shapes: (H, W)
    numbers of the shapes, whose edges the strokes respect; lines: (points,
    colour, radius) of single strokes laid over all others.
    """

    def __init__(self, colours, angle, shapes):
        self.width = colours.shape[1]
        self.colours = np.array(colours, 'float32')
        self.angle = np.array(angle, 'float32')
        self.shapes = np.array(shapes, 'int32')
        self.lines = []

    def mask(self, points):
        """The pixels (H, W) inside a polygon (N, 2)."""
        image = Image.new('1', self.shapes.shape[::-1])
        ImageDraw.Draw(image).polygon(
            [(self.width * x, self.width * y) for x, y in points], 1)
        return np.asarray(image)

    def fill(self, where, colours, angle):
        """A new shape on the pixels `where` (H, W); hides lines there.

        colours: (H, W, 3) or (3,); angle: (H, W) or a number.
        """
        colours = np.broadcast_to(colours, self.colours.shape)
        self.colours[where] = colours[where]
        self.angle[where] = np.broadcast_to(angle, where.shape)[where]
        self.shapes[where] = self.shapes.max() + 1
        if self.lines:
            ends = np.array([(p[0], p[-1]) for p, _, _ in self.lines])
            column, row = (self.width * ends.mean(1)).astype(int).T
            hidden = where[row.clip(0, len(where) - 1),
                           column.clip(0, self.width - 1)]
            self.lines = [line for line, h in zip(self.lines, hidden)
                          if not h]

    def polygon(self, points, colours, angle):
        """A polygon of points (N, 2)."""
        self.fill(self.mask(points), np.asarray(colours, 'f4'), angle)

    def line(self, points, rgb, radius, piece=0.012, wobble=0.4):
        """Strokes end to end along points (N, 2), a little unsteady.

        The wobble is in radii.
        """
        rng = np.random.default_rng(len(self.lines))
        for a, b in zip(np.array(points[:-1]), np.array(points[1:])):
            count = int(np.ceil(np.hypot(*(b - a)) / piece))
            at = a + np.linspace(0, 1, count + 1)[:, None] * (b - a)
            at += wobble * radius * rng.uniform(-1, 1, at.shape)
            self.lines += [(pair, rgb, radius)
                           for pair in zip(at[:-1], at[1:])]


def smear(values, angle, reach, steps=16):
    """Noise (H, W) drawn out along the directions: line integrals.

    B. Cabral, L. Leedom, *Imaging Vector Fields Using Line Integral
    Convolution*, SIGGRAPH 1993; `reach` pixels to either side. The result
    is evened out to 0 ... 1.
    """
    total = values.astype('float32')
    for sign in (-1, 1):
        row, column = np.indices(values.shape, dtype='float32')
        for _ in range(steps):
            at = (np.rint(row).clip(0, len(angle) - 1).astype('intp'),
                  np.rint(column).clip(0, len(angle.T) - 1).astype('intp'))
            row += sign * reach / steps * np.sin(angle[at])
            column += sign * reach / steps * np.cos(angle[at])
            total += ndimage.map_coordinates(values, (row, column), order=1,
                                             mode='reflect')
    return (total.ravel().argsort().argsort().reshape(values.shape)
            / values.size).astype('float32')


def paint_along(sheet, layers, seed, jitter, bristle=0.25, relief=0.3):
    """Paint the sheet with strokes along its directions, (H, W, 3) uint8.

    layers: (radius, spacing, steps, threshold) each, the sizes in widths; a
    stroke is `steps` radii long at most and laid where the canvas is farther
    than `threshold` from the sheet. jitter: of hue, saturation and value.
    """
    rng = np.random.default_rng(seed)
    canvas = np.zeros_like(sheet.colours) + sheet.colours.mean((0, 1)) * 0.5
    height = np.zeros(canvas.shape[:2], 'float32')
    radii = sorted({r for _, _, r in sheet.lines}, reverse=True)
    for work in (*layers, *radii):     # the lines come last, the thin on top
        strokes = (_lines(sheet, work, jitter, rng) if work in radii
                   else _layer(sheet, canvas, *work, jitter, rng))
        paint = lay(strokes, canvas.shape[:2], rng, bristle)
        bare = 1 - paint.cover
        canvas = canvas * bare[..., None] + paint.colour
        height = height * bare + paint.height
    return np.rint(light(canvas, height, relief)).clip(0, 255).astype('uint8')


def _layer(sheet, canvas, radius, spacing, steps, threshold, jitter, rng):
    """The strokes of one layer where the canvas still needs them."""
    at = _seeds(canvas.shape[:2], spacing, sheet.width, rng)
    error = np.linalg.norm(canvas - sheet.colours, axis=-1)
    error = ndimage.uniform_filter(error, max(1, round(
        1.5 * radius * sheet.width)))
    column, row = at.astype('intp').T
    at = at[error[row, column] >= threshold]
    return trace(sheet, at, radius * sheet.width, steps, jitter, rng)


def _lines(sheet, radius, jitter, rng):
    """`Strokes` for the sheet's lines of one radius, in their order."""
    lines = [(p, rgb) for p, rgb, r in sheet.lines if r == radius]
    counts = np.array([len(p) for p, _ in lines])
    points = np.stack([np.pad(p, ((0, counts.max() - len(p)), (0, 0)), 'edge')
                       for p, _ in lines]) * sheet.width
    colours = np.array([rgb for _, rgb in lines], float)
    return Strokes(points, counts, jittered(colours, jitter, rng),
                   radius * sheet.width)


def _seeds(shape, spacing, width, rng):
    """Starting points (N, 2) in pixels, one in each cell, in random order."""
    y, x = np.mgrid[:shape[0] / width:spacing, :1:spacing]
    at = np.stack([x.ravel(), y.ravel()], 1)
    at += spacing * rng.random(at.shape)
    at = at[rng.permutation(len(at))] * width
    return at[(at < (shape[1], shape[0])).all(1)]


def trace(sheet, at, radius, steps, jitter, rng):
    """`Strokes` from the points `at` (N, 2) until their shape ends.

    They end too where the sheet's colour is far from that of their start.
    """
    h, w = sheet.shapes.shape
    column, row = at.astype('intp').T
    shape, rgb = sheet.shapes[row, column], sheet.colours[row, column]
    last = rng.choice([-1.0, 1.0], (len(at), 1)) * _direction(sheet, row,
                                                              column)
    steps = rng.integers((steps + 1) // 2, steps + 1, len(at))
    points = np.repeat(at[:, None], steps.max() + 1, 1)
    counts, alive, at = np.ones(len(at), int), np.arange(len(at)), at.copy()
    for i in range(1, points.shape[1]):
        column, row = at[alive].astype('intp').T
        go = _direction(sheet, row, column)
        go *= np.where((go * last[alive]).sum(1) < 0, -1, 1)[:, None]
        to = at[alive] + radius * go
        column, row = (to.astype('intp').clip(0, (w - 1, h - 1))).T
        going = (to >= 0).all(1) & (to < (w, h)).all(1) & (
            sheet.shapes[row, column] == shape[alive]) & (i <= steps[alive])
        going &= np.abs(sheet.colours[row, column] - rgb[alive]).sum(
            1) < 150
        alive, to = alive[going], to[going]
        at[alive], last[alive] = to, go[going]
        points[alive, i:], counts[alive] = to[:, None], i + 1
    return Strokes(points, counts, jittered(rgb, jitter, rng), radius)


def _direction(sheet, row, column):
    """Unit vectors (N, 2) of the sheet's directions."""
    angle = sheet.angle[row, column]
    return np.stack([np.cos(angle), np.sin(angle)], 1)


def jittered(rgb, jitter, rng):
    """Colours (N, 3) with random hue, saturation and value."""
    hsv = rgb2hsv(rgb.clip(0, 255) / 255)
    hsv += jitter * rng.uniform(-1, 1, hsv.shape)
    hsv[:, 0] %= 1
    return 255 * hsv2rgb(hsv.clip(0, 1))
