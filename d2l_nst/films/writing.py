"""A film of any kind written frame by frame, whole or not at all."""

import contextlib
import os
import tempfile
import warnings
from fractions import Fraction
from typing import Any, Dict, Union

import numpy as onp

from .. import files
from ..errors import ImageError, NSTError, NSTWarning
from ..kinds import Array, Path
from ..outputs import (WRITABLE, check_folder, check_writable, save_image,
                       unless_there)
from .ffmpeg import ENCODED, Encoder, find_ffmpeg, finish_film, mend
from .loops import Gif, Webp
from .reading import Film, is_film

LOOPS: Dict[str, Any] = {'.gif': Gif, '.webp': Webp}


def names_film(path: Path) -> bool:
    """Whether `path` names a film to be written, and no folder of frames.
    """
    return not os.path.isdir(path) and _ending(path) in {**ENCODED, **LOOPS}


def check_film(path: Path, force: bool = False) -> None:
    """Raise `NSTError` unless a film, or frames, can be written there."""
    if is_film(path) and not (names_film(path) or os.path.isdir(path)):
        raise ImageError(f'{path} is of a kind that is not written: name a '
                         f'film that ends in {", ".join(ENCODED)}, '
                         f'{", ".join(LOOPS)}, or a folder')
    if not names_film(path):
        check_folder(path)
        return
    check_writable(path, force)
    if _ending(path) in ENCODED:
        find_ffmpeg()


def open_writer(path: Path, film: Film, force: bool = False
                ) -> Union['Frames', 'Loop', 'Encoded']:
    """What takes the frames of a painted `Film`: a context with `add(img,
    seconds)` and `finish()`, after which `path` is there. Without `finish`
    nothing is. Where one of the two raises an `NSTError` or `OSError`,
    `keep()` puts there what plays, and returns whether anything does."""
    if not names_film(path):
        return Frames(path, film, force)
    if _ending(path) in LOOPS:
        return Loop(path, film, force)
    return Encoded(path, film, force)


class Frames:
    """Pictures in a folder, by the names of the film's own, or numbered."""

    def __init__(self, folder: Path, film: Film, force: bool):
        self.folder, self.force, self.number = folder, force, 0
        self.names, self.path = film.names, folder

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def where(self) -> str:
        """The path of the next frame."""
        name = (self.names[self.number] if self.names
                else f'{self.number + 1:06d}.png')
        stem, extension = os.path.splitext(name)
        return os.path.join(self.folder, name if extension.lower()
                            in WRITABLE else stem + '.png')

    def skips(self) -> bool:
        """Pass over the next frame, if it is there already."""
        there = os.path.exists(self.where())
        self.number += there
        return there

    def add(self, img: Array, seconds: Fraction) -> None:
        path = self.where()
        if os.path.exists(path) and not self.force:
            raise ImageError(f'{path} exists: choose another folder, '
                             '--force or --skip-existing')
        os.makedirs(self.folder, exist_ok=True)
        save_image(img, path)
        self.number += 1

    def finish(self) -> None:
        pass

    def keep(self) -> bool:
        return bool(self.number)


class _File:
    """A film that is written beside its place, and moved there at the end.
    """

    def __init__(self, path: Path, film: Film, force: bool):
        self.path, self.film, self.force = path, film, force
        self.ending, self.time, self.written = _ending(path), Fraction(0), 0

    def __enter__(self):
        self.place = tempfile.TemporaryDirectory(
            dir=os.path.dirname(self.path) or '.')
        self.part = os.path.join(self.place.name, 'film' + self.ending)
        return self

    def __exit__(self, *_):
        self.place.cleanup()

    def skips(self) -> bool:
        return False

    def due(self, seconds: Fraction, rate: Union[int, Fraction]) -> int:
        """How many ticks of a `rate` the next frame lasts, so that none is
        lost or won over the film."""
        self.time += seconds
        return round(self.time * rate) - self.written

    def put(self, part: str) -> None:
        self.path = unless_there(
            self.path, lambda path, replace: files.put(part, path, replace),
            self.force)


class Loop(_File):
    """A GIF or an animated WebP."""

    loop: Any = None

    def __enter__(self):
        super().__enter__()
        self.ends = []    # of the frames, in the file
        return self

    def add(self, img: Array, seconds: Fraction) -> None:
        if not self.loop:
            self.loop = LOOPS[self.ending](img.shape[1::-1])
        ticks = self.due(seconds, self.loop.unit)
        if ticks >= self.loop.least:    # else the next one stands for it
            self._append(self.loop.frame(img, ticks))
            self.ends.append(os.path.getsize(self.part))
            self.written += ticks

    def _append(self, content):
        with open(self.part, 'ab') as file:
            if not file.tell():
                file.write(self.loop.head)
            file.write(content)

    def finish(self) -> None:
        self._append(self.loop.tail)
        self.loop.end(self.part)
        self.put(self.part)

    def keep(self) -> bool:
        """There is room where a part of a frame, or one, is cut off."""
        while self.ends:
            with contextlib.suppress(OSError, NSTError):
                os.truncate(self.part, self.ends.pop())
                self.finish()
                return True
        return False


class Encoded(_File):
    """A film with sound, by ffmpeg, of even sides: it repeats the last row
    or column of a picture that has odd ones."""

    encoder: Any = None

    def __exit__(self, *_):
        if self.encoder:
            self.encoder.__exit__()
        super().__exit__()

    def add(self, img: Array, seconds: Fraction) -> None:
        img = onp.pad(img, [(0, side % 2) for side in img.shape[:2]]
                      + [(0, 0)], mode='edge')
        if not self.encoder:
            self.encoder = Encoder(self.part, img.shape[1::-1],
                                   self.film.fps)
        for _ in range(self.due(seconds, self.film.fps)):
            self.encoder.add(img)
            self.written += 1

    def finish(self) -> None:
        self.encoder.finish()
        part, sound = self.part, self.film.sound
        whole = os.path.join(self.place.name, 'whole' + self.ending)
        if finish_film(part, sound, whole, self.written / self.film.fps):
            part = whole
        elif sound:
            warnings.warn(f'the sound of {sound} could not be kept',
                          NSTWarning, stacklevel=2)
        self.put(part)

    def keep(self) -> bool:
        """Without its sound, for which there may be no room."""
        plays = mend(self.part)
        if plays:
            self.put(self.part)
        return plays


def _ending(path):
    return os.path.splitext(os.fspath(path))[1].lower()
