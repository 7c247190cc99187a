"""The drawing of VGG-19: which of its layers the method listens to."""
from pen import BLUE, GREY, INK, PALE, PURPLE, RED, Sheet, tint

TITLE = 'VGG-19 as the method uses it: five style layers, one content layer'
# convolutions, channels, width and height there of a 225 x 150 picture,
# width and height of a convolution's slab
BLOCKS = ((2, 64, '225 \u00d7 150', 20, 176),
          (2, 128, '112 \u00d7 75', 23, 120),
          (4, 256, '56 \u00d7 37', 27, 82),
          (4, 512, '28 \u00d7 18', 32, 56),
          (4, 512, '14 \u00d7 9', 32, 38))
STYLES, CONTENTS, LAST = (0, 5, 10, 19, 28), (25,), 28
START, AXIS, FOOT = 50, 184, 72              # left end, middle, foot
STEP, FUNNEL, CUT = 45, 30, 16     # room of a slab, a pooling, the cut
OFF, POOL = tint(GREY, 0.75), '#546E7A'


def layers():
    """Yield (block, index, name) as Gluon's `features` counts them.

    A convolution and its ReLU are two layers, a pooling is one.
    """
    index = 0
    for block, (convolutions, *_) in enumerate(BLOCKS, start=1):
        for i in range(1, convolutions + 1):
            yield block, index, f'conv{block}_{i}'
            index += 2
        yield block, index, f'pool{block}'
        index += 1


def places():
    """Yield (x, block, index, name), x being the layer's middle."""
    x = START
    for block, index, name in layers():
        room = FUNNEL if name.startswith('pool') else STEP
        yield x + room / 2, block, index, name
        x += room + CUT * (index == LAST)


def colour_of(index):
    if index in STYLES + CONTENTS:
        return PURPLE if index in STYLES else BLUE
    return INK if index < LAST else OFF


def slab(sheet, x, block, index, name):
    """One convolution: its name above, its index inside."""
    *_, width, height = BLOCKS[block - 1]
    colour, tapped = colour_of(index), index in STYLES + CONTENTS
    fill = colour if tapped else PALE if index < LAST else None
    weight = 'bold' if tapped else 'normal'
    sheet.box(x - width / 2, AXIS - height / 2, width, height, colour, fill,
              1.2, 3)
    sheet.words(x, AXIS + height / 2 + 11, name, colour, 8.5, weight=weight)
    sheet.words(x, AXIS, str(index), 'white' if tapped else colour, 10.5,
                weight=weight)


def funnel(sheet, x, block, index):
    """One pooling: half the width and half the height go on."""
    tall = BLOCKS[block - 1][-1] / 2
    low = BLOCKS[block][-1] / 2 if block < len(BLOCKS) else tall / 1.5
    colour = POOL if index < LAST else OFF
    sheet.axes.fill([x - 9, x + 9, x + 9, x - 9],
                    [AXIS + tall, AXIS + low, AXIS - low, AXIS - tall],
                    facecolor=tint(colour, 0.2), edgecolor=colour, lw=1)
    sheet.words(x, AXIS, str(index), colour, 9)


def chain(sheet):
    """All convolutions and poolings, from left to right."""
    for x, block, index, name in places():
        if name.startswith('pool'):
            funnel(sheet, x, block, index)
        else:
            slab(sheet, x, block, index, name)


def dense(sheet):
    """The classifier behind the last pooling, never built."""
    sheet.box(946, AXIS - 44, 42, 88, OFF)
    sheet.words(967, AXIS, 'dense\n37 \u2013 40', OFF, 8.5)


def feet(sheet):
    """Under each block its size and its number of channels."""
    for number, (_, channels, size, *_) in enumerate(BLOCKS, start=1):
        xs = [x for x, block, _, name in places()
              if block == number and name.startswith('conv')]
        left, right = xs[0] - STEP / 2 + 3, xs[-1] + STEP / 2 - 3
        sheet.axes.plot([left, left, right, right],
                        [FOOT + 5, FOOT, FOOT, FOOT + 5], color=GREY, lw=1.2)
        text = f'{channels} channels\n{size}'
        sheet.words((left + right) / 2, FOOT - 32, text, INK, 9.5)
        sheet.words((left + right) / 2, FOOT - 11, f'block {number}', INK, 10,
                    weight='bold')


def cut(sheet):
    """The line behind the last layer that is needed."""
    x = next(x for x, _, index, _ in places() if index == LAST)
    x += (STEP + CUT) / 2
    sheet.axes.plot([x, x], [FOOT + 12, 278], color=RED, lw=1.6,
                    linestyle=(0, (4, 2.5)))
    sheet.words(x, 287, '\u2702', RED, 15)
    sheet.words(x + 12, 286, 'cut off: never built', RED, 10, ha='left')


def legend(sheet):
    for x, colour, text in (
            (300, PURPLE, 'style layer'), (400, BLUE, 'content layer'),
            (514, None, 'other convolution'), (656, POOL, 'pooling')):
        fill = colour if colour in (PURPLE, BLUE) else PALE
        sheet.box(x, 280, 12, 12, colour or INK, fill, 1.2, 2)
        sheet.words(x + 19, 286, text, INK, 9.5, ha='left')


def draw():
    """The whole drawing, a Sheet."""
    sheet = Sheet(1010, 314)
    for part in (chain, dense, feet, cut, legend):
        part(sheet)
    sheet.arrow((10, AXIS), (START - 2, AXIS))
    sheet.words(28, AXIS + 14, 'picture', size=9)
    return sheet
