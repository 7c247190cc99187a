"""A trained network against the optimisation that it stands for.

On five photographs that no network was trained on: the network's objective
after one pass beside that of L-BFGS on the same objective after 50 steps from
the photograph (Johnson, Alahi and Fei-Fei 2016, table 1), and the seconds of
both. A network is to be no higher. Then the seconds of painting beside those
of a step of the recipes' losses, and beside the same network in PyTorch where
that is installed: for painting, and for a training step. Only ratios count.
STYLE and the settings must be those of the network's training.

    python benchmarks/feedforward.py NET STYLE [--size 256] [--steps 50]
        [--tv-weight 0] [--weights NAME] [--sizes 512x512 900x600]
"""

import argparse
import time

import d2l_nst  # before MXNet, which then uses all cores
import mxnet as mx
import numpy as onp
from matplotlib import cbook
from mxnet import autograd, gluon, npx
from PIL import Image
from scipy import optimize
from skimage import data

from d2l_nst import images, recipes
from d2l_nst.feedforward import network, painting, training
from d2l_nst.feedforward.margin import with_margin, without_margin
from d2l_nst.feedforward.records import Settings


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
    loss = make_loss(args)
    ratios = []
    for name, img in photographs(args.size):
        X = mx.np.array(img.transpose(2, 0, 1)[None])
        start = time.perf_counter()
        Y = paint(net, img)
        Y.wait_to_read()
        one_pass = time.perf_counter() - start
        start = time.perf_counter()
        optimised = minimise(loss, X, args.steps)
        seconds = time.perf_counter() - start
        painted, untouched = (float(loss(A, X)[0]) for A in (Y, X))
        ratios.append(painted / optimised)
        print(f'{name:8s} photograph {untouched:8.3f}, network '
              f'{painted:8.3f}, {args.steps} steps of L-BFGS '
              f'{optimised:8.3f}: ratio {ratios[-1]:.2f}; seconds '
              f'{seconds / one_pass:.0f} : 1', flush=True)
    print(f'network no higher on {sum(r <= 1 for r in ratios)} of '
          f'{len(ratios)}')
    for size in args.sizes:
        compare_speed(net, *map(int, size.split('x')))
    compare_torch(net, loss, args.size)


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('net')
    parser.add_argument('style')
    parser.add_argument('--size', type=int, default=256)
    parser.add_argument('--style-size', type=int, default=256)
    parser.add_argument('--steps', type=int, default=50)
    parser.add_argument('--weights', default=Settings.weights)
    parser.add_argument('--content-weight', type=float)
    parser.add_argument('--style-weight', type=float)
    parser.add_argument('--tv-weight', type=float, default=0)
    parser.add_argument('--sizes', nargs='*',
                        default=['512x512', '900x600'])
    return parser.parse_args()


def paint(net, img):
    """(1, 3, H, W), not rounded: as `painting.paint_pictures` does it."""
    X = with_margin(img.transpose(2, 0, 1)[None])

    return without_margin(net(mx.np.array(X, dtype='float32')),
                          *img.shape[:2])


def make_loss(args):
    """The objective of the training, its units measured as there."""
    run = training.Run(args.style, None, Settings(
        size=args.size, style_size=args.style_size, weights=args.weights,
        content_weight=args.content_weight,
        style_weight=args.style_weight, tv_weight=args.tv_weight), None,
        'local')
    run.get_ready()
    return run.loss


def minimise(loss, X, steps):
    """The objective after so many steps from the photograph itself, pixels
    kept in 0 ... 255.

    L-BFGS sees them in 0 ... 1, and stops by the number of steps alone: in
    0 ... 255 its gradients are so small that it takes itself to be done.
    """
    def value_and_gradient(flat):
        Y = mx.np.array(255 * flat.reshape(X.shape), dtype='float32')
        Y.attach_grad()
        with autograd.record():
            l = loss(Y, X)[0]
        l.backward()
        gradient = 255 * Y.grad.asnumpy().ravel()
        return float(l), gradient.astype('float64')

    start = X.asnumpy().ravel().astype('float64') / 255
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
def compare_torch(net, loss, size):
    """The same network in PyTorch: painting, forward and backward."""
    try:
        import torch
    except ImportError:
        print('PyTorch is not installed: no comparison with it')
        return
    torch.set_num_threads(d2l_nst.cores.count_cores())
    other = torch_network(torch, net)
    X = onp.random.RandomState(1).uniform(0, 255, (4, 3, size, size))
    X = X.astype('float32')
    ours, theirs = mx.np.array(X), torch.from_numpy(X)
    with torch.no_grad():
        difference = abs(other(theirs).numpy() - net(ours).asnumpy()).max()
        paint_torch = _seconds(lambda: other(theirs))
    paint = _seconds(lambda: net(ours).wait_to_read())
    print(f'PyTorch paints the same to {difference:.3f} of 255; seconds of '
          f'MXNet : PyTorch {paint / paint_torch:.2f}')
    new = network.new_network()
    trainer = gluon.Trainer(new.collect_params(), 'adam')
    adam = torch.optim.Adam(other.parameters())

    def step():
        with autograd.record():
            l = new(ours).mean()
        l.backward()
        trainer.step(1)
        mx.nd.waitall()

    def step_torch():
        adam.zero_grad()
        other(theirs).mean().backward()
        adam.step()

    print('a training step of the network alone: '
          f'{_seconds(step) / _seconds(step_torch):.2f}')


def torch_network(torch, net):
    """The network with the same numbers."""
    nn = torch.nn

    def layer(inputs, channels, kernel=3, stride=1):
        return [nn.Conv2d(inputs, channels, kernel, stride, kernel // 2,
                          bias=False),
                nn.InstanceNorm2d(channels, affine=True)]

    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(*layer(128, 128), nn.ReLU(),
                                      *layer(128, 128))

        def forward(self, X):
            return X + self.body(X)

    class Transformer(nn.Sequential):
        def forward(self, X):
            return 255 * (torch.tanh(super().forward(X / 127.5 - 1)) + 1) / 2

    other = Transformer(
        *layer(3, 32, 9), nn.ReLU(), *layer(32, 64, 3, 2), nn.ReLU(),
        *layer(64, 128, 3, 2), nn.ReLU(), *(Residual() for _ in range(5)),
        nn.Upsample(scale_factor=2), *layer(128, 64), nn.ReLU(),
        nn.Upsample(scale_factor=2), *layer(64, 32), nn.ReLU(),
        nn.Conv2d(32, 3, 9, 1, 4))
    arrays = [q.data().asnumpy() for q in net.collect_params().values()]
    # The kernels of MXNet's last, a transposed one, turned again
    arrays[-2] = arrays[-2].transpose(1, 0, 2, 3)[:, :, ::-1, ::-1].copy()
    with torch.no_grad():
        for p, array in zip(other.parameters(), arrays):
            p.copy_(torch.from_numpy(array))
    return other


if __name__ == '__main__':
    main()
