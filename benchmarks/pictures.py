"""Are the paintings good? Recipe `quick` beside the default before it.

Four contents in four styles, on the area of 600 x 400. Printed of each, as
`d2l_nst.measures` has it: structural similarity (SSIM) to the content; how
much of the style is left to reach in layers of the bundled network, and of
`hed` in layers that `quick` does not listen to; axis share of painting,
content and style; the rim beside the content's; seconds; the nearest style
of img/. Then the means, and which of the wanted lines hold.

    python benchmarks/pictures.py [--size WxH] [--contents NAME ...]
        [--styles NAME ...] [--recipes new old] [--again]

Paintings and measures are kept in benchmarks/out/pictures and made again
only where the recipe has changed, or with --again. There too is sheet.png:
contents at the left, styles above, a row for each recipe.
"""

import argparse
import dataclasses
import json
import os
import re
import time

import d2l_nst
import numpy as np
from mxnet import npx
from PIL import Image, ImageOps
from skimage import data

from d2l_nst import files, images, measures
from d2l_nst.recipes import Recipe, Stage, get_recipe

IMG = os.path.join(os.path.dirname(__file__), '..', 'img')
OUT = os.path.join(os.path.dirname(__file__), 'out', 'pictures')
# scikit-image's astronaut: Eileen Collins by NASA, public domain
CONTENTS = 'mountain', 'canal-town', 'sunflowers', 'astronaut'
STYLES = 'autumn-oak', 'great-wave-woodcut', 'night-harbour', 'sunrise-glass'
RECIPES = {
    'new': get_recipe('quick'),
    'old': Recipe(
        (Stage((225, 150), 24), Stage((450, 300), 24), Stage((900, 600), 24)),
        'lbfgs', network='vgg19', weights='bundled', padding='zeros',
        init='palette', content_layers=('conv4_4',),
        style_layers=('conv1_1', 'conv2_1', 'conv3_1', 'conv4_1', 'conv5_1'),
        content_weight=1, style_weight=1e3, tv_weight=10, tv='mean')}
# Shallow, middle and deep: the first that quick does not listen to. In hed
# relu3_3 and relu4_3 would be relu3_2 and relu4_2 (`weights.record.deeper`)
BUNDLED = 'conv1_2', 'conv3_2', 'conv4_2'
HED = (('relu1_2', 'relu2_2'), ('relu3_2', 'relu3_4'), ('relu4_4', 'relu4_2'))
MOST = 0.5, 0.5, 0.8  # of the old default's means that may be left there
WANTED = {
    'axis share': lambda row: row['axis'][0] <= max(row['axis'][1:]) + 0.05,
    'rim': lambda row: 0.75 <= row['rim'] <= 1.3,
    'SSIM': lambda row: row['ssim'] >= 0.25,
    'style found': lambda row: row['nearest'] == row['style']}
FORM = ('{:6.2f}' + 2 * (' ' * 8 + 3 * '{:8.3f}' + '   ')
        + 3 * '{:5.2f}' + '{:6.2f}{:8.2f} ').format
CELL = 300, 200


def main():
    args = arguments()
    npx.set_np()
    nets = {weights: (d2l_nst.get_net(layers=layers, weights=weights), layers)
            for weights, layers in (('bundled', BUNDLED), ('hed', unheard()))}
    print(' ' * 42 + 'SSIM' + ' | '.join(
        f'{weights:>8s}' + ''.join(f'{layer:>8s}' for layer in layers)
        for weights, (_, layers) in nets.items())
        + '     axis share   rim seconds nearest')
    rows = [finished(args, nets, content, style, recipe)
            for content in args.contents for style in args.styles
            for recipe in args.recipes]
    report(args, rows)
    save_sheet(args)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--size', default='600x400')
    parser.add_argument('--contents', nargs='+', default=CONTENTS)
    parser.add_argument('--styles', nargs='+', default=STYLES)
    parser.add_argument('--recipes', nargs='+', default=list(RECIPES),
                        choices=RECIPES)
    parser.add_argument('--again', action='store_true')
    return parser.parse_args()


def styles_of_img():
    """Names of the style pictures that img/README.md lists."""
    with open(os.path.join(IMG, 'README.md')) as f:
        return re.findall(r'`([\w-]+)\.jpg` \| style:', f.read())


def picture(name):
    return (data.astronaut() if name == 'astronaut' else
            d2l_nst.read_image(os.path.join(IMG, name + '.jpg')))


