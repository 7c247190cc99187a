"""Does a strength mean the same look at every size?

Four pairs, painted by `quick` at several strengths and on the areas of two
sizes. Printed of each: the style residual (`d2l_nst.measures`: 1 for the
photograph itself, 0 for the style's statistics) at both sizes, averaged over
the layers that `quick` listens to, and how far the two lie apart, relative
to the photograph's own.

    python benchmarks/strength.py [--sizes 225x150 900x600]
        [--strengths 0.25 0.5 0.75] [--pairs mountain:autumn-oak ...]

Paintings are kept in benchmarks/out/strength and made again only where the
recipe has changed.
"""

import argparse
import os

import d2l_nst
import numpy as np
from mxnet import npx
from pictures import painted, picture

from d2l_nst import measures
from d2l_nst.recipes import get_recipe

OUT = os.path.join(os.path.dirname(__file__), 'out', 'strength')
PAIRS = ('mountain:autumn-oak', 'canal-town:night-harbour',
         'sunflowers:sunrise-glass', 'astronaut:great-wave-woodcut')


def main():
    args = arguments()
    npx.set_np()
    layers = [layer.name for layer in get_recipe('quick').style_layers]
    net = d2l_nst.get_net(layers=layers, weights='hed')
    print('strength'.ljust(50) + ''.join(f'{size:>10s}' for size in
                                         args.sizes) + '     apart')
    for pair in args.pairs:
        for strength in args.strengths:
            left = [residual(*pair.split(':'), strength, size, net, layers)
                    for size in args.sizes]
            print(f'{pair} at {strength}'.ljust(50) + ''.join(
                f'{value:10.3f}' for value in left + [np.ptp(left)]),
                flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--sizes', nargs='+', default=['225x150', '900x600'])
    parser.add_argument('--strengths', nargs='+', type=float,
                        default=[0.25, 0.5, 0.75])
    parser.add_argument('--pairs', nargs='+', default=PAIRS)
    return parser.parse_args()


def residual(content, style, strength, size, net, layers):
    path = os.path.join(OUT, f'{content}-{style}-{strength}-{size}')
    painted(path, content, style, get_recipe('quick', strength=strength),
            size)
    return np.mean(list(measures.style_residuals(
        d2l_nst.read_image(path + '.png'), picture(content), picture(style),
        net, layers).values()))


if __name__ == '__main__':
    main()
