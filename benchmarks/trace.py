"""Loss against seconds: `quick`'s way downhill beside others, on its losses.

All ways begin with the same picture, the photograph in the painting's colours,
and minimise the same objective, that of recipe `quick` at one size: `quick`
itself, which comes from two smaller sizes; its optimiser at this size alone;
scipy's L-BFGS-B on pixels; the book's Adam, and Adam with ten times its
learning rate; and PyTorch's L-BFGS with its line search, where PyTorch is
installed beside MXNet: MXNet computes loss and gradient for it too. What it
takes to look at the pictures first is not counted. Printed are the seconds
after which each way has come to the loss with which `quick` ends.

    python benchmarks/trace.py [--size 450x300] [--seconds 40] [--plot FILE]
"""

import argparse
import contextlib
import dataclasses
import itertools
import os
from unittest import mock

import d2l_nst  # before MXNet: then it uses all cores
import numpy as onp
from mxnet import np, npx

from d2l_nst.engine import optimisers, stages
from d2l_nst.recipes import Stage, get_recipe

IMG = os.path.join(os.path.dirname(__file__), '..', 'img')
PIXELS = {'smoothness': 0, 'tolerance': 0}
WAYS = {
    'its optimiser, one size': {'tolerance': 0},
    'L-BFGS-B on pixels': PIXELS,
    "the book's Adam": {**PIXELS, 'optimiser': 'adam', 'lr': 0.01},
    'Adam, 0.1': {**PIXELS, 'optimiser': 'adam', 'lr': 0.1}}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--size', default='450x300')
    parser.add_argument('--seconds', type=float, default=40)
    parser.add_argument('--plot', metavar='FILE')
    args = parser.parse_args()
    npx.set_np()
    shape = tuple(map(int, args.size.split('x')))
    curves = {'quick': whole(shape)}
    for name, changes in WAYS.items():
        curves[name] = trace(shape, args.seconds, **changes)
    with contextlib.suppress(ImportError), mock.patch.object(
            stages, 'optimise', by_torch()):
        curves["PyTorch's L-BFGS"] = trace(shape, args.seconds, **PIXELS)
    report(curves)
    if args.plot:
        plot(curves, args)


def paint(shape, recipe, **changes):
    return d2l_nst.style_transfer(
        *(os.path.join(IMG, name) for name in (
            'mountain.jpg', 'autumn-oak.jpg')), recipe, shape, **changes)


def whole(shape):
    """(seconds, losses) of `quick` in its last size; the seconds of the
    other sizes come before."""
    history = paint(shape, 'quick').history
    each = [list(steps) for _, steps in itertools.groupby(
        history, lambda step: step.stage)]
    before = sum(steps[-1].seconds for steps in each[:-1])
    return [before + step.seconds for step in each[-1]], [
        step.total for step in each[-1]]


def trace(shape, seconds, **changes):
    """(seconds, losses) of so many seconds at one size."""
    recipe = dataclasses.replace(get_recipe('quick', **changes), stages=(
        Stage(shape, 10 ** 6, 10 ** 6),))
    history = paint(shape, recipe,
                    on_step=lambda step: step.seconds > seconds).history
    return [step.seconds for step in history], [
        step.total for step in history]


def by_torch():
    """`optimise` by PyTorch's L-BFGS."""
    import torch

    class End(Exception):
        pass

    def optimise(X, objective, optimiser, num_epochs, on_step, *rest):
        measure = optimisers.Measure(objective, on_step=on_step)
        x = torch.from_numpy(X.asnumpy()).requires_grad_()

        def closure():
            X[:] = np.array(x.detach().numpy())
            l = measure(X)
            if measure.stopped:
                raise End
            x.grad = torch.from_numpy(X.grad.asnumpy())
            return torch.tensor(l)

        minimiser = torch.optim.LBFGS(
            [x], max_iter=10 ** 6, max_eval=10 ** 6, tolerance_grad=0,
            tolerance_change=0, history_size=10,
            line_search_fn='strong_wolfe')
        with contextlib.suppress(End):
            minimiser.step(closure)
        return X

    return optimise


def report(curves):
    end = min(curves['quick'][1])
    for name, (seconds, losses) in curves.items():
        least = onp.minimum.accumulate(losses)
        reached = (f'{seconds[int(onp.argmax(least <= end))]:.0f} s'
                   if least[-1] <= end else 'not reached')
        print(f'{name}: {reached}; {least[-1]:.2f} after '
              f'{len(losses)} epochs and {seconds[-1]:.0f} s', flush=True)


def plot(curves, args):
    from matplotlib import pyplot as plt
    plt.figure(figsize=(7, 4))
    for name, (seconds, losses) in curves.items():
        plt.plot(seconds, onp.minimum.accumulate(losses), label=name,
                 linewidth=3 if name == 'quick' else 1.5)
    plt.yscale('log')
    plt.xlabel(f'seconds, {args.size}')
    plt.ylabel('loss of quick')
    plt.legend()
    plt.tight_layout()
    plt.savefig(args.plot, dpi=100)


if __name__ == '__main__':
    main()
