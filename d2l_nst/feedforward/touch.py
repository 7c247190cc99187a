"""What is done to paintings of one pass afterwards: where, and in whose
colours."""

from typing import Optional, Union

import numpy as onp

from ..controls.colours import keep_luminance
from ..controls.mask import blend, read_mask
from ..kinds import Array, Path
from ..ranges import WEIGHT, check_numbers
from .painter import Painter


class Touched:
    """A painter, as `painting.paint_pictures` takes one, whose paintings
    are touched up.

    With a `mask`, a file or an array, a picture is painted where that is
    white, fading over `feather` pixels as in `controls.mask.read_mask`, and
    stays as it is where that is black. With `colours` 'content' it keeps
    its own colours, and has the luminance of its painting (Gatys, Bethge,
    Hertzmann and Shechtman 2016). Raises `NSTError` for a wrong mask.
    """

    def __init__(self, painter: Painter,
                 mask: Optional[Union[Path, Array]] = None,
                 feather: float = 0, colours: str = 'style'):
        check_numbers(WEIGHT, feather=feather)
        self.painter, self.mask, self.feather = painter, mask, feather
        self.colours, self.memory = colours, painter.memory
        self.known = {}    # masks by their size: the file is read once each
        if mask is not None:
            read_mask(mask, (1, 1))

    def paint(self, X: Array, strength: float = 0.5) -> Array:
        """As `OnePass.paint`."""
        Y = self.painter.paint(X, strength)
        if self.colours == 'content':
            Y = map(keep_luminance, Y, X)
        if self.mask is not None:
            shape = X.shape[2:0:-1]
            if shape not in self.known:
                self.known[shape] = read_mask(self.mask, shape, self.feather)
            Y = [blend(painting, img, self.known[shape])
                 for painting, img in zip(Y, X)]
        return onp.stack(list(Y)).clip(0, 255)
