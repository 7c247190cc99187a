"""A picture cut into regions: superpixels, merged to a chosen detail.

R. Achanta et al., *SLIC Superpixels Compared to State-of-the-art Superpixel
Methods*, PAMI 2012; G. Koepfler, C. Lopez and J.-M. Morel, *A Multiscale
Algorithm for Image Segmentation by Variational Method*, SIAM J. Numer. Anal.
1994: a border stays while the squared error that it saves is worth its
length.
"""
import numbers
from typing import Any, NamedTuple

import numpy as onp
from scipy.spatial.distance import cdist

from ..errors import NSTError
from ..kinds import Array
from .brush import check_picture

SUPERPIXELS = 3000   # of a large picture
SMALLEST = 16        # pixels of a superpixel of a small one


class Regions(NamedTuple):
    """A picture cut into N regions."""

    labels: onp.ndarray      # (H, W) the region of each pixel, 0 ... N - 1
    areas: onp.ndarray       # (N,) in pixels
    centres: onp.ndarray     # (N, 2) x, y
    angles: onp.ndarray      # (N,) of the main axis, from x towards y
    colours: onp.ndarray     # (N, 3) mean RGB, 0 ... 255
    importance: onp.ndarray  # (N,) 0 ... 1


def find_regions(img: Array, detail: float = 0.5) -> Array:
    """The regions of the picture `img`: (H, W) int, 0 ... N - 1.

    With less `detail` more of them are merged, so that the regions of a
    coarser setting are unions of those of a finer one. Parameters and errors
    are those of `paint_regions`.
    """
    from skimage.color import rgb2lab
    from skimage.graph import merge_hierarchical
    from skimage.segmentation import slic

    img = check_picture(img)
    real: Any = numbers.Real
    if not (isinstance(detail, real) and 0 <= detail <= 1):
        raise NSTError(f'detail must be a number from 0 to 1, not {detail!r}')
    pixels = img.shape[0] * img.shape[1]
    count = max(1, min(SUPERPIXELS, pixels // SMALLEST))
    side = (pixels / count) ** 0.5
    labels = slic(img / 255, count, compactness=8, max_num_iter=5,
                  sigma=side / 15, start_label=0)
    contrast = 4 * (1 - detail) / max(detail, 1e-9)   # in Lab, worth a border
    return merge_hierarchical(
        labels, _graph(labels, rgb2lab(img / 255)),
        contrast ** 2 * side, rag_copy=False,
        in_place_merge=True, merge_func=_merge, weight_func=_border)


def _graph(labels, lab):
    """Graph of the regions: which touch, along how many pixels, and what
    their border gains."""
    from skimage.graph import RAG

    areas = onp.bincount(labels.ravel())
    sums = [onp.bincount(labels.ravel(), plane.ravel())
            for plane in onp.moveaxis(lab, 2, 0)]
    graph = RAG()
    for k, colour in enumerate(onp.transpose(sums / areas)):
        graph.add_node(k, labels=[k], area=areas[k], colour=colour)
    pairs = onp.concatenate([
        onp.stack([labels[1:], labels[:-1]], -1).reshape(-1, 2),
        onp.stack([labels[:, 1:], labels[:, :-1]], -1).reshape(-1, 2)])
    pairs = onp.sort(pairs[pairs[:, 0] != pairs[:, 1]], 1)
    pairs, lengths = onp.unique(pairs, axis=0, return_counts=True)
    for (a, b), length in zip(pairs.tolist(), lengths.tolist()):
        graph.add_edge(a, b, length=length,
                       weight=_gain(graph, a, b, length))
    return graph


def _gain(graph, a, b, length):
    """Squared error saved by each of the border's `length` pixels: the
    lambda of Koepfler 1994 at which regions a and b merge."""
    a, b = graph.nodes[a], graph.nodes[b]
    difference = a['colour'] - b['colour']
    return (a['area'] * b['area'] / (a['area'] + b['area'])
            * (difference @ difference) / length)


def _merge(graph, a, b):
    """Add region a to region b."""
    a, b = graph.nodes[a], graph.nodes[b]
    area = a['area'] + b['area']
    b['colour'] = (a['area'] * a['colour'] + b['area'] * b['colour']) / area
    b['area'] = area


def _border(graph, a, b, other):
    """Edge between b, to which a was added, and another region."""
    length = sum(graph[k][other]['length'] for k in (a, b)
                 if graph.has_edge(k, other))
    return {'length': length, 'weight': _gain(graph, b, other, length)}


def measure_regions(img: Array, labels: Array) -> Regions:
    """`Regions` of the picture `img`, (H, W, 3), cut into `labels`."""
    from skimage.measure import regionprops_table

    table = regionprops_table(labels + 1, img, (
        'area', 'centroid', 'orientation', 'intensity_mean'))
    centres = onp.stack([table['centroid-1'], table['centroid-0']], 1)
    colours = onp.stack([table[f'intensity_mean-{k}'] for k in (0, 1, 2)], 1)
    return Regions(labels, table['area'], centres,
                   onp.pi / 2 - table['orientation'], colours,
                   _importance(table['area'], centres, colours))


def _importance(areas, centres, colours):
    """How much regions stand out from those around them, 0 ... 1.

    M.-M. Cheng et al., *Global Contrast based Salient Region Detection*,
    CVPR 2011, equation 7, but of mean colours rather than histograms.
    """
    from skimage.color import rgb2lab

    lab = rgb2lab(colours / 255)
    near = onp.exp(-cdist(centres, centres) ** 2 / (0.4 * areas.sum()))
    contrast = (near * cdist(lab, lab)) @ areas
    contrast -= contrast.min()
    return contrast / max(contrast.max(), 1e-9)
