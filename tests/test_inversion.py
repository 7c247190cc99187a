"""The training of decoders: their losses, resuming, the command."""

import os

import numpy as onp
import pytest
from PIL import Image
from skimage import data

from d2l_nst import cli, errors, files
from d2l_nst.feedforward import any_style, inversion, network, objective
from d2l_nst.checkpoint import parameters
from d2l_nst.feedforward.decoder import Decoder
from d2l_nst.feedforward.records import DecoderSettings

SMALL = {'size': 32, 'batch_size': 4, 'crops': 8, 'epochs': 2,
         'invert': 'relu2_1', 'weights': 'bundled'}


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('pictures')
    for name in ('astronaut', 'chelsea', 'coffee'):
        Image.fromarray(getattr(data, name)()[::4, ::4]).save(
            folder / f'{name}.png')
    return folder


def train(folder, output=None, resume=False, start=None, on_step=None,
          **changes):
    return inversion.train_decoder(
        folder, output and str(output),
        DecoderSettings(**{**SMALL, **changes}), resume=resume, workers=0,
        start=start, on_step=on_step)


def arrays(net):
    return {name: p.data().asnumpy() for name, p in parameters(net).items()}


# ---------------------------------------------------------------- losses
@pytest.mark.parametrize('levels', [('relu2_1', 'picture'),
                                    ('relu3_1', 'relu2_1')])
def test_losses_are_those_of_numpy(numpy_semantics, folder, levels):
    top, bottom = levels
    run = inversion.DecoderTraining(folder, DecoderSettings(
        **{**SMALL, 'invert': top, 'down_to': bottom}))
    crops = run.loader().load(0, range(4))[0]
    assert crops.shape == (6, 3, 32, 32)
    batch, = run.prepare(crops)
    given, statistics, grams, picture, between, light, calm = batch
    (total, *terms), (goal, Y) = run.losses(*batch)
    decoded = run.net(given, *statistics)
    onp.testing.assert_allclose(decoded[0].asnumpy(), Y.asnumpy(), atol=1e-4)

    again = [Z.asnumpy() for Z in run.encoder.above(bottom)(Y)]
    content = ((again[-1] - given.asnumpy()) ** 2).mean()
    if bottom != 'picture':
        again.insert(0, Y.asnumpy())
    style = 0
    for Z, G, m in zip(again, grams[::2], grams[1::2]):
        Z = Z.reshape(*Z.shape[:2], -1)
        for mine, known in (
                (onp.einsum('ncp,ndp->ncd', Z, Z) / Z.shape[2], G),
                (Z.mean(2, keepdims=True), m)):
            known = known.asnumpy()
            size = (known ** 2).sum((1, 2)) + 1e-3
            style += onp.sqrt(((mine - known) ** 2).sum((1, 2)) / size
                              + 1e-4).mean()
    picture = ((Y.asnumpy()[:2] - picture.asnumpy()) ** 2).mean()
    inner = sum(((made.asnumpy()[:2] - wanted.asnumpy()) ** 2).mean()
                for made, wanted in zip(decoded[1:], between))
    expected = [content, 0.3 * style, picture, 0.3 * inner, 0, 0]
    if bottom == 'picture':
        painted, seen = Y.asnumpy()[2:], inversion.standardise(crops)[2:4]
        expected[4] = 1 - onp.mean([onp.corrcoef(*(
            A.reshape(3, 4, 8, 4, 8).mean((0, 2, 4)).ravel()
            for A in pair))[0, 1] for pair in zip(painted, seen)])
        calm = objective.calmness(crops[2:4])
        expected[5] = 0.25 * (
            (calm[:, :, 1:] * onp.diff(painted, axis=2) ** 2).mean()
            + (calm[..., 1:] * onp.diff(painted, axis=3) ** 2).mean())
    onp.testing.assert_allclose([float(l) for l in terms], expected,
                                rtol=1e-3)
    assert float(total) == pytest.approx(sum(expected), rel=1e-3)


def test_what_is_asked_for(numpy_semantics, folder):
    """The first half as it was; the second with a painting's statistics."""
    run = inversion.DecoderTraining(folder, DecoderSettings(**SMALL))
    crops = run.loader().load(0, range(4))[0]
    (given, statistics, _, picture, *_), = run.prepare(crops)
    X = inversion.standardise(crops)
    low, top = (Y.asnumpy() for Y in run.encoder(
        inversion.mx.np.array(X)))
    onp.testing.assert_allclose(picture.asnumpy(), X[:2], rtol=1e-6)
    onp.testing.assert_allclose(given.asnumpy()[:2], top[:2], rtol=1e-5)
    onp.testing.assert_allclose(given.asnumpy()[2:].mean((2, 3)),
                                top[4:].mean((2, 3)), atol=1e-3)
    onp.testing.assert_allclose(statistics[1].asnumpy()[:2],
                                low[:2].mean((2, 3)), rtol=1e-4, atol=1e-5)
    onp.testing.assert_allclose(statistics[1].asnumpy()[2:],
                                low[4:].mean((2, 3)), rtol=1e-4, atol=1e-5)


