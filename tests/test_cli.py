"""The command: real runs on small pictures, and all that can go wrong."""

import contextlib
import csv
import errno
import fcntl
import json
import os
import pathlib
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time

import mxnet as mx
import numpy as onp
import pytest
from PIL import Image
from skimage import data

import d2l_nst
from d2l_nst import Recipe, Stage, cli, files, recipes
from d2l_nst.commands import listeners
from d2l_nst.commands.options import one_interrupt
from d2l_nst.engine import synthesis
from d2l_nst.images import read_alpha, read_image

LAYERS = {'content_layers': ('conv2_1',), 'style_layers': ('conv1_1',)}
STAGES = Stage((48, 32), 3), Stage((96, 64), 2)
SIZE = ('--size', '64x48')
# As `python -m d2l_nst`, where Ctrl-C works even if it was switched off
START = ('import runpy, signal\n'
         'signal.signal(signal.SIGINT, signal.default_int_handler)\n'
         'runpy.run_module("d2l_nst", run_name="__main__")')


@pytest.fixture(scope='module')
def weights(small_net, tmp_path_factory):
    """A file of weights: quicker than drawing random ones."""
    path = str(tmp_path_factory.mktemp('weights') / 'small.params')
    small_net.save_parameters(path)
    return path


@pytest.fixture
def small(monkeypatch, weights):
    """The recipe `quick`, with small sizes and few layers."""
    recipe = Recipe(STAGES, 'lbfgs', weights=weights, **LAYERS)
    monkeypatch.setitem(recipes.RECIPES, 'quick', recipe)
    return recipe


