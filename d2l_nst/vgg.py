"""VGG-16 and VGG-19 by layer name, cut after the last layer needed."""

from typing import Any, Optional, Sequence, Tuple, Union

import mxnet as mx
from mxnet.gluon import nn
from mxnet.gluon.model_zoo import vision

from .kinds import Array, Path
from .layers import STYLE_LAYERS, layer_index, layer_names
from .precision import choose_precision
from .terms.arrays import BFLOAT16
from .weights import DEFAULT, find_weights, load_weights, within_reach
from .weights.record import Weights


class Convolution(nn.Conv2D):
    """A 3 x 3 convolution with another border, or with shorter numbers.

    `padding` 'edge' repeats the picture's edge where the networks have
    zeros: zeros look like a dark frame to the layers, and a frame is then
    painted along the border. `precision` 'bfloat16' multiplies with 8
    significant bits and adds with 24, which some processors that can
    (`cores.has_bfloat16`) do twice as fast (`precision.bfloat16_pays`).
    """

    def __init__(self, channels: int, padding: str, precision: str,
                 inputs: int = 0, **options: Any):
        super().__init__(channels, 3, in_channels=inputs, **options)
        self.edge, self.short = padding == 'edge', precision == 'bfloat16'

    def hybrid_forward(self, F: Any, x: Array, weight: Array,
                       bias: Optional[Array] = None) -> Array:
        F = mx.sym if isinstance(x, mx.sym.Symbol) else mx.nd
        arrays = [A.as_nd_ndarray() for A in (x, weight, bias)
                  if A is not None]
        if self.edge:
            arrays[0] = F.pad(arrays[0], mode='edge',
                              pad_width=(0, 0, 0, 0, 1, 1, 1, 1))
        if self.short:
            arrays = [F.amp_cast(A, dtype=BFLOAT16) for A in arrays]
        Y = F.Convolution(*arrays, kernel=(3, 3), num_filter=self._channels,
                          pad=(0, 0) if self.edge else (1, 1),
                          no_bias=bias is None)
        if self.short:
            Y = F.amp_cast(Y, dtype='float32')
        return Y.as_np_ndarray()


class VGG(nn.HybridSequential):
    """The first layers of a VGG network, frozen.

    `net[i]` is Gluon's `features[i]`; `names[i]` is its name. `pooling`
    is 'max', or 'average' for smoother pictures; `padding` is 'zeros', as
    the networks were trained, or 'edge', `precision` 'float32' or
    'bfloat16' (`Convolution`). Once it is filled,
    `source` tells where its numbers came from (`Weights`, without arrays),
    and `unchanging` holds the indices of layers that change nothing (see
    `weights.record.deeper`).
    """

    @mx.util.use_np    # in any thread
    def __init__(self, network: str = 'vgg19', last: str = 'conv5_1',
                 pooling: str = 'max', padding: str = 'zeros',
                 precision: str = 'float32'):
        super().__init__()
        stop = layer_index(last, network) + 1
        self.network, self.names = network, layer_names(network)[:stop]
        features = getattr(vision, network)().features
        for layer, name in zip(features, self.names):
            if name.startswith('pool') and pooling == 'average':
                layer = nn.AvgPool2D(2, 2)
            elif name.startswith('conv') and (
                    padding, precision) != ('zeros', 'float32'):
                layer = Convolution(layer._channels, padding, precision)
            self.add(layer)
        self.source: Optional[Weights] = None
        self.unchanging: Tuple[int, ...] = ()
        self.collect_params().setattr('grad_req', 'null')

    @mx.util.use_np
    def forward(self, X: Array) -> Array:
        return super().forward(X)


@mx.util.use_np    # in any thread
def get_net(network: str = 'vgg19', layers: Optional[Sequence[str]] = None,
            weights: Union[Path, Weights] = DEFAULT, ctx: Any = None,
            seed: int = 1, pooling: Optional[str] = None, scaled: bool = True,
            padding: str = 'zeros', precision: str = 'float32') -> VGG:
    """A frozen, initialised `VGG` that ends with the last of `layers`, by
    default the chapter's for style as far as the weights reach.

    `weights`, `seed` and `scaled` are those of `weights.load_weights`,
    `ctx` is the device; `pooling`, 'max' or 'average', is what the weights
    were made for unless it is given; `padding` and `precision` as in
    `VGG`, and 'auto' is the faster one. Where
    weights 'auto' end before a layer, the nearest that they reach is taken
    (`weights.within_reach`).
    Raises `NSTError` for an unknown network or layer, and `WeightsError`.
    """
    def index(layer):
        return layer_index(layer, network)

    last = max(layers or STYLE_LAYERS, key=index)
    found = find_weights(weights, network)
    if layers is None:
        last = min(last, found.last or last, key=index)
    elif weights == 'auto':
        last = within_reach(last, found, network)
    ctx = ctx or mx.cpu()
    net = VGG(network, last, pooling or found.pooling, padding,
              choose_precision(precision, ctx))
    load_weights(net, found, seed, scaled)
    net.collect_params().reset_ctx(ctx)
    return net
