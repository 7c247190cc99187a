"""Pictures painted with curved brush strokes of several sizes.

A. Hertzmann, *Painterly Rendering with Curved Brush Strokes of Multiple
Sizes*, SIGGRAPH 1998. From the largest brush to the smallest, the picture is
blurred in proportion to the brush and strokes are laid where the canvas is
still far from that reference; a stroke runs along the normals of the
luminance gradient and ends where its colour no longer suits.
"""
from typing import Any, Optional, Union

import numpy as onp
from scipy import ndimage

from ..errors import ImageError
from ..kinds import Array, Shown
from .brush import Strokes, check_picture, lay, light, over
from .styles import STYLES, StrokeStyle, find_style
from .tracing import LUMINANCE, distance, trace

__all__ = ['STYLES', 'StrokeStyle', 'layer_strokes', 'paint_strokes']


def paint_strokes(img: Array, style: Union[str, StrokeStyle] = 'impressionist',
                  seed: int = 1, on_step: Optional[Shown] = None) -> Array:
    """Paint `img` with brush strokes: Hertzmann 1998, procedure `paint`.

    img: (H, W, 3), uint8 or float 0 ... 255. style: a name from `STYLES` or
    a `StrokeStyle`. The same `seed` gives the same painting. After each
    layer `on_step(layer, layers, painting)` is called, layers counted from
    1. Returns (H, W, 3) uint8; raises `ImageError` for an array that is no
    picture and `NSTError` for an unknown style.

    >>> y, x = onp.mgrid[:32, :32]
    >>> img = onp.dstack([8 * x, 8 * y, 0 * x])
    >>> painting = paint_strokes(img, 'pointillist', seed=1)
    >>> painting.shape, painting.dtype
    ((32, 32, 3), dtype('uint8'))
    """
    img, style = check_picture(img), find_style(style)
    rng = onp.random.default_rng(seed)
    ground = img.mean((0, 1)) if style.ground is None else style.ground
    canvas = onp.zeros_like(img) + onp.asarray(ground, 'float32')
    height = onp.zeros(img.shape[:2], 'float32')
    for i, radius in enumerate(style.radii):
        blank = i == 0 and style.ink is None
        strokes = layer_strokes(img, radius, style, rng,
                                None if blank else canvas)
        canvas, height = _lay_layer(canvas, height, strokes, style, rng)
        lit = light(canvas, height, style.relief)
        painting = onp.rint(lit).clip(0, 255).astype('uint8')
        if on_step:
            on_step(i + 1, len(style.radii), painting)
    return painting


def _lay_layer(canvas, height, strokes, style, rng):
    """Canvas and height of paint after one layer of strokes.

    Thin paint is laid in four passes, so that strokes shine through each
    other.
    """
    passes = 1 if style.opacity == 1 else 4
    for k in range(passes):
        paint = lay(strokes.pick(slice(k, None, passes)), canvas.shape[:2],
                    rng, style.bristle)
        canvas, height = over(canvas, height, paint, style.opacity)
    return canvas, height


def layer_strokes(img: Array, radius: float,
                  style: Union[str, StrokeStyle] = 'impressionist',
                  seed: Any = 1, canvas: Optional[Array] = None) -> Strokes:
    """The strokes of one layer, in random order: procedure `paintLayer`.

    `img` is the picture, (H, W, 3), and `radius` that of the brush in
    pixels. `seed` is a number or a NumPy Generator. `canvas` is what was
    painted so far, (H, W, 3); if it is None the canvas is blank, and strokes
    are to cover it everywhere. Returns `Strokes`; the errors are those of
    `paint_strokes`.
    """
    img, style = check_picture(img), find_style(style)
    if canvas is not None and onp.shape(canvas) != img.shape:
        raise ImageError('the canvas must have the shape of the picture, '
                         f'{img.shape}, not {onp.shape(canvas)}')
    rng = onp.random.default_rng(seed)
    sigma = style.blur * radius
    reference = ndimage.gaussian_filter(img, (sigma, sigma, 0))
    error = _error(reference, canvas, radius, style, rng)
    y, x = rng.permutation(_seeds(
        error, max(1, round(style.grid * radius)),
        -1 if canvas is None else style.threshold)).T
    colours = reference[y, x]
    if style.ink is not None:
        colours = onp.zeros_like(colours) + onp.asarray(style.ink, 'float32')
    points, counts = trace(x, y, colours, reference, canvas, radius, style)
    return Strokes(points, counts, _jitter(colours, style, rng), radius)


def _error(reference, canvas, radius, style, rng):
    """How far the canvas is from the reference, (H, W), 0 ... 442.

    Ink can only darken. For a style with ink the error is therefore how much
    too light the canvas is, after it was blurred as if seen from afar.
    """
    if canvas is None:
        return rng.random(reference.shape[:2])
    if style.ink is None:
        return distance(reference, canvas)
    afar = ndimage.gaussian_filter(canvas @ LUMINANCE, style.grid * radius)
    return onp.maximum(afar - reference @ LUMINANCE, 0)


def _seeds(error, cell, threshold):
    """Row and column, (N, 2), of the worst pixel in each cell.

    Only cells whose mean error is above `threshold`, the paper's T, count.
    """
    h, w = error.shape
    padded = onp.pad(error, ((0, -h % cell), (0, -w % cell)),
                     constant_values=onp.nan)
    rows, columns = (n // cell for n in padded.shape)
    # (rows*cell, columns*cell) -> (rows, columns, cell*cell)
    cells = padded.reshape(rows, cell, columns, cell).transpose(
        0, 2, 1, 3).reshape(rows, columns, -1)
    worst = onp.nanargmax(cells, 2)
    r, c = onp.nonzero(onp.nanmean(cells, 2) > threshold)
    dy, dx = onp.divmod(worst[r, c], cell)
    return onp.stack([r * cell + dy, c * cell + dx], 1)


def _jitter(colours, style, rng):
    """Colours (N, 3) with the style's random changes.

    The paper does not say how large they are. Here a jitter of 1 changes a
    value by up to a quarter of its range, up or down.
    """
    from skimage.color import hsv2rgb, rgb2hsv

    if any(style.jitter_hsv):
        hsv = rgb2hsv(colours / 255)
        hsv += (rng.random(hsv.shape) - 0.5) / 2 * style.jitter_hsv
        hsv[:, 0] %= 1
        colours = 255 * hsv2rgb(hsv.clip(0, 1))
    if any(style.jitter_rgb):
        colours = colours + 255 / 2 * (
            rng.random(colours.shape) - 0.5) * style.jitter_rgb
    return colours.clip(0, 255)
