"""The drawing of the method: three pictures, one network, three losses."""
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter
from skimage.exposure import match_histograms

from pen import BLUE, GREEN, GREY, INK, PALE, PURPLE, RED, Sheet, tint

HERE = Path(__file__).resolve().parent
TITLE = 'Content, generated and style picture pass the network to the losses'
CONTENT, GENERATED, STYLE, PIXELS = 430, 282, 134, 40      # heights of lanes
FEATURES, GRAMS = GENERATED + 36, GENERATED - 36
BACK = 11                                # a backward arrow this far below


def thumbnail(name, width):
    picture = Image.open(HERE / name).convert('RGB')
    height = round(width * picture.height / picture.width)
    return picture.resize((width, height), Image.LANCZOS)


def generated():
    """The result of `make demo`, or the content in the style's colours."""
    if (HERE / 'neural-style.png').exists():
        return thumbnail('neural-style.png', 336)
    content = thumbnail('mountain.jpg', 336).filter(ImageFilter.ModeFilter(7))
    style = thumbnail('night-harbour.jpg', 336)
    colours = match_histograms(np.array(content), np.array(style),
                               channel_axis=-1)
    return Image.fromarray(colours.astype('uint8'))


def pictures(sheet):
    """The three pictures at the left, each with its name."""
    sheet.picture(thumbnail('mountain.jpg', 228), 244, CONTENT - 38, 114, 76)
    sheet.words(301, CONTENT + 50, 'content picture', weight='bold')
    sheet.picture(thumbnail('night-harbour.jpg', 228), 244, STYLE - 46, 114,
                  91)
    sheet.words(301, STYLE + 57, 'style picture', weight='bold')
    sheet.picture(generated(), 24, GENERATED - 56, 168, 112, RED, 2.4)
    sheet.words(108, GENERATED + 83, 'generated picture', weight='bold')
    sheet.words(108, GENERATED + 68, 'only its pixels change', RED, 9)


def network(sheet):
    """The frozen network: one panel, passed in three lanes."""
    sheet.box(406, 76, 190, 446, GREY, PALE, round_=10)
    sheet.words(501, 506, 'VGG-19', size=12, weight='bold')
    sheet.words(501, 488, '\u2744  parameters frozen', size=10)
    for lane in CONTENT, GENERATED, STYLE:
        blocks(sheet, lane, content=lane != STYLE, style=lane != CONTENT)


def blocks(sheet, lane, content, style):
    """The five blocks, with a dot at every layer that is tapped."""
    for i, height in enumerate((84, 66, 50, 37, 27)):
        x = 428 + 31 * i
        sheet.box(x, lane - height / 2, 22, height, GREY, 'white', 1, 3)
        if style:
            sheet.dot(x + 4, lane + height / 2, PURPLE)
        if content and i == 3:
            sheet.dot(x + 18, lane + height / 2, BLUE)


def features(sheet):
    """What the network says of each picture."""
    for lane in CONTENT, FEATURES:
        chip(sheet, lane, BLUE, 'features of\nconv4_4')
    for lane in GRAMS, STYLE:
        chip(sheet, lane, PURPLE, 'Gram matrices\nof five layers')


def chip(sheet, lane, colour, text):
    sheet.box(634, lane - 19, 104, 38, colour, tint(colour, 0.1))
    sheet.words(686, lane, text, colour, 9)


def losses(sheet):
    loss(sheet, FEATURES, CONTENT, BLUE, 'content\nloss', '1')
    loss(sheet, STYLE, GRAMS, PURPLE, 'style\nloss', '1000')
    loss(sheet, PIXELS, PIXELS, GREEN, 'total variation\nloss', '10')


def loss(sheet, low, high, colour, text, weight):
    """A box that spans the lanes it compares, and its way to the sum."""
    middle = (low + high) / 2
    sheet.box(776, low - 24, 106, high - low + 48, colour, tint(colour, 0.16))
    sheet.words(829, middle, text, colour, 11, weight='bold')
    sheet.words(910, middle + 15, f'\u00d7 {weight}', colour, 10)
    both_ways(sheet, (885, middle), (936, middle))


def total(sheet):
    sheet.box(940, PIXELS - 24, 50, CONTENT - PIXELS + 48, INK,
              tint(INK, 0.08))
    sheet.words(965, GENERATED - 18, '\u03a3', size=24)
    sheet.words(965, GENERATED - 52, 'total\nloss', size=10, weight='bold')


def both_ways(sheet, *points):
    """A solid arrow forward and, below it, a dashed one back."""
    sheet.arrow(*[(x, y + BACK / 2) for x, y in points])
    sheet.arrow(*[(x, y - BACK / 2) for x, y in points], backward=True)


def once(sheet, lane, start):
    """The way of a picture whose features are computed once."""
    sheet.arrow((start, lane), (402, lane))
    sheet.arrow((599, lane), (630, lane))
    sheet.arrow((741, lane), (772, lane))


def again(sheet):
    """The way of the generated picture, there and back at each step."""
    both_ways(sheet, (196, GENERATED), (402, GENERATED))
    for lane in FEATURES, GRAMS:
        both_ways(sheet, (599, lane), (630, lane))
        both_ways(sheet, (741, lane), (772, lane))
    foot, left, half = GENERATED - 61, 108, BACK / 2
    sheet.arrow((left + half, foot), (left + half, PIXELS + half),
                (772, PIXELS + half))
    sheet.arrow((left - half, foot), (left - half, PIXELS - half),
                (772, PIXELS - half), backward=True)


def draw():
    """The whole drawing, a Sheet."""
    sheet = Sheet(1010, 540)
    for part in (network, pictures, features, losses, total, again):
        part(sheet)
    sheet.legend(24, 504)
    once(sheet, CONTENT, 362)
    once(sheet, STYLE, 354)
    return sheet
