"""The pictures the features are learnt from: shipped ones and made ones."""

import warnings
from typing import Any, List, Optional

import numpy as onp
from PIL import Image

from ..errors import ImageError, NSTWarning
from ..images import read_image
from ..kinds import Array, Arrays
from ..painterly.strokes import STYLES, paint_strokes
from ..trees import walk

# Photographs in the wheels of scikit-image, matplotlib and SciPy 1.10: who
# made them, under which licence, as those packages state it
CREDITS = {
    'astronaut': 'NASA, public domain',
    'brick': 'CC0Textures, CC0',
    'camera': 'Lav Varshney, CC0',
    'chelsea': 'Stefan van der Walt, CC0',
    'coffee': 'Rachel Michetti, CC0',
    'coins': 'Brooklyn Museum, no known copyright',
    'grass': 'linolafett, CC0',
    'gravel': 'CC0Textures, CC0',
    'hubble_deep_field': 'NASA, public domain',
    'immunohistochemistry': 'Center for Microscopy and Molecular Imaging, no '
                            'known copyright',
    'retina': 'Mikael Häggström, CC0',
    'rocket': 'SpaceX, CC0',
    'grace_hopper': 'James S. Davis, US Navy, public domain',
    'ascent': 'Hillebrand Steve, US Fish and Wildlife Service, public '
              'domain',
    'face': 'Judy Weggelaar, public domain',
}
# The right quarter of each photograph is kept from the training, so that
# features can be measured on it
HELD_OUT = 0.25


def photographs() -> Arrays:
    """{name: (H, W, 3) uint8} of `CREDITS`, from the installed wheels."""
    return {name: _rgb(_shipped(name)) for name in CREDITS}


def _shipped(name):
    if name == 'grace_hopper':
        from matplotlib import cbook
        return cbook.get_sample_data('grace_hopper.jpg')
    if name in ('ascent', 'face'):
        import scipy.misc  # gone from SciPy 1.12
        with warnings.catch_warnings():
            warnings.simplefilter('ignore', DeprecationWarning)
            return getattr(scipy.misc, name)()
    import skimage.data
    return getattr(skimage.data, name)()


def _rgb(img):
    if not isinstance(img, onp.ndarray):
        img = onp.asarray(Image.open(img))
    img = img.astype('uint8')
    return onp.dstack([img] * 3) if img.ndim == 2 else img[..., :3]


def training_pictures(folder: Optional[str] = None,
                      seed: int = 1) -> List[Array]:
    """The pictures to learn from, each (H, W, 3) uint8.

    They are those in `folder`. Without one they are the photographs, less
    the strip that is held out, pictures made by code, and paintings of both.
    Raises `ImageError` if the folder holds none.
    """
    if folder is not None:
        return _in_folder(folder)
    random = onp.random.RandomState(seed % 2 ** 32)
    photos = [training_part(img) for img in photographs().values()]
    made = ([dead_leaves(random) for _ in range(16)]
            + [fractal(random) for _ in range(4)])
    coloured = [img for img in photos if onp.ptp(img, axis=2).mean() > 5]
    paintings = [paint_strokes(img, list(STYLES)[i % len(STYLES)], seed + i)
                 for i, img in enumerate(coloured + made[:6])]
    return photos * 2 + made + paintings


def training_part(img: Array) -> Array:
    """The photograph without the strip that is held out."""
    return img[:, :round(img.shape[1] * (1 - HELD_OUT))]


def held_out_part(img: Array) -> Array:
    """The strip that no training sees."""
    return img[:, round(img.shape[1] * (1 - HELD_OUT)):]


def _in_folder(folder):
    pictures = []
    for path in walk(folder):
        try:
            pictures.append(read_image(path))
        except ImageError as e:
            warnings.warn(f'{e}; it is left out', NSTWarning, stacklevel=3)
    if not pictures:
        raise ImageError(f'{folder} holds no picture that can be read')
    return pictures


