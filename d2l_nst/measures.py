"""How near a picture is to its scene and to its style, in numbers.

Each function takes pictures as `images.to_numpy` does: (H, W, 3), uint8 or
float, NumPy or MXNet, of values in 0 ... 255 EVERYWHERE. The image of a
`Result` is in [0, 1]: give `255 * result.image`. All raise `ImageError` for
an array that is no picture or is too small.
"""

from typing import Any, Dict, Optional, Sequence

import numpy as onp

from . import images
from .kinds import Array

GREY = onp.array([0.2126, 0.7152, 0.0722])  # luminance, ITU-R BT.709
STRONGEST = 0.2  # the share of the gradients that draw a picture's lines
NEAR = 10        # degrees from horizontal or vertical
RIM = 8          # pixels


def ssim(img: Array, content: Array) -> float:
    """Structural similarity of two pictures, seen in grey: a float.

    `img`: (H, W, 3); `content`: (h, w, 3), resized to H x W. 1 is the same
    picture, about 0 one that shares no structure with it. Wang, Bovik,
    Sheikh and Simoncelli 2004, with their Gaussian window of 11 x 11.

    >>> import numpy as onp
    >>> img = onp.random.default_rng(0).uniform(0, 255, (32, 32, 3))
    >>> round(ssim(img, img), 3)
    1.0
    >>> ssim(255 - img, img) < 0   # the negative
    True
    """
    from skimage.metrics import structural_similarity
    img, content = _same_size(img, content)
    return float(structural_similarity(
        img @ GREY, content @ GREY, data_range=255, gaussian_weights=True,
        sigma=1.5, use_sample_covariance=False))


def style_residuals(img: Array, content: Array, style: Array, net: Any,
                    layers: Sequence[str]) -> Dict[str, float]:
    """How much of the way from scene to style is left: {layer: float}.

    `img`: (H, W, 3); `content`, resized to H x W, and `style`, resized to
    the same area in its own proportions as `style_transfer` does: (h, w,
    3). `net`: a `VGG` that reaches the `layers`, given by name. A residual
    is the squared difference of the Gram matrices of `img` and `style`
    divided by that of `content` and `style`. It is 1 for the photograph
    itself, 0 for a picture with the style's statistics, and above 1 for one
    that is farther from the style than the photograph.

        net = d2l_nst.get_net(layers=['conv3_2'], weights='bundled')
        style_residuals(img, content, style, net, ['conv3_2'])
    """
    img, content = _same_size(img, content)
    ours, start, aim = (_grams(picture, net, layers) for picture in (
        img, content, _same_area(style, img)))
    return {layer: _ratio(_squares(A - C), _squares(B - C))
            for layer, A, B, C in zip(layers, ours, start, aim)}


def style_distances(img: Array, style: Array, net: Any,
                    layers: Sequence[str]) -> Dict[str, float]:
    """How far a picture is from a style: {layer: float}.

    `img`: (H, W, 3); `style`, resized to its area, `net` and `layers` as for
    `style_residuals`. A distance is the squared difference of the Gram
    matrices divided by the style's own square: 0 for the style itself.
    """
    img = _picture(img)
    aim = _same_area(style, img)
    return dict(zip(layers, _distances(_grams(img, net, layers),
                                       _grams(aim, net, layers))))


def nearest_style(img: Array, styles: Dict[str, Array], net: Any,
                  layers: Sequence[str],
                  known: Optional[Dict[Any, Any]] = None) -> str:
    """The name of the style that a picture is nearest to.

    `img`: (H, W, 3); `styles`: {name: picture (h, w, 3)}, each resized to
    the area H * W in its own proportions; `net` and `layers` as for
    `style_residuals`. It has the least sum of its `style_distances`. A dict
    `known` keeps the Gram matrices of the styles from call to call, for
    pictures of the same area and the same `net` and `layers`.
    """
    img = _picture(img)
    ours, area = _grams(img, net, layers), img[..., 0].size
    known = {} if known is None else known
    distances = {}
    for name, style in styles.items():
        if (name, area) not in known:
            known[name, area] = _grams(_same_area(style, img), net, layers)
        distances[name] = sum(_distances(ours, known[name, area]))
    return min(distances, key=distances.__getitem__)


