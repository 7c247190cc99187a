"""MXNet's NumPy semantics, without which its arrays are others."""

import functools
from typing import Any, Callable, TypeVar

from mxnet import npx

from .errors import NSTError

Function = TypeVar('Function', bound=Callable[..., Any])


def needs_np(function: Function) -> Function:
    """Have a function raise `NSTError` where NumPy semantics are off: MXNet
    switches them per thread, and in its own words nobody finds the cause."""
    @functools.wraps(function)
    def checked(*args, **kwargs):
        if not (npx.is_np_array() and npx.is_np_shape()):
            raise NSTError(f'{function.__name__} needs MXNet\'s NumPy '
                           'semantics, which are off in this thread: call '
                           'mxnet.npx.set_np() in it first')
        return function(*args, **kwargs)
    return checked  # type: ignore[return-value]
