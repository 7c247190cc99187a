"""The chapter's own loop goes on where it was ended, bit by bit."""

import os

import mxnet as mx
import pytest
from skimage import data

import d2l_nst
from d2l_nst import NSTError, NSTWarning, kept
from d2l_nst.plots import Animator

LAYERS = {'content_layers': ('conv2_1',), 'style_layers': ('conv1_1',)}
EPOCHS, FALL = 7, 3


@pytest.fixture
def always(monkeypatch):
    """The file is written after each epoch."""
    monkeypatch.setattr(kept, 'SECONDS', 0)
    monkeypatch.setattr(kept, 'TIMES', 0)


@pytest.fixture
def train(small_net, tmp_path, always):
    """Train a small picture, with a checkpoint; returns it, and the steps
    that were told."""
    def run(until=None, path='loop.npz', num_epochs=EPOCHS, img=None, **how):
        X, contents_Y = d2l_nst.get_contents(
            data.coffee() if img is None else img, (48, 32), small_net,
            LAYERS['content_layers'])
        _, styles_Y = d2l_nst.get_styles(
            data.astronaut(), (48, 48), small_net, LAYERS['style_layers'])
        told = []

        def stop(step):
            told.append((step.epoch, step.terms))
            if step.epoch == until and step.X is not None:
                raise KeyboardInterrupt

        try:
            X = d2l_nst.train(X, contents_Y, styles_Y, small_net, mx.cpu(),
                              0.05, num_epochs, FALL, how.pop('on_step', stop),
                              checkpoint=path and str(tmp_path / path),
                              **LAYERS, **how)
            return X.asnumpy(), told
        except KeyboardInterrupt:
            return None, told
    return run


@pytest.fixture
def path(tmp_path):
    return tmp_path / 'loop.npz'


def test_it_goes_on_bit_by_bit(train, path):
    """Ended before and after the learning rate fell, once in an epoch of
    which nothing was kept yet."""
    whole, steps = train(path=None)
    train(1)
    assert not path.exists()
    train(3)
    for until in (5, 5, 7):
        with pytest.warns(NSTWarning, match='going on after epoch'):
            train(until)
    with pytest.warns(NSTWarning, match='loop.npz: going on after epoch 6;'):
        X, told = train()
    assert (X == whole).all() and told == steps
    assert os.listdir(path.parent) == []


def test_without_a_checkpoint_nothing_is_written(train, path, monkeypatch):
    monkeypatch.chdir(path.parent)
    assert len(train(path=None)[1]) == EPOCHS and not os.listdir()


def test_the_one_before_is_taken(train, path):
    whole, _ = train(path=None)
    train(5)
    os.truncate(path, path.stat().st_size - 99)
    with pytest.warns(NSTWarning, match='damaged or gone'):
        with pytest.warns(NSTWarning, match='after epoch 3;'):
            X, _ = train()
    assert (X == whole).all()


@pytest.mark.parametrize('change, words', [
    ({'img': data.chelsea()}, 'another X, contents_Y: give'),
    ({'style_weight': 1}, r'another style_weight \(None there, 1 here\)')])
def test_something_else_is_refused(train, path, change, words):
    train(4)
    before = path.read_bytes()
    with pytest.raises(NSTError, match='loop.npz can\'t go on with ' + words):
        train(**change)
    assert path.read_bytes() == before


@pytest.mark.parametrize('make', [
    lambda path: path.write_text('a shopping list'), os.mkdir])
def test_a_foreign_file(train, path, make):
    make(path)
    with pytest.raises(NSTError, match='no whole checkpoint of a loop'):
        train()


def test_fewer_epochs_leave_it_alone(train, path):
    """As where a notebook is checked with a small budget."""
    train(6)
    before = path.read_bytes()
    assert [epoch for epoch, _ in train(num_epochs=3)[1]] == [1, 2, 3]
    assert path.read_bytes() == before


def test_a_file_that_can_t_be_written(train):
    with pytest.warns(NSTWarning, match='can\'t be written .No such') as told:
        assert len(train(path='no/loop.npz')[1]) == EPOCHS
    assert sum(each.category is NSTWarning for each in told) == 1


def test_the_plot_has_the_epochs_of_before(train):
    train(5)
    animator = Animator(EPOCHS, every=3)
    with pytest.warns(NSTWarning):
        train(on_step=animator)
    assert [step.epoch for step in animator.history] == [*range(1, 8)]
    assert list(animator.X[0]) == [3, 6, 7]
    seconds = [step.seconds for step in animator.history]
    assert seconds == sorted(seconds)
