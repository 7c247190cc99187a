"""A trained network against the optimisation that it stands for.

On five photographs that no network was trained on: the network's objective
after one pass beside that of L-BFGS on the same objective after 50 steps from
the photograph (Johnson, Alahi and Fei-Fei 2016, table 1), and the seconds of
both; and the style of img/ that the painting is nearest to. Then the seconds
of painting beside those of a step of the recipes' losses. Only ratios count.
The weights must be those of the network's training.

    python benchmarks/feedforward.py [--net nine-styles] [--styles NAME ...]
        [--size 256] [--steps 50] [--sizes 512x512 900x600]
"""

import argparse
import os
import time

import d2l_nst  # before MXNet, which then uses all cores
import mxnet as mx
import numpy as onp
from matplotlib import cbook
from mxnet import autograd, npx
from pictures import IMG
from PIL import Image
from scipy import optimize
from skimage import data

from d2l_nst import images, measures, recipes
from d2l_nst.feedforward import network, objective, painting, training
from d2l_nst.feedforward.margin import with_margin, without_margin
from d2l_nst.feedforward.records import Settings

# Layers that the training does not listen to
UNHEARD = 'relu1_2', 'relu2_2', 'relu3_3'
# Pixels a side of the paintings whose style is to be named: the area of the
# styles that the networks learned from, so that strokes are as large
NAMED = Settings.style_size


def photographs(size):
    """Five squares: coffee (Rachel Michetti, CC0), the rocket (SpaceX,
    CC0), Grace Hopper (US Navy, public domain), SciPy's racoon (Judy
    Weggelaar, public domain) and ascent (Hillebrand Steve, US Fish and
    Wildlife Service, public domain)."""
    import scipy.misc
    with cbook.get_sample_data('grace_hopper.jpg') as file:
        hopper = onp.asarray(Image.open(file))
    for name, img in (('coffee', data.coffee()), ('rocket', data.rocket()),
                      ('hopper', hopper), ('face', scipy.misc.face()),
                      ('ascent', scipy.misc.ascent())):
        img = img.astype('uint8')
        img = onp.dstack([img] * 3) if img.ndim == 2 else img
        side = min(img.shape[:2])
        y, x = ((n - side) // 2 for n in img.shape[:2])
        yield name, images.resize(img[y:y + side, x:x + side], (size,) * 2)


def main():
    args = _arguments()
    npx.set_np()
    net = network.load_network(args.net)
    far = d2l_nst.get_net('vgg16', UNHEARD, args.weights, scaled=False)
    styles = {name: d2l_nst.read_image(path(name))
              for name in net.settings['styles']}
    known = {}
    for style in args.styles or styles:
        compare_steps(net.choose([style]), make_loss(args, style), args,
                      style, styles, far, known)
    for size in args.sizes:
        compare_speed(net, *map(int, size.split('x')))


def path(style):
    return os.path.join(IMG, style + '.jpg')


def compare_steps(net, loss, args, style, styles, far, known):
    """One pass against steps of L-BFGS, on each photograph."""
    ratios, found = [], 0
    for (name, img), (_, large) in zip(photographs(args.size),
                                       photographs(NAMED)):
        X = mx.np.array(img.transpose(2, 0, 1)[None])
        given = X, mx.np.ones((1, 1)), mx.np.array(
            objective.calmness(X.asnumpy()), dtype='float32')
        start = time.perf_counter()
        Y = paint(net, img)
        Y.wait_to_read()
        one_pass = time.perf_counter() - start
        start = time.perf_counter()
        optimised = minimise(loss, given, args.steps)
        seconds = time.perf_counter() - start
        painted, untouched = (float(loss(A, *given)[0]) for A in (Y, X))
        ratios.append(painted / optimised)
        found += style == measures.nearest_style(
            paint(net, large)[0].transpose(1, 2, 0), styles, far,
            UNHEARD[:2], known)
        print(f'{name:8s} photograph {untouched:8.3f}, network '
              f'{painted:8.3f}, {args.steps} steps of L-BFGS '
              f'{optimised:8.3f}: ratio {ratios[-1]:.2f}; seconds '
              f'{seconds / one_pass:.0f} : 1', flush=True)
    print(f'{style}: ratio {onp.mean(ratios):.2f} in the mean; right style '
          f'nearest in {found} of {len(ratios)}', flush=True)


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--net', default='nine-styles')
    parser.add_argument('--styles', nargs='+')
    parser.add_argument('--size', type=int, default=256)
    parser.add_argument('--steps', type=int, default=50)
    parser.add_argument('--weights', default=Settings.weights)
    parser.add_argument('--sizes', nargs='*',
                        default=['512x512', '900x600'])
    return parser.parse_args()


def paint(net, img):
    """(1, 3, H, W), not rounded: as `painting.paint_pictures` does it."""
    X = with_margin(img.transpose(2, 0, 1)[None], net.margin, net.factor)
    return without_margin(net.painted(mx.np.array(X, dtype='float32')),
                          *img.shape[:2], net.margin)


def make_loss(args, style):
    """The objective of the training, for one style."""
    run = training.Run(path(style), None, Settings(
        size=args.size, weights=args.weights))
    run.get_ready()
    return run.loss


def minimise(loss, given, steps):
    """The objective after so many steps from the photograph itself, pixels
    kept in 0 ... 255.

    L-BFGS sees them in 0 ... 1, and stops by the number of steps alone: in
    0 ... 255 its gradients are so small that it takes itself to be done.
    """
    def value_and_gradient(flat):
        Y = mx.np.array(255 * flat.reshape(given[0].shape), dtype='float32')
        Y.attach_grad()
        with autograd.record():
            l = loss(Y, *given)[0]
        l.backward()
        gradient = 255 * Y.grad.asnumpy().ravel()
        return float(l), gradient.astype('float64')

    start = given[0].asnumpy().ravel().astype('float64') / 255
    return optimize.minimize(
        value_and_gradient, start, jac=True, method='L-BFGS-B',
        bounds=[(0, 1)] * start.size,
        options={'maxiter': steps, 'maxcor': 10, 'ftol': 0,
                 'gtol': 0}).fun


def _seconds(function, repeat=3):
    function()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def compare_speed(net, width, height):
    """One pass beside one epoch of the chapter's losses, times as many as
    the recipes have at their largest size: less than they take."""
    img = images.resize(data.coffee(), (width, height))
    paint = _seconds(lambda: painting.paint_pictures(net, [img]))
    X = d2l_nst.preprocess(img, (width, height))
    f = d2l_nst.make_objective(d2l_nst.get_recipe('book'), d2l_nst.get_net(),
                               X, X, X)
    X.attach_grad()

    def epoch():
        with autograd.record():
            l = f(X)[0]
        l.backward()
        X.grad.wait_to_read()

    one = _seconds(epoch, 1)
    for name in ('quick', 'book'):
        epochs = recipes.RECIPES[name].stages[-1].num_epochs
        print(f'{width}x{height}: {epochs} epochs of {name} take '
              f'{epochs * one / paint:.0f} times as long as one pass, '
              f'{paint:.2f} s', flush=True)


if __name__ == '__main__':
    main()