# ------------------------------------------------------------ made by code
def dead_leaves(random: Any, size: int = 512, leaves: int = 1500) -> Array:
    """Leaves of all sizes that cover each other, (size, size, 3) uint8.

    Radii are spread as r**-2.5, which gives edges and spectra like those of
    photographs (A. Lee, D. Mumford and J. Huang, *Occlusion Models for
    Natural Images*, IJCV 2001); each leaf is flat, shaded, striped or
    rough, in two colours of the picture's own palette.
    """
    palette = _palette(random)
    img = onp.zeros((size, size, 3)) + palette[0]
    rough = _noise(random, size, 1.0)
    smallest, largest = 4, size / 3
    u = random.uniform(0, 1, leaves)
    radii = (u * smallest ** -1.5 + (1 - u) * largest ** -1.5) ** (-1 / 1.5)
    for radius in sorted(radii, reverse=True):
        _draw_leaf(img, radius, palette, rough, random)
    return onp.rint(img.clip(0, 255)).astype('uint8')


def _draw_leaf(img, radius, palette, rough, random):
    size = len(img)
    cy, cx = random.uniform(0, size, 2)
    top, left = (max(0, int(c - radius)) for c in (cy, cx))
    y, x = onp.mgrid[top:min(size, int(cy + radius) + 1),
                     left:min(size, int(cx + radius) + 1)]
    angle = random.uniform(0, onp.pi)
    u = (x - cx) * onp.cos(angle) + (y - cy) * onp.sin(angle)
    v = (y - cy) * onp.cos(angle) - (x - cx) * onp.sin(angle)
    power = random.choice([1, 2, 2, 6])   # diamond, ellipses, box
    r = (onp.abs(u / radius) ** power
         + onp.abs(v / radius / random.uniform(0.3, 1)) ** power)
    cover = ((1 - r) * radius / 2 + 0.5).clip(0, 1)[..., None]
    one, other = palette[random.randint(len(palette), size=2)]
    mix = _texture(random, u, v, radius, rough[y, x])[..., None]
    where = img[y[0, 0]:y[-1, 0] + 1, x[0, 0]:x[0, -1] + 1]
    where += cover * (one + (other - one) * mix - where)


def _texture(random, u, v, radius, rough):
    """Share of the second colour: none, a shade, stripes or roughness."""
    kind = random.randint(4)
    if kind == 0:
        return onp.zeros_like(u)
    if kind == 1:
        return (u / radius + 1) / 2
    if kind == 2:
        wave = random.uniform(3, max(6, radius / 2))
        return 0.5 + 0.5 * onp.sin(2 * onp.pi * v / wave)
    return (0.5 + random.uniform(0.1, 0.4) * rough).clip(0, 1)


def fractal(random: Any, size: int = 512) -> Array:
    """Coloured clouds, (size, size, 3) uint8."""
    power = random.uniform(0.8, 1.5)
    field = onp.stack([_noise(random, size, power) for _ in range(3)], -1)
    field = field @ random.normal(0, 1, (3, 3))
    return onp.rint(255 / (1 + onp.exp(-field))).astype('uint8')


def _noise(random, size, power):
    """Noise of deviation 1 with a spectrum of 1 / f**power."""
    f = onp.hypot(onp.fft.fftfreq(size)[:, None], onp.fft.rfftfreq(size)[None])
    f[0, 0] = onp.inf
    spectrum = onp.fft.rfft2(random.normal(0, 1, (size, size))) / f ** power
    noise = onp.fft.irfft2(spectrum, (size, size))
    return noise / noise.std()


def _palette(random, colours=8):
    """Colours, (colours, 3), around two hues, from dark to light."""
    from skimage.color import hsv2rgb
    hue = random.uniform(0, 1, 2)[random.randint(2, size=colours)]
    hsv = onp.stack([(hue + random.normal(0, 0.06, colours)) % 1,
                     random.uniform(0.1, 0.9, colours),
                     random.uniform(0.1, 1, colours)], axis=-1)
    return 255 * hsv2rgb(hsv[None])[0]
