"""The examples in docstrings print what stands below them."""

import doctest
import importlib

import pytest

MODULES = ('images', 'layers', 'recipes.start', 'measures', 'checkpoint',
           'feedforward.levels', 'feedforward.margin',
           'feedforward.transforms',
           'painterly.regions', 'painterly.strokes', 'painterly.texture',
           'pretraining.crops', 'engine.lbfgsb', 'engine.lean',
           'engine.windows', 'engine.plan', 'terms.term',
           'terms.content', 'terms.gram', 'terms.variation',
           'terms.histogram', 'terms.laplacian', 'terms.patches',
           'terms.matting', 'controls.mask', 'controls.colours',
           'controls.style')


@pytest.mark.parametrize('name', MODULES)
def test_examples_hold(name):
    failed, tried = doctest.testmod(
        importlib.import_module(f'd2l_nst.{name}'))
    assert tried and not failed
