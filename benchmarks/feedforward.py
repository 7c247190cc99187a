"""A trained network against the optimisation that it stands for.

On five photographs that no network was trained on: the network's objective
after one pass beside that of L-BFGS on the same objective after 50 steps from
the photograph (Johnson, Alahi and Fei-Fei 2016, table 1), and the seconds of
both; and the style of img/ that the painting is nearest to. Then the seconds
of painting beside those of a step of the recipes' losses, and beside the same
network in PyTorch where that is installed: for painting and for a training
step, in both precisions and in PyTorch's better order of channels. Only ratios
count. The weights must be those of the network's training.

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
from mxnet import autograd, gluon, npx
from pictures import IMG
from PIL import Image
from scipy import optimize
from skimage import data

from d2l_nst import checkpoint, cores, images, measures, recipes
from d2l_nst.feedforward import (blocks, network, objective, painting,
                                 training)
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
    compare_torch(net, args.size)


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


# ----------------------------------------------------------------- PyTorch
def compare_torch(net, size):
    """The same network in PyTorch: painting, forward and backward."""
    try:
        import torch
    except ImportError:
        print('PyTorch is not installed: no comparison with it')
        return
    torch.set_num_threads(d2l_nst.cores.count_cores())
    net.compute_in('float32')
    other = torch_network(torch, net)
    X = onp.random.RandomState(1).uniform(0, 255, (4, 3, size, size))
    X = X.astype('float32')
    ours, theirs = mx.np.array(X), torch.from_numpy(X)
    with torch.no_grad():
        difference = abs(other(theirs).numpy()
                         - net.painted(ours).asnumpy()).max()
    print(f'PyTorch paints the same to {difference:.3f} of 255')
    orders = torch.contiguous_format, torch.channels_last
    for precision in ['float32'] + ['bfloat16'] * cores.has_bfloat16():
        net.compute_in(precision)
        for name, seconds, trains in (
                ('painting', _seconds(
                    lambda: net.painted(ours).wait_to_read()), False),
                ('a training step of the network alone', _seconds(
                    training_step(ours, precision)), True)):
            best = min(_seconds_of_torch(torch, other, theirs, precision,
                                         order, trains) for order in orders)
            print(f'{name} in {precision}: seconds of MXNet : PyTorch '
                  f'{seconds / best:.2f}', flush=True)


def training_step(X, precision):
    """A function that trains a new network for one step."""
    new = network.new_network()
    training.train_in(precision, new)
    trainer = gluon.Trainer(new.collect_params(), 'adam')

    def step():
        with autograd.record():
            l = new.painted(X).mean()
        l.backward()
        trainer.step(1)
        mx.nd.waitall()

    return step


def _seconds_of_torch(torch, other, X, precision, order, trains):
    other, X = (A.to(memory_format=order) for A in (other, X))
    adam = torch.optim.Adam(other.parameters())

    def forward():
        with torch.autocast('cpu', torch.bfloat16,
                            enabled=precision == 'bfloat16'):
            return other(X)

    def paint():
        with torch.no_grad():
            forward()

    def train():
        adam.zero_grad()
        forward().float().mean().backward()
        adam.step()

    return _seconds(train if trains else paint)


def torch_network(torch, net):
    """The network with the same numbers, for the style that is chosen."""
    nn, arrays = torch.nn, {
        name: p.data().asnumpy()
        for name, p in checkpoint.parameters(net).items()}

    def of_style(name):
        return torch.from_numpy((net.chosen @ arrays[name])[0])

    def layer(name, inputs, channels, kernel=3, stride=1):
        convolution = nn.Conv2d(inputs, channels, kernel, stride, kernel // 2,
                                bias=False, padding_mode='replicate')
        # Ours has the kernels for what is beside a layer apart
        convolution.weight.data = torch.from_numpy(onp.concatenate(
            [arrays[key] for key in (f'{name}.convolution.weight',
                                     f'{name}.beside.weight')
             if key in arrays], axis=1))
        return [convolution,
                nn.InstanceNorm2d(channels, eps=blocks.EPSILON),
                nn.Hardtanh(-blocks.LOUDEST, blocks.LOUDEST),
                Affine(of_style(name + '.norm.gamma'),
                       of_style(name + '.norm.beta'))]

    class Affine(nn.Module):
        def __init__(self, scale, shift):
            super().__init__()
            self.scale, self.shift = (nn.Parameter(A.view(1, -1, 1, 1))
                                      for A in (scale, shift))

        def forward(self, X):
            return torch.addcmul(self.shift, X, self.scale)

    class Residual(nn.Module):
        def __init__(self, name):
            super().__init__()
            self.body = nn.Sequential(
                *layer(name + '.first', 128, 128), nn.ReLU(),
                *layer(name + '.second', 128, 128))

        def forward(self, X):
            return X + self.body(X)

    class Transformer(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.ModuleList(
                [nn.Sequential(*layer(f'body.{i}', *each), nn.ReLU())
                 for i, each in enumerate(((3, 32, 9), (32, 64, 3, 2),
                                           (64, 128, 3, 2)))]
                + [Residual(f'body.{i}') for i in range(3, 8)]
                + [nn.Sequential(*layer(f'body.{i}', *each), nn.ReLU())
                   for i, each in ((8, (192, 64)), (9, (96, 32)))])
            self.light = nn.Parameter(of_style('light').view(1, 3, 1, 1))
            self.last = nn.Conv2d(35, 3, 9, 1, 4, padding_mode='replicate')
            # The kernels of MXNet's last, a transposed one, turned again
            self.last.weight.data = torch.from_numpy(
                arrays['last.weight'].transpose(1, 0, 2, 3)[
                    :, :, ::-1, ::-1].copy())
            self.last.bias.data = torch.from_numpy(arrays['last.bias'])

        def forward(self, X):
            X = X / 127.5 - 1
            first, second, third, *between, fourth, fifth = self.body
            fine = first(X)
            coarse = second(fine)
            Y = third(coarse)
            for block in between:
                Y = block(Y)
            for block, beside in (fourth, coarse), (fifth, fine):
                Y = nn.functional.interpolate(Y, scale_factor=2)
                Y = block(torch.cat([Y, beside], 1))
            Y = torch.cat([Y, X * self.light], 1)
            return 255 * (torch.tanh(self.last(Y)) + 1) / 2

    return Transformer()


if __name__ == '__main__':
    main()
