"""The things of the cubist still life, drawn flat: what is where.

Coordinates are in widths of the picture, y downwards.
"""
import numpy as np
from curves import spline
from PIL import Image, ImageDraw

# from dark to light; a thing is painted in one of these
PALETTES = {
    'wall': [(40, 50, 66), (74, 94, 116), (124, 144, 156), (190, 196, 186)],
    'panel': [(70, 48, 36), (136, 96, 56), (190, 150, 92), (232, 208, 156)],
    'table': [(40, 26, 28), (88, 58, 48), (140, 96, 70), (196, 150, 108)],
    'dark': [(18, 14, 22), (44, 34, 40), (84, 66, 62), (140, 116, 98)],
    'cream': [(120, 110, 100), (190, 178, 154), (234, 222, 192),
              (252, 246, 228)],
    'guitar': [(120, 44, 16), (206, 98, 26), (240, 156, 48), (255, 216, 120)],
    'side': [(44, 16, 16), (100, 34, 24), (150, 62, 34), (196, 110, 60)],
    'bottle': [(10, 34, 38), (20, 74, 74), (52, 124, 110), (146, 190, 160)],
    'glass': [(60, 84, 110), (112, 146, 168), (176, 204, 210),
              (236, 242, 236)],
    'bowl': [(44, 58, 96), (96, 120, 160), (170, 188, 204), (238, 238, 228)],
    'red': [(90, 10, 20), (176, 24, 30), (226, 60, 40), (250, 150, 100)],
    'pear': [(80, 88, 20), (150, 152, 34), (206, 196, 64), (246, 232, 140)],
    'orange': [(140, 54, 10), (218, 102, 18), (248, 152, 40),
               (255, 208, 110)],
    'grape': [(30, 16, 56), (72, 38, 104), (118, 80, 150), (180, 150, 200)],
    'blue': [(14, 30, 84), (28, 66, 148), (60, 116, 190), (150, 190, 220)],
}
NAMES = list(PALETTES)
AXIS = np.array([-0.40, -0.917])           # of the guitar, to its head
FOOT = np.array([0.605, 0.700])            # middle of its lower bout


class Things:
    """Two sheets to draw on: numbers of shapes, and thin lines over them.

    image: (H, W) numbers, into the lists `kinds` (number of the palette),
    `tones` (added brightness) and `bodies` (same within one contour);
    lines: (H, W), 0 ... 255.
    """

    def __init__(self, width, height):
        self.width = width
        self.image = Image.new('I', (width, round(width * height)))
        self.lines = Image.new('L', self.image.size)
        self.pen, self.nib = map(ImageDraw.Draw, (self.image, self.lines))
        self.kinds, self.tones, self.bodies = [0], [0.0], [0]

    def shape(self, points, palette, tone=0.0, shine=False):
        """A polygon; what it hides of the lines vanishes.

        A `shine` belongs to the body drawn before it and gets no contour.
        """
        at = [tuple(self.width * np.asarray(p)) for p in points]
        self.pen.polygon(at, len(self.kinds))
        self.nib.polygon(at, 0)
        self.kinds.append(NAMES.index(palette))
        self.tones.append(tone)
        self.bodies.append(self.bodies[-1] if shine else len(self.bodies))

    def round(self, x, y, a, b, palette, tone=0.0, shine=False):
        """An oval of half axes a, b."""
        self.shape(oval(x, y, a, b), palette, tone, shine)

    def line(self, points, wide=0.0024):
        """A thin dark line through points (N, 2)."""
        at = [tuple(self.width * np.asarray(p)) for p in points]
        self.nib.line(at, 255, max(1, round(wide * self.width)))


def oval(x, y, a, b, angle=0.0, count=60):
    """Points (count, 2) of an oval turned by `angle`."""
    t = np.linspace(0, 2 * np.pi, count, endpoint=False)
    u, v = a * np.cos(t), b * np.sin(t)
    c, s = np.cos(angle), np.sin(angle)
    return np.stack([x + c * u - s * v, y + s * u + c * v], 1)


