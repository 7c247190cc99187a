"""A brush: lays curved strokes on a picture, antialiased and with relief.

All strokes of a layer are laid at once. Their centre lines are drawn into a
map of sample numbers, later strokes over earlier ones; a maximum filter in
the form of the brush then gives, for each pixel, the last sample whose disc
covers it. That sample knows its stroke, hence its colour, and its direction,
hence which bristle of the brush passed here.

Sources: A. Hertzmann, *Painterly Rendering with Curved Brush Strokes of
Multiple Sizes*, SIGGRAPH 1998, section 2.2 (B-splines, random order);
A. Hertzmann, *Fast Paint Texture*, NPAR 2002 (bristle heights, lighting).
"""
from typing import Any, List, NamedTuple, Tuple

import numpy as onp
from scipy import ndimage

from ..errors import ImageError
from ..images import to_numpy
from ..kinds import Array, Dims

SUPER = 2          # each pixel is SUPER x SUPER samples, against jagged edges
BRISTLES = 72      # places across the brush where the paint is measured
BRUSHES = 61       # different rows of bristles, shared by the strokes

# uniform cubic B-spline: rows 1, t, t^2, t^3; columns four control points
B_SPLINE = onp.array([[1, 4, 1, 0], [-3, 0, 3, 0],
                      [3, -6, 3, 0], [-1, 3, -3, 1]]) / 6


def check_picture(img: Any) -> Array:
    """The picture `img` as (H, W, 3) float32. Raises `ImageError` for an
    array that is no picture or has values outside 0 ... 255."""
    img = to_numpy(img)
    if img.min() < 0 or img.max() > 255:
        raise ImageError('a picture to paint must hold values from 0 to 255')
    return img.astype('float32')


class Strokes(NamedTuple):
    """Strokes of one brush, in the order in which they are laid."""

    points: onp.ndarray    # (N, K, 2) control points (x, y) in pixels
    counts: onp.ndarray    # (N,) how many of the K points a stroke has
    colours: onp.ndarray   # (N, 3) RGB, 0 ... 255
    radius: float         # of the brush, in pixels

    def lines(self) -> List[Array]:
        """The control points, one (count, 2) array for each stroke."""
        return [p[:n] for p, n in zip(self.points, self.counts)]

    def lengths(self) -> Array:
        """Lengths of the control polygons in pixels, (N,)."""
        steps = onp.hypot(*onp.moveaxis(onp.diff(self.points, axis=1), 2, 0))
        there = onp.arange(1, self.points.shape[1]) < self.counts[:, None]
        return (steps * there).sum(1)

    def pick(self, index: Any) -> 'Strokes':
        """The strokes at `index`, in its order."""
        return Strokes(self.points[index], self.counts[index],
                       self.colours[index], self.radius)


class Paint(NamedTuple):
    """What a layer of strokes leaves on the canvas."""

    colour: onp.ndarray    # (H, W, 3) RGB times cover
    cover: onp.ndarray     # (H, W) 0 bare ... 1 painted
    height: onp.ndarray    # (H, W) thickness times cover


def _samples(strokes):
    """Points and directions close together along the strokes' B-splines.

    Returns the stroke's number (M,), the points (M, 2) and unit directions
    (M, 2), all in the order of painting. Each end point counts three times,
    so that a curve starts and ends on it.
    """
    points, counts = strokes.points, strokes.counts
    ends = onp.minimum(onp.arange(-2, points.shape[1] + 2),
                       counts[:, None] - 1).clip(0)
    stroke, first = onp.nonzero(
        onp.arange(points.shape[1] + 1) < counts[:, None] + 1)
    four = ends[stroke[:, None], first[:, None] + onp.arange(4)]
    control = points[stroke[:, None], four]                 # (S, 4, 2)
    longest = SUPER * onp.abs(onp.diff(control, axis=1)).max()
    count = max(1, int(onp.ceil(longest - 1e-3)))
    t = onp.arange(count) / count
    powers = onp.stack([t ** 0, t, t ** 2, t ** 3], 1)
    slopes = onp.stack([0 * t, t ** 0, 2 * t, 3 * t ** 2], 1)
    at, along = (onp.einsum('tk,skx->stx', p @ B_SPLINE, control).reshape(
        -1, 2).astype('float32') for p in (powers, slopes))
    along /= onp.hypot(*along.T)[:, None] + 1e-6
    return onp.repeat(stroke, len(t)), at, along


