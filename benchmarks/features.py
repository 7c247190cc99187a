"""What a network's features are worth, random filters beside them.

Retrieval: crops of 128 textures are looked for among the same textures
turned, rescaled and brightened, by the nearest Gram matrix of each style
layer; half are places of photographs that the training has not seen, half
are made by code. Transfer: nine pairs of pictures with each network; printed
are the structural similarity to the content and how much of the difference
in Gram matrices to the style is left (the content's is 1), each result under
the layers of the other network.

    python benchmarks/features.py [--weights bundled|FILE] [--size WxH]
        [--network vgg19|vgg16] [--out SHEET.png]
"""

import argparse
import os

import d2l_nst
import numpy as np
from mxnet import npx
from PIL import Image
from skimage import data, metrics

from d2l_nst.pretraining.retrieval import grams, retrieval, texture_pairs
from d2l_nst.recipes import Stage
from d2l_nst.vgg import STYLE_LAYERS

IMG = os.path.join(os.path.dirname(__file__), '..', 'img')
CONTENTS = 'mountain', 'coffee', 'chelsea'
STYLES = 'autumn-oak', 'sea-wash', 'poppies-pointillist'
# Of recipe quick, with half of its epochs at the larger sizes: eighteen
# pictures are many
STAGES = Stage((225, 150), 24), Stage((450, 300), 12), Stage((900, 600), 12)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--weights', default='bundled')
    parser.add_argument('--network', default='vgg19')
    parser.add_argument('--size', default='225x150')
    parser.add_argument('--out', default='features.png')
    args = parser.parse_args()
    npx.set_np()
    layers = [layer for layer in STYLE_LAYERS
              if args.network == 'vgg19' or layer < 'conv5']
    nets = {weights: d2l_nst.get_net(args.network, layers, weights)
            for weights in ('random', args.weights)}
    print(f'{"right at once":24s}', *(f'{layer:>8s}' for layer in layers))
    pairs = texture_pairs()
    for weights, net in nets.items():
        print(f'{os.path.basename(weights):24s}', *(
            f'{accuracy:8.2f}' for accuracy in retrieval(net, layers, pairs)))
    transfers(nets, args, layers)


# ------------------------------------------------------------ transfer
def transfers(nets, args, layers):
    shape = tuple(map(int, args.size.split('x')))
    contents = [picture(name, shape) for name in CONTENTS]
    styles = [picture(name, shape) for name in STYLES]
    sheets, rows = {}, {}
    for weights, other in zip(nets, reversed(list(nets))):
        sheets[weights] = [[paint(content, style, weights, args.network)
                            for style in styles] for content in contents]
        rows[weights] = np.mean([
            [ssim(img, content)] + residual(nets[other], layers, img,
                                            content, style)
            for content, results in zip(contents, sheets[weights])
            for style, img in zip(styles, results)], axis=0)
    print(f'{"transfer":24s} {"SSIM":>8s}',
          *(f'{layer:>8s}' for layer in layers))
    for weights, row in rows.items():
        print(f'{os.path.basename(weights):24s}',
              *(f'{value:8.3f}' for value in row))
    save_sheet(args.out, contents, styles, sheets.values())


def picture(name, shape):
    img = (getattr(data, name)() if hasattr(data, name)
           else d2l_nst.read_image(os.path.join(IMG, name + '.jpg')))
    return np.asarray(Image.fromarray(img).resize(shape, Image.LANCZOS))


def paint(content, style, weights, network):
    result = d2l_nst.style_transfer(
        content, style, image_shape=content.shape[1::-1], network=network,
        weights=weights, stages=STAGES)
    return (255 * result.image.asnumpy()).round().astype('uint8')


def ssim(img, content):
    return metrics.structural_similarity(img, content, channel_axis=2)


def residual(net, layers, img, content, style):
    """Squared Gram difference to the style, the content's being 1."""
    G, start, aim = (grams(net, layers, x) for x in (img, content, style))
    return [((g - a) ** 2).sum() / ((s - a) ** 2).sum()
            for g, s, a in zip(G, start, aim)]


def save_sheet(path, contents, styles, sheets):
    """Above the styles; then a row for each content, each result twice."""
    blank = np.full_like(contents[0], 255)
    rows = [np.hstack([blank] + [np.hstack([style, blank])
                                 for style in styles])]
    for content, *results in zip(contents, *sheets):
        rows.append(np.hstack([content] + [
            img for pair in zip(*results) for img in pair]))
    Image.fromarray(np.vstack(rows)).save(path)
    print(path)


if __name__ == '__main__':
    main()