def unheard():
    heard = {layer.replace('conv', 'relu') for layer in RECIPES['new'].layers}
    return [next(layer for layer in layers if layer not in heard)
            for layers in HED]


def stem(args, *names):
    return os.path.join(OUT, '-'.join(names + (args.size,)))


def finished(args, nets, content, style, recipe):
    """The measures of a painting: kept ones, or new ones where the recipe,
    the layers or the styles to choose from have changed."""
    path = stem(args, content, style, recipe)
    row = painted(path, content, style, RECIPES[recipe], args.size,
                  args.again)
    seen = {'styles': styles_of_img(), 'recipe': recipe,
            'layers': [list(layers) for _, layers in nets.values()]}
    if not row.items() >= seen.items():
        row.update(seen, **measure(path, nets, content, style))
        keep(path, row)
    print(f'{content} {style} {recipe}'.ljust(40) + FORM(*numbers(row))
          + row['nearest'], flush=True)
    return row


def painted(path, content, style, recipe, size, again=False):
    """What is kept in `path`.json of the painting `path`.png, on the area
    of `size`; it is painted where another recipe painted it, or none."""
    weights = d2l_nst.find_weights(recipe.weights)
    made = {'content': content, 'style': style,
            'settings': f'{sorted(dataclasses.asdict(recipe).items())} '
                        f'{weights}'}
    if os.path.exists(path + '.json') and not again:
        with open(path + '.json') as f:
            row = json.load(f)
        if row.items() >= made.items():
            return row
    os.makedirs(os.path.dirname(path), exist_ok=True)
    content, style = picture(content), picture(style)
    width, height = map(int, size.split('x'))
    shape, start = images.fit_shape(content, width * height), time.time()
    result = d2l_nst.style_transfer(content, style, recipe, shape)
    d2l_nst.save_image(result.image, path + '.png')
    return keep(path, {**made, 'seconds': time.time() - start})


def keep(path, row):
    with files.atomic(path + '.json') as f:
        f.write(json.dumps(row, indent=1).encode())
    return row


def measure(path, nets, content, style):
    img, content = d2l_nst.read_image(path + '.png'), picture(content)
    style, (height, width) = picture(style), img.shape[:2]
    others = (images.resize(content, (width, height)),
              images.resize(style, images.fit_shape(style, width * height)))
    styles = {name: picture(name) for name in styles_of_img()}
    left = [measures.style_residuals(img, content, style, *looking).values()
            for looking in nets.values()]
    return {'ssim': measures.ssim(img, content),
            'left': sum(map(list, left), []),
            'axis': [measures.axis_share(each) for each in (img, *others)],
            'rim': measures.rim_ratio(img, content),
            'nearest': measures.nearest_style(
                img, styles, nets['hed'][0], nets['hed'][1][:2])}


def numbers(row):
    return np.array([row['ssim'], *row['left'], *row['axis'], row['rim'],
                     row['seconds']])


def report(args, rows):
    groups = {name: [row for row in rows if row['recipe'] == name]
              for name in args.recipes}
    means = {f'mean {name}': np.mean([numbers(row) for row in group], axis=0)
             for name, group in groups.items()}
    if len(means) == 2:
        means['new / old'] = means['mean new'] / means['mean old']
    for name, values in means.items():
        print(name.ljust(40) + FORM(*values))
    if len(means) == 3:
        left = means['new / old'][1:7].reshape(2, 3) <= MOST
        print(f'left at most {MOST} of old: bundled {left[0]}, hed {left[1]}')
    for wanted, holds in WANTED.items():
        print(f'{wanted} as wanted:', ', '.join(
            f'{sum(map(holds, group))} of {len(group)} {name}'
            for name, group in groups.items()))


def save_sheet(args):
    def cell(img):
        return ImageOps.pad(Image.fromarray(img), CELL, color='white')

    sheet = [[Image.new('RGB', CELL, 'white')] + [
        cell(picture(style)) for style in args.styles]]
    sheet += [[cell(picture(content))] + [
        cell(d2l_nst.read_image(stem(args, content, style, recipe) + '.png'))
        for style in args.styles]
        for content in args.contents for recipe in args.recipes]
    d2l_nst.save_image(np.vstack([np.hstack(row) for row in sheet]),
                       os.path.join(OUT, 'sheet.png'))


if __name__ == '__main__':
    main()
