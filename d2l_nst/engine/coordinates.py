"""In which numbers L-BFGS looks for a picture: its pixels, or smooth ones."""

import numpy as onp

from ..cores import count_cores
from ..images import RGB_MEAN, RGB_STD
from ..kinds import Array, Dims

LIGHT = 1.25    # times that light and dark are easier than colours


class Pixels:
    """Coordinates of a picture of `shape`, (1, 3, H, W), that are its pixels,
    as a flat array; `bounds` are the values of black and of white."""

    def __init__(self, shape: Dims):
        mean, std = (A[:, None, None] for A in (RGB_MEAN, RGB_STD))
        self.bounds = [onp.broadcast_to((edge - mean) / std,
                                        shape[1:]).ravel()
                       for edge in (0, 1)]

    def to_picture(self, z: Array) -> Array:
        return z

    to_z = to_gradient = staticmethod(onp.ravel)


class Smooth:
    """Coordinates of a picture in which broad changes are easy.

    A step of L-BFGS on pixels changes the finest detail first, since most
    of the gradient is there, and few steps leave it as ripples. Here the
    variable is z, and the picture X = (1 + smoothness L)^(-1/2) z, L being
    the Laplacian, so that the cosine transform of a gradient is damped the
    more the finer it is: a Sobolev gradient (Neuberger 1997); a picture in
    decorrelated colours and frequencies is Mordvintsev et al. 2018,
    *Differentiable Image Parameterizations*. As there, what the three
    channels share, light and dark, is easier than their differences, the
    colours: `LIGHT` times. With more a picture comes to its loss sooner
    yet, but farther from its scene.
    """

    bounds = None  # those of the pixels are none of z

    def __init__(self, shape: Dims, smoothness: float):
        self.shape = shape
        rows, columns = (2 - 2 * onp.cos(onp.pi * onp.arange(n) / n)
                         for n in shape[2:])
        self.factor = ((1 + smoothness * (rows[:, None] + columns)) ** -0.5
                       ).astype('float32')

    def to_picture(self, z: Array) -> Array:
        """z as a picture, both as flat arrays."""
        return self._transform(
            lightened(self.factor * z.reshape(self.shape), LIGHT), True)

    def to_gradient(self, gradient: Array) -> Array:
        """The gradient of z from that of the picture."""
        return (self.factor * lightened(self._transform(gradient), LIGHT)
                ).ravel()

    def to_z(self, picture: Array) -> Array:
        return (lightened(self._transform(picture), 1 / LIGHT) / self.factor
                ).ravel()

    def _transform(self, A, inverse=False):
        from scipy import fft
        transform = fft.idctn if inverse else fft.dctn
        A = transform(onp.asarray(A, 'float32').reshape(self.shape),
                      axes=(2, 3), norm='ortho', workers=count_cores())
        return A.ravel() if inverse else A


def lightened(A: Array, times: float) -> Array:
    """A, (1, 3, H, W), which is changed: the mean of its channels is
    multiplied."""
    A += onp.float32(times - 1) * A.mean(1, keepdims=True)
    return A
