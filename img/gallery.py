"""Makes the contact sheet of the recipes: `python img/gallery.py`.

`--tiles FOLDER` keeps its pictures there, and takes those that are there
already; `--epochs 3` makes a rough one quickly.
"""
import argparse
import sys
import tempfile
from pathlib import Path

from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

CONTENT, SIZE = 'mountain', (300, 200)
# What is run, in the order of the sheet: (recipe, style)
TILES = [
    ('quick', 'autumn-oak'), ('quick', 'sunrise-glass'),
    ('gatys', 'autumn-oak'), ('gatys-vgg16', 'sea-wash'),
    ('gatys-lbfgs', 'sea-wash'), ('gatys-tv', 'poppies-pointillist'),
    ('histogram', 'autumn-oak'), ('laplacian', 'autumn-oak'),
    ('mrf', 'sea-wash'), ('texture', 'poppies-pointillist'),
    ('inversion', None),
]
COLUMNS, INSET = 4, 64


def paint(recipe, style, epochs, path):
    """One picture of the sheet, saved as `path`, a PNG."""
    from d2l_nst import save_image, style_transfer
    from mxnet import npx
    npx.set_np()
    result = style_transfer(HERE / f'{CONTENT}.jpg',
                            style and HERE / f'{style}.jpg', recipe, SIZE,
                            num_epochs=epochs)
    save_image(result.image, path)


def tile(picture, label, style=None, size=SIZE):
    """A labelled picture, with the style in its lower right corner."""
    from d2l_nst.commands.contact_sheet import labelled
    picture = picture.convert('RGB').resize(size, Image.LANCZOS)
    if style is not None:
        style.thumbnail((INSET, INSET), Image.LANCZOS)
        corner = size[0] - style.width - 2, size[1] - style.height - 2
        picture.paste('white', (*(c - 2 for c in corner), *size))
        picture.paste(style, corner)
    return labelled(picture, label)


def make(folder, epochs=None):
    """The sheet, of the pictures in `folder`; paints those missing."""
    from d2l_nst.commands.contact_sheet import grid
    tiles = [tile(Image.open(HERE / f'{CONTENT}.jpg'), 'the photograph')]
    for recipe, style in TILES:
        path = Path(folder, f'{recipe}-{style or CONTENT}.png')
        if not path.exists():
            paint(recipe, style, epochs, path)
        inset = style and Image.open(HERE / f'{style}.jpg').convert('RGB')
        tiles.append(tile(Image.open(path), recipe, inset))
    return grid([tiles[i:i + COLUMNS]
                 for i in range(0, len(tiles), COLUMNS)])


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
