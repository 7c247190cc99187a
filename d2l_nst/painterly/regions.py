"""Pictures painted region by region, flat as a poster or with a brush.

Each region is painted along its own axis, with a brush whose size follows
its area and its importance: the region-based branch of J. E. Kyprianidis et
al., *State of the "Art"*, TVCG 2013.
"""
from typing import Any, List, Optional

import numpy as onp
from scipy import ndimage

from ..kinds import Array, Shown
from .brush import Strokes, check_picture, lay, light, over
from .segments import Regions, find_regions, measure_regions

# The broadest brush has a radius of LARGEST times the root of the picture's
# area. There are BRUSHES of them, each STEP times as broad as the one before
LARGEST = 1 / 40
BRUSHES, STEP = 5, 0.6
REACH = 4                      # a stroke is at most 2 REACH radii long
BRISTLE, RELIEF = 0.12, 0.18   # as in `StrokeStyle`


def paint_regions(img: Array, detail: float = 0.5, flat: bool = False,
                  seed: int = 1, on_step: Optional[Shown] = None) -> Array:
    """Paint the picture `img` region by region.

    img: (H, W, 3), uint8 or float 0 ... 255. detail: 0 (one region) ... 1
    (all superpixels). flat: fill each region with its mean colour, without
    brush strokes. The same `seed` gives the same painting. After the
    filling and after each brush `on_step(layer, layers, painting)` is
    called, layers counted from 1. Returns (H, W, 3) uint8; raises
    `ImageError` for an array that is no picture and `NSTError` for another
    detail.

    >>> img = onp.zeros((32, 32, 3))
    >>> img[:, 16:] = 200, 40, 30     # black to the left, red to the right
    >>> (paint_regions(img, flat=True) == img).all()
    True
    """
    img = check_picture(img)
    regions = measure_regions(img, find_regions(img, detail))
    rng = onp.random.default_rng(seed)
    layers = [] if flat else region_strokes(img, regions, rng)
    canvas = regions.colours[regions.labels].astype('float32')
    height = onp.zeros(img.shape[:2], 'float32')
    for i, strokes in enumerate([None, *layers]):
        if strokes:
            canvas, height = over(canvas, height, lay(
                strokes, height.shape, rng, BRISTLE))
        lit = light(canvas, height, 0 if flat else RELIEF)
        painting = onp.rint(lit).clip(0, 255).astype('uint8')
        if on_step:
            on_step(i + 1, len(layers) + 1, painting)
    return painting


def region_strokes(img: Array, regions: Regions,
                   seed: Any = 1) -> List[Strokes]:
    """Strokes along the axis of each region of the picture `img`.

    img: (H, W, 3), 0 ... 255; seed: a number or a NumPy Generator. Inside a
    region its own brush is used, along its border smaller ones. Returns a
    list of `Strokes`, one for each brush in use, from coarse to fine.
    """
    rng = onp.random.default_rng(seed)
    largest = LARGEST * regions.labels.size ** 0.5
    radii = onp.maximum(largest * STEP ** onp.arange(BRUSHES), 0.8)
    depth = _depth(regions.labels)
    brush = _brushes(regions, depth, radii)
    layers = []
    for k in onp.unique(brush):
        at = _places(regions, onp.where(brush == k, depth, -1), radii[k], rng)
        points, counts = _trace(at, regions, radii[k], rng)
        colours = _colours(img, at, regions, radii[k], rng)
        strokes = Strokes(points, counts, colours, radii[k])
        layers.append(strokes.pick(counts > 2))   # no mere dots
    return layers


def _depth(labels):
    """Distance (H, W) of each pixel from the border of its region."""
    from skimage.segmentation import find_boundaries

    inner = onp.pad(~find_boundaries(labels), 1, constant_values=False)
    return ndimage.distance_transform_edt(inner)[1:-1, 1:-1]


def _brushes(regions, depth, radii):
    """Number (H, W) of the broadest brush that suits each pixel."""
    own = 0.35 * regions.areas ** 0.5 * (1 - regions.importance / 2)
    own = own[regions.labels]
    fits = onp.minimum(own, onp.maximum(2 * depth, own / 3))
    return onp.searchsorted(-radii, -fits).clip(0, len(radii) - 1)


def _places(regions, depth, radius, rng):
    """One pixel (x, y) in each cell of grids along the regions' axes.

    It is one of the deepest, that is, one far from the region's border.
    Pixels of negative depth are left out.
    """
    y, x = onp.nonzero(depth >= 0)
    order = onp.argsort(-depth[y, x] * rng.uniform(0.5, 1, len(y)))
    at = onp.stack([x, y], 1)[order]
    region = regions.labels[at[:, 1], at[:, 0]]
    dx, dy = (at - regions.centres[region]).T
    cos, sin = onp.cos(regions.angles)[region], onp.sin(regions.angles)[region]
    cells = onp.stack([region, (dx * cos + dy * sin) // (4 * radius),
                       (dy * cos - dx * sin) // (1.3 * radius)], 1)
    _, first = onp.unique(cells, axis=0, return_index=True)
    return at[rng.permutation(first)]


def _trace(at, regions, radius, rng):
    """Control points of strokes through `at`, (N, 2), a little bent.

    They follow the axes of their regions, at most REACH steps each way and
    not out of them. Returns points (N, 2 REACH + 1, 2) and counts (N,).
    """
    region = regions.labels[at[:, 1], at[:, 0]]
    angle = regions.angles[region] + rng.normal(0, 0.08, len(at))
    axis = onp.stack([onp.cos(angle), onp.sin(angle)], 1)[:, None]
    across = axis[..., ::-1] * (-1, 1)
    bend = rng.normal(0, 0.02, (len(at), 1, 1))
    steps = onp.arange(-REACH, REACH + 1)[:, None]
    points = at[:, None] + radius * (steps * axis + steps ** 2 * bend * across)
    x, y = onp.rint(points).astype(int).transpose(2, 0, 1) + 1
    h, w = regions.labels.shape
    around = onp.pad(regions.labels, 1, constant_values=-1)
    there = around[y.clip(0, h + 1), x.clip(0, w + 1)] == region[:, None]
    ahead = onp.cumprod(there[:, REACH:], 1).sum(1)
    behind = onp.cumprod(there[:, REACH::-1], 1).sum(1) - 1
    order = (REACH - behind)[:, None] + onp.arange(2 * REACH + 1)
    points = points[onp.arange(len(at))[:, None], order.clip(0, 2 * REACH)]
    return points.astype('float32'), ahead + behind


def _colours(img, at, regions, radius, rng):
    """Colours (N, 3) between the region's and the picture's at `at`.

    Some are lighter or darker, some warmer or colder.
    """
    x, y = at.T
    near = ndimage.gaussian_filter(img, (radius, radius, 0))[y, x]
    colours = (regions.colours[regions.labels[y, x]] + near) / 2
    return (colours + rng.normal(0, 7, (len(at), 1))
            + rng.normal(0, 2, (len(at), 3))).clip(0, 255)
