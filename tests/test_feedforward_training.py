"""Training the network: data, resuming, being killed, two workers."""

import contextlib
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import mxnet as mx
import numpy as onp
import pytest
from PIL import Image
from skimage import data as skimage_data

from d2l_nst import checkpoint, cli, errors, trees
from d2l_nst.feedforward import network, painting, plot, records, training
from d2l_nst.feedforward import data as ff_data

ROOT = pathlib.Path(__file__).parents[1]
SMALL = {'size': 16, 'style_size': 16, 'batch_size': 2, 'epochs': 3,
         'content_layers': ('relu1_2',),
         'style_layers': ('relu1_1', 'relu1_2'),
         'weights': 'random'}


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """Seven pictures, one grey, one damaged, and a text."""
    folder = tmp_path_factory.mktemp('pictures')
    (folder / 'sub').mkdir()
    cat = skimage_data.chelsea()
    for i in range(5):
        Image.fromarray(cat[20 * i:, 40 * i:200 + 40 * i]).resize(
            (30, 24)).save(folder / f'{i}.png')
    Image.fromarray(cat).convert('L').resize((24, 24)).save(
        folder / 'sub' / 'grey.jpg')
    whole = (folder / 'sub' / 'grey.jpg').read_bytes()
    (folder / 'sub' / 'broken.jpg').write_bytes(whole[:-100])
    (folder / 'notes.txt').write_text('no picture')
    return folder


@pytest.fixture(scope='module')
def style(tmp_path_factory):
    path = tmp_path_factory.mktemp('style') / 'style.png'
    Image.fromarray(skimage_data.astronaut()).resize((40, 40)).save(path)
    return path


def settings(**changes):
    return records.Settings(**{**SMALL, **changes})


def train(style, folder, output=None, resume=False, every=2, workers=0,
          on_step=None, ctx=None, kvstore='local', start=None, **changes):
    return training.train(style, folder, output and str(output),
                          settings(**changes), resume, every, workers, ctx,
                          kvstore, on_step, start)


# -------------------------------------------------------------- the data
def test_each_epoch_shows_all_in_another_order(folder):
    pictures = ff_data.find_pictures(str(folder), 16)
    assert len(pictures.paths) == 7
    seen = []
    for epoch in (0, 1):
        crops, damaged = pictures.load(epoch, range(7))
        assert crops.shape == (7, 3, 16, 16) and crops.dtype == 'uint8'
        assert {os.path.basename(path) for path in damaged} == {'broken.jpg'}
        grey = [crop for crop in crops if (crop[0] == crop[2]).all()]
        assert 1 <= len(grey) <= 2      # two where it follows the broken one
        seen.append(crops)
    assert not (seen[0] == seen[1]).all()
    again, _ = pictures.load(1, range(3, 5))
    onp.testing.assert_array_equal(again, seen[1][3:5])
    others = ff_data.find_pictures(str(folder), 16, seed=2).load(1, range(7))
    assert not (others[0] == seen[1]).all()


def test_pictures_of_a_tree_with_links_and_hidden_folders(folder, tmp_path):
    """Links are followed, once; thumbnails of a file manager are not."""
    tree = tmp_path / 'tree'
    (tree / '.thumbs').mkdir(parents=True)
    (tree / '.thumbs' / 'a.png').write_bytes(b'')
    (tree / 'b.JFIF').write_bytes(b'')
    (tree / 'linked').symlink_to(folder)
    (tree / 'circle').symlink_to(tree)
    for name in 'b.jif', 'c.heic', 'c.CR2', '.c.heic', 'c.txt':
        (tree / name).write_bytes(b'')
    with pytest.warns(errors.NSTWarning, match='read here: 2, .*c.CR2 among'
                      ) as told:
        found = {os.path.relpath(path, tree) for path in trees.walk(tree)}
    assert len(told) == 1
    assert found == {'b.JFIF', 'b.jif', *(
        os.path.join('linked', name) for name in (
            *(f'{i}.png' for i in range(5)), 'sub/grey.jpg',
            'sub/broken.jpg'))}


