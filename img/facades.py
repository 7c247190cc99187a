"""Fronts of gabled town houses, as walls in relief.

Lengths are metres. A front is painted into an array of colours and an array
of relief; its shading, its own little shadows and the look of the panes
follow from the relief.
"""
import numpy as np
from masonry import BRICKS, CREAM, STONE, UP
from noise import fbm, lattice, smoothstep
from raster import OUTSIDE, Wall, fields
from scipy import ndimage

PLASTERS = [(0.62, 0.52, 0.34), (0.55, 0.34, 0.12), (0.42, 0.46, 0.47),
            (0.52, 0.26, 0.18), (0.19, 0.25, 0.25), (0.58, 0.54, 0.46)]
DOORS = [(0.02, 0.09, 0.06), (0.22, 0.02, 0.02), (0.02, 0.05, 0.14),
         (0.10, 0.045, 0.02)]


class Front:
    """The front of a house, `width` wide, as arrays with row 0 on top."""

    def __init__(self, width, eave, rise, kind, coat, rng, density):
        self.width, self.eave, self.rise, self.kind = width, eave, rise, kind
        self.height = eave + rise + 0.6
        self.ru, self.rv = density
        shape = (int(self.height * self.rv), int(width * self.ru))
        rows, columns = np.indices(shape, dtype='f4')
        self.a = (columns + 0.5) / self.ru
        self.b = self.height - (rows + 0.5) / self.rv
        self.relief = np.zeros(shape, 'f4')
        self.glass = np.zeros(shape, 'f4')
        self.tilt = np.zeros((*shape, 2), 'f4')
        self.masonry(coat, rng)
        self.storeys(rng)
        self.outline()
        self.weather(rng)

    def box(self, a, b, width, height, rgb=None, relief=None, glass=0.0):
        """Fill the rectangle with lower left corner (a, b)."""
        i = [int(round((self.height - q) * self.rv)) for q in (b + height, b)]
        j = [int(round(q * self.ru)) for q in (a, a + width)]
        part = slice(max(i[0], 0), max(i[1], 0)), slice(
            max(j[0], 0), max(j[1], 0))
        if rgb is not None:
            self.colour[part] = rgb
        if relief is not None:
            self.relief[part] = relief
        self.glass[part] = glass
        return part

    def masonry(self, coat, rng):
        """Brick or plaster with its stains."""
        a, b, seed = self.a, self.b, int(rng.integers(1000))
        self.seed = seed
        grain = fbm(a * 1.1, b * 0.8, 5, 0.6, seed=seed)
        if coat < len(BRICKS):
            base = np.array(BRICKS[coat])
            course = b / 0.078
            row = np.floor(course)
            length = a / 0.225 + 0.5 * (row % 2)
            each = lattice(np.floor(length), row, seed)
            joint = np.maximum(np.abs(course - row - 0.5) - 0.40,
                               (np.abs(length % 1 - 0.5) - 0.46) * 2.9)
            tone = (0.70 + 0.60 * each + 0.5 * grain)[..., None]
            self.colour = base * tone + (each[..., None] > 0.86) * base * 0.25
            part = 0.6 * smoothstep(0.0, 0.05, joint)[..., None]
            self.colour += part * (np.array([0.30, 0.26, 0.21])
                                   - self.colour)
        else:
            base = np.array(PLASTERS[coat - len(BRICKS)])
            self.colour = base * (1 + 0.45 * grain)[..., None]
            self.relief += 0.010 * fbm(a * 5, b * 5, 3, seed=seed + 9)

    def storeys(self, rng):
        """Rows of windows, lower ones taller, above the ground floor."""
        count = 3 if self.width > 6.6 else 2
        trim = CREAM * (0.92 if rng.random() < 0.7 else 0.55)
        self.lintel = (STONE, self.colour.mean((0, 1)) * (1.3, 1.1, 1))[
            rng.integers(2)]
        shutters = DOORS[rng.integers(4)] if rng.random() < 0.35 else None
        panes = (2, 4) if rng.random() < 0.6 else (2, 3)
        floors = 3 if self.eave > 10.2 else 2
        low, tall = 3.75, (self.eave - 3.75) / floors
        for k in range(floors):
            high = min(tall * 0.68, 2.15 - 0.25 * k)
            for c in range(count):
                self.window((c + 0.5) * self.width / count, low + 0.55, 1.12,
                            high, panes, trim, rng, shutters)
            low += tall
        if self.kind != 'cornice':
            self.window(self.width / 2, self.eave + 0.35, 1.0, min(
                1.5, 0.45 * self.rise), (2, 2), trim, rng, None)
            self.box(self.width / 2 - 0.06, self.eave + 0.62 * self.rise,
                     0.12, 0.16, (0.03, 0.03, 0.03), 0.40)
        self.box(0, 3.45, self.width, 0.22, trim * 0.9, 0.10)
        self.box(0, 0, self.width, 0.7, STONE * 0.42, 0.07)
        for k in range(1, count):
            self.box(k * self.width / count - 0.03, self.eave - 1.0, 0.06,
                     0.7, (0.02, 0.02, 0.02), 0.05)
        self.box(0.03, 0.2, 0.11, self.eave - 0.5, (0.05, 0.06, 0.06), 0.12)
        self.ground_floor(count, trim, rng)

    def window(self, middle, low, width, high, panes, trim, rng, shutters):
        """A sash window with its sill, lintel and perhaps shutters."""
        a = middle - width / 2
        self.box(a - 0.10, low + high, width + 0.20, 0.22,
                 self.lintel, 0.035)
        self.box(a, low, width, high, trim, -0.12)
        rows, columns = panes[1], panes[0]
        lit = 0.22 + 0.25 * rng.random() if rng.random() < 0.4 else 0
        w, h = (width - 0.08) / columns, (high - 0.08) / rows
        for i in range(rows):
            for j in range(columns):
                where = self.box(a + 0.04 + j * w + 0.025,
                                 low + 0.04 + i * h + 0.025, w - 0.05,
                                 h - 0.05, (0.012, 0.014, 0.016), -0.19, 1)
                self.tilt[where] = rng.normal(0, 0.028, 2)
                if lit and (i >= rows - 1 or j in (0, columns - 1)
                            and lit > 0.36):
                    self.colour[where] = lit * CREAM
        self.box(a, low + high / 2 - 0.04, width, 0.08, trim, -0.09)
        self.box(a - 0.12, low - 0.13, width + 0.24, 0.13, STONE, 0.11)
        if shutters:
            for x in (a - 0.56, a + width + 0.04):
                part = self.box(x, low, 0.52, high, shutters, 0.06)
                self.relief[part] += 0.012 * np.sin(70 * self.b[part])

    def ground_floor(self, count, trim, rng):
        """A door with a fanlight and steps, and broad windows."""
        door, pitch = int(rng.integers(count)), self.width / count
        paint = np.array(DOORS[rng.integers(4)])
        for c in range(count):
            a = (c + 0.5) * pitch
            if c != door:
                self.window(a, 0.95, min(1.5, pitch - 0.5), 2.05, (2, 3),
                            trim, rng, None)
                continue
            self.box(a - 0.72, 0.3, 1.44, 3.0, trim, 0.05)
            self.box(a - 0.52, 0.3, 1.04, 2.65, trim, -0.16)
            self.box(a - 0.46, 0.35, 0.92, 2.0, paint, -0.20)
            for x in (-0.38, 0.05):
                for y, h in ((0.5, 0.55), (1.2, 0.95)):
                    self.box(a + x, y, 0.33, h, paint * 1.25, -0.23)
            part = self.box(a - 0.42, 2.43, 0.84, 0.46, (0.012,) * 3, -0.22,
                            1)
            self.tilt[part] = rng.normal(0, 0.03, 2)
            self.box(a - 0.80, 0, 1.6, 0.16, STONE * 0.8, 0.42)
            self.box(a - 0.65, 0.16, 1.3, 0.16, STONE * 0.8, 0.24)

    def top(self, a):
        """Height of the gable's edge at a metres along."""
        t = np.abs(2 * a / self.width - 1)
        if self.kind == 'cornice':
            return self.eave + 0.45 + 0 * t
        if self.kind == 'step':
            part = np.ceil((1.06 - t).clip(0, 1) * 5) / 5
        elif self.kind == 'spout':
            part = np.maximum((1.04 - t).clip(0, 0.9), 1.0 * (t < 0.17))
        elif self.kind == 'neck':
            crown = 0.90 + 0.16 * np.sqrt((1 - (t / 0.42) ** 2).clip(0))
            part = np.where(t < 0.42, crown, 0.62 * (
                (1 - t) / 0.58).clip(0) ** 1.7 + 0.04)
        else:
            part = np.interp(t, [0, 0.16, 0.27, 0.30, 0.42, 0.6, 0.8, 0.93,
                                 1], [1.05, 1.0, 0.90, 0.76, 0.56, 0.36, 0.2,
                                      0.06, 0.03])
        return self.eave + self.rise * part

    def outline(self):
        """Cut out the gable and give its edge a coping of stone."""
        inside = self.b < self.top(self.a)
        edge = ndimage.distance_transform_edt(
            np.pad(inside, 1), sampling=(1 / self.rv, 1 / self.ru))[1:-1, 1:-1]
        if self.kind == 'cornice':
            for low, high, out in ((-0.55, 0.40, 0.08), (-0.15, 0.18, 0.22),
                                   (0.05, 0.40, 0.42)):
                self.box(0, self.eave + low, self.width, high, CREAM, out)
            for a in np.arange(0.3, self.width, 0.9):
                self.box(a, self.eave - 0.42, 0.16, 0.42, CREAM * 0.9, 0.30)
        else:
            coping = inside & (edge < 0.17) & (self.b > self.eave - 0.2)
            self.colour[coping] = STONE * 0.95
            self.relief[coping] = 0.14
        self.relief[~inside] = OUTSIDE

    def weather(self, rng):
        """Soot, streaks of rain and damp near the ground."""
        streak = fbm(self.a * 4.5, self.b * 0.35, 4, 0.6, seed=self.seed + 3)
        damp = smoothstep(1.2, 0.0, self.b + 1.6 * streak)
        blotch = fbm(self.a * 0.5, self.b * 0.45, 3, seed=self.seed + 5)
        worn = 1 + 0.55 * streak + 0.35 * blotch - 0.35 * damp
        solid = (self.glass == 0)[..., None]
        self.colour = np.where(solid, self.colour * worn[..., None],
                               self.colour).clip(0.004, 0.9)

    def shade(self, u, normal, sun):
        """The fields (H, W, 9), lit by the sun direction `sun`."""
        solid = np.maximum(self.relief, -0.3)
        dy, dx = np.gradient(ndimage.gaussian_filter(solid, 0.6))
        slope = [(-dx * self.ru).clip(-2, 2) + self.tilt[..., 0],
                 (dy * self.rv).clip(-2, 2) + self.tilt[..., 1]]
        bent = (normal + slope[0][..., None] * u + slope[1][..., None] * UP)
        bent /= np.linalg.norm(bent, axis=-1, keepdims=True)
        hollow = sum(ndimage.gaussian_filter(
            solid, (s * self.rv, s * self.ru)) for s in (0.12, 0.45)) / 2
        sky = (1 - 3.2 * (hollow - solid).clip(0)).clip(0.30, 1)
        lit = np.ones_like(solid)
        out, along, up = sun @ normal, sun @ u, sun @ UP
        for k in np.linspace(0.02, 0.6, 16) if out > 0.05 else ():
            shift = (round(k * up / out * self.rv),
                     -round(k * along / out * self.ru))
            lit[np.roll(solid, shift, (0, 1)) > solid + k] = 0
        lit = ndimage.gaussian_filter(lit, 0.6)
        shape = solid.shape
        return fields(solid.size, self.colour, bent, sky, lit,
                      self.glass).reshape(*shape, 9)

    def wall(self, corner, u, sun):
        """This front as a wall of the scene."""
        normal = np.cross(UP, u)
        skin = self.shade(u, normal, sun)

        def at(a, b):
            return (((self.height - b) * self.rv).astype(int).clip(
                0, len(skin) - 1), (a * self.ru).astype(int).clip(
                    0, skin.shape[1] - 1))
        return Wall(corner, u, UP, (self.width, self.height),
                    lambda a, b: skin[at(a, b)],
                    lambda a, b: self.relief[at(a, b)],
                    tuple(np.arange(0.42, -0.27, -0.04)))
