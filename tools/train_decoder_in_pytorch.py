"""Trains the decoder of `d2l_nst train --invert relu3_1` in PyTorch, where
the GPU is newer than MXNet's wheels: the same network, losses and data.

    python tools/train_decoder_in_pytorch.py FEATURES.npz PHOTOGRAPHS
        PAINTINGS -o DECODER.npz [--start DECODER.npz] [--seconds 600]

`pytorch_files.py` makes FEATURES.npz, a file to start with, and a file for
`paint` of DECODER.npz. The rest is as in `train_in_pytorch.py`.
"""

import argparse
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from train_in_pytorch import (DEVICE, SAVE, SHORT, Crops, Steps, begin,
                              calmness, dimmed, edge, extract, on_device,
                              save, variation)

LEVELS = 'relu1_1', 'relu2_1', 'relu3_1'
STAGES = {'relu3_1': ((256, 128), 'up', (128, 128)),
          'relu2_1': ((128, 64), 'up', (64, 64)), 'relu1_1': ((64, 3),)}
EPSILON = 1e-3            # `decoder.EPSILON`
OTHER_COLOURS = 0.3       # share of the paintings
ROOTS = 18                # steps of Newton and Schulz


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleDict({
            level: nn.ModuleList(
                nn.Upsample(scale_factor=2) if layer == 'up'
                else nn.Conv2d(*layer, 3) for layer in layers)
            for level, layers in STAGES.items()})

    def forward(self, X, statistics):
        made, statistics = [], list(statistics)
        for level, layers in self.layers.items():
            for layer in layers:
                if isinstance(layer, nn.Upsample):
                    X = layer(X)
                    continue
                X = F.conv2d(edge(X), layer.weight, layer.bias)
                X = F.relu(X) if layer.out_channels != 3 else X
            if level != 'relu1_1':
                made.append(X)
                X = F.relu(restyled(X, *statistics.pop(0)))
        return X.float(), made


def restyled(X, scale, shift):
    X = X.float()
    var, mean = torch.var_mean(X, (2, 3), unbiased=False, keepdim=True)
    scale = scale[:, :, None, None] * torch.rsqrt(var + EPSILON)
    return (X - mean) * scale + shift[:, :, None, None]


def moments(X):
    return ((X.var((2, 3), unbiased=False) + EPSILON).sqrt(),
            X.mean((2, 3)))


# -------------------------------------------------------------- the losses
class Loss:
    """Called with a decoder and 3 n / 2 pictures in 0 ... 255, of which the
    last n / 2 are paintings. Returns the total and the weighted terms."""

    def __init__(self, path):
        known = np.load(path)
        self.mean, self.std = (on_device(known[k].reshape(1, 3, 1, 1))
                               for k in ('mean', 'std'))
        self.names, before, self.layers = [], 1, {}
        for name in map(str, known['names']):
            self.names.append(name)
            if name.startswith('conv'):
                loud = float(known[f'{name}.loudness'])
                self.layers[name] = [
                    on_device(known[f'{name}.weight']).to(SHORT)
                    * (loud / before),
                    on_device(known[f'{name}.bias']).to(SHORT) * loud]
                before = loud
        self.weights = list(map(float, known['decoder_weights']))

    def extract(self, X):
        return extract(X, self.names, self.layers, LEVELS,
                       lambda X: F.max_pool2d(X, 2))

    @torch.no_grad()
    def targets(self, pictures):
        half = len(pictures) // 3
        S = (pictures / 255 - self.mean) / self.std
        known = self.extract(S)
        top, q = known['relu3_1'], half // 2
        given = torch.cat([
            top[:half],
            wct(top[half:half + q], top[2 * half:2 * half + q]),
            adain(top[half + q:2 * half], top[2 * half + q:])])
        goals = {k: torch.cat([A[:half], A[2 * half:]])
                 for k, A in known.items()}
        return (S, known, given, [moments(goals[k]) for k in LEVELS[1::-1]],
                [M for k in LEVELS for M in second_moments(goals[k])])

    def __call__(self, net, pictures):
        half = len(pictures) // 3
        S, known, given, statistics, grams = self.targets(pictures)
        Y, made = net(given, statistics)
        found = self.extract(Y)
        content = (found['relu3_1'] - given).pow(2).mean()
        style = sum(distance(A, B) for A, B in zip(
            (M for k in LEVELS for M in second_moments(found[k])), grams))
        picture = (Y[:half] - S[:half]).pow(2).mean()
        between = sum((A[:half].float() - known[k][:half]).pow(2).mean()
                      for A, k in zip(made, LEVELS[1::-1]))
        painted, seen = Y[half:], S[half:2 * half]
        light, calm = dimmed(painted, seen), calmness(seen)
        tv = variation(painted, calm)
        terms = [w * l for w, l in zip(self.weights, (
            content, style, picture, between, light, tv))]
        return (sum(terms), *terms)


