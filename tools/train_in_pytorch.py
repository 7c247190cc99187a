"""Trains the network of `d2l_nst train` in PyTorch, where the GPU is newer
than MXNet's wheels: the same network, losses and data.

    python tools/train_in_pytorch.py FEATURES.npz PHOTOGRAPHS STYLE [STYLE]
        -o NET.npz [--start NET.npz] [--seconds 600]

It needs PyTorch, NumPy and Pillow alone. `pytorch_files.py` makes
FEATURES.npz, and a file for `paint` of NET.npz. On a GPU it computes in
bfloat16, compiled, and a step is one CUDA graph.
"""

import argparse
import pathlib
import random
import time

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

CUDA = torch.cuda.is_available()
DEVICE = 'cuda' if CUDA else 'cpu'
SHORT = torch.bfloat16 if CUDA else torch.float32
POOL, FRESH = 3000, 1     # crops on the device; of which new in each step
MOST = 960                # pixels a side of what a crop shows
# Shares of the crops: plain grounds alone, and with a strip of a picture
PLAIN, HALF_PLAIN = 0.04, 0.08
TILE = 4096               # pixels of a part of a Gram matrix
SAVE = 100                # seconds from file to file
GRAIN = 1.5               # deviation of the noise on each picture
SHARPEST = 3              # times what a blur of 3 x 3 takes away
WARM = 12                 # steps before the graph
STEEPEST = 10             # a gradient is clipped to this norm
LOUDEST = 8               # `blocks.LOUDEST`
SILENT = 0.1              # `terms.gram.SILENT`

torch.backends.cudnn.benchmark = True
torch.backends.cuda.matmul.allow_tf32 = True
torch.backends.cudnn.allow_tf32 = True


# ------------------------------------------------------------- the network
class Edge(torch.autograd.Function):
    """`F.pad` with mode 'replicate', which a compiler makes part of what
    stands around it, forwards and backwards."""

    @staticmethod
    def forward(ctx, X, reach):
        ctx.reach = reach
        y, x = (torch.arange(-reach, n + reach, device=X.device)
                .clamp(0, n - 1) for n in X.shape[2:])
        return X[:, :, y[:, None], x[None]]

    @staticmethod
    def backward(ctx, gradient):
        n = ctx.reach
        A = gradient[:, :, n:-n]
        more = A.shape[2] - 1
        A = (A + F.pad(gradient[:, :, :n].sum(2, True), (0, 0, 0, more))
             + F.pad(gradient[:, :, -n:].sum(2, True), (0, 0, more, 0)))
        B = A[..., n:-n]
        more = B.shape[3] - 1
        B = (B + F.pad(A[..., :n].sum(3, True), (0, more))
             + F.pad(A[..., -n:].sum(3, True), (more, 0)))
        return B, None


def edge(X, reach=1):
    return Edge.apply(X, reach)


def kernels(channels, inputs, kernel):
    return nn.Parameter(nn.init.xavier_uniform_(
        torch.empty(channels, inputs, kernel, kernel)))


