"""Makes a sheet of what the bundled network paints: `python
img/nine_styles.py`.

Each picture is what `python -m d2l_nst paint img/canal-town.jpg --net
nine-styles --style ...` makes.
"""
import sys

from gallery import HERE, tile
from PIL import Image

CONTENT, SIZE, COLUMNS = 'canal-town', (360, 240), 5


def main():
    from d2l_nst import read_image
    from d2l_nst.commands.contact_sheet import grid
    from d2l_nst.feedforward.network import load_network
    from d2l_nst.feedforward.painting import paint_pictures
    from d2l_nst.images import resize
    from mxnet import npx
    npx.set_np()
    photo = resize(read_image(HERE / f'{CONTENT}.jpg'), SIZE)
    photo = photo.clip(0, 255).round().astype('uint8')
    tiles = [tile(Image.fromarray(photo), 'the photograph', size=SIZE)]
    net = load_network('nine-styles')
    for name in net.settings['styles']:
        painted = paint_pictures(net.choose([name]), [photo])[0]
        style = Image.fromarray(read_image(HERE / f'{name}.jpg'))
        tiles.append(tile(Image.fromarray(painted), name, style, SIZE))
    rows = [tiles[i:i + COLUMNS] for i in range(0, len(tiles), COLUMNS)]
    path = sys.argv[1] if len(sys.argv) > 1 else HERE / 'nine-styles.jpg'
    grid(rows).save(path, quality=93, subsampling=0)
    print(path)


if __name__ == '__main__':
    main()
