"""L-BFGS against the book's Adam, on the book's losses and three pairs.

For each pair, at the first and at the last size: book's final total loss
and the seconds until then; the epoch and the seconds at which L-BFGS first
had that loss, and the ratio of the two times (at most 0.10 is the aim); then
the terms at the end and their spread (largest over smallest). Seconds count
from the start of the first stage, and book's are its epochs times those of
a few, timed right before L-BFGS, so only the ratio counts.

Book takes half an hour to an hour a pair. Its losses are kept in FOLDER,
and taken from there the next time; `--size 225x150` does a small one.

    python benchmarks/lbfgs.py [--pair NAME] [--size WxH] [--out FOLDER]
"""

import argparse
import itertools
import json
import operator
import os
import sys

from skimage import data

import d2l_nst
from d2l_nst.engine import synthesis  # before MXNet: on all cores
from d2l_nst.recipes import RECIPES, Stage, get_recipe
from mxnet import npx

TIMED = 4  # epochs of book in each of its stages
METHODS = {'book': RECIPES['book'], 'lbfgs': get_recipe(
    'book', optimiser='lbfgs', init='palette', stages=(
        Stage((225, 150), 24), Stage((450, 300), 24), Stage((900, 600), 24)))}
IMG = os.path.join(os.path.dirname(__file__), '..', 'img')
# scikit-image's photographs: coffee by Rachel Michetti, the astronaut
# Eileen Collins by NASA, chelsea by Stefan van der Walt; all CC0 or
# public domain (skimage/data/README.txt)
PAIRS = {
    'mountain': lambda: (os.path.join(IMG, 'mountain.jpg'),
                         os.path.join(IMG, 'autumn-oak.jpg')),
    'coffee': lambda: (data.coffee(), data.astronaut()),
    'cat': lambda: (data.chelsea(),
                    os.path.join(IMG, 'poppies-pointillist.jpg')),
}


def main():
    args = _arguments()
    npx.set_np()
    os.makedirs(args.out, exist_ok=True)
    for name in [args.pair] if args.pair else PAIRS:
        book = kept_book(name, args)
        few = run(name, 'book', args, num_epochs=TIMED)
        report(name, book, few, run(name, 'lbfgs', args))


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--pair', choices=PAIRS)
    parser.add_argument('--size', help='WxH of the last stage')
    parser.add_argument('--out', default='benchmarks/out')
    return parser.parse_args()


def run(name, recipe, args, num_epochs=None):
    """The history of one recipe, as a list of steps for each stage; its
    picture goes to args.out."""
    def show(step):
        if step.epoch % 50 == 0:
            print(f'{name} {recipe} {step}', file=sys.stderr, flush=True)

    shape = args.size and tuple(map(int, args.size.split('x')))
    result = synthesis.style_transfer(
        *PAIRS[name](), METHODS[recipe], shape, on_step=show,
        num_epochs=num_epochs)
    if not num_epochs:
        d2l_nst.save_image(result.image, f'{args.out}/{name}-{recipe}.png')
    return [list(steps) for _, steps in itertools.groupby(
        result.history, lambda step: step.stage)]


def kept_book(name, args):
    """The terms at the end of each stage of book, run where they are not
    kept already."""
    path = f'{args.out}/{name}-book{args.size or ""}.json'
    if not os.path.exists(path):
        terms = [steps[-1].terms for steps in run(name, 'book', args)]
        with open(path, 'w') as file:
            json.dump(terms, file)
    with open(path) as file:
        return json.load(file)


def report(name, book, few, lbfgs):
    paces = [(steps[-1].seconds - steps[0].seconds) / (TIMED - 1)
             for steps in few]
    lengths = [stage.num_epochs for stage in RECIPES['book'].stages]
    # The first and the last stage: L-BFGS has one between them
    for stage in (0, -1):
        terms, fast = book[stage], lbfgs[stage]
        total = sum(terms.values())
        stages = len(book) if stage else 1
        seconds = sum(map(operator.mul, paces[:stages], lengths))
        before = sum(steps[-1].seconds for steps in lbfgs[:-1] if stage)
        print(f'{name:9s} {("first", "last")[stage]:5s} size: book '
              f'{total:8.3f} after {seconds:6.0f} s; lbfgs', end=' ')
        reached = next((s for s in fast if s.total <= total), None)
        if reached is None:
            print(f'{fast[-1].total:.3f}: NOT REACHED')
        else:
            print(f'{reached.total:8.3f} in epoch {reached.epoch}, ratio '
                  f'{(before + reached.seconds) / seconds:.3f}; '
                  f'{fast[-1].total:.3f} at its end, ratio '
                  f'{(before + fast[-1].seconds) / seconds:.3f}')
        for recipe, last in (('book', terms), ('lbfgs', fast[-1].terms)):
            values = last.values()
            print(f'    {recipe:5s} ends at ' + ', '.join(
                f'{term} {value:.3f}' for term, value in last.items())
                + f'; spread {max(values) / min(values):.1f}', flush=True)


if __name__ == '__main__':
    main()
