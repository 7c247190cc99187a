"""Makes two sheets of five photographs in eight manners: `python
img/forty.py` (more than an hour on one core).

`forty-quick.jpg` is painted by the recipe `quick`, `forty-one-pass.jpg` by
the bundled decoder in one pass, as `paint --style` does it. Every picture is
kept as soon as it is finished, so that a run that was ended goes on where it
stopped; a changed recipe, or other decoders, paint anew.
"""
import argparse
import functools
import hashlib
from pathlib import Path

from gallery import HERE
from PIL import Image, ImageOps

SIZE, SHOWN = (450, 300), (270, 180)
# Name: where the part of the photograph's shape lies, from 0, the top, to 1.
# scikit-image's: Eileen Collins by NASA, public domain; the cat Chelsea by
# Stefan van der Walt, CC0
CONTENTS = {'mountain': 0.5, 'canal-town': 0.5, 'sunflowers': 0.3,
            'astronaut': 0.05, 'chelsea': 0.5}
STYLES = ('night-harbour', 'autumn-oak', 'great-wave-woodcut',
          'sunrise-glass', 'poppies-pointillist', 'cubist-guitar',
          'sea-wash', 'mill-hatching')
KEPT = Path.home() / '.cache' / 'd2l_nst' / 'forty'


@functools.lru_cache(None)
def photograph(name):
    """A content, cut and resized to `SIZE`: (height, width, 3) uint8."""
    import numpy as np
    from skimage import data
    path = HERE / f'{name}.jpg'
    picture = Image.open(path) if path.exists() else Image.fromarray(
        getattr(data, name)())
    return np.asarray(ImageOps.fit(picture.convert('RGB'), SIZE,
                                   Image.LANCZOS,
                                   centering=(0.5, CONTENTS[name])))


def by_quick(content, style, epochs):
    """A content in the manner of a style picture, by optimisation."""
    from d2l_nst import style_transfer
    return style_transfer(content, style, 'quick', SIZE,
                          num_epochs=epochs).image


def in_one_pass(content, style, epochs):
    """The same by the bundled decoder, which knows no epochs."""
    from d2l_nst.feedforward.painting import paint_pictures
    return paint_pictures(painter(style), [content])[0]


@functools.lru_cache(1)
def painter(style):
    """Encoder and decoder, which have looked at a style picture."""
    from d2l_nst import read_image
    from d2l_nst.feedforward.any_style import load_any_style
    return load_any_style([read_image(style)])


WAYS = {'quick': by_quick, 'one-pass': in_one_pass}


def kept(folder, way, epochs):
    """The folder for pictures of one way, another for each recipe and for
    other decoders."""
    if way == 'quick':
        from d2l_nst import find_weights, get_recipe
        recipe = get_recipe('quick', epochs)
        made_by = (recipe, find_weights(recipe.weights, recipe.network).name)
    else:
        made_by = [hashlib.sha256(Path(path).read_bytes()).hexdigest()
                   for path in decoders()]
    mark = hashlib.sha256(repr((SIZE, *made_by)).encode()).hexdigest()[:8]
    return folder / f'{way}-{mark}'


def decoders():
    """The files of the bundled decoders."""
    from d2l_nst.feedforward.network import bundled_decoders
    return bundled_decoders().values()


def paint(way, styles, folder, epochs):
    """Paint what is missing; returns {style: its pictures' files}."""
    from d2l_nst import save_image
    folder = kept(folder, way, epochs)
    folder.mkdir(parents=True, exist_ok=True)
    rows = {}
    for style in styles:
        rows[style] = [folder / f'{content}-{style}.png'
                       for content in CONTENTS]
        for content, path in zip(CONTENTS, rows[style]):
            if not path.exists():
                save_image(WAYS[way](photograph(content),
                                     HERE / f'{style}.jpg', epochs), path)
                print(path, flush=True)
    return rows


def sheet(rows):
    """Photographs above, styles at the left, as a Pillow picture."""
    from d2l_nst.commands.contact_sheet import grid
    head = [Image.new('RGB', SHOWN, 'white'), *(
        Image.fromarray(photograph(name)).resize(SHOWN, Image.LANCZOS)
        for name in CONTENTS)]
    return grid([head, *(
        [ImageOps.pad(Image.open(HERE / f'{style}.jpg').convert('RGB'), SHOWN,
                      Image.LANCZOS, 'white'),
         *(Image.open(path).convert('RGB').resize(SHOWN, Image.LANCZOS)
           for path in paths)] for style, paths in rows.items())])


def main(argv=None):
    parser = argparse.ArgumentParser(
        description='Make two sheets of forty pictures.')
    parser.add_argument('--out', type=Path, default=HERE,
                        help='the folder to write to (default: this one)')
    parser.add_argument('--tiles', type=Path, metavar='FOLDER', default=KEPT,
                        help='where finished pictures are kept')
    parser.add_argument('--ways', nargs='+', choices=WAYS, default=list(WAYS))
    parser.add_argument('--styles', nargs='+', choices=STYLES,
                        default=STYLES, metavar='STYLE')
    parser.add_argument('--epochs', type=int, metavar='N',
                        help='in each stage, for a rough sheet')
    options = parser.parse_args(argv)
    from mxnet import npx
    npx.set_np()
    for way in options.ways:
        path = options.out / f'forty-{way}.jpg'
        rows = paint(way, options.styles, options.tiles, options.epochs)
        sheet(rows).save(path, quality=85)
        print(path)


if __name__ == '__main__':
    main()
