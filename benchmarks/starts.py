"""Does `quick` arrive sooner from a picture that one pass has painted?

Six pairs, by recipe `quick` from its own start and from `--init pass`. Printed
of each start: seconds until the loss at the last size is what `quick` ends
with, within one per cent, and the loss at the end. Loading is counted.

    python benchmarks/starts.py [--size 225x150] [--inits palette pass]
"""

import argparse
import time

import d2l_nst
from any_style import picture
from mxnet import npx

from d2l_nst import images
from d2l_nst.recipes import get_recipe

PAIRS = (('mountain', 'autumn-oak'), ('coffee', 'great-wave-woodcut'),
         ('canal-town', 'night-harbour'), ('sunflowers', 'ink-wash'),
         ('hopper', 'mill-hatching'), ('mountain', 'cubist-guitar'))
NEAR = 1.01


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--size', default='225x150')
    parser.add_argument('--inits', nargs='+', default=('palette', 'pass'))
    args = parser.parse_args()
    npx.set_np()
    width, height = map(int, args.size.split('x'))
    sooner = 0
    for content, style in PAIRS:
        traces = {init: trace(content, style, init, width * height)
                  for init in args.inits}
        goal = NEAR * min(total for _, total in traces[args.inits[0]])
        arrived = {}
        for init, steps in traces.items():
            arrived[init] = next((seconds for seconds, total in steps
                                  if total <= goal), float('inf'))
            print(f'{content} {style}'.ljust(34)
                  + f'{init:9s}{arrived[init]:8.1f} s{steps[-1][1]:8.3f}',
                  flush=True)
        sooner += arrived[args.inits[-1]] < arrived[args.inits[0]]
    print(f'{args.inits[-1]} sooner in {sooner} of {len(PAIRS)}')


def trace(content, style, init, area):
    """(seconds, loss) of each epoch at the last size."""
    content, style, start = picture(content), picture(style), (
        time.perf_counter())
    seconds, recipe = [], get_recipe('quick', init=init)
    result = d2l_nst.style_transfer(
        content, style, recipe, images.fit_shape(content, area),
        on_step=lambda step: seconds.append(time.perf_counter() - start))
    last = result.history[-1].stage
    return [(s, step.total) for s, step in zip(seconds, result.history)
            if step.stage == last]


if __name__ == '__main__':
    main()
