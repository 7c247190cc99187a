"""Several contents for `transfer`: each is painted, or told why not."""

import os

import pytest
from PIL import Image
from skimage import data

from d2l_nst import Recipe, Stage, cli, recipes
from d2l_nst.engine import synthesis
from d2l_nst.images import read_image


@pytest.fixture
def transfer(pictures, tmp_path, capfd, monkeypatch, small_net):
    """Run `d2l-nst transfer` where there are a.png, b.png, broken.png and
    style.gif: exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    small_net.save_parameters('net.params')
    monkeypatch.setitem(recipes.RECIPES, 'quick', Recipe(
        (Stage((48, 32), 2),), 'lbfgs', weights='net.params',
        content_layers=('conv2_1',), style_layers=('conv1_1',)))
    os.rename('content.png', 'a.png')
    Image.fromarray(data.chelsea()).resize((70, 50)).save('b.png')
    with open('a.png', 'rb') as whole, open('broken.png', 'wb') as half:
        half.write(whole.read()[:900])

    def run(*argv):
        try:
            code = cli.main(['transfer', *argv])
        except SystemExit as e:
            code = e.code
        return (code, *capfd.readouterr())
    return run


def names(folder):
    return sorted(os.path.relpath(os.path.join(where, name), folder)
                  for where, _, files in os.walk(folder) for name in files)


def test_each_is_painted_as_it_is_alone(transfer):
    code, out, err = transfer('a.png', 'b.png', 'style.gif', '-o', 'out')
    assert (code, err) == (0, '')
    assert out.splitlines()[-1].startswith('out: 2 of 2 painted in ')
    assert names('out') == ['a.json', 'a.png', 'b.json', 'b.png']
    assert transfer('b.png', 'style.gif', '-o', 'alone.png')[0] == 0
    assert (read_image('out/b.png') == read_image('alone.png')).all()


def test_the_network_is_loaded_and_timed_once(transfer, monkeypatch):
    called = []
    for name in ('get_net', 'pace_of'):
        def counted(*args, real=getattr(synthesis, name), name=name):
            called.append(name)
            return real(*args)
        monkeypatch.setattr(synthesis, name, counted)
    assert transfer('broken.png', 'a.png', 'b.png', 'style.gif', '-o',
                    'out')[0] == 1
    assert called == ['get_net', 'pace_of']
    assert names('out') == ['a.json', 'a.png', 'b.json', 'b.png']


def test_a_broken_one_keeps_no_other_from_it(transfer):
    code, out, err = transfer('broken.png', 'b.png', '-o', 'out/',
                              '--no-metadata', 'style.gif')
    assert code == 1 and 'out/: 1 of 2 painted' in out
    assert err.count('\n') == 1 and 'broken.png is damaged' in err
    assert names('out') == ['b.png']


def test_a_folder_and_what_is_there_already(transfer):
    os.makedirs('in/deep')
    os.rename('a.png', 'in/a.png'), os.rename('b.png', 'in/deep/b.png')
    arguments = 'in', 'style.gif', '-o', 'out', '--no-metadata'
    assert transfer(*arguments)[0] == 0
    assert names('out') == ['a.png', 'deep/b.png']
    code, _, err = transfer(*arguments)
    assert code == 1 and 'a.png exists' in err and '--skip-existing' in err
    os.remove('out/a.png')
    before = os.stat('out/deep/b.png').st_mtime_ns
    code, out, _ = transfer(*arguments, '--skip-existing')
    assert code == 0 and 'out: 1 of 1 painted' in out
    assert names('out') == ['a.png', 'deep/b.png']
    assert os.stat('out/deep/b.png').st_mtime_ns == before
    code, out, _ = transfer('in/a.png', 'style.gif', '-o', 'out/a.png',
                            '--skip-existing')
    assert (code, out) == (0, 'out/a.png is there already\n')


@pytest.mark.parametrize('argv, code, words', [
    ('a.png b.png style.gif -o out.png', 1, 'name a folder'),
    ('a.png b.png style.gif -o net.params', 1, 'net.params is a file'),
    ('a.png b.png style.gif -o out --trace t.csv', 1, 'for one content'),
    ('a.png b.png style.gif -o .', 1, 'is the picture to be read'),
    ('a.png b.png style.gif -o out --recipe texture', 2, 'STYLE alone'),
    ('a.png b.png style.gif -o out --recipe inversion', 2,
     'CONTENT alone')])
def test_refused_before_the_work(transfer, tmp_path, argv, code, words):
    before = names(tmp_path)
    assert transfer(*argv.split())[0] == code
    _, _, err = transfer(*argv.split())
    assert words in err and err.count('\n') == 1
    assert names(tmp_path) == before


def test_a_card_in_the_way_is_told_before_the_work(transfer):
    os.mkdir('out')
    with open('out/b.json', 'w'):
        pass
    code, _, err = transfer('a.png', 'b.png', 'style.gif', '-o', 'out')
    assert code == 1 and 'b.json exists' in err
    assert names('out') == ['b.json']


def test_interrupted_between_two(transfer, monkeypatch):
    """What was painted stays, and is counted."""
    real, seen = synthesis.Job.run, []

    def interrupted(*args):
        seen.append(args)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(synthesis.Job, 'run', interrupted)
    code, out, err = transfer('a.png', 'b.png', 'style.gif', '-o', 'out')
    assert (code, err) == (130, '')
    assert 'out: 1 of 2 painted' in out and out.endswith('interrupted\n')
    assert names('out') == ['a.json', 'a.png']
