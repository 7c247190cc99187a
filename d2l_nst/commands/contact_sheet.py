"""A white page of pictures in rows and columns, with labels."""

import math
import os
from typing import Dict, Optional, Sequence

from PIL import Image, ImageDraw, ImageFont, ImageOps

from ..kinds import Shape

# Pixels: height of a label's line and of its letters, between two pictures,
# around the page
LABEL, LETTERS, GAP, MARGIN = 22, 14, 6, 12


def contact_sheet(head: Dict[str, Image.Image], columns: Sequence[str],
                  rows: Dict[str, Sequence[Optional[Image.Image]]],
                  size: Shape) -> Image.Image:
    """A page that compares tiles of one size.

    `head`: {label: Pillow picture}, shown above the tiles, each as large
    as fits in one. `columns`: the label above each column. `rows`: {label
    to the left: tiles}, Pillow pictures of `size`, (width, height), or
    None for one that is left blank. Returns a Pillow picture.

    >>> from PIL import Image
    >>> tile = Image.new('RGB', (90, 60), 'navy')
    >>> page = contact_sheet({'photograph': tile}, ['weak', 'strong'],
    ...                      {'quick': [tile, None]}, tile.size)
    """
    blank = Image.new('RGB', size, 'white')
    return ImageOps.expand(grid([
        [text(''), *(labelled(ImageOps.contain(picture, size), label)
                     for label, picture in head.items())],
        [text('')],  # keeps the head apart
        [text(''), *map(text, columns)],
        *([text(label, size[1]), *(tile or blank for tile in tiles)]
          for label, tiles in rows.items())]), MARGIN, 'white')


def grid(rows: Sequence[Sequence[Image.Image]],
         gap: int = GAP) -> Image.Image:
    """Lists of Pillow pictures as the rows of one, on white.

    Each column is as wide as its widest picture and each row as high as
    its highest; the pictures stand in the upper left corner of their
    places, `gap` pixels apart. A row may be shorter than others.
    """
    number = max(map(len, rows))
    widths = [max(row[i].width for row in rows if i < len(row))
              for i in range(number)]
    heights = [max(picture.height for picture in row) for row in rows]
    page = Image.new('RGB', (sum(widths) + gap * (number - 1),
                             sum(heights) + gap * (len(rows) - 1)), 'white')
    for i, row in enumerate(rows):
        for j, picture in enumerate(row):
            page.paste(picture, (sum(widths[:j]) + gap * j,
                                 sum(heights[:i]) + gap * i))
    return page


def labelled(picture: Image.Image, label: str) -> Image.Image:
    """The Pillow picture below a line of text, `LABEL` pixels high."""
    return grid([[text(label)], [picture]], gap=0)


def text(label: str, height: int = LABEL) -> Image.Image:
    """The label in black on white, halfway down a Pillow picture of that
    height, or of a line's where that is more, just wide enough for it."""
    # matplotlib's, which is the same on every machine
    from matplotlib import get_data_path
    font = ImageFont.truetype(os.path.join(
        get_data_path(), 'fonts', 'ttf', 'DejaVuSans.ttf'), LETTERS)
    height = max(height, LABEL)
    picture = Image.new('RGB', (math.ceil(font.getlength(label)) + 2,
                                height), 'white')
    ImageDraw.Draw(picture).text((1, 2 + (height - LABEL) // 2), label,
                                 'black', font)
    return picture
