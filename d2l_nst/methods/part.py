"""A part of an objective: one loss at one layer, with its weight."""

from typing import Any, Callable, NamedTuple, Tuple

from mxnet import np

PIXELS = 'pixels'  # the layer before the first: the picture itself


class Part(NamedTuple):
    """`weight` times `loss(Y_hat, *targets)`, Y_hat being the features of
    `layer`; parts of one `term` are added up and shown as one."""

    term: str
    layer: Any
    weight: float
    loss: Callable
    targets: Tuple = ()


def relative(part):
    """The part in a unit that does not depend on the scale of features:
    the loss of features that are zero.

    All losses here are mean squared differences from `targets[0]`, so the
    unit is the mean of its squares; a part without targets, total
    variation, stays as it is.
    """
    if not part.targets:
        return part
    unit = float(np.square(part.targets[0]).mean())
    return part._replace(weight=part.weight / unit) if unit else part
