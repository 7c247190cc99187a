"""What paints pictures of 0 ... 255 in one pass."""

from typing import Any, Callable, Dict

import mxnet as mx

from ..kinds import Array
from .margin import with_margin, without_margin


class OnePass:
    """What a network that paints has beside its layers.

    Pictures are given a reflected `margin`, as they were in the training,
    with sides that are multiples of `factor`, and the paintings are cropped
    to the pictures' size.
    """

    margin, factor, command = 0, 1, 'train'
    precision = 'float32'
    settings: Dict[str, Any] = {}
    # A block's
    collect_params: Callable
    __call__: Callable

    def memory(self, pixels: int) -> int:
        """Bytes that pictures of so many pixels take together at the peak,
        measured at 3840x2160."""
        return 750 * pixels

    def compute_in(self, precision: str) -> None:
        """Paint with 'float32' or 'bfloat16' from now on, on a CPU."""
        self.precision = precision

    def for_film(self) -> 'OnePass':
        """What paints the frames of one scene of a film, in their order.
        """
        return self

    def paint(self, X: Array, strength: float = 0.5) -> Array:
        """Paint pictures X, (N, H, W, 3) in 0 ... 255; returns floats.

        A `strength` of 0.5 is what one pass makes. Weaker ones are a part
        of the way there, and at 0 the pictures are handed back. Stronger
        ones go a part of the way to what a second pass makes, and at 1 all
        of it.
        """
        for part in (min(1, 2 * strength), max(0, 2 * strength - 1)):
            if part:
                X = self.one_pass(X, part)
        return X

    def one_pass(self, X: Array, part: float = 1) -> Array:
        """The pictures X, (N, H, W, 3), `part` of the way to what one pass
        makes of them."""
        height, width = X.shape[1:3]
        Y = with_margin(X.transpose(0, 3, 1, 2), self.margin, self.factor)
        ctx = next(iter(self.collect_params().values())).list_ctx()[0]
        Y = self.painted(mx.np.array(Y, dtype='float32', ctx=ctx)).asnumpy()
        Y = without_margin(Y, height, width, self.margin)
        return X + part * (Y.transpose(0, 2, 3, 1) - X)

    def painted(self, X: Array) -> Array:
        """What the network makes of arrays, (N, 3, H, W)."""
        return self(X)
