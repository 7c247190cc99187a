"""Any style in one pass: is the scene kept, and the right style found?

Five contents in the eight styles of img/, none of which the decoders were
trained on, on the area of 600 x 400. Printed of each: structural similarity
(SSIM) to the content; how much of the style is left to reach in layers of
`hed` that the decoders' training did not listen to (1: the photograph's own);
the nearest of the eight styles by the Gram matrices of the first two. Then the
seconds for 512 x 512, the start not counted, and for the painting itself.

    python benchmarks/any_style.py [--size WxH] [--transform wct|adain]
        [--contents NAME ...] [--styles NAME ...]

Paintings go to benchmarks/out/any-style, and sheet.png with all of them:
contents at the left, styles above.
"""

import argparse
import os
import time

import d2l_nst
import numpy as np
from matplotlib import cbook
from mxnet import npx
from PIL import Image, ImageOps
from pictures import IMG, styles_of_img
from skimage import data

from d2l_nst import images, measures
from d2l_nst.commands.contact_sheet import grid
from d2l_nst.feedforward.any_style import load_any_style
from d2l_nst.feedforward.painting import paint_pictures
from d2l_nst.feedforward.transforms import TRANSFORM, TRANSFORMS

OUT = os.path.join(os.path.dirname(__file__), 'out', 'any-style')
# coffee: Rachel Michetti, CC0; Grace Hopper: US Navy, public domain
CONTENTS = 'mountain', 'canal-town', 'sunflowers', 'coffee', 'hopper'
UNHEARD = 'relu1_2', 'relu2_2', 'relu3_3'
LEAST_SSIM, OF_40, SECONDS = 0.3, 36, 1.5
CELL = 225, 150


def main():
    args = arguments()
    npx.set_np()
    os.makedirs(OUT, exist_ok=True)
    net = d2l_nst.get_net('vgg16', UNHEARD, 'hed', scaled=False)
    styles = {name: picture(name) for name in args.styles}
    known = {name: picture(name) for name in styles_of_img()}
    width, height = map(int, args.size.split('x'))
    contents = {name: fitted(picture(name), width * height)
                for name in args.contents}
    page = [[Image.new('RGB', CELL, 'white'), *map(cell, styles.values())]]
    rows, kept = [], {}
    print(' ' * 34 + '    SSIM' + ''.join(f'{layer:>9s}'
                                          for layer in UNHEARD)
          + '  seconds nearest')
    painters = {name: load_any_style([style], transform=args.transform)
                for name, style in styles.items()}
    for content, img in contents.items():
        page.append([cell(img)])
        for style, painter in painters.items():
            start = time.perf_counter()
            Y = paint_pictures(painter, [img])[0]
            seconds = time.perf_counter() - start
            d2l_nst.save_image(Y, os.path.join(OUT, f'{content}-{style}.png'))
            page[-1].append(cell(Y))
            left = measures.style_residuals(Y, img, styles[style], net,
                                            UNHEARD)
            nearest = measures.nearest_style(Y, known, net, UNHEARD[:2],
                                             kept)
            rows.append((measures.ssim(Y, img), *left.values(), seconds,
                         nearest == style))
            print(f'{content} {style}'.ljust(34) + '{:8.2f}'.format(
                rows[-1][0]) + '{:9.3f}{:9.3f}{:9.3f}{:9.1f} '.format(
                    *rows[-1][1:5]) + nearest, flush=True)
            grid(page).save(os.path.join(OUT, 'sheet.png'))
    report(np.array(rows, float), painters)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--size', default='600x400')
    parser.add_argument('--contents', nargs='+', default=CONTENTS)
    parser.add_argument('--styles', nargs='+', default=styles_of_img())
    parser.add_argument('--transform', choices=TRANSFORMS, default=TRANSFORM)
    return parser.parse_args()


def picture(name):
    if name == 'coffee':
        return data.coffee()
    if name == 'hopper':
        with cbook.get_sample_data('grace_hopper.jpg') as file:
            return np.asarray(Image.open(file))
    return d2l_nst.read_image(os.path.join(IMG, name + '.jpg'))


def fitted(img, area):
    return np.rint(images.resize(img, images.fit_shape(
        img, area))).astype('uint8')


def cell(img):
    return ImageOps.pad(Image.fromarray(img), CELL, color='white')


def report(rows, painters):
    ssim, found = rows[:, 0], rows[:, -1]
    print('mean'.ljust(34) + '{:8.2f}{:9.3f}{:9.3f}{:9.3f}{:9.1f}'.format(
        *rows.mean(axis=0)[:5]))
    print(f'SSIM of {LEAST_SSIM} or more: {(ssim >= LEAST_SSIM).sum()} of '
          f'{len(rows)}; least: {ssim.min():.2f}')
    print(f'right style nearest: {found.sum():.0f} of {len(rows)} (wanted: '
          f'{OF_40} of 40)')
    square = np.rint(images.resize(data.coffee()[:, 100:500],
                                   (512, 512))).astype('uint8')
    painter, seconds = next(iter(painters.values())), []
    for _ in range(6):
        start = time.perf_counter()
        paint_pictures(painter, [square])
        seconds.append(time.perf_counter() - start)
    print(f'512x512: {np.median(seconds[1:]):.2f} s (wanted: {SECONDS})')


if __name__ == '__main__':
    main()
