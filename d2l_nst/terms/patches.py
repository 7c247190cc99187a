"""Patches of the style's features, found again: Li and Wand 2016.

The style is a Markov random field: each 3 x 3 patch of the picture's
features is drawn to the style's patch that is most like it. This differs
from the paper, which also takes patches of rotated and rescaled copies of
the style; its authors' code does so only when asked. That code looks at
every second patch of the style. This one looks at all of them.
"""

import dataclasses
import functools
import itertools
from typing import ClassVar, Optional

import numpy as onp

from ..controls.mask import inside
from ..kinds import Array, Dims
from ..layers import poolings
from .arrays import classic_of, np_of, npx_of, squares
from .term import Part, Term

SIDE = 3
RESPONSES = 2 ** 22  # of patches at positions, held at a time: 16 MB


def patch_loss(Y_hat, pixels, corners, directions, weights=None, *, width,
               chunks):
    """Mean squared difference of the 3 x 3 patches of the features
    `Y_hat`, (1, C, H, W), from the nearest of the style's: a scalar.

    The style term of Li and Wand 2016, with the mean in place of the sum.
    `pixels`, (h * w, C), are the style's features, `width` is their w,
    and `corners` the numbers of the pixels at which its patches start.
    The nearest patches are found anew at each step; the gradient takes
    them as given. `weights`, (1, H - 2, W - 2, 1), may be those of the
    places.
    """
    np = np_of(Y_hat)
    corners = np.take(corners, nearest_patches(Y_hat, directions, chunks))
    Y_hat = np.transpose(Y_hat, (0, 2, 3, 1))  # (1, H, W, C)
    l = 0
    for i, j in itertools.product(range(SIDE), repeat=2):
        seen = Y_hat[:, i:(i - SIDE + 1) or None, j:(j - SIDE + 1) or None]
        matched = np.take(pixels, corners + (i * width + j), axis=0)
        l = l + (squares(seen, matched) if weights is None else
                 (weights * np.square(seen - matched)).mean())
    return l / SIDE ** 2


def nearest_patches(Y_hat, directions, chunks):
    """For each 3 x 3 patch of `Y_hat`, (1, C, H, W), the number of the
    nearest of the style's: (1, H - 2, W - 2).

    As in Li and Wand 2016 it is that of the largest normalised
    cross-correlation, computed as a convolution with `directions`,
    (N, C, 3, 3), the style's patches divided by their lengths. `chunks`,
    pairs (start, end), say which of them are tried together: that bounds
    the memory, as long as all that goes in is constant (else the
    responses of all chunks are kept for the gradient).
    """
    np, npx, Y_hat = np_of(Y_hat), npx_of(Y_hat), without_gradient(Y_hat)
    largest = nearest = None
    for start, end in chunks:
        responses = npx.convolution(
            Y_hat, without_gradient(directions[start:end]),
            kernel=(SIDE, SIDE), num_filter=end - start, no_bias=True)
        best = np.argmax(responses, axis=1)
        value, best = npx.pick(responses, best, axis=1), best + start
        if largest is not None:
            best = np.where(value > largest, best, nearest)
            value = np.maximum(value, largest)
        largest, nearest = value, best
    return nearest


def without_gradient(X: Array) -> Array:
    """X as a constant: nothing behind it is differentiated."""
    return classic_of(X).BlockGrad(X.as_nd_ndarray()).as_np_ndarray()


@dataclasses.dataclass(frozen=True)
class Patches(Term):
    """Differences from the style picture's nearest patches.

    Stages go from coarse to fine at any size, since a patch that is found
    in a small picture leads the way in a larger one. A cut of the style
    has all its patches:

    >>> from mxnet import np, npx
    >>> npx.set_np()
    >>> Y = np.arange(60).reshape(1, 2, 5, 6) % 7
    >>> cut = Y[:, :, 1:, 2:]
    >>> part, = Patches(('relu3_1',)).parts({'relu3_1': Y},
    ...                                     {'relu3_1': cut.shape})
    >>> float(part.loss(cut, *part.targets))
    0.0
    """

    name: ClassVar[str] = 'patches'
    comes_from: ClassVar[str] = 'style'
    bytes_per_pixel: ClassVar[int] = 4530  # with the style's patches
    earlier_side: ClassVar[int] = 0

    def smallest_side(self, network: str) -> int:
        most = max(poolings(layer.name, network) for layer in self.layers)
        return max(super().smallest_side(network), SIDE * 2 ** most)

    def part(self, layer: str, Y: Array, shape: Dims,
             corners: Optional[Array] = None) -> Part:
        channels, height, width = Y.shape[1:]
        pixels = Y.asnumpy().reshape(channels, -1).T
        if corners is None:
            corners = corners_of(height, width).ravel()
        size = max(1, RESPONSES // (shape[2] * shape[3]))
        chunks = [(start, min(start + size, len(corners)))
                  for start in range(0, len(corners), size)]
        return Part(self.name, layer, 1,
                    functools.partial(patch_loss, width=width,
                                      chunks=chunks),
                    tuple(np_of(Y).array(A, dtype='float32', ctx=Y.ctx)
                          for A in (pixels, corners,
                                    directions(pixels, corners, width))))

    def guided(self, layer: str, Y: Array, shape: Dims, mask: Array,
               style_mask: Array) -> Part:
        """Where the middles of the patches are in either region."""
        middle = slice(1, -1), slice(1, -1)
        weights = mask[middle] / (mask[middle].mean() or 1)
        part = self.part(layer, Y, shape, corners_of(*Y.shape[2:])[
            inside(style_mask[middle])])
        weights = np_of(Y).array(weights[None, ..., None], dtype='float32',
                                 ctx=Y.ctx)
        return part._replace(targets=(*part.targets, weights))


def corners_of(height: int, width: int) -> Array:
    """Numbers of the pixels of (h, w) at which patches start: (h - 2,
    w - 2)."""
    return (onp.arange(height - SIDE + 1)[:, None] * width
            + onp.arange(width - SIDE + 1))


def directions(pixels: Array, corners: Array, width: int) -> Array:
    """The patches that start at `corners` of features `pixels`, (h * w, C)
    of `width` w, each divided by its length: (N, C, 3, 3)."""
    window = onp.arange(SIDE)[:, None] * width + onp.arange(SIDE)
    # (N, 3, 3, C) -> (N, C, 3, 3)
    patches = pixels[corners[:, None, None] + window].transpose(0, 3, 1, 2)
    lengths = onp.sqrt(onp.square(patches).sum(axis=(1, 2, 3)))
    return patches / onp.maximum(lengths, 1e-12)[:, None, None, None]