def test_a_folder_that_may_not_be_read_is_told(folder, monkeypatch):
    def scandir(path, scan=os.scandir):
        if str(path).endswith('sub'):
            raise PermissionError(13, 'Permission denied', str(path))
        return scan(path)

    monkeypatch.setattr(os, 'scandir', scandir)
    with pytest.raises(errors.ImageError, match='sub may not be read'):
        trees.walk(folder)


def test_crop_of_the_middle_size(tmp_path):
    """A wide picture's crop is a square of its height, somewhere."""
    ramp = onp.tile(onp.arange(200, dtype='uint8'), (50, 1))
    Image.fromarray(ramp).save(tmp_path / 'ramp.png')
    pictures = ff_data.find_pictures(str(tmp_path), 50)
    starts = set()
    for epoch in range(20):
        crop = pictures.load(epoch, [0])[0][0, 0]
        onp.testing.assert_array_equal(crop, crop[:1].repeat(50, axis=0))
        onp.testing.assert_array_equal(onp.diff(crop[0].astype(int)), 1)
        starts.add(int(crop[0, 0]))
    assert len(starts) > 10 and max(starts) <= 150


def test_fraction(folder):
    half = ff_data.find_pictures(str(folder), 16, 0.5, seed=1).paths
    assert len(half) == 4 and list(half) == sorted(set(half))
    assert half == ff_data.find_pictures(str(folder), 16, 0.5, 1).paths
    assert len({ff_data.find_pictures(str(folder), 16, 0.5, s).paths
                for s in range(8)}) > 1


def test_worker_processes_bring_the_same_batches(folder):
    pictures = ff_data.find_pictures(str(folder), 16)
    tasks = [(epoch, range(i, i + 2)) for epoch in (0, 1) for i in (0, 2, 4)]
    alone, ahead = (list(ff_data.load_ahead(pictures, tasks, workers))
                    for workers in (0, 2))
    for (X, damaged), (Y, damaged_Y) in zip(alone, ahead):
        onp.testing.assert_array_equal(X, Y)
        assert damaged == damaged_Y
    assert len(ahead) == 6


def test_without_a_folder_there_are_photographs():
    pictures = ff_data.find_pictures(size=32)
    assert len(pictures.paths) == ff_data.CROPS
    names = {os.path.basename(path) for path in pictures.paths}
    assert {'astronaut.png', 'mountain.jpg'} < names
    assert not {'coffee.png', 'rocket.jpg'} & names
    crops, damaged = pictures.load(0, range(4))
    assert crops.std() > 10 and not damaged


@pytest.mark.parametrize('content, message', [
    (None, 'no such folder'), ({}, 'holds no pictures'),
    ({'a.jpg': b'', 'b.png': b'junk'}, 'none of 2 pictures'),
    ({'a.jpg': b''}, 'less than one batch')])
def test_folders_without_enough(tmp_path, style, content, message):
    folder = tmp_path / 'folder'
    if content is not None:
        folder.mkdir()
        for name, contents in content.items():
            (folder / name).write_bytes(contents)
    with pytest.raises(errors.NSTError, match=message):
        train(style, str(folder))


# ------------------------------------------------------------ the training
class Stop(Exception):
    pass


def stop_after(iteration):
    def on_step(step):
        if step.iteration == iteration:
            raise Stop
    return on_step


def arrays(output):
    with onp.load(checkpoint.checkpoint_path(output)) as file:
        return {name: file[name] for name in file if name != 'record'}


def assert_same(one, other):
    one, other = arrays(one), arrays(other)
    assert one.keys() == other.keys()
    for name in one:
        onp.testing.assert_array_equal(one[name], other[name], name)


