"""What gives the features of a picture the statistics of a painting's.

Features have C channels; each pixel of theirs is a vector of C numbers. A
transform is one matrix A and one vector b for all of them: x -> A x + b. So
weights mix transforms, and half a transform is the mean of it and of none.

- Adaptive instance normalisation (X. Huang and S. Belongie, ICCV 2017): each
  channel gets the painting's mean and deviation. A is a diagonal.
- Whitening and colouring (Y. Li et al., NIPS 2017): the channels get the
  painting's mean and covariance, which is its centred Gram matrix.
"""

import dataclasses

import numpy as onp

# Added to all variances: a channel that is silent in a picture is not made as
# loud as it is in the painting. A mean square is about 1 (`levels.LOUDNESS`)
EPSILON = 1e-3
KEPT = 0.95        # of the statistics of the frames before
ENOUGH = 2 ** 16   # pixels; of more, every so manyth is looked at


@dataclasses.dataclass(frozen=True)
class Statistics:
    """Mean (C,) and covariance (C, C) of features."""

    mean: onp.ndarray
    covariance: onp.ndarray

    @classmethod
    def of(cls, X):
        """Those of features (N, C, H, W), over their pixels."""
        Y = onp.asarray(X).swapaxes(0, 1)
        Y = Y.reshape(len(Y), -1)          # (N, C, H, W) -> (C, N*H*W)
        # An odd step: an even one might meet the same columns in each row
        Y = onp.ascontiguousarray(Y[:, ::Y.shape[1] // ENOUGH | 1])
        mean = Y.mean(axis=1, dtype='float64')
        covariance = onp.float64(Y @ Y.T) / Y.shape[1]
        return cls(mean, covariance - onp.outer(mean, mean))


class Smoothed:
    """Statistics over the frames of a film: moving means, in which a frame
    counts for 1 - `KEPT`. In each frame the same ones are asked for, in the
    same order."""

    def __init__(self):
        self.known = []

    def begin(self):
        """A frame begins."""
        self.next = 0

    def of(self, found):
        """The moving mean that goes with `found`, a frame's `Statistics`.
        """
        if self.next == len(self.known):
            self.known.append(found)
        old = self.known[self.next]
        self.known[self.next] = Statistics(*(
            KEPT * getattr(old, name) + (1 - KEPT) * getattr(found, name)
            for name in ('mean', 'covariance')))
        self.next += 1
        return self.known[self.next - 1]


def adain(of, to):
    """The transform from the `Statistics` of a picture to a painting's.

    >>> X, Y = onp.random.RandomState(1).normal(3, 2, (2, 1, 4, 50, 50))
    >>> Z = apply(X, *adain(Statistics.of(X), Statistics.of(Y ** 2)))
    >>> bool(abs(Z.mean((0, 2, 3)) - (Y ** 2).mean((0, 2, 3))).max() < 1e-4)
    True
    """
    old, new = (onp.diag(each.covariance) + EPSILON for each in (of, to))
    A = onp.sqrt(new / old)
    return onp.diag(A), to.mean - A * of.mean


def wct(of, to):
    """The transform from the `Statistics` of a picture to a painting's: A
    is S^(1/2) C^(-1/2) with their covariances."""
    A = (power(to.covariance, 0.5) @ power(of.covariance, -0.5))
    return A, to.mean - A @ of.mean


TRANSFORMS = {'adain': adain, 'wct': wct}
TRANSFORM = 'wct'   # where none is named


def mix(transforms, weights):
    """The weighted mean of transforms. Those that are missing to a sum of
    1 leave the features as they are."""
    left = 1 - sum(weights)
    A = sum(w * A for w, (A, _) in zip(weights, transforms))
    b = sum(w * b for w, (_, b) in zip(weights, transforms))
    return A + left * onp.eye(len(b)), b


def apply(X, A, b):
    """A x + b for each pixel x of features X, (N, C, H, W)."""
    X = onp.asarray(X)
    Y = X.reshape(*X.shape[:2], -1)        # (N, C, H, W) -> (N, C, H*W)
    A, b = A.astype(X.dtype), b.astype(X.dtype)
    diagonal = onp.diag(A)
    Y = (A @ Y if (A != onp.diag(diagonal)).any()
         else diagonal[:, None] * Y)
    Y += b[:, None]
    return Y.reshape(X.shape)


def power(M, exponent):
    """A power of a covariance and `EPSILON`, by its eigenvalues."""
    values, vectors = onp.linalg.eigh(M)
    values = onp.maximum(values, 0) + EPSILON
    return (vectors * values ** exponent) @ vectors.T
