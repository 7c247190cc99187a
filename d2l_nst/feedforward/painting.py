"""Painting with a trained network: one picture, or a tree of thousands."""

import collections
import concurrent.futures
import contextlib
import dataclasses
import os
from typing import Optional

import mxnet as mx
import numpy as onp
from PIL import Image

from .. import images
from ..errors import ImageError, NSTError
from ..engine.memory import check_memory
from ..recipes.settings import check_strength
from .data import walk
from .network import with_margin, without_margin

BATCH = 4                # same-sized pictures in one pass, while they are
BATCH_PIXELS = 2 ** 20   # together no larger than this
BYTES_PER_PIXEL = 1000   # at the peak, measured at 3840x2160
ORIENTATION = 274        # EXIF; from 5 up the sides are swapped


@dataclasses.dataclass
class Painted:
    """A file that was painted as `output`, or why it was not."""

    source: str
    output: str
    error: Optional[str] = None


# ------------------------------------------------------------- the network
def paint_pictures(net, pictures, ctx=None, strength=0.5):
    """Paint pictures of one size, each (H, W, 3) in 0 ... 255, in one pass:
    (N, H, W, 3) uint8.

    Below a `strength` of 0.5, which is the painting, it is mixed with the
    picture, above with what a second pass makes of it; 0 is the picture, 1
    the painting painted once more. Raises `NSTError`.
    """
    check_strength(strength)
    X = onp.stack([images.to_numpy(img) for img in pictures])
    if (ctx or mx.cpu()).device_type == 'cpu':
        check_memory(X.shape[2:0:-1], BYTES_PER_PIXEL * len(X),
                     'make the picture smaller')
    for part in (min(1, 2 * strength), max(0, 2 * strength - 1)):
        if part:
            X = X + part * (_one_pass(net, X, ctx) - X)
    return onp.rint(X).astype('uint8')


def _one_pass(net, X, ctx):
    """Pictures X, (N, H, W, 3) of any size, painted, in float: they go in
    with a reflected margin, as those of the training did, and the paintings
    are cropped."""
    height, width = X.shape[1:3]
    X = with_margin(X.transpose(0, 3, 1, 2))
    # Compiled, it is a fifth faster and takes a fourth more memory
    compiled = X[:, 0].size <= BATCH_PIXELS
    if net._active != compiled:
        net.hybridize(compiled)
    X = mx.np.array(X, dtype='float32', ctx=ctx or mx.cpu())
    try:
        Y = net(X).asnumpy()
    except mx.MXNetError as e:
        reason = str(e).strip().splitlines()[-1]
        raise NSTError(f'MXNet failed: {reason}') from None
    return without_margin(Y, height, width).transpose(0, 2, 3, 1)


# --------------------------------------------------------------- the files
def plan(sources, folder, force=False):
    """What is to be painted, as {picture file: file in `folder`}.

    Of a folder among the `sources` all pictures below it are taken, and
    keep their places. Raises `ImageError` where two pictures would have one
    name, where one would take an original's place, or that of any other
    file unless `force`.
    """
    outputs = {}
    for source in map(os.fspath, sources):
        inside = os.path.isdir(source)
        for path in _below(source, folder) if inside else [source]:
            name = (os.path.relpath(path, source) if inside
                    else os.path.basename(path))
            outputs[path] = _writable(os.path.join(folder, name))
    if not outputs:
        raise ImageError(f'{source} holds no pictures: name files, or a '
                         'folder that does')
    _check_outputs(outputs, force)
    return outputs


def _below(source, folder):
    """Pictures below `source`; those painted earlier into a `folder` below
    it are none of them."""
    outside = os.path.join(os.path.realpath(folder), '')
    return [path for path in walk(source)
            if not os.path.realpath(path).startswith(outside)
            or os.path.realpath(source) == os.path.realpath(folder)]


def _writable(path):
    stem, extension = os.path.splitext(path)
    return path if extension.lower() in images.WRITABLE else stem + '.png'


def _check_outputs(outputs, force):
    originals = {os.path.realpath(path) for path in outputs}
    taken = {}
    for path, output in outputs.items():
        real = os.path.realpath(output)
        if real in originals:
            raise ImageError(f'{output} is the picture to be read: choose '
                             'another folder')
        if real in taken:
            raise ImageError(f'{taken[real]} and {path} would both be '
                             f'painted as {output}: paint them into two '
                             'folders')
        if os.path.exists(output) and not force:
            raise ImageError(f'{output} exists: choose another folder or '
                             '--force')
        taken[real] = path


def paint(net, outputs, ctx=None, batch=BATCH, strength=0.5):
    """Paint each file of `outputs`, as `plan` makes it; yields a `Painted`
    for each, in any order.

    Pictures of one size go through the network together, with a `strength`
    as in `paint_pictures`. The next are decoded, and the last saved, by
    threads at the same time. Transparency is kept where the format has it.
    What can't be read, painted or saved is told in its `Painted`; the rest
    goes on.
    """
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        waiting = collections.deque(batches(outputs, batch))
        ahead, saving = collections.deque(), collections.deque()
        while waiting or ahead:
            while waiting and len(ahead) < 2:
                ahead.append([(path, pool.submit(_read, path))
                              for path in waiting.popleft()])
            whole = {}
            for path, future in ahead.popleft():
                img, error = future.result()
                if error:
                    yield Painted(path, outputs[path], error)
                else:
                    whole.setdefault(img.shape, {})[path] = img
            for pictures in whole.values():
                saving.extend(
                    pool.submit(_save, path, outputs[path], *painted)
                    for path, painted in _paint_together(net, pictures, ctx,
                                                         strength))
            while len(saving) > 2 * batch:
                yield saving.popleft().result()
        for future in saving:
            yield future.result()


def _paint_together(net, pictures, ctx, strength):
    """(path, (picture or None, error or None)) for each of one size."""
    try:
        paintings = paint_pictures(net, list(pictures.values()), ctx,
                                   strength)
    except (NSTError, MemoryError) as e:
        return [(path, (None, str(e) or 'there is not enough memory'))
                for path in pictures]
    return [(path, (img, None)) for path, img in zip(pictures, paintings)]


def batches(outputs, batch):
    """Lists of files of one size, as far as their headers tell."""
    sizes = {}
    for path in outputs:
        sizes.setdefault(_size(path), []).append(path)
    for (width, height), paths in sizes.items():
        n = max(1, min(batch, BATCH_PIXELS // max(1, width * height)))
        yield from (paths[i:i + n] for i in range(0, len(paths), n))


def _size(path):
    """(width, height) that a picture will have; (0, 0) of a damaged one,
    of which `_read` tells more."""
    with contextlib.suppress(Exception):   # Pillow's plug-ins raise many
        with Image.open(path, formats=images.READABLE) as picture:
            swap = picture.getexif().get(ORIENTATION, 1) >= 5
            return picture.size[::-1] if swap else picture.size
    return 0, 0


def _read(path):
    try:
        return images.read_image(path), None
    except ImageError as e:
        return None, str(e)


def _save(path, output, img, error):
    if not error:
        try:
            os.makedirs(os.path.dirname(output) or '.', exist_ok=True)
            images.save_image(img, output, images.read_alpha(path))
        except (ImageError, OSError) as e:
            error = str(e)
    return Painted(path, output, error)