def test_resumed_as_if_never_stopped(folder, style, tmp_path):
    whole, parts = tmp_path / 'whole.params', tmp_path / 'parts.params'
    steps = []
    result = train(style, folder, whole, on_step=steps.append)
    assert [s.iteration for s in steps] == list(range(1, 10))
    assert [s.epoch for s in steps] == [1] * 3 + [2] * 3 + [3] * 3
    assert result.history.shape == (9, 5)
    assert steps[-1].total == result.history[-1, 4] == pytest.approx(
        sum(steps[-1].terms.values()))
    assert [os.path.basename(path) for path in result.damaged] == [
        'broken.jpg']
    for iteration in (1, 3, 6):     # before, and after a checkpoint
        with pytest.raises(Stop):
            train(style, folder, parts, True,
                  on_step=stop_after(iteration))
    resumed = train(style, folder, parts, True)
    onp.testing.assert_array_equal(resumed.history, result.history)
    assert resumed.damaged == result.damaged
    assert_same(whole, parts)
    assert whole.read_bytes() == parts.read_bytes()
    # More epochs go on from there
    longer = train(style, folder, parts, True, epochs=4)
    assert longer.history.shape == (12, 5)
    onp.testing.assert_array_equal(longer.history[:9], result.history)
    assert {path.name for path in tmp_path.iterdir()} == {
        'whole.params', 'whole.checkpoint.npz', 'parts.params',
        'parts.checkpoint.npz'}


def test_losses_fall(folder, style):
    result = train(style, folder, epochs=15, lr=3e-3)
    start, end = (result.history[i:][:10, 4].mean() for i in (0, -10))
    assert end < 0.5 * start


def test_trained_on_what_painting_makes(folder, style, monkeypatch):
    """The margin of `paint` is there in the training, too; and a grain."""
    seen = []
    monkeypatch.setattr(training, 'GRAIN', 0)
    result = train(style, folder, lr=1e-12, epochs=1, on_step=seen.append,
                   precision='float32')
    for step in seen:
        X, Y_hat = (A.asnumpy().transpose(0, 2, 3, 1)
                    for A in (step.X, step.Y_hat))
        assert Y_hat.shape == X.shape == (2, 16, 16, 3)
        painted = painting.paint_pictures(result.net, X)
        onp.testing.assert_allclose(painted, Y_hat, atol=0.51)


def test_two_devices_train_as_one(folder, style):
    options = {'batch_size': 4, 'lr': 1e-5, 'folder': folder,
               'style': style, 'epochs': 2, 'precision': 'float32'}
    one = train(**options)
    two = train(ctx=[mx.cpu(0), mx.cpu(1)], kvstore='device', **options)
    onp.testing.assert_allclose(one.history, two.history, rtol=1e-4)
    assert_moved_alike(*({name: p.data(ctx).asnumpy() for name, p
                          in checkpoint.parameters(r.net).items()}
                         for r, ctx in ((one, mx.cpu()), (two, mx.cpu(1)))))


def assert_moved_alike(weights, others):
    """From the network of seed 1, by the same way but for a twentieth, and
    to the same numbers to 1e-4.

    For that the learning rate is 1e-5: Adam's first step has its length and
    the gradient's sign, were that a rounding's, and three steps of which
    the sign is flipped are still less. What the second normalisation of a
    block shifts by, the next one subtracts again: only roundings move it.
    """
    start = checkpoint.parameters(network.new_network(1))
    assert weights.keys() == others.keys() == start.keys()
    for name, weight in weights.items():
        if name.endswith('second.norm.beta'):
            continue
        moved = onp.linalg.norm(weight - start[name].data().asnumpy())
        assert moved > 0, name
        assert onp.linalg.norm(weight - others[name]) < 0.05 * moved, name
        onp.testing.assert_allclose(weight, others[name], rtol=0, atol=1e-4)


@pytest.fixture(scope='module')
def trained(folder, style, tmp_path_factory):
    output = tmp_path_factory.mktemp('trained') / 'net.params'
    train(style, folder, output, epochs=1)
    return output


@pytest.mark.parametrize('changes, message', [
    ({'style': skimage_data.coffee()}, 'another style'),
    ({'size': 20}, 'another size'), ({'seed': 2}, 'another seed'),
    ({'batch_size': 1}, 'another batch_size'),
    ({'style_weight': 2}, 'another style_weight')])
def test_other_settings_do_not_resume(folder, style, trained, changes,
                                      message):
    output = trained
    changes = {'style': style, **changes}
    with pytest.raises(errors.NSTError, match=message):
        train(folder=folder, output=output, resume=True, **changes)


