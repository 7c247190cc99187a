"""The training of an image transformer network, on one machine or more."""

import os
import zlib
from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

import mxnet as mx
import numpy as onp

from ..images import fit_shape, read_image, resize, to_numpy
from ..kinds import Array, Path
from ..precision import choose_precision
from ..steps import Listener
from ..vgg import get_net
from . import objective
from .margin import with_margin, without_margin
from .records import Result, Settings
from .run import Training
from .transformer import TransformerNet

# Deviation of the noise on what is trained on. On flat ground a
# normalisation divides by nothing, and gradients have no bounds
GRAIN = 1.5


@mx.util.use_np    # in any thread
def train(styles: Any, folder: Optional[Path] = None,
          output: Optional[Path] = None, settings: Settings = Settings(),
          resume: bool = False, every: int = 100, workers: int = 2,
          ctx: Any = None, kvstore: str = 'local',
          on_step: Optional[Listener] = None,
          start: Optional[Path] = None) -> Result:
    """Train a network to paint like each of `styles`, files or (H, W, 3),
    on the pictures below `folder`; returns a `Result`. One style may stand
    alone.

    `output` is the network's file. It is written every `every` iterations
    and at the end, and with it a checkpoint (`checkpoint_path`). With
    `resume` the training goes on from a checkpoint if there is one.
    `workers` processes load pictures. `ctx` is a context, or a list over
    which batches are split. `kvstore` is 'local' or 'device', or 'dist_sync'
    within a job of MXNet's launcher. There `batch_size` is that of each
    worker, and only the first worker writes files and calls `on_step` with
    each `Step`. `start`, a bundled NAME or a file, is a trained network to
    begin with in place of random numbers; another style then needs a
    fraction of the iterations. Raises `NSTError`.
    """
    run = Run(styles, folder, settings, ctx, kvstore, start)
    return run.run(output, resume, every, workers, on_step)


class Run(Training):
    """The training of a network for some styles."""

    kind, terms = TransformerNet, objective.PerceptualLoss.terms

    def __init__(self, styles: Any, folder: Optional[Path],
                 settings: Settings, ctx: Any = None, kvstore: str = 'local',
                 start: Optional[Path] = None):
        if not isinstance(styles, (list, tuple)):
            styles = [styles]
        self.styles = [read_style(style, settings.style_size)
                       for style in styles]
        super().__init__(folder, settings, ctx, kvstore, start,
                         styles=style_names(styles))
        train_in(choose_precision(settings.precision, self.ctx), self.net)

    def get_ready(self) -> None:
        """Compile the objective."""
        s, ctx = self.settings, self.ctx
        contents, styles = s.layers('content'), s.layers('style')
        quick = objective.QUICK
        net = get_net(objective.NETWORK, [*contents, *styles], s.weights,
                      ctx, s.seed, quick.pooling, scaled=False,
                      padding=quick.padding, precision=s.precision)
        grams = objective.style_grams(
            net, [mx.np.array(style, ctx=ctx[0]) for style in self.styles],
            list(styles), ctx) if styles else []
        self.loss = objective.PerceptualLoss(net, grams, s, ctx)

    def prepare(self, X: Array) -> List[Tuple]:
        """For each device: the pictures with their margin, their size, and
        the other arguments of the losses."""
        n, each = len(X), len(X) // len(self.ctx)
        first = self.iteration * self.batch + self.rank * n
        weights = onp.eye(len(self.styles))[
            (first + onp.arange(n)) % len(self.styles)]
        # Drawn for each picture's place, so that workers share one batch
        grainy = X + GRAIN * onp.stack([onp.random.RandomState(
            [self.settings.seed % 2 ** 32, first + i]).normal(size=X.shape[1:])
            for i in range(n)])
        wide = with_margin(grainy, self.net.margin, self.net.factor)
        calm = objective.calmness(X)
        return [(*(mx.np.array(part[i * each:(i + 1) * each],
                               dtype='float32', ctx=ctx)
                   for part in (wide, weights, calm)), X.shape[2:])
                for i, ctx in enumerate(self.ctx)]

    def losses(self, wide: Array, weights: Array, calm: Array,
               size: Tuple[int, int]) -> Tuple[List[Array],
                                               Tuple[Array, Array]]:
        height, width = size
        X, Y_hat = (without_margin(each, height, width, self.net.margin)
                    for each in (wide, self.net(wide, weights)))
        return self.loss(Y_hat, X, weights, calm), (X, Y_hat)

    def identity(self) -> Dict[str, Any]:
        return {**super().identity(), 'style': zlib.crc32(
            b''.join(style.tobytes() for style in self.styles))}


def train_in(precision: str, net: TransformerNet) -> None:
    """Train the network in 'float32' or 'bfloat16' from now on; the first
    convolution stays with float32."""
    for layer in (*net.body[1:], net.last):
        layer.apply(lambda each: setattr(each, 'short',
                                         precision == 'bfloat16'))


def read_style(style: Union[Path, Array], size: int) -> Array:
    """The style picture with the area of `size` squared, (1, 3, H, W) in
    0 ... 255. `style` is a file or an array (H, W, 3)."""
    if isinstance(style, (str, os.PathLike)):
        style = read_image(style)
    style = resize(style, fit_shape(to_numpy(style), size ** 2))
    return onp.ascontiguousarray(style.transpose(2, 0, 1)[None])


def style_names(styles: Sequence[Union[Path, Array]]) -> List[str]:
    """A name for each: that of its file, or its number.

    >>> style_names(['img/sea-wash.jpg', onp.zeros((9, 9, 3))])
    ['sea-wash', 'style-2']
    """
    return [os.path.splitext(os.path.basename(style))[0]
            if isinstance(style, (str, os.PathLike)) else f'style-{i}'
            for i, style in enumerate(styles, 1)]
