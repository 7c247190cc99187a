"""`d2l-nst render`: each method on small pictures, and what can go wrong."""

import re
import inspect
import os
import pathlib
import pty
import signal
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import d2l_nst
from d2l_nst import cli
from d2l_nst.commands import render
from d2l_nst.images import read_alpha, read_image, resize
from d2l_nst.painterly.analogies import make_analogy
from d2l_nst.painterly.regions import paint_regions
from d2l_nst.painterly.strokes import STYLES, paint_strokes
from d2l_nst.painterly.texture import grow_texture
from test_cli import BAD_PICTURES, bad_files, contents, one_line

ARGUMENTS = {'strokes': ('content.png',), 'regions': ('content.png',),
             'analogies': ('a.png', 'a2.png', 'content.png'),
             'texture': ('a.png', '--size', '24x20')}
# As `python -m d2l_nst`, where Ctrl-C works even if it was switched off
START = ('import runpy, signal\n'
         'signal.signal(signal.SIGINT, signal.default_int_handler)\n'
         'runpy.run_module("d2l_nst", run_name="__main__")')


@pytest.fixture
def run(pictures, tmp_path, capfd, monkeypatch):
    """Run `d2l-nst render` in this process, beside a few pictures. Returns
    exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    small = Image.open('style.gif').convert('RGB').resize((30, 40))
    small.save('a.png')
    Image.fromarray(255 - np.asarray(small)).save('a2.png')

    def render(*args, out='out.png'):
        try:
            code = cli.main(['render', *args, '-o', out])
        except SystemExit as e:
            code = e.code
        captured = capfd.readouterr()
        return code, captured.out, captured.err
    return render


def rendered(run, *args):
    """The picture that the command paints, which has to work."""
    code, out, err = run(*args, '--force')
    assert (code, err) == (0, '')
    img = read_image('out.png')
    assert out.startswith(
        f'out.png: {img.shape[1]}x{img.shape[0]}, done in ')
    assert out.endswith(' s\n') and out.count('\n') == 1
    return img


# -------------------------------------------------------------- real runs
@pytest.mark.parametrize('args, paint', [
    ('strokes content.png', paint_strokes),
    ('strokes content.png --style wash --seed 3',
     lambda img: paint_strokes(img, 'wash', 3)),
    ('strokes content.png --size 50x70',
     lambda img: paint_strokes(resize(img, (50, 70)))),
    ('regions content.png', paint_regions),
    ('regions content.png --detail 0.8 --seed 7',
     lambda img: paint_regions(img, 0.8, seed=7)),
    ('regions content.png --flat --size 60x40',
     lambda img: paint_regions(resize(img, (60, 40)), flat=True))])
def test_the_command_paints_as_the_function_does(run, args, paint):
    img = rendered(run, *args.split())
    assert (img == paint(read_image('content.png'))).all()


@pytest.mark.parametrize('options, settings', [
    ('', {}), ('--kappa 0.5 --levels 2 --neighbourhood 3 --seed 5',
               dict(kappa=0.5, levels=2, neighbourhood=3, seed=5)),
    ('--colours', {'luminance': False})])
def test_analogies(run, options, settings):
    img = rendered(run, 'analogies', *ARGUMENTS['analogies'], '--size',
                   '36x24', *options.split())
    A, A2, B = map(read_image, ('a.png', 'a2.png', 'content.png'))
    assert (img == make_analogy(A, A2, resize(B, (36, 24)),
                                **settings)).all()


@pytest.mark.parametrize('options, settings', [
    ('', {}), ('--kappa 0 --levels 1 --neighbourhood 5 --seed 5',
               dict(kappa=0, levels=1, neighbourhood=5, seed=5))])
def test_texture(run, options, settings):
    img = rendered(run, 'texture', 'a.png', '--size', '24x20',
                   *options.split())
    assert img.shape == (20, 24, 3)
    assert (img == grow_texture(read_image('a.png'), (24, 20),
                                **settings)).all()


def test_defaults_are_those_of_the_functions():
    for name, (_, paint, pictures, settings) in render.METHODS.items():
        args = cli.make_parser().parse_args(
            ['render', name, *pictures, '--size', '9x8', '-o', 'o.png'])
        known = inspect.signature(paint).parameters
        for setting in settings + ('seed',):
            assert getattr(args, setting) == known[setting].default
        assert not args.force and args.image_shape == (9, 8)


def test_the_module_is_the_command_without_mxnet(pictures, tmp_path):
    done = subprocess.run(
        **command('strokes', pictures[0], '-o', tmp_path / 'out.jpg',
                  start=(sys.executable, '-X', 'importtime', '-m',
                         'd2l_nst')), capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout.startswith(f'{tmp_path}/out.jpg: 90x60, done in ')
    modules = {line.rsplit('|')[-1].strip()
               for line in done.stderr.splitlines()}
    assert 'd2l_nst.painterly.strokes' in modules
    assert not modules & {'mxnet', 'd2l', 'pandas', 'matplotlib'}


def command(*args, start=(sys.executable, '-c', START)):
    """Arguments of `subprocess` for the command in its own process."""
    root = str(pathlib.Path(d2l_nst.__file__).parents[1])
    env = dict(os.environ, PYTHONPATH=root, PYTHONWARNINGS='ignore')
    return {'args': [*start, 'render', *map(str, args)], 'env': env}


# --------------------------------------------------------------- pictures
@pytest.mark.parametrize('method', ['strokes', 'regions', 'analogies'])
@pytest.mark.parametrize('out', ['o.png', 'o.jpg'])
def test_transparency_is_put_back(run, method, out):
    alpha = np.zeros((60, 90), 'uint8')
    alpha[:, 45:] = 255
    picture = Image.open('content.png')
    picture.putalpha(Image.fromarray(alpha))
    picture.save('content.png')
    code, _, err = run(method, *ARGUMENTS[method], '--size', '30x20',
                       out=out)
    assert code == 0
    alpha = read_alpha(out)
    if out == 'o.jpg':
        one_line(code, err, 0, 'o.jpg has no place for the transparency of '
                 '.*png, which is laid on white')
        assert alpha is None
    else:
        assert err == ''
        assert alpha.shape == (20, 30)
        assert (alpha[:, :13] == 0).all() and (alpha[:, -13:] == 255).all()


def test_a_texture_is_opaque(run):
    picture = Image.open('a.png')
    picture.putalpha(100)
    picture.save('a.png')
    assert run('texture', *ARGUMENTS['texture'])[0] == 0
    assert read_alpha('out.png') is None


@pytest.mark.parametrize('size', ['1x1', '1x30', '5x3'])
@pytest.mark.parametrize('method', ['strokes', 'regions', 'texture'])
def test_tiny_sizes(run, method, size):
    img = rendered(run, method, ARGUMENTS[method][0], '--size', size)
    assert f'{img.shape[1]}x{img.shape[0]}' == size


# --------------------------------------------------------------- refusals
@pytest.mark.parametrize('method', ARGUMENTS)
@pytest.mark.parametrize('name', [
    name for name, words in BAD_PICTURES.items() if 'small' not in words])
def test_bad_pictures(run, tmp_path, method, name):
    bad_files(tmp_path)
    before = contents(tmp_path)
    for i, argument in enumerate(ARGUMENTS[method]):
        if not argument.endswith('.png'):
            break
        args = list(ARGUMENTS[method])
        args[i] = name
        code, out, err = run(method, *args)
        one_line(code, err, 1, BAD_PICTURES[name])
        assert name in err and out == ''
    assert contents(tmp_path) == before


BAD_USAGE = {
    'cubes': "invalid choice: 'cubes'.*regions",
    'strokes': 'required: PICTURE', 'regions': 'required: PICTURE',
    'analogies a.png a2.png': 'required: B',
    'texture a.png': 'required: --size',
    'strokes a.png --style cubist': "invalid choice: 'cubist'.*wash",
    'strokes a.png --size 9x': 'WIDTHxHEIGHT',
    'strokes a.png --seed -1': 'a whole number from 0 up',
    'strokes a.png --seed x': 'a whole number from 0 up',
    'strokes a.png --detail 1': 'unrecognized arguments: --detail',
    'strokes a.png a2.png': 'unrecognized arguments',
    'regions a.png --detail much': 'detail.*invalid float',
    'regions a.png --style wash': 'unrecognized arguments',
    'analogies a.png a2.png a.png --levels 0': 'a whole number from 1 up',
    'texture a.png --size 9x9 --neighbourhood 2.5': 'a whole number',
    'texture a.png --size 9x9 --kappa x': 'kappa.*invalid float'}


@pytest.mark.parametrize('args', BAD_USAGE)
def test_bad_usage(run, tmp_path, args):
    before = contents(tmp_path)
    code, out, err = run(*args.split())
    one_line(code, err, 2, BAD_USAGE[args])
    assert 'see d2l-nst' in err and out == ''
    assert contents(tmp_path) == before


def test_a_method_must_be_named(capfd):
    with pytest.raises(SystemExit) as e:
        cli.main(['render'])
    one_line(e.value.code, capfd.readouterr().err, 2, 'required: METHOD')


BAD_SETTINGS = {
    'regions a.png --detail 1.5': 'from 0 to 1, not 1.5',
    'regions a.png --detail=-1': 'from 0 to 1',
    'regions a.png --detail nan': 'from 0 to 1',
    'strokes a.png --size 0x9': 'width 0 is not possible',
    'strokes a.png --size 99999999x99999999': 'memory.*smaller --size',
    'texture a.png --size 99999999x99999999': 'memory.*smaller --size',
    'texture a.png --size 0x9': 'width 0 is not possible',
    'texture a.png --size 9x9 --neighbourhood 4': 'odd',
    'texture a.png --size 9x9 --kappa=-1': 'kappa',
    'texture a.png --size 9x9 --kappa nan': 'kappa',
    'analogies a.png content.png a.png': 'one size, not 30x40 and 90x60',
    'analogies a.png a2.png a.png --levels 90': 'levels'}


@pytest.mark.parametrize('args', BAD_SETTINGS)
def test_bad_settings(run, tmp_path, args):
    (tmp_path / 'out.png').write_text('kept')
    before = contents(tmp_path)
    code, out, err = run(*args.split(), '--force')
    one_line(code, err, 1, BAD_SETTINGS[args])
    assert contents(tmp_path) == before and out == ''


@pytest.mark.parametrize('out, words', [
    ('a.txt', 'name a picture that ends in'), ('', 'name a picture'),
    ('no/such/a.png', 'there is no folder no/such; make it first'),
    ('folder.png', 'is a folder')])
@pytest.mark.parametrize('method', ARGUMENTS)
def test_bad_outputs(run, tmp_path, method, out, words):
    (tmp_path / 'folder.png').mkdir()
    before = contents(tmp_path)
    code, _, err = run(method, *ARGUMENTS[method], '--force', out=out)
    one_line(code, err, 1, words)
    assert contents(tmp_path) == before


@pytest.mark.parametrize('method', ARGUMENTS)
def test_what_exists_needs_force(run, tmp_path, method):
    (tmp_path / 'out.png').write_text('kept')
    before = contents(tmp_path)
    code, _, err = run(method, *ARGUMENTS[method])
    one_line(code, err, 1, 'out.png exists.*--force')
    assert contents(tmp_path) == before
    rendered(run, method, *ARGUMENTS[method])


@pytest.mark.parametrize('method', ARGUMENTS)
def test_the_pictures_read_are_never_overwritten(run, tmp_path, method):
    (tmp_path / 'link.png').symlink_to(ARGUMENTS[method][0])
    before = contents(tmp_path)
    for out in (*ARGUMENTS[method], 'link.png'):
        if out.endswith('.png'):
            code, _, err = run(method, *ARGUMENTS[method], '--force', out=out)
            one_line(code, err, 1, 'is the picture to be read')
    assert contents(tmp_path) == before


# ---------------------------------------------------------- its own process
def on_a_terminal(args, watch=lambda process, seen: None):
    """Exit code of the command, and what it wrote to a terminal."""
    terminal, stderr = pty.openpty()
    process = subprocess.Popen(**command(*args), stdout=subprocess.DEVNULL,
                               stderr=stderr)
    os.close(stderr)
    seen = b''
    try:
        while True:
            seen += os.read(terminal, 4096)
            watch(process, seen)
    except OSError:  # the other side was closed
        pass
    finally:
        os.close(terminal)
        code = process.wait(30)
    return code, seen.decode()


def test_a_terminal_sees_the_progress(pictures, tmp_path):
    code, text = on_a_terminal(('regions', pictures[0], '-o',
                                tmp_path / 'out.png'))
    assert code == 0 and 'step 1/' in text and '100%' not in text
    steps = text.rsplit('step ')[-1].split(' |')[0]
    assert len(set(steps.split('/'))) == 1      # as 6/6


def test_ctrl_c_ends_it(pictures, tmp_path):
    def interrupt(process, seen):
        if b'step' in seen and not sent:
            process.send_signal(signal.SIGINT)
            sent.append(True)

    sent, before = [], contents(tmp_path)
    code, text = on_a_terminal(('strokes', pictures[0], '--size',
                                '1200x900', '-o', tmp_path / 'out.png'),
                               interrupt)
    assert code == 130 and 'interrupted before' in text
    assert 'Traceback' not in text and contents(tmp_path) == before


def test_the_keyboard_ends_it(run, tmp_path, monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    before = contents(tmp_path)
    summary, _, pictures, _ = render.METHODS['regions']
    interrupt.__signature__ = inspect.Signature([
        inspect.Parameter('seed', inspect.Parameter.KEYWORD_ONLY,
                          default=0)])
    monkeypatch.setitem(render.METHODS, 'regions',
                        (summary, interrupt, pictures, ()))
    code, out, err = run('regions', 'content.png')
    one_line(code, err, 130, 'interrupted before there was anything')
    assert contents(tmp_path) == before and out == ''


def test_help_names_the_choices(capfd):
    for method, words in ((), ('strokes', 'regions', 'analogies',
                               'texture')), (('strokes',), STYLES):
        with pytest.raises(SystemExit) as e:
            cli.main(['render', *method, '--help'])
        out, err = capfd.readouterr()
        assert (e.value.code, err) == (0, '')
        assert all(word in out for word in words)


@pytest.mark.parametrize('line', [
    'texture content.png --size 40x30', 'analogies a.png a2.png content.png'])
def test_a_log_is_told_the_time_within_a_level(run, monkeypatch, capfd, line):
    """The last level takes most of it, more with a wide neighbourhood."""
    monkeypatch.setattr('d2l_nst.commands.bar.EVERY', 0)
    code, _, err = run(*line.split(), '--neighbourhood', '7', '--levels', '3')
    told = re.findall(r'^(.*?) +\[\d\d:\d\d<\d\d:\d\d\]$', err, re.M)
    assert code == 0 and set(told) >= {line.split()[0], 'step 1/3', 'step 2/3'}
    assert told.count('step 2/3') > 20


def test_a_huge_sample_is_refused(run, tmp_path):
    """What its neighbourhoods take is more than what the result does."""
    Image.new('RGB', (9000, 9000)).save(tmp_path / 'huge.png')
    code, _, err = run(*'texture huge.png --size 20x20'.split(),
                       '--neighbourhood', '31')
    one_line(code, err, 1, '9000x9000 needs about .* GB of memory.* make '
             'SAMPLE smaller, or --neighbourhood')
