"""Several pictures painted like one style, by `transfer`: each in its turn,
and one that can't be painted does not keep the others from it."""

import argparse
import copy
import os
import sys
import time
from typing import Any, Callable, Optional

from ..errors import ImageError, NSTError
from .options import FAILED, INTERRUPTED


class Pictures(argparse.Action):
    """CONTENT [CONTENT ...] [STYLE]: the last of several is the style.
    Those between it and the first are `args.further`."""

    def __call__(self, parser: argparse.ArgumentParser,
                 namespace: argparse.Namespace, values: Any,
                 option_string: Optional[str] = None) -> None:
        namespace.content, *rest = values
        namespace.style = rest.pop() if rest else None
        namespace.further = rest


def is_several(args: argparse.Namespace) -> bool:
    """Whether OUT is a folder: there are several contents, or a folder is
    named, to be read or to be written."""
    return bool(args.further) or not _is_picture(args.output) and (
        os.path.isdir(args.content or '') or os.path.isdir(args.output)
        or args.output.endswith(os.sep))


def _is_picture(name):
    from ..outputs import WRITABLE
    return os.path.splitext(name)[1].lower() in WRITABLE


def run_each(args: argparse.Namespace,
             run: Callable[[argparse.Namespace], int]) -> int:
    """Paint each content into the folder OUT, by `run(args)` for that one
    alone. Returns the exit code."""
    jobs = _plan(args)
    done, failed, code, start = 0, [], 0, time.perf_counter()
    like = None
    for i, job in enumerate(jobs, 1):
        print(f'{i} of {len(jobs)}: {job.content}', flush=True)
        job.like = like
        try:
            os.makedirs(os.path.dirname(job.output), exist_ok=True)
            code = run(job)
            done += 1
        except KeyboardInterrupt:
            code = INTERRUPTED
        except (NSTError, OSError, MemoryError) as e:
            failed.append(str(e) or f'{job.content} needs more memory')
        like = job.like
        if code:
            break
    for reason in failed:
        print(f'd2l-nst: {reason}', file=sys.stderr)
    ended = ', interrupted' if code == INTERRUPTED else ''
    print(f'{args.output}: {done} of {len(jobs)} painted in '
          f'{time.perf_counter() - start:.0f} s{ended}')
    return code or (FAILED if failed else 0)


def _plan(args):
    """The arguments for each of the contents. What can be refused at once
    is, before the first is painted: the names of all that is written."""
    from ..feedforward.plan import plan
    from ..outputs import card_path, check_output, check_writable
    if _is_picture(args.output):
        raise ImageError(f'{args.output} is the name of one picture: for '
                         'several contents, name a folder')
    for name in ('trace', 'checkpoint', 'resume'):
        if getattr(args, name):
            raise NSTError(f'--{name} is for one content: leave it out')
    outputs = plan([args.content, *args.further], args.output, args.force,
                   args.skip_existing)
    for output in outputs.values():
        if os.path.isdir(os.path.dirname(output)):
            check_output(output, args.force)
            if not args.no_metadata:
                check_writable(card_path(output), args.force)
    return [_alone(args, *pair) for pair in outputs.items()]


def _alone(args, content, output):
    job = copy.copy(args)
    job.content, job.further, job.output = content, [], output
    return job
