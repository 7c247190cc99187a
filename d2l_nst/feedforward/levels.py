"""The layers of VGG-16 at which features are painted, as pure data."""

from typing import Tuple

PICTURE = 'picture'      # below the first of them
LEVELS = 'relu1_1', 'relu2_1', 'relu3_1', 'relu4_1'
# What the published convolutions of ImageNet's VGG-16 are multiplied by, for
# pixels as `preprocess` makes them, so that the features of photographs at
# each level have a mean square of about 1
LOUDNESS = {'conv1_1': 1.4617, 'conv2_1': 1.1623, 'conv3_1': 2.4542,
            'conv4_1': 4.6953}


def between(bottom: str, top: str) -> Tuple[str, ...]:
    """The levels above `bottom`, from the lowest up to `top`.

    >>> between(PICTURE, 'relu2_1')
    ('relu1_1', 'relu2_1')
    >>> between('relu3_1', 'relu4_1')
    ('relu4_1',)
    """
    first = 0 if bottom == PICTURE else LEVELS.index(bottom) + 1
    return LEVELS[first:LEVELS.index(top) + 1]
