"""`replay`: repeat a transfer from its scorecard, and compare."""

import json
import os
import shlex
import warnings
from argparse import ArgumentParser, Namespace

from ..errors import NSTError, NSTWarning
from . import transfer
from .transfer_options import recipe_of
from .words import RUN, parse

DESCRIPTION = """Paint the picture of a `transfer` again, from the scorecard
RUN.json that lies beside it, and say whether it is the same. The pictures and
the weights must be those of then. Exit code 0: the same, bit for bit; 3: not
the same; 1: it can't be repeated."""
OTHER = 3
PARTS = ('words', list), ('files', dict), ('folder', str), (
    'extension', str), ('pixels', str), ('machine', dict)


def add_options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add('card', metavar='RUN.json', help='scorecard of a transfer')
    add('-o', '--output', metavar='OUT', help='picture to save; default: '
        'RUN-replay, beside RUN.json')
    add('--force', action='store_true', help='overwrite what exists')


def run(args: Namespace) -> int:
    from ..outputs import card_path
    card = _read(args.card)
    stem = os.path.splitext(args.card)[0]
    there = stem + card[RUN]['extension']
    output = args.output or f'{stem}-replay{card[RUN]["extension"]}'
    job = _job(args.card, card, output, args.force)
    print(f'Repeats: {shlex.join(["transfer", *card[RUN]["words"]])}',
          flush=True)
    code = transfer.run(job)
    again = _read(card_path(output))
    if again['stages'] != card['stages']:
        return code    # interrupted before it came so far
    if again[RUN]['pixels'] == card[RUN]['pixels']:
        print(f'{output} is the same picture, bit for bit.')
        return 0
    print(f'{output} is not the same picture: {_distance(output, there)}'
          f'{_reasons(card, again)}')
    return OTHER


def _read(path):
    """A scorecard that tells how it was made."""
    try:
        with open(path, encoding='utf-8') as file:
            card = json.load(file)
        whole = card['stages'] and all(
            isinstance(card[RUN][name], kind) for name, kind in PARTS)
    except OSError as e:
        raise NSTError(f'{path} can\'t be read: {e.strerror}') from None
    except (ValueError, LookupError, TypeError):
        whole = False
    if not whole:
        raise NSTError(f'{path} does not tell how a picture was made: name '
                       'the .json that lies beside the picture of a transfer')
    return card


def _job(path, card, output, force):
    """The arguments for `transfer`, after what it reads was checked."""
    words = list(card[RUN]['words'])
    for name, sha256 in card[RUN]['files'].items():
        found = _find(name, sha256, path, card[RUN]['folder'])
        words = [word[:-len(name)] + found
                 if word == name or word.endswith(f'={name}') else word
                 for word in words]
    job = parse([*words, f'--output={output}'])
    job.force = force    # a foreign scorecard may name no other outputs
    job.trace = job.save_every = job.checkpoint = job.resume = None
    job.no_metadata = False
    if card['interrupted'] or card.get('diverged'):    # as far as it came
        job.until = len(card['stages']), card['stages'][-1]['epochs']
    _check_weights(card['weights'], job)
    return job


def _find(name, sha256, path, folder):
    """The file of this name, or the one that is now where it would be from
    the scorecard, if both were moved; with the same hash."""
    from ..files import sha256 as hash_of
    moved = os.path.normpath(os.path.join(
        os.path.dirname(os.path.abspath(path)),
        os.path.relpath(name, folder)))
    there = [place for place in (name, moved) if os.path.isfile(place)]
    for place in there:
        if hash_of(place) == sha256:
            return place
    raise NSTError(f'{there[0]} is not the file of then: its hash is another'
                   if there else f'{name} is not there any more; nor is '
                   f'{moved}')


def _check_weights(then, job):
    from ..scorecard import origin
    from ..weights import find_weights
    recipe = recipe_of(job)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', NSTWarning)    # the job tells it
        now = origin(find_weights(recipe.weights, recipe.network))
    if now['sha256'] != then['sha256']:
        raise NSTError(f'the weights are not those of then ({then["name"]}, '
                       f'sha256 {str(then["sha256"])[:8]}...), but '
                       f'{now["name"]}, {str(now["sha256"])[:8]}...: '
                       'python -m d2l_nst weights lists what there is')


def _distance(output, there):
    """How far two saved pictures are from each other."""
    from ..images import read_image
    if not os.path.isfile(there):
        return f'{there}, to be compared, is not there'
    a, b = (read_image(path).astype('int16') for path in (output, there))
    if a.shape != b.shape:
        return f'{there} has another size'
    far = abs(a - b)
    return (f'{far.max()} grey levels of 255 from {there} at most, '
            f'{far.mean():.2g} on the average')


def _reasons(then, now):
    """What else differs between the two runs."""
    from ..kept import different
    found = different({**then['settings'], **then[RUN]['machine']},
                      {**now['settings'], **now[RUN]['machine']})
    return f'; what differs: {found}' if found else (
        '; settings, versions, threads and processor are the same')