@pytest.fixture
def transfer(pictures, tmp_path, capfd, monkeypatch):
    """Run `d2l-nst transfer` in this process, in the folder of the two
    pictures. Returns exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*args, content='content.png', style='style.gif', out='out.png'):
        argv = ['transfer', content, style, *args]
        try:
            code = cli.main(argv + (['-o', out] if out else []))
        except SystemExit as e:
            code = e.code
        captured = capfd.readouterr()
        return code, captured.out, captured.err
    return run


def command(*args, start=(sys.executable, '-c', START)):
    """Arguments of `subprocess` for the command in its own process."""
    root = str(pathlib.Path(d2l_nst.__file__).parents[1])
    path = os.pathsep.join([root, os.environ.get('PYTHONPATH', '')])
    env = dict(os.environ, PYTHONPATH=path, PYTHONWARNINGS='ignore')
    return {'args': [*start, 'transfer', *map(str, args)], 'env': env}


def contents(folder):
    """Names and bytes of all files of a folder."""
    return {path.relative_to(folder): path.is_file() and path.read_bytes()
            for path in pathlib.Path(folder).rglob('*')}


def rows(path):
    with open(path, newline='') as file:
        return list(csv.DictReader(file))


# -------------------------------------------------------------- real runs
def test_the_command_paints_a_picture(pictures, tmp_path):
    content, style = pictures
    done = subprocess.run(
        **command(content, style, '-o', tmp_path / 'out.png', *SIZE,
                  '--epochs', 12, '--trace', tmp_path / 'trace.csv',
                  start=(sys.executable, '-m', 'd2l_nst')),
        capture_output=True, text=True)
    told = [line for line in done.stderr.splitlines()
            if not line.startswith('stage ')]     # of a slow machine
    assert (done.returncode, told) == (0, [])
    last = done.stdout.splitlines()[-1]
    epochs = 12 * len(recipes.RECIPES['quick'].stages)
    assert f'{tmp_path}/out.png: 64x48, done after {epochs} epochs' in last
    img = read_image(tmp_path / 'out.png')
    assert img.shape == (48, 64, 3)
    photograph = onp.asarray(Image.open(content).resize((64, 48)))
    assert abs(img.astype(float) - photograph).mean() > 3
    trace = rows(tmp_path / 'trace.csv')
    first, best = trace[0], min(trace[:12], key=lambda r: float(r['total']))
    assert float(first['content']) > 1e-3  # starts in the style's palette
    assert float(best['content']) > 1e-3
    assert float(best['style']) < 0.5 * float(first['style'])
    assert float(best['total']) < 0.7 * float(first['total'])


def test_the_console_script_is_the_same():
    root = pathlib.Path(d2l_nst.__file__).parents[1]
    lines = (root / 'pyproject.toml').read_text().splitlines()
    assert "d2l-nst = 'd2l_nst.__main__:run'" in lines


def test_the_trace_has_a_row_an_epoch(small, transfer):
    assert transfer('--trace', 'trace.csv')[0] == 0
    trace = rows('trace.csv')
    assert list(trace[0]) == ['stage', 'epoch', 'content', 'style', 'tv',
                              'total', 'seconds']
    assert [(r['stage'], r['epoch']) for r in trace] == [
        ('1', '1'), ('1', '2'), ('1', '3'), ('2', '1'), ('2', '2')]
    for r in trace:
        terms = sum(float(r[name]) for name in ('content', 'style', 'tv'))
        assert terms == pytest.approx(float(r['total']), rel=1e-5)
    for stage in '12':
        seconds = [float(r['seconds']) for r in trace if r['stage'] == stage]
        assert seconds == sorted(seconds) and seconds[0] >= 0


def test_the_trace_is_written_at_once(small, tmp_path):
    """So that a long run can be followed."""
    args = cli.make_parser().parse_args([
        'transfer', 'a', 'b', '-o', 'c', '--trace', str(tmp_path / 't.csv')])
    with contextlib.ExitStack() as stack:
        listen = listeners.make_listener(args, small, stack)
        assert not os.listdir(tmp_path)
        for epoch in (1, 2):
            listen(d2l_nst.Step(1, epoch, {'style': 0.25, 'tv': 0.5}, 0.75,
                                0.1))
            assert len(rows(tmp_path / 't.csv')) == epoch
    assert rows(tmp_path / 't.csv')[1] == {
        'stage': '1', 'epoch': '2', 'style': '0.25', 'tv': '0.5',
        'total': '0.75', 'seconds': '0.1'}


@pytest.mark.parametrize('options', [
    '--weights=random', '--weights=own.params', '--style-weight=10',
    '--content-weight=5', '--tv-weight=0', '--epochs=6'])
def test_options_change_the_result(small, transfer, options):
    d2l_nst.get_net(layers=('conv2_1',), weights='random',
                    seed=5).save_parameters('own.params')
    assert (painted(transfer) != painted(transfer, options)).any()


def test_seed_and_network_change_the_result(transfer, monkeypatch):
    monkeypatch.setitem(recipes.RECIPES, 'quick', Recipe(
        STAGES[:1], 'lbfgs', content_layers=('conv3_4',),
        style_layers=('conv1_1',)))
    first = painted(transfer, '--weights=random')
    assert (first == painted(transfer, '--weights=random')).all()
    assert (first != painted(transfer, '--weights=random',
                             '--seed=-2')).any()
    first = painted(transfer, '--weights=bundled')
    assert (first != painted(transfer, '--weights=bundled',
                             '--network=vgg16')).any()


def painted(transfer, *args):
    code, _, err = transfer('--force', *args)
    assert (code, err) == (0, '')
    return read_image('out.png')


def test_the_program_says_that_filters_are_random(small, transfer):
    assert 'random' not in transfer()[1]
    out = transfer('--weights=random', '--seed=5', '--force')[1]
    assert 'Weights: random filters, seed 5' in out.splitlines()[1]


def test_the_device_is_used(small, transfer, monkeypatch):
    seen = []
    monkeypatch.setattr(mx.context, 'num_gpus', lambda: 1)
    monkeypatch.setattr(
        synthesis, 'Job', lambda *args: seen.append(args[4]) or sys.exit())
    for name, device in (('cpu', mx.cpu()), ('gpu', mx.gpu(0)),
                         ('auto', mx.gpu(0))):
        transfer('--device', name)
        assert seen.pop() == device


# ------------------------------------------------------------------ sizes
@pytest.mark.parametrize('content, size', [
    ((90, 60), (96, 64)), ((60, 90), (64, 96)), ((64, 64), (78, 78)),
    ((400, 100), (157, 39))])
def test_the_default_size_keeps_the_proportions(small, transfer, content,
                                                size):
    Image.fromarray(data.coffee()).resize(content).save('photo.jpg')
    code, out, _ = transfer(content='photo.jpg', out='out.jpg')
    assert code == 0 and f'out.jpg: {size[0]}x{size[1]},' in out
    assert Image.open('out.jpg').size == size


def test_size_is_that_of_the_last_stage(small, transfer):
    code, out, _ = transfer('--size', '100X80', '--save-every', '1')
    assert code == 0 and 'out.png: 100x80' in out
    assert Image.open('out.png').size == (100, 80)
    # the recipe's first stage has half the sides of its second
    assert Image.open('out-stage1-epoch0001.png').size == (50, 40)


# --------------------------------------------------- kinds of pictures
KINDS = {'grey.jpg': lambda p: p.convert('L'),
         'cmyk.jpg': lambda p: p.convert('CMYK'),
         'palette.png': lambda p: p.quantize(16),
         'lines.tif': lambda p: p.convert('1'),
         'deep.png': lambda p: Image.fromarray(
             onp.asarray(p.convert('L')).astype('uint16') * 257),
         'wide.webp': lambda p: p.resize((200, 20)),
         'name with spaces.bmp': lambda p: p}


@pytest.mark.parametrize('name', KINDS)
def test_pictures_of_any_kind(small, transfer, name):
    KINDS[name](Image.open('style.gif').convert('RGB')).save(name)
    code, _, err = transfer(style=name, out='a.webp')
    assert (code, err) == (0, '')
    assert read_image('a.webp').shape == (64, 96, 3)
    assert transfer(content=name, style='content.png')[0] == 0


@pytest.mark.parametrize('out', ['a.png', 'a.jpg'])
def test_transparency_is_put_back(small, transfer, out):
    picture = Image.open('content.png')
    alpha = onp.zeros((60, 90), 'uint8')
    alpha[:, 45:] = 255
    picture.putalpha(Image.fromarray(alpha))
    picture.save('clear.png')
    assert transfer(content='clear.png', out=out)[0] == 0
    alpha = read_alpha(out)
    if out == 'a.jpg':
        assert alpha is None
    else:
        assert (alpha[:, :40] == 0).all() and (alpha[:, -40:] == 255).all()


# -------------------------------------------------------------- the recipe
def test_defaults_come_from_the_recipe(transfer, monkeypatch):
    recipe = Recipe((Stage((40, 40), 2),), 'adam', 0.5, 'vgg16', 'random',
                    77, ('conv2_1',), ('conv1_1',), 0, 3e3, 0)
    monkeypatch.setitem(recipes.RECIPES, 'quick', recipe)
    seen = []
    real = synthesis.Job
    monkeypatch.setattr(synthesis, 'Job', lambda *args: seen
                        .append(args) or real(*args))
    code, out, _ = transfer('--trace', 't.csv')
    assert code == 0 and 'seed 77' in out and 'after 2 epochs' in out
    assert seen[0][2] == recipe and seen[0][3] is None
    assert [(r['content'], r['tv']) for r in rows('t.csv')] == [
        ('0.0', '0.0')] * 2
    assert Image.open('out.png').size == (49, 33)


def test_options_overrule_the_recipe(small, transfer, monkeypatch):
    seen = []
    real = synthesis.Job
    monkeypatch.setattr(synthesis, 'Job', lambda *args: seen
                        .append(args) or real(*args))
    assert transfer(
        '--network', 'vgg16', '--seed', '4', '--content-weight', '2.5',
        '--style-weight', '0', '--tv-weight', '1e-3', '--epochs', '1',
        '--size', '32x20')[0] == 0
    recipe, image_shape = seen[0][2:4]
    assert image_shape == (32, 20)
    assert recipe == Recipe(
        (Stage((48, 32), 1), Stage((96, 64), 1)), 'lbfgs', network='vgg16',
        weights=small.weights, seed=4, content_weight=2.5, style_weight=0,
        tv_weight=1e-3, **LAYERS)


def test_a_network_for_a_recipe_with_indices(transfer, monkeypatch):
    """`conv3_4` becomes `conv3_3`; indices and poolings stay."""
    monkeypatch.setitem(recipes.RECIPES, 'quick', Recipe(
        STAGES[:1], content_layers=('pool1', 'conv3_4'), style_layers=(0,)))
    assert transfer('--network', 'vgg16', '--epochs', '1')[0] == 0
    recipe = d2l_nst.get_recipe('quick', network='vgg16')
    assert recipe.content_layers == (d2l_nst.Layer('pool1'),
                                     d2l_nst.Layer('conv3_3'))
    assert recipe.style_layers == (d2l_nst.Layer('0'),)


def test_no_option_repeats_a_default():
    args = cli.make_parser().parse_args(['transfer', 'a', 'b', '-o', 'c'])
    given = {name for name, value in vars(args).items() if value}
    assert given == {'content', 'style', 'output', 'recipe', 'device', 'run',
                     'usage_error'}


def test_another_recipe(transfer, monkeypatch, weights):
    monkeypatch.setitem(recipes.RECIPES, 'tiny', Recipe(
        (Stage((32, 32), 1),), weights=weights, **LAYERS))
    code, out, _ = transfer('--recipe', 'tiny')
    assert code == 0 and 'after 1 epochs' in out


# ------------------------------------------------- other methods' recipes
@pytest.mark.parametrize('recipe, terms', [
    ('histogram', ['content', 'style', 'histogram', 'tv']),
    ('laplacian', ['content', 'style', 'laplacian', 'tv']),
    ('mrf', ['content', 'patches', 'tv'])])
def test_the_trace_has_the_recipes_own_terms(transfer, recipe, terms):
    code, _, err = transfer('--recipe', recipe, '--trace', 't.csv',
                            '--epochs', '1', '--size', '96x96')
    assert (code, err) == (0, '')
    assert list(rows('t.csv')[0]) == ['stage', 'epoch', *terms, 'total',
                                      'seconds']


@pytest.mark.parametrize('recipe, picture', [('texture', 'style.gif'),
                                             ('inversion', 'content.png')])
def test_recipes_of_one_picture(transfer, recipe, picture, tmp_path):
    args = '--recipe', recipe, '--epochs', '2', '--size', '48x32'
    code, out, err = transfer(*args, content=picture, style='--force')
    assert (code, err) == (0, '') and 'out.png: 48x32' in out
    before = contents(tmp_path)
    code, _, err = transfer(*args)
    needed = 'STYLE' if recipe == 'texture' else 'CONTENT'
    one_line(code, err, 2, f'{recipe} takes {needed} alone, not 2 pictures')
    code, _, err = transfer(*args, content=picture, style='--force',
                            out=picture)
    one_line(code, err, 1, 'name a picture|is the picture to be read')
    assert contents(tmp_path) == before


def test_two_pictures_are_needed(small, transfer, tmp_path):
    before = contents(tmp_path)
    code, _, err = transfer(style='--force')
    one_line(code, err, 2, 'quick takes CONTENT and STYLE, not 1 picture ')
    assert contents(tmp_path) == before


def test_options_of_methods_reach_the_recipe(small, transfer, monkeypatch):
    seen = []
    monkeypatch.setattr(synthesis, 'Job', lambda *args: seen
                        .append(args[2]) or sys.exit())
    transfer('--content-layers', 'conv1_2:0.5,relu2_1', '--style-layers',
             'relu1_1:2', '--pooling', 'average', '--init', 'mix:0.25',
             '--tv', 'squared', '--crop', '--optimiser', 'adam', '--tuned')
    assert seen == [recipes.get_recipe(
        small, content_layers=('conv1_2:0.5', 'relu2_1'),
        style_layers=('relu1_1:2',), pooling='average', init='mix:0.25',
        tv='squared', crop=True, optimiser='adam', tuned=True)]


@pytest.mark.parametrize('options', [
    '--content-layers=relu1_1', '--style-layers=conv1_1:3',
    '--pooling=average', '--init=noise', '--init=style', '--init=mix:0.5',
    '--init=style.gif', '--tv=squared', '--crop', '--optimiser=adam'])
def test_options_of_methods_change_the_result(small, transfer, options):
    shape = ('--size', '40x40')
    assert (painted(transfer, *shape)
            != painted(transfer, *shape, options)).any()


def test_the_start_is_never_overwritten(small, transfer, tmp_path):
    Image.open('content.png').save('start.png')
    before = contents(tmp_path)
    code, _, err = transfer('--init', 'start.png', '--force',
                            out='start.png')
    one_line(code, err, 1, 'start.png is the picture to be read')
    assert contents(tmp_path) == before


# -------------------------------------------------------------- snapshots
def test_save_every(small, transfer, tmp_path):
    assert transfer('--save-every', '2')[0] == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {'content.png', 'style.gif', 'out.png', 'out.json',
                     'out-stage1-epoch0002.png', 'out-stage2-epoch0002.png'}
    assert Image.open('out-stage1-epoch0002.png').size == (48, 32)
    assert Image.open('out-stage2-epoch0002.png').size == (96, 64)


def test_snapshots_are_not_overwritten(small, transfer, tmp_path):
    (tmp_path / 'out-stage1-epoch0002.png').write_text('kept')
    before = contents(tmp_path)
    code, _, err = transfer('--save-every', '2')
    one_line(code, err, 1, 'out-stage1-epoch0002.png exists.*--force')
    assert contents(tmp_path) == before
    assert transfer()[0] == 0  # without snapshots nothing is in the way
    assert transfer('--save-every', '2', '--force')[0] == 0
    assert Image.open('out-stage1-epoch0002.png').size == (48, 32)


# --------------------------------------------------------------- refusals
def one_line(code, err, expected, words):
    """stderr is one line that matches `words`, and no traceback."""
    assert code == expected, err
    assert err.count('\n') == 1 and err.endswith('\n'), err
    assert err.startswith('d2l-nst') and 'Traceback' not in err
    assert re.search(words, err), err
    assert len(err) < 400


def bad_files(folder):
    """All that is no usable picture."""
    coffee = Image.fromarray(data.coffee())
    (folder / 'folder.png').mkdir()
    (folder / 'text.jpg').write_text('a shopping list\n' * 99)
    (folder / 'empty.png').write_bytes(b'')
    coffee.save(folder / 'half.jpg')
    raw = (folder / 'half.jpg').read_bytes()
    (folder / 'half.jpg').write_bytes(raw[:len(raw) // 2])
    coffee.resize((1, 1)).save(folder / 'dot.png')
    coffee.resize((300, 1)).save(folder / 'line.png')
    coffee.resize((8, 8)).save(folder / 'icon.png')


BAD_PICTURES = {'no.jpg': 'there is no such file',
                'folder.png': 'is a folder: name a picture',
                'text.jpg': 'is no picture.*save it as one of JPEG, PNG',
                'empty.png': 'is no picture',
                'half.jpg': 'is damaged or incomplete.*get the file again',
                'dot.png': '1x1 is too small.*16 pixels',
                'line.png': '300x1 is too small.*16 pixels',
                'icon.png': '8x8 is too small.*16 pixels'}


@pytest.mark.parametrize('role', ['content', 'style'])
@pytest.mark.parametrize('name', BAD_PICTURES)
@pytest.mark.parametrize('options', [(), SIZE + ('--trace', 't.csv')])
def test_bad_pictures(small, transfer, tmp_path, role, name, options):
    bad_files(tmp_path)
    before = contents(tmp_path)
    code, out, err = transfer(*options, **{role: name})
    one_line(code, err, 1, BAD_PICTURES[name])
    assert contents(tmp_path) == before
    if name not in ('dot.png', 'line.png', 'icon.png'):
        assert name in err


BAD_USAGE = {
    '--size 0': 'WIDTHxHEIGHT', '--size 9x': 'WIDTHxHEIGHT',
    '--size -9x9': 'expected one arg', '--size 1.5x20': 'WIDTHxHEIGHT',
    '--recipe van-gogh': "invalid choice: 'van-gogh'.*book",
    '--network vgg13': "invalid choice: 'vgg13'.*vgg16",
    '--device tpu': "invalid choice: 'tpu'.*gpu",
    '--style-weight -1': 'a number from 0 up',
    '--content-weight=-0.5': 'a number from 0 up',
    '--tv-weight much': 'a number from 0 up',
    '--style-weight nan': 'a number from 0 up',
    '--style-weight inf': 'a number from 0 up',
    '--epochs 0': 'a whole number from 1 up',
    '--epochs 2.5': 'a whole number from 1 up',
    '--epochs -3': 'a whole number from 1 up',
    '--save-every 0': 'a whole number from 1 up',
    '--content-layers conv1_1:x': 'conv1_1:x has no number from 0 up',
    '--style-layers relu1_1:-5': 'relu1_1:-5 has no number from 0 up',
    '--pooling min': "invalid choice: 'min'.*average",
    '--tv cubic': "invalid choice: 'cubic'.*squared",
    '--seed x': 'invalid int', '--nonsense': 'unrecognized arguments'}


@pytest.mark.parametrize('options', BAD_USAGE)
def test_bad_usage(small, transfer, tmp_path, options):
    before = contents(tmp_path)
    code, out, err = transfer(*options.split())
    one_line(code, err, 2, BAD_USAGE[options])
    assert 'see d2l-nst' in err and out == ''
    assert contents(tmp_path) == before


@pytest.mark.parametrize('argv', [[], ['paint'], ['transfer'],
                                  ['transfer', 'a.png', 'b.png']])
def test_incomplete_commands(argv, capfd):
    with pytest.raises(SystemExit) as e:
        cli.main(argv)
    one_line(e.value.code, capfd.readouterr().err, 2, '--help')


def test_help_names_the_choices(capfd):
    with pytest.raises(SystemExit) as e:
        cli.main(['transfer', '--help'])
    out, err = capfd.readouterr()
    assert (e.value.code, err) == (0, '')
    for word in ('CONTENT', 'STYLE', '--recipe', 'book', 'quick', '--weights',
                 'imagenet', 'WxH', '--trace', '--force'):
        assert word in out


BAD_SETTINGS = {
    '--lr 0': 'lr 0.0 is not possible: choose a number above 0',
    '--margin -3': 'margin -3 is not possible',
    '--content-weight 0 --style-weight 0 --tv-weight 0':
        'nothing to paint',
    '--size 15x90': '15x90 is too small.*16 pixels',
    '--size 0x0': 'width 0 is not possible',
    '--style-layers conv9_1': 'vgg19 has no layer conv9_1: choose one of',
    '--init no.png': 'cannot start from no.png: choose content.*mix:0.6',
    '--init t.csv': 't.csv is no picture',
    '--tuned': 'tuned.*choose the optimiser adam',
    '--trace out.png': 'for the trace and for another.*two names',
    '--size 999999999999x16': 'memory.*smaller --size',
    '--size 999999999x999999999': 'memory.*smaller --size',
    '--device gpu': 'no GPU.*mxnet-cu112.*--device cpu',
    '--weights no.params': "no such file of weights.*'random'",
    '--weights style.gif': 'style.gif is a GIF picture and no .params file',
    '--weights other.params': 'does not hold a vgg19: conv2_1'}


@pytest.mark.parametrize('options', BAD_SETTINGS)
def test_bad_settings(small, transfer, tmp_path, options):
    d2l_nst.get_net(layers=('conv1_2',)).save_parameters(
        str(tmp_path / 'other.params'))
    (tmp_path / 'out.png').write_text('kept')
    (tmp_path / 't.csv').write_text('kept')
    before = contents(tmp_path)
    code, _, err = transfer('--trace', 't.csv', '--force', *options.split())
    one_line(code, err, 1, BAD_SETTINGS[options])
    assert contents(tmp_path) == before


def test_weights_that_cannot_be_downloaded(small, transfer, tmp_path,
                                           monkeypatch):
    for name in ('MXNET_HOME', 'XDG_CACHE_HOME'):
        monkeypatch.setenv(name, str(tmp_path / 'home'))
    monkeypatch.setenv('NO_PROXY', '*')
    monkeypatch.setenv('MXNET_GLUON_REPO', 'http://127.0.0.1:9')
    code, _, err = transfer('--weights', 'imagenet')
    assert code == 1 and err.count('\n') == 1
    for words in ("can't be had from http://127.0.0.1:9/", "'random'",
                  'get vgg19-ad2f660d.params (Gluon) or vgg19-dcbb9e9d.pth',
                  'MXNET_GLUON_REPO'):
        assert words in err
    assert not os.path.exists('out.png')


@pytest.mark.parametrize('out, words', [
    ('a.txt', 'name a picture that ends in'), ('a', 'name a picture'),
    ('no/such/a.png', 'there is no folder no/such; make it first'),
    ('content.png/a.png', 'there is no folder'),
    ('folder.png', 'is a folder'), ('', 'name a picture')])
def test_bad_outputs(small, transfer, tmp_path, out, words):
    (tmp_path / 'folder.png').mkdir()
    before = contents(tmp_path)
    for force in ((), ('--force',)):
        code, _, err = transfer('-o', out, *force, out=None)
        one_line(code, err, 1, words)
    assert contents(tmp_path) == before


@pytest.mark.parametrize('trace, words', [
    ('no/t.csv', 'there is no folder no'), ('folder', 'is a folder')])
def test_bad_traces(small, transfer, tmp_path, trace, words):
    (tmp_path / 'folder').mkdir()
    before = contents(tmp_path)
    code, _, err = transfer('--trace', trace, '--force')
    one_line(code, err, 1, words)
    assert contents(tmp_path) == before


@pytest.mark.skipif(os.geteuid() == 0, reason='root may write everywhere')
@pytest.mark.parametrize('options', [(), ('--trace', 'closed/t.csv')])
def test_an_unwritable_folder(small, transfer, tmp_path, options):
    (tmp_path / 'closed').mkdir(mode=0o500)
    out = 'out.png' if options else 'closed/out.png'
    code, _, err = transfer(*options, out=out)
    one_line(code, err, 1, 'closed.*Permission')


def test_what_exists_needs_force(small, transfer, tmp_path):
    for name, options in (('out.png', ()), ('t.csv', ('--trace', 't.csv'))):
        (tmp_path / name).write_text('kept')
        before = contents(tmp_path)
        code, _, err = transfer(*options)
        one_line(code, err, 1, f'{name} exists.*--force')
        assert contents(tmp_path) == before
        assert transfer(*options, '--force')[0] == 0
        assert contents(tmp_path)[pathlib.Path(name)] != b'kept'
        (tmp_path / 'out.png').unlink()


@pytest.mark.parametrize('args', [
    {'out': 'content.png'}, {'out': './content.png'}, {'out': 'link.png'},
    {'content': 'style.gif', 'style': 'content.png', 'out': 'content.png'},
    {'options': ('--trace', 'content.png')},
    {'options': ('--trace', 'style.gif')},
    {'content': 'out-stage1-epoch0001.png',
     'options': ('--save-every', '1')}])
def test_the_pictures_read_are_never_overwritten(small, transfer, tmp_path,
                                                 args):
    (tmp_path / 'link.png').symlink_to('content.png')
    (tmp_path / 'out-stage1-epoch0001.png').write_bytes(
        (tmp_path / 'content.png').read_bytes())
    before = contents(tmp_path)
    args = dict(args)
    code, _, err = transfer('--force', *args.pop('options', ()), **args)
    one_line(code, err, 1, 'is the picture to be read')
    assert contents(tmp_path) == before


# ------------------------------------------------- what goes wrong later
def test_divergence_saves_the_last_good_picture(transfer, monkeypatch,
                                                weights):
    monkeypatch.setitem(recipes.RECIPES, 'quick', Recipe(
        STAGES[:1], 'adam', lr=1e12, weights=weights, **LAYERS))
    code, _, err = transfer('--trace', 't.csv')
    tried, _, end = err.partition('\n')
    assert tried.endswith('on with half the step')
    one_line(code, end, 1, 'stage 1, epoch 2: the style loss became .*'
             'smaller.*the last good picture is in out.png')
    img = read_image('out.png').astype(float)  # the content's: the start
    photograph = Image.open('content.png').resize(img.shape[1::-1],
                                                  Image.BICUBIC)
    assert abs(img - onp.asarray(photograph)).max() < 5
    assert len(rows('t.csv')) == 1
    card = json.loads(pathlib.Path('out.json').read_text())
    assert card['diverged'] == {'stage': 1, 'epoch': 2, 'term': 'style'}
    assert card['stages'][0]['epochs'] == 1 and card['size'] == [48, 32]
    assert not (card['interrupted'] or card['stages'][0]['plateau'])
    carried = json.loads(Image.open('out.png').text['d2l_nst'])
    assert carried['diverged'] == card['diverged']
    assert cli.main(['replay', 'out.json', '-o', 'again.png']) == 0
    assert (read_image('again.png') == img).all()


def test_divergence_at_once_saves_nothing(small, transfer, tmp_path):
    before = contents(tmp_path)
    code, _, err = transfer('--style-weight', '1e60', '--trace', 't.csv')
    one_line(code, err, 1, 'stage 1, epoch 1: the style loss became')
    assert 'picture is in' not in err
    assert contents(tmp_path) == before


def test_a_huge_weight(pictures, tmp_path):
    """With the networks and the recipe as they are."""
    done = subprocess.run(
        **command(*pictures, '-o', tmp_path / 'out.png', *SIZE,
                  '--style-weight', '1e40', '--epochs', 4),
        capture_output=True, text=True)
    one_line(done.returncode, done.stderr, 1, 'loss became (inf|nan)')
    saved = os.path.exists(tmp_path / 'out.png')
    assert saved == (f'picture is in {tmp_path}/out.png' in done.stderr)
    if saved:
        assert read_image(tmp_path / 'out.png').shape[2] == 3


def test_the_folder_goes_away_meanwhile(small, transfer, tmp_path,
                                        monkeypatch):
    """The picture is saved elsewhere rather than lost."""
    (tmp_path / 'folder').mkdir()
    (tmp_path / 'temporary').mkdir()
    monkeypatch.setattr('tempfile.tempdir', str(tmp_path / 'temporary'))
    real = synthesis.Job.run

    def run(*args):
        result = real(*args)
        (tmp_path / 'folder').rmdir()
        return result

    monkeypatch.setattr(synthesis.Job, 'run', run)
    code, _, err = transfer(out='folder/out.png')
    one_line(code, err, 1, 'no folder.*the picture was saved as /')
    saved, = (tmp_path / 'temporary').iterdir()
    assert str(saved) in err and read_image(saved).shape == (64, 96, 3)


@pytest.mark.skipif(not os.path.exists('/dev/full'), reason='no /dev/full')
def test_a_full_disk(small, transfer):
    """The picture matters more than the trace."""
    code, out, err = transfer('--trace', '/dev/full', '--force')
    one_line(code, err, 0, 'without trace.*' + os.strerror(errno.ENOSPC))
    assert 'after 5 epochs' in out and os.path.exists('out.png')


def test_snapshots_that_cannot_be_saved(small, transfer, tmp_path):
    (tmp_path / 'out-stage1-epoch0002.png').mkdir()
    code, out, err = transfer('--save-every', '2', '--force')
    one_line(code, err, 0, 'without snapshots.*is a folder')
    assert 'after 5 epochs' in out and os.path.exists('out.png')


@pytest.mark.parametrize('error, words', [
    (mx.MXNetError('Traceback:\n  File "pool.h"\nout of memory\n'),
     'out of memory; try a smaller --size'),
    (MemoryError(), 'not enough memory: choose a smaller --size'),
    (OverflowError('too large'), 'choose a smaller --size'),
    (OSError(errno.EIO, 'Input/output error'), 'Input/output error'),
    (OSError(errno.ENOSPC, 'No space'), 'the disk is full: make room'),
    (mx.MXNetError('Check failed: fwrite: FileStream.Write incomplete'),
     'the disk is full: make room')])
def test_errors_from_below(small, transfer, tmp_path, monkeypatch, error,
                           words):
    def fail(*args):
        raise error

    before = contents(tmp_path)
    monkeypatch.setattr(synthesis, 'Job', fail)
    code, _, err = transfer()
    one_line(code, err, 1, words)
    assert contents(tmp_path) == before


def test_the_keyboard_before_the_first_step(small, transfer, tmp_path,
                                            monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    before = contents(tmp_path)
    monkeypatch.setattr(synthesis, 'get_net', interrupt)
    code, _, err = transfer('--trace', 't.csv')
    one_line(code, err, 130, 'interrupted before there was anything')
    assert contents(tmp_path) == before


def test_another_job_with_the_same_output(small, transfer, monkeypatch):
    """What it wrote meanwhile stays, and nothing is lost."""
    real = synthesis.Job

    def job(*args):
        for name in ('out.png', 'out.json', 't.csv'):
            pathlib.Path(name).write_text('of another job')
        return real(*args)

    monkeypatch.setattr(synthesis, 'Job', job)
    code, out, err = transfer('--trace', 't.csv')
    told, _, end = err.partition('\n')
    assert re.search('going on without trace: .*exists', told)
    one_line(code, end, 0, 'out.png was made by someone else meanwhile: '
             'saved as out-2.png')
    assert '\nout-2.png: 96x64' in out
    assert read_image('out-2.png').shape == (64, 96, 3)
    assert os.path.exists('out-2.json')
    for name in ('out.png', 'out.json', 't.csv'):
        assert pathlib.Path(name).read_text() == 'of another job'


def test_a_plateau_is_told(small, transfer):
    code, out, _ = transfer('--epochs', '15', '--tolerance', '1')
    assert code == 0 and 'after 22 epochs' in out
    assert 'stage 1 ended on a plateau, after 11 of 15; stage 2' in out


def test_a_visible_disc_is_painted_as_if_it_were_alone(transfer,
                                                       monkeypatch, weights):
    """Hidden pixels have no say in its colours, be they white or black."""
    monkeypatch.setitem(recipes.RECIPES, 'quick', Recipe(
        (Stage((64, 64), 8),), 'lbfgs', weights=weights, init='palette',
        relative=True, **LAYERS))
    y, x = onp.mgrid[:64, :64]
    seen = (x - 31.5) ** 2 + (y - 31.5) ** 2 < 24 ** 2
    coffee = onp.asarray(Image.fromarray(data.coffee()).resize((64, 64)))
    Image.fromarray(coffee).save('alone.png')
    means = {}
    for name, hidden in (('white', 255), ('black', 0)):
        img = onp.where(seen[..., None], coffee, hidden).astype('uint8')
        Image.fromarray(onp.dstack([img, 255 * seen.astype('uint8')])).save(
            f'{name}.png')
    for name in ('alone', 'white', 'black'):
        assert transfer('--force', content=f'{name}.png')[0] == 0
        painted = onp.asarray(Image.open('out.png').convert('RGB'))
        means[name] = painted[seen].mean(0)
    onp.testing.assert_array_equal(means['white'], means['black'])
    assert abs(means['white'] - means['alone']).max() < 20, means


def disc():
    """A disc in the middle of 192 x 64 pixels, clear around it."""
    y, x = onp.mgrid[:64, :192]
    alpha = 255 * ((x - 95.5) ** 2 + (y - 31.5) ** 2 < 23 ** 2)
    picture = Image.fromarray(onp.full((64, 192, 3), 120, 'uint8'))
    picture.putalpha(Image.fromarray(alpha.astype('uint8')))
    picture.save('disc.png')


def test_transparency_is_cropped_with_the_picture(small, transfer):
    """In the snapshots too."""
    disc()
    code, _, err = transfer('--crop', '--size', '64x64', '--save-every', '2',
                            content='disc.png')
    assert (code, err) == (0, '')
    for path in ('out.png', 'out-stage2-epoch0002.png'):
        opaque = onp.nonzero(read_alpha(path)[32] > 127)[0]
        assert (opaque[0], opaque[-1]) == (9, 54), path


def test_lost_transparency_is_told(small, transfer):
    disc()
    code, _, err = transfer(content='disc.png', out='out.jpg')
    assert code == 0 and read_image('out.jpg').shape[2] == 3
    assert err.count('\n') == 1
    assert 'no place for the transparency of disc.png, which is laid' in err


# --------------------------------------------------------- its own process
@pytest.mark.parametrize('recipe, signals', [
    ('quick', [signal.SIGINT] * 3), ('book', [signal.SIGTERM]),
    ('quick', [signal.SIGHUP, signal.SIGINT])])
def test_ctrl_c_saves_the_picture(pictures, tmp_path, recipe, signals):
    """Once or several times, by the keyboard or by another process."""
    trace = tmp_path / 'trace.csv'
    process = subprocess.Popen(
        **command(*pictures, '-o', tmp_path / 'out.png', *SIZE, '--recipe',
                  recipe, '--epochs', 100000, '--trace', trace),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        end = time.monotonic() + 240
        while not trace.exists() or trace.read_text().count('\n') < 3:
            assert process.poll() is None and time.monotonic() < end
            time.sleep(0.02)
        for number in signals:
            process.send_signal(number)
            time.sleep(0.03)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, err) == (130, '')
    assert 'interrupted after' in out.splitlines()[-1]
    assert read_image(tmp_path / 'out.png').shape == (48, 64, 3)
    written = trace.read_text()
    assert written.endswith('\n')
    assert '\n1,' in written and '\n2,' not in written  # in stage 1
    columns = {line.count(',') for line in written.splitlines()}
    assert len(columns) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        'content.png', 'out.json', 'out.png', 'style.gif', 'trace.csv']


def test_errors_of_the_process(pictures, tmp_path):
    content, style = pictures
    for args, code, words in (
            (('no.jpg', style), 1, 'no.jpg: there is no such file'),
            ((content, style, '--epochs', 'x'), 2, 'a whole number')):
        done = subprocess.run(**command(*args, '-o', tmp_path / 'out.png'),
                              capture_output=True, text=True)
        one_line(done.returncode, done.stderr, code, words)
        assert done.stdout == ''
    assert len(os.listdir(tmp_path)) == 2


def test_a_terminal_sees_the_progress(pictures, tmp_path):
    terminal, stderr = pty.openpty()
    fcntl.ioctl(stderr, termios.TIOCSWINSZ, struct.pack('4H', 24, 120, 0, 0))
    process = subprocess.Popen(
        **command(*pictures, '-o', tmp_path / 'out.png', *SIZE, '--epochs',
                  3), stdout=subprocess.DEVNULL, stderr=stderr)
    os.close(stderr)
    seen = b''
    try:
        while True:
            seen += os.read(terminal, 4096)
    except OSError:  # the other side was closed
        pass
    finally:
        os.close(terminal)
        process.wait(30)
    text = seen.decode()
    assert process.returncode == 0, text
    stages = len(recipes.RECIPES['quick'].stages)
    for words in (f'stage {stages}/{stages} epoch 3/3', '100%', 'content ',
                  'style '):
        assert words in text
    assert '<' in text and 'Traceback' not in text


def test_importing_the_package_imports_little():
    code = ('import sys, d2l_nst\n'
            'heavy = {"mxnet", "d2l", "numpy", "PIL", "pandas", "IPython"}\n'
            'assert not heavy & set(sys.modules), sys.modules\n'
            'from d2l_nst import NSTError\n'
            'import d2l_nst.cli\n'
            'assert not heavy & set(sys.modules)\n'
            'from d2l_nst import read_image\n'
            'assert "PIL" in sys.modules and "mxnet" not in sys.modules\n'
            'from d2l_nst import gram\n'
            'assert "mxnet" in sys.modules and "d2l" not in sys.modules\n')
    command_ = command()
    subprocess.run([sys.executable, '-c', code], env=command_['env'],
                   check=True)


def test_names_of_the_package():
    for name in d2l_nst.__all__:
        if name not in ('plots', 'Animator', 'set_figsize'):  # bring d2l
            assert getattr(d2l_nst, name) is not None
    assert set(d2l_nst.__all__) <= set(dir(d2l_nst))
    assert d2l_nst.gram is d2l_nst.chapter.gram
    with pytest.raises(AttributeError, match='no_such_name'):
        d2l_nst.no_such_name
    with pytest.raises(ImportError):
        from d2l_nst import no_such_name  # noqa: F401


@pytest.mark.parametrize('argv', [
    ['a', 'b', '-o', 'c'], ['a', '-o', 'c', 'b'], ['-o', 'c', 'a', 'b'],
    ['a', '--size', '90x60', '-o', 'c', 'b', '--force']])
def test_options_may_stand_between_the_pictures(argv):
    args = cli.make_parser().parse_args(['transfer'] + argv)
    assert (args.content, args.style, args.output) == ('a', 'b', 'c')


@pytest.mark.parametrize('command', ['transfer', 'sheet'])
@pytest.mark.parametrize('line', [
    '-o out.png -- -x.jpg -y.jpg', '-o out.png a.jpg -- -y.jpg',
    'a.jpg -o out.png y.jpg'])
def test_names_that_begin_with_a_dash(command, line):
    args = vars(cli.make_parser().parse_args([command, *line.split()]))
    pictures = [args.get('content', args.get('photo')),
                args.get('style', args.get('painting'))]
    assert pictures == [word for word in line.split()
                        if word.endswith('.jpg')]
    assert args['output'] == 'out.png'


@pytest.mark.parametrize('command', [
    ['transfer', 'photo.png', 'style.png', '--epochs', '1'],
    ['render', 'regions', 'photo.png'],
    ['paint', 'photo.png', '--net', 'nine-styles', '--style', 'ink-wash']])
@pytest.mark.parametrize('asked, shape', [
    ('48', (48, 36)), ('content', (64, 48)), ('40x30', (40, 30))])
def test_sizes(tmp_path, monkeypatch, command, asked, shape):
    """Both sides, the longer one, or the picture's own."""
    monkeypatch.chdir(tmp_path)
    for name, img in (('photo', data.coffee()), ('style', data.chelsea())):
        Image.fromarray(img).resize((64, 48)).save(f'{name}.png')
    out = 'painted' if command[0] == 'paint' else 'out.png'
    assert cli.main([*command, '--size', asked, '-o', out]) == 0
    if command[0] == 'paint':
        out = 'painted/photo.png'
    assert Image.open(out).size == shape


