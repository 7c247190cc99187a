"""Runs one notebook that was handed in, for tools/grade.py, which starts this
in a process of its own: `handed_in.py NOTEBOOK SECONDS GIGABYTES`.

The notebook is run in its folder and written back whenever a cell that asks
for an answer is done, so that a process that is ended leaves what it had.
"""

import os
import resource
import sys

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

FILE_BYTES = 200 * 10 ** 6   # the largest file it may write


def main():
    path, seconds, gigabytes = sys.argv[1], *map(float, sys.argv[2:])
    size = int(gigabytes * 10 ** 9)
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    notebook = nbformat.read(path, as_version=4)

    def keep(cell, **_):
        if 'asks' in cell.metadata:
            nbformat.write(notebook, path + '.part')
            os.replace(path + '.part', path)

    # A socket in the folder needs no network
    client = NotebookClient(
        notebook, timeout=seconds, interrupt_on_timeout=True,
        allow_errors=True, on_cell_executed=keep,
        km=AsyncKernelManager(kernel_name='python3', transport='ipc'),
        resources={'metadata': {'path': os.path.dirname(path)}})
    client.execute()
    nbformat.write(notebook, path)


if __name__ == '__main__':
    main()
