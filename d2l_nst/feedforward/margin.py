"""A reflected margin around pictures, cropped again from the paintings.

Padding inside a network leaves a rim along the edges of a painting. With a
margin this rim lies where it is cut off.
"""

import numpy as onp

from ..kinds import Array


def with_margin(X: Array, margin: int = 16, factor: int = 4) -> Array:
    """Add `margin` reflected pixels to NumPy pictures, (N, 3, H, W).

    It is a little wider below and to the right where the sides would be no
    multiples of `factor`.

    >>> X = onp.zeros((1, 3, 50, 75))
    >>> with_margin(X).shape
    (1, 3, 84, 108)
    >>> without_margin(with_margin(X), 50, 75).shape
    (1, 3, 50, 75)
    """
    sides = ((margin, margin + -n % factor) for n in X.shape[2:])
    return onp.pad(X, ((0, 0), (0, 0), *sides), mode='reflect')


def without_margin(Y: Array, height: int, width: int,
                   margin: int = 16) -> Array:
    """Cut the margin off the paintings Y: (N, 3, height, width)."""
    return Y[:, :, margin:margin + height, margin:margin + width]
