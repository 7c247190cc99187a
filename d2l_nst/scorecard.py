"""The scorecard of a result: what it was made with and how near it comes."""

import dataclasses
import math
import os
import platform
import resource
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence

from . import __version__, images, measures
from .cores import processor
from .kinds import Array, Card
from .layers import layer_index
from .recipes.settings import Recipe
from .recipes.start import Start
from .steps import Step
from .weights.record import Weights

if TYPE_CHECKING:    # they import MXNet
    from .engine.result import Result
    from .vgg import VGG

AREA = 600 * 400    # pixels at most that the network looks at
SMALLEST = 16       # pixels a side that the measures need
DIGITS = 4


def scorecard(img: Array, content: Optional[Array] = None,
              **about: Any) -> Card:
    """A dict that JSON can hold: `about`, the size and the measures.

    `img`: (H, W, 3) in 0 ... 255; `content`: (h, w, 3), the picture that it
    shows, where there is one. The measures are those of `measures`; a
    picture that is too small for them has none.
    """
    height, width = img.shape[:2]
    card = {'version': __version__, **about, 'size': [width, height]}
    if min(height, width) >= SMALLEST:
        card['axis_share'] = _short(measures.axis_share(img))
    if content is not None and min(*img.shape[:2],
                                   *content.shape[:2]) >= SMALLEST:
        card['ssim'] = _short(measures.ssim(img, content))
    return card


def used(seconds: float) -> Dict[str, float]:
    """What a job took: its seconds, and the memory of this process at its
    peak so far, in GB. They are not carried by the picture itself, so that
    the same picture is the same file."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {'seconds': round(seconds, 1),
            'memory_gb': round(peak / 2 ** 20, 2)}


def machine() -> Dict[str, Optional[str]]:
    """What the last digits of a result may depend on, besides all that
    decides it: versions, threads and the processor."""
    import mxnet
    import numpy
    import scipy
    return {'d2l_nst': __version__, 'python': platform.python_version(),
            **{module.__name__: module.__version__
               for module in (mxnet, numpy, scipy)},
            'number of threads': os.environ.get('OMP_NUM_THREADS'),
            'processor': processor()}


def of_transfer(result: 'Result', recipe: Optional[str] = None) -> Card:
    """The scorecard of a `Result`; `recipe` is the name of its recipe."""
    img = 255 * result.image.asnumpy()
    card = scorecard(
        img, result.content, method='transfer',
        recipe=recipe or result.name, settings=settings(result.recipe),
        weights=origin(result.net.source), stages=stages(result),
        terms=terms(result.history), interrupted=result.interrupted)
    if result.diverged:
        card['diverged'] = result.diverged
    if result.styles and result.net is not None:
        layers = unheard(result.recipe, result.net)
        card['style_distance'] = [
            distances(img, style, result.net, layers)
            for style in result.styles]
    return {**card, **used(result.seconds)}


def settings(recipe: Recipe) -> Dict[str, Any]:
    """The fields of a recipe that are options of the command."""
    values = {field.name: getattr(recipe, field.name)
              for field in dataclasses.fields(recipe)
              if 'help' in field.metadata}
    values['weights'] = file_name(getattr(recipe.weights, 'name',
                                          recipe.weights))
    return {name: list(map(str, value)) if isinstance(value, tuple)
            else file_name(str(value)) if isinstance(value, Start) else value
            for name, value in values.items()}


def file_name(word: str) -> str:
    """A word, or the name of a file without its folders, which are nobody's
    business."""
    return os.path.basename(word)


def origin(weights: Weights) -> Dict[str, Optional[str]]:
    """What the `Weights` of a network say of themselves, and the hash of
    their file."""
    from .files import sha256
    from .weights import SOURCES
    source = SOURCES.get(weights.name)
    path = source.find and source.find(weights.network) if source else (
        weights.name)
    return {'name': file_name(weights.name), 'network': weights.network,
            'origin': weights.origin, 'licence': weights.licence,
            'sha256': sha256(path) if path and os.path.isfile(path) else None}


def stages(result: 'Result') -> List[Dict[str, Any]]:
    """Size and epochs of each stage that was begun, how many epochs it was
    given, and whether it ended before on a plateau."""
    done = [step.stage for step in result.history]
    return [{'size': list(size), 'epochs': done.count(i),
             'of': stage.num_epochs,
             'plateau': done.count(i) < stage.num_epochs and not (
                 (result.interrupted or result.diverged) and i == done[-1])}
            for i, (size, stage) in enumerate(
                zip(result.sizes, result.recipe.stages), 1) if i in done]


def terms(history: Sequence[Step]) -> Dict[str, List[Optional[float]]]:
    """First and last value of each loss, and of their sum."""
    first, last = history[0], history[-1]
    return {name: [_short(start), _short(end)] for name, start, end in [
        *((name, first.terms[name], last.terms[name])
          for name in last.terms), ('total', first.total, last.total)]}


def unheard(recipe: Recipe, net: 'VGG') -> List[str]:
    """The last layer of each block of a network that the recipe does not
    listen to."""
    heard = {net.names[layer_index(layer, net.network)].replace(
        'conv', 'relu') for layer in recipe.layers}
    blocks = {name[4]: name for name in net.names
              if name.startswith('relu') and name not in heard}
    return list(blocks.values())


def distances(img: Array, style: Array, net: 'VGG',
              layers: Sequence[str]) -> Dict[str, Optional[float]]:
    """`measures.style_distances`, of smaller pictures where these are
    large."""
    height, width = img.shape[:2]
    if min(height, width, *style.shape[:2]) < SMALLEST or not layers:
        return {}
    if height * width > AREA:
        img = images.resize(img, images.fit_shape(img, AREA))
    return {layer: _short(value) for layer, value in
            measures.style_distances(img, style, net, layers).items()}


def _short(value):
    """A number as JSON has it: of few digits, None where it is not one."""
    return float(f'{value:.{DIGITS}g}') if math.isfinite(value) else None
