"""The live plot of a training: curves, a picture and its painting."""

import time
from typing import Tuple

from d2l import mxnet as d2l
from IPython import display

from .. import plots
from ..steps import Step

TERMS = 'total', 'content', 'style', 'light'


class TrainingPlot(plots.Animator):
    """Four curves beside an input and what the network makes of it.

    Pass it as `on_step`: it draws every `every` iterations and at the last
    one, under a title with the epoch, the iteration, the share done and the
    time. `history` is the list of all steps, without their pictures.
    """

    def __init__(self, every: int = 10,
                 figsize: Tuple[float, float] = (9, 3)):
        d2l.Animator.__init__(
            self, xlabel='iteration', ylabel='loss', yscale='log',
            legend=list(TERMS), ncols=3, figsize=figsize)
        plots.set_figsize(d2l.plt.rcParams['figure.figsize'])  # no SVG here
        self.every, self.history = every, []
        for axes in self.axes[1:]:
            axes.axis('off')
        d2l.plt.close(self.fig)  # else it is shown again with the cell
        self.handle = display.display(self.fig, display_id=True)

    def __call__(self, step: Step) -> None:
        self.history.append(step.without_pictures())
        last = step.iteration == step.iterations
        if step.iteration % self.every and not last:
            return
        for axes, batch in zip(self.axes[1:], (step.X, step.Y_hat)):
            for shown in axes.images:
                shown.remove()
            img = batch[0].asnumpy().transpose(1, 2, 0)
            axes.imshow(img.clip(0, 255) / 255)
        self.fig.suptitle(title(step))
        self.add(step.iteration, [{'total': step.total, **step.terms}[name]
                                  for name in TERMS])


def title(step: Step) -> str:
    """A title like 'epoch 1, iteration 20 of 100 (20 %), 00:01:05'."""
    elapsed = time.strftime('%H:%M:%S', time.gmtime(step.seconds))
    return (f'epoch {step.epoch}, iteration {step.iteration} of '
            f'{step.iterations} ({100 * step.iteration // step.iterations} '
            f'%), {elapsed}')
