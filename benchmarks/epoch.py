"""One epoch of the package against PyTorch, its chapter and a plain loop.

Each variant runs in a process of its own (peak memory is a high-water
mark), several times in turn: the package with large pages of memory, as its
commands have them, PyTorch as it comes and with large pages too. Printed are
the least seconds of an epoch, the peak memory, and their ratios to those of
PyTorch (aim: at most 0.85) and of the plain loop, which computes the network's
own gradients too (aims: at most 0.70 and 1.00). `convolutions` are those of
the package's epoch alone, forward and back: what no epoch can go below while
MXNet and PyTorch have the same ones, oneDNN's. All have the same network, of
random filters. With OMP_NUM_THREADS=1 seconds are those of the processor,
which other programs change less.

    python benchmarks/epoch.py [WxH ...] [--recipes book quick]
        [--rounds 3] [--torch PYTHON]

PYTHON is one that has torch; without one PyTorch is left out.
"""

import argparse
import itertools
import json
import os
import resource
import subprocess
import sys
import time

import d2l_nst  # before MXNet: then all variants use all cores
from d2l_nst import cores

EPOCHS = 4
HERE = os.path.dirname(os.path.abspath(__file__))
IMG = os.path.join(HERE, '..', 'img')
# Before a command: the memory that it has
LARGE = ['env', f'{cores.TUNABLES}={cores.LARGE_PAGES}']
MEMORY = {'as it comes': ['env', '-u', cores.TUNABLES],
          'with large pages': LARGE}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('sizes', nargs='*', metavar='WxH',
                        default=['225x150', '450x300', '900x600'])
    parser.add_argument('--recipes', nargs='+', default=['book', 'quick'])
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--torch', metavar='PYTHON', default=sys.executable)
    args = parser.parse_args()
    if not cores.has_bfloat16():
        print('This processor has no bfloat16: those lines are left out.')
    for recipe, size in itertools.product(args.recipes, args.sizes):
        best = measure(commands(recipe, size, args.torch), args.rounds)
        for name, (seconds, memory) in best.items():
            ratios = ', '.join(
                f'{seconds / best[other][0]:.2f} and '
                f'{memory / best[other][1]:.2f} of {other}'
                for other in rivals(name, best))
            print(f'{recipe} {size} {name}: {seconds:.3f} s, '
                  f'{memory:.0f} MB' + ('; ' + ratios if ratios else ''),
                  flush=True)


def rivals(name, best):
    """PyTorch's faster order in the same precision, with either memory, and
    the plain loop."""
    if not name.startswith('PyTorch'):
        precision = 'bfloat16' if 'bfloat16' in name else 'float32'
        for memory in MEMORY:
            orders = [other for other in best if other.startswith(
                f'PyTorch {precision} {memory}')]
            if orders:
                yield min(orders, key=best.get)
        if 'plain' in best and name != 'plain':
            yield 'plain'


def commands(recipe, size, torch):
    """{variant: its command}."""
    precisions = ['float32'] + ['bfloat16'] * cores.has_bfloat16()
    found = {f'{variant} {precision}': [
        *LARGE, sys.executable, __file__, '--one', variant, recipe, size,
        precision]
        for variant in ('package', 'convolutions')
        for precision in precisions}
    if has_torch(torch):
        found.update({f'PyTorch {precision} {name} channels {order}': [
            *memory, torch, os.path.join(HERE, '_epoch_in_pytorch.py'),
            recipe, size, order, precision]
            for precision in precisions for name, memory in MEMORY.items()
            for order in ('first', 'last')})
    if recipe == 'book':
        found.update({variant: [*LARGE, sys.executable, __file__, '--one',
                                variant, recipe, size, 'float32']
                      for variant in ('chapter', 'plain')})
    return found


def has_torch(python):
    return not subprocess.run([python, '-c', 'import torch'],
                              capture_output=True).returncode


def measure(variants, rounds):
    """{variant: least seconds and memory}, each run in turn."""
    runs = {name: [] for name in variants}
    for _ in range(rounds):
        for name, command in variants.items():
            runs[name].append(json.loads(subprocess.check_output(
                command, stderr=subprocess.DEVNULL)))
    return {name: list(map(min, zip(*results)))
            for name, results in runs.items()}


def one(variant, recipe, size, precision):
    """Seconds of an epoch and peak memory in MB, as JSON."""
    from mxnet import npx
    npx.set_np()
    clock = (time.process_time if os.environ['OMP_NUM_THREADS'] == '1'
             else time.perf_counter)
    ends, recipe = [], d2l_nst.get_recipe(recipe, precision=precision)
    VARIANTS[variant](recipe, tuple(int(n) + 2 * recipe.margin
                                    for n in size.split('x')),
                      lambda: ends.append(clock()))
    # The first epoch allocates
    seconds = min(b - a for a, b in zip(ends, ends[1:]))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([seconds, memory]))


def setting(recipe, shape):
    pictures = (d2l_nst.preprocess(d2l_nst.read_image(
        os.path.join(IMG, name)), shape)
        for name in ('mountain.jpg', 'autumn-oak.jpg'))
    net = d2l_nst.get_net('vgg19', recipe.layers, 'random',
                          pooling=recipe.pooling or 'max',
                          padding=recipe.padding, precision=recipe.precision)
    return (net, *pictures)


def features(net, content_X, style_X):
    return (d2l_nst.extract_features(content_X, net)[0],
            d2l_nst.extract_features(style_X, net)[1])


def plain(recipe, shape, tick):
    import chapter
    net, X, style_X = setting(recipe, shape)
    contents_Y, styles_Y = features(net, X, style_X)
    net.collect_params().setattr('grad_req', 'write')
    epochs = chapter.epochs(X, contents_Y, list(map(d2l_nst.gram, styles_Y)),
                            net)
    for _ in itertools.islice(epochs, EPOCHS + 1):
        tick()


def of_chapter(recipe, shape, tick):
    net, X, style_X = setting(recipe, shape)
    d2l_nst.train(X, *features(net, X, style_X), net, X.ctx, 0.01,
                  EPOCHS + 1, 200, lambda step: tick())


def package(recipe, shape, tick):
    net, X, style_X = setting(recipe, shape)
    objective = d2l_nst.make_objective(recipe, net, X, X, style_X)
    X, _, trainer = d2l_nst.get_inits(X, X.ctx, 0.01, [])
    d2l_nst.optimise(X, objective, trainer, EPOCHS + 1,
                     lambda step: tick())


def convolutions(recipe, shape, tick):
    from mxnet import nd
    net, X, style_X = setting(recipe, shape)
    objective = d2l_nst.make_objective(recipe, net, X, X, style_X)
    A, each = X.as_nd_ndarray(), []
    for stretch in objective.stretches:
        Y = stretch.forward(A)
        if stretch.convolution:
            each.append((stretch.convolution, A, Y))
        A = stretch.at(stretch.end, Y)
    for _ in range(EPOCHS + 1):
        for convolution, A, Y in each:
            convolution.forward(A)
            convolution.back(Y)
        nd.waitall()
        tick()


VARIANTS = {'plain': plain, 'chapter': of_chapter, 'package': package,
            'convolutions': convolutions}

if __name__ == '__main__':
    if sys.argv[1:2] == ['--one']:
        one(*sys.argv[2:])
    else:
        main()
