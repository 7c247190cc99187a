"""What a pixel costs, from small pictures to large ones, whole and in tiles.

For each size the loss and the gradient of recipe quick are computed a few
times in a process of its own (peak memory is a high-water mark). Printed are
the microseconds of the processor for a pixel and epoch, which other
programs disturb less than those of the clock, and the peak memory; the
ratios are to the first size, whole. Pictures of more than three million
pixels are seen in tiles alone. `--plot FILE` draws the costs (aims: at most
1.3 times whole, 2.0 in tiles).

    python benchmarks/scale.py [--tile N] [--plot FILE.png] [WxH ...]
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time

import d2l_nst  # before MXNet, which then uses all cores

EPOCHS = 2
SIZES = '225x150', '450x300', '900x600', '1800x1200', '3840x2160'
WHOLE = 3e6    # pixels at most of what is seen whole
IMG = os.path.join(os.path.dirname(__file__), '..', 'img')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('sizes', nargs='*', default=SIZES)
    parser.add_argument('--tile', type=int, default=512)
    parser.add_argument('--plot')
    parser.add_argument('--one', action='store_true')
    args = parser.parse_args()
    if args.one:
        return one(args.sizes[0], args.tile)
    rows = []
    for size in args.sizes:
        for tile in (0, args.tile)[pixels(size) > WHOLE:]:
            costs = json.loads(subprocess.check_output(
                [sys.executable, __file__, '--one', size, '--tile',
                 str(tile)]))
            rows.append((pixels(size), tile, *costs))
            print(f'{size} {f"tiles of {tile}" if tile else "whole":12s} '
                  f'{costs[0]:6.2f} us a pixel and epoch, ratio '
                  f'{costs[0] / rows[0][2]:.2f}, {costs[1]:6.0f} MB at the '
                  'peak', flush=True)
    if args.plot:
        plot(rows, args.plot)


def pixels(size):
    width, height = map(int, size.split('x'))
    return width * height


def one(size, tile):
    """Microseconds a pixel and epoch, and peak memory in MB, as JSON."""
    from mxnet import npx
    npx.set_np()
    from d2l_nst.engine import optimisers, tiles
    recipe = d2l_nst.get_recipe('quick')
    net = d2l_nst.get_net(recipe.network, recipe.layers, padding='edge',
                          pooling=recipe.pooling, precision=recipe.precision)
    X, style_X = (d2l_nst.preprocess(
        d2l_nst.read_image(os.path.join(IMG, name)),
        tuple(map(int, size.split('x'))))
        for name in ('mountain.jpg', 'autumn-oak.jpg'))
    make = tiles.make_tiled if tile else d2l_nst.make_objective
    objective = make(recipe, net, X, X, style_X, *([tile] if tile else ()))
    X.attach_grad()
    optimisers.evaluate(X, objective)    # the first one allocates
    X.grad.wait_to_read()
    start = time.process_time()
    for _ in range(EPOCHS):
        optimisers.evaluate(X, objective)
        X.grad.wait_to_read()
    seconds = (time.process_time() - start) / EPOCHS
    print(json.dumps([
        1e6 * seconds / pixels(size),
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


def plot(rows, path):
    """Costs over sizes, whole and in tiles."""
    from matplotlib import pyplot as plt
    figure, axes = plt.subplots(figsize=(6, 3.5))
    for tile in dict.fromkeys(row[1] for row in rows):
        ours = [row for row in rows if row[1] == tile]
        axes.plot([row[0] / 1e6 for row in ours], [row[2] for row in ours],
                  'o-', label=f'in tiles of {tile}' if tile else 'whole')
    axes.set_xscale('log')
    axes.set_ylim(0)
    axes.set_xlabel('million pixels')
    axes.set_ylabel('processor, us a pixel and epoch')
    axes.legend()
    figure.savefig(path, dpi=100, bbox_inches='tight')


if __name__ == '__main__':
    main()
