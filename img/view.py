"""Where the viewer of the mountain stands, and the air before him."""
import numpy as np

EYE = 0.048                                  # km above the lake
FOCUS = 0.95                                 # focal length in picture widths
HORIZON = 0.612                              # from the top, in heights
HAZE = np.array([0.50, 0.63, 0.82], 'f4')


def rays(shape):
    """Sideways and upward slopes (H, W) of the lines of sight."""
    h, w = shape
    y, x = np.indices(shape, dtype='f4') + 0.5
    return (x - w / 2) / (FOCUS * w), (HORIZON * h - y) / (FOCUS * w)


def veil(z, h):
    """Optical depth of `z` km of air to a place at height h."""
    return z * (0.016 + 0.055 * np.exp(-np.maximum(h, 0) / 0.5))
