"""What `train_in_pytorch.py` and `train_decoder_in_pytorch.py` take from this
package, and give back.

    python tools/pytorch_files.py features FEATURES.npz
    python tools/pytorch_files.py arrays NET.params NET.npz
    python tools/pytorch_files.py params NET.npz NET.params

The first writes the loss network and the weights of the losses, the second
what a training can start with, and the third makes of what was trained a file
for `d2l_nst paint`.
"""

import pathlib
import sys

import numpy as np

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
import d2l_nst  # noqa: E402  before MXNet
from mxnet import np as mxnp  # noqa: E402
from mxnet import npx  # noqa: E402
from mxnet.gluon import HybridBlock  # noqa: E402
from mxnet.gluon.nn import Activation  # noqa: E402


def features(path):
    """The loss network, and what `train` asks of it."""
    from d2l_nst.feedforward import decoder_loss
    from d2l_nst.feedforward.levels import LOUDNESS
    from d2l_nst.feedforward.records import DecoderSettings, Settings
    from d2l_nst.images import RGB_MEAN, RGB_STD
    npx.set_np()
    s = Settings()
    contents, styles = s.layers('content'), s.layers('style')
    net = d2l_nst.get_net('vgg16', [*contents, *styles], s.weights,
                          scaled=False)
    known = {f'{name}.{kind}': getattr(layer, kind).data().asnumpy()
             for name, layer in zip(net.names, net)
             if name.startswith('conv') for kind in ('weight', 'bias')}
    known.update({f'{name}.loudness': LOUDNESS.get(name, 1)
                  for name in net.names if name.startswith('conv')})
    np.savez(path, names=net.names, contents=list(contents),
             content_weights=list(contents.values()), styles=list(styles),
             style_weights=list(styles.values()), mean=RGB_MEAN, std=RGB_STD,
             weights=[s.content_weight, s.style_weight, s.light_weight,
                      s.tv_weight],
             decoder_weights=decoder_loss.weights_of(DecoderSettings()),
             **known)


def arrays(source, path):
    """What a training in PyTorch can start with, of a bundled name or of a
    .params file."""
    from d2l_nst.feedforward import network
    npx.set_np()
    net = network.load_network(source, kind=HybridBlock)
    known = {new: p.data().asnumpy() for new, p in named(net)}
    if 'last.weight' in known:
        known['last.weight'] = turned(known['last.weight'])
        known['styles'] = net.settings['styles']
    np.savez(path, **known)


def params(source, path):
    """The .params file of what was trained."""
    from d2l_nst.feedforward import encoder, network
    from d2l_nst.feedforward.decoder import Decoder
    npx.set_np()
    known = dict(np.load(source))
    if 'styles' in known:
        net = network.new_network(styles=list(map(str, known['styles'])))
        known['last.weight'] = turned(known['last.weight'])
    else:
        net = network.new_network(
            kind=Decoder, encoder=encoder.get_encoder('relu3_1').identity)
    for name, p in named(net):
        p.set_data(mxnp.array(known[name]))
    network.save_network(net, path)


def named(net):
    """The parameters of a network, each with the name that it has in
    PyTorch."""
    from d2l_nst import checkpoint
    for name, p in checkpoint.parameters(net).items():
        level, *rest = name.split('.')
        if level in getattr(net, 'levels', ()):
            place, kind = rest
            layers = [i for i, layer in enumerate(getattr(net, level))
                      if not isinstance(layer, Activation)]
            name = f'layers.{level}.{layers.index(int(place))}.{kind}'
        yield name, p


def turned(kernels):
    """Those of a transposed convolution for a plain one, and back."""
    return np.ascontiguousarray(
        kernels.transpose(1, 0, 2, 3)[:, :, ::-1, ::-1])


if __name__ == '__main__':
    {'features': features, 'arrays': arrays,
     'params': params}[sys.argv[1]](*sys.argv[2:])
