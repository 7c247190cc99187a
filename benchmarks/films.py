"""Films: how much do they flicker, and is the scene as sharp?

A photograph is panned and zoomed, with noise. Its frames are painted one by
one, with their statistics smoothed, and as `paint` paints a film. Printed of
each: the mean difference of neighbouring frames, of which the earlier is moved
as the scene was; the squared slopes of the scene (the mean of five frames, all
seen from one place), and of single frames, where what flickers counts too;
seconds of the processor for a frame. All but these are parts of the first row.

    python benchmarks/films.py [--size WxH] [--frames N] [--styles NAME ...]

Frames go to benchmarks/out/films, the ways one above the other.
"""

import argparse
import os
import sys
import time

import numpy as np

import d2l_nst  # before MXNet, which then uses all cores
from mxnet import npx
from d2l_nst.feedforward.any_style import load_any_style
from d2l_nst.feedforward.network import load_network
from d2l_nst.feedforward.painting import paint_pictures
from d2l_nst.feedforward.steady import Steady

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, os.pardir, 'tests'))
import film_scene  # noqa: E402, the film of the tests

OUT = os.path.join(HERE, 'out', 'films')
FLICKER = 0.6


def main():
    args = arguments()
    npx.set_np()
    os.makedirs(OUT, exist_ok=True)
    film = film_scene.film(tuple(map(int, args.size.split('x'))),
                           args.frames)
    print(' ' * 36 + 'flicker  scene  frame  seconds')
    for name in args.styles:
        style = d2l_nst.read_image(os.path.join(HERE, os.pardir, 'img',
                                                name + '.jpg'))
        painter = load_any_style([style])
        net = load_network('nine-styles').choose([name])
        report(name, film, {'one by one': painter, 'statistics smoothed':
                            painter.for_film(), 'steady': Steady(painter)})
        report(name + ', --net', film, {'one by one': net,
                                        'steady': Steady(net)})


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--size', default='240x160')
    parser.add_argument('--frames', type=int, default=8)
    parser.add_argument('--styles', nargs='+',
                        default=['autumn-oak', 'ink-wash'])
    return parser.parse_args()


def report(name, film, ways):
    """Print a row for each of the ways to paint it, and save the frames."""
    rows, first = [], None
    for way, painter in ways.items():
        start = time.process_time()
        frames = [paint_pictures(painter, [img])[0] for img in film]
        seconds = (time.process_time() - start) / len(film)
        found = np.array([
            film_scene.flicker(frames), film_scene.sharpness(frames),
            np.mean([film_scene.slope(img) for img in frames[1:]])])
        first = found if first is None else first
        print(f'{name}, {way}'.ljust(36) + '{:7.2f}{:7.2f}{:7.2f}'.format(
            *found / first) + f'{seconds:9.2f}', flush=True)
        rows.append(frames)
    print(f'{name}: at most {FLICKER}'.ljust(36)
          + ('yes' if found[0] <= FLICKER * first[0] else 'NO'))
    for i, pages in enumerate(zip(*rows)):
        d2l_nst.save_image(np.concatenate(pages),
                           os.path.join(OUT, f'{name}-{i}.png'))


if __name__ == '__main__':
    main()
