"""Makes a sheet of what the bundled network paints: `python
img/nine_styles.py`.

Each picture is what `python -m d2l_nst paint img/canal-town.jpg --net
nine-styles --style ...` makes.
"""
from gallery import HERE, tile
from one_pass import photograph, save_page
from PIL import Image

CONTENT, SIZE, COLUMNS = 'canal-town', (360, 240), 5


def main():
    from d2l_nst import read_image
    from d2l_nst.feedforward.network import load_network
    from d2l_nst.feedforward.painting import paint_pictures
    from mxnet import npx
    npx.set_np()
    photo = photograph(CONTENT, SIZE)
    tiles = [tile(Image.fromarray(photo), 'the photograph', size=SIZE)]
    net = load_network('nine-styles')
    for name in net.settings['styles']:
        painted = paint_pictures(net.choose([name]), [photo])[0]
        style = Image.fromarray(read_image(HERE / f'{name}.jpg'))
        tiles.append(tile(Image.fromarray(painted), name, style, SIZE))
    save_page(tiles, COLUMNS, 'nine-styles.jpg', 93)


if __name__ == '__main__':
    main()