def axis_share(img: Array) -> float:
    """The share of a picture's strong lines that are level or upright.

    `img`: (H, W, 3). Sobel's gradients are taken of the grey picture,
    without its outermost pixels. The share counts, among the strongest fifth
    of them, those whose direction lies within 10 degrees of horizontal or
    vertical. It is a float, 0.22 where all directions are equally frequent
    and 0 in a flat picture. A painting with a much greater share than its
    scene and its style shows the pixels' grid.

    >>> import numpy as onp
    >>> y, x = onp.mgrid[:32, :32]
    >>> axis_share(onp.dstack([8 * x] * 3))         # darker to the left
    1.0
    >>> axis_share(onp.dstack([4 * (x + y)] * 3))   # darker towards a corner
    0.0
    """
    down, across = _gradients(_picture(img))
    size = onp.hypot(down, across)
    strong = (size >= onp.quantile(size, 1 - STRONGEST)) & (size > 0)
    angles = onp.degrees(onp.arctan2(abs(down), abs(across))[strong])
    near = onp.minimum(angles, 90 - angles) <= NEAR
    return float(near.mean()) if near.size else 0.0


def rim(img: Array) -> float:
    """How busy a picture's border is, relative to its inside: a float.

    `img`: (H, W, 3), at least 17 pixels a side. It is the mean size of
    Sobel's gradient of the grey picture in the outer 8 pixels, divided by
    that in the rest. The outermost pixels are left out, since they lack a
    neighbour.
    """
    size = onp.hypot(*_gradients(_picture(img, 2 * RIM + 1)))
    inside = onp.zeros(size.shape, bool)
    inside[RIM - 1:1 - RIM, RIM - 1:1 - RIM] = True  # the outermost is off
    return _ratio(size[~inside].mean(), size[inside].mean())


def rim_ratio(img: Array, content: Array) -> float:
    """How much busier the border became than the scene's was: a float.

    It is `rim` of `img`, (H, W, 3), divided by `rim` of `content`, (h, w,
    3), which is resized to H x W: more than 1 where a frame was painted.
    """
    img, content = _same_size(img, content)
    return _ratio(rim(img), rim(content))


# ---------------------------------------------------------------- helpers
def _picture(img, smallest=16):
    img = images.to_numpy(img)
    images.check_size(img, smallest)
    images.check_range(img)
    return img.astype('float64')


def _same_size(img, content):
    img, content = _picture(img), _picture(content)
    return img, images.resize(content, img.shape[1::-1])


def _same_area(style, img):
    style, (height, width) = _picture(style), img.shape[:2]
    return images.resize(style, images.fit_shape(style, height * width))


def _grams(img, net, layers):
    """Gram matrices (C, C) of a picture at its own size, in float64."""
    from mxnet import util

    from .chapter import extract_features, gram, preprocess
    with util.np_shape(True), util.np_array(True):    # in any thread
        ctx = next(iter(net.collect_params().values())).list_ctx()[0]
        X = preprocess(img, img.shape[1::-1]).as_in_ctx(ctx)
        return [gram(Y).asnumpy().astype('float64')
                for Y in extract_features(X, net, layers, ())[0]]


def _distances(grams, aims):
    """Of Gram matrices from those that they are compared with."""
    return [_ratio(_squares(A - B), _squares(B)) for A, B in zip(grams, aims)]


def _gradients(img):
    """Sobel's derivatives of the grey picture, down and across, where a
    pixel has all its neighbours: two arrays (H-2, W-2)."""
    from scipy.ndimage import sobel
    return [sobel(img @ GREY, axis)[1:-1, 1:-1] for axis in (0, 1)]


def _squares(A):
    return (A ** 2).sum()


def _ratio(a, b):
    """a / b: 1 if both are 0, infinite if only b is."""
    return float(a / b) if b else onp.inf if a else 1.0
