"""Names for the types that many functions take and return."""

import os
from typing import Any, Callable, Dict, Tuple, Union

Array = Any   # NumPy's or MXNet's: neither tells its types
Arrays = Dict[str, Array]
Path = Union[str, 'os.PathLike[str]']
Shape = Tuple[int, int]    # (width, height)
AnySize = Union[Shape, int, str]    # that, the longer side, or 'content'
Dims = Tuple[int, ...]     # of an array, as (1, C, H, W)
Card = Dict[str, Any]      # a scorecard, as JSON holds it
State = Dict[str, Any]     # all that something knows, as a checkpoint holds it
Shown = Callable[[int, int, Array], Any]    # (layer, layers, its picture)
