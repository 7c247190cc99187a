"""`weights`: list, fetch and import the numbers of the networks."""

import os

DESCRIPTION = """Without an ACTION: list what there is, and where it came
from."""
NETWORKS = ('vgg19', 'vgg16')


def add_options(parser):
    actions = parser.add_subparsers(metavar='ACTION', dest='action')
    add = actions.add_parser
    add('list', help='what there is, and where it came from')
    add('fetch', help="download Gluon's ImageNet file into the cache"
        ).add_argument('network', metavar='NETWORK', choices=NETWORKS,
                       help=' or '.join(NETWORKS))
    add('import', help='take over an ImageNet file of Gluon, torchvision or '
        'MatConvNet').add_argument(
        'file', metavar='FILE', help='.params, .pth, .safetensors or .mat')


def run(args):
    from mxnet import npx
    npx.set_np()
    from .. import imagenet
    from ..bundled import bundled_file
    if args.action == 'fetch':
        imagenet.load_imagenet(args.network)
        print(_row(args.network, 'imagenet', imagenet.find))
    elif args.action == 'import':
        network, path = _import(args.file)
        print(_row(network, 'imagenet', lambda network: path))
    else:
        for network in NETWORKS:
            print(_row(network, 'bundled', bundled_file))
            print(_row(network, 'imagenet', imagenet.find))
    return 0


def _row(network, weights, find):
    """A line about the file that `find` names."""
    from ..errors import WeightsError
    from ..imagenet import source
    try:
        path = find(network)
    except WeightsError as e:
        return f'{network} {weights:9} {e}'
    if path is None:
        return (f'{network} {weights:9} not here: d2l-nst weights fetch '
                f'{network}, or d2l-nst weights import FILE')
    origin = source(path) and f', from {source(path)}'
    size = os.path.getsize(path) / 1e6
    return f'{network} {weights:9} {path}, {size:.1f} MB{origin or ""}'


def _import(path):
    """Take a file over into the cache, all of it checked. Returns its
    network and the path there."""
    import mxnet as mx
    from .. import imagenet
    from ..errors import WeightsError
    from ..vgg import VGG
    from ..weight_files import network_of, read_weights
    from ..weights import fill
    imagenet.check_published(path)
    arrays = read_weights(path)
    network = network_of(arrays)
    if network not in NETWORKS:
        raise WeightsError(f'{path} holds {network or "no whole VGG"}: bring '
                           f'a file of {" or ".join(NETWORKS)}')
    net = VGG(network, 'pool5')
    net.infer_shape(mx.np.zeros((1, 3, 32, 32)))
    fill(net, arrays, path)
    return network, imagenet.keep(arrays, network, os.path.abspath(path))
