"""Makes the contact sheet of the recipes: `python img/gallery.py`.

`--tiles FOLDER` keeps its pictures there, and takes those that are there
already; `--epochs 3` makes a rough one quickly.
"""
import argparse
import sys
import tempfile
from pathlib import Path

from matplotlib import get_data_path
from PIL import Image, ImageDraw, ImageFont

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

CONTENT, SIZE = 'mountain', (300, 200)
# What is run, in the order of the sheet: (recipe, style, epochs in each
# stage or None for the recipe's own)
TILES = [
    ('quick', 'autumn-oak', None), ('quick', 'poppies-pointillist', None),
    ('gatys', 'autumn-oak', 80), ('gatys-vgg16', 'sea-wash', 60),
    ('gatys-lbfgs', 'sea-wash', 60), ('gatys-tv', 'poppies-pointillist', 60),
    ('histogram', 'autumn-oak', 30), ('laplacian', 'autumn-oak', 40),
    ('mrf', 'sea-wash', 30), ('texture', 'poppies-pointillist', 60),
    ('inversion', None, 50),
]
COLUMNS, LABEL, GAP, INSET = 4, 22, 6, 64


def paint(recipe, style, epochs, path):
    """One picture of the sheet, saved as `path`, a PNG."""
    from d2l_nst import save_image, style_transfer
    from mxnet import npx
    npx.set_np()
    result = style_transfer(HERE / f'{CONTENT}.jpg',
                            style and HERE / f'{style}.jpg', recipe, SIZE,
                            num_epochs=epochs)
    save_image(result.image, path)


def tile(picture, label, style=None):
    """A labelled picture, with the style in its lower right corner."""
    width, height = SIZE
    sheet = Image.new('RGB', (width, height + LABEL), 'white')
    sheet.paste(picture.convert('RGB').resize(SIZE, Image.LANCZOS),
                (0, LABEL))
    if style is not None:
        style.thumbnail((INSET, INSET), Image.LANCZOS)
        corner = width - style.width - 2, height + LABEL - style.height - 2
        sheet.paste('white', (*(c - 2 for c in corner), width,
                              height + LABEL))
        sheet.paste(style, corner)
    font = ImageFont.truetype(str(
        Path(get_data_path(), 'fonts', 'ttf', 'DejaVuSans.ttf')), 14)
    ImageDraw.Draw(sheet).text((1, 2), label, 'black', font)
    return sheet


def contact_sheet(tiles):
    """Tiles of one size in rows of `COLUMNS`."""
    width, height = tiles[0].size
    rows = -(-len(tiles) // COLUMNS)
    sheet = Image.new('RGB', (COLUMNS * (width + GAP) - GAP,
                              rows * (height + GAP) - GAP), 'white')
    for i, picture in enumerate(tiles):
        row, column = divmod(i, COLUMNS)
        sheet.paste(picture, (column * (width + GAP), row * (height + GAP)))
    return sheet


def make(folder, epochs=None):
    """The sheet, of the pictures in `folder`; paints those missing."""
    tiles = [tile(Image.open(HERE / f'{CONTENT}.jpg'), 'the photograph')]
    for recipe, style, its_epochs in TILES:
        path = Path(folder, f'{recipe}-{style or CONTENT}.png')
        if not path.exists():
            paint(recipe, style, epochs or its_epochs, path)
        inset = style and Image.open(HERE / f'{style}.jpg').convert('RGB')
        tiles.append(tile(Image.open(path), recipe, inset))
    return contact_sheet(tiles)


def main(argv=None):
    parser = argparse.ArgumentParser(
        description='Make the contact sheet of the recipes.')
    parser.add_argument('-o', '--output', type=Path,
                        default=HERE / 'gallery.jpg')
    parser.add_argument('--tiles', type=Path, metavar='FOLDER',
                        help='where its pictures are kept')
    parser.add_argument('--epochs', type=int, metavar='N',
                        help='in each stage of all')
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        folder = options.tiles or Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        make(folder, options.epochs).save(options.output, quality=85)
    print(options.output)


if __name__ == '__main__':
    main()
