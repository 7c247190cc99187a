"""What a check of a notebook spares: epochs, and pixels."""

import os

from ..kinds import Shape


def budget(num_epochs: int) -> int:
    """`num_epochs`, or fewer where D2L_NST_BUDGET says so.

    The notebooks train for `budget(500)` epochs: 500 for a reader, a
    handful where a check sets the environment variable.
    """
    return min(num_epochs, int(os.environ.get('D2L_NST_BUDGET', num_epochs)))


def budget_shape(image_shape: Shape, part: int = 3) -> Shape:
    """`image_shape`, (width, height); where D2L_NST_BUDGET is set, both sides
    divided by `part`: for pictures whose size no check compares."""
    part = part if 'D2L_NST_BUDGET' in os.environ else 1
    width, height = image_shape
    return width // part, height // part