def draw_things(width, height):
    """The still life as `Things`."""
    things = Things(width, height)
    _room(things)
    _bottle(things)
    _fruit(things)
    _paper(things)
    _guitar(things)
    _goblet(things)
    return things


def _room(things):
    """Wall, panelling, a window's light, the table with its cloth."""
    things.shape([(0, 0), (.34, 0), (.22, .62), (0, .66)], 'panel')
    things.shape([(.10, 0), (.30, 0), (.24, .34), (.05, .40)], 'cream', -.1)
    for k in range(5):
        things.line([(.13 + .04 * k, 0), (.075 + .04 * k, .38)], .003)
    things.shape([(.70, 0), (1, 0), (1, .60), (.88, .58)], 'panel', -.15)
    things.shape([(.86, 0), (1, 0), (1, .30), (.93, .28)], 'blue')
    things.shape([(0, .70), (1, .66), (1, 1), (0, 1)], 'dark')
    things.shape([(.02, .70), (.26, .58), (.97, .61), (1, .86), (.66, .98),
                  (.08, .94)], 'table')
    things.shape([(.02, .70), (.08, .94), (.66, .98), (.66, 1), (.06, .98),
                  (.0, .72)], 'side')
    for k in range(7):
        for j in range(5):
            a = np.array([.05, .735]) + k * np.array([.047, .017])
            a = a + j * np.array([.014, .046])
            things.shape([a, a + (.047, .017), a + (.061, .063),
                          a + (.014, .046)],
                         ('cream', 'blue')[(j + k) % 2], 0.1)


def _bottle(things):
    """A wine bottle with its label and a light along one side."""
    x, foot = .800, .700
    half = [(.0, .062), (.30, .062), (.345, .056), (.385, .030), (.42, .021),
            (.52, .020), (.522, .026), (.55, .026)]
    right = [(x + w, foot - v) for v, w in half]
    left = [(x - w, foot - v) for v, w in half[::-1]]
    things.shape(right + left, 'bottle')
    things.shape([(x, foot)] + [(x, foot - .55)] + left, 'bottle', -.3)
    things.shape([(x + .030, foot - .04), (x + .045, foot - .04),
                  (x + .045, foot - .30), (x + .030, foot - .33)],
                 'bottle', .45, True)
    things.shape([(x - .062, foot - .08), (x + .062, foot - .08),
                  (x + .062, foot - .23), (x - .062, foot - .23)], 'cream')
    things.shape([(x - .03, foot - .13), (x + .035, foot - .13),
                  (x, foot - .20)], 'red')
    for v in (.095, .107, .119):
        things.line([(x - .045, foot - v), (x + .045, foot - v)])
    things.shape([(x - .026, foot - .50), (x + .026, foot - .50),
                  (x + .026, foot - .555), (x - .026, foot - .555)], 'red',
                 -.15)


def _fruit(things):
    """A footed bowl of apples, pears, an orange and grapes."""
    things.round(.215, .505, .165, .045, 'bowl', -.4)
    things.round(.130, .455, .062, .060, 'red')
    things.round(.115, .435, .022, .016, 'red', .4, True)
    things.line([(.130, .405), (.140, .375)], .005)
    pear = spline([(.235, .315), (.262, .345), (.272, .39), (.300, .44),
                   (.285, .50), (.230, .515), (.180, .49), (.182, .43),
                   (.210, .39), (.215, .345), (.235, .315)])
    things.shape(pear, 'pear')
    things.shape(pear[60:].tolist() + [(.235, .40)], 'pear', -.3)
    things.line([(.235, .318), (.246, .285)], .005)
    things.round(.318, .468, .052, .052, 'orange')
    things.round(.335, .450, .018, .014, 'orange', .35, True)
    bowl = spline([(.050, .505), (.10, .585), (.215, .618), (.33, .585),
                   (.380, .505)]).tolist()
    rim = spline([(.380, .505), (.30, .540), (.215, .548), (.13, .540),
                  (.050, .505)]).tolist()
    things.shape(bowl + rim, 'bowl', .1)
    things.shape(bowl[:60] + rim[60:], 'bowl', -.25)
    things.shape([(.200, .612), (.232, .612), (.240, .69), (.30, .725),
                  (.13, .725), (.192, .69)], 'bowl')
    for u, v in ((.34, .50), (.37, .505), (.355, .53), (.385, .535),
                 (.37, .56), (.40, .565), (.385, .59), (.392, .62)):
        things.round(u, v, .019, .019, 'grape')
        things.round(u - .005, v - .006, .006, .005, 'grape', .45, True)


