"""What a job will take, before it begins: memory, time and tiles."""

import dataclasses
import math
from typing import List, NamedTuple, Optional, Sequence, Tuple

from ..errors import ImageError, NSTError
from ..kinds import Shape
from ..recipes.settings import Recipe
from ..terms import terms_of
from .looking import LOOK
from .memory import GB, memory_there
from .sizes import smallest_side
from .tiles import check_tiled
from .windows import smallest_tile

FIXED = 400 * 2 ** 20   # bytes that are there without a picture, measured
# Bytes for each pixel, measured
LBFGS, LEAN = 750, 130   # what scipy's L-BFGS-B needs besides, and `Lean`
EDGE = 270            # and the padding 'edge'
STYLE = 1630          # of a style that is looked at whole
TILE = 4200           # of a tile
OUTSIDE = 480         # of a picture in tiles, besides its tile
PASSING = 130         # of it in place of a tile, while there is none
STYLE_OUTSIDE = 60    # of a style in tiles
# Of each picture as it was read, whatever its size in the stages; of one that
# is given other colours; and besides, for a moment, of the largest: where it
# is read, where a start looks at all of a style, where its colours change
READ, RECOLOURED = 3, 27
READING, STARTING, RECOLOURING = 6, {'palette': 46, 'pass': 24}, 68
OVERLAP = 1.2     # of a tile that is looked at, with what is around it
AUTO = 512, 384, 256, 192, 128    # pixels a side of tiles, the best first
Read = Tuple[int, Sequence[int]]


class Size(NamedTuple):
    """(width, height) of a stage with the margin, and the pixels of each
    style in it."""

    width: int
    height: int
    styles: List[int]

    @property
    def pixels(self) -> int:
        return self.width * self.height


@dataclasses.dataclass(frozen=True)
class Plan:
    """`shapes`, (width, height), and `epochs` of each stage; pixels a side
    of a `tile`, or 0; bytes of `memory` at the peak, and those that are
    `there`; `seconds`. Where some epochs are done, `of` is how many there
    are in all."""

    shapes: List[Shape]
    epochs: List[int]
    tile: int
    memory: float
    there: float
    seconds: float
    of: int = 0

    def __str__(self) -> str:
        stages, epochs = len(self.shapes), sum(self.epochs)
        where = f', in tiles of {self.tile} pixels' if self.tile else ''
        left = (f'epochs in {stages} stage{"s"[:stages > 1]}'
                if self.of in (0, epochs) else f'of {self.of} epochs left')
        return (f'{"x".join(map(str, self.shapes[-1]))}, {epochs} {left}'
                f'{where}: about '
                f'{in_words(self.seconds)} and {self.memory / GB:.1f} GB of '
                f'memory, of {self.there / GB:.3g}')


def in_words(seconds: float) -> str:
    """A time as one says it.

    >>> [in_words(seconds) for seconds in (4.2, 100, 4000, 9000)]
    ['4 s', '100 s', '67 min', '2.5 hours']
    """
    if seconds < 120:
        return f'{seconds:.0f} s'
    return (f'{seconds / 60:.0f} min' if seconds < 7200
            else f'{seconds / 3600:.1f} hours')


