"""Jobs that were ended go on as if they had not been: bit by bit."""

import contextlib
import functools
import os
import shutil
import signal

import numpy as onp
import pytest
from skimage import data

import d2l_nst
from d2l_nst import NSTError, NSTWarning, Stage, Style, checkpoint
from d2l_nst import kept as kept_file
from d2l_nst.engine import keeper, movers
from d2l_nst.interrupts import later
from full_disk import at_most

COFFEE, ASTRONAUT = data.coffee()[::8, ::8], data.astronaut()[::8, ::8]
LAYERS = {'weights': 'bundled', 'scaled': False,
          'content_layers': ('relu2_1',),
          'style_layers': ('relu1_1', 'relu2_1')}
LEFT = onp.zeros((40, 60), 'uint8')
LEFT[:, :30] = 255
STYLES = [Style(ASTRONAUT, 2, LEFT, LEFT), Style(data.chelsea(), 1,
                                                 255 - LEFT)]
# The learning rate of `book` falls in the middle of a stage
JOBS = {
    'quick': {'recipe': 'quick', **LAYERS,
              'stages': (Stage((48, 32), 3), Stage((60, 40), 3))},
    'book': {'recipe': 'book', **LAYERS, 'stages': (
        Stage((48, 32), 3, 2, 0.5), Stage((60, 40), 3, 2, 0.5))},
    'gatys-lbfgs': {'recipe': 'gatys-lbfgs', **LAYERS,
                    'stages': (Stage((48, 32), 3), Stage((60, 40), 3))},
    'masks': {'recipe': 'quick', **LAYERS, 'style': STYLES,
              'stages': (Stage((48, 32), 3), Stage((60, 40), 3)),
              'colours': 'content'},
    'tiles': {'recipe': 'quick', **LAYERS, 'tile': 48, 'image_shape':
              (96, 64), 'stages': (Stage((48, 32), 3), Stage((60, 40), 3))}}


def run(job, **how):
    how = {'content': COFFEE, 'style': ASTRONAUT, **JOBS[job], **how}
    return d2l_nst.style_transfer(how.pop('content'), how.pop('style'), **how)


@functools.lru_cache
def unbroken(job):
    return run(job)


def ended(job, path, step, **how):
    """Begin a job and end it at a step, counted from 1, as Ctrl-C does."""
    steps = []

    def stop(each):
        steps.append(each)
        if len(steps) == step:
            raise KeyboardInterrupt

    result = run(job, on_step=stop, **{'checkpoint': str(path), **how})
    assert result.interrupted
    return result


def assert_same(job, result):
    whole = unbroken(job)
    assert (result.image.asnumpy() == whole.image.asnumpy()).all()
    assert not result.interrupted
    assert [(step.stage, step.epoch, step.terms, step.total)
            for step in result.history] == [
        (step.stage, step.epoch, step.terms, step.total)
        for step in whole.history]


@pytest.fixture
def always(monkeypatch):
    """Checkpoints are written at every step."""
    monkeypatch.setattr(kept_file, 'SECONDS', 0)
    monkeypatch.setattr(kept_file, 'TIMES', 0)


@pytest.fixture
def keyboard():
    """Ctrl-C interrupts, even where whoever began the tests ignores it."""
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, usual)


@pytest.fixture(scope='module')
def second(tmp_path_factory):
    """A checkpoint of `quick`, ended at its second step."""
    path = tmp_path_factory.mktemp('kept') / 'run.ckpt'
    ended('quick', path, 2)
    return path


@pytest.fixture
def kept(second, tmp_path):
    return shutil.copy(second, tmp_path / 'run.ckpt')


# ------------------------------------------------------------ bit by bit
@pytest.mark.parametrize('job', JOBS)
def test_it_goes_on_bit_by_bit(tmp_path, job):
    """Ended in the first of two sizes, and again in the second."""
    path = tmp_path / 'run.ckpt'
    ended(job, path, 2)
    ended(job, path, 4, checkpoint=None, resume=path)
    assert_same(job, run(job, resume=path))
    assert os.listdir(tmp_path) == ['run.ckpt']


@pytest.mark.parametrize('job', ['quick', 'book'])
def test_ended_by_who_listens(tmp_path, job):
    """In the middle of each stage and at its end; no step comes twice."""
    path, seen = tmp_path / 'run.ckpt', []

    def stop(step):
        seen.append(step)
        return len(seen) in (2, 3, 4, 6)

    assert run(job, checkpoint=path, on_step=stop).interrupted
    for _ in range(3):
        assert run(job, resume=path, on_step=stop).interrupted
    assert_same(job, run(job, resume=path, on_step=stop))
    assert len(seen) == len(unbroken(job).history) == 6


