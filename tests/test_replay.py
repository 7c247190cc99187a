"""The command goes on where it was ended, and repeats what it once did."""

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time

import full_disk
import pytest
from PIL import Image

from d2l_nst import Recipe, Stage, cli, outputs, recipes
from d2l_nst.engine import synthesis
from d2l_nst.images import read_image
from test_cli import START, command, contents, one_line, rows

STAGES = Stage((48, 32), 3), Stage((60, 40), 3)
# Checkpoints at every step, in a process of its own
ALWAYS = ('import d2l_nst.kept as kept\n'
          'kept.SECONDS = kept.TIMES = 0\n') + START


@pytest.fixture
def small(monkeypatch, small_net, tmp_path):
    """The recipe `quick`, with small sizes and few layers."""
    small_net.save_parameters(str(tmp_path / 'net.params'))
    monkeypatch.setitem(recipes.RECIPES, 'quick', Recipe(
        STAGES, 'lbfgs', weights=str(tmp_path / 'net.params'), smoothness=10,
        content_layers=('conv2_1',), style_layers=('conv1_1',)))


@pytest.fixture
def run(small, pictures, tmp_path, capfd, monkeypatch):
    """Run a command beside the two pictures; returns exit code, stdout and
    stderr."""
    monkeypatch.chdir(tmp_path)

    def run(line):
        try:
            code = cli.main(shlex.split(line))
        except SystemExit as e:
            code = e.code
        return (code, *capfd.readouterr())
    return run


@contextlib.contextmanager
def ended_at(n):
    """A job ends, as by Ctrl-C, when it shows its n-th step."""
    true, seen = synthesis.Told.__call__, []

    def tell(self, step):
        true(self, step)
        seen.append(step)
        if len(seen) == n:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(synthesis.Told, '__call__', tell)
        yield


def card_of(path='out.json'):
    with open(path) as file:
        return json.load(file)


def losses(path):
    return [{**row, 'seconds': None} for row in rows(path)]


TRANSFER = 'transfer content.png style.gif -o out.png '


# ---------------------------------------------------------------- resume
def test_the_command_that_goes_on(run, monkeypatch, tmp_path):
    """It is printed, needs no other word, works from anywhere, and makes
    the same files as one run."""
    masks = ('--strength 0.7 --mask down.png --style content.png --mask '
             'up.png --trace t.csv ')
    for name, turned in (('up', False), ('down', True)):
        img = Image.linear_gradient('L')
        (img.rotate(180) if turned else img).save(f'{name}.png')
    assert run(TRANSFER + masks)[0] == 0
    os.mkdir('whole')
    for name in ('out.png', 't.csv'):
        os.rename(name, f'whole/{name}')
    os.remove('out.json')
    with ended_at(5):
        code, out, _ = run(TRANSFER + masks + '--checkpoint run.ckpt')
    assert code == 130 and card_of()['interrupted']
    printed = re.search('^To go on: (.*)$', out, re.M)[1]
    words = shlex.split(printed)[3:]    # behind python -m d2l_nst
    assert words == ['transfer', '--resume', 'run.ckpt']
    os.mkdir('else')
    monkeypatch.chdir('else')
    code, out, err = run('transfer --resume ../run.ckpt')
    assert (code, err) == (0, '')
    assert out.startswith('Plan: 60x40, 2 of 6 epochs left: about ')
    monkeypatch.chdir(tmp_path)
    with open('out.png', 'rb') as a, open('whole/out.png', 'rb') as b:
        assert a.read() == b.read()
    assert losses('t.csv') == losses('whole/t.csv')
    assert not card_of()['interrupted'] and not os.listdir('else')


def test_words_beside_resume(run, tmp_path):
    with ended_at(2):
        assert run(TRANSFER + '--checkpoint run.ckpt')[0] == 130
    before = contents(tmp_path)
    for line, words in (
            ('transfer --resume run.ckpt --strength 0.6', r'another strength '
             r'\(0.5 there, 0.6 here\)'),
            ('transfer style.gif content.png --resume run.ckpt',
             'another content, style 1'),
            ('transfer --resume run.ckpt -o run.ckpt', 'name a picture'),
            ('transfer --resume content.png',
             'is a PNG picture and no checkpoint'),
            ('transfer --resume no.ckpt', 'no.ckpt: there is no such file'),
            (TRANSFER + '--checkpoint content.png --force', 'is the picture'),
            (TRANSFER + '--checkpoint run.ckpt --force --trace run.ckpt',
             'is named for the trace and'),
            ('transfer content.png content.png style.gif -o out/ '
             '--checkpoint new.ckpt', 'is for one content')):
        code, _, err = run(line + ' --recipe quick')
        one_line(code, err, 1, words)
    code, _, err = run('transfer --resume run.ckpt --checkpoint new.ckpt')
    one_line(code, err, 2, 'not allowed with')
    code, _, err = run(TRANSFER.replace('out', 'two')
                       + '--checkpoint run.ckpt')
    one_line(code, err, 1, 'run.ckpt exists: resume it, or')
    assert contents(tmp_path) == before
    code, out, _ = run('transfer content.png style.gif --resume run.ckpt '
                       '-o other.png')
    assert code == 0 and 'other.png: 60x40, done after 6' in out
    assert card_of()['interrupted']    # what is not named stays