@pytest.mark.parametrize('kind', ['cut', 'junk', 'pickle', 'empty', 'other'])
def test_damaged_checkpoints(folder, style, trained, tmp_path, kind):
    output = tmp_path / 'net.params'
    path = tmp_path / 'net.checkpoint.npz'
    if kind == 'cut':
        whole = trained.with_suffix('.checkpoint.npz').read_bytes()
        path.write_bytes(whole[:-1000])
    elif kind == 'other':
        onp.savez(path, record='{}', history=onp.zeros((1, 5)))
    elif kind == 'pickle':
        onp.savez(path, record=onp.array([Bomb()], dtype=object))
    else:
        path.write_bytes(b'junk' if kind == 'junk' else b'')
    with pytest.raises(errors.NSTError, match='no whole checkpoint'):
        train(style, folder, output, True)
    assert not Bomb.exploded


class Bomb:
    """Would be executed by a reader of pickles."""

    exploded = []

    def __reduce__(self):
        return Bomb.exploded.append, (1,)


@pytest.mark.parametrize('changes, message', [
    ({'size': 18}, 'no multiple of 4'), ({'size': 8}, 'too small'),
    ({'content_weight': 0, 'style_weight': 0}, 'weigh nothing'),
    ({'decay': 1.5}, 'a share from 0 to 1'), ({'lr': 0}, 'lr 0 is not'),
    ({'fraction': 7}, 'fraction 7'), ({'epochs': 0}, 'epochs 0'),
    ({'crops': 0}, 'crops 0'), ({'batch_size': 0}, 'batch size 0'),
    ({'tv_weight': -1}, 'tv weight -1'), ({'seed': 1.5}, 'seed 1.5'),
    ({'lr': float('nan')}, 'lr nan'), ({'lr': float('inf')}, 'lr inf'),
    ({'size': None}, 'size None'), ({'workers': -1}, 'workers -1'),
    ({'every': 0}, 'every 0'),
    ({'content_layers': ('relu9_9',)}, 'no layer relu9_9'),
    ({'weights': 'nowhere.params'}, 'no such file')])
def test_settings_that_cannot_be(folder, style, changes, message):
    with pytest.raises(errors.NSTError, match=message):
        train(style, folder, **changes)
    with pytest.raises(errors.NSTError, match='2 devices'):
        train(style, folder, batch_size=3, ctx=[mx.cpu(0), mx.cpu(1)])


def test_divergence_leaves_the_last_good_checkpoint(folder, style, tmp_path,
                                                    monkeypatch):
    output, mean = tmp_path / 'net.params', training.Run.mean

    def broken(run, losses):
        return [onp.nan] * 5 if run.iteration == 4 else mean(run, losses)
    monkeypatch.setattr(training.Run, 'mean', broken)
    with pytest.raises(errors.DivergedError, match='iteration 5'):
        train(style, folder, output)
    assert iteration_of(output) == 4


def test_inverter_of_a_layer(folder, style):
    """Content alone: the network learns to give the picture back."""
    result = train(style, folder, style_weight=0, light_weight=0,
                   tv_weight=0, epochs=20, lr=3e-3)
    assert (result.history[:, 1:4] == 0).all()
    assert result.history[-5:, 0].mean() < 0.5 * result.history[:3, 0].mean()


def test_live_plot(folder, style, monkeypatch):
    titles, title = [], plot.title
    monkeypatch.setattr(plot.TrainingPlot, 'display', lambda self, fig: None)
    monkeypatch.setattr(plot, 'title', lambda step: (
        titles.append(title(step)) or titles[-1]))
    live = plot.TrainingPlot(every=4)
    train(style, folder, on_step=live)
    assert [title.split(', 00')[0] for title in titles] == [
        'epoch 2, iteration 4 of 9 (44 %)',
        'epoch 3, iteration 8 of 9 (88 %)',
        'epoch 3, iteration 9 of 9 (100 %)']
    assert [len(axes.images) for axes in live.axes] == [0, 1, 1]
    assert len(live.axes[0].lines) == 4
    assert len(live.history) == 9 and live.history[0].X is None


