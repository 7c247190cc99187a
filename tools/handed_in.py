"""Runs one notebook that was handed in, for tools/grade.py, which starts this
in a process of its own: `handed_in.py NOTEBOOK SECONDS PATIENCE GIGABYTES`.

The notebook is run in its folder and written back whenever a cell that asks
for an answer is done, so that a process that is ended leaves what it had. A
cell that has computed for SECONDS is interrupted, and so is one that takes
PATIENCE times as long on the clock.
"""

import asyncio
import os
import resource
import sys

import nbformat
from cpu_time import spent
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

FILE_BYTES = 200 * 10 ** 6   # the largest file it may write


class Client(NotebookClient):
    """Interrupts a cell that has computed for `seconds`."""

    def __init__(self, *args, seconds, **options):
        super().__init__(*args, **options)
        self.seconds = seconds

    async def async_execute_cell(self, *args, **options):
        watch = asyncio.ensure_future(self.watch())
        try:
            return await super().async_execute_cell(*args, **options)
        finally:
            watch.cancel()

    async def watch(self):
        pid = self.km.provisioner.pid
        limit = spent(pid) + self.seconds
        while True:
            await asyncio.sleep(0.5)
            if spent(pid) > limit:   # again where it does not listen
                await self.km.interrupt_kernel()
                limit = spent(pid) + max(1, self.seconds / 10)


def main():
    path = sys.argv[1]
    seconds, patience, gigabytes = map(float, sys.argv[2:])
    size = int(gigabytes * 10 ** 9)
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    notebook = nbformat.read(path, as_version=4)

    def keep(cell, **_):
        if 'asks' in cell.metadata:
            nbformat.write(notebook, path + '.part')
            os.replace(path + '.part', path)

    # A socket in the folder needs no network
    client = Client(
        notebook, seconds=seconds, timeout=seconds * patience,
        interrupt_on_timeout=True, allow_errors=True, on_cell_executed=keep,
        km=AsyncKernelManager(kernel_name='python3', transport='ipc'),
        resources={'metadata': {'path': os.path.dirname(path)}})
    client.execute()
    nbformat.write(notebook, path)


if __name__ == '__main__':
    main()
