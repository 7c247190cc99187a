"""The drawing of the image transformer network, layer by layer."""
from pen import BLUE, GREEN, GREY, INK, PALE, RED, Sheet, tint

TITLE = 'The image transformer network: down, five residual blocks, up'
AXIS, FOOT = 176, 66
# name, what it does, channels after it, pixels a side after it, of 256
DOWN = (('9 \u00d7 9', 'convolution', 32, 256),
        ('3 \u00d7 3', 'stride 2', 64, 128),
        ('3 \u00d7 3', 'stride 2', 128, 64))
UP = (('3 \u00d7 3', 'after \u00d7 2', 64, 128),
      ('3 \u00d7 3', 'after \u00d7 2', 32, 256),
      ('9 \u00d7 9', 'tanh', 3, 256))
RESIDUALS, CHANNELS = 5, 128
TALL = {256: 176, 128: 112, 64: 70}


def counts():
    """Parameters of each part, for one style: the layers down, one residual
    block, the layers up. A normalisation has a scale and a shift for each
    channel. On the way up a layer sees that of its size on the way down too;
    the last convolution the picture, each colour times a number, and has a
    bias."""
    layers, before = [], 3
    for (kernel, _, channels, _), beside in zip(
            (*DOWN, *UP), (0, 0, 0, 64, 32, 3)):
        weights = int(kernel[0]) ** 2 * (before + beside) * channels
        layers.append(weights + 2 * channels)
        before = channels
    residual = 2 * (9 * CHANNELS ** 2 + 2 * CHANNELS)
    return layers[:3], residual, layers[3:]


def slab(sheet, x, layer, number, colour):
    kernel, what, channels, pixels = layer
    width, height = 12 + channels / 5, TALL[pixels]
    sheet.box(x - width / 2, AXIS - height / 2, width, height, colour,
              tint(colour, 0.14), 1.4, 3)
    sheet.words(x, AXIS + 104, f'{kernel}\n{what}', colour, 9)
    feet(sheet, x, channels, pixels, number)


def feet(sheet, x, channels, pixels, number):
    sheet.words(x, FOOT, f'{channels} \u00d7 {pixels}\u00b2', INK, 9.5,
                weight='bold')
    sheet.words(x, FOOT - 18, f'{number:,}', GREY, 9)


def residuals(sheet, x, number):
    """Five blocks, each with the way around it."""
    for i in range(RESIDUALS):
        left = x + 66 * i
        for shift in 10, 32:
            sheet.box(left + shift, AXIS - 35, 18, 70, BLUE, tint(BLUE, 0.14),
                      1.4, 3)
        if i:
            sheet.arrow((left - 4, AXIS), (left + 8, AXIS))
        top = AXIS + 50
        sheet.arrow((left - 2, AXIS), (left - 2, top), (left + 58, top),
                    (left + 58, AXIS + 8), colour=BLUE)
        sheet.words(left + 58, AXIS, '+', BLUE, 14, weight='bold')
    middle = x + 66 * RESIDUALS / 2 - 3
    sheet.words(middle, AXIS + 104, 'five residual blocks: two 3 \u00d7 3 '
                'convolutions,\ntheir input is added to what they make', BLUE,
                9)
    feet(sheet, middle, CHANNELS, 64, RESIDUALS * number)


def draw():
    """The whole drawing, a Sheet."""
    sheet = Sheet(1010, 316)
    down, residual, up = counts()
    for x, layer, number in zip((126, 200, 278), DOWN, down):
        slab(sheet, x, layer, number, RED)
    residuals(sheet, 336, residual)
    for x, layer, number in zip((722, 802, 876), UP, up):
        slab(sheet, x, layer, number, GREEN)
    for left, right in ((72, 112), (140, 182), (218, 254), (304, 344),
                        (674, 700),
                        (744, 786), (818, 866), (886, 926)):
        sheet.arrow((left, AXIS), (right, AXIS))
    for x, name in (36, 'picture'), (968, 'painting'):
        name += '\n0 \u2026 255'
        sheet.box(x - 32, AXIS - 32, 64, 64, INK, PALE)
        sheet.words(x, AXIS, name, size=9.5)
    sheet.words(4, FOOT, 'channels \u00d7 pixels', size=8.5, ha='left')
    sheet.words(4, FOOT - 18, 'parameters', GREY, 8.5, ha='left')
    # The picture goes around all of it, to the last convolution
    low = FOOT + 16
    sheet.arrow((36, AXIS - 34), (36, low), (876, low), (876, AXIS - 88),
                colour=GREEN)
    # What is on the way down goes to the layers of its size on the way up
    for left, right, height in (160, 776, 78), (236, 686, 66):
        high = AXIS + height
        sheet.arrow((left, AXIS), (left, high), (right, high),
                    (right, AXIS + 4), colour=RED)
    total = sum(down) + RESIDUALS * residual + sum(up)
    sheet.words(505, 20, f'{total:,} parameters. Each convolution but the '
                'last is followed by a normalisation of the style, and by '
                'ReLU except where a sum follows.', size=9.5)
    return sheet