def second_moments(X):
    X = X.float().flatten(2)
    with torch.autocast(DEVICE, enabled=False):
        return X @ X.transpose(1, 2) / X.shape[2], X.mean(2, keepdim=True)


def distance(A, B):
    """`decoder_loss.distance`."""
    difference, size = ((M ** 2).sum((1, 2)) for M in (A - B, B))
    return (difference / (size + 1e-3) + 1e-4).sqrt().mean()


def adain(X, Y):
    (a, m), (b, k) = ([A[:, :, None, None] for A in moments(Z)]
                      for Z in (X, Y))
    return (X - m) * (b / a) + k


def wct(X, Y):
    """`transforms.wct`, with the roots by Newton's and Schulz' steps."""
    (m, C), (k, S) = (covariance(A) for A in (X, Y))
    with torch.autocast(DEVICE, enabled=False):
        A = roots(S)[0] @ roots(C)[1]
        return (A @ (X.flatten(2) - m) + k).view_as(X)


def covariance(X):
    second, mean = second_moments(X)
    noise = EPSILON * torch.eye(X.shape[1], device=DEVICE)
    return mean, second - mean * mean.transpose(1, 2) + noise


def roots(M):
    """M^(1/2) and M^(-1/2) of matrices (N, C, C)."""
    one = torch.eye(M.shape[-1], device=DEVICE).expand_as(M)
    norm = M.pow(2).sum((1, 2), keepdim=True).sqrt()
    Y, Z = M / norm, one
    for _ in range(ROOTS):
        T = 0.5 * (3 * one - Z @ Y)
        Y, Z = Y @ T, T @ Z
    return Y * norm.sqrt(), Z / norm.sqrt()


# ------------------------------------------------------------ the training
def train(args):
    begun = saved = time.time()
    torch.manual_seed(2)
    torch.backends.cuda.matmul.allow_tf32 = False     # for the roots
    net, n = Decoder().to(DEVICE), args.batch_size
    net = net.to(memory_format=torch.channels_last)
    begin(net, args.start)
    loss = Loss(args.features)
    photographs, paintings = (Crops(folder, args.size, args.pool)
                              for folder in (args.photographs,
                                             args.paintings))
    step = Steps(net, loss, (3 * n // 2, 3, args.size, args.size))
    i = 0
    while (done := (time.time() - begun) / args.seconds) < 1:
        step.rate.fill_(args.lr * min(1, (1 - done) / 0.5, (i + 10) / 300))
        step.given[0].copy_(torch.cat([
            photographs.batch(n), in_other_colours(paintings.batch(n // 2))]))
        l, i = step(), i + 1
        if i % 100 == 0 or i == 1:
            print(i, f'{done:.0%}', *(f'{x.item():.3f}' for x in l),
                  flush=True)
        if time.time() - saved > SAVE:
            saved = time.time()
            save(net, args.output)
    save(net, args.output)
    print(f'{args.output}: {i} batches in {time.time() - begun:.0f} s')


def in_other_colours(X):
    """Some of the pictures with their three colours exchanged."""
    mixed = X[:, torch.randperm(3, device=DEVICE)]
    return torch.where(torch.rand(len(X), 1, 1, 1, device=DEVICE)
                       < OTHER_COLOURS, mixed, X)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    add = parser.add_argument
    add('features'), add('photographs'), add('paintings')
    add('-o', '--output', required=True)
    add('--start')
    for name, value in (('seconds', 600), ('size', 128), ('batch-size', 16),
                        ('lr', 1e-3), ('pool', 4000)):
        add('--' + name, type=type(value), default=value)
    train(parser.parse_args())


if __name__ == '__main__':
    main()