def test_ended_at_every_step(tmp_path):
    """Twice at the same one too, which is then measured again."""
    path = tmp_path / 'run.ckpt'
    ended('book', path, 1)
    for _ in range(len(unbroken('book').history) - 1):
        ended('book', path, 2, checkpoint=None, resume=path)
    ended('book', path, 1, checkpoint=None, resume=path)
    assert_same('book', run('book', resume=path))


def test_an_interrupt_within_a_step_waits_for_its_end(tmp_path, monkeypatch,
                                                      keyboard):
    true, calls = movers.Lbfgs.advance, []

    def advance(self, epoch):
        calls.append(epoch)
        if len(calls) == 2:
            os.kill(os.getpid(), signal.SIGINT)
            calls.append(None)    # it has not come yet
        return true(self, epoch)

    monkeypatch.setattr(movers.Lbfgs, 'advance', advance)
    path = tmp_path / 'run.ckpt'
    assert len(run('quick', checkpoint=path).history) == 2
    assert calls == [1, 2, None]
    seen = []
    assert_same('quick', run('quick', resume=path, on_step=seen.append))
    assert len(seen) == 4    # the second is not measured again


def test_a_finished_job_has_its_picture_still(tmp_path):
    path = tmp_path / 'run.ckpt'
    assert_same('quick', run('quick', checkpoint=path))
    seen = []
    assert_same('quick', run('quick', resume=path, on_step=seen.append))
    assert not seen and os.path.getsize(path) < 60 * 40 * 3 * 4 + 2e4


def test_the_faults_that_were_forgiven_are_remembered(tmp_path, monkeypatch):
    """With the picture to go back to, where the next one comes at once."""
    from d2l_nst.engine import optimisers
    true = optimisers.evaluate

    def spoilt(calls):
        count = iter(range(99))

        def evaluate(X, objective):
            total, terms = true(X, objective)
            return total, {**terms, 'tv': float('nan')} if (
                next(count) in calls) else terms
        monkeypatch.setattr(optimisers, 'evaluate', evaluate)

    with pytest.warns(NSTWarning, match='half the step'):
        spoilt([1, 3])
        whole = run('book')
        spoilt([1])
        ended('book', tmp_path / 'run.ckpt', 2)
        spoilt([0])    # what is measured first
        result = run('book', resume=tmp_path / 'run.ckpt')
    assert (result.image.asnumpy() == whole.image.asnumpy()).all()


# ------------------------------------------------- what it can't go on with
@pytest.mark.parametrize('change, words', [
    ({'content': COFFEE[::-1]}, 'another content: give'),
    ({'style': ASTRONAUT[::-1]}, 'another style 1: give'),
    ({'style': [Style(ASTRONAUT, mask=LEFT)]}, 'another mask 1: give'),
    ({'style': [ASTRONAUT, COFFEE]},
     'another number of styles .1 there, 2 here'),
    ({'weights': 'random'}, 'another weights'),
    ({'strength': 0.7}, r'another strength \(0.5 there, 0.7 here\): give'),
    ({'image_shape': 50}, r'another size \(.*\[50, 33\]\] here\): give'),
    ({'num_epochs': 9}, r'another epochs \(\[3, 3\] there, \[9, 9\] here\)'),
    ({'optimiser': 'adam', 'seed': 2}, 'another optimiser .*, seed'),
    ({'tile': 64}, r'another tile \(0 there, 64 here\)')])
def test_what_differs_is_named(kept, change, words):
    with open(kept, 'rb') as file:
        before = file.read()
    with pytest.raises(NSTError, match='run.ckpt can\'t go on with ' + words):
        run('quick', resume=kept, **change)
    with open(kept, 'rb') as file:
        assert file.read() == before


def test_another_machine_is_told(kept, monkeypatch):
    monkeypatch.setenv('OMP_NUM_THREADS', '63')
    with pytest.warns(NSTWarning, match='another number of threads .*63 here'):
        run('quick', resume=kept)


def foreign(path):
    onp.savez(path, record='{"identity": {}, "iteration": 1}')
    os.replace(path + '.npz', path)


def pickled(path):
    onp.savez(path, record=onp.array([print], object))
    os.replace(path + '.npz', path)


def text(path):
    with open(path, 'w') as file:
        file.write('a shopping list')


@pytest.mark.parametrize('make', [foreign, pickled, text, os.mkdir])
def test_a_foreign_file(tmp_path, make):
    path = str(tmp_path / 'run.ckpt')
    make(path)
    with pytest.raises(NSTError, match='no whole checkpoint of a transfer'):
        run('quick', resume=path)


