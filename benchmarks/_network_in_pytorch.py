"""A network that paints, in PyTorch: seconds of painting or of a step.

Run by `network.py`, in any Python that has torch and NumPy. FILE has the
network's numbers, pictures, and what the package makes of them. Prints the
seconds, the peak memory in MB and the largest difference from the package's
painting, as JSON.

    python benchmarks/_network_in_pytorch.py FILE painting|training
        float32|bfloat16 first|last
"""

import json
import os
import resource
import sys

import numpy as np
import torch
from _seconds import seconds
from torch import nn


def main(path, what, precision, order):
    torch.set_num_threads(int(os.environ['OMP_NUM_THREADS']))
    given = np.load(path)
    order = (torch.channels_last if order == 'last'
             else torch.contiguous_format)
    net = Transformer(given).to(memory_format=order)
    X = torch.from_numpy(given['X']).to(memory_format=order)
    with torch.no_grad():
        difference = float(abs(net(X).numpy() - given['Y']).max())
    adam = torch.optim.Adam(net.parameters())

    def forward():
        with torch.autocast('cpu', torch.bfloat16,
                            enabled=precision == 'bfloat16'):
            return net(X)

    def painting():
        with torch.no_grad():
            forward()

    def training():
        adam.zero_grad()
        forward().float().mean().backward()
        adam.step()

    print(json.dumps([seconds({'painting': painting,
                               'training': training}[what]),
                      resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                      / 1024, difference]))


class Transformer(nn.Module):
    """The network with the same numbers, for the style that is chosen."""

    def __init__(self, given):
        super().__init__()
        self.body = nn.ModuleList(
            [nn.Sequential(*layer(given, f'body.{i}', *each), nn.ReLU())
             for i, each in enumerate(((3, 32, 9), (32, 64, 3, 2),
                                       (64, 128, 3, 2)))]
            + [Residual(given, f'body.{i}') for i in range(3, 8)]
            + [nn.Sequential(*layer(given, f'body.{i}', *each), nn.ReLU())
               for i, each in ((8, (192, 64)), (9, (96, 32)))])
        self.light = nn.Parameter(of_style(given, 'light').view(1, 3, 1, 1))
        self.last = nn.Conv2d(35, 3, 9, 1, 4, padding_mode='replicate')
        # The kernels of MXNet's last, a transposed one, turned
        self.last.weight.data = torch.from_numpy(
            given['last.weight'].transpose(1, 0, 2, 3)[
                :, :, ::-1, ::-1].copy())
        self.last.bias.data = torch.from_numpy(given['last.bias'])

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


class Residual(nn.Module):
    def __init__(self, given, name):
        super().__init__()
        self.body = nn.Sequential(
            *layer(given, name + '.first', 128, 128), nn.ReLU(),
            *layer(given, name + '.second', 128, 128))

    def forward(self, X):
        return X + self.body(X)


class Affine(nn.Module):
    def __init__(self, scale, shift):
        super().__init__()
        self.scale, self.shift = (nn.Parameter(A.view(1, -1, 1, 1))
                                  for A in (scale, shift))

    def forward(self, X):
        return torch.addcmul(self.shift, X, self.scale)


def layer(given, name, inputs, channels, kernel=3, stride=1):
    convolution = nn.Conv2d(inputs, channels, kernel, stride, kernel // 2,
                            bias=False, padding_mode='replicate')
    # The package has the kernels for what is beside a layer apart
    convolution.weight.data = torch.from_numpy(np.concatenate(
        [given[key] for key in (f'{name}.convolution.weight',
                                f'{name}.beside.weight')
         if key in given], axis=1))
    loudest = float(given['loudest'])
    return [convolution,
            nn.InstanceNorm2d(channels, eps=float(given['epsilon'])),
            nn.Hardtanh(-loudest, loudest),
            Affine(of_style(given, name + '.norm.gamma'),
                   of_style(given, name + '.norm.beta'))]


def of_style(given, name):
    return torch.from_numpy((given['chosen'] @ given[name])[0])


if __name__ == '__main__':
    main(*sys.argv[1:])
