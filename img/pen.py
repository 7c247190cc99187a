"""What the drawings are drawn with: a white sheet, boxes, arrows, words.

One unit is one point; x runs to the right, y upwards. The colours are Okabe
and Ito's, told apart by colour-blind readers as well.
"""
import base64
import io
import re

import matplotlib.style
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path as Line

INK, GREY, PALE = '#263238', '#78909C', '#ECEFF1'
BLUE, PURPLE, GREEN, RED = '#0072B2', '#A6478A', '#00795A', '#D55E00'
SETTINGS = {'svg.hashsalt': 'd2l_nst', 'svg.fonttype': 'path',
            'font.family': 'DejaVu Sans', 'mathtext.fontset': 'dejavusans'}


def house_style():
    """A context in which matplotlib draws the same for everybody."""
    return matplotlib.style.context(['default', SETTINGS])


def tint(colour, share):
    """`colour` as `share` of it on white paper."""
    rgb = matplotlib.colors.to_rgb(colour)
    return tuple(1 - share * (1 - channel) for channel in rgb)


class Sheet:
    """A white sheet of `width` by `height` points."""

    def __init__(self, width, height):
        self.figure = Figure((width / 72, height / 72), facecolor='white')
        self.axes = self.figure.add_axes([0, 0, 1, 1], xlim=(0, width),
                                         ylim=(0, height))
        self.axes.set_axis_off()
        self.pictures = []

    def box(self, x, y, w, h, colour=INK, fill=None, line=1.2, round_=5):
        """A box with its lower left corner at (x, y)."""
        self.axes.add_patch(FancyBboxPatch(
            (x, y), w, h, boxstyle=f'round,pad=0,rounding_size={round_}',
            edgecolor=colour, facecolor=fill or 'white', linewidth=line))

    def words(self, x, y, text, colour=INK, size=10, **style):
        """Words centred at (x, y) unless `style` says otherwise."""
        style = {'ha': 'center', 'va': 'center', 'linespacing': 1.35, **style}
        self.axes.text(x, y, text, color=colour, fontsize=size, **style)

    def dot(self, x, y, colour, r=3.2):
        self.axes.plot([x], [y], 'o', color=colour, markersize=2 * r,
                       markeredgecolor='white', markeredgewidth=0.8)

    def arrow(self, *points, colour=INK, backward=False):
        """Through `points`; dashed and from last to first if backward."""
        dashes = {'linestyle': (0, (4, 2.5))} if backward else {}
        points = points[::-1] if backward else points
        self.axes.add_patch(FancyArrowPatch(
            path=Line(points), arrowstyle='-|>,head_length=5,head_width=2.6',
            mutation_scale=1, linewidth=1.5, color=RED if backward else colour,
            joinstyle='round', **dashes))

    def legend(self, x, y):
        """What arrows and dots mean, from (x, y) downwards."""
        self.arrow((x, y), (x + 34, y))
        self.arrow((x, y - 20), (x + 34, y - 20), backward=True)
        self.dot(x + 17, y - 40, BLUE)
        self.dot(x + 17, y - 60, PURPLE)
        for i, (text, colour) in enumerate((
                ('forward', INK), ('backward: the gradient', RED),
                ('content layer', BLUE), ('style layer', PURPLE))):
            self.words(x + 44, y - 20 * i, text, colour, 9.5, ha='left')

    def picture(self, thumbnail, x, y, w, h, colour=INK, line=1.2):
        """A Pillow picture from (x, y), w by h points, framed."""
        self.axes.imshow(thumbnail, extent=(x, x + w, y, y + h), aspect='auto',
                         interpolation='none', zorder=2)
        self.axes.add_patch(matplotlib.patches.Rectangle(
            (x, y), w, h, fill=False, edgecolor=colour, linewidth=line,
            zorder=3))
        self.pictures.append(thumbnail)

    def save(self, path, title):
        """Write an SVG, the same bytes each time."""
        file = io.StringIO()
        self.figure.savefig(file, format='svg', facecolor='white',
                            metadata={'Date': None, 'Title': title})
        svg = as_jpeg(file.getvalue(), self.pictures)
        path.write_text(svg, encoding='utf-8')


def as_jpeg(svg, pictures):
    """`svg` with its pictures, PNG in matplotlib's hands, as small JPEG."""
    links = iter([jpeg_link(picture) for picture in pictures])
    return re.sub(r'data:image/png;base64,[^"]*', lambda _: next(links), svg)


def jpeg_link(picture):
    file = io.BytesIO()
    picture.save(file, 'jpeg', quality=82)
    code = base64.b64encode(file.getvalue()).decode('ascii')
    return f'data:image/jpeg;base64,{code}'
