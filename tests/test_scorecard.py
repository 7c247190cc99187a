"""The scorecard of a result: in the picture and beside it."""

import hashlib
import json
import os

import numpy as onp
import pytest
from PIL import Image

import d2l_nst
from d2l_nst import (NSTWarning, Recipe, Stage, cli, measures, outputs,
                     recipes, scorecard)
from d2l_nst.images import read_image
from test_cli import contents, one_line

STAGES = Stage((48, 32), 3), Stage((96, 64), 2)


@pytest.fixture
def small(monkeypatch, small_net, tmp_path_factory):
    """The recipe `quick`, with small sizes, few layers and a file of
    weights; the path of this file."""
    path = str(tmp_path_factory.mktemp('weights') / 'small.params')
    small_net.save_parameters(path)
    monkeypatch.setitem(recipes.RECIPES, 'quick', Recipe(
        STAGES, 'lbfgs', weights=path, content_layers=('conv2_1',),
        style_layers=('conv1_1',)))
    return path


@pytest.fixture
def run(pictures, tmp_path, capfd, monkeypatch):
    """Run the command beside the two pictures; returns exit code, stdout
    and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(line):
        code = cli.main(line.split())
        captured = capfd.readouterr()
        return code, captured.out, captured.err
    return run


def beside(path):
    with open(path) as file:
        return json.load(file)


TRANSFER = 'transfer content.png style.gif -o '


def test_the_card_of_a_result(small, pictures):
    result = d2l_nst.style_transfer(*map(str, pictures))
    card, img = result.scorecard(), 255 * result.image.asnumpy()
    content, style = map(read_image, pictures)
    assert card['recipe'] == 'quick' and card['size'] == [96, 64]
    assert card['ssim'] == pytest.approx(measures.ssim(img, content), 1e-3)
    assert card['axis_share'] == pytest.approx(measures.axis_share(img),
                                               1e-3)
    # relu1_1 and conv2_1 are listened to, and the network ends there
    distances = measures.style_distances(img, style, result.net,
                                         ['relu1_2'])
    assert card['style_distance'] == [pytest.approx(distances, 1e-3)]
    assert [(stage['size'], stage['epochs'], stage['of'])
            for stage in card['stages']] == [
        ([48, 32], 3, 3), ([96, 64], 2, 2)]
    first, last = result.history[0], result.history[-1]
    assert card['terms']['style'] == pytest.approx(
        [first.terms['style'], last.terms['style']], 1e-3)
    assert card['terms']['total'] == pytest.approx([first.total, last.total],
                                                   1e-3)
    with open(small, 'rb') as file:
        sha256 = hashlib.sha256(file.read()).hexdigest()
    assert card['weights']['sha256'] == sha256
    assert card['seconds'] > 0 and card['memory_gb'] > 0
    assert json.loads(json.dumps(card)) == card


def test_the_bundled_features_have_a_hash_and_a_licence():
    weights = d2l_nst.find_weights('bundled')
    origin = scorecard.origin(weights)
    assert len(origin['sha256']) == 64 and origin['licence']
    weights = d2l_nst.find_weights('random')
    assert scorecard.origin(weights)['sha256'] is None


def test_the_card_of_a_texture_and_of_an_inversion(small, pictures):
    content, style = map(str, pictures)
    how = {'image_shape': (48, 48), 'num_epochs': 1, 'weights': small}
    card = d2l_nst.style_transfer(
        None, style, 'texture', style_layers=('relu1_1', 'conv2_1'),
        **how).scorecard()
    assert 'ssim' not in card
    assert list(card['style_distance'][0]) == ['relu1_2']
    card = d2l_nst.style_transfer(
        content, None, 'inversion', content_layers=('conv2_1',),
        **how).scorecard()
    assert 'style_distance' not in card and card['ssim'] < 1


@pytest.mark.parametrize('line, out, recipe', [
    (TRANSFER, 'out.png', 'quick'),
    ('render strokes content.png -o ', 'out.png', None),
    ('render texture style.gif --size 20x20 -o ', 'out.png', None),
    ('render regions content.png -o ', 'out.jpg', None),
    ('render strokes content.png -o ', 'out.tif', None),
    ('render strokes content.png -o ', 'out.webp', None)])
def test_it_lies_beside_the_picture_and_in_it(small, run, line, out, recipe):
    assert run(line + out)[::2] == (0, '')
    card = beside('out.json')
    assert card.get('recipe') == recipe and card['seconds'] >= 0
    picture = Image.open(out)
    assert list(picture.size) == card['size']
    carried = {'.png': lambda: picture.text[outputs.KEY],
               '.jpg': lambda: picture.info['comment'],
               '.tif': lambda: picture.tag_v2[270]}.get(out[3:])
    if carried:
        steady = {name: value for name, value in card.items()
                  if name not in outputs.VARIES}
        assert json.loads(carried()) == steady != card


def test_the_same_run_makes_the_same_file(small, run):
    for out in ('a.png', 'b.png'):
        assert run(TRANSFER + out)[0] == 0
    with open('a.png', 'rb') as a, open('b.png', 'rb') as b:
        assert a.read() == b.read()


@pytest.mark.parametrize('line', [TRANSFER, 'render strokes content.png -o '])
def test_it_can_be_left_out(small, run, line):
    assert run(line + 'out.png --no-metadata')[0] == 0
    assert sorted(os.listdir()) == ['content.png', 'out.png', 'style.gif']
    assert outputs.KEY not in Image.open('out.png').info


@pytest.mark.parametrize('line', [TRANSFER, 'render strokes content.png -o '])
def test_it_replaces_nothing(small, run, tmp_path, line):
    (tmp_path / 'out.json').write_text('mine')
    before = contents(tmp_path)
    code, _, err = run(line + 'out.png')
    one_line(code, err, 1, 'out.json exists')
    assert contents(tmp_path) == before
    assert run(line + 'out.png --force')[0] == 0
    assert beside('out.json')['size']


def test_the_trace_has_another_name(small, run, tmp_path):
    code, _, err = run(TRANSFER + 'out.png --trace out.json')
    one_line(code, err, 1, 'out.json is named for the trace and')


@pytest.mark.parametrize('error', [KeyboardInterrupt(), MemoryError('full')])
def test_the_picture_matters_more(small, run, monkeypatch, error):
    def fail(*args):
        raise error

    monkeypatch.setattr(scorecard, 'of_transfer', fail)
    code, _, err = run(TRANSFER + 'out.png')
    one_line(code, err, 0, 'no scorecard: (interrupted|full)')
    assert read_image('out.png').shape == (64, 96, 3)


def test_a_card_that_cannot_be_saved_is_told(tmp_path):
    (tmp_path / 'a.json').mkdir()
    with pytest.warns(NSTWarning, match='no scorecard: .*a.json'):
        outputs.save_card({}, tmp_path / 'a.png', force=True)


def test_a_picture_too_small_to_be_measured():
    img = onp.zeros((8, 30, 3), 'uint8')
    card = scorecard.scorecard(img, img, method='paint')
    assert card['size'] == [30, 8] and 'ssim' not in card


def test_paint_has_one_file_for_a_folder(run):
    """Of several runs too; what is not of them is never touched."""
    paint = ('paint content.png --net nine-styles --style ink-wash '
             '--size 40 -o painted')
    assert run(paint)[0] == 0
    Image.open('content.png').save('second.jpg')
    assert run(paint.replace('content.png', 'second.jpg'))[0] == 0
    cards = beside('painted/scorecards.json')
    assert sorted(cards) == ['content.png', 'second.jpg']
    card = cards['content.png']
    assert card['network'] == 'nine-styles' and len(card['sha256']) == 64
    img = read_image('painted/content.png')
    assert card['size'] == list(img.shape[1::-1]) == [40, 27]
    assert 0 < card['ssim'] < 1
    assert json.loads(Image.open('painted/content.png').text[
        outputs.KEY]) == card
    with open('painted/scorecards.json', 'w') as file:
        file.write('mine')
    code, _, err = run(paint + ' --force')
    one_line(code, err, 1, 'does not hold scorecards: .*--no-metadata')
    assert run(paint + ' --force --no-metadata')[0] == 0
    with open('painted/scorecards.json') as file:
        assert file.read() == 'mine'
