"""Any painting's style in one pass: nothing is trained for it.

The features of a photograph get the statistics of the painting's, from the
deepest level down to the shallowest, and decoders make a picture of them.
"""

import copy
from typing import Any, Optional, Sequence

import mxnet as mx
import numpy as onp

from .. import images
from ..errors import NSTError, WeightsError
from ..kinds import Array, Path
from ..precision import choose_precision
from ..ranges import check_weights
from .decoder import Decoder
from .encoder import Encoder, get_encoder, standardise
from .levels import LEVELS, PICTURE
from .margin import with_margin, without_margin
from .network import bundled_decoders, load_network
from .one_pass import OnePass
from .tiles import in_tiles, samples
from .transforms import (TRANSFORM, TRANSFORMS, Smoothed, Statistics, adain,
                         apply, mix)

STYLE_AREA = 512 ** 2      # of a painting, in pixels
LARGE = 2 ** 20     # pixels of a picture from which it goes by tiles


class AnyStyle(OnePass):
    """Paints pictures like `styles`, a list of (H, W, 3) in 0 ... 255.

    `encoder` is an `Encoder` and `decoders` is a list of `Decoder`, the
    deepest first, each of which ends where the next one begins. `weights`
    mixes several styles; their sum counts as 1. `transform` is one of
    `transforms.TRANSFORMS`; below the top, half of it is AdaIN. At `levels`,
    by default at all, the features get the styles' statistics, and elsewhere
    the picture's own.
    """

    margin, factor = 16, 8     # sides are halved three times
    smooth: Optional[Smoothed] = None    # of a film

    def __init__(self, encoder: Encoder, decoders: Sequence[Decoder],
                 styles: Sequence[Array],
                 weights: Optional[Sequence[float]] = None,
                 transform: str = TRANSFORM, levels: Sequence[str] = LEVELS):
        self.encoder, self.transform = encoder, TRANSFORMS[transform]
        self.levels = levels
        self.stages = {level: getattr(decoder, level) for decoder in decoders
                       for level in decoder.levels}
        # Their buffers are used again for the next picture, or tile
        for net in (encoder, *self.stages.values()):
            net.hybridize(static_alloc=True)
        self.ctx = next(iter(encoder.collect_params().values())).list_ctx()[0]
        weights = onp.ones(len(styles)) if weights is None else weights
        self.weights = onp.array(weights) / onp.sum(weights)
        self.styles = [self._learn(images.to_numpy(style))
                       for style in styles]

    def for_film(self) -> 'AnyStyle':
        """The same, with the statistics of features smoothed over all that
        it paints."""
        film = copy.copy(self)
        film.smooth = Smoothed()
        return film

    def paint(self, X: Array, strength: float = 0.5) -> Array:
        if self.smooth:
            self.smooth.begin()
        return super().paint(X, strength)

    def memory(self, pixels: int) -> int:
        """Bytes that a picture of so many pixels takes, measured at
        3840x2160."""
        return 2000 * min(pixels, LARGE) + 100 * pixels

    def one_pass(self, X: Array, part: float = 1) -> Array:
        """The pictures X, (N, H, W, 3), whose features get `part` of the
        style."""
        return onp.stack([self._pass(img, part) for img in X])

    def invert(self, img: Array) -> Array:
        """A picture, (H, W, 3) in 0 ... 255, as the decoders make it again
        from its own features."""
        return self._pass(img, 0)

    def _learn(self, style):
        """{level: `Statistics`} of a painting."""
        style = images.resize(style, images.fit_shape(style, STYLE_AREA))
        return {level: Statistics.of(Y.asnumpy())
                for level, Y in self._features(standardised(style)).items()}

    def _features(self, X):
        return dict(zip(self.encoder.levels,
                        self.encoder(mx.np.array(X, ctx=self.ctx))))

    def _pass(self, img, part):
        height, width = img.shape[:2]
        X, known = with_margin(standardised(img), self.margin,
                               self.factor), {}
        if height * width <= LARGE:
            Y = self._mixed(X, part, known)
        else:
            self._mixed(samples(X), part, known)
            Y = in_tiles(X, lambda tile: self._mixed(tile, part, known))
        Y = without_margin(Y, height, width, self.margin)
        Y = Y[0].transpose(1, 2, 0) * images.RGB_STD + images.RGB_MEAN
        return onp.clip(255 * Y, 0, 255)

    def _mixed(self, X, part, known):
        """Painted, with what the decoders lose of the picture itself as far
        as it is not to be painted."""
        Y = self._run(X, part, known)
        return (Y + (1 - part) * (X - self._run(X, 0, known))
                if 0 < part < 1 else Y)

    def _run(self, X, part, known):
        """Standardised pictures painted whole. `known` has the transform
        for each level and part, a matrix and a vector, or gets it."""
        features, top = self._features(X), self.encoder.levels[-1]
        Y = features[top]
        for level in self.encoder.levels[::-1]:
            Y, own = Y.asnumpy(), features.pop(level)
            if (part, level) not in known:
                known[part, level] = self._transform(Y, level, part, own)
            Y = apply(Y, *known[part, level])
            if level != top:
                Y = onp.maximum(Y, 0, out=Y)
            Y = self.stages[level](mx.np.array(Y, ctx=self.ctx))
        return Y.asnumpy()

    def _transform(self, Y, level, part, own):
        """From what has come down to a level, Y, to the styles there; as
        far as it is not to be painted, to the picture's own features."""
        of, aims, weights = self._statistics(Y), [], []
        part = part if level in self.levels else 0
        if part > 0:
            aims = [self._transformed(of, style[level], level)
                    for style in self.styles]
            weights = list(part * self.weights)
        if part < 1:
            aims.append(adain(of, self._statistics(own.asnumpy())))
            weights.append(1 - part)
        return mix(aims, weights)

    def _transformed(self, of, to, level):
        """The transform at a level. Below the top half of it is AdaIN, with
        which the decoder was trained there."""
        whole = self.transform(of, to)
        return (whole if level == self.encoder.levels[-1]
                else mix([whole, adain(of, to)], [0.5, 0.5]))

    def _statistics(self, Y):
        found = Statistics.of(Y)
        return self.smooth.of(found) if self.smooth else found


