"""Stained glass: pieces cut along curves, their leading, light through them.

Pieces are polygons in widths of the picture, y downwards; a later piece hides
what lies under it. The pieces of one form (`form` is its number) are held
together by thin leads, different forms are parted by broad ones.
"""
import numpy as np
from noise import fbm, perlin, ridges, smoothstep
from palette import mix, plane
from PIL import Image, ImageDraw
from scipy import ndimage
from skimage.color import hsv2rgb, rgb2hsv

FINE = 2                                 # the leads are drawn so much finer
LEAD = np.array([22, 20, 28])


class Window:
    """Pieces of glass (a picture of their numbers), colours and forms."""

    def __init__(self, width, height, seed):
        self.width, self.height = width, height
        self.pieces = Image.new('I', (width * FINE,
                                      round(width * height) * FINE))
        self.pen = ImageDraw.Draw(self.pieces)
        self.colours, self.forms = [(40, 40, 60)], [0]
        self.rng = np.random.default_rng(seed)

    def piece(self, points, rgb, form):
        """One piece of glass inside the outline `points` (N, 2)."""
        self.pen.polygon((np.asarray(points) * self.width * FINE)
                         .ravel().tolist(), len(self.colours))
        self.colours.append(rgb)
        self.forms.append(form)

    def bands(self, curve, edges, length, tint, form):
        """Bands between curves, broken into pieces about `length` long.

        curve(v) gives (N, 2); band k lies between v = edges[k] and the next
        edge. tint(u, v) gives the colour of a piece in the middle of which
        the curves are u (0 ... 1) of their way along.
        """
        for k, (a, b) in enumerate(zip(edges, edges[1:])):
            first, last = curve(a), curve(b)
            n = len(first)
            way = np.hypot(*np.diff((first + last) / 2, axis=0).T).sum()
            parts = max(1, round(way / length))
            cuts = np.linspace(0, n - 1, parts + 1)
            cuts[1:-1] += (0.5 * (k % 2) - 0.25 + self.rng.uniform(
                -0.22, 0.22, parts - 1)) * n / parts
            slant = self.rng.uniform(-0.12, 0.12, parts + 1) * n / parts
            slant[[0, -1]] = 0
            start, end = ((cuts + s * slant).round().astype(int).clip(
                0, n - 1) for s in (-1, 1))
            for i in range(parts):
                self.piece(np.r_[first[start[i]:start[i + 1] + 1],
                                 last[end[i]:end[i + 1] + 1][::-1]],
                           tint((cuts[i] + cuts[i + 1]) / 2 / (n - 1),
                                (a + b) / 2), form)

    def shine(self):
        """The window with light behind it (H, W, 3), uint8."""
        fine = np.asarray(self.pieces)
        x, y = plane(self.width, self.height)
        lead, shade, near = self._leads(fine)
        glass = self._glass(fine[::FINE, ::FINE], x, y)
        glass = glass * (1 - 0.40 * np.exp(-near / 0.003))[..., None]
        glow = ndimage.gaussian_filter(
            glass * (1 - lead)[..., None], (0.005 * self.width,) * 2 + (0,))
        came = LEAD * shade[..., None] + 0.16 * glow
        out = mix(glass + 0.14 * glow, came, lead)
        return np.rint(out).clip(0, 255).astype('uint8')

    def _leads(self, fine):
        """Cover of lead, its shading, distance to it in widths, (H, W)."""
        forms = np.array(self.forms)[fine]
        x, y = plane(self.width, self.height)
        rough = ndimage.zoom(1 + 0.5 * perlin(x * 14, y * 14, 1)
                             + 0.2 * perlin(x * 60, y * 60, 2), FINE, order=1)
        inner, outer = (_to_border(f) / fine.shape[1] for f in (fine, forms))
        deep = np.maximum(0.0016 * rough - inner, 0.0028 * rough - outer)
        lead = (deep > 0).astype('f4')
        bulge = np.sqrt((deep / 0.003).clip(0, 1))
        gy, gx = np.gradient(ndimage.gaussian_filter(bulge, FINE / 2))
        shade = 1 + 1.6 * bulge ** 2 - (gx + gy) * 4.0 / FINE
        return (_coarse(lead), _coarse(shade.clip(0.3, 4)),
                _coarse((-deep).clip(0)))

    def _glass(self, pieces, x, y):
        """Colour of the streaky glass (H, W, 3), 0 ... 255."""
        rng = np.random.default_rng(3)
        n = len(self.colours)
        hsv = rgb2hsv(np.array(self.colours) / 255)
        hsv = hsv + rng.normal(0, 1, (n, 3)) * (0.012, 0.05, 0.06)
        hsv[:, 0] %= 1
        other = hsv + np.stack([rng.normal(0, 0.045, n),
                                -0.30 * rng.random(n),
                                0.25 * rng.random(n)], 1)
        other[:, 0] %= 1
        one, two = (255 * hsv2rgb(c.clip(0, 1))[pieces] for c in (hsv, other))
        angle, far = rng.uniform(-0.5, 0.5, n), rng.uniform(0, 90, n)
        angle = np.where(rng.random(n) < 0.3, angle + np.pi / 2, angle)
        c, s = np.cos(angle)[pieces], np.sin(angle)[pieces]
        u, v = c * x + s * y + far[pieces], c * y - s * x
        v = v + 0.010 * perlin(u * 14, v * 14, 4)
        streak = fbm(u * 9, v * 70, 3, 0.6, seed=5)
        ripple = ridges(u * 34, v * 80, 2, seed=8)
        out = mix(one, two, smoothstep(-0.12, 0.42, streak))
        light = 0.90 + 0.44 * ripple + 0.34 * fbm(u * 7, v * 16, 2, seed=11)
        return out * (light * self._bubbles(x, y))[..., None]

    def _bubbles(self, x, y):
        """Seeds in the glass: bright little rings, (H, W) about 1."""
        rng = np.random.default_rng(8)
        out = np.ones(x.shape, 'f4')
        for bx, by, r in zip(rng.random(700), self.height * rng.random(700),
                             rng.uniform(0.0010, 0.0026, 700)):
            m = int(4 * r * self.width) + 1
            i, j = int(by * self.width), int(bx * self.width)
            part = np.s_[max(0, i - m):i + m + 1, max(0, j - m):j + m + 1]
            d = np.hypot(x[part] - bx, 0.8 * (y[part] - by)) / r
            out[part] += (0.4 * np.exp(-((d - 0.3) / 0.5) ** 2)
                          - 0.3 * np.exp(-((d - 1.3) / 0.4) ** 2))
        return out


def _to_border(labels):
    """Distance (H, W) in pixels to where the labels change."""
    same = np.ones(labels.shape, bool)
    for axis in (0, 1):
        a, b = (np.take(labels, r, axis) for r in (
            np.arange(labels.shape[axis] - 1),
            np.arange(1, labels.shape[axis])))
        part = np.s_[:-1, :] if axis == 0 else np.s_[:, :-1]
        same[part] &= a == b
    return ndimage.distance_transform_edt(same).astype('f4')


def _coarse(field):
    """Mean of each block of FINE x FINE numbers."""
    h, w = field.shape
    return field.reshape(h // FINE, FINE, w // FINE, FINE).mean((1, 3))
