"""What can be set in an image optimisation: recipes, stages, layers."""

import dataclasses
from typing import Any, Callable, Dict, Optional, Tuple, Union

from ..errors import NSTError
from ..layers import (BLOCKS, CONTENT_LAYERS, CONTENT_WEIGHT, PIXELS,
                      STYLE_LAYERS, STYLE_WEIGHT, TV_WEIGHT, Layer,
                      parse_layers)
from ..ranges import PART
from ..weights import DEFAULT, weights_help
from .start import Start, parse_start

# Whose colours the result has: `controls.colours`
COLOURS = 'style', 'content', 'content:luminance', 'content:match'


@dataclasses.dataclass(frozen=True)
class Stage:
    """One size of the picture and how long it is optimised.

    `image_shape` is (width, height), `num_epochs` the number of times the
    loss and its gradient are computed. `lr_decay_epoch` and `lr_decay` are
    Adam's alone: after so many epochs the learning rate falls, to a tenth
    or to another part.
    """

    image_shape: Tuple[int, int]
    num_epochs: int
    lr_decay_epoch: int = 200
    lr_decay: float = 0.1


def option(default: Any, help: Union[str, Callable[[], str]],
           choices: Tuple[str, ...] = (),
           metavar: Optional[str] = None) -> Any:
    """A field that is an option of the command too: `help` says what it
    does, `choices` are its values where they are few."""
    return dataclasses.field(default=default, metadata={
        'help': help, 'choices': choices, 'metavar': metavar})


@dataclasses.dataclass(frozen=True)
class Recipe:
    """All the settings of an image optimisation.

    `smoothness` is that of `coordinates.Smooth`, for L-BFGS. `margin` is
    how many pixels around the picture are painted too and cut off, since
    what lies at a border looks different there. Layers are `Layer`s, and
    may be given as names or indices, each with a weight if need be, as in
    'relu1_1:0.2'; so `init` is a `Start`, and may be given as it is written.
    `pooling` is 'max', 'average' or None, what the weights
    were made for; `padding` and `precision` are those of
    `vgg.Convolution`; `style_scale` is the size of the style in the
    result, times that at which both have the same area; `strength`, 0 to
    1, is how much of the style there is to be (`with_strength`); `init` is
    'content', 'style', 'palette' (the content in the style's), 'pass' (the
    content painted like the style by the bundled decoder), 'noise',
    'mix:0.6' (so much of it noise) or a picture's file; `crop` cuts the
    middle out of the pictures, in the recipe's proportions; `needs` says
    which of the two pictures are looked at; `colours` are those of
    `controls.colours`, and `feather` that of `mask.read_mask`.

    The losses are the `terms.Term`s of `terms.terms_of`: content, style
    and total variation, in `content_form`, `style_form` ('patches' for
    `terms.Patches`) and `tv`, and those that the recipe adds as `terms`.
    With `relative` all but total variation are measured relative to their
    targets (`terms.Term.unit`), so that the weights hold for any network.
    `published` are the source's own weights; they take the place of the
    others on ImageNet's features (`on_weights`), which then are not
    `scaled` (`weights.load_weights`). `tuned` is that of `tuning`.
    """

    stages: Tuple[Stage, ...]
    optimiser: str = option('adam', 'what moves the picture',
                            ('adam', 'lbfgs'))
    lr: float = option(0.01, "Adam's learning rate")
    network: str = option('vgg19', 'whose features are compared',
                          tuple(BLOCKS))
    weights: str = option(DEFAULT, weights_help, metavar='NAME|FILE')
    seed: int = option(1, 'of all that is random', metavar='N')
    content_layers: Tuple[Layer, ...] = option(
        parse_layers(CONTENT_LAYERS), 'layers, with their weights if need be: '
        'conv4_2:0.5,relu5_2', metavar='LAYER[:X],...')
    style_layers: Tuple[Layer, ...] = option(
        parse_layers(STYLE_LAYERS), 'the same for the style',
        metavar='LAYER[:X],...')
    content_weight: float = option(CONTENT_WEIGHT, 'of the content loss')
    style_weight: float = option(STYLE_WEIGHT, 'of the style loss')
    tv_weight: float = option(TV_WEIGHT, 'of the total variation')
    pooling: Optional[str] = option(
        None, 'where the network pools; default: as its weights were made',
        ('max', 'average'))
    smoothness: float = option(
        0, 'how much easier broad changes are than fine ones, for lbfgs')
    tolerance: float = option(
        0, 'end a stage where ten epochs lower the loss by less than this '
        'share, as 0.01; 0: never')
    margin: int = option(
        0, 'pixels around the picture that are painted and cut off',
        metavar='N')
    padding: str = option(
        'zeros', 'what the layers see around the picture; edge: no frame',
        ('zeros', 'edge'))
    precision: str = option(
        'float32', 'of the products; auto: bfloat16 where the processor '
        'is faster with it', ('float32', 'bfloat16', 'auto'))
    style_scale: float = option(
        1, 'size of the strokes: of the style in the result, times that at '
        'which both pictures have the same area')
    strength: float = option(
        0.5, 'how much of the style, from 0 to 1; default: 0.5')
    init: Start = option(
        Start('content'), "picture to start from; palette: the content in the "
        "style's colours, pass: painted in one pass, 0.6: the share of "
        'noise',
        metavar='content|style|palette|pass|noise|mix:0.6|FILE')
    crop: bool = option(
        False, 'cut the middle out of the pictures, in the proportions of '
        'the result')
    needs: Tuple[str, ...] = ('content', 'style')
    colours: str = option(
        'style', 'whose colours the result has; content and '
        'content:luminance: light and dark alone are painted, '
        "content:match: the style is first given the photograph's", COLOURS)
    feather: float = option(
        0, 'pixels of the result over which a mask fades, to both sides of '
        'its edges')
    content_form: str = dataclasses.field(default='mean', metadata={
        'choices': ('mean', 'half mean', 'half sum')})
    style_form: str = dataclasses.field(default='mean', metadata={
        'choices': ('mean', 'quarter sum', 'even', 'patches')})
    tv: str = option(
        'mean', 'total variation: mean or plain sum of absolute '
        'differences, or mean of squared ones; guided: which weigh more '
        'where CONTENT is flat', ('mean', 'sum', 'squared', 'guided'))
    terms: Tuple = ()
    tuned: bool = option(
        False, "shorten extreme gradients of single terms; Adam's alone")
    relative: bool = False
    scaled: bool = True
    published: Dict = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, parse in (('content_layers', parse_layers),
                            ('style_layers', parse_layers),
                            ('init', parse_start)):
            object.__setattr__(self, name, parse(getattr(self, name)))

    @property
    def layers(self) -> Tuple[str, ...]:
        """The names of all the layers that are listened to."""
        layers = [*(self.content_layers if 'content' in self.needs else ()),
                  *(self.style_layers if 'style' in self.needs else ()),
                  *(layer for term in self.terms for layer in term.layers)]
        return tuple(dict.fromkeys(layer.name for layer in layers
                                   if layer.name != PIXELS))


def check_strength(strength: float) -> None:
    """How much of the style there is to be, however it is painted: 0 is
    the photograph, 0.5 what its recipe or its network was made for, 1 as
    much as that can give. Raises `NSTError`."""
    if strength not in PART:
        raise NSTError(f'a strength of {strength} is not possible: choose '
                       'one from 0 to 1')
