"""Start from the convolutions of a VGG that is trained already."""

from typing import Any

from mxnet import np

from ..errors import WeightsError
from ..kinds import Array, Arrays
from ..layers import layer_names
from ..weights.names import entries_of, network_of


def start_from(net: Any, arrays: Arrays, X: Array) -> None:
    """Give an `ExemplarNet` the convolutions of a trained VGG.

    They are found by their names, so that a VGG-19 can also start a VGG-16.
    `arrays` is what `formats.read_weights` returns, and `X` are crops,
    (N, 3, H, W). The VGG has no batch normalisation. Here each one is set so
    that it changes nothing: for these crops the outputs of every layer are
    the VGG's, times one number for the layer. Raises `WeightsError` if a
    convolution is missing.
    """
    names = layer_names(network_of(arrays) or 'vgg19')
    named = {f'{names[entry.number]}.{entry.kind}': array
             for entry, array in entries_of(arrays).items()}
    missing = [name for name in net.names if name.startswith('conv')
               and name + '.weight' not in named]
    if missing:
        raise WeightsError(f'there is no {missing[0]} in the weights to '
                           'start from: name another file')
    blocks, factor = iter(net.features), 1
    for name in net.names:
        block = next(blocks)
        if name.startswith('conv'):
            norm = next(blocks)
            block.weight.set_data(np.array(named[name + '.weight']))
            Y, bias = block(X), np.array(named[name + '.bias']) * factor
            deviation = _imitate(norm, Y, bias)
            X, factor = norm(Y), factor / deviation
        else:
            X = block(X)


def _imitate(norm, Y, bias):
    """Let batch normalisation add `bias` to Y and divide by one number,
    which is returned."""
    mean = Y.mean(axis=(0, 2, 3))
    var = Y.var(axis=(0, 2, 3))
    deviation = float(np.sqrt(var.mean()))
    norm.gamma.set_data(np.sqrt(var) / deviation)
    norm.beta.set_data((mean + bias) / deviation)
    norm.running_mean.set_data(mean)
    norm.running_var.set_data(var)
    return deviation
