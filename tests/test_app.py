"""The page's work, without the page: orders, paintings, the studio."""

import base64
import io
import os
import socket
import sys
import time

import numpy as onp
import pytest
from PIL import Image

from d2l_nst import cli, read_image, style_transfer
from d2l_nst.app import server, view
from d2l_nst.app.job import DONE, FAILED, STOPPED, WAITING, Painting
from d2l_nst.app.order import PASS, Order, from_drawing, look_at
from d2l_nst.app.pictures import curves, data_uri, strip
from d2l_nst.app.server import listen
from d2l_nst.app.studio import KEPT, Studio
from d2l_nst.errors import ImageError, NSTError
from d2l_nst.layers import Layer
from d2l_nst.outputs import eight_bits
from d2l_nst.recipes import Recipe, Stage

SMALL = Recipe((Stage((24, 16), 4), Stage((48, 32), 6)), lr=0.1,
               content_layers=(Layer('relu1_1'),), tv_weight=0,
               style_layers=(Layer('relu1_1'),), weights='random')


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """A recipe that is painted in no time stands for `quick`."""
    from d2l_nst.recipes import RECIPES
    monkeypatch.setitem(RECIPES, 'quick', SMALL)


@pytest.fixture
def studio():
    with Studio() as studio:
        yield studio


def ordered(pictures, **settings):
    return Order(*map(str, pictures), **{'size': 48, **settings})


def ended(painting):
    end = time.monotonic() + 300
    while not painting.ended:
        assert time.monotonic() < end
        time.sleep(0.01)
    return painting


def stop_after(monkeypatch, steps):
    """Let every painting ask for its end after so many steps in all."""
    see = Painting.see

    def seen(self, step):
        if len(self.steps) == steps - 1:
            self.stop()
        return see(self, step)
    monkeypatch.setattr(Painting, 'see', seen)


def test_a_picture_is_painted_and_saved_with_its_card(studio, pictures):
    painting = ended(studio.order(ordered(pictures, strength=0.7)))
    assert (painting.state, painting.error) == (DONE, None)
    assert len(painting.steps) == 10 and painting.done == 1
    assert os.path.dirname(painting.path) == studio.folder
    assert os.path.basename(painting.path) == 'content-style.png'
    onp.testing.assert_array_equal(read_image(painting.path),
                                   painting.image)
    card = painting.card
    assert card['recipe'] == 'quick' and card['settings']['strength'] == 0.7
    assert card['content'] == 'content.png' and not card['mask']
    assert [stage['epochs'] for stage in card['stages']] == [4, 6]
    assert os.path.exists(painting.path[:-4] + '.json')


@pytest.mark.parametrize('steps, colours', [
    (2, 'style'), (4, 'content'), (6, 'style')])
def test_stopped_it_goes_on_as_if_it_had_not_been(studio, pictures, steps,
                                                  monkeypatch, colours):
    """Bit by bit: in a stage, and at the end of one."""
    whole = ended(studio.order(ordered(pictures, colours=colours)))
    stop_after(monkeypatch, steps)
    painting = ended(studio.order(ordered(pictures, colours=colours)))
    assert painting.state == STOPPED and len(painting.steps) == steps
    first, path = painting.image, painting.path
    assert painting.card['interrupted'] and painting.may_go_on
    assert studio.go_on(painting) is painting
    ended(painting)
    assert (painting.state, painting.error) == (DONE, None)
    assert [(step.stage, step.epoch, step.total) for step in painting.steps
            ] == [(step.stage, step.epoch, step.total)
                  for step in whole.steps]
    assert (painting.image == whole.image).all()
    assert painting.path == path
    assert not onp.array_equal(painting.image, first)
    same = 'recipe', 'settings', 'stages', 'terms', 'interrupted', 'ssim'
    assert [painting.card[name] for name in same] == [whole.card[name]
                                                      for name in same]
    assert (painting.card['continued'], whole.card['continued']) == (1, 0)


