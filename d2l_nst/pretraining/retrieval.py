"""A measure of features: is a texture found again by its Gram matrix?"""

from typing import Any, List, Sequence

import numpy as onp
from skimage import transform

from ..chapter import extract_features, gram, preprocess
from ..kinds import Array
from .pictures import dead_leaves, fractal, held_out_part, photographs

SIDE = 64   # pixels of a crop


def texture_pairs(textures: int = 128, seed: int = 7) -> List[Any]:
    """Two lists of crops, each (SIDE, SIDE, 3) in 0 ... 255: `textures`
    places, and the same places turned, rescaled and brightened.

    Half are in the strips of the photographs that no training sees, half
    in pictures made by code with other seeds than the training's.
    """
    random = onp.random.RandomState(seed)
    photos = [held_out_part(photo) for photo in photographs().values()]
    pairs = []
    while len(pairs) < textures:
        if len(pairs) < textures // 2:
            img = photos[random.randint(len(photos))]
        else:
            make = random.choice([dead_leaves, fractal])
            img = make(onp.random.RandomState(random.randint(1000, 9999)),
                       200)
        pair = [_cut(img, *where) for where in zip(*_places(img, random))]
        if pair[0].std(axis=(0, 1)).max() > 10:
            pairs.append(pair)
    return list(zip(*pairs))


def _places(img, random):
    """Centre, turn in radians, scale and brightness of the two crops."""
    margin = 0.36 * min(img.shape[:2])
    centre = [random.uniform(margin, n - margin) for n in img.shape[1::-1]]
    return ([centre, centre], [0, random.uniform(-0.5, 0.5)],
            [1, 2 ** random.uniform(-0.4, 0.4)],
            [1, random.uniform(1.05, 1.2)])


def _cut(img, centre, turn, scale, brightness):
    half = (SIDE - 1) / 2
    place = (transform.AffineTransform(translation=(-half, -half))
             + transform.AffineTransform(scale=scale, rotation=turn)
             + transform.AffineTransform(translation=centre))
    crop = transform.warp(img, place, output_shape=(SIDE, SIDE),
                          mode='reflect', preserve_range=True)
    return (crop * brightness).clip(0, 255)


def retrieval(net: Any, layers: Sequence[str], pairs: Any) -> List[float]:
    """The share of textures that are found again, for each of the `layers`.

    `pairs` is what `texture_pairs` returns. A texture is found again if,
    among all second crops, the nearest Gram matrix to that of its first crop
    is that of its own second one. `net` is a `VGG`.
    """
    asked, there = (onp.stack([grams(net, layers, crop) for crop in crops],
                              axis=1) for crops in pairs)
    shares = []
    for a, b in zip(asked, there):  # -> (textures, entries)
        a, b = onp.stack(list(a)), onp.stack(list(b))
        squares = ((a ** 2).sum(1)[:, None] + (b ** 2).sum(1)
                   - 2 * a @ b.T)
        shares.append((squares.argmin(axis=1) == onp.arange(len(a))).mean())
    return shares


def grams(net: Any, layers: Sequence[str], img: Array) -> Array:
    """Gram matrices of a picture, (H, W, 3) in 0 ... 255, one flat NumPy
    array for each layer."""
    X = preprocess(img, img.shape[1::-1])
    flat = onp.empty(len(layers), object)
    flat[:] = [gram(Y).asnumpy().ravel()
               for Y in extract_features(X, net, (), layers)[1]]
    return flat