LONG = ('content.png style.gif --recipe book --optimiser lbfgs --epochs 12 '
        '--size 32 --weights bundled --content-layers relu2_1 '
        '--style-layers relu1_1 ')


def begin(*words, before=()):
    """A transfer in a process of its own."""
    how = command(*words, start=(sys.executable, '-c', ALWAYS))
    del how['env']['PYTHONWARNINGS']
    return subprocess.Popen([*before, *how['args']], env=how['env'],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, start_new_session=True)


def signalled(number, *words):
    """What a transfer says that is ended by a signal, at any moment after
    its second checkpoint: exit code, stdout and stderr."""
    seen, end = {None, written('run.ckpt')}, time.monotonic() + 300
    enough, process = len(seen) + 2, begin(*words)
    try:
        while len(seen) < enough:
            seen.add(written('run.ckpt'))
            assert process.poll() is None and time.monotonic() < end
            time.sleep(0.001)
        process.send_signal(number)
        out, err = process.communicate(timeout=300)
    finally:
        process.kill()
    return process.returncode, out, err


def test_ended_again_and_again(run):
    """By two signals that it hears, and by one that it does not; then the
    newest checkpoint is cut short. It is painted as in one run."""
    words = [*LONG.split(), '-o', 'out.png', '--checkpoint', 'run.ckpt']
    for number in signal.SIGTERM, signal.SIGINT:
        code, out, err = signalled(number, *words)
        assert (code, err) == (130, '') and '\nTo go on: ' in out
        assert card_of()['interrupted']
        words = ['--resume', 'run.ckpt']
    os.remove('out.png')
    assert signalled(signal.SIGKILL, *words)[0] == -signal.SIGKILL
    assert not os.path.exists('out.png')
    os.path.exists('run.ckpt') and os.truncate('run.ckpt', 9999)
    code, out, err = run('transfer --resume run.ckpt')
    assert code == 0 and '\nGoes on after stage 1, epoch ' in out
    assert 'run.ckpt is damaged or gone: going on from' in err
    assert run(f'transfer {LONG} -o whole.png')[0] == 0
    assert same('out.png', 'whole.png')


def test_a_disk_that_is_full(run):
    """A real one, with room for two checkpoints: one line tells, and when
    the power goes then, the last checkpoint still serves."""
    os.mkdir('disk')
    disk = full_disk.small('1300k')
    process = begin(*LONG.split(), '-o', 'out.png', '--checkpoint',
                    'disk/run.ckpt', before=disk)
    try:
        assert process.stderr.readline() == (
            'd2l-nst: disk/run.ckpt can\'t be written (No space left on '
            'device): going on without a new checkpoint\n')
        shutil.copytree(f'/proc/{process.pid}/cwd/disk', 'kept')
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert not os.path.exists('out.png')
    assert sorted(os.listdir('kept')) == ['run.ckpt', 'run.ckpt.before',
                                          'run.ckpt.lock']
    code, out, err = run('transfer --resume kept/run.ckpt -o again.png')
    assert (code, err) == (0, '') and 'Goes on after stage 1, epoch 1.' in out
    assert run(f'transfer {LONG} -o whole.png')[0] == 0
    assert same('again.png', 'whole.png')


def same(one, other):
    with open(one, 'rb') as a, open(other, 'rb') as b:
        return a.read() == b.read()


def written(path):
    """When, in nanoseconds; None for a file that is not there."""
    with contextlib.suppress(FileNotFoundError):
        return os.stat(path).st_mtime_ns


# ---------------------------------------------------------------- replay
@pytest.fixture
def painted(run):
    assert run(TRANSFER + '--strength 0.7 --weights net.params')[0] == 0
    return run


def test_it_is_the_same(painted):
    code, out, err = painted('replay out.json')
    assert (code, err) == (0, '')
    assert out.endswith('out-replay.png is the same picture, bit for bit.\n')
    with open('out.png', 'rb') as a, open('out-replay.png', 'rb') as b:
        assert a.read() == b.read()
    code, out, err = painted('replay out.json')
    one_line(code, err, 1, 'out-replay.png exists')
    assert painted('replay out.json --force')[0] == 0


