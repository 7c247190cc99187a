"""The live plot of a notebook: loss curves left, the picture right."""

from typing import Any, List, Tuple
from unittest import mock

from d2l import mxnet as d2l
from IPython import display
from matplotlib_inline import backend_inline

from .chapter import postprocess
from .steps import Step


def set_figsize(figsize: Tuple[float, float] = (3.5, 2.5)) -> None:
    """The book's `d2l.set_figsize`, in inches, but with figures as JPEG.

    The book's SVG suits curves and not photographs, and it differs at each
    run.
    """
    d2l.set_figsize(figsize)
    d2l.plt.rcParams['figure.dpi'] = 110
    backend_inline.set_matplotlib_formats('jpeg',
                                          pil_kwargs={'quality': 90})


class Animator(d2l.Animator):
    """The book's `d2l.Animator`, shown in place and fed with `Step`s.

    Only the display differs. Here the figure is one output that is updated;
    the book's is cleared and drawn again, which leaves another number of
    outputs at each run. Pass it as `on_step`. It draws a point and the
    picture every `every` epochs and at the last of `num_epochs`, with a
    curve for each term of the steps. The axis of the losses is linear, as
    in the book; `yscale='log'` shows their small values too. `history` is
    the list of all steps, without their pictures.
    """

    def __init__(self, num_epochs: int, every: int = 10,
                 figsize: Tuple[float, float] = (9, 3),
                 yscale: str = 'linear'):
        self.legend = ['content', 'style', 'TV']  # until the first step
        super().__init__(
            xlabel='epoch', ylabel='loss', xlim=[1, max(num_epochs, 2)],
            yscale=yscale, legend=self.legend, ncols=2, figsize=figsize,
            fmts=('-', 'm--', 'g-.', 'r:', 'c-'))
        set_figsize(d2l.plt.rcParams['figure.figsize'])  # no SVG here
        self.num_epochs, self.every, self.history = num_epochs, every, []
        self.axes[1].axis('off')
        d2l.plt.close(self.fig)  # else it is shown again with the cell
        self.handle = display.display(self.fig, display_id=True)

    def __call__(self, step: Step) -> None:
        self.history.append(step.without_pictures())
        self.legend[:] = ['TV' if term == 'tv' else term
                          for term in step.terms]
        if step.epoch % self.every and step.epoch != self.num_epochs:
            return
        if step.X is not None:    # as after a loop was ended: see `Epochs`
            for shown in self.axes[1].images:
                shown.remove()
            self.axes[1].imshow(postprocess(step.X).asnumpy())
        self.add(step.epoch, list(step.terms.values()))

    def add(self, x: float, y: List[float]) -> None:
        """Add one point to each curve, as `d2l.Animator.add` does."""
        with mock.patch.object(d2l, 'display', self):
            super().add(x, y)

    def display(self, fig: Any) -> None:
        """Stand in for `IPython.display.display` within `add`."""
        self.handle.update(fig)

    def clear_output(self, wait: bool = False) -> None:
        """Stand in for `IPython.display.clear_output` within `add`."""
