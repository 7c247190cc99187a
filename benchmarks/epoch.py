"""One epoch of the package against the chapter's plain loop.

Each variant runs in a process of its own (peak memory is a high-water
mark), at 225x150 and at 900x600, several times in turn; printed are the
median seconds of an epoch, the peak memory, and their ratios (aims: at
most 0.70 and 1.00).

    python benchmarks/epoch.py [WxH ...]
"""

import itertools
import json
import os
import resource
import statistics
import subprocess
import sys
import time

import d2l_nst  # before MXNet: then both variants use all cores

ROUNDS, EPOCHS = 3, 4
IMG = os.path.join(os.path.dirname(__file__), '..', 'img')


def main():
    sizes = sys.argv[1:] or ['225x150', '900x600']
    for size in sizes:
        runs = {'plain': [], 'package': []}
        for _ in range(ROUNDS):
            for variant, results in runs.items():
                results.append(json.loads(subprocess.check_output(
                    [sys.executable, __file__, '--one', variant, size])))
        medians = {variant: [statistics.median(values)
                             for values in zip(*results)]
                   for variant, results in runs.items()}
        for variant, (seconds, memory) in medians.items():
            print(f'{size} {variant:8s} {seconds:7.3f} s an epoch, '
                  f'{memory:6.0f} MB at the peak')
        ratios = [b / a for a, b in zip(medians['plain'],
                                        medians['package'])]
        print(f'{size} ratio    time {ratios[0]:.2f}, memory '
              f'{ratios[1]:.2f}', flush=True)


def one(variant, size):
    """Seconds of an epoch and peak memory in MB, as JSON."""
    from mxnet import npx
    npx.set_np()
    shape = tuple(map(int, size.split('x')))
    ends = []
    {'plain': plain, 'package': package}[variant](
        shape, lambda: ends.append(time.perf_counter()))
    # The first epoch allocates
    seconds = (ends[EPOCHS] - ends[0]) / EPOCHS
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([seconds, memory]))


def setting(shape):
    net = d2l_nst.get_net()
    X, contents_Y = d2l_nst.get_contents(
        d2l_nst.read_image(os.path.join(IMG, 'mountain.jpg')), shape, net)
    _, styles_Y = d2l_nst.get_styles(
        d2l_nst.read_image(os.path.join(IMG, 'autumn-oak.jpg')), shape, net)
    return net, X, contents_Y, [d2l_nst.gram(Y) for Y in styles_Y]


def plain(shape, tick):
    import chapter
    net, X, contents_Y, grams_Y = setting(shape)
    net.collect_params().setattr('grad_req', 'write')
    for _ in itertools.islice(chapter.epochs(X, contents_Y, grams_Y, net),
                              EPOCHS + 1):
        tick()


def package(shape, tick):
    net, X, contents_Y, grams_Y = setting(shape)
    X, _, trainer = d2l_nst.get_inits(X, X.ctx, 0.01, [])
    objective = d2l_nst.Objective(net, contents_Y, grams_Y)
    d2l_nst.optimise(X, objective, trainer, EPOCHS + 1,
                     lambda step: tick())


if __name__ == '__main__':
    if sys.argv[1:2] == ['--one']:
        one(*sys.argv[2:])
    else:
        main()
