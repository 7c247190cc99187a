"""The default recipe, found by trial: each setting has its reason."""

from ..layers import Layer, at
from ..terms import Light
from .settings import Recipe, Stage
from .start import Start

# - L-BFGS knows the curvature of the last five steps, and needs a tenth
#   of Adam's. It moves in smooth coordinates: otherwise it leaves
#   ripples, whatever the total variation weighs.
# - It starts in the style's palette, since much of the style loss is
#   colour, and the first steps are spared.
# - Losses relative to their targets weigh nearly alike in every layer.
#   `relu5_1` is left out: its features were trained for contours, and
#   draw contours everywhere.
# - Of the style, a quiet channel counts as a loud one does: otherwise
#   a few draw the same thick strokes everywhere, in the same colours.
# - `relu3_1` keeps trees, peaks and mirrored things in their places,
#   and `Light` keeps bright what is bright.
# - Average pooling makes long strokes; maxima make short ones.
# - The squared total variation leaves no rectangles, as the absolute
#   one does. Guided by the photograph, it leaves a blank sky blank.
# - The edge is repeated at the border, and a margin is painted and cut
#   off: otherwise a frame is seen.
# - A style that is shown twice as large has strokes that are seen.
# - With its own epochs no stage comes to the plateau, where each ten
#   gain 2 to 15 in a hundred; with more, or little to do, one may.
QUICK = Recipe(
    (Stage((225, 150), 40), Stage((450, 300), 36), Stage((900, 600), 24)),
    optimiser='lbfgs', smoothness=10, margin=16, init=Start('palette'),
    content_layers=(Layer('relu3_1', 0.5), Layer('relu4_2')),
    style_layers=(Layer('relu1_1', 2),
                  *at('relu2_1', 'relu3_1', 'relu4_1')),
    style_form='even', terms=(Light(weight=5),), relative=True,
    content_weight=1.5, style_weight=6, tv='guided', tv_weight=1,
    pooling='average', padding='edge', precision='auto', style_scale=2,
    tolerance=0.005)