@pytest.mark.parametrize('asked', ['0', '1.5', 'axb', '30x', 'contents'])
def test_no_sizes(asked, capsys):
    with pytest.raises(SystemExit):
        cli.main(['transfer', 'a', 'b', '-o', 'c.png', '--size', asked])
    assert 'the longer side' in capsys.readouterr().err


def test_an_interrupt_is_silent_of_arrays_that_it_left_half_made(
        monkeypatch):
    class Fails:
        def __init__(self, what):
            self.what = what

        def __del__(self):
            raise AttributeError(self.what)

    told = []
    monkeypatch.setattr(sys, 'unraisablehook',
                        lambda error: told.append(str(error.exc_value)))
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with one_interrupt(), pytest.raises(KeyboardInterrupt):
            try:
                signal.raise_signal(signal.SIGINT)
            except KeyboardInterrupt:
                Fails("'ndarray' object has no attribute 'handle'")
                Fails('another')
                raise
    finally:
        signal.signal(signal.SIGINT, usual)
    assert told == ['another']


def test_an_interrupt_while_an_array_is_freed_comes_once_more(monkeypatch):
    class Freed:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)
            time.sleep(0)

    told = []
    monkeypatch.setattr(sys, 'unraisablehook', told.append)
    alarm = signal.getsignal(signal.SIGALRM)
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with one_interrupt(), pytest.raises(KeyboardInterrupt):
            Freed()
            time.sleep(2)
    finally:
        signal.signal(signal.SIGINT, usual)
    assert told == [] and signal.getsignal(signal.SIGALRM) == alarm


@pytest.mark.parametrize('words', ['transfer content.png style.gif',
                                   'render regions content.png'])
def test_what_is_done_is_saved_whatever_comes(small, pictures, monkeypatch,
                                              tmp_path, capfd, words):
    """An interrupt of the saving loses no picture."""
    def put(*args):
        signal.raise_signal(signal.SIGINT)
        return true(*args)

    true = files.put
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(files, 'put', put)
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert cli.main([*words.split(), '-o', 'out.png']) == 0
    finally:
        signal.signal(signal.SIGINT, usual)
    assert capfd.readouterr().err == ''
    assert os.path.exists('out.png') and os.path.exists('out.json')
