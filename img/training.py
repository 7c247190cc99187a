"""The drawing of fast style transfer: what is trained, and by which losses."""
from functools import lru_cache

from PIL import Image

from method import thumbnail
from pen import BLUE, GREEN, GREY, INK, PALE, PURPLE, RED, Sheet, tint

TITLE = 'A network turns X into Y; a frozen one compares Y with X and with S'
CONTENT, PAINTED, STYLE, PIXELS = 392, 258, 120, 34        # heights of lanes
FEATURES, GRAMS = PAINTED + 34, PAINTED - 34
BACK = 11                                # a backward arrow this far below
NETWORK, STYLE_NAME = 'nine-styles', 'autumn-oak'
BLOCKS = 84, 66, 50, 37


@lru_cache(None)
def painted():
    """What the bundled network makes of the photograph."""
    from d2l_nst.feedforward.network import load_network
    from d2l_nst.feedforward.painting import paint_pictures
    from mxnet import npx
    npx.set_np()
    picture = paint_pictures(load_network(NETWORK).choose([STYLE_NAME]),
                             [thumbnail('mountain.jpg', 456)])[0]
    return Image.fromarray(picture).resize((228, 152), Image.LANCZOS)


def pictures(sheet):
    """X, Y and S, each with its name."""
    for letter, name, y in (('X', 'a photograph', CONTENT - 38),
                            ('Y', 'its painting', PAINTED - 38)):
        img = thumbnail('mountain.jpg', 228) if letter == 'X' else painted()
        x = 40 if letter == 'X' else 246
        sheet.picture(img, x, y, 114, 76, RED if letter == 'Y' else INK)
        sheet.words(x + 57, y + 88, f'{letter}: {name}', weight='bold')
    sheet.picture(thumbnail(f'{STYLE_NAME}.jpg', 196), 254, STYLE - 54, 98,
                  108)
    sheet.words(303, STYLE + 65, 'S: the style', weight='bold')


def transformer(sheet):
    """The network that is trained."""
    sheet.box(16, PAINTED - 42, 162, 84, RED, tint(RED, 0.1), 2, 8)
    sheet.words(97, PAINTED + 18, 'image transformer\nnetwork', RED, 11,
                weight='bold')
    sheet.words(97, PAINTED - 20, 'its parameters change', RED, 9.5)


def loss_network(sheet):
    """The frozen one: a panel, passed in three lanes."""
    sheet.box(412, 62, 156, 428, GREY, PALE, round_=10)
    sheet.words(490, 474, 'VGG-16', size=12, weight='bold')
    sheet.words(490, 456, '\u2744  parameters frozen', size=10)
    for lane in CONTENT, PAINTED, STYLE:
        for i, height in enumerate(BLOCKS):
            x, foot = 432 + 30 * i, lane - height / 2
            sheet.box(x, foot, 22, height, GREY, 'white', 1, 3)
            if lane != CONTENT:
                sheet.dot(x + 4, foot + height, PURPLE)
            if lane != STYLE and i == 2:
                sheet.dot(x + 18, foot + height, BLUE)


def chip(sheet, lane, colour, text):
    sheet.box(604, lane - 18, 104, 36, colour, tint(colour, 0.1))
    sheet.words(656, lane, text, colour, 9)


def losses(sheet):
    for lane in CONTENT, FEATURES:
        chip(sheet, lane, BLUE, 'features of\ntwo layers')
    for lane in GRAMS, STYLE:
        chip(sheet, lane, PURPLE, 'Gram matrices\nof four layers')
    loss(sheet, FEATURES, CONTENT, BLUE, 'content\nloss')
    loss(sheet, STYLE, GRAMS, PURPLE, 'style\nloss')
    loss(sheet, PIXELS, PIXELS, GREEN, 'total variation')
    sheet.box(906, PIXELS - 22, 50, CONTENT - PIXELS + 44, INK,
              tint(INK, 0.08))
    sheet.words(931, PAINTED - 18, '\u03a3', size=24)
    sheet.words(931, PAINTED - 52, 'total\nloss', size=10, weight='bold')


def loss(sheet, low, high, colour, text):
    """A box that spans the lanes it compares, and its way to the sum."""
    middle = (low + high) / 2
    sheet.box(744, low - 22, 106, high - low + 44, colour, tint(colour, 0.16))
    sheet.words(797, middle, text, colour, 11, weight='bold')
    both_ways(sheet, (853, middle), (902, middle))


def both_ways(sheet, *points):
    """A solid arrow forward and, below it, a dashed one back."""
    sheet.arrow(*[(x, y + BACK / 2) for x, y in points])
    sheet.arrow(*[(x, y - BACK / 2) for x, y in points], backward=True)


def ways(sheet):
    for lane, start in (CONTENT, 157), (STYLE, 355):
        sheet.arrow((start, lane), (408, lane))
        sheet.arrow((571, lane), (600, lane))
        sheet.arrow((711, lane), (740, lane))
    sheet.arrow((97, CONTENT - 41), (97, PAINTED + 46))
    both_ways(sheet, (181, PAINTED), (242, PAINTED))
    both_ways(sheet, (363, PAINTED), (408, PAINTED))
    for lane in FEATURES, GRAMS:
        both_ways(sheet, (571, lane), (600, lane))
        both_ways(sheet, (711, lane), (740, lane))
    x, half = 222, BACK / 2
    for side, backward in (half, False), (-half, True):
        y = PAINTED - 28 + side
        sheet.arrow((243, y), (x + side, y),
                    (x + side, PIXELS + side), (740, PIXELS + side),
                    backward=backward)


def draw():
    """The whole drawing, a Sheet."""
    sheet = Sheet(976, 506)
    for part in (loss_network, transformer, pictures, losses, ways):
        part(sheet)
    sheet.legend(16, 150)
    return sheet