def _paper(things):
    """Sheet music half under the guitar, with staves and notes."""
    corner = np.array([.635, .765])
    right, down = np.array([.255, .055]), np.array([-.035, .165])
    things.shape([corner, corner + right, corner + right + down,
                  corner + down], 'cream', .12)
    rng = np.random.default_rng(4)
    for row in (.18, .50, .80):
        for k in range(5):
            at = corner + down * (row + .035 * k - .07)
            things.line([at + .06 * right, at + .94 * right], .0017)
        for u in np.arange(.12, .92, .10):
            at = corner + u * right + down * (row + rng.uniform(-.06, .06))
            things.nib.polygon([tuple(things.width * p) for p in oval(
                *at, .0075, .0055, -.3)], 255)
            things.line([at + (.006, 0), at + (.011, -.028)])


def _guitar(things):
    """Body, sound hole, bridge, neck and head along the axis."""
    side = np.array([-AXIS[1], AXIS[0]])

    def at(t, s):
        return FOOT + np.multiply.outer(t, AXIS) + np.multiply.outer(s, side)
    half = spline([(-.165, 0), (-.150, .075), (-.075, .150), (.02, .158),
                   (.11, .118), (.175, .098), (.25, .118), (.315, .112),
                   (.355, .060), (.365, 0)])
    outline = np.r_[half, half[::-1] * (1, -1)]
    shifted = at(outline[:, 0] - .012, outline[:, 1] + .028)
    things.shape(shifted, 'side')
    things.shape(at(*outline.T), 'guitar')
    things.shape(at(*(half * (1, -1)).T), 'guitar', -.28)
    things.shape(oval(*at(.185, 0), .058, .058), 'cream', -.05)
    things.shape(oval(*at(.185, 0), .046, .046), 'dark', -.25)
    things.shape(at(np.array([.15, .56, .56, .15]),
                    np.array([-.024, -.019, .019, .024])), 'dark')
    things.shape(at(np.array([.56, .58, .70, .70, .58, .56]),
                    np.array([-.021, -.036, -.030, .030, .036, .021])),
                 'side', .15)
    for t in (.60, .632, .664):
        for s in (-.044, .044):
            things.round(*at(t, s), .010, .010, 'cream')
    things.shape(at(np.array([-.055, -.025, -.025, -.055]),
                    np.array([-.066, -.060, .060, .066])), 'dark', .1)
    for s in np.linspace(-.75, .75, 6):
        things.line([at(-.04, .034 * s), at(.57, .022 * s)], .0016)


def _goblet(things):
    """A glass of red wine in front."""
    x, y = .905, .845
    cup = spline([(x - .052, y - .17), (x - .050, y - .11), (x, y - .065),
                  (x + .050, y - .11), (x + .052, y - .17)]).tolist()
    things.shape(cup, 'glass', .1)
    things.shape(cup[28:92], 'red', -.1)
    things.round(x, y - .17, .052, .012, 'glass', .4)
    things.shape([(x - .007, y - .066), (x + .007, y - .066),
                  (x + .009, y - .01), (x - .009, y - .01)], 'glass')
    things.round(x, y, .048, .014, 'glass', .2)
