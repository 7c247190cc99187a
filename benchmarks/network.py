"""Painting and a training step of `nine-styles`, beside PyTorch's.

The same network with the same numbers, in processes of their own, several
times in turn: the package with large pages of memory, as its commands have
them, and PyTorch in both orders of channels, as it comes and with large pages
too. Printed are the least seconds, the peak memory, and the ratio of the
seconds to those of PyTorch's better order (aim: at most 0.85). A training
step is that of the network alone, forward, backward and Adam. With
OMP_NUM_THREADS=1 seconds are those of the processor.

    python benchmarks/network.py [256 512 ...] [--batch 4] [--rounds 2]
        [--torch PYTHON]

PYTHON is one that has torch and NumPy; without one there is no comparison.
"""

import argparse
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile

import numpy as onp
from epoch import HERE, LARGE, MEMORY, has_torch

from d2l_nst import cores


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('sizes', nargs='*', type=int, default=[256, 512])
    parser.add_argument('--batch', type=int, default=4)
    parser.add_argument('--rounds', type=int, default=2)
    parser.add_argument('--torch', metavar='PYTHON', default=sys.executable)
    args = parser.parse_args()
    if not has_torch(args.torch):
        print('PyTorch is not installed: the package alone')
        args.torch = ''
    precisions = ['float32'] + ['bfloat16'] * cores.has_bfloat16()
    for size, what, precision in itertools.product(
            args.sizes, ('painting', 'training'), precisions):
        with tempfile.TemporaryDirectory() as folder:
            compare(os.path.join(folder, 'net.npz'), size, what, precision,
                    args)


def compare(path, size, what, precision, args):
    """One line for each that is timed."""
    job = [path, what, precision]
    write(path, size, args.batch)
    ways = {'package': [*LARGE, sys.executable, __file__, '--one', *job]}
    for name, memory in MEMORY.items():
        for order in ('first', 'last') if args.torch else ():
            ways[name, order] = [*memory, args.torch, os.path.join(
                HERE, '_network_in_pytorch.py'), *job, order]
    found = {way: [] for way in ways}
    for _, way in itertools.product(range(args.rounds), ways):
        found[way].append(json.loads(subprocess.check_output(
            ways[way], stderr=subprocess.DEVNULL)))
    best = {way: list(map(min, zip(*each))) for way, each in found.items()}
    seconds, memory, *_ = best.pop('package')
    print(f'{what} {size}x{size} {precision}: {seconds:.3f} s, '
          f'{memory:.0f} MB', flush=True)
    for (name, order), (theirs, memory, difference) in best.items():
        print(f'    PyTorch {name}, channels {order}: {theirs:.3f} s, '
              f'{memory:.0f} MB, paints the same to {difference:.3f} of 255;'
              f' ratio {seconds / theirs:.2f}', flush=True)


def write(path, size, batch):
    """What PyTorch is given: numbers, pictures, and their paintings."""
    import mxnet as mx
    from mxnet import npx

    from d2l_nst import checkpoint
    from d2l_nst.feedforward import blocks
    npx.set_np()
    net, X = network(), onp.random.RandomState(1).uniform(
        0, 255, (batch, 3, size, size)).astype('float32')
    onp.savez(path, X=X, Y=net.painted(mx.np.array(X)).asnumpy(),
              chosen=net.chosen, epsilon=blocks.EPSILON,
              loudest=blocks.LOUDEST,
              **{name: p.data().asnumpy()
                 for name, p in checkpoint.parameters(net).items()})


def network():
    from d2l_nst.feedforward.network import load_network
    net = load_network('nine-styles')
    return net.choose(net.settings['styles'][:1])


def one(path, what, precision):
    """Seconds and peak memory in MB of the package, as JSON."""
    import mxnet as mx
    from _seconds import seconds
    from mxnet import autograd, gluon, npx

    from d2l_nst.feedforward import training
    npx.set_np()
    net, X = network(), mx.np.array(onp.load(path)['X'])
    net.compute_in(precision)
    training.train_in(precision, net)
    net.collect_params().setattr('grad_req', 'write')
    trainer = gluon.Trainer(net.collect_params(), 'adam')

    def step():
        with autograd.record():
            l = net.painted(X).mean()
        l.backward()
        trainer.step(1)
        mx.nd.waitall()

    if what == 'training':
        with cores.kept_memory():
            least = seconds(step)
    else:
        least = seconds(lambda: net.painted(X).wait_to_read())
    print(json.dumps([least, resource.getrusage(
        resource.RUSAGE_SELF).ru_maxrss / 1024]))


if __name__ == '__main__':
    if sys.argv[1:2] == ['--one']:
        one(*sys.argv[2:])
    else:
        main()
