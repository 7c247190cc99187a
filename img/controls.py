"""Makes a sheet of what the painter's hand can do: `python img/controls.py`.

Each picture is what `python -m d2l_nst transfer` makes of the words beside its
label. `--tiles FOLDER` keeps the pictures there, and takes those that are
there already.
"""
import argparse
import tempfile
from pathlib import Path

from gallery import HERE, tile
from PIL import Image

CONTENT, SIZE, COLUMNS = 'img/canal-town.jpg', (360, 240), 3
SMALL = '--size 360'
SKY = ('img/night-harbour.jpg --mask img/canal-town-sky.png '
       '--style-mask img/night-harbour-sky.png')
TILES = {  # label: the words behind `transfer img/canal-town.jpg`
    'the sky alone': f'{SKY} --feather 3',
    'a style for each region': f'{SKY} --style img/autumn-oak.jpg '
                               '--mask img/canal-town-town.png --strength 0.4',
    'two styles mixed': 'img/autumn-oak.jpg --style-weight 2 '
                        '--style img/great-wave-woodcut.jpg --style-weight 1',
    'its own colours, by luminance':
        'img/great-wave-woodcut.jpg --colours content:luminance',
    'its own colours, matched':
        'img/great-wave-woodcut.jpg --colours content:match',
    'fine strokes': 'img/night-harbour.jpg --style-scale 0.5',
    'broad strokes': 'img/night-harbour.jpg --style-scale 4',
    'another mood': 'img/night-harbour.jpg --recipe photo',
}


def paint(words, path):
    """The picture of one tile, saved as `path`, a PNG."""
    from d2l_nst.cli import main
    words = [str(HERE.parent / word) if word.startswith('img/') else word
             for word in f'{CONTENT} {words} {SMALL}'.split()]
    code = main(['transfer', *words, '-o', str(path)])
    if code:
        raise SystemExit(code)


def make(folder):
    """The sheet, of the pictures in `folder`; paints those missing."""
    from d2l_nst.commands.contact_sheet import grid
    tiles = [tile(Image.open(HERE.parent / CONTENT), 'the photograph',
                  size=SIZE)]
    for label, words in TILES.items():
        path = Path(folder, label.replace(' ', '-').replace(',', '') + '.png')
        if not path.exists():
            paint(words, path)
        style = Image.open(HERE.parent / words.split()[0]).convert('RGB')
        tiles.append(tile(Image.open(path), label, style, SIZE))
    return grid([tiles[i:i + COLUMNS]
                 for i in range(0, len(tiles), COLUMNS)])


def main(argv=None):
    parser = argparse.ArgumentParser(
        description="Make the sheet of the painter's hand.")
    parser.add_argument('-o', '--output', type=Path,
                        default=HERE / 'controls.jpg')
    parser.add_argument('--tiles', type=Path, metavar='FOLDER',
                        help='where its pictures are kept')
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        folder = options.tiles or Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        make(folder).save(options.output, quality=92, subsampling=0)
    print(options.output)


if __name__ == '__main__':
    main()
