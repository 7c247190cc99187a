"""What `train_in_pytorch.py` takes from this package, and gives back.

    python tools/pytorch_files.py features FEATURES.npz
    python tools/pytorch_files.py params NET.npz NET.params

The first writes the loss network and the weights of the losses, the second
makes of what was trained a file for `d2l_nst paint`.
"""

import pathlib
import sys

import numpy as np
from mxnet import np as mxnp
from mxnet import npx

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))


def features(path):
    """The loss network, and what `train` asks of it."""
    import d2l_nst
    from d2l_nst.feedforward.records import Settings
    from d2l_nst.images import RGB_MEAN, RGB_STD
    npx.set_np()
    s = Settings()
    contents, styles = s.layers('content'), s.layers('style')
    net = d2l_nst.get_net('vgg16', [*contents, *styles], s.weights,
                          scaled=False)
    arrays = {f'{name}.{kind}': getattr(layer, kind).data().asnumpy()
              for name, layer in zip(net.names, net)
              if name.startswith('conv') for kind in ('weight', 'bias')}
    np.savez(path, names=net.names, contents=list(contents),
             content_weights=list(contents.values()), styles=list(styles),
             style_weights=list(styles.values()), mean=RGB_MEAN, std=RGB_STD,
             weights=[s.content_weight, s.style_weight, s.light_weight,
                      s.tv_weight], **arrays)


def params(source, path):
    """The .params file of what `train` has saved."""
    from d2l_nst import checkpoint
    from d2l_nst.feedforward import network
    npx.set_np()
    arrays = dict(np.load(source))
    net = network.new_network(styles=[str(n) for n in arrays.pop('styles')])
    turned = arrays['last.weight'].transpose(1, 0, 2, 3)[:, :, ::-1, ::-1]
    arrays['last.weight'] = np.ascontiguousarray(turned)
    for name, p in checkpoint.parameters(net).items():
        p.set_data(mxnp.array(arrays[name]))
    network.save_network(net, path)


if __name__ == '__main__':
    {'features': features, 'params': params}[sys.argv[1]](*sys.argv[2:])
