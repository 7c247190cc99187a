"""The painter's hand: where is painted, in whose colours, by which styles."""

from .style import Style

__all__ = ['Style']
