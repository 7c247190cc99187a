"""Where pictures are painted, one after the other, in a thread of its own."""

import concurrent.futures
import os
import shutil
import tempfile
from typing import Any, Optional

from ..errors import NSTError
from ..outputs import check_folder
from .job import DONE, STOPPED, WAITING, Painting
from .order import Order

# Stopped pictures that can go on as if they had not been: for each there is a
# file as large as some forty of the picture
KEPT = 2


class Studio:
    """Takes orders, and paints one at a time; the others wait.

    `paintings` are all that were ordered, the oldest first. They are saved
    in `folder`; without one they go with everything else in `own`, a folder
    that is removed by `close`. The `promise` says which, to who paints.
    Raises `ImageError` where a folder can't be written.
    """

    def __init__(self, folder: Optional[str] = None, ctx: Any = None):
        if folder is not None:
            check_folder(folder)
        self.promise = ('What you don\'t save is gone at the end.'
                        if folder is None else
                        f'All pictures are kept in {folder}.')
        self.own = tempfile.mkdtemp(prefix='d2l-nst-')
        self.folder = folder or os.path.join(self.own, 'painted')
        os.makedirs(self.folder, exist_ok=True)
        self.ctx, self.paintings, self.queue = ctx, [], []
        self.pool = concurrent.futures.ThreadPoolExecutor(1)

    def order(self, order: Order) -> Painting:
        """Have a `Painting` of the order painted, and return it."""
        kept = os.path.join(self.own, f'{len(self.paintings)}.ckpt')
        self.paintings.append(Painting(order, kept))
        return self._begin(self.paintings[-1])

    def go_on(self, painting: Painting) -> Painting:
        """Have one that was stopped go on. Where nothing is kept for that,
        as of one that is done, it is painted further as another one, which
        is returned. Raises `NSTError`."""
        if not painting.may_go_on:
            raise NSTError('there is no optimisation that could go on: '
                           'paint the picture first')
        if painting.state == DONE or not os.path.exists(painting.kept):
            return self.order(painting.further())
        painting.wait_again()
        return self._begin(painting)

    def _begin(self, painting):
        stopped = [each for each in self.paintings if each.state == STOPPED]
        for each in stopped[:-KEPT]:
            each.forget()
        self.queue = [*self._queue(), painting]
        self.pool.submit(painting.run, self.folder, self.ctx)
        return painting

    def _queue(self):
        return [each for each in self.queue if not each.ended]

    def ahead(self, painting: Painting) -> int:
        """How many are painted before one that waits."""
        return (self._queue().index(painting)
                if painting.state == WAITING else 0)

    def close(self) -> None:
        """Stop them all, and remove what is not to stay."""
        for painting in self.paintings:
            painting.stop()
        self.pool.shutdown()
        shutil.rmtree(self.own, ignore_errors=True)

    def __enter__(self) -> 'Studio':
        return self

    def __exit__(self, *exc):
        self.close()
