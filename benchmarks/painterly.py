"""Seconds of each method of painting without a network.

Each runs once, at the size it is usually asked for, between two runs of a
reference: a fixed amount of Gaussian filtering of the same picture, on one
core. The ratio to their mean compares between machines. Aims on two cores:
strokes in 10 s, an analogy in 60 s.

    python benchmarks/painterly.py [METHOD ...]     as `strokes`, `texture`
"""

import functools
import sys
import time

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage import data

from d2l_nst.painterly.analogies import make_analogy
from d2l_nst.painterly.regions import paint_regions
from d2l_nst.painterly.strokes import STYLES, paint_strokes
from d2l_nst.painterly.texture import grow_texture

LARGE, SMALL, TEXTURE = (900, 600), (256, 256), (128, 128)


def main():
    photo = photograph(data.coffee(), LARGE)
    filter_ = functools.partial(filtered, photo)
    for name, shape, paint in runs(photo):
        if not sys.argv[1:] or name.split()[0] in sys.argv[1:]:
            before, taken, after = map(seconds, (filter_, paint, filter_))
            reference = (before + after) / 2
            print(f'{name:22s} {shape[0]}x{shape[1]} {taken:7.2f} s, '
                  f'ratio {taken / reference:6.2f} to the reference\'s '
                  f'{reference:.2f} s', flush=True)


def runs(photo):
    """Name, size and work of each run."""
    for style in STYLES:
        yield f'strokes {style}', LARGE, functools.partial(
            paint_strokes, photo, style)
    for flat in (False, True):
        yield 'regions' + ' flat' * flat, LARGE, functools.partial(
            paint_regions, photo, flat=flat)
    A, B = (photograph(img, SMALL) for img in (data.coffee(),
                                               data.chelsea()))
    smeared = ndimage.median_filter(A, (7, 7, 1))
    yield 'analogies', SMALL, functools.partial(make_analogy, A, smeared, B)
    sample = np.repeat(data.brick()[:256:4, :256:4, None], 3, 2)
    yield 'texture', TEXTURE, functools.partial(grow_texture, sample, TEXTURE)


def photograph(img, shape):
    """One of scikit-image's, at a size: coffee by Rachel Michetti and
    chelsea by Stefan van der Walt, both CC0, as is brick."""
    return np.asarray(Image.fromarray(img).resize(shape, Image.LANCZOS))


def filtered(photo):
    for sigma in (2, 4, 8, 16):
        ndimage.gaussian_filter(photo.astype('float32'), (sigma, sigma, 0))


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == '__main__':
    main()
