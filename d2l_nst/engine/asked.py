"""All that decides a result: settings, sizes, and hashes of what is read."""

import dataclasses
from typing import Any, Dict, Optional

from ..kept import fingerprint
from ..recipes.settings import Recipe
from ..vgg import VGG
from .pictures import Pictures
from .starts import read_picture

# Fields of a recipe that are told in other words than their own
SAID = 'stages', 'weights', 'init', 'published'


def asked(recipe: Recipe, pictures: Pictures, net: Optional[VGG], tile: int,
          ctx: Any) -> Dict[str, Any]:
    """A dict that JSON can hold, of a job by a `Recipe`: what two jobs must
    have in common for the one to go on where the other was ended. `pictures`
    are a `Pictures`."""
    start = recipe.init
    told: Dict[str, Any] = {
        'content': fingerprint(pictures.photo),
        'number of styles': len(pictures.styles)}
    for i, style in enumerate(pictures.styles, 1):
        told[f'style {i}'] = fingerprint(style.picture)
        told[f'mask {i}'] = fingerprint(style.mask)
        told[f'style mask {i}'] = fingerprint(style.style_mask)
        told[f'style weight {i}'] = as_word(style.weight)
    told['weights'] = fingerprint(*(
        p.data(ctx) for p in net.collect_params().values()) if net else ())
    told['size'] = [list(map(int, shape)) for shape in pictures.shapes]
    told['epochs'] = [int(stage.num_epochs) for stage in recipe.stages]
    told['fall of lr'] = as_word(tuple(
        (stage.lr_decay_epoch, stage.lr_decay) for stage in recipe.stages))
    told['init'] = (fingerprint(read_picture(start.value))
                    if start.kind == 'file' else str(start))
    for field in dataclasses.fields(recipe):
        if field.name not in SAID:
            told[field.name] = as_word(getattr(recipe, field.name))
    return {**told, 'tile': int(tile), 'device': ctx.device_type}


def as_word(value: Any) -> Any:
    """A setting as it is written, or told."""
    if isinstance(value, tuple):
        return ','.join(map(str, value))
    known = value is None or isinstance(value, (int, float))
    return value if known else str(value)
