"""Which picture is painted to which file."""

import collections
import os
from typing import Dict, Iterable

from ..errors import ImageError
from ..kinds import Path
from ..outputs import WRITABLE, check_folder
from ..trees import walk


def plan(sources: Iterable[Path], folder: Path, force: bool = False,
         skip: bool = False) -> Dict[str, str]:
    """Choose where each picture is painted to: {picture file: output}.

    `sources` are picture files and folders. A folder stands for all pictures
    below it, and its subfolders are made again in `folder`, where all
    outputs lie. Raises `ImageError` if there is no picture, if the folder
    can't be written, if two pictures would have the same output, or if an
    output would replace one of the pictures. It may replace any other file
    only with `force`; with `skip` pictures that have an output are left
    out.
    """
    outputs, source = {}, 'an empty list'
    for source in (os.fspath(each) for each in sources):
        inside = os.path.isdir(source)
        for path in _below(source, folder) if inside else [source]:
            name = (os.path.relpath(path, source) if inside
                    else os.path.basename(path))
            outputs[path] = os.path.join(folder, name)
    if not outputs:
        raise ImageError(f'{source} holds no pictures: name files, or a '
                         'folder that does')
    check_folder(folder)
    outputs = _writable(outputs)
    if skip:
        outputs = {source: path for source, path in outputs.items()
                   if not os.path.exists(path)}
    _check_outputs(outputs, force)
    return outputs


def _below(source, folder):
    """The pictures below the folder `source` that are to be painted.

    `folder`, the one for the paintings, may lie below `source` too. It may
    then hold paintings of an earlier run, which are not painted again. Only
    if both are the same folder does every picture in it count.
    """
    outside = os.path.join(os.path.realpath(folder), '')
    return [path for path in walk(source)
            if not os.path.realpath(path).startswith(outside)
            or os.path.realpath(source) == os.path.realpath(folder)]


def _writable(outputs):
    """The outputs with extensions of formats that are written: .png where
    it is another one. What would then have one name keeps its own
    extension before it."""
    def renamed(path, whole=False):
        stem, extension = os.path.splitext(path)
        if extension.lower() in WRITABLE:
            return path
        return (path if whole else stem) + '.png'

    often = collections.Counter(map(renamed, outputs.values()))
    return {source: renamed(path, often[renamed(path)] > 1)
            for source, path in outputs.items()}


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
            raise ImageError(f'{output} exists: choose another folder, '
                             '--force or --skip-existing')
        taken[real] = path
