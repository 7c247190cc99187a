"""Image analogies: A is to A' as B is to B', learnt from one pair.

A. Hertzmann, C. E. Jacobs, N. Oliver, B. Curless and D. H. Salesin, *Image
Analogies*, SIGGRAPH 2001. Each pixel of B' is the pixel of A' whose
neighbourhoods in A and A', at two levels of a pyramid, are likest, or the one
that continues a piece of A' already laid there.
"""
from typing import Any, Callable, Optional

import numpy as onp

from ..errors import ImageError
from ..kinds import Array, Shown
from .brush import check_picture
from .texture import check_settings, grow, pyramid

__all__ = ['make_analogy']

YIQ = onp.array([[0.299, 0.587, 0.114]], 'float32').T


def make_analogy(A: Array, A_prime: Array, B: Array, kappa: float = 5.0,
                 levels: Optional[int] = None, neighbourhood: int = 5,
                 luminance: bool = True, seed: int = 1,
                 on_step: Optional[Shown] = None,
                 on_part: Optional[Callable[[float], Any]] = None) -> Array:
    """Make B', which is to B as A' is to A.

    A and A_prime, (H, W, 3), have one size; B is (h, w, 3). All are uint8 or
    float 0 ... 255. `kappa` says how much likeness may be given up to
    continue a piece of A'. It is 2 to 25 for the paper's colour paintings
    and less for filters. `levels` is the number of the pyramid's levels; if
    it is None there are as many as are useful. `neighbourhood` is a width in
    pixels and odd. With `luminance` pixels are matched by luminance alone,
    after A and A' were brought to B's mean and deviation, and B's colours
    stay. Without it pixels are matched by their colours, which are taken
    from A'; texture-by-numbers needs that. After each level, coarse to fine,
    `on_step(level, levels, picture)` is called, with `level` from 1 up, and
    within them `on_part`, with the share of all the work that is done.

    The same `seed` gives the same picture. Returns (h, w, 3) uint8; raises
    `ImageError` for an array that is no picture or where A and A' differ in
    size, `NSTError` for settings that make no sense.
    """
    A, A_prime, B = (check_picture(img) for img in (A, A_prime, B))
    if A.shape != A_prime.shape:
        sizes = ' and '.join('{1}x{0}'.format(*img.shape)
                             for img in (A, A_prime))
        raise ImageError(f'A and A\' must be of one size, not {sizes}: '
                         'A\' is the same picture in another manner')
    levels = check_settings(neighbourhood, kappa, levels, A, B)
    colours = pyramid(B, levels)
    if luminance:
        A, A_prime, B = _remap(A @ YIQ, A_prime @ YIQ, B @ YIQ)
    A, A_prime, B = (pyramid(img, levels) for img in (A, A_prime, B))
    steps = grow(A_prime, [img.shape[:2] for img in B], neighbourhood, kappa,
                 seed, guides=(A, B), on_part=on_part)
    for level, (grown, Y, colour) in enumerate(zip(steps, B, colours), 1):
        # With I and Q kept, R, G and B change by what Y changes
        picture = colour + (grown - Y) if luminance else grown
        picture = onp.rint(picture.clip(0, 255)).astype('uint8')
        if on_step:
            on_step(level, levels, picture)
    return picture


def _remap(A, A_prime, B):
    """A and A' with the mean and deviation of B: section 3.4."""
    scale = B.std() / A.std() if A.std() > 1e-3 else 1
    return *(scale * (img - A.mean()) + B.mean() for img in (A, A_prime)), B
