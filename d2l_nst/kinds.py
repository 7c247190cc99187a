"""Names for the types that many functions take and return."""

import os
from typing import Any, Dict, Union

Array = Any   # NumPy's or MXNet's: neither tells its types
Arrays = Dict[str, Array]
Path = Union[str, 'os.PathLike[str]']