class Normalised(nn.Module):
    def __init__(self, rows, inputs, channels, kernel=3, stride=1, up=False,
                 relu=True):
        super().__init__()
        self.up, self.relu, self.stride = up, relu, stride
        self.convolution, self.norm = nn.Module(), nn.Module()
        self.convolution.weight = kernels(channels, inputs, kernel)
        if up:
            self.beside = nn.Module()
            self.beside.weight = kernels(channels, channels, kernel)
        self.norm.gamma = nn.Parameter(torch.ones(rows, channels))
        self.norm.beta = nn.Parameter(torch.zeros(rows, channels))

    def forward(self, X, weights, beside=None):
        if self.up:
            X = F.interpolate(X, scale_factor=2)
        kernel = self.convolution.weight
        X = F.conv2d(edge(X, kernel.shape[-1] // 2), kernel,
                     stride=self.stride)
        if self.up:
            X = X + F.conv2d(edge(beside), self.beside.weight)
        with torch.autocast(DEVICE, enabled=False):
            X = X.float()
            var, mean = torch.var_mean(X, (2, 3), unbiased=False,
                                       keepdim=True)
            scale, shift = ((weights @ A)[:, :, None, None] for A in (
                self.norm.gamma, self.norm.beta))
            X = (X - mean) * torch.rsqrt(var + 1e-3)
            X = X.clamp(-LOUDEST, LOUDEST) * scale + shift
        return F.relu(X) if self.relu else X


class Residual(nn.Module):
    def __init__(self, rows):
        super().__init__()
        self.first = Normalised(rows, 128, 128)
        self.second = Normalised(rows, 128, 128, relu=False)

    def forward(self, X, weights):
        return X + self.second(self.first(X, weights), weights)


class TransformerNet(nn.Module):
    def __init__(self, rows):
        super().__init__()
        self.body = nn.ModuleList([
            Normalised(rows, 3, 32, 9), Normalised(rows, 32, 64, stride=2),
            Normalised(rows, 64, 128, stride=2),
            *(Residual(rows) for _ in range(5)),
            Normalised(rows, 128, 64, up=True),
            Normalised(rows, 64, 32, up=True)])
        self.light = nn.Parameter(torch.ones(rows, 3))
        self.last = nn.Conv2d(35, 3, 9)

    def forward(self, X, weights):
        X = X / 127.5 - 1
        first, second, third, *between, fourth, fifth = self.body
        fine = first(X, weights)
        coarse = second(fine, weights)
        Y = third(coarse, weights)
        for block in between:
            Y = block(Y, weights)
        Y = fifth(fourth(Y, weights, coarse), weights, fine)
        light = (weights @ self.light)[:, :, None, None]
        Y = self.last(edge(torch.cat([Y, X * light], 1), 4))
        return 127.5 * (torch.tanh(Y.float()) + 1)


# -------------------------------------------------------------- the losses
class Loss:
    """Called with a network, pictures, (N, 3, H, W) in 0 ... 255, how much
    of which style, (N, S), and how far the styles are `on`. Returns the
    total, then content, style, light and variation."""

    def __init__(self, path, styles):
        known = np.load(path)
        self.names = list(map(str, known['names']))
        self.mean, self.std = (on_device(known[k].reshape(1, 3, 1, 1))
                               for k in ('mean', 'std'))
        self.layers = {
            name: [on_device(known[f'{name}.{kind}']).to(SHORT)
                   for kind in ('weight', 'bias')]
            for name in self.names if name.startswith('conv')}
        self.contents, self.styles = (
            {str(name): float(weight) for name, weight in zip(
                known[kind + 's'], known[kind + '_weights'])}
            for kind in ('content', 'style'))
        self.weights = list(map(float, known['weights']))
        with torch.no_grad():
            each = [self.extract(self.standardise(style), self.styles)
                    for style in styles]
        grams = {name: torch.cat([gram(Y[name]) for Y in each])
                 for name in self.styles}
        self.even = {k: evening(G) for k, G in grams.items()}
        self.grams = {k: G * self.even[k] for k, G in grams.items()}
        self.sizes = {k: G.pow(2).sum(1) for k, G in self.grams.items()}

    def standardise(self, X):
        return (X / 255 - self.mean) / self.std

    def extract(self, X, wanted):
        return extract(X, self.names, self.layers, wanted, mean_of_four)

    def __call__(self, net, X, weights, on):
        Z, S = self.standardise(net(X, weights)), self.standardise(X)
        with torch.no_grad():
            C, calm = self.extract(S, self.contents), calmness(S)
        found = self.extract(Z, {*self.contents, *self.styles})
        content = sum(
            w * ((found[k] - C[k]).pow(2).sum((1, 2, 3)) / (
                C[k].pow(2).sum((1, 2, 3)) + 1e-4)).mean()
            for k, w in self.contents.items())
        style = sum(w * (gram(found[k]) * (weights @ self.even[k])
                         - weights @ self.grams[k]).pow(2).sum(1)
                    / (weights @ self.sizes[k])
                    for k, w in self.styles.items())
        style = torch.where(style > 4, 4 * style.clamp_min(4).sqrt() - 4,
                            style)
        tv = variation(Z, calm)
        terms = [w * l for w, l in zip(self.weights, (
            content, style.mean(), dimmed(Z, S), tv))]
        back = (Z - S).pow(2).mean()     # at first it is an inverter
        total = terms[0] + on * terms[1] + terms[2] + terms[3]
        return (total + (1 - on) * back, *terms)


def extract(X, names, layers, wanted, pool):
    """The features `wanted`, {name: (N, C, H, W)}, by the kernels and biases
    of `layers`, {name: pair}."""
    X, found = X.to(SHORT).contiguous(memory_format=torch.channels_last), {}
    for name in names:
        if name.startswith('pool'):
            X = pool(X)
        elif name.startswith('conv'):
            X = F.conv2d(edge(X), *layers[name])
        else:
            X = F.relu(X)
        if name in wanted:
            found[name] = X.float()
            if len(found) == len(wanted):
                break
    return found


def mean_of_four(X):
    h, w = (n // 2 * 2 for n in X.shape[2:])
    return sum(X[:, :, y:h:2, x:w:2] for y in (0, 1) for x in (0, 1)) / 4


def variation(X, weights):
    """`terms.variation.tv_guided`."""
    down, across = (X.diff(dim=i).pow(2) for i in (2, 3))
    return 0.5 * ((weights[:, :, 1:] * down).mean()
                  + (weights[..., 1:] * across).mean())


def gram(Y):
    """(N, C, H, W) -> (N, C * C); the sum of those of some parts, which are
    computed side by side."""
    n, c, h, w = Y.shape
    parts = max(1, h * w // TILE) if h * w % TILE == 0 else 1
    with torch.autocast(DEVICE, enabled=False):
        Y = Y.float().reshape(n, c, parts, -1).transpose(1, 2)
        return (Y @ Y.transpose(2, 3)).sum(1).flatten(1) / (c * h * w)


def evening(G):
    """`objective.evening` of Gram matrices (S, C * C), as such matrices."""
    n = round(G.shape[1] ** 0.5)
    loud = G.view(-1, n, n).diagonal(dim1=1, dim2=2)
    even = (loud + SILENT * loud.mean(1, keepdim=True)).rsqrt()
    return (even[:, :, None] * even[:, None]).flatten(1)


def dimmed(Y_hat, X):
    """`objective.light_loss`."""
    a, b = (F.avg_pool2d(A, 8).mean(1).flatten(1) for A in (Y_hat, X))
    a, b = (A - A.mean(1, keepdim=True) for A in (a, b))
    sizes = a.pow(2).sum(1) * b.pow(2).sum(1)
    return (1 - (a * b).sum(1) / (sizes + 1e-4).sqrt()).mean()


def calmness(X):
    """`objective.calmness`."""
    contrast = sum(A ** 2 for A in torch.gradient(
        X.mean(1, keepdim=True), dim=(2, 3)))
    sigma = max(X.shape[2:]) / 100
    reach = int(4 * sigma + 0.5)
    bell = torch.exp(-0.5 * (torch.arange(
        -reach, reach + 1, device=DEVICE) / sigma) ** 2)
    bell = (bell / bell.sum()).view(1, 1, 1, -1)
    around = F.pad(contrast, (reach,) * 4, mode='reflect')
    around = F.conv2d(F.conv2d(around, bell), bell.transpose(2, 3))
    unit = 0.35 ** 2 * contrast.mean((1, 2, 3), keepdim=True) + 1e-12
    return 1 + 30 / (1 + around / unit)


# ---------------------------------------------------------------- the data
def on_device(array):
    return torch.tensor(np.asarray(array), dtype=torch.float32,
                        device=DEVICE)


def picture(path, side=None):
    """(3, H, W) uint8; with the area of `side` squared where it is given."""
    with Image.open(path) as img:
        img = img.convert('RGB')
        if side:
            part = side / (img.width * img.height) ** 0.5
            img = img.resize((round(part * img.width),
                              round(part * img.height)), Image.BICUBIC)
        return torch.from_numpy(np.array(img)).permute(2, 0, 1)


class Crops:
    """Crops on the device; in each batch a few of them are new."""

    def __init__(self, folder, size, number):
        self.size, self.random = size, random.Random(1)
        self.photos = [picture(path).to(DEVICE) for path in sorted(
            pathlib.Path(folder).rglob('*'))
            if path.suffix.lower() in ('.jpg', '.jpeg', '.png')]
        self.pool = torch.stack([self.draw() for _ in range(number)])

    def draw(self):
        """A crop; a plain ground, which pictures have and crops of few
        pictures seldom; or such a ground with a strip of a crop below."""
        kind = self.random.random()
        if kind < PLAIN:
            return self.ground()
        crop = self.crop()
        if kind < PLAIN + HALF_PLAIN:
            rows = self.random.randint(self.size // 2, self.size * 7 // 8)
            crop[:, :rows] = self.ground()[:, :rows]
        return crop

    def ground(self):
        """From one colour to another, or nearly to it."""
        a, b = (torch.tensor([255 * self.random.random() ** 1.5
                              for _ in range(3)], device=DEVICE)
                for _ in range(2))
        way = torch.linspace(0, self.random.choice([0, 0.3, 1]), self.size,
                             device=DEVICE)
        return torch.lerp(a[:, None], b[:, None], way)[..., None].expand(
            -1, -1, self.size).byte()

    def crop(self):
        img = self.random.choice(self.photos)
        most = min(*img.shape[1:], MOST)
        least = min(self.size, most)
        side = round(least * (most / least) ** self.random.random())
        y, x = (self.random.randint(0, n - side) for n in img.shape[1:])
        crop = img[None, :, y:y + side, x:x + side].float()
        return F.interpolate(crop, (self.size,) * 2, mode='bilinear',
                             antialias=True)[0].clamp(0, 255).byte()

    def batch(self, n):
        for _ in range(FRESH):
            self.pool[self.random.randrange(len(self.pool))] = self.draw()
        X = in_other_light(self.pool[torch.randint(
            len(self.pool), (n,), device=DEVICE)].float())
        return X + GRAIN * torch.randn(X.shape, device=DEVICE)


def in_other_light(X):
    """Half of the pictures with another gamma and contrast, half of all
    sharpened, and half turned left to right."""
    gamma, part, new, sharp, turned = torch.rand(5, len(X), 1, 1, 1,
                                                 device=DEVICE)
    Y = 255 * (X / 255).clamp_min(1e-4) ** torch.exp(1.6 * gamma - 0.72)
    mean = Y.mean((1, 2, 3), keepdim=True)
    Y = (mean + (0.4 + 0.85 * part) * (Y - mean)).clamp(0, 255)
    X = torch.where(new < 0.5, X, Y)
    fine = X - F.avg_pool2d(edge(X), 3, 1)
    X = (X + SHARPEST * (2 * sharp - 1).clamp_min(0) * fine).clamp(0, 255)
    return torch.where(turned < 0.5, X, X.flip(3))


# ------------------------------------------------------------ the training
class Steps:
    """The step of a training: a call each, and on a GPU soon one graph.

    `given` are arrays of these `shapes`, which are filled before a step.
    """

    def __init__(self, net, loss, *shapes):
        self.net, self.loss, self.number, self.graph = net, loss, 0, None
        self.parameters = list(net.parameters())
        self.rate = torch.tensor(1e-3, device=DEVICE)
        self.adam = torch.optim.Adam(self.parameters, self.rate,
                                     capturable=CUDA, fused=CUDA)
        self.given = [torch.zeros(shape, device=DEVICE) for shape in shapes]
        self.given[0] = self.given[0].to(memory_format=torch.channels_last)
        self.measure = torch.compile(self.losses) if CUDA else self.losses

    def losses(self):
        with torch.autocast(DEVICE, torch.bfloat16, enabled=CUDA):
            return self.loss(self.net, *self.given)

    def compute(self):
        self.adam.zero_grad()
        l = self.measure()
        l[0].backward()
        grads = [p.grad for p in self.parameters]
        norm = sum(g.pow(2).sum() for g in grads).sqrt()
        part = torch.where(norm.isfinite(), (STEEPEST / norm).clamp(max=1), 0)
        for g in grads:      # where one is not finite, none moves anything
            torch.nan_to_num(g, 0, 0, 0, out=g)
            g.mul_(part)
        self.adam.step()
        return l

    def __call__(self):
        self.number += 1
        if not CUDA:
            return self.compute()
        if self.number <= WARM:
            stream = torch.cuda.Stream()
            stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(stream):
                l = self.compute()
            torch.cuda.current_stream().wait_stream(stream)
            return l
        if self.graph is None:
            self.adam.zero_grad()
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph):
                self.shown = self.compute()
        self.graph.replay()
        return self.shown


def train(args):
    begun = saved = time.time()
    torch.manual_seed(1)
    loss = Loss(args.features, [
        on_device(picture(path, args.style_size)[None])
        for path in args.styles])
    names = [pathlib.Path(path).stem for path in args.styles]
    net, n = TransformerNet(len(names)), args.batch_size
    net = net.to(DEVICE).to(memory_format=torch.channels_last)
    begin(net, args.start)
    crops = Crops(args.photographs, args.size, args.pool)
    step = Steps(net, loss, (n, 3, args.size, args.size), (n, len(names)), ())
    X, weights, on = step.given
    i = 0
    while (done := (time.time() - begun) / args.seconds) < 1:
        on.fill_(1 if args.start else min(1, max(0, i / 1000 - 0.2)))
        step.rate.fill_(args.lr * min(1, (1 - done) / 0.45, (i + 20) / 300))
        X.copy_(crops.batch(n))
        weights.copy_(torch.eye(len(names))[
            [(i * n + j) % len(names) for j in range(n)]])
        l, i = step(), i + 1
        if i % 100 == 0 or i == 1:
            print(i, f'{done:.0%}', *(f'{x.item():.3f}' for x in l),
                  flush=True)
        if time.time() - saved > SAVE:
            saved = time.time()
            save(net, args.output, styles=names)
    save(net, args.output, styles=names)
    print(f'{args.output}: {i} batches in {time.time() - begun:.0f} s')


def begin(net, path):
    """Give a network the numbers of a file, if there is one; what that does
    not have begins with 0."""
    if path:
        start = np.load(path)
        net.load_state_dict({
            key: torch.tensor(start[key]) if key in start
            else torch.zeros_like(A) for key, A in net.state_dict().items()})


def save(net, path, **more):
    np.savez(path, **more, **{
        key: value.contiguous().cpu().numpy()
        for key, value in net.state_dict().items()})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    add = parser.add_argument
    add('features'), add('photographs'), add('styles', nargs='+')
    add('-o', '--output', required=True)
    add('--start')
    for name, value in (('seconds', 600), ('size', 256), ('batch-size', 8),
                        ('style-size', 1024), ('lr', 1e-3), ('pool', POOL)):
        add('--' + name, type=type(value), default=value)
    train(parser.parse_args())


if __name__ == '__main__':
    main()
