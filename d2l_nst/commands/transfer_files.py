"""The files of `transfer`: what can go wrong with them, before the work."""

import dataclasses
import glob
import os
import warnings
from argparse import Namespace
from typing import Optional

from ..errors import ImageError, NSTWarning
from ..kinds import Array
from ..recipes.start import parse_start
from .styles import masks_named


def check_files(args: Namespace) -> Optional[Array]:
    """Raise what can be said of the files before the work. Returns the
    content, (H, W, 3), or None where it is not needed; the pictures of
    `args.styles` are read."""
    from ..images import check_size, read_image, read_with_alpha
    from ..outputs import check_apart, check_output, lost_alpha
    check_output(args.output, args.force)
    outputs = _others_written(args) + [args.output]
    content = args.alpha = None
    if args.content:
        content, args.alpha = read_with_alpha(args.content)
    lost = lost_alpha(args.output, args.content, args.alpha)
    if lost:
        warnings.warn(lost, NSTWarning)
    pictures = {args.content: content}
    for i, style in enumerate(args.styles):
        img = pictures[style.picture] = read_image(style.picture)
        args.styles[i] = dataclasses.replace(style, picture=img)
    if args.init and parse_start(args.init).kind == 'file':
        pictures[args.init] = read_image(args.init)
    for path, img in pictures.items():
        if path:
            check_size(img)
    for path in (*pictures, *masks_named(args.styles)):
        for output in outputs if path else ():
            check_apart(output, [path])
    return content


def _others_written(args):
    """The files beside the picture that will be written, or may be."""
    from ..outputs import card_path, check_writable
    named = {'trace': args.trace,
             'checkpoint': args.checkpoint or args.resume}
    others = [path for path in named.values() if path]
    if not args.no_metadata:
        others.append(card_path(args.output))
    names = list(map(os.path.realpath, others + [args.output]))
    for name, path in named.items():
        if path and names.count(os.path.realpath(path)) > 1:
            raise ImageError(f'{path} is named for the {name} and for '
                             'another file too: choose two names')
    for path in others:
        check_writable(path, args.force or path in (args.checkpoint,
                                                    args.resume))
    return others + _snapshots_there(args)


def _snapshots_there(args):
    """Files of an earlier run that this one's could overwrite."""
    stem = os.path.splitext(args.output)[0]
    paths = glob.glob(glob.escape(stem) + '-stage*')
    if not args.save_every or not paths:
        return []
    if not args.force:
        raise ImageError(f'{paths[0]} exists: choose another -o or --force')
    return paths