def test_it_is_the_picture_of_the_command(studio, pictures):
    painting = ended(studio.order(ordered(pictures)))
    result = style_transfer(*map(str, pictures), 'quick', 48)
    assert (eight_bits(result.image) == painting.image).all()


def test_only_the_last_that_were_stopped_keep_all(studio, pictures,
                                                  monkeypatch):
    """It is large. An older one is painted further, as another picture."""
    stop_after(monkeypatch, 2)
    oldest, *others = [ended(studio.order(ordered(pictures)))
                       for _ in range(KEPT + 2)]
    assert not os.path.exists(oldest.kept)
    other = ended(studio.go_on(others[1]))
    assert other is others[1] and other.state == DONE
    other = ended(studio.go_on(oldest))
    assert other is not oldest and oldest.state == STOPPED
    assert other.image.shape == others[1].image.shape


@pytest.mark.parametrize('colours', ['style', 'content'])
def test_what_is_done_is_painted_further(studio, pictures, colours):
    """As another picture, which begins where that one ended."""
    painting = ended(studio.order(ordered(pictures, colours=colours)))
    before, path = painting.image, painting.path
    other = ended(studio.go_on(painting))
    assert (other.state, other.error) == (DONE, None)
    assert [(step.stage, step.epoch) for step in other.steps] == [
        (1, i) for i in range(1, 7)]
    assert other.image.shape == before.shape
    assert other.steps[0].total < 1.1 * painting.steps[-1].total
    assert other.steps[-1].total < painting.steps[-1].total
    assert (read_image(path) == before).all() and other.path != path
    assert other.card['settings']['init'] == os.path.basename(path)


def test_one_is_painted_at_a_time_and_the_others_wait(studio, pictures):
    first, second, third = (studio.order(ordered(pictures))
                            for _ in range(3))
    assert third.state == WAITING and studio.ahead(third) == 2
    assert '2 pictures are painted before it' in view.status(third, 2)
    assert studio.ahead(second) == 1
    third.stop()
    assert third.state == STOPPED and studio.ahead(third) == 0
    ended(second)
    assert (first.state, second.state, third.state) == (DONE, DONE, STOPPED)
    assert third.path is None and not third.may_go_on
    assert 'Nothing was painted' in view.status(third)
    pale = view.image(third)     # of the photograph, until it is painted
    assert pale.dtype == 'uint8' and 160 <= pale.min() < pale.max() <= 223
    assert os.path.basename(second.path) == 'content-style-2.png'
    with pytest.raises(NSTError, match='paint the picture first'):
        studio.go_on(third)


def test_a_mask_that_was_drawn_keeps_the_rest(studio, pictures):
    mask = onp.zeros((32, 48), 'uint8')
    mask[:, 30:] = 255
    file = io.BytesIO()
    Image.fromarray(mask).convert('RGBA').save(file, 'PNG')
    drawn = 'data:image/png;base64,' + base64.b64encode(
        file.getvalue()).decode()
    painting = ended(studio.order(ordered(
        pictures, mask=from_drawing(drawn, studio.own))))
    assert painting.error is None and painting.card['mask']
    photo = onp.asarray(Image.open(pictures[0]).resize((48, 32)), 'int32')
    change = abs(painting.image - photo).mean(axis=(0, 2))
    assert change[:20].mean() < 4 < change[40:].mean()


def test_no_drawing_is_no_mask(tmp_path):
    assert from_drawing('', tmp_path) is from_drawing(None, tmp_path) is None
    with pytest.raises(ImageError, match='draw it again'):
        from_drawing('data:image/png;base64,a', tmp_path)
    with pytest.raises(ImageError, match='no picture that can be read'):
        from_drawing('data:image/png;base64,QUJD', tmp_path)


def test_what_goes_wrong_is_told(studio, pictures):
    painting = ended(studio.order(ordered(pictures, size=8)))
    assert painting.state == FAILED and 'too small' in painting.error
    assert 'role="alert"' in view.status(painting)
    assert ended(studio.order(ordered(pictures))).state == DONE


