"""What the page shows, as HTML: pictures, strips of them, the curves of the
losses. Pictures travel inside of it, so that no file is left behind."""

import base64
import html
import io
import math
from typing import Iterable, Sequence, Tuple

import numpy as onp
from PIL import Image

from ..kinds import Array
from ..recipes.settings import Stage
from ..steps import Step

COLOURS = '#c2410c', '#0f766e', '#6d28d9', '#a16207', '#be185d'
WIDTH, HEIGHT, LEFT, RIGHT, EDGE = 480, 150, 38, 104, 10   # of the curves


def smaller(img: Array, longest: int) -> Image.Image:
    """A picture, (H, W, 3) uint8, for Pillow; its longer side is `longest`
    at most."""
    picture = Image.fromarray(onp.asarray(img))
    picture.thumbnail((longest, longest))
    return picture


def data_uri(img: Array, longest: int, quality: int = 90) -> str:
    """The same as a JPEG within an address."""
    file = io.BytesIO()
    smaller(img, longest).save(file, 'JPEG', quality=quality)
    return 'data:image/jpeg;base64,' + base64.b64encode(
        file.getvalue()).decode()


def strip(entries: Iterable[Tuple[str, str, str, bool]]) -> str:
    """A row of small pictures that are buttons, each a key, a title, its
    address, and whether it is the chosen one."""
    return ''.join(
        f'<button type="button" data-key="{html.escape(key)}" '
        f'title="{html.escape(title)}" aria-label="{html.escape(title)}" '
        f'aria-pressed="{str(chosen).lower()}"><img src="{address}" alt="">'
        '</button>' for key, title, address, chosen in entries)


def curves(steps: Sequence[Step], stages: Sequence[Stage]) -> str:
    """The losses of all `steps` so far as a drawing, SVG: one line a term,
    on a logarithmic axis. `stages` are those of the recipe; where one ends
    there is a dotted line."""
    if len(steps) < 2:
        return ''
    values = {name: [max(step.terms[name], 1e-12) for step in steps]
              for name in steps[0].terms}
    values = {name: line for name, line in values.items()
              if max(line) > 1e-12}
    total = max(len(steps), sum(stage.num_epochs for stage in stages))
    low, high = _decades(values.values())

    def x(i):
        return LEFT + (WIDTH - LEFT - RIGHT) * i / max(1, total - 1)

    def y(value):
        share = (math.log10(value) - low) / (high - low)
        return HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * share

    marks = [_tick(10.0 ** each, y(10.0 ** each)) for each in range(
        math.ceil(low), math.floor(high) + 1)]
    marks += [f'<line class="stage" x1="{x(i - .5):.1f}" x2="{x(i - .5):.1f}"'
              f' y1="{EDGE}" y2="{HEIGHT - EDGE}"/>' for i in range(
                  1, len(steps)) if steps[i].stage > steps[i - 1].stage]
    places = _apart({name: y(line[-1]) for name, line in values.items()})
    for colour, (name, line) in zip(COLOURS, values.items()):
        points = ' '.join(f'{x(i):.1f},{y(value):.1f}'
                          for i, value in enumerate(line))
        marks.append(
            f'<polyline points="{points}" stroke="{colour}"/>'
            f'<text x="{x(len(line) - 1) + 6:.1f}" '
            f'y="{places[name] + 4:.1f}" fill="{colour}">'
            f'{html.escape(label(name))} {line[-1]:.3g}</text>')
    return (f'<svg class="curves" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'aria-label="The losses">{"".join(marks)}</svg>')


def label(name: str) -> str:
    return {'tv': 'variation'}.get(name, name)


def _decades(lines):
    """Where the axis begins and ends, as powers of ten."""
    logs = [math.log10(value) for line in lines for value in line]
    low, high = min(logs), max(logs)
    room = max(0.05 * (high - low), 0.1)
    return low - room, high + room


def _tick(value, y):
    return (f'<line class="tick" x1="{LEFT}" x2="{WIDTH - RIGHT}" '
            f'y1="{y:.1f}" y2="{y:.1f}"/><text class="tick" '
            f'x="{LEFT - 6}" y="{y + 4:.1f}">{value:g}</text>')


def _apart(places, least=15):
    """Heights of labels, {name: y}, moved down until none hides another."""
    moved, last = {}, -math.inf
    for name, y in sorted(places.items(), key=lambda pair: pair[1]):
        last = moved[name] = max(y, last + least)
    over = max(0, last - HEIGHT + EDGE)
    return {name: y - over for name, y in moved.items()}
