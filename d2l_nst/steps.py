"""What a training says of itself: one record an epoch."""

import dataclasses
import math
from typing import Any, Dict

from .errors import DivergedError


@dataclasses.dataclass(frozen=True)
class Step:
    """What one epoch measured.

    `stage` and `epoch` count from 1, `terms` are the weighted losses by
    name, `total` is their sum, `seconds` go from the start of the stage.
    `X` is the picture that was measured, (1, 3, H, W); a history leaves
    it out. Raises `DivergedError` where a loss is not a finite number.
    """

    stage: int
    epoch: int
    terms: Dict[str, float]
    total: float
    seconds: float
    X: Any = dataclasses.field(default=None, repr=False, compare=False)

    def __post_init__(self):
        for name, value in dict(self.terms, total=self.total).items():
            if not math.isfinite(value):
                raise DivergedError(
                    f'stage {self.stage}, epoch {self.epoch}: the {name} '
                    f'loss became {value}; use smaller weights or a smaller '
                    'learning rate')
