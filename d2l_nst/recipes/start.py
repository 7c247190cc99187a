"""What a picture starts from."""

import dataclasses
import os
import re
from typing import Optional, Union

from ..errors import NSTError
from ..ranges import PART, check_numbers

# By name, and the pictures which that takes
STARTS = {'content': ('content',), 'style': ('style',),
          'palette': ('content', 'style'), 'pass': ('content', 'style'),
          'noise': (), 'mix': ('content',), 'file': ()}


@dataclasses.dataclass(frozen=True)
class Start:
    """One of `STARTS`; `value` is the share of noise in a 'mix', or the path
    of a 'file'."""

    kind: str = 'content'
    value: Optional[Union[float, str]] = None

    def __str__(self) -> str:
        if self.kind == 'mix':
            return f'mix:{self.value:g}'
        return str(self.value) if self.kind == 'file' else self.kind


def parse_start(init: Union[str, Start]) -> Start:
    """The `Start` that is written as 'noise', 'mix:0.6' or the path of a
    file, or is one. Raises `NSTError`.

    >>> parse_start('mix:0.6')
    Start(kind='mix', value=0.6)
    """
    if isinstance(init, Start):
        if init.kind == 'mix':
            check_numbers(PART, share_of_noise=init.value)
        return init
    if init in STARTS and init not in ('mix', 'file'):
        return Start(init)
    if re.match(r'mix:(0?\.\d+|[01]\.?0*)$', str(init)):
        return Start('mix', float(init[4:]))
    if os.path.exists(init):
        return Start('file', init)
    raise NSTError(f'a picture cannot start from {init}: choose content, '
                   'style, palette, pass, noise, mix:0.6 (the share of '
                   'noise) or a file')
