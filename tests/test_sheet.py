"""`d2l-nst sheet`: small pages, and all that can go wrong."""

import os
import re
import types

import mxnet as mx
import numpy as np
import pytest
from PIL import Image

from d2l_nst import Recipe, Stage, cli, recipes
from d2l_nst.commands import sheet
from d2l_nst.commands.contact_sheet import (GAP, LABEL, MARGIN,
                                            contact_sheet, grid, labelled,
                                            text)
from d2l_nst.engine import synthesis
from d2l_nst.images import read_image
from test_cli import BAD_PICTURES, bad_files, contents, one_line

SMALL = {'weights': 'random', 'content_layers': ('conv1_2',),
         'style_layers': ('conv1_1',)}
SIZE = 32, 24


@pytest.fixture
def run(pictures, tmp_path, capfd, monkeypatch):
    """Run `d2l-nst sheet` in this process, beside the two pictures, with
    small recipes. Returns exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    for name in sheet.QUICKEST:
        monkeypatch.setitem(recipes.RECIPES, name, Recipe(
            (Stage(SIZE, 2),), 'lbfgs', **SMALL))
    monkeypatch.setitem(recipes.RECIPES, 'diverging', Recipe(
        (Stage(SIZE, 3),), 'adam', lr=1e12, **SMALL))

    def sheet_(*args, photo='content.png', painting='style.gif',
               out='out.png'):
        try:
            code = cli.main(['sheet', photo, painting, '-o', out, *args])
        except SystemExit as e:
            code = e.code
        captured = capfd.readouterr()
        return code, captured.out, captured.err
    return sheet_


def tile_corner(names, i, j, size=SIZE):
    """Where the tile in row i and column j of a page begins, by the rules
    of `contact_sheet`, where all strengths have two decimals."""
    label = max(text(name).width for name in names)
    column = max(size[0], text('strength 0.25').width)
    top = MARGIN + LABEL + size[1] + GAP + 2 * (LABEL + GAP)
    return (MARGIN + label + GAP + j * (column + GAP),
            top + i * (size[1] + GAP))


def tile_at(page, names, i, j):
    left, top = tile_corner(names, i, j)
    return page[top:top + SIZE[1], left:left + SIZE[0]]


# -------------------------------------------------------------- the layout
def colour(name, size=(100, 40)):
    return Image.new('RGB', size, name)


def test_a_grid_has_the_widest_and_the_highest():
    page = grid([[colour('red', (10, 4)), colour('lime', (5, 8))],
                 [colour('blue', (6, 3))]], gap=2)
    assert page.size == (10 + 2 + 5, 8 + 2 + 3)
    pixels = np.asarray(page)
    for box, value in ((np.s_[:4, :10], (255, 0, 0)),
                       (np.s_[:8, 12:], (0, 255, 0)),
                       (np.s_[10:, :6], (0, 0, 255))):
        assert (pixels[box] == value).all()
        pixels = pixels.copy()
        pixels[box] = 255
    assert (pixels == 255).all()


def test_a_label_stands_above_its_picture_and_is_not_cut():
    page = labelled(colour('red', (10, 10)), 'a long label')
    assert page.size == (text('a long label').width, LABEL + 10)
    pixels = np.asarray(page)
    assert (pixels[LABEL:, :10] == (255, 0, 0)).all()
    assert pixels[:LABEL].min() < 64
    for edge in (pixels[0], pixels[:LABEL, 0], pixels[:LABEL, -1],
                 pixels[LABEL - 1]):
        assert edge.min() > 128


@pytest.mark.parametrize('height', [10, LABEL, 99])
def test_a_label_is_halfway_down(height):
    picture = np.asarray(text('H', height).convert('L'))
    rows, = np.nonzero(picture.min(1) < 128)
    assert len(picture) == max(height, LABEL)
    assert abs(rows.mean() - (len(picture) - 1) / 2) < 2


def test_the_sheet_holds_its_tiles():
    red, blue = colour('red'), colour('blue')
    page = contact_sheet({'photograph': colour('lime', (400, 160)),
                          'painting': colour('black', (20, 40))},
                         ['weak', 'strong'],
                         {'one': [red, blue], 'three': [None, red]},
                         red.size)
    pixels, left = np.asarray(page), MARGIN + text('three').width + GAP
    assert page.size == (left + 200 + GAP + MARGIN,
                         2 * MARGIN + 3 * (LABEL + 40) + 4 * GAP)
    right, top = left + 100 + GAP, MARGIN + LABEL
    assert (pixels[top:top + 40, left:left + 100] == (0, 255, 0)).all()
    assert (pixels[top:top + 40, right:right + 20] == 0).all()
    top += 40 + GAP + 2 * (LABEL + GAP)
    assert (pixels[top:top + 40, left:left + 100] == (255, 0, 0)).all()
    assert (pixels[top:top + 40, right:right + 100] == (0, 0, 255)).all()
    top += 40 + GAP
    assert (pixels[top:top + 40, left:left + 100] == 255).all()
    assert (pixels[top:top + 40, right:right + 100] == (255, 0, 0)).all()
    assert pixels[top:top + 40, MARGIN:left - GAP].min() < 64  # 'three'


# -------------------------------------------------------------- real pages
def test_a_page(run):
    code, out, err = run('--recipes', 'quick', 'laplacian', '--strengths',
                         '0.05', '0.25', '0.95', '--size', '32x24')
    assert (code, err) == (0, '')
    assert re.fullmatch(r'out.png: 6 of 6 tiles, done after \d+ s\n', out)
    page = read_image('out.png')
    names, photograph = ('quick', 'laplacian'), np.asarray(
        Image.open('content.png').resize(SIZE, Image.BICUBIC), 'float32')
    for i in range(2):
        tiles = [tile_at(page, names, i, j) for j in range(3)]
        away = [abs(tile - photograph).mean() for tile in tiles]
        assert away[0] < away[1] < away[2]
    expected = synthesis.style_transfer('content.png', 'style.gif', 'quick',
                                        SIZE, strength=0.95).image.asnumpy()
    assert abs(tile_at(page, names, 0, 2) / 255 - expected).max() < 0.01


def test_the_defaults(run, monkeypatch):
    seen = spy(monkeypatch)
    assert run()[0] == 0
    assert [(recipe, shape) for _, _, recipe, shape, *_ in seen] == [
        (recipes.get_recipe(name, strength=strength), (300, 200))
        for name in sheet.QUICKEST for strength in (0.25, 0.5, 0.75)]


def spy(monkeypatch, image=np.zeros((24, 32, 3))):
    """The arguments of each `style_transfer`, which does nothing."""
    seen = []

    def style_transfer(*args):
        seen.append(args)
        return types.SimpleNamespace(image=mx.np.array(image),
                                     interrupted=False)
    monkeypatch.setattr(synthesis, 'style_transfer', style_transfer)
    return seen


def test_the_options_reach_the_recipes(run, monkeypatch):
    seen = spy(monkeypatch)
    assert run('--recipes', 'histogram', '--strengths', '1', '--epochs',
               '7', '--weights', 'bundled', '--seed', '5', '--size', '40x30',
               '--device', 'cpu')[0] == 0
    (content, style, recipe, shape, ctx, _), = seen
    assert recipe == recipes.get_recipe('histogram', 7, strength=1, seed=5,
                                        weights='bundled')
    assert (content == read_image('content.png')).all()
    assert (style.picture == read_image('style.gif')).all()
    assert (shape, ctx) == ((40, 30), mx.cpu())


def test_the_default_recipes_look_at_both_pictures():
    for name in sheet.QUICKEST:
        assert recipes.RECIPES[name].needs == ('content', 'style')


def test_what_is_named_twice_is_painted_once(run, monkeypatch):
    seen = spy(monkeypatch)
    code, out, _ = run('--recipes', 'quick', 'quick', '--strengths', '0.5',
                       '.5')
    assert code == 0 and len(seen) == 1 and '1 of 1 tiles' in out


def test_a_tall_photograph_has_tall_tiles(run, monkeypatch):
    seen = spy(monkeypatch)
    run(photo='style.gif', painting='content.png')
    assert seen[0][3] == (207, 290)


def test_the_bar_counts_all_the_work(run, monkeypatch):
    class Bar:
        n, text = 0, []

        def __enter__(self):
            return self

        def __exit__(self, *error):
            assert self.n == self.total

        def update(self, n):
            assert n >= 0
            self.n += n

        set_description_str = text.append

    def make_bar(total, **options):
        Bar.total = total
        return Bar()

    monkeypatch.setattr(sheet, 'make_bar', make_bar)
    assert run('--recipes', 'quick', '--strengths', '0', '0.5', '--size',
               '32x24')[0] == 0
    assert Bar.total == 2 * 2 * 32 * 24
    assert Bar.text == ['tile 1/2: quick at strength 0',
                        'tile 2/2: quick at strength 0.5']


# --------------------------------------------------------------- refusals
BAD_SETTINGS = {
    '--recipes van-gogh': 'unknown recipe van-gogh: choose one of book',
    '--recipes quick texture': 'texture looks at the style picture alone',
    '--recipes inversion': 'inversion looks at the content picture alone',
    '--strengths 0.5 1.5': 'a strength of 1.5 is not possible.*0 to 1',
    '--strengths -1': 'a strength of -1.0 is not possible',
    '--strengths nan': 'a strength of nan is not possible',
    '--size 15x90': '15x90 is too small.*16 pixels',
    '--size 20x20 --recipes quick mrf': '20x20 is too small.*24 pixels',
    '--size 99999999x99999999': 'memory.*smaller --size',
    '--weights no.params': 'no such file of weights',
    '--device gpu': 'no GPU.*--device cpu'}


@pytest.mark.parametrize('options', BAD_SETTINGS)
def test_bad_settings(run, tmp_path, options):
    (tmp_path / 'out.png').write_text('kept')
    before = contents(tmp_path)
    code, out, err = run('--force', *options.split())
    one_line(code, err, 1, BAD_SETTINGS[options])
    assert contents(tmp_path) == before and out == ''


BAD_USAGE = {
    '--strengths much': 'strengths: invalid float', '--recipes': 'expected',
    '--size 90x': 'WIDTHxHEIGHT', '--epochs 0': 'a whole number from 1 up',
    '--seed -1': 'a whole number from 0 up', '--device tpu': 'invalid choice',
    '--strength 0.5 -x': 'unrecognized arguments'}


@pytest.mark.parametrize('options', BAD_USAGE)
def test_bad_usage(run, tmp_path, options):
    before = contents(tmp_path)
    code, out, err = run(*options.split())
    one_line(code, err, 2, BAD_USAGE[options])
    assert contents(tmp_path) == before and out == ''


@pytest.mark.parametrize('role', ['photo', 'painting'])
@pytest.mark.parametrize('name', BAD_PICTURES)
def test_bad_pictures(run, tmp_path, role, name):
    bad_files(tmp_path)
    before = contents(tmp_path)
    code, _, err = run(**{role: name})
    one_line(code, err, 1, BAD_PICTURES[name])
    assert contents(tmp_path) == before


@pytest.mark.parametrize('out, words', [
    ('a.txt', 'name a picture that ends in'),
    ('no/such/a.png', 'there is no folder no/such; make it first'),
    ('folder.png', 'is a folder'), ('style.gif.png', 'exists.*--force')])
def test_bad_outputs(run, tmp_path, out, words):
    (tmp_path / 'folder.png').mkdir()
    (tmp_path / 'style.gif.png').write_text('kept')
    before = contents(tmp_path)
    code, _, err = run(out=out)
    one_line(code, err, 1, words)
    assert contents(tmp_path) == before


def test_the_pictures_read_are_never_overwritten(run, tmp_path):
    (tmp_path / 'link.png').symlink_to('content.png')
    before = contents(tmp_path)
    for out in ('content.png', 'link.png'):
        code, _, err = run('--force', out=out)
        one_line(code, err, 1, 'is the picture to be read')
    assert contents(tmp_path) == before


@pytest.mark.parametrize('argv', [
    ['a', 'b', '-o', 'c'], ['a', '-o', 'c', 'b'],
    ['-o', 'c', 'a', 'b', '--recipes', 'quick', 'mrf', '--force']])
def test_options_may_stand_between_the_pictures(argv):
    args = cli.make_parser().parse_args(['sheet'] + argv)
    assert (args.photo, args.painting, args.output) == ('a', 'b', 'c')


# ------------------------------------------------- what goes wrong later
def test_a_tile_that_diverges_is_left_blank(run):
    names = 'quick', 'diverging'
    code, out, err = run('--recipes', *names, '--strengths', '0.25',
                         '--size', '32x24')
    tried, _, end = err.partition('\n')
    assert tried.endswith('on with half the step')
    one_line(code, end, 1, 'diverging at strength 0.25 is left blank: stage '
             '1, epoch 2: the style loss became')
    assert '1 of 2 tiles, done' in out
    page = read_image('out.png')
    assert tile_at(page, names, 0, 0).std() > 10
    assert (tile_at(page, names, 1, 0) == 255).all()


def test_a_page_of_blanks_is_not_saved(run, tmp_path):
    before = contents(tmp_path)
    code, out, err = run('--recipes', 'diverging', '--strengths', '0.5',
                         '1', '--size', '32x24')
    assert code == 1 and out == '' and err.count('is left blank') == 2
    assert err.endswith('every tile is blank, so that no page was saved\n')
    assert contents(tmp_path) == before


def interrupt_after(monkeypatch, number):
    """Ctrl-C in the second epoch of a tile, once `number` are done."""
    real, seen = synthesis.style_transfer, []

    def style_transfer(content, style, recipe, shape, ctx, on_step):
        def interrupt(step):
            on_step(step)
            if step.epoch == 2 and len(seen) > number:
                raise KeyboardInterrupt

        seen.append(recipe)
        return real(content, style, recipe, shape, ctx, interrupt)
    monkeypatch.setattr(synthesis, 'style_transfer', style_transfer)


def test_ctrl_c_saves_the_tiles_that_are_done(run, monkeypatch):
    interrupt_after(monkeypatch, 1)
    code, out, err = run('--strengths', '0.25', '0.5', '--size', '32x24')
    assert (code, err) == (130, '')
    assert re.fullmatch(r'out.png: 1 of 8 tiles, interrupted after \d+ s\n',
                        out)
    page = read_image('out.png')
    assert tile_at(page, sheet.QUICKEST, 0, 0).std() > 10
    assert (tile_at(page, sheet.QUICKEST, 0, 1) == 255).all()
    assert (tile_at(page, sheet.QUICKEST, 3, 1) == 255).all()


def test_ctrl_c_before_the_first_tile_saves_nothing(run, tmp_path,
                                                    monkeypatch):
    before = contents(tmp_path)
    interrupt_after(monkeypatch, 0)
    code, out, err = run('--size', '32x24')
    one_line(code, err, 130, 'interrupted before there was anything')
    assert contents(tmp_path) == before and out == ''


def test_the_page_is_saved_after_each_tile(run, monkeypatch):
    """So that an error keeps those that are done."""
    spy(monkeypatch)
    done = synthesis.style_transfer

    def style_transfer(*args):
        if os.path.exists('out.png'):
            raise mx.MXNetError('Traceback:\n  File "x.h"\nout of memory\n')
        return done(*args)

    monkeypatch.setattr(synthesis, 'style_transfer', style_transfer)
    code, out, err = run('--size', '32x24')
    one_line(code, err, 1, 'out of memory; try a smaller --size')
    page = read_image('out.png')
    assert (tile_at(page, sheet.QUICKEST, 0, 0) == 0).all()
    assert (tile_at(page, sheet.QUICKEST, 0, 1) == 255).all()


def test_a_page_that_takes_long_tells_so_and_goes_on(run, monkeypatch):
    """A bar that was just shown must not end the tile."""
    monkeypatch.setattr('d2l_nst.commands.bar.EVERY', 0)
    code, out, err = run('--recipes', 'quick', '--strengths', '0.5')
    assert code == 0 and 'out.png: 1 of 1 tiles' in out
    assert 'tile 1/1: quick at strength 0.5' in err


# ------------------------------------------------------ masks and colours
def test_what_a_mask_leaves_out_stays_the_photograph_in_each_tile(run):
    mask = np.zeros(SIZE[::-1], 'uint8')
    mask[:, :16] = 255
    Image.fromarray(mask).save('mask.png')
    code, _, err = run('--recipes', 'quick', '--strengths', '0.25', '1',
                       '--mask', 'mask.png', '--size', '32x24', '--epochs',
                       '9')
    assert code == 0, err
    page, photo = read_image('out.png'), np.asarray(
        Image.open('content.png').convert('RGB').resize(SIZE))
    for j in range(2):
        tile = tile_at(page, ['quick'], 0, j).astype(int)
        off = abs(tile - photo).mean(axis=(0, 2))
        assert off[16:].mean() < 0.5 * off[:16].mean()


@pytest.mark.parametrize('words, code, said', [
    (['--mask', 'nowhere.png'], 1, 'nowhere.png'),
    (['--style-mask', 'content.png', '-o', 'content.png'], 1, 'content.png'),
    (['--colours', 'mine'], 2, 'colours'),
    (['--feather=-1'], 2, 'feather')])
def test_masks_and_colours_that_are_refused(run, words, code, said):
    found, _, err = run('--recipes', 'quick', *words)
    one_line(found, err, code, said)
    assert not os.path.exists('out.png')
