"""What is optimised: settings as data, and each published system by name."""

from ..layers import Layer
from .budgets import budget, budget_shape
from .settings import Recipe, Stage
from .start import Start
from .systems import RECIPES, get_recipe

__all__ = ['Layer', 'RECIPES', 'Recipe', 'Stage', 'Start', 'budget',
           'budget_shape', 'get_recipe']
