"""Styles of painting with strokes, as data.

A. Hertzmann, *Painterly Rendering with Curved Brush Strokes of Multiple
Sizes*, SIGGRAPH 1998, section 3: impressionist, expressionist, colourist
wash and pointillist have the paper's numbers; impasto and pen are additions.
"""
from dataclasses import dataclass
from typing import Optional, Tuple, Union

from ..errors import NSTError
from ..ranges import ABOVE


@dataclass(frozen=True)
class StrokeStyle:
    """A style of painting: section 3 of the paper, under the paper's names.

    The fields from `flow` on are additions; at their defaults the paper's
    method remains.
    """

    radii: Tuple[float, ...] = (8, 4, 2)   # R_i of the brushes, in pixels
    threshold: float = 100      # T: error at which a stroke is laid
    curvature: float = 1.0      # f_c: 1 follows the normals, 0 is straight
    blur: float = 0.5           # f_sigma: reference blurred by this times R
    opacity: float = 1.0        # alpha of the paint
    grid: float = 1.0           # f_g: one stroke at most a (f_g R)^2 cell
    min_length: int = 4         # in steps of R
    max_length: int = 16
    jitter_hsv: Tuple[float, float, float] = (0, 0, 0)   # j_h, j_s, j_v
    jitter_rgb: Tuple[float, float, float] = (0, 0, 0)   # j_r, j_g, j_b
    flow: float = 0.0           # directions smoothed over this times R
    bristle: float = 0.0        # trace of the bristles in the colour
    relief: float = 0.0         # light and shade on the thick paint
    ground: Optional[Tuple[float, float, float]] = None  # None: mean colour
    ink: Optional[Tuple[float, float, float]] = None     # one colour only


STYLES = {
    'impressionist': StrokeStyle(),
    'expressionist': StrokeStyle(
        threshold=50, curvature=0.25, opacity=0.7, min_length=10,
        jitter_hsv=(0, 0, 0.5)),
    'wash': StrokeStyle(
        threshold=200, opacity=0.5, jitter_rgb=(0.3, 0.3, 0.3)),
    'pointillist': StrokeStyle(
        radii=(4, 2), grid=0.5, min_length=0, max_length=0,
        jitter_hsv=(0.3, 0, 1)),
    'impasto': StrokeStyle(
        radii=(12, 7, 4), threshold=45, min_length=4, max_length=12,
        jitter_hsv=(0.06, 0.3, 0.4), flow=2, bristle=0.25, relief=0.3),
    'pen': StrokeStyle(
        radii=(0.8, 0.7, 0.7, 0.7), threshold=60, blur=1.5, grid=8,
        min_length=10, max_length=30, flow=5, ground=(250, 247, 238),
        ink=(32, 28, 40), jitter_hsv=(0, 0, 0.3)),
}


def find_style(style: Union[str, StrokeStyle]) -> StrokeStyle:
    """A `StrokeStyle` by its name; one that is given is handed back.

    Raises `NSTError` for an unknown name and a style without brushes.
    """
    if isinstance(style, StrokeStyle):
        if not style.radii or not all(r in ABOVE for r in style.radii):
            raise NSTError('a style of strokes needs brushes with radii '
                           f'above 0, not {style.radii}')
        return style
    if not isinstance(style, str) or style not in STYLES:
        raise NSTError(f'unknown style of strokes {style!r}; choose one of '
                       + ', '.join(STYLES))
    return STYLES[style]