# ------------------------------------------- another network to begin with
def test_start_from_another_network(folder, style, trained, tmp_path):
    """The numbers are the network's own; where it goes on, it must be
    named again."""
    output, other = tmp_path / 'net.params', skimage_data.coffee()
    options = {'style': other, 'folder': folder, 'start': trained}
    result = train(**options, lr=1e-12, epochs=1)
    for key, number in network.read_network(trained).items():
        p = checkpoint.parameters(result.net)[key]
        assert p.grad_req == 'write'
        onp.testing.assert_allclose(p.data().asnumpy(), number.asnumpy(),
                                    atol=1e-6)
    whole = train(**options, epochs=2)
    with pytest.raises(Stop):
        train(**options, output=output, on_step=stop_after(3), epochs=2)
    for start in (None, output):
        with pytest.raises(errors.NSTError, match='another start'):
            train(other, folder, output, True, start=start, epochs=2)
    resumed = train(**options, output=output, resume=True, epochs=2)
    onp.testing.assert_array_equal(resumed.history, whole.history)


def test_start_tells_what_is_wrong(folder, style, tmp_path, capsys):
    (tmp_path / 'junk.params').write_bytes(b'junk')
    for start, message in (('van-gogh', 'van-gogh: there is no such network'),
                           (tmp_path / 'junk.params', 'does not hold')):
        with pytest.raises(errors.WeightsError, match=message):
            train(style, folder, start=start)
        assert cli.main(argv(style, folder, tmp_path / 'net.params',
                             '--start', str(start))) == 1
        assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ['junk.params']


def test_start_on_the_command_line(folder, style, trained, tmp_path):
    """Adam's first step is as long as the learning rate."""
    output = tmp_path / 'net.params'
    assert cli.main(argv(style, folder, output, '--start', str(trained),
                         '--epochs', '1', '--lr', '1e-9')) == 0
    one, other = map(network.read_network, (trained, output))
    for name in one:
        onp.testing.assert_allclose(one[name].asnumpy(),
                                    other[name].asnumpy(), atol=1e-6)


# ------------------------------------------------ the learning rate's fall
@pytest.mark.parametrize('decay, wanted', [
    (0, [1] * 10), (1, [1, .9, .8, .7, .6, .5, .4, .3, .2, .1]),
    (0.5, [1, 1, 1, 1, 1, 1, .8, .6, .4, .2])])
def test_decay(decay, wanted):
    run = training.Run.__new__(training.Run)
    run.settings, run.iterations = settings(decay=decay, lr=2), 10
    rates = []
    for run.iteration in range(10):
        rates.append(run.learning_rate())
    assert rates == pytest.approx([2 * rate for rate in wanted])


def test_decay_is_what_the_trainer_does(folder, style, tmp_path):
    rates, output = [], tmp_path / 'net.params'
    step = mx.gluon.Trainer.step

    def noting(trainer, *args):
        rates.append(trainer.learning_rate)
        return step(trainer, *args)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mx.gluon.Trainer, 'step', noting)
        train(style, folder, output, decay=1, lr=9e-4)
    assert rates == pytest.approx([n * 1e-4 for n in range(9, 0, -1)])
    # It depends on their number, which must stay
    with pytest.raises(errors.NSTError, match='another epochs'):
        train(style, folder, output, True, decay=1, lr=9e-4, epochs=4)


# ------------------------------------------------------------- the command
def argv(style, folder, output, *more):
    return ['train', str(style), '--data', str(folder), '-o', str(output),
            '--size', '16', '--style-size', '16', '--batch-size', '2',
            '--content-layers', 'relu1_2', '--weights', 'random',
            '--style-layers', 'relu1_1', 'relu1_2', '--every', '2',
            '--workers', '0', '--start', 'random', *more]


def test_resume_never_replaces_a_network_without_its_checkpoint(
        folder, style, tmp_path, capsys):
    output = tmp_path / 'keep.params'
    output.write_bytes(b'of value')
    assert cli.main(argv(style, folder, output, '--resume')) == 1
    assert 'keep.params exists' in capsys.readouterr().err
    assert output.read_bytes() == b'of value'
    assert list(tmp_path.iterdir()) == [output]


