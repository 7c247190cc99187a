"""What is optimised: settings as data, and each published system by name."""

from .settings import Recipe, Stage
from .systems import RECIPES, budget, get_recipe

__all__ = ['RECIPES', 'Recipe', 'Stage', 'budget', 'get_recipe']
