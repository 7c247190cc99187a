"""One epoch in PyTorch: the network and the losses of `book` or `quick`.

Run by `epoch.py`, in any Python that has torch; it needs nothing else. Prints
the seconds of an epoch and the peak memory in MB, as JSON. Convolutions are
channels-last or not, in bfloat16 where that is asked for.

    python benchmarks/_epoch_in_pytorch.py book|quick 225x150 first|last
        [bfloat16]
"""

import json
import os
import resource
import sys
import time

import torch
from torch.nn.functional import avg_pool2d, conv2d, max_pool2d, pad, relu

EPOCHS = 4
# Channels of the convolutions, and 0 for a pooling; those that are heard
PLANS = {
    'book': ([64, 64, 0, 128, 128, 0, *[256] * 4, 0, *[512] * 4, 0, 512],
             (0, 2, 4, 8, 12), (11,)),
    'quick': ([64, 64, 0, 128, 128, 0, *[256] * 4, 0, 512, 512],
              (0, 2, 4, 8), (4, 9))}
MARGIN = {'book': 0, 'quick': 16}


class Losses:
    """Content, style and total variation; `quick` pools averages, repeats
    the edge, and listens behind the ReLU. What takes it no time, light and
    the channels' loudness, is left out here."""

    def __init__(self, recipe, layout):
        self.plan, self.styles, self.contents = PLANS[recipe]
        self.quick, self.kernels, inputs = recipe == 'quick', [], 3
        for channels in filter(None, self.plan):
            W = torch.randn(channels, inputs, 3, 3) * (2 / 9 / inputs) ** 0.5
            self.kernels.append((W.to(memory_format=layout),
                                 torch.zeros(channels)))
            inputs = channels

    def features(self, X):
        kernels, found = iter(self.kernels), []
        for channels in self.plan:
            if not channels:
                X = (avg_pool2d if self.quick else max_pool2d)(X, 2)
                continue
            if self.quick:
                X = pad(X, (1, 1, 1, 1), mode='replicate')
            Y = conv2d(X, *next(kernels), padding=0 if self.quick else 1)
            X = relu(Y)
            found.append(X if self.quick else Y)
        return found

    def aim(self, content_X, style_X):
        with torch.no_grad():
            found = self.features(content_X)
            self.contents_Y = [found[i].float() for i in self.contents]
            found = self.features(style_X)
            self.grams_Y = [gram(found[i]) for i in self.styles]

    def __call__(self, X):
        found = self.features(X)
        content = sum(((found[i] - Y) ** 2).mean()
                      for i, Y in zip(self.contents, self.contents_Y))
        style = sum(((gram(found[i]) - Y) ** 2).mean()
                    for i, Y in zip(self.styles, self.grams_Y))
        down, across = X[:, :, 1:] - X[:, :, :-1], X[..., 1:] - X[..., :-1]
        return content + 1e3 * style + 5 * ((down ** 2).mean()
                                            + (across ** 2).mean())


def gram(Y):
    rows = Y[0].flatten(1).float()
    return rows @ rows.T / rows.numel()


def main(recipe, size, order, precision='float32'):
    torch.manual_seed(1)
    threads = int(os.environ.get('OMP_NUM_THREADS', torch.get_num_threads()))
    torch.set_num_threads(threads)
    clock = time.process_time if threads == 1 else time.perf_counter
    layout = (torch.channels_last if order == 'last'
              else torch.contiguous_format)
    losses = Losses(recipe, layout)
    width, height = (int(n) + 2 * MARGIN[recipe] for n in size.split('x'))
    X, content_X, style_X = (torch.randn(1, 3, height, width).to(
        memory_format=layout) for _ in range(3))
    X.requires_grad_()
    seconds = []
    with torch.autocast('cpu', torch.bfloat16, precision == 'bfloat16'):
        losses.aim(content_X, style_X)
        for _ in range(EPOCHS + 1):
            start = clock()
            X.grad = None
            losses(X).backward()
            seconds.append(clock() - start)
    # The first epoch allocates
    print(json.dumps([min(seconds[1:]), resource.getrusage(
        resource.RUSAGE_SELF).ru_maxrss / 1024]))


if __name__ == '__main__':
    main(*sys.argv[1:])
