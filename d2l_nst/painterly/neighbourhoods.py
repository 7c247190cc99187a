"""Neighbourhoods of pixels, and pictures grown by their likeness.

Textures and image analogies share this: the neighbourhoods of L.-Y. Wei and
M. Levoy, *Fast Texture Synthesis using Tree-structured Vector Quantization*,
SIGGRAPH 2000, and the search of Hertzmann et al., *Image Analogies*,
SIGGRAPH 2001, section 3.2. `texture.grow` puts the levels together.
"""
from typing import Any, Callable, Iterator, Tuple

import numpy as onp
from scipy.spatial import cKDTree

from ..kinds import Array

COMPONENTS = 20     # principal components that the k-d tree knows
CHOICES = 8         # neighbourhoods among which to choose at random
FEW = 2048          # pixels to search where neighbours are missing
EPSILON = 1.0       # the tree may miss by so much: 1 is twice as far


class Window:
    """The neighbourhood of a pixel: offsets `dy`, `dx`, `weights`, `reach`.

    size: its width in pixels, odd. part: 'all', 'around' (without the pixel
    itself) or 'before' (what comes before it in scan order). step: pixels
    between neighbours. The Gaussian weights sum to `weight`.
    """

    def __init__(self, size: int, part: str = 'all', step: int = 1,
                 weight: float = 1.0):
        r = size // 2
        dy, dx = onp.mgrid[-r:r + 1, -r:r + 1].reshape(2, -1)
        keep = {'all': dy == dy, 'around': (dy != 0) | (dx != 0),
                'before': (dy < 0) | (dy == 0) & (dx < 0)}[part]
        dy, dx = dy[keep], dx[keep]
        weights = onp.exp(-(dy**2 + dx**2) / (2 * (size / 4)**2))
        self.weights = (weight * weights / weights.sum()).astype('float32')
        self.dy, self.dx, self.reach = step * dy, step * dx, step * r

    def weigh(self, neighbours: Array) -> Array:
        """Scale (..., K, C) to (..., K*C), so that the squared distance of
        two neighbourhoods is a weighted mean."""
        scale = onp.sqrt(self.weights / neighbours.shape[-1])
        weighted = neighbours * scale[:, None]
        return weighted.reshape(*weighted.shape[:-2], -1)

    def read(self, img: Array) -> Array:
        """The neighbourhood of each pixel, (H, W, C) -> (H, W, K*C).

        The picture is mirrored at its edges.
        """
        h, w, channels = img.shape
        r = self.reach
        padded = onp.pad(img, ((r, r), (r, r), (0, 0)), 'symmetric')
        neighbours = onp.empty((h, w, len(self.dy), channels), 'float32')
        for k, (y, x) in enumerate(zip(self.dy + r, self.dx + r)):
            neighbours[:, :, k] = padded[y:y + h, x:x + w]
        return self.weigh(neighbours)


class Search:
    """Finds the pixels of an example whose neighbourhoods are most alike.

    `features`, (N, D) float32, are the neighbourhoods of all pixels, and
    `allowed` are the numbers of those that may be found. `choices` is how
    many of the best are returned.
    """

    def __init__(self, features: Array, allowed: Array, choices: int,
                 rng: Any):
        self.features, self.allowed = features, rng.permutation(allowed)
        self.choices = min(choices, len(allowed))
        searched = features[self.allowed]
        self.few = searched[:FEW]
        centred = self.few - self.few.mean(0)
        basis = onp.linalg.eigh(centred.T @ centred)[1]
        self.basis = basis[:, -COMPONENTS:]
        self.tree = cKDTree(searched @ self.basis)
        self.squares = self.few**2

    def nearest(self, queries: Array, known: Array) -> Tuple[Array, Array]:
        """The best pixels and their distances, (n, D) -> two (n, choices).

        `known`, (n, D), is 0 for what is missing and does not count, and 1
        for the rest. The k-d tree is asked about whole neighbourhoods.
        Those at the edges, where something is missing, are compared with
        each of `FEW` pixels.
        """
        whole = known.all(1)
        found = onp.empty((len(queries), self.choices), int)
        _, found[whole] = self.tree.query(
            queries[whole] @ self.basis, range(1, self.choices + 1),
            eps=EPSILON)
        if not whole.all():
            part, masked = known[~whole], (queries * known)[~whole]
            distances = part @ self.squares.T - 2 * masked @ self.few.T
            found[~whole] = onp.argpartition(
                distances, self.choices - 1)[:, :self.choices]
        found = self.allowed[found]
        return found, self.distance(queries, known, found)

    def distance(self, queries: Array, known: Array, pixels: Array) -> Array:
        """Squared distances (n, k) of queries (n, D) to `pixels` (n, k)."""
        d = (self.features[pixels] - queries[:, None]) * known[:, None]
        return onp.einsum('nkd,nkd->nk', d, d)


