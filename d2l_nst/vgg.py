"""VGG-16 and VGG-19 by layer name, cut after the last layer needed."""

import mxnet as mx
from mxnet.gluon import nn
from mxnet.gluon.model_zoo import vision

from .errors import NSTError
from .weights import DEFAULT, last_layer, load_weights, pooling_for

# Convolutions in each of the five blocks, Simonyan and Zisserman 2015
BLOCKS = {'vgg16': (2, 2, 3, 3, 3), 'vgg19': (2, 2, 4, 4, 4)}
CONTENT_LAYERS = ('conv4_4',)
STYLE_LAYERS = ('conv1_1', 'conv2_1', 'conv3_1', 'conv4_1', 'conv5_1')


def layer_names(network='vgg19'):
    """Names of `vision.vgg19().features` in order, poolings included.

    `conv4_4` is a convolution's output before its ReLU, `relu4_4` after
    it, `pool4` the pooling that ends block 4.
    """
    if network not in BLOCKS:
        raise NSTError(f'unknown network {network}: choose one of '
                       f'{", ".join(BLOCKS)}')
    names = []
    for block, depth in enumerate(BLOCKS[network], 1):
        for i in range(1, depth + 1):
            names += [f'conv{block}_{i}', f'relu{block}_{i}']
        names.append(f'pool{block}')
    return names


def layer_index(layer, network='vgg19'):
    """Index in Gluon's `features` of a layer given by name or index."""
    names = layer_names(network)
    if layer in names:
        return names.index(layer)
    if str(layer).isdigit() and int(layer) < len(names):
        return int(layer)
    raise NSTError(f'{network} has no layer {layer}: choose one of '
                   f'{", ".join(names)} or an index below {len(names)}')


class VGG(nn.HybridSequential):
    """The first layers of a VGG network, frozen.

    `net[i]` is Gluon's `features[i]`; `names[i]` is its name. `pooling`
    is 'max', or 'average' for smoother pictures.
    """

    def __init__(self, network='vgg19', last='conv5_1', pooling='max'):
        super().__init__()
        stop = layer_index(last, network) + 1
        self.network, self.names = network, layer_names(network)[:stop]
        features = getattr(vision, network)().features
        for i, name in enumerate(self.names):
            averaged = pooling == 'average' and name.startswith('pool')
            self.add(nn.AvgPool2D(2, 2) if averaged else features[i])
        self.collect_params().setattr('grad_req', 'null')


def get_net(network='vgg19', layers=None, weights=DEFAULT, ctx=None, seed=1,
            pooling=None):
    """A frozen, initialised `VGG` that ends with the last of `layers`, by
    default the chapter's for style as far as the weights reach.

    `weights` and `seed` are those of `weights.load_weights`, `ctx` is the
    device; `pooling`, 'max' or 'average', is what the weights were made
    for unless it is given. Raises `NSTError` for an unknown network or
    layer, and `WeightsError`.
    """
    def index(layer):
        return layer_index(layer, network)

    last = max(layers or STYLE_LAYERS, key=index)
    if layers is None:
        last = min(last, last_layer(network, weights) or last, key=index)
    net = VGG(network, last, pooling or pooling_for(weights))
    load_weights(net, weights, seed)
    net.collect_params().reset_ctx(ctx or mx.cpu())
    return net


def extract_features(X, net, content_layers=CONTENT_LAYERS,
                     style_layers=STYLE_LAYERS):
    """Outputs of the named layers for pictures X, (1, 3, H, W).

    `net`: a `VGG`, or any sequence of blocks where layers are given by
    index. Returns two lists, contents and styles, in the order of the
    layers given, each entry (1, C, h, w).
    """
    network = getattr(net, 'network', 'vgg19')
    contents = [layer_index(layer, network) for layer in content_layers]
    styles = [layer_index(layer, network) for layer in style_layers]
    outputs = {}
    for i in range(max(contents + styles) + 1):
        X = net[i](X)
        if i in contents or i in styles:
            outputs[i] = X
    return [outputs[i] for i in contents], [outputs[i] for i in styles]
