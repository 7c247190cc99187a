"""One epoch of the package against a plain loop, and against its chapter.

Each variant runs in a process of its own (peak memory is a high-water
mark), at 225x150 and at 900x600, several times in turn; printed are the
median seconds of an epoch, the peak memory, and their ratios to those of
the plain loop, which computes the network's own gradients too (aims: at
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
        runs = {variant: [] for variant in VARIANTS}
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
                                            medians[variant])]
            print(f'    ratio: time {ratios[0]:.2f}, memory '
                  f'{ratios[1]:.2f}', flush=True)


def one(variant, size):
    """Seconds of an epoch and peak memory in MB, as JSON."""
    from mxnet import npx
    npx.set_np()
    shape = tuple(map(int, size.split('x')))
    ends = []
    VARIANTS[variant](
        shape, lambda: ends.append(time.perf_counter()))
    # The first epoch allocates
    seconds = (ends[EPOCHS] - ends[0]) / EPOCHS
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([seconds, memory]))


def setting(shape):
    pictures = (d2l_nst.preprocess(d2l_nst.read_image(
        os.path.join(IMG, name)), shape)
        for name in ('mountain.jpg', 'autumn-oak.jpg'))
    return (d2l_nst.get_net(), *pictures)


def features(net, content_X, style_X):
    return (d2l_nst.extract_features(content_X, net)[0],
            d2l_nst.extract_features(style_X, net)[1])


def plain(shape, tick):
    import chapter
    net, X, style_X = setting(shape)
    contents_Y, styles_Y = features(net, X, style_X)
    net.collect_params().setattr('grad_req', 'write')
    epochs = chapter.epochs(X, contents_Y, list(map(d2l_nst.gram, styles_Y)),
                            net)
    for _ in itertools.islice(epochs, EPOCHS + 1):
        tick()


def of_chapter(shape, tick):
    net, X, style_X = setting(shape)
    d2l_nst.train(X, *features(net, X, style_X), net, X.ctx, 0.01,
                  EPOCHS + 1, 200, lambda step: tick())


def package(shape, tick):
    net, X, style_X = setting(shape)
    objective = d2l_nst.make_objective(d2l_nst.get_recipe('book'), net, X, X,
                                       style_X)
    X, _, trainer = d2l_nst.get_inits(X, X.ctx, 0.01, [])
    d2l_nst.optimise(X, objective, trainer, EPOCHS + 1,
                     lambda step: tick())


VARIANTS = {'plain': plain, 'chapter': of_chapter, 'package': package}

if __name__ == '__main__':
    if sys.argv[1:2] == ['--one']:
        one(*sys.argv[2:])
    else:
        main()
