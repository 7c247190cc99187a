"""Makes a sheet of pictures painted in one pass: `python img/one_pass.py`.

Each is what `python -m d2l_nst paint img/canal-town.jpg --style ...` makes.
"""
import sys

from gallery import HERE, tile
from PIL import Image

CONTENT, SIZE = 'canal-town', (450, 300)
STYLES = ('autumn-oak', 'great-wave-woodcut', 'night-harbour',
          'sunrise-glass', 'mill-hatching')
COLUMNS = 3


def main():
    from d2l_nst import read_image
    from d2l_nst.feedforward.any_style import load_any_style
    from d2l_nst.feedforward.painting import paint_pictures
    from mxnet import npx
    npx.set_np()
    photo = photograph(CONTENT, SIZE)
    tiles = [tile(Image.fromarray(photo), 'the photograph', size=SIZE)]
    for name in STYLES:
        style = read_image(HERE / f'{name}.jpg')
        painted = paint_pictures(load_any_style([style]), [photo])[0]
        tiles.append(tile(Image.fromarray(painted), name,
                          Image.fromarray(style), SIZE))
    save_page(tiles, COLUMNS, 'one-pass.jpg', 95)


def save_page(tiles, columns, name, quality):
    """Save tiles in rows as the file that is named to the program, by
    default `name` here."""
    from d2l_nst.commands.contact_sheet import grid
    rows = [tiles[i:i + columns] for i in range(0, len(tiles), columns)]
    path = sys.argv[1] if len(sys.argv) > 1 else HERE / name
    grid(rows).save(path, quality=quality, subsampling=0)
    print(path)


def photograph(name, size):
    """A content of this folder, (height, width, 3) uint8."""
    from d2l_nst import read_image
    from d2l_nst.images import resize
    return resize(read_image(HERE / f'{name}.jpg'), size).round().astype(
        'uint8')


if __name__ == '__main__':
    main()
