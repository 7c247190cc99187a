"""The way through a frozen network, and back from its features to the pixels.

MXNet's own graph keeps the input of each convolution for the gradient of its
weights, which nobody asks for here. On this way back a convolution needs its
weights alone, and an array goes as soon as it has served. Nothing is recorded
on the way through, so that oneDNN takes what is meant for inference, and lays
out the features and the weights as it likes them: what is here is chosen so
that they seldom have to be laid out anew. Arrays are MXNet's classic ones,
which have all the operators.
"""

import ctypes
from typing import Any, Dict, List, Optional, Sequence, Tuple

from mxnet import base, nd
from mxnet._ctypes.ndarray import _imperative_invoke
from mxnet.gluon import nn

from ..kinds import Array, Arrays
from ..layers import PIXELS, layer_index
from ..terms import Part
from ..terms.arrays import cast, exact, squares, squares_slope
from ..terms.gram import gram_loss, gram_slope
from ..terms.variation import (tv_guided, tv_guided_slope, tv_mean,
                               tv_mean_slope)
from .frozen import Frozen, frozen, pull

PLACE_OF_PIXELS = -1  # before the first layer
# Gradients that are known take less time than those MXNet finds
SLOPES: Any = {gram_loss: gram_slope, squares: squares_slope,
               tv_mean: tv_mean_slope, tv_guided: tv_guided_slope}


def relu_back(A: Array, slope: Array) -> Array:
    """The gradient of a ReLU's input from the `slope`, that of its output;
    A is one of the two. It is MXNet's own operator, which it hides."""
    handle = base.OpHandle()
    base.check_call(base._LIB.NNGetOpHandle(
        base.c_str('_backward_Activation'), ctypes.byref(handle)))
    return _imperative_invoke(handle.value, (slope, A), ['act_type'],
                              ['relu'], None, False, False)


class Stretch:
    """A part of the way: a convolution of a network (None before the first
    of them, where the pixels are), and the ReLU and the pooling behind it,
    as far as the way goes. `heard` holds the `Part`s that compare what comes
    out of each of the three."""

    def __init__(self, convolution: Optional[Frozen] = None):
        self.convolution, self.relu = convolution, False
        self.pooling: Optional[str] = None
        self.heard: Dict[str, List[Part]] = {'conv': [], 'relu': [],
                                             'pool': []}

    @property
    def end(self) -> str:
        return 'pool' if self.pooling else 'relu' if self.relu else 'conv'

    def forward(self, A: Array) -> Array:
        """What is kept: the convolution's output, after the ReLU unless it
        is heard before."""
        if self.convolution:
            A = self.convolution.forward(A)
        if self.relu and not self.heard['conv']:
            nd.Activation(A, act_type='relu', out=A)
        return A

    def at(self, place: str, A: Array) -> Array:
        """What comes out at a place, of what is kept."""
        if place != 'conv' and self.relu and self.heard['conv']:
            A = nd.Activation(A, act_type='relu')
        return self.pool(A) if place == 'pool' else A

    def pool(self, A: Array) -> Array:
        return nd.Pooling(A, kernel=(2, 2), stride=(2, 2),
                          pool_type=self.pooling)

    def listen(self, A: Array, losses: Arrays) -> None:
        """Add the losses of what is kept to `losses`, {term: loss}."""
        for place, parts in self.heard.items():
            for part in parts:
                losses[part.name] = losses[part.name] + loss_of(
                    part, self.at(place, A))

    def back(self, A: Array, slope: Optional[Array],
             losses: Arrays) -> Optional[Array]:
        """The gradient of the input, from what is kept and the `slope`, the
        gradient of what goes on, or None. It is that of the terms in
        `losses`, {term: loss}, to which theirs are added."""
        slope = None if slope is None else cast(slope, A.dtype)
        for place in 'pool', 'relu', 'conv':
            more = self.heard_back(place, A, losses)
            if place == 'relu' and self.relu:
                # Both leave it in the same order, in which a sum is fast
                slope, more = (B if B is None else relu_back(A, B)
                               for B in (slope, more))
            slope = plus(slope, more)
            if place == 'pool' and self.pooling and slope is not None:
                slope = pull(self.pool, self.at('relu', A), slope)
        if slope is None or not self.convolution:
            return slope
        return self.convolution.back(slope)

    def heard_back(self, place: str, A: Array,
                   losses: Arrays) -> Optional[Array]:
        """The gradient at a place of the terms in `losses`, to which theirs
        are added, or None."""
        slope = None
        for part in self.heard[place]:
            if part.name in losses:
                l, more = slope_of(part, self.at(place, A))
                losses[part.name] = losses[part.name] + l
                slope = plus(slope, cast(more, A.dtype))
        return slope


def plus(slope: Optional[Array], more: Optional[Array]) -> Optional[Array]:
    """The sum of two gradients, of which either may be None: the first is
    changed."""
    if slope is None or more is None:
        return more if slope is None else slope
    return nd.elemwise_add(slope, more, out=slope)


def loss_of(part: Part, Y: Array) -> Array:
    """The weighted loss of features Y."""
    return part.weight * part.loss(exact(Y).as_np_ndarray(), *part.targets)


def slope_of(part: Part, Y: Array) -> Tuple[Array, Array]:
    """The weighted loss of features Y, and its gradient. A loss may know
    its own `slope`."""
    known = SLOPES.get(part.loss, getattr(part.loss, 'slope', None))
    if known:
        l, slope = known(Y.as_np_ndarray(), part.weight, *part.targets)
        return l, slope.as_nd_ndarray()
    losses = []

    def loss(Y):
        losses.append(loss_of(part, Y))
        return losses[0]

    slope = pull(loss, exact(Y))
    return losses[0].detach(), slope


def stretches(net: Any, parts: Sequence[Part]) -> List[Stretch]:
    """The `Stretch`es of a `VGG`, as far as the last layer that a part
    compares. Where all compare the pixels, `net` may be None."""
    found, heard = [Stretch()], {}
    for part in parts:
        place = (PLACE_OF_PIXELS if part.layer == PIXELS
                 else layer_index(part.layer, net.network))
        heard.setdefault(place, []).append(part)
    for i in range(PLACE_OF_PIXELS, max(heard) + 1):
        if i >= 0 and i not in net.unchanging:
            if hasattr(net[i], 'weight'):
                found.append(Stretch(frozen(net[i])))
            elif net.names[i].startswith('relu'):
                found[-1].relu = True
            else:
                found[-1].pooling = ('avg' if isinstance(net[i], nn.AvgPool2D)
                                     else 'max')
        found[-1].heard[found[-1].end] += heard.get(i, [])
    return found
