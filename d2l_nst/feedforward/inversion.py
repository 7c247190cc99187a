"""The training of a decoder, which turns features back into a picture.

Half of each batch is to be made again as it was (Dosovitskiy and Brox 2016).
The features of the other half have first been given the statistics of a
painting's; what is made of them is to have these features, and the painting's
Gram matrices (after Huang and Belongie 2017, who compare means and deviations
only).
"""

import dataclasses
from typing import Any, Dict, Iterable, List, Optional, Tuple

import mxnet as mx
import numpy as onp

from ..errors import NSTError
from ..kinds import Array, Path
from ..steps import Listener
from ..terms.light import light
from . import objective
from .data import Loaded, Pictures, find_pictures
from .decoder import EPSILON, Decoder
from .decoder_loss import TERMS, DecoderLoss
from .encoder import get_encoder, standardise
from .levels import LEVELS, PICTURE, between
from .records import DecoderSettings, Result
from .run import Training
from .transforms import Statistics, adain, apply, wct


@mx.util.use_np    # in any thread
def train_decoder(folder: Optional[Path] = None,
                  output: Optional[Path] = None,
                  settings: DecoderSettings = DecoderSettings(),
                  styles: Optional[Path] = None, resume: bool = False,
                  every: int = 100, workers: int = 2, ctx: Any = None,
                  kvstore: str = 'local', on_step: Optional[Listener] = None,
                  start: Optional[Path] = None) -> Result:
    """Train a `Decoder` on the pictures below `folder`; returns a `Result`.

    `styles` is a folder of paintings to be painted like; without one the
    pictures stand for them. The other arguments are those of
    `training.train`. Raises `NSTError`.
    """
    run = DecoderTraining(folder, settings, styles, ctx, kvstore, start)
    return run.run(output, resume, every, workers, on_step)


class DecoderTraining(Training):
    """The training of a decoder for one encoder."""

    kind, terms = Decoder, TERMS

    def __init__(self, folder: Optional[Path], settings: DecoderSettings,
                 styles: Optional[Path] = None, ctx: Any = None,
                 kvstore: str = 'local', start: Optional[Path] = None):
        s = settings
        check_levels(s.invert, s.down_to)
        if s.batch_size % 2:
            raise NSTError(f'batches of {s.batch_size} have no half: choose '
                           'an even number')
        self.encoder = get_encoder(s.invert, s.weights, ctx)
        super().__init__(folder, s, ctx, kvstore, start, top=s.invert,
                         bottom=s.down_to, encoder=self.encoder.identity)
        self.styles = find_pictures(styles or folder, s.size, 1, s.seed + 1,
                                    s.crops)
        self.encoder.hybridize(static_alloc=True)
        self.objective = DecoderLoss(self.net, self.encoder, s)
        self.objective.encoder.hybridize(static_alloc=True)

    def loader(self) -> 'Pairs':
        return Pairs(self.pictures, self.styles)

    def identity(self) -> Dict[str, Any]:
        return {**super().identity(), 'styles': self.styles.fingerprint()}

    def prepare(self, crops: Array) -> List[Tuple]:
        """For each device: the features to be inverted and what they are
        to become, for `DecoderLoss`."""
        n, each = self.settings.batch_size, len(self.ctx)
        pictures, styles = crops[:n], crops[n:]
        return [self._targets(
            onp.concatenate([pictures[i * n // each:(i + 1) * n // each],
                             styles[i * n // 2 // each:
                                    (i + 1) * n // 2 // each]]), ctx)
            for i, ctx in enumerate(self.ctx)]

    def _targets(self, crops, ctx):
        s, half = self.settings, len(crops) // 3
        X = standardise(crops)
        features = dict(zip(self.encoder.levels, (
            Y.asnumpy() for Y in self.encoder(mx.np.array(X, ctx=ctx)))))
        features[PICTURE] = X
        # The first half is its own style, the second has those of the others
        goals = {level: onp.concatenate([Y[:half], Y[2 * half:]])
                 for level, Y in features.items()}
        top = features[s.invert]
        given = [top[:half], *(
            self._given(i, top[half + i:half + i + 1],
                        top[2 * half + i:2 * half + i + 1])
            for i in range(half))]
        # The levels from the lowest up; those below the top are made
        levels = [level for level in (s.down_to, *between(
            s.down_to, s.invert)) if level != PICTURE]
        made = levels[-2::-1]
        statistics = [part for level in made
                      for part in moments(goals[level])]

        def to(arrays):
            return [mx.np.array(A, dtype='float32', ctx=ctx) for A in arrays]

        grams = [G for level in levels
                 for G in second_moments(goals[level])]
        seen = crops[half:2 * half]
        return (to([onp.concatenate(given)])[0], to(statistics), to(grams),
                to([features[s.down_to][:half]])[0],
                to([features[level][:half] for level in made]),
                light(to([X[half:2 * half]])[0], objective.LIGHT),
                *to([objective.calmness(seen)]))

    def _given(self, i, X, Y):
        """The features X with the statistics of Y, by both transforms in
        turn where there are pixels enough for a covariance."""
        many = X[0, 0].size > X.shape[1]
        transform = wct if many and (self.iteration + i) % 2 else adain
        return apply(X, *transform(Statistics.of(X), Statistics.of(Y)))

    def losses(self, *batch: Any) -> Tuple[List[Array], Tuple[Array, Array]]:
        *losses, Y_hat = self.objective(*batch)
        return losses, (batch[3], Y_hat)


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Crops of pictures, and of paintings half as many."""

    pictures: Pictures
    styles: Pictures

    def load(self, epoch: int, places: Iterable[int]) -> Loaded:
        X, damaged = self.pictures.load(epoch, places)
        Y, more = self.styles.load(epoch, list(places)[::2])
        return onp.concatenate([X, Y]), damaged | more


def moments(X: Array) -> Tuple[Array, Array]:
    """The deviations and the means, (N, C) each, of features, as
    `Decoder` wants them."""
    return onp.sqrt(X.var(axis=(2, 3)) + EPSILON), X.mean(axis=(2, 3))


def second_moments(X: Array) -> Tuple[Array, Array]:
    """What `moments_of` computes, in NumPy."""
    X = X.reshape(*X.shape[:2], -1)                # -> (N, C, H*W)
    return X @ X.swapaxes(1, 2) / X.shape[2], X.mean(axis=2, keepdims=True)


def check_levels(top: str, bottom: str) -> None:
    """Raises `NSTError` unless a decoder can go from `top` to `bottom`."""
    for level, known in ((top, LEVELS), (bottom, (PICTURE, *LEVELS))):
        if level not in known:
            raise NSTError(f'{level} can\'t be inverted: choose one of '
                           f'{", ".join(known)}')
    if bottom != PICTURE and LEVELS.index(bottom) >= LEVELS.index(top):
        raise NSTError(f'{bottom} is not below {top}: choose a shallower '
                       'layer')
