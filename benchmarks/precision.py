"""Is a picture that was painted in bfloat16 as good as one in float32?

Four pairs, painted by `quick` in both precisions. Printed are the losses at
the end, both evaluated in float32, how far the one in bfloat16 lies above the
other (aim: at most 2 %), and the seconds of each. It takes a processor with
instructions for bfloat16.

    python benchmarks/precision.py [--size WxH]
        [--pairs mountain:autumn-oak ...]
"""

import argparse
import time

import d2l_nst
import mxnet as mx
from mxnet import npx
from pictures import picture
from strength import PAIRS

from d2l_nst.engine.objective import make_objective
from d2l_nst.engine.synthesis import Job


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--size', default='225x150')
    parser.add_argument('--pairs', nargs='+', default=PAIRS)
    args = parser.parse_args()
    npx.set_np()
    shape = tuple(map(int, args.size.split('x')))
    print(' ' * 36 + 'float32  bfloat16    above  seconds')
    for pair in args.pairs:
        pictures = list(map(picture, pair.split(':')))
        seconds, losses = zip(*(painted(*pictures, shape, precision)
                                for precision in ('float32', 'bfloat16')))
        print(pair.ljust(34) + '{:9.4f} {:9.4f}'.format(*losses)
              + f' {losses[1] / losses[0] - 1:+8.2%}'
              + ' {:6.1f} {:6.1f}'.format(*seconds), flush=True)


def painted(content, style, shape, precision):
    """Seconds, and the loss at the end in float32. There is no margin, so
    that the picture is all that was optimised."""
    def job(precision):
        return Job(content, style, 'quick', shape, precision=precision,
                   margin=0)

    exact, start = job('float32'), time.perf_counter()
    X = mx.np.array(d2l_nst.preprocess(
        255 * job(precision).run().image, shape))
    seconds = time.perf_counter() - start
    last = len(exact.recipe.stages) - 1
    objective = make_objective(exact.recipe, exact.net, X,
                               *exact.pictures.seen(last, mx.cpu()))
    return seconds, float(objective(X)[0])


if __name__ == '__main__':
    main()
