"""A film of any kind as frames, one after the other."""

import dataclasses
import math
import os
import re
import warnings
from fractions import Fraction
from typing import Generator, List, Optional, Tuple

import numpy as onp
from PIL import Image

from .. import images, opening
from ..errors import ImageError, NSTWarning
from ..kinds import Array, Path, Shape
from . import ffmpeg

FPS = 25          # of a folder's frames, where nobody says
FILMS = ('.mp4', '.mov', '.m4v', '.mkv', '.webm', '.avi', '.mpg', '.mpeg',
         '.ts', '.mts', '.m2ts', '.flv', '.ogv', '.wmv', '.asf', '.3gp')
LOOPS = '.gif', '.webp', '.apng', '.png'
SHORTEST, UNSAID = 20, 100     # milliseconds of a GIF's frame


@dataclasses.dataclass
class Film:
    """What is known of a film before it is read.

    `shape` is (width, height), `fps` a rate at which no frame is left out,
    and `number` about how many there are, None where that is not known.
    `frames` are pairs: a picture, (H, W, 3) uint8, and the seconds for
    which it is shown. `names` are those of a folder's pictures. `sound` is
    a file that has it.
    """

    shape: Shape
    fps: Fraction
    number: Optional[int]
    frames: Generator[Tuple[Array, Fraction], None, None]
    names: Optional[List[str]] = None
    sound: Optional[str] = None


def is_film(path: Path) -> bool:
    """Whether a file's name is that of a film."""
    return os.path.splitext(os.fspath(path))[1].lower() in FILMS


def open_film(path: Path, fps: Optional[float] = None) -> Film:
    """The `Film` of a file, a GIF, WebP or PNG, or a folder of numbered
    pictures, at `fps` frames a second, by default its own. Raises
    `NSTError`, and so do its frames."""
    path = os.fspath(path)
    rate = Fraction(fps).limit_denominator(1001) if fps else None
    if os.path.isdir(path):
        return _of_folder(path, rate or Fraction(FPS))
    if not os.path.isfile(path):
        raise ImageError(f'{path} is no file: save the film to one first')
    if not is_film(path):
        return _of_loop(path, rate)
    shape, own, seconds = ffmpeg.probe(path)
    rate = rate or own
    number = None if seconds is None else round(seconds * rate)
    frames = ((img, 1 / rate) for img in ffmpeg.decode(path, shape, rate))
    return Film(shape, rate, number, frames, sound=path)


def _of_folder(folder, fps):
    names = sorted((name for name in os.listdir(folder) if not
                    name.startswith('.') and name.lower().endswith(
                        opening.extensions())), key=_by_number)
    if not names:
        raise ImageError(f'{folder} holds no pictures: name a folder of '
                         'frames')
    paths = [os.path.join(folder, name) for name in names]
    shape = images.read_image(paths[0]).shape[1::-1]

    def frames():
        told = []
        for path in paths:
            img = _on_white(opening.opened(path), path, told)
            if img.shape[1::-1] != shape:
                raise ImageError(
                    f'{path} is a frame of {img.shape[1]}x{img.shape[0]}, '
                    f'and {names[0]} has {shape[0]}x{shape[1]}: give all '
                    'frames one size')
            yield img, 1 / fps

    return Film(shape, fps, len(names), frames(), names)


def _by_number(name):
    """2 comes before 10."""
    return [int(part) if part.isdecimal() else part
            for part in re.split(r'(\d+)', name)]


def _of_loop(path, fps):
    """A GIF, WebP or PNG: its frames may last differently long."""
    if os.path.splitext(path)[1].lower() not in LOOPS:
        raise ImageError(f'{path} is no film: name one, a GIF, a WebP or a '
                         'folder of frames; paintings of pictures go into a '
                         'folder')
    lasting, shape = [], (0, 0)
    for picture in opening.each_frame(path):
        shape = picture.size
        lasting.append(_milliseconds(picture))
    own = Fraction(1000, max(SHORTEST, math.gcd(*lasting)))

    def frames():
        told = []
        for i, picture in enumerate(opening.each_frame(path)):
            yield _on_white(picture, path, told), (
                1 / fps if fps else Fraction(lasting[i], 1000))

    return Film(shape, fps or own, len(lasting), frames())


def _on_white(picture, path, told):
    """A Pillow picture as (H, W, 3) uint8. Of the first with transparency an
    `NSTWarning` tells, and `told` is no longer empty."""
    if picture.mode == 'RGBA':
        if picture.getextrema()[3][0] < 255 and not told:
            told.append(path)
            warnings.warn(f'a film has no place for the transparency of '
                          f'{path}, which is laid on white', NSTWarning)
        white = Image.new('RGBA', picture.size, 'white')
        picture = Image.alpha_composite(white, picture)
    return onp.asarray(picture.convert('RGB'))


def _milliseconds(picture):
    told = round(picture.info.get('duration', 0))
    return told if told >= SHORTEST else UNSAID