def test_two_trainings_with_one_output(folder, style, tmp_path):
    """The second is refused before its first step; the first goes on as if
    nothing had been."""
    output, refused = tmp_path / 'net.params', []

    def begin_another(step):
        if step.iteration == 2:
            before = output.read_bytes()
            for resume in (False, True):
                with pytest.raises(errors.NSTError) as e:
                    train(style, folder, output, resume, on_step=lambda _:
                          pytest.fail('it was trained'))
                refused.append(str(e.value))
            assert output.read_bytes() == before

    result = train(style, folder, output, on_step=begin_another)
    assert len(refused) == 2 and 'another job is writing' in refused[0]
    assert len(result.history) == 9
    assert sorted(os.listdir(tmp_path)) == ['net.checkpoint.npz',
                                            'net.params']


def test_a_training_that_another_overtook_is_refused(folder, style, tmp_path):
    """That one was done before this one's first step."""
    output = tmp_path / 'net.params'
    output.write_bytes(b'of another')
    with pytest.raises(errors.NSTError, match='net.params exists: choose'):
        training.Run(str(style), str(folder), settings()).run(
            str(output), force=False,
            on_step=lambda step: pytest.fail('it was trained'))
    assert output.read_bytes() == b'of another'


def test_what_came_while_it_was_trained_is_kept(folder, style, tmp_path):
    """As where locks are not known, and nothing is lost."""
    output = tmp_path / 'net.params'

    def another(step):
        if step.iteration == 1:
            output.write_bytes(b'of another')

    with pytest.warns(errors.NSTWarning, match='net.params was made by '
                      'someone else meanwhile: saved as .*net-2.params'):
        result = training.Run(str(style), str(folder), settings()).run(
            str(output), workers=0, on_step=another, force=False)
    assert output.read_bytes() == b'of another'
    assert result.output == str(tmp_path / 'net-2.params')
    network.load_network(result.output)
    assert sorted(os.listdir(tmp_path)) == [
        'net-2.checkpoint.npz', 'net-2.params', 'net.params']


def test_command(folder, style, tmp_path, capsys):
    output = tmp_path / 'net.params'
    assert cli.main(argv(style, folder, output, '--epochs', '3')) == 0
    told = capsys.readouterr()
    assert '9 iterations' in told.out
    assert "can't be read were skipped: 1, " in told.err
    network.load_network(output)
    before = output.read_bytes()
    assert cli.main(argv(style, folder, output)) == 1
    assert 'exists' in capsys.readouterr().err
    assert cli.main(argv(style, folder, tmp_path / 'net.png')) == 1
    assert 'ends in .params' in capsys.readouterr().err
    assert cli.main(argv(style, folder, output, '--force', '--kvstore',
                         'dist_sync')) == 1
    assert 'feedforward.launch' in capsys.readouterr().err
    assert output.read_bytes() == before


@pytest.mark.parametrize('option, value, words', [
    ('--fraction', '7', 'no share'), ('--fraction', '0', 'no share'),
    ('--workers', '-1', 'a whole number')])
def test_numbers_that_mean_nothing(folder, style, tmp_path, capsys, option,
                                   value, words):
    with pytest.raises(SystemExit):
        cli.main(argv(style, folder, tmp_path / 'net.params', option, value))
    assert words in capsys.readouterr().err


def environment():
    return {**os.environ, 'OMP_NUM_THREADS': '1',
            'PYTHONPATH': str(ROOT)}


def iteration_of(output):
    with contextlib.suppress(OSError):
        return checkpoint.read(checkpoint.checkpoint_path(output))[
            'record']['iteration']
    return 0


