"""What paints pictures, as those see it who have some painted."""

from typing import Protocol

from ..kinds import Array


class Painter(Protocol):
    """Paints pictures, (N, H, W, 3) in 0 ... 255: as `OnePass`."""

    def memory(self, pixels: int) -> int: ...

    def paint(self, X: Array, strength: float = 0.5) -> Array: ...


class FilmPainter(Painter, Protocol):
    """One that can be made ready for the frames of a film."""

    def for_film(self) -> 'FilmPainter': ...
