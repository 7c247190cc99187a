"""The drawing of the survey's tree of methods: each leaf is a link to the
chapter that explains it."""
from pen import BLUE, GREEN, GREY, INK, PURPLE, RED, Sheet, tint

TITLE = 'A tree of methods: without a network, pixels, networks that paint'
# Branch: colour, what is optimised, {twig: leaves}. A leaf: who and when,
# what it is called here, the notebook that explains it
TREE = {
    'without\na network': (GREEN, 'nothing is optimised', {
        'rules': [
            ('strokes: Hertzmann 1998', 'render strokes', 7),
            ('regions: Kyprianidis et al. 2013', 'render regions', 7)],
        'examples': [
            ('analogies: Hertzmann et al. 2001', 'render analogies', 7),
            ('texture: Efros and Leung 1999, Wei and Levoy 2000',
             'render texture', 7)]}),
    'image\noptimisation': (BLUE, 'the pixels', {
        'its two\nparents': [
            ('inversion: Mahendran and Vedaldi 2015', 'inversion', 4),
            ('texture: Gatys, Ecker and Bethge 2015', 'texture', 4)],
        'by\nstatistics': [
            ('Gatys, Ecker and Bethge 2015, 2016', 'book, quick, gatys', 1),
            ('Risser, Wilmot and Barnes 2017', 'histogram', 5),
            ('Li, Xu, Nie and Liu 2017', 'laplacian', 5),
            ('Luan, Paris, Shechtman and Bala 2017', 'photo', 0)],
        'by\npatches': [('Li and Wand 2016', 'mrf', 5)]}),
    'model\noptimisation': (PURPLE, 'a network that paints', {
        'one style': [('Johnson, Alahi and Fei-Fei 2016', 'train', 6)],
        'some styles': [
            ('Dumoulin, Shlens and Kudlur 2017', 'nine-styles', 6)],
        'any style': [('Huang and Belongie 2017, Li et al. 2017',
                       'paint --style', 6)]}),
}
NOTEBOOKS = ('0-the-map', '1-neural-style', '', '',
             '4-textures-and-inversions', '5-beyond-gram',
             '6-fast-style-transfer', '7-before-the-networks')
ROW, GAP, TOP = 30, 14, 450
# Left edges and widths: of branches, twigs, leaves
BRANCH, TWIG, LEAF = (118, 118), (290, 84), (424, 578)


def fork(sheet, start, end, colour):
    """A line from the right of one box to the left of another."""
    middle = start[0] + 12
    sheet.axes.plot([start[0], middle, middle, end[0]],
                    [start[1], start[1], end[1], end[1]], color=colour,
                    linewidth=1.3, solid_joinstyle='round', zorder=0)


def leaf(sheet, y, colour, who, called, notebook):
    """The lines of one method around the height y."""
    left, width = LEAF
    link = f'../notebooks/{NOTEBOOKS[notebook]}.ipynb'
    sheet.box(left, y - 12, width, 24, colour, tint(colour, 0.06), 0.8, 4)
    for x, text, ink, style in (
            (left + 10, who, INK, {}),
            (left + 368, called, colour, {'weight': 'bold'}),
            (left + width - 86, f'notebook {notebook}', BLUE, {})):
        sheet.words(x, y, text, ink, 9.5, ha='left', url=link, **style)


def draw():
    """The whole drawing, a Sheet."""
    sheet = Sheet(1010, 478)
    y, branches = TOP, []
    for name, (colour, what, twigs) in TREE.items():
        ends = []
        for twig, leaves in twigs.items():
            heights = [y - ROW * i for i in range(len(leaves))]
            y = heights[-1] - ROW
            middle = (heights[0] + heights[-1]) / 2
            ends.append((twig, middle))
            for height, entry in zip(heights, leaves):
                fork(sheet, (TWIG[0] + TWIG[1], middle), (LEAF[0], height),
                     colour)
                leaf(sheet, height, colour, *entry)
        middle = (ends[0][1] + ends[-1][1]) / 2
        for twig, height in ends:
            fork(sheet, (BRANCH[0] + BRANCH[1], middle), (TWIG[0], height),
                 colour)
            tall = 34 if '\n' in twig else 24
            sheet.box(TWIG[0], height - tall / 2, TWIG[1], tall, colour)
            sheet.words(TWIG[0] + TWIG[1] / 2, height, twig, colour, 9)
        branches.append((name, what, colour, middle))
        y -= GAP
    root = (TOP + y + ROW + GAP) / 2
    for name, what, colour, height in branches:
        fork(sheet, (88, root), (BRANCH[0], height), GREY)
        sheet.box(BRANCH[0], height - 21, BRANCH[1], 42, colour,
                  tint(colour, 0.14), 1.6)
        sheet.words(BRANCH[0] + BRANCH[1] / 2, height, name, colour, 10.5,
                    weight='bold')
        sheet.words(BRANCH[0] + BRANCH[1] / 2, height - 32, what, colour, 8.5)
    sheet.box(6, root - 30, 82, 60, INK, tint(RED, 0.08), 1.4)
    sheet.words(47, root, 'What is it\nthat is\noptimised?', size=9.5)
    return sheet