# -------------------------------------------------------------- training
def test_it_learns(numpy_semantics, folder):
    """Features of relu1_1 become the picture again within a minute."""
    result = train(folder, invert='relu1_1', crops=40, epochs=4, lr=0.01)
    picture = result.history[:, inversion.TERMS.index('picture')]
    assert picture[-5:].mean() < 0.2 * picture[:5].mean()
    assert result.history.shape == (40, len(inversion.TERMS) + 1)
    onp.testing.assert_allclose(result.history[:, :-1].sum(1),
                                result.history[:, -1], rtol=1e-5)


def test_resumed_it_is_the_unbroken_one(numpy_semantics, folder, tmp_path):
    whole = train(folder)
    path = tmp_path / 'net.params'

    def stop(step):
        if step.iteration == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        inversion.train_decoder(
            folder, str(path), DecoderSettings(**SMALL), workers=0, every=2,
            on_step=stop)
    resumed = train(folder, path, resume=True)
    assert (resumed.history == whole.history).all()
    for name, array in arrays(whole.net).items():
        assert (arrays(resumed.net)[name] == array).all()
    with pytest.raises(errors.NSTError, match='another style_weight'):
        train(folder, path, resume=True, style_weight=1)


def test_it_begins_with_a_decoder_of_its_kind(numpy_semantics, folder,
                                              tmp_path):
    path = str(tmp_path / 'net.params')
    net = network.new_network(3, kind=Decoder, **inversion.DecoderTraining(
        folder, DecoderSettings(**SMALL)).net.settings)
    network.save_network(net, path)
    result = train(folder, start=path, lr=1e-9)
    for name, array in arrays(net).items():
        onp.testing.assert_allclose(arrays(result.net)[name], array,
                                    rtol=2e-3, atol=1e-4)
    with pytest.raises(errors.WeightsError, match='another top'):
        train(folder, start=path, invert='relu3_1')
    with pytest.raises(errors.WeightsError, match='another encoder'):
        train(folder, start=path, weights='hed')


# --------------------------------------------------------------- command
def test_command(folder, tmp_path, capsys):
    """A decoder is trained, and `paint` paints with it."""
    net = tmp_path / 'decoder.params'
    assert cli.main(['train', '--invert', 'relu2_1', '--data', str(folder),
                     '--styles', str(folder), '-o', str(net), '--size', '32',
                     '--batch-size', '2', '--crops', '4', '--epochs', '1',
                     '--workers', '0']) == 0
    assert '2 iterations' in capsys.readouterr().out
    assert cli.main(['paint', str(folder / 'coffee.png'), '-o',
                     str(tmp_path / 'out'), '--style',
                     str(folder / 'chelsea.png'), '--decoder',
                     str(net)]) == 0
    painted = Image.open(tmp_path / 'out' / 'coffee.png')
    assert painted.size == Image.open(folder / 'coffee.png').size
    # Trained for other features, it is refused
    assert cli.main(['train', '--invert', 'relu2_1', '--weights', 'bundled',
                     '--data', str(folder), '-o', str(net), '--force',
                     '--size', '32', '--batch-size', '2', '--crops', '2',
                     '--epochs', '1', '--workers', '0']) == 0
    capsys.readouterr()
    assert cli.main(['paint', str(folder / 'coffee.png'), '-o',
                     str(tmp_path / 'out2'), '--style',
                     str(folder / 'chelsea.png'), '--decoder',
                     str(net)]) == 1
    assert 'train one for them' in capsys.readouterr().err


@pytest.mark.parametrize('options, message', [
    ([], 'name a STYLE'),
    (['style.jpg', '--invert', 'relu3_1'], 'name a STYLE'),
    (['--invert', 'conv9_9'], 'conv9_9'),
    (['--invert', 'relu2_1', '--down-to', 'relu3_1'], 'not below'),
    (['--invert', 'relu2_1', '--batch-size', '3'], 'even number'),
    (['--invert', 'relu2_1', '--style-size', '64'],
     '--style-size is not for'),
    (['style.jpg', '--down-to', 'relu3_1'], '--down-to is not for a STYLE'),
    (['style.jpg', '--styles', '.'], '--styles is not for a STYLE'),
    (['--invert', 'relu2_1', '--weights', 'random'], 'random filters')])
def test_wrong_usage(folder, tmp_path, capsys, options, message):
    assert cli.main(['train', *options, '--data', str(folder), '-o',
                     str(tmp_path / 'net.params')]) == 1
    error = capsys.readouterr().err
    assert message in error and error.count('\n') == 1
    assert not list(tmp_path.iterdir())


def test_decoders_are_what_their_record_says(numpy_semantics):
    """Their encoder is the one of `hed`; small enough to be bundled."""
    painter = any_style.load_any_style([data.coffee()])
    assert set(painter.stages) == set(painter.encoder.levels)
    paths = network.bundled_decoders()
    assert sum(map(os.path.getsize, paths.values())) < 10 * 2 ** 20
    folder = os.path.join(network.BUNDLED, 'decoders')
    with open(os.path.join(folder, 'SHA256SUMS')) as f:
        sums = dict(reversed(line.split()) for line in f)
    assert sums == {name + '.params': files.sha256(path)
                    for name, path in paths.items()}
    with open(os.path.join(folder, 'README.md')) as f:
        card = f.read()
    for name, path in paths.items():
        numbers = sum(p.data().size for p in network.load_network(
            path, kind=Decoder).collect_params().values())
        assert f'`{name}.params`' in card and f'{numbers:,} param' in card