def standardised(img: Array) -> Array:
    """A picture, (H, W, 3) in 0 ... 255, as (1, 3, H, W) for the encoder."""
    return standardise(onp.asarray(img).transpose(2, 0, 1)[None])


@mx.util.use_np    # in any thread
def load_any_style(styles: Sequence[Array],
                   weights: Optional[Sequence[float]] = None,
                   transform: str = TRANSFORM,
                   decoders: Optional[Sequence[Path]] = None,
                   ctx: Any = None,
                   levels: Sequence[str] = LEVELS) -> AnyStyle:
    """An `AnyStyle` with the decoders of these .params files, by default
    the bundled ones, and the encoder that they were trained for.

    Raises `NSTError` where the weights are not as many as the styles, and
    `WeightsError` where the encoder is not here.
    """
    if weights is not None and len(weights) != len(styles):
        raise NSTError(f'{len(styles)} styles have {len(weights)} weights: '
                       'give one for each, or none')
    check_weights(weights)
    if weights is not None and not sum(weights):
        raise NSTError('all styles weigh nothing: give one of them a weight')
    ctx = ctx or mx.cpu()
    nets = [load_network(name, ctx, Decoder)
            for name in decoders or bundled_decoders().values()]
    nets.sort(key=lambda net: LEVELS.index(net.settings['top']),
              reverse=True)
    ends = [net.settings['bottom'] for net in nets]
    if ends != [*(net.settings['top'] for net in nets[1:]), PICTURE]:
        raise NSTError('the decoders don\'t lead down to the picture one '
                       f'after the other, but to {", ".join(ends)}: name '
                       'those that are missing')
    encoder = get_encoder(nets[0].settings['top'], ctx=ctx)
    for net in nets:
        check_encoder(net, encoder)
        net.compute_in(choose_precision('auto', ctx))
    return AnyStyle(encoder, nets, styles, weights, transform, levels)


def paint_like(content: Array, style: Array, strength: float = 0.5) -> Array:
    """`content`, painted like `style` by the bundled decoders: (H, W, 3)
    in 0 ... 255, as both are."""
    return load_any_style([style]).paint(content[None], strength)[0]


def check_encoder(decoder: Decoder, encoder: Encoder) -> None:
    """Raises `WeightsError` unless the decoder was trained for the encoder.
    """
    if decoder.settings['encoder'] != encoder.identity:
        raise WeightsError(
            f'the decoder of {decoder.settings["top"]} was trained for '
            f'features {decoder.settings["encoder"]}, and these are '
            f'{encoder.identity}: train one for them (train --invert)')
