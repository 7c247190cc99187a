"""The options of several styles: which belongs to which, and what is wrong."""

import dataclasses
import re

import numpy as onp
import pytest
from PIL import Image

from d2l_nst import Recipe, Stage, cli, recipes
from d2l_nst.controls import Style
from d2l_nst.engine import synthesis
from d2l_nst.images import read_image


@pytest.fixture
def transfer(pictures, tmp_path, capfd, monkeypatch, small_net):
    """Run `d2l-nst transfer` on two small pictures beside five masks."""
    monkeypatch.chdir(tmp_path)
    small_net.save_parameters('small.params')
    monkeypatch.setitem(recipes.RECIPES, 'quick', Recipe(
        (Stage((48, 32), 3),), 'lbfgs', weights='small.params',
        content_layers=('conv2_1',), style_layers=('conv1_1',)))
    half = onp.zeros((6, 4), 'uint8')
    half[:3] = 255
    for name, img in (('up', half), ('down', 255 - half), ('black', 0 * half),
                      ('red', onp.dstack([half, 0 * half, 0 * half]))):
        Image.fromarray(img).save(f'{name}.png')
    Image.new('LA', (4, 4), (255, 9)).save('clear.png')

    def run(*args, style=('style.gif',)):
        try:
            code = cli.main(['transfer', 'content.png', *style, '-o',
                             'out.png', *args])
        except SystemExit as e:
            code = e.code
        return code, capfd.readouterr().err
    return run


@pytest.fixture
def named(transfer, monkeypatch):
    """The styles that a command names, and the recipe's weight of them."""
    seen = []
    monkeypatch.setattr(synthesis, 'Job', lambda content, styles,
                        recipe, *args: seen.append((styles, recipe))
                        or exit())

    def run(*args):
        transfer(*args)
        styles, recipe = seen.pop()
        return [dataclasses.replace(style, picture=named_again(style))
                for style in styles], recipe.style_weight
    return run


def named_again(style):
    """The file that a style's picture was read from."""
    return next(name for name in ('style.gif', 'content.png')
                if onp.array_equal(read_image(name), style.picture))


def test_options_belong_to_the_style_before_them(named):
    assert named() == ([Style('style.gif')], 1e3)
    assert named('--style-weight', '5', '--mask', 'up.png') == (
        [Style('style.gif', mask='up.png')], 5)
    assert named('--mask', 'up.png', '--style', 'content.png',
                 '--style-mask', 'down.png', '--mask', 'down.png',
                 '--style-weight', '2') == (
        [Style('style.gif', 1, 'up.png'),
         Style('content.png', 2, 'down.png', 'down.png')], 1e3)
    assert named('--style-weight', '3', '--style', 'style.gif', '--style',
                 'content.png', '--style-weight', '4') == (
        [Style('style.gif', 3), Style('style.gif', 1),
         Style('content.png', 4)], 1e3)


def test_a_picture_by_two_styles(transfer):
    """With the options before and after, and the photograph's colours."""
    assert transfer('--feather', '2', '--mask', 'up.png', '--style',
                    'content.png', '--mask', 'black.png')[0] == 1
    code, err = transfer('--mask', 'up.png', '--colours',
                         'content:luminance', '--size', 'content')
    assert (code, err) == (0, '')
    img, photo = read_image('out.png'), read_image('content.png')
    assert (img[36:] == photo[36:]).all()
    assert abs(img[:24].astype(float) - photo[:24]).mean() > 1


@pytest.mark.parametrize('options, words', [
    ('--mask black.png', 'black.png is black all over'),
    ('--mask red.png', 'red.png has colours'),
    ('--mask clear.png', 'clear.png has transparent parts'),
    ('--mask no.png', 'no.png: there is no such file'),
    ('--mask small.params', 'small.params is no picture'),
    ('--style-mask black.png', 'black.png is black all over'),
    ('--mask up.png --style content.png', '2 styles and 1 mask: give each'),
    ('--style no.png', 'no.png: there is no such file'),
    ('--style content.png --style-weight 0', 'a weight above 0'),
    ('--feather -1', 'feather: .*from 0 up'),
    ('--mask up.png --recipe texture', 'a mask says where a photograph'),
    ('--mask up.png --mask down.png', 'argument --mask: given twice for one'),
    ('--colours grey', "invalid choice: 'grey'.*content:match"),
    ('--colours content --recipe texture', 'no other picture')])
def test_what_is_wrong_is_told_before_the_work(transfer, tmp_path, options,
                                               words):
    there = set(tmp_path.iterdir())
    code, err = transfer(*options.split(), style=(
        () if 'texture' in options else ('style.gif',)))
    assert code in (1, 2) and err.count('\n') == 1
    assert set(tmp_path.iterdir()) == there
    assert re.search(words, err), err


def test_a_mask_is_not_overwritten(transfer):
    code, err = transfer('--mask', 'up.png', '-o', 'up.png', '--force')
    assert code == 1 and 'up.png is the picture to be read' in err


def test_a_recipe_without_a_style_takes_no_mask(transfer):
    code, err = transfer('--recipe', 'inversion', '--mask', 'up.png',
                         style=())
    assert code == 2 and 'recipe inversion has no style: leave' in err
