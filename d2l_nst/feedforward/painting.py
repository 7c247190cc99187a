"""Painting with a trained network: one picture, or a tree of thousands."""

import collections
import concurrent.futures
import contextlib
import dataclasses
import functools
import os
from typing import Dict, Generator, Iterable, Iterator, List, Optional

import mxnet as mx
import numpy as onp
from PIL import Image

from .. import images, opening
from ..errors import ImageError, NSTError
from ..engine.memory import check_memory
from ..kinds import AnySize, Array, Card
from ..outputs import lost_alpha, save_unless_there
from ..recipes.settings import check_strength
from ..scorecard import scorecard
from .painter import Painter

# Pictures of one size go through the network together: at most BATCH of them,
# and fewer where they would have more than BATCH_PIXELS
BATCH = 4
BATCH_PIXELS = 2 ** 20
ORIENTATION = 274        # EXIF's tag: from 5 up width and height are swapped


@dataclasses.dataclass
class Painted:
    """What became of one file.

    It was painted as `output`, which has this `card`, unless `error` says
    why it was not; `note` is what else is to be said of it.
    """

    source: str
    output: str
    error: Optional[str] = None
    card: Optional[Card] = None
    note: str = ''


AllPainted = Generator[Painted, None, None]


# ------------------------------------------------------------- the network
@mx.util.use_np    # in any thread
def paint_pictures(painter: Painter, pictures: Iterable[Array],
                   strength: float = 0.5) -> Array:
    """Paint pictures of one size, each (H, W, 3) in 0 ... 255, together.

    `painter` is a network of `load_network`, or an `AnyStyle`; its method
    `paint` says what a `strength` does, from 0 to 1. Returns (N, H, W, 3)
    uint8; raises `NSTError`.
    """
    check_strength(strength)
    X = onp.stack([images.to_numpy(img) for img in pictures])
    pixels = X[0, ..., 0].size
    check_memory(X.shape[2:0:-1], painter.memory(len(X) * pixels) / pixels,
                 'make the picture smaller')
    try:
        return onp.rint(painter.paint(X, strength)).astype('uint8')
    except mx.MXNetError as e:
        reason = str(e).strip().splitlines()[-1]
        raise NSTError(f'MXNet failed: {reason}') from None


def brought_to(img: Array, size: AnySize) -> Array:
    """A picture, (H, W, 3), of a size as in `images.shape_of`: uint8."""
    own = img.shape[1::-1]
    shape = images.shape_of(own, size)
    if shape != own:
        img = onp.rint(images.resize(img, shape)).clip(0, 255)
    return img.astype('uint8', copy=False)


# --------------------------------------------------------------- the files
def paint(painter: Painter, outputs: Dict[str, str], batch: int = BATCH,
          strength: float = 0.5, size: AnySize = 'content',
          force: bool = False, about: Optional[Card] = None) -> AllPainted:
    """Paint all files of `outputs`, which is what `plan` returns.

    Yields a `Painted` for each file, in any order. At most `batch` pictures
    of one size go through the network together, with a `strength` as in
    `paint_pictures`, after each was brought to the `size`, as in
    `images.shape_of`. Meanwhile threads read the next pictures and save the
    last ones. Transparency is kept if the output's format has it. Nothing
    is replaced without `force`; with `about`, a dict, each picture has a
    `scorecard` that begins with it. If a file can't be read, painted or
    saved, its `Painted` says so and the others are painted all the same.
    When the keyboard interrupts, the files that were painted before are
    saved and told first.
    """
    save = functools.partial(_save, force=force, about=about)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        waiting = collections.deque(batches(outputs, batch))
        ahead, saving = collections.deque(), collections.deque()
        try:
            while waiting or ahead:
                while waiting and len(ahead) < 2:
                    ahead.append([(path, pool.submit(_read, path, size))
                                  for path in waiting.popleft()])
                whole = {}
                for path, future in ahead.popleft():
                    img, alpha, error = future.result()
                    if error:
                        yield Painted(path, outputs[path], error)
                    else:
                        whole.setdefault(img.shape, {})[path] = img, alpha
                for pictures in whole.values():
                    painted = _paint_together(
                        painter, {path: img for path, (img, _)
                                  in pictures.items()}, strength)
                    saving.extend(
                        pool.submit(save, path, outputs[path],
                                    *pictures[path], *result)
                        for path, result in painted)
                yield from _saved(saving, 2 * batch)
            yield from _saved(saving)
        except KeyboardInterrupt:
            yield from _saved(saving)
            raise


def _saved(saving, most=0):
    """What became of files, until at most so many are still being saved: an
    interrupt leaves each of the others there, to be told later."""
    while len(saving) > most:
        concurrent.futures.wait([saving[0]])
        yield saving.popleft().result()


def _paint_together(painter, pictures, strength):
    """Paint `pictures`, {path: array}, which are all of one size.

    Returns (path, (painting, None)) for each of them, or (path, (None, what
    went wrong)).
    """
    try:
        paintings = paint_pictures(painter, list(pictures.values()),
                                   strength)
    except (NSTError, MemoryError) as e:
        return [(path, (None, str(e) or 'there is not enough memory'))
                for path in pictures]
    return [(path, (img, None)) for path, img in zip(pictures, paintings)]


def batches(outputs: Iterable[str], batch: int) -> Iterator[List[str]]:
    """Yield lists of files whose headers tell the same size."""
    sizes = {}
    for path in outputs:
        sizes.setdefault(_size(path), []).append(path)
    for (width, height), paths in sizes.items():
        n = max(1, min(batch, BATCH_PIXELS // max(1, width * height)))
        yield from (paths[i:i + n] for i in range(0, len(paths), n))


def _size(path):
    """(width, height) of a picture file, after it is turned upright.

    The size of a damaged file is (0, 0), and that of a pipe, which can be
    read only once; `_read` will say what is wrong.
    """
    if not os.path.isfile(path):
        return 0, 0
    with contextlib.suppress(Exception):   # Pillow raises many kinds
        with Image.open(path, formats=opening.readable()) as picture:
            swap = picture.getexif().get(ORIENTATION, 1) >= 5
            return picture.size[::-1] if swap else picture.size
    return 0, 0


def _read(path, size):
    """The picture, its transparency and, or, what went wrong."""
    try:
        img, alpha = images.read_with_alpha(path)
        return brought_to(img, size), alpha, None
    except ImageError as e:
        return None, None, str(e)


def _save(path, output, content, alpha, img, error, force, about):
    card = None
    if not error:
        try:
            os.makedirs(os.path.dirname(output) or '.', exist_ok=True)
            card = about and scorecard(img, content, **about)
            output = save_unless_there(img, output, alpha, card, force)
        except (ImageError, OSError) as e:
            error = str(e)
    return Painted(path, output, error, card,
                   '' if error else lost_alpha(output, path, alpha))
