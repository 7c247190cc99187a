"""What one orders: pictures, a method, and how it is to be."""

import base64
import dataclasses
import os
import tempfile
from typing import Dict, Optional, Tuple

from .. import images
from ..controls.mask import read_mask
from ..errors import ImageError, NSTError
from ..kinds import AnySize, Array, Path
from ..recipes.settings import Recipe, check_strength
from ..recipes.start import Start
from ..recipes.systems import get_recipe

PASS = 'one pass'      # the method that is no recipe
FEATHER = 8            # pixels over which a mask that was drawn fades
WHAT = {'content': 'photograph', 'style': 'painting'}


@dataclasses.dataclass(frozen=True)
class Order:
    """What is to be painted: files of the photograph, of the painting and,
    where a part alone is painted, of a mask; a `method`, which is a recipe
    or `PASS`; `size`, as `images.shape_of` has it; whose `colours`, 'style'
    or 'content'; and a painting that is done, of which the last stage is to
    `start` once more. Raises `NSTError` where a picture is missing or a
    setting is wrong."""

    content: Optional[str]
    style: Optional[str]
    method: str = 'quick'
    size: AnySize = 600
    strength: float = 0.5
    colours: str = 'style'
    mask: Optional[str] = None
    start: Optional[str] = None

    def __post_init__(self) -> None:
        check_strength(self.strength)
        for need in self.needs:
            if not getattr(self, need):
                raise NSTError(f'there is no {WHAT[need]}: choose one first')

    @property
    def recipe(self) -> Optional[Recipe]:
        """The settings; None for `PASS`."""
        if self.method == PASS:
            return None
        recipe = get_recipe(self.method, strength=self.strength,
                            colours=self.colours, feather=FEATHER)
        return recipe if self.start is None else dataclasses.replace(
            recipe, stages=recipe.stages[-1:], init=Start('file', self.start))

    @property
    def needs(self) -> Tuple[str, ...]:
        """The names of the pictures that the method looks at."""
        return self.recipe.needs if self.recipe else tuple(WHAT)

    @property
    def paths(self) -> Dict[str, str]:
        """{need: its file}."""
        return {need: getattr(self, need) for need in self.needs}

    @property
    def files(self) -> Dict[str, str]:
        """{need: name of its file}."""
        return {need: os.path.basename(path)
                for need, path in self.paths.items()}

    @property
    def name(self) -> str:
        """What the picture is called: as those that it is made of."""
        return '-'.join(os.path.splitext(file)[0]
                        for file in self.files.values())


def look_at(path: Path) -> Array:
    """The picture of a file, (H, W, 3), as one that is to be painted.
    Raises `ImageError`, in which it has the name that its owner gave."""
    try:
        img = images.read_image(path)
        images.check_size(img)
        return img
    except ImageError as e:
        raise ImageError(str(e).replace(
            os.fspath(path), os.path.basename(path))) from None


def from_drawing(address: Optional[str], folder: str) -> Optional[str]:
    """The file, in the folder, of a mask that was drawn on the page: a PNG
    within an address. None where there is none. Raises `ImageError`."""
    data = (address or '').partition(';base64,')[2]
    if not data:
        return None
    with tempfile.NamedTemporaryFile(
            suffix='.png', dir=folder, delete=False) as file:
        try:
            file.write(base64.b64decode(data))
        except ValueError as e:
            raise ImageError(f'the mask is damaged ({e}): draw it again'
                             ) from None
    read_mask(file.name, (1, 1))
    return file.name
