"""Prints `SCALE` of d2l_nst/weights/hed_file.py: `python tools/scale.py`.

The factors of the layers, so that the chapter's loss weights 1, 1e3 and 10
balance: between the mountain and the autumn oak at 900x600 the chapter's
style layers have the losses STYLE, and its content layer has the deviation
CONTENT. They were chosen so that the three losses start and fall as those of
the chapter's own code do with Gluon's ImageNet VGG-19. The first layers have
little of the style, since they are about colours, which Adam's steps of 0.01
change slowly.
"""

import pathlib

import d2l_nst

import mxnet as mx
from mxnet import np, npx

from d2l_nst.weights import fill, hed
from d2l_nst.weights.random_filters import balance

IMG = pathlib.Path(__file__).resolve().parent.parent / 'img'
STYLE, CONTENT = (6, 16, 40, 56, 32), 3


def main():
    npx.set_np()
    net = d2l_nst.VGG('vgg16', 'relu5_3')
    net.infer_shape(np.zeros((1, 3, 32, 32)))
    fill(net, hed.load())
    mx.nd.waitall()
    pictures = np.concatenate([
        d2l_nst.preprocess(d2l_nst.read_image(IMG / name), (900, 600))
        for name in ('mountain.jpg', 'autumn-oak.jpg')])
    scale = balance(net, pictures, STYLE, CONTENT)
    for name, factor in scale.items():
        print(f'    {name!r}: {factor:.4g},')


if __name__ == '__main__':
    main()