def sizes_of(recipe: Recipe, shapes: Sequence[Shape],
             style_shapes: Sequence[Sequence[Shape]]) -> List[Size]:
    """The `Size` of each stage, of which these are (width, height): of the
    picture, and of each style."""
    sizes = []
    for i, shape in enumerate(shapes):
        margin = 2 * min(recipe.margin, min(shape) // 2)
        sizes.append(Size(shape[0] + margin, shape[1] + margin,
                          [math.prod(each[i]) for each in style_shapes]))
    return sizes


# --------------------------------------------------------------- memory
def needed(recipe: Recipe, sizes: Sequence[Size], tile: int,
           scale: float = 1, read: Read = (0, ())) -> float:
    """Bytes at the peak of stages of these `Size`s with tiles of `tile`
    pixels, or 0; all areas times a `scale`. `read` are the pixels of the
    content and of each style in their files."""
    whole = (max(term.bytes_per_pixel for term in terms_of(recipe))
             + (LEAN if recipe.smoothness else LBFGS)
             * (recipe.optimiser == 'lbfgs')
             + EDGE * (recipe.padding == 'edge'))
    fixed, peak = 'content' not in recipe.needs, 0.0   # the size of a style
    for size in sizes:
        pixels = size.pixels * scale
        style = max(size.styles, default=0) * (1 if fixed else scale)
        if is_tiled(tile, pixels, style):
            here = max(pixels * OUTSIDE, style * STYLE_OUTSIDE) + max(
                tile ** 2 * TILE, pixels * PASSING)
        else:
            here = max(pixels * whole, looked_at(recipe, style))
        peak = max(peak, here)
    kept, moment = as_read(recipe, *read)
    return FIXED + kept + max(peak, moment)


def as_read(recipe: Recipe, content: int,
            styles: Sequence[int]) -> Tuple[float, float]:
    """Bytes of pictures of so many pixels as they are in their files: of
    what stays, and of what is there for a moment before the stages."""
    changed = recipe.colours != 'style'
    style = (RECOLOURING if changed
             else STARTING.get(recipe.init.kind, READING))
    return ((RECOLOURED if changed else READ) * (content + sum(styles)),
            max(READING * content, style * max(styles, default=0)))


def looked_at(recipe: Recipe, pixels: float) -> float:
    """Bytes for a look at a style of so many pixels."""
    most = LOOK ** 2 * OVERLAP if tileable(recipe) else math.inf
    if pixels <= most:
        return pixels * STYLE
    return most * STYLE + pixels * STYLE_OUTSIDE


def is_tiled(tile: int, *pixels: float) -> bool:
    """Whether pictures with so many pixels go in tiles."""
    return bool(tile) and max(pixels) > tile ** 2


def choose_tile(recipe: Recipe, sizes: Sequence[Size],
                tile: Optional[int] = None, there: Optional[float] = None,
                read: Read = (0, ())) -> Tuple[int, float]:
    """Pixels a side of the tiles, 0 for none, and bytes at the peak.

    Where none is asked for, it tiles what would not fit into the memory.
    `read` is that of `needed`. Raises `ImageError` where nothing fits, and
    `NSTError` where what is asked for can't be done.
    """
    there = there or memory_there()
    if tile is not None:
        check_tile(recipe, tile)
        choices = [tile if recipe.layers else 0]
    elif tileable(recipe):
        least = smallest_tile(recipe.layers, recipe.network)
        choices = [0, *(side for side in AUTO if side > least), least]
    else:
        choices = [0]
    for side in choices:
        memory = needed(recipe, sizes, side, read=read)
        if memory <= there:
            return side, memory
    raise ImageError(_too_large(recipe, sizes, choices[-1], there, read))


def check_tile(recipe: Recipe, tile: int) -> None:
    """Raise `NSTError` where there can be no tiles of so many pixels."""
    if tile and recipe.layers:
        check_tiled(recipe)
        least = smallest_tile(recipe.layers, recipe.network)
        if tile < least:
            raise NSTError(f'tiles of {tile} pixels are too small for these '
                           f'layers: choose {least} or more, or 0 for none')


def tileable(recipe: Recipe) -> bool:
    try:
        check_tiled(recipe)
    except NSTError:
        return False
    return bool(recipe.layers)


def _too_large(recipe, sizes, tile, there, read):
    """What to say of a picture that does not fit."""
    margin, scale = 2 * recipe.margin, 1.0
    least = FIXED + sum(as_read(recipe, *read))
    if FIXED < there < least:
        return (f'{(read[0] + sum(read[1])) / 1e6:.0f} million pixels of '
                f'pictures need about {least / GB:.3g} GB of memory, and '
                f'there are {there / GB:.3g} here: make them smaller first')
    while (needed(recipe, sizes, tile, scale, read) > there
           and scale > 1e-12):
        scale *= 0.98
    asked, fits = ([int(side * part) - margin for side in sizes[-1][:2]]
                   for part in (1, scale ** 0.5))
    hint = ('; the largest that fits is {}x{}'.format(*fits)
            if min(fits) >= smallest_side(recipe) else '')
    most = needed(recipe, sizes, tile, read=read) / GB
    return (f'{asked[0]}x{asked[1]} needs about {most:.3g} GB of memory, and '
            f'there are {there / GB:.3g} here{hint}: ask for a smaller '
            '--size (image_shape)')