def waves(height: int, width: int,
          reach: int) -> Iterator[Tuple[Array, Array]]:
    """Rows and columns of the pixels that can be made at once, in order.

    Let a neighbourhood reach r pixels to each side. Those of its pixels that
    come before the middle one in scan order have a smaller x + (r+1) y than
    that. Pixels of equal x + (r+1) y therefore don't see each other, and
    making them at once gives the same picture as scan order.
    """
    slope = reach + 1
    for t in range(width + slope * (height - 1)):
        first = max(0, -((width - 1 - t) // slope))
        y = onp.arange(first, min(height - 1, t // slope) + 1)
        if len(y):
            yield y, t - slope * y


class Level:
    """The growing of one level: `fill` finds a source for each pixel."""

    def __init__(self, sample: Array, near: Array, window: Window,
                 kappa: float, spread: float, rng: Any):
        self.sample, self.window = sample, window
        self.kappa, self.spread, self.rng = kappa, spread, rng
        h, w = self.shape = onp.array(sample.shape[:2])
        r = window.reach
        self.margin = m = r if min(h, w) > 4 * r else 0
        # (H, W, D) -> (H*W, D)
        features = onp.concatenate([window.read(sample), near], 2)
        self.search = Search(
            features.reshape(h * w, -1),
            onp.arange(h * w).reshape(h, w)[m:h - m, m:w - m].ravel(),
            CHOICES if spread else 1, rng)

    def fill(self, source: Array, wanted: Array,
             made: Callable[[int], None]) -> Array:
        """Rows and columns in the sample, (h, w, 2), of the grown pixels;
        `made` is told how many there are more."""
        h, w = wanted.shape[:2]
        r = self.window.reach
        source = onp.pad(source, ((r, r), (r, r), (0, 0)))
        for y, x in waves(h, w, r):
            rows = y[:, None] + self.window.dy
            columns = x[:, None] + self.window.dx
            inside = ((rows >= 0) & (rows < h)
                      & (columns >= 0) & (columns < w))
            source[y + r, x + r] = self._choose(
                source[rows + r, columns + r], inside, wanted[y, x])
            made(len(y))
        return source[r:r + h, r:r + w]

    def _choose(self, near, inside, wanted):
        """The best source (n, 2) of pixels: procedure `BestMatch`.

        near: (n, K, 2), the sources of the K neighbours; inside: (n, K),
        which of these exist; wanted: (n, D).
        """
        colours = self.sample[near[..., 0], near[..., 1]]
        queries = onp.concatenate([self.window.weigh(colours), wanted], 1)
        known = onp.ones_like(queries)
        seen = inside.repeat(colours.shape[2], 1)
        known[:, :seen.shape[1]] = seen
        likest, d = self._pick(*self.search.nearest(queries, known))
        # Ashikhmin's candidates: the pixels that continue the neighbours'
        # sources
        next_to = near - onp.stack([self.window.dy, self.window.dx], 1)
        able = inside & ((next_to >= self.margin)
                         & (next_to < self.shape - self.margin)).all(2)
        next_to = onp.where(able, next_to @ (self.shape[1], 1), 0)
        d_next = onp.where(
            able, self.search.distance(queries, known, next_to), onp.inf)
        best = d_next.argmin(1)[:, None]
        coherent = onp.take_along_axis(d_next, best, 1) <= d * (1 + self.kappa)
        chosen = onp.where(
            coherent, onp.take_along_axis(next_to, best, 1), likest)
        return onp.concatenate(onp.divmod(chosen, self.shape[1]), 1)

    def _pick(self, found, d):
        """One of the likest, at random if they are about as like, (n, 1)."""
        rank = d
        if self.spread:
            good = d <= (1 + self.spread) * d.min(1, keepdims=True)
            rank = onp.where(good, self.rng.random(d.shape), 2)
        pick = rank.argmin(1)[:, None]
        return (onp.take_along_axis(found, pick, 1),
                onp.take_along_axis(d, pick, 1))
