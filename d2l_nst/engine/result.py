"""What comes of a job: the picture, and the steps on the way to it."""

import dataclasses
from typing import Any, Dict, List, Optional, Sequence

import mxnet as mx

from ..kinds import Card, Shape
from ..recipes.settings import Recipe
from ..steps import Listener, Step


@dataclasses.dataclass
class Result:
    """A finished picture, (H, W, 3) in [0, 1] on the CPU, and how it came
    about: the recipe, the `Step` of each epoch (without its picture), and
    whether it was interrupted, by the keyboard or by `on_step`. What follows
    is for the `scorecard`: the pictures that were looked at, (H, W, 3), the
    network, (width, height) of the stages, the recipe's name, the seconds
    it took, and where it diverged, if it did (`DivergedError.where`)."""

    image: mx.np.ndarray
    history: List[Step]
    recipe: Recipe
    interrupted: bool = False
    content: Any = dataclasses.field(default=None, repr=False)
    styles: List[Any] = dataclasses.field(default_factory=list, repr=False)
    net: Any = dataclasses.field(default=None, repr=False)
    sizes: Sequence[Shape] = ()
    name: Optional[str] = None
    seconds: float = 0
    diverged: Optional[Dict[str, Any]] = None

    @mx.util.use_np
    def scorecard(self, recipe: Optional[str] = None) -> Card:
        """What the picture was made with and how near it comes: a dict that
        JSON can hold (`d2l_nst.scorecard`). `recipe` is the name of the
        recipe where it was given as a `Recipe`."""
        from ..scorecard import of_transfer
        return of_transfer(self, recipe)


class Told:
    """Keeps the history of a job and its last picture, and passes each
    `Step` on to `on_step`, which may ask for the end. `finish` is that of
    `Pictures`: what is shown is finished, what is optimised is not."""

    def __init__(self, on_step: Optional[Listener] = None):
        self.on_step, self.history = on_step, []
        self.last, self.stopped = None, False
        self.finish: Any = None

    def __call__(self, step: Step) -> bool:
        step = dataclasses.replace(step, X=self.finish(step.X))
        self.last = step.X
        self.history.append(step.without_pictures())
        self.stopped = bool(self.on_step and self.on_step(step))
        return self.stopped