def test_no_file_and_one_too_many(tmp_path, kept):
    with pytest.raises(NSTError, match='no.ckpt: there is no such file'):
        run('quick', resume=tmp_path / 'no.ckpt')
    with pytest.raises(NSTError, match='run.ckpt exists: resume it, or'):
        run('quick', checkpoint=kept)
    with pytest.raises(NSTError, match='name one'):
        run('quick', checkpoint=tmp_path / 'new.ckpt', resume=kept)
    with pytest.raises(NSTError, match='no/run.ckpt can\'t be written'):
        run('quick', checkpoint=tmp_path / 'no' / 'run.ckpt')


# ------------------------------------------------------ files and disks
def ours(told):
    return [each for each in told if issubclass(each.category, NSTWarning)]


@pytest.fixture(scope='module')
def two(tmp_path_factory):
    """A folder with a checkpoint and the one before it."""
    folder = tmp_path_factory.mktemp('two')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_file, 'SECONDS', 0)
        patch.setattr(kept_file, 'TIMES', 0)
        ended('quick', folder / 'run.ckpt', 5)
    return folder


@pytest.mark.parametrize('damage', ['cut', 'changed', 'gone'])
def test_the_one_before_is_taken(tmp_path, two, damage):
    path = tmp_path / 'run.ckpt'
    shutil.copytree(two, tmp_path, dirs_exist_ok=True)
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw[:-400] if damage == 'cut' else raw)
    if damage == 'gone':
        path.unlink()
    with pytest.warns(NSTWarning, match='run.ckpt is damaged or gone.*before'
                      ) as told:
        assert_same('quick', run('quick', resume=path))
    assert len(ours(told)) == 1


def test_both_are_damaged(tmp_path, two):
    path = tmp_path / 'run.ckpt'
    shutil.copytree(two, tmp_path, dirs_exist_ok=True)
    for each in tmp_path.iterdir():
        each.write_bytes(each.read_bytes()[:-400])
    with pytest.raises(NSTError, match='no whole checkpoint'):
        run('quick', resume=path)


def test_a_full_disk(tmp_path, always):
    """The picture is painted, one line tells, and the last whole checkpoint
    is as it was."""
    path = tmp_path / 'run.ckpt'
    with contextlib.ExitStack() as stack:
        def fill(step):
            if (step.stage, step.epoch) == (1, 2):
                stack.enter_context(at_most(9999))

        with pytest.warns(NSTWarning, match='run.ckpt can\'t be written '
                          '.File too large.: going on without') as told:
            assert_same('quick', run('quick', checkpoint=path,
                                     on_step=fill))
    assert len(ours(told)) == 1
    assert sorted(os.listdir(tmp_path)) == ['run.ckpt', 'run.ckpt.before']
    record = checkpoint.load(path)[1]
    assert (record['stage'], record['measure']['epoch']) == (0, 1)
    assert_same('quick', run('quick', resume=path))


def test_two_jobs_with_one_checkpoint(kept):
    def other(step):
        with pytest.raises(NSTError, match='another job is writing'):
            run('quick', resume=kept)
        return True

    assert run('quick', resume=kept, on_step=other).interrupted


def test_it_costs_little(tmp_path, monkeypatch):
    """At most a fiftieth of the time, whatever a disk takes."""
    now, written, took = [0.0], [], 2.0

    def replace(*args):
        written.append(now[0])
        now[0] += took

    monkeypatch.setattr(kept_file, 'replace', replace)
    monkeypatch.setattr(kept_file.time, 'perf_counter', lambda: now[0])
    keep = keeper.Keeper(tmp_path / 'run.ckpt')
    keep.asked = {}
    keep.go_on(type('Told', (), {'history': [], 'last': None}))
    keep.enter(0, onp.zeros((2, 2, 3)))
    for _ in range(1000):
        keep.now_and_then()
        with keep.whole():
            now[0] += 1
    assert len(written) == 10
    assert len(written) * took <= now[0] / 50


def test_interrupts_wait(keyboard):
    done = []
    with pytest.raises(KeyboardInterrupt):
        with later():
            os.kill(os.getpid(), signal.SIGINT)
            done.append(1)
    assert done
    assert signal.getsignal(signal.SIGINT) == signal.default_int_handler


def test_a_checkpoint_that_came_meanwhile_is_not_replaced(tmp_path):
    keep = keeper.Keeper(tmp_path / 'run.ckpt')
    (tmp_path / 'run.ckpt').write_text('of another job')
    with pytest.raises(NSTError, match='run.ckpt exists: resume it, or'):
        with keep.alone():
            pytest.fail('it began')
    assert (tmp_path / 'run.ckpt').read_text() == 'of another job'
