"""Where pictures are painted, one after the other, in a thread of its own."""

import concurrent.futures
import os
import shutil
import tempfile

from ..outputs import check_folder
from .job import Painting


class Studio:
    """Takes orders, and paints one at a time; the others wait.

    `paintings` are all that were ordered, the oldest first. They are saved
    in `folder`; without one they go with everything else in `own`, a folder
    that is removed by `close`. Raises `ImageError` where a folder can't be
    written.
    """

    def __init__(self, folder=None, ctx=None):
        if folder is not None:
            check_folder(folder)
        self.own = tempfile.mkdtemp(prefix='d2l-nst-')
        self.folder = folder or os.path.join(self.own, 'painted')
        os.makedirs(self.folder, exist_ok=True)
        self.ctx, self.paintings = ctx, []
        self.pool = concurrent.futures.ThreadPoolExecutor(1)

    def order(self, order):
        """Have a `Painting` of the order painted, and return it."""
        painting = Painting(order)
        self.paintings.append(painting)
        return self._begin(painting)

    def go_on(self, painting):
        """Have one go on from the picture that was reached."""
        painting.wait_again()
        return self._begin(painting)

    def _begin(self, painting):
        self.pool.submit(painting.run, self.folder, self.ctx)
        return painting

    def ahead(self, painting):
        """How many are painted before one that waits."""
        return sum(not other.ended for other in self.paintings
                   if other is not painting)

    def close(self):
        """Stop them all, and remove what is not to stay."""
        for painting in self.paintings:
            painting.stop()
        self.pool.shutdown()
        shutil.rmtree(self.own, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