def test_what_was_interrupted_is_repeated_to_there(run):
    with ended_at(4):
        assert run(TRANSFER)[0] == 130
    code, out, _ = run('replay out.json')
    assert code == 0 and 'interrupted after 4 epochs' in out
    assert out.endswith('out-replay.png is the same picture, bit for bit.\n')
    with ended_at(2):
        code, out, _ = run('replay out.json --force')
    assert code == 130 and 'bit for bit' not in out


def test_all_was_moved(painted):
    os.mkdir('new')
    for name in os.listdir():
        if name != 'new':
            os.rename(name, f'new/{name}')
    code, out, err = painted('replay new/out.json -o new.png')
    assert code == 0 and 'new.png is the same picture' in out


@pytest.mark.parametrize('name, words', [
    ('content.png', 'content.png is not the file of then'),
    ('style.gif', 'style.gif is not the file of then'),
    ('net.params', 'net.params is not the file of then')])
def test_the_files_are_those_of_then(painted, tmp_path, name, words):
    with open(name, 'ab') as file:
        file.write(b'\0')
    before = contents(tmp_path)
    code, _, err = painted('replay out.json')
    one_line(code, err, 1, words)
    assert contents(tmp_path) == before
    os.remove(name)
    code, _, err = painted('replay out.json')
    assert code == 1 and f'{name} is not there any more' in err


def test_what_differs_is_told(painted, monkeypatch):
    """Here another default of the recipe, and other threads."""
    monkeypatch.setitem(recipes.RECIPES, 'quick', Recipe(
        STAGES, 'lbfgs', smoothness=10, tv_weight=0, weights='net.params',
        content_layers=('conv2_1',), style_layers=('conv1_1',)))
    monkeypatch.setenv('OMP_NUM_THREADS', '63')
    code, out, _ = painted('replay out.json')
    assert code == 3
    told = out.splitlines()[-1]
    assert re.search(r'is not the same picture: \d+ grey levels of 255 from '
                     r'out.png at most.*what differs: tv_weight \(10 there, '
                     r'0 here\), number of threads', told)
    far = abs(read_image('out.png').astype(int)
              - read_image('out-replay.png').astype(int)).max()
    assert f' {far} grey levels' in told
    os.remove('out.png')
    code, out, _ = painted('replay out.json --force')
    assert code == 3 and 'out.png, to be compared, is not there' in out


def test_other_weights_of_the_same_name(painted, monkeypatch):
    from d2l_nst import scorecard
    true = scorecard.origin
    monkeypatch.setattr(scorecard, 'origin', lambda weights: {
        **true(weights), 'sha256': 64 * '0'})
    code, _, err = painted('replay out.json')
    one_line(code, err, 1, 'the weights are not those of then.*00000000')


@pytest.mark.parametrize('change', [
    {'run': None}, {'run': {'words': 3}}, {'stages': []}])
def test_what_tells_nothing(painted, change):
    card = card_of()
    for text in (json.dumps({**card, **change}), '[]', 'no card'):
        with open('other.json', 'w') as file:
            file.write(text)
        code, _, err = painted('replay other.json')
        one_line(code, err, 1, 'other.json does not tell how a picture')
    code, _, err = painted('replay no.json')
    one_line(code, err, 1, 'no.json can\'t be read: No such file')


def test_a_foreign_scorecard_names_no_other_output(painted, tmp_path):
    card = card_of()
    card['run']['words'] += ['--trace=content.png', '--save-every=1',
                             '--checkpoint=style.gif', '--force']
    with open('out.json', 'w') as file:
        json.dump(card, file)
    before = contents(tmp_path)
    assert painted('replay out.json')[0] == 0
    after = contents(tmp_path)
    assert {str(name) for name in set(after) - set(before)} == {
        'out-replay.png', 'out-replay.json'}
    assert all(after[name] == before[name] for name in before)
    card['run']['words'] = ['content.png', '--nonsense']
    with open('out.json', 'w') as file:
        json.dump(card, file)
    code, _, err = painted('replay out.json')
    one_line(code, err, 1, 'no transfer: unrecognized')


def test_where_it_was_painted_is_not_in_the_picture(painted, tmp_path):
    """No path, no machine: those are in the file beside it alone."""
    assert str(tmp_path) in open('out.json').read()
    with open('out.png', 'rb') as file:
        raw = file.read()
    assert str(tmp_path).encode() not in raw
    carried = json.loads(Image.open('out.png').text[outputs.KEY])
    assert 'run' not in carried
