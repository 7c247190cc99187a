"""Recipe `quick` against recipe `book`, on three pairs of pictures.

For each pair and each size: book's final total loss and the seconds it
took; the epoch and the seconds at which quick first had that loss, and
the ratio of the two times (at most 0.10 is the aim); then the terms at
the end and their spread (largest over smallest, at most 5 is the aim).
Both run in one process, one after the other, so only the ratio counts.
Takes half an hour to an hour a pair; `--size 225x150` does a small
one.

    python benchmarks/quick.py [--pair NAME] [--size WxH] [--out FOLDER]
"""

import argparse
import os
import sys

from skimage import data

from d2l_nst import images, synthesis  # before MXNet: on all cores
from mxnet import npx

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
        book, quick = (run(name, recipe, args)
                       for recipe in ('book', 'quick'))
        report(name, book, quick)


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--pair', choices=PAIRS)
    parser.add_argument('--size', help='WxH of the last stage')
    parser.add_argument('--out', default='benchmarks/out')
    return parser.parse_args()


def run(name, recipe, args):
    """The history of one recipe; its picture goes to args.out."""
    def show(step):
        if step.epoch % 50 == 0:
            print(f'{name} {recipe} {step}', file=sys.stderr, flush=True)

    shape = args.size and tuple(map(int, args.size.split('x')))
    result = synthesis.style_transfer(*PAIRS[name](), recipe, shape,
                                      on_step=show)
    images.save_image(result.image, f'{args.out}/{name}-{recipe}.png')
    return result.history


def _stage(history, i):
    number = sorted({step.stage for step in history})[i]
    return [step for step in history if step.stage == number]


def report(name, book, quick):
    # The first and the last stage: quick has one between them
    for stage in (0, -1):
        slow, fast = (_stage(history, stage) for history in (book, quick))
        goal = slow[-1]
        reached = next((s for s in fast if s.total <= goal.total), None)
        print(f'{name:9s} {("first", "last")[stage]:5s} size: book '
              f'{goal.total:8.3f} after {goal.seconds:6.0f} s; quick',
              end=' ')
        if reached is None:
            print(f'{fast[-1].total:.3f}: NOT REACHED')
        else:
            print(f'{reached.total:8.3f} in epoch {reached.epoch} after '
                  f'{reached.seconds:.1f} s: '
                  f'ratio {reached.seconds / goal.seconds:.3f}; '
                  f'{fast[-1].total:.3f} at its end, '
                  f'ratio {fast[-1].seconds / goal.seconds:.3f}')
        for recipe, last in (('book', goal), ('quick', fast[-1])):
            values = last.terms.values()
            print(f'    {recipe:5s} ends at ' + ', '.join(
                f'{term} {value:.3f}' for term, value in last.terms.items())
                + f'; spread {max(values) / min(values):.1f}', flush=True)


if __name__ == '__main__':
    main()
