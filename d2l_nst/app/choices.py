"""What one may choose from on the page."""

import os
from typing import Dict

from ..recipes.systems import RECIPES
from .order import PASS

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))), 'img')
NAMES = {'content': ('mountain', 'canal-town', 'sunflowers'),
         'style': ('night-harbour', 'autumn-oak', 'sea-wash',
                   'poppies-pointillist', 'great-wave-woodcut',
                   'sunrise-glass', 'cubist-guitar', 'ink-wash',
                   'mill-hatching')}
WORDS = {'quick': 'the best picture, in minutes',
         PASS: 'a sketch, in seconds',
         'photo': 'another mood, still a photograph',
         'book': 'the chapter, at length',
         'book-1.0': 'the chapter, a later edition',
         'gatys': 'the paper of 2016',
         'gatys-vgg16': 'the same, of a survey',
         'gatys-lbfgs': 'the same, of a walkthrough',
         'gatys-tv': 'the same, of a note on variation',
         'histogram': 'more of the palette and strokes',
         'laplacian': "the photograph's lines are kept",
         'mrf': 'piece by piece of the painting',
         'texture': 'the painting alone, as a texture',
         'inversion': 'the photograph, of its features'}
METHODS = [(f'{name}: {words}', name) for name, words in WORDS.items()] + [
    (name, name) for name in RECIPES if name not in WORDS]
COLOURS = [('of the painting', 'style'), ('of the photograph', 'content')]


def gallery(need: str) -> Dict[str, str]:
    """{name: path} of the pictures that are at hand: there are none where
    the package stands without its repository."""
    paths = {name: os.path.join(FOLDER, f'{name}.jpg')
             for name in NAMES[need]}
    return {name: path for name, path in paths.items()
            if os.path.exists(path)}
