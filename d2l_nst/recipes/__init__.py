"""What is optimised: settings as data, and each published system by name."""

from ..layers import Layer
from .settings import Recipe, Stage
from .start import Start
from .systems import RECIPES, budget, get_recipe

__all__ = ['Layer', 'RECIPES', 'Recipe', 'Stage', 'Start', 'budget',
           'get_recipe']
