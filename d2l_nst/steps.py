"""What an optimisation or a training says of itself: one record a step."""

import dataclasses
import math
from typing import Any, Callable, Dict, Optional

from .errors import DivergedError


@dataclasses.dataclass(frozen=True)
class Step:
    """What one step measured.

    `stage` and `epoch` count from 1, `terms` are the weighted losses by
    name, `total` is their sum, `seconds` go from the start of the stage or
    of the training. An epoch of a picture is one step, and `X` is the
    picture that was measured, (1, 3, H, W). An epoch of a network has many:
    `iteration` of `iterations` in all. There `X` are pictures that it was
    shown, and `Y_hat` what it made of them; `accuracy` is the share of the
    pictures that were told right, where it tells them apart. A history
    leaves the pictures out. Raises `DivergedError` where a loss is not a
    finite number.
    """

    stage: int
    epoch: int
    terms: Dict[str, float]
    total: float
    seconds: float
    X: Any = dataclasses.field(default=None, repr=False, compare=False)
    Y_hat: Any = dataclasses.field(default=None, repr=False, compare=False)
    iteration: int = 0
    iterations: int = 0
    accuracy: Optional[float] = None

    def __post_init__(self) -> None:
        where = (f'iteration {self.iteration}' if self.iterations else
                 f'stage {self.stage}, epoch {self.epoch}')
        for name, value in dict(self.terms, total=self.total).items():
            if not math.isfinite(value):
                raise DivergedError(
                    f'{where}: the {name} loss became {value}; use smaller '
                    'weights or a smaller learning rate',
                    stage=self.stage, epoch=self.epoch, term=name)

    def without_pictures(self) -> 'Step':
        """The same, for a history."""
        return dataclasses.replace(self, X=None, Y_hat=None)


# What is called with each step; where it answers with anything true the
# optimisation of a picture ends
Listener = Callable[[Step], Any]
