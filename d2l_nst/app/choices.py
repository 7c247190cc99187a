"""What one may choose from on the page."""

import os

from ..recipes.systems import RECIPES
from .order import PASS

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))), 'img')
NAMES = {'content': ('mountain', 'canal-town', 'sunflowers'),
         'style': ('night-harbour', 'autumn-oak', 'sea-wash',
                   'poppies-pointillist', 'great-wave-woodcut',
                   'sunrise-glass', 'cubist-guitar', 'ink-wash',
                   'mill-hatching')}
FIRST = {'quick': 'quick: the best picture, in minutes',
         PASS: 'one pass: a sketch, in seconds',
         'photo': 'photo: another mood, still a photograph',
         'book': 'book: the chapter, at length'}
METHODS = [(words, name) for name, words in FIRST.items()] + [
    (name, name) for name in RECIPES if name not in FIRST]
COLOURS = [('of the painting', 'style'), ('of the photograph', 'content')]


def gallery(need):
    """{name: path} of the pictures that are at hand: there are none where
    the package stands without its repository."""
    paths = {name: os.path.join(FOLDER, f'{name}.jpg')
             for name in NAMES[need]}
    return {name: path for name, path in paths.items()
            if os.path.exists(path)}
