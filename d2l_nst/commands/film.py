"""`paint` of a film: its frames one by one, and its sound."""

import errno
import os
import sys
import time
from argparse import Namespace
from typing import Any, Callable, Optional

from ..errors import ImageError, NSTError
from ..feedforward.painter import Painter
from ..interrupts import later
from ..kinds import Card
from .bar import make_bar
from .options import FAILED, FULL, INTERRUPTED, summary


def wants_film(args: Namespace) -> bool:
    """Whether a film is painted: one is named, to be read or written, or
    the pictures are said to be its frames."""
    from ..films.reading import is_film
    from ..films.writing import names_film
    return bool(args.fps or names_film(args.output)
                or any(map(is_film, [*args.pictures, args.output])))


def run_film(args: Namespace, make_painter: Callable[[], Painter],
             about: Optional[Card]) -> int:
    """Paint the one film of the arguments with what `make_painter()` makes,
    and return the exit code. Its scorecard begins with `about`; None: there
    is none."""
    from ..films.reading import open_film
    from ..films.writing import names_film, open_writer
    if len(args.pictures) > 1:
        raise NSTError(f'{len(args.pictures)} names, and a film has one: '
                       'name its file, or the folder of its frames')
    one = names_film(args.output)
    if one and args.skip_existing and os.path.exists(args.output):
        print(f'{args.output} is there already')
        return 0
    card = args.output if one else os.path.join(args.output, 'film')
    _check(args, about and card)
    film, start = open_film(args.pictures[0], args.fps), time.perf_counter()
    painter = make_painter()
    with open_writer(args.output, film, args.force) as writer:
        job = _Job(args, film, painter, writer)
        job.run()
    if about and not job.cut:
        job.save_card(about, card, time.perf_counter() - start)
    if job.error:
        print(f'd2l-nst: {job.why()}', file=sys.stderr)
    print(summary(writer.path, job.number, max(job.number, film.number or 0)
                  if job.code else job.number, job.code,
                  time.perf_counter() - start, ' frames'))
    return job.code


def _check(args, card):
    """Raise `NSTError` where the film or its scorecard can't be written."""
    from ..films.writing import check_film
    from ..outputs import card_path, check_apart, check_writable
    source, = args.pictures
    if not os.path.exists(source):
        raise ImageError(f'{source}: there is no such file')
    check_film(args.output, args.force)
    check_apart(args.output, [source])
    if card and os.path.isdir(os.path.dirname(card) or '.') and not (
            args.skip_existing):
        check_writable(card_path(card), args.force)


class _Job:
    """The frames, painted until they end, or the keyboard interrupts, or
    one can't be painted, or written; those before that are kept."""

    def __init__(self, args, film, painter, writer):
        self.args, self.film, self.painter = args, film, painter
        self.writer, self.number = writer, 0
        self.code, self.cut = 0, False    # whether it can't be written
        self.error: Any = None
        self.last: Any = None

    def run(self):
        try:
            with make_bar(total=self.film.number, unit='frame') as bar:
                self._paint(bar)
        except KeyboardInterrupt:
            self.code = INTERRUPTED
        except (NSTError, OSError, MemoryError) as e:
            self.code, self.error = FAILED, e
        finally:
            self.film.frames.close()
        if not self.number and self.code:
            raise self.error or KeyboardInterrupt
        try:
            self._finish()
        except KeyboardInterrupt:    # all others are passed over
            self.code = INTERRUPTED
            self._finish()

    def _finish(self):
        if not self.cut:
            try:
                self.writer.finish()
                return
            except (NSTError, OSError) as e:
                self.code, self.error, self.cut = FAILED, e, True
        if not self.writer.keep():
            raise self.error

    def why(self):
        """What to say of the error."""
        full = getattr(self.error, 'errno', None) == errno.ENOSPC
        return f'{FULL if full else self.error}' + (
            f'; {self.writer.path} holds the film up to there'
            if self.cut else '')

    def _paint(self, bar):
        from ..feedforward.painting import brought_to, paint_pictures
        img = None
        for img, seconds in self.film.frames:
            if self.args.skip_existing and self.writer.skips():
                bar.update()
                continue
            img = brought_to(img, self.args.size)
            painted, = paint_pictures(self.painter, [img],
                                      self.args.strength)
            with later():    # else half a frame may be written
                self.cut = True
                self.writer.add(painted, seconds)
                self.number, self.last = self.number + 1, (painted, img)
                self.cut = False
            bar.update()
        if img is None:
            raise ImageError(f'{self.args.pictures[0]} has no frames: name '
                             'another film')

    def save_card(self, about, path, seconds):
        """The measures are those of the last frame."""
        from ..outputs import save_card
        from ..scorecard import scorecard, used
        painted, img = self.last
        save_card(scorecard(
            painted, img, **about, frames=self.number,
            fps=float(self.film.fps), interrupted=self.code == INTERRUPTED,
            **used(seconds)), path, self.args.force)