def _centre_lines(at, shape):
    """Map of sample numbers along the strokes' centre lines, -1 elsewhere."""
    numbers = onp.full((shape[0] * SUPER, shape[1] * SUPER), -1, 'int32')
    x, y = onp.rint(at).astype('intp').T
    inside = (x >= 0) & (y >= 0) & (x < numbers.shape[1]) & (
        y < numbers.shape[0])
    # of repeated places NumPy keeps the last: the stroke on top
    numbers[y[inside], x[inside]] = onp.nonzero(inside)[0]
    return numbers


def _dilate(numbers, radius):
    """Greatest number within `radius` of each pixel of an integer map."""
    out = numbers.copy()
    reach = min(int(radius), len(numbers) - 1)
    filtered = {}
    for dy in range(reach + 1):
        width = 2 * int(onp.sqrt(radius ** 2 - dy ** 2)) + 1
        if width not in filtered:
            filtered = {width: ndimage.maximum_filter1d(
                numbers, width, axis=1, mode='nearest')}
        rows = filtered[width]
        onp.maximum(out[dy:], rows[:len(rows) - dy], out=out[dy:])
        onp.maximum(out[:len(rows) - dy], rows[dy:], out=out[:len(rows) - dy])
    return out


def _bristles(rng):
    """Thickness of paint across each brush, (BRUSHES, BRISTLES), 0 ... 1."""
    raw = rng.standard_normal((BRUSHES, BRISTLES)).astype('float32')
    rough = ndimage.gaussian_filter1d(raw, 1.6, axis=1, mode='wrap')
    rough /= rough.std(1, keepdims=True)
    edge = onp.linspace(-1, 1, BRISTLES, dtype='float32') ** 16
    return (0.55 - 0.3 * edge + 0.17 * rough).clip(0, 1)


def _thickness(sample, stroke, at, along, radius, rng):
    """Thickness of paint at pixels covered by `sample`, 0 ... 1.

    `sample` is the (h, w) map of sample numbers. The bristle is found from
    the pixel's distance to the left or right of the centre line.
    """
    y, x = onp.indices(sample.shape, dtype='float32')
    aside = ((y - at[sample, 1]) * along[sample, 0]
             - (x - at[sample, 0]) * along[sample, 1]) / (SUPER * radius)
    column = ((aside.clip(-0.999, 0.999) + 1) * (BRISTLES / 2)).astype('intp')
    return _bristles(rng)[stroke[sample] % BRUSHES, column]


def _shrink(values):
    """Means of SUPER x SUPER samples, (h, w, ...) to pixels."""
    h, w = values.shape[:2]
    cells = values.reshape(h // SUPER, SUPER, w // SUPER, SUPER, -1)
    return cells.mean((1, 3), dtype='float32').reshape(
        (h // SUPER, w // SUPER) + values.shape[2:])


def lay(strokes: Strokes, shape: Dims, rng: Any,
        bristle: float = 0.0) -> Paint:
    """Paint left by `strokes`, the later over the earlier.

    `shape` is (H, W); `rng` a NumPy Generator for the bristles, whose trace
    changes the colours by up to the part `bristle`. Returns `Paint`.
    """
    if not len(strokes.counts):
        bare = onp.zeros(shape, 'float32')
        return Paint(onp.dstack([bare] * 3), bare, bare)
    stroke, at, along = _samples(strokes)
    at = at * SUPER + (SUPER - 1) / 2          # centres of pixels to samples
    sample = _dilate(_centre_lines(at, shape), SUPER * strokes.radius)
    cover = (sample >= 0).astype('float32')
    colour = strokes.colours.astype('float32')[stroke[sample]]
    thick = _thickness(sample, stroke, at, along, strokes.radius, rng)
    colour *= 1 + bristle * (2 * thick - 1)[..., None]
    return Paint(_shrink(colour * cover[..., None]), _shrink(cover),
                 _shrink(thick * cover))


def over(canvas: Array, height: Array, paint: Paint,
         opacity: float = 1) -> Tuple[Array, Array]:
    """The canvas, (H, W, 3), and the height of what is on it, (H, W), after
    `paint` of this opacity was laid over them."""
    bare = 1 - opacity * paint.cover
    return (canvas * bare[..., None] + opacity * paint.colour,
            height * bare + opacity * paint.height)


def light(canvas: Array, height: Array, relief: float) -> Array:
    """The canvas lit from the upper left, (H, W, 3), after Hertzmann 2002.

    `height` is the paint's thickness (H, W); `relief` the strength, 0 none.
    """
    if not relief:
        return canvas
    smooth = ndimage.gaussian_filter(height, 0.7)
    slope = ndimage.sobel(smooth, 0) + ndimage.sobel(smooth, 1)
    return canvas * (1 + relief * onp.tanh(1.5 * slope))[..., None]