def test_orders_are_checked(pictures):
    with pytest.raises(NSTError, match='no photograph: choose one'):
        Order(None, str(pictures[1]))
    with pytest.raises(NSTError, match='strength of 2'):
        ordered(pictures, strength=2)
    with pytest.raises(NSTError, match='unknown recipe'):
        ordered(pictures, method='quack')
    assert Order(None, str(pictures[1]), 'texture').name == 'style'
    assert ordered(pictures, method=PASS).needs == ('content', 'style')


def test_a_broken_file_has_the_sentence_of_the_command(
        tmp_path, pictures, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open(pictures[0], 'rb') as whole, open('broken.png', 'wb') as file:
        file.write(whole.read()[:3000])
    assert cli.main(['transfer', 'broken.png', 'style.gif',
                     '-o', 'out.png']) == 1
    said = capsys.readouterr().err.strip()
    with pytest.raises(ImageError) as error:
        look_at(str(tmp_path / 'broken.png'))
    assert said == f'd2l-nst: {error.value}'
    assert str(error.value).startswith('broken.png is damaged')


def test_the_end_stops_the_work_and_removes_all(pictures):
    with Studio() as studio:
        painting = studio.order(ordered(pictures))
        own = studio.own
        assert 'gone at the end' in studio.promise
    assert painting.ended and not os.path.exists(own)


def test_a_folder_keeps_the_pictures(pictures, tmp_path):
    with Studio(str(tmp_path / 'painted')) as studio:
        painting = ended(studio.order(ordered(pictures)))
    assert sorted(os.listdir(tmp_path / 'painted')) == [
        'content-style.json', 'content-style.png']
    assert os.path.exists(painting.path)
    assert str(tmp_path / 'painted') in studio.promise
    with pytest.raises(ImageError, match='is a file'):
        Studio(str(pictures[0]))


def test_one_pass(studio, pictures, monkeypatch):
    from d2l_nst.feedforward import any_style

    class Grey:
        def memory(self, pixels):
            return 1

        def paint(self, X, strength):
            return 0 * X + 255 * strength

    monkeypatch.setattr(any_style, 'load_any_style',
                        lambda *args, **kwargs: Grey())
    painting = ended(studio.order(ordered(pictures, method=PASS,
                                          strength=0.2)))
    assert (painting.state, painting.error) == (DONE, None)
    assert painting.image.shape == (32, 48, 3)
    assert (painting.image == 51).all() and not painting.may_go_on
    assert painting.card['method'] == 'paint' and not view.losses(painting)


# ------------------------------------------------------- what it shows
def test_the_view_of_a_picture(studio, pictures):
    assert view.view(None) == view.EMPTY and view.losses(None) == ''
    painting = ended(studio.order(ordered(pictures)))
    assert 'data:image/jpeg' in view.view(painting)
    assert 'data-state="done"' in view.status(painting)
    drawn = view.losses(painting)
    assert drawn.count('<polyline') == 2     # no variation here
    assert drawn.count('class="stage"') == 1
    assert curves(painting.steps[:1], SMALL.stages) == ''


def test_a_strip_tells_names_as_text():
    assert '&lt;b&gt;' in strip([('<b>', '<b>', '', False)])
    address = data_uri(onp.zeros((200, 100, 3), 'uint8'), 50)
    picture = Image.open(io.BytesIO(base64.b64decode(
        address.partition(',')[2])))
    assert picture.size == (25, 50)


# -------------------------------------------------------- the command
def test_without_its_library_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr('importlib.util.find_spec', lambda name: None)
    assert cli.main(['app', '--no-browser']) == 1
    said = capsys.readouterr().err
    assert said.count('\n') == 1
    assert ('make app' if sys.version_info >= (3, 10)
            else 'Python 3.10 or later') in said


def test_a_port_that_is_taken(monkeypatch):
    with socket.create_server(('127.0.0.1', 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(server, 'PORT', port)
        with listen('127.0.0.1') as other:
            assert other.getsockname()[1] != port
        with pytest.raises(NSTError, match=f'{port}.*another --port'):
            listen('127.0.0.1', port)
    with pytest.raises(NSTError, match='--port'):
        listen('127.0.0.1', 70000)
