"""The pictures to train on: those of a folder tree, in a seeded order."""

import collections
import concurrent.futures
import dataclasses
import multiprocessing
import os
import signal
import threading
import zlib
from multiprocessing import connection
from typing import (Any, Generator, Iterable, Optional, Protocol, Set,
                    Tuple)

import numpy as onp

from ..errors import ImageError, NSTError
from ..images import read_image, resize
from ..kinds import Array, Path
from ..opening import extensions
from ..trees import walk

# Without a folder the training takes these photographs. They lie in
# scikit-image's wheel and are free to use (skimage/data/README.txt). Its
# coffee and rocket are left out, so that a network can be measured on them
SHIPPED = ('astronaut.png', 'brick.png', 'camera.png', 'chelsea.png',
           'coins.png', 'grass.png', 'gravel.png', 'hubble_deep_field.jpg',
           'ihc.png', 'moon.png', 'motorcycle_left.png', 'retina.jpg')
# It takes these as well, if the package runs in its repository and img/ is
# there
HOUSE = ('autumn-oak.jpg', 'mountain.jpg', 'poppies-pointillist.jpg',
         'sea-wash.jpg')
# So few pictures are shown many times: an epoch has CROPS crops of them, whose
# sides are at least LEAST of the picture's shorter side
CROPS, LEAST = 2000, 0.3
Loaded = Tuple[Array, Set[str]]    # crops, and the damaged files


class Loader(Protocol):
    """What loads the crops at some places of an epoch's order."""

    def load(self, epoch: int, places: Iterable[int]) -> Loaded: ...


@dataclasses.dataclass(frozen=True)
class Pictures:
    """Square crops of picture files, `size` pixels a side.

    A crop's side is the picture's shorter side times a number that is drawn
    between `least` and 1. All that is drawn depends only on the seed, the
    epoch and the place in the epoch's order. Any process can therefore ask
    for any batch at any time.
    """

    paths: Tuple[str, ...]
    size: int = 256
    seed: int = 1
    least: float = 1

    def load(self, epoch: int, places: Iterable[int]) -> Loaded:
        """Load the crops at these places of an epoch's order.

        Returns (N, 3, size, size) uint8 and the set of the damaged files
        that were met. The next file in the order takes the place of a
        damaged one. Raises `ImageError` if all files are damaged.
        """
        order = self._random(epoch).permutation(len(self.paths))
        damaged, crops = set(), []
        for place in places:
            for i in onp.roll(order, -place):
                try:
                    img = read_image(self.paths[i])
                except ImageError:
                    damaged.add(self.paths[i])
                    continue
                crops.append(self._crop(img, self._random(epoch, place)))
                break
            else:
                raise ImageError(f'none of {len(order)} pictures can be '
                                 'read: name another folder')
        return onp.stack(crops), damaged

    def _random(self, *key):
        return onp.random.RandomState([self.seed % 2 ** 32, *key])

    def _crop(self, img, random):
        height, width = img.shape[:2]
        side = max(1, round(min(height, width)
                            * random.uniform(self.least, 1)))
        y, x = (random.randint(n - side + 1) for n in (height, width))
        img = resize(img[y:y + side, x:x + side], (self.size,) * 2)
        return onp.rint(img).astype('uint8').transpose(2, 0, 1)

    def fingerprint(self) -> int:
        """A number that tells one list of files from another."""
        names = '\n'.join(map(os.path.basename, self.paths))
        return zlib.crc32(names.encode('utf-8', 'surrogateescape'))


def find_pictures(folder: Optional[Path] = None, size: int = 256,
                  fraction: float = 1, seed: int = 1,
                  crops: Optional[int] = None) -> Pictures:
    """The `Pictures` of a folder tree.

    Without a `folder` they are those that come with scikit-image and this
    repository. `fraction` is the share of them that is used; which ones is
    drawn by `seed`. With `crops` so many crops of them stand for them; few
    pictures, as those that come along, are always shown so. Raises
    `ImageError` if there are none.
    """
    paths = walk(folder) if folder else _shipped()
    crops = crops or (None if folder else CROPS)
    paths = (paths * crops)[:crops] if crops else paths
    if not paths:
        raise ImageError(f'{folder} holds no pictures: name a folder with '
                         f'files that end in {", ".join(extensions())}')
    number = max(1, round(len(paths) * fraction))
    chosen = onp.random.RandomState(seed % 2 ** 32).permutation(len(paths))
    return Pictures(tuple(paths[i] for i in sorted(chosen[:number])), size,
                    seed, LEAST if crops else 1)


def _shipped():
    import skimage
    folder = os.path.join(os.path.dirname(skimage.__file__), 'data')
    here = os.path.join(os.path.dirname(__file__), '..', '..', 'img')
    paths = [os.path.join(folder, name) for name in SHIPPED]
    paths += [os.path.join(here, name) for name in HOUSE]
    return [path for path in paths if os.path.isfile(path)]


# ---------------------------------------------------------------- ahead
def load_ahead(pictures: Loader, tasks: Iterable[Tuple[int, Iterable[int]]],
               workers: int = 2) -> Generator[Loaded, None, None]:
    """Yield what `pictures.load(*task)` returns for each of `tasks`.

    The results come in the order of the tasks. Worker processes load them
    ahead of time; with 0 `workers` each is loaded when it is asked for. The
    processes start anew, since a forked one would share MXNet's locks.
    Raises what `load` raises, and `NSTError` if a process is lost.
    """
    if workers < 1:
        yield from (pictures.load(*task) for task in tasks)
        return
    pool = concurrent.futures.ProcessPoolExecutor(
        workers, multiprocessing.get_context('spawn'), _start, (pictures,))
    waiting = collections.deque()
    try:
        for task in tasks:
            waiting.append(pool.submit(_load, *task))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except concurrent.futures.process.BrokenProcessPool:
        raise NSTError('a process that loads pictures was ended from '
                       'outside: go on with --resume, with fewer '
                       '--workers') from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


_pictures: Any = None   # of a worker


def _start(pictures):
    """Prepare a worker: it keeps the pictures and ends with its parent."""
    global _pictures
    _pictures = pictures
    signal.signal(signal.SIGINT, signal.SIG_IGN)   # Ctrl-C is for the parent
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent():
    parent: Any = multiprocessing.parent_process()
    connection.wait([parent.sentinel])
    os._exit(1)


def _load(*task):
    return _pictures.load(*task)
