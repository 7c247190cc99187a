"""Features turned back into a picture: a network, or an optimisation.

The bundled decoder makes a picture of the features of relu3_1 in one pass
(Dosovitskiy and Brox 2016). Recipe `inversion` looks for it step by step
(Mahendran and Vedaldi 2015). On four photographs that no decoder was trained
on, printed of both: the error of the features, relative to their square; the
error of the pixels, relative to their variance; seconds.

    python benchmarks/inversion.py [--size 300x200] [--epochs N]
"""

import argparse
import time

import d2l_nst
import mxnet as mx
import numpy as np
from any_style import fitted, picture
from mxnet import npx

from d2l_nst.feedforward.any_style import load_any_style, standardised
from d2l_nst.recipes import get_recipe

CONTENTS = 'mountain', 'canal-town', 'coffee', 'hopper'


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--size', default='300x200')
    parser.add_argument('--epochs', type=int)
    args = parser.parse_args()
    npx.set_np()
    width, height = map(int, args.size.split('x'))
    painter = load_any_style([picture('mountain')])
    layer = painter.encoder.levels[-1]
    recipe = get_recipe('inversion', network='vgg16', weights='hed',
                        padding='edge', content_layers=(layer,),
                        **({'num_epochs': args.epochs} if args.epochs
                           else {}))
    print(f'{layer:14s}{"":14s}features   pixels  seconds')
    rows = []
    for name in CONTENTS:
        img = fitted(picture(name), width * height)
        shape = img.shape[1::-1]
        ways = {'one pass': lambda img=img: painter.invert(img),
                'optimised': lambda img=img, shape=shape: 255 * np.asarray(
                    d2l_nst.style_transfer(img, None, recipe,
                                           shape).image)}
        for way, invert in ways.items():
            start = time.perf_counter()
            Y = invert()
            seconds = time.perf_counter() - start
            rows.append((*errors(painter, Y, img), seconds))
            print(f'{name:14s}{way:14s}{rows[-1][0]:8.3f} '
                  f'{rows[-1][1]:8.3f} {seconds:8.1f}', flush=True)
    for i, way in enumerate(ways):
        mean = np.mean(rows[i::2], axis=0)
        print(f'{"mean":14s}{way:14s}{mean[0]:8.3f} {mean[1]:8.3f} '
              f'{mean[2]:8.1f}')


def errors(painter, Y, img):
    """Of the deepest features and of the pixels."""
    made, wanted = (painter.encoder(mx.np.array(
        standardised(np.asarray(X, float))))[-1].asnumpy() for X in (Y, img))
    features = ((made - wanted) ** 2).mean() / (wanted ** 2).mean()
    return features, ((Y - img) ** 2).mean() / img.var()


if __name__ == '__main__':
    main()