def test_killed_at_ten_random_moments(folder, style, tmp_path):
    """SIGKILL loses no more than what came after the last checkpoint, and
    nothing of the result."""
    whole, killed = tmp_path / 'whole.params', tmp_path / 'killed.params'
    epochs = '--epochs', '17'
    command = [sys.executable, '-m', 'd2l_nst']
    subprocess.run(command + argv(style, folder, whole, *epochs),
                   env=environment(), check=True, capture_output=True)
    moments, before = random.Random(1), 0
    for kill in range(10):
        with open(tmp_path / 'err', 'w+') as err:
            process = subprocess.Popen(
                command + argv(style, folder, killed, '--resume', *epochs),
                env=environment(), stdout=subprocess.DEVNULL, stderr=err)
            wait_for_progress(process, killed)
            time.sleep(moments.uniform(0, 0.08))
            assert process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.wait()
            err.seek(0)
            told = [int(line.split('iteration ')[1].split()[0])
                    for line in err if 'iteration ' in line]
        after = iteration_of(killed)
        assert after % 2 == 0 and after >= max([before, *told])
        before = after
    assert 0 < before < 51
    subprocess.run(command + argv(style, folder, killed, '--resume', *epochs),
                   env=environment(), check=True, capture_output=True)
    assert_same(whole, killed)
    assert whole.read_bytes() == killed.read_bytes()


def wait_for_progress(process, output, seconds=120):
    """Until the process has written a checkpoint of its own."""
    def written():
        with contextlib.suppress(OSError):
            return os.stat(checkpoint.checkpoint_path(output)).st_mtime_ns

    before = written()
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        if written() != before:
            return
        time.sleep(0.01)


def test_workers_end_with_a_killed_parent(folder, style, tmp_path):
    """No process that loads pictures is left behind."""
    arguments = argv(style, folder, tmp_path / 'net.params', '--epochs',
                     '500', '--workers', '1')
    with open(tmp_path / 'err', 'w') as err:
        process = subprocess.Popen(
            [sys.executable, '-m', 'd2l_nst'] + arguments,
            env=environment(), stdout=subprocess.DEVNULL, stderr=err)
    wait_for_progress(process, tmp_path / 'net.params')
    children = [int(n) for n in pathlib.Path(
        f'/proc/{process.pid}/task/{process.pid}/children').read_text()
        .split()]
    process.kill()
    process.wait()
    assert len(children) >= 1
    end = time.monotonic() + 30
    while any(map(alive, children)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(alive, children))


def alive(pid):
    with contextlib.suppress(OSError):
        state = pathlib.Path(f'/proc/{pid}/stat').read_text()
        return state.rpartition(')')[2].split()[0] != 'Z'
    return False


# ------------------------------------------------------------- two workers
@contextlib.contextmanager
def launched(command, tmp_path, seconds=180):
    """The exit code of a launcher; all processes of its group are ended."""
    with open(tmp_path / 'told', 'w+') as told:
        process = subprocess.Popen(
            [sys.executable, '-m', 'd2l_nst.feedforward.launch', '-n', '2',
             '-s', '1', '--launcher', 'local', sys.executable, '-m',
             'd2l_nst', *command], env=environment(), stdout=told,
            stderr=told, start_new_session=True)
        try:
            code = process.wait(seconds)
            told.seek(0)
            yield code, told.read()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def weights_of(output):
    return {name[4:]: array for name, array in arrays(output).items()
            if name.startswith('net.')}


def test_two_workers_train_as_one(folder, style, tmp_path):
    """Batches of 2 on two workers give the weights of batches of 4."""
    one, two = tmp_path / 'one.params', tmp_path / 'the two.params'
    result = train(style, folder, one, batch_size=4, lr=1e-5,
                   precision='float32')
    assert len(result.history) == 3
    options = argv(style, folder, two, '--kvstore', 'dist_sync', '--epochs',
                   '3', '--lr', '1e-5', '--precision', 'float32')
    with launched(options, tmp_path) as (code, told):
        assert code == 0, told
        assert told.count('3 iterations') == 1     # of the first worker
    assert_moved_alike(weights_of(one), weights_of(two))
    onp.testing.assert_allclose(result.history, arrays(two)['history'],
                                rtol=1e-3)
    # The state of two workers with batches of 2 is that of one with 4
    more = train(style, folder, two, True, batch_size=4, lr=1e-5, epochs=4)
    assert len(more.history) == 4


def test_a_failing_worker_ends_the_job(folder, tmp_path):
    options = argv(folder / 'notes.txt', folder, tmp_path / 'net.params',
                   '--kvstore', 'dist_sync')
    with launched(options, tmp_path) as (code, told):
        assert code == 1
        assert 'no picture that can be read' in told
