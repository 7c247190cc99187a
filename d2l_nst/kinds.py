"""Names for the types that many functions take and return."""

import os
from typing import Any, Dict, Tuple, Union

Array = Any   # NumPy's or MXNet's: neither tells its types
Arrays = Dict[str, Array]
Path = Union[str, 'os.PathLike[str]']
Shape = Tuple[int, int]    # (width, height)
Card = Dict[str, Any]      # a scorecard, as JSON holds it
