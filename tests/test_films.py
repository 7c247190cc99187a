"""Films: flicker, and the command on films of all kinds."""

import copy
import json
import os
import re
import signal
import subprocess
import sys
from fractions import Fraction

import film_scene
import full_disk
import mxnet as mx
import numpy as onp
import pytest
from PIL import Image

from d2l_nst import cli, errors, images
from d2l_nst.controls.colours import keep_luminance
from d2l_nst.feedforward import any_style, network, painting, transforms
from d2l_nst.feedforward.steady import Steady
from d2l_nst.films import ffmpeg, loops, reading
from d2l_nst.precision import choose_precision

ROOT = __file__.rpartition('tests')[0]
STYLE = ROOT + 'img/ink-wash.jpg'
SHAPE = 48, 33
RATE = 8000
LASTING = [100, 50, 70, 100, 200]      # milliseconds of a GIF's frames


@pytest.fixture(scope='module')
def painter(numpy_semantics):
    return any_style.load_any_style([images.read_image(STYLE)])


@pytest.fixture(scope='module')
def scene():
    return film_scene.film()


@pytest.fixture(scope='module')
def frames():
    return film_scene.film(SHAPE, 5, noise=0)


@pytest.fixture
def net(tmp_path, numpy_semantics):
    """The options that name a network."""
    path = tmp_path / 'net.params'
    network.save_network(network.new_network(seed=3), path)
    return ['--net', str(path)]


@pytest.fixture
def gif(tmp_path, frames):
    path, (first, *rest) = tmp_path / 'a.gif', map(Image.fromarray, frames)
    first.save(path, save_all=True, append_images=rest, duration=LASTING)
    return path


@pytest.fixture
def folder(tmp_path, frames):
    """Frames of which the tenth would be the second by its letters."""
    path = tmp_path / 'frames'
    path.mkdir()
    for i, img in zip((1, 2, 9, 10, 11), frames):
        Image.fromarray(img).save(path / f'f{i}.png')
    return path


@pytest.fixture
def right(tmp_path):
    """A mask that is white in the right half."""
    mask = onp.zeros((33, 48), 'uint8')
    mask[:, 24:] = 255
    Image.fromarray(mask).save(tmp_path / 'mask.png')
    return tmp_path / 'mask.png'


@pytest.fixture
def clip(tmp_path, folder):
    """An MP4 of odd height with sound, as `make_clip` makes it."""
    return make_clip(tmp_path / 'clip.mp4')


def make_clip(path, *options):
    ran('-framerate', '30000/1001', '-pattern_type', 'glob', '-i',
        f'{path.parent}/frames/*.png', '-f', 'lavfi', '-i',
        'sine=440:duration=0.17', '-c:v', 'libx264', '-pix_fmt', 'yuv444p',
        '-c:a', 'aac', *options, path)
    return path


def ran(*options):
    subprocess.run([ffmpeg.find_ffmpeg(), '-v', 'error', '-nostdin', '-y',
                    *map(str, options)], check=True)


def paint(*args):
    return cli.main(['paint', *map(str, args)])


def read(path):
    return list(reading.open_film(path).frames)


# --------------------------------------------------------------- flicker
def test_a_steady_film_flickers_less_and_is_as_sharp(painter, scene):
    """At most 0.6 of the flicker of frames painted one by one."""
    alone = [painting.paint_pictures(painter, [img])[0] for img in scene]
    steady = Steady(painter)
    painted = [painting.paint_pictures(steady, [img])[0] for img in scene]
    assert film_scene.flicker(painted) < 0.6 * film_scene.flicker(alone)
    assert film_scene.sharpness(painted) > film_scene.sharpness(alone)


def test_a_network_is_steadied_too(scene, net):
    other = network.load_network('nine-styles').choose(['ink-wash'])
    alone = [painting.paint_pictures(other, [img])[0] for img in scene]
    steady = Steady(other)
    painted = [painting.paint_pictures(steady, [img])[0] for img in scene]
    assert film_scene.flicker(painted) < 0.7 * film_scene.flicker(alone)


def test_what_comes_into_the_scene_changes_its_colours_less(painter, scene):
    """Since the statistics are smoothed."""
    first, film = scene[0], painter.for_film()
    second = first.copy()
    second[:, :40] = 250

    def change(painter):
        before, after = (painter.paint(img[None])[0] for img in (first,
                                                                 second))
        return abs(after - before)[:, 60:].mean()

    assert change(film) < 0.5 * change(painter)


def test_smoothed_statistics():
    smoothed = transforms.Smoothed()
    for value, expected in ((0, 0), (10, 0.5), (10, 0.975)):
        smoothed.begin()
        found = smoothed.of(transforms.Statistics(
            onp.full(2, value), onp.full((2, 2), 2 * value)))
        other = smoothed.of(transforms.Statistics(
            onp.full(3, 1), onp.full((3, 3), 1)))
        onp.testing.assert_allclose(found.mean, expected)
        onp.testing.assert_allclose(found.covariance, 2 * expected)
        assert (other.mean == 1).all()


def test_a_cut_begins_anew_and_a_still_stays(painter, scene):
    steady, other = Steady(painter), 255 - scene[0][::-1]
    one, two, same, cut = (steady.paint(img[None])[0] for img in (
        scene[0], scene[1], scene[1], other))
    assert (same == two).all() and (one != two).any()
    onp.testing.assert_allclose(cut, painter.paint(other[None])[0], atol=0.01)
    smaller = scene[1][:48]
    onp.testing.assert_allclose(steady.paint(smaller[None])[0],
                                painter.paint(smaller[None])[0], atol=0.01)


def test_strength_0_is_the_film_itself(painter, scene):
    steady = Steady(painter)
    for img in scene[:2]:
        assert (painting.paint_pictures(steady, [img], 0)[0] == img).all()


# --------------------------------------------------- GIF, WebP and folders
@pytest.mark.parametrize('kind', ['gif', 'webp'])
def test_a_gif_keeps_its_times(gif, net, tmp_path, frames, kind, capsys):
    out = tmp_path / f'painted.{kind}'
    assert paint(gif, *net, '-o', out, '--strength', 0) == 0
    assert '5 of 5 frames painted' in capsys.readouterr().out
    with Image.open(out) as picture:
        assert picture.n_frames == 5 and picture.info['loop'] == 0
    again = read(out)
    assert [1000 * seconds for _, seconds in again] == LASTING
    for (img, _), (before, _) in zip(again, read(gif)):
        assert abs(img.astype(int) - before).mean() < 6
    card = json.loads((tmp_path / 'painted.json').read_text())
    assert card['frames'] == 5 and card['size'] == [*SHAPE]
    assert paint(gif, *net, '-o', out) == 1
    assert 'exists: choose' in capsys.readouterr().err
    before = out.read_bytes()
    assert paint(gif, *net, '-o', out, '--skip-existing') == 0
    assert out.read_bytes() == before


def test_a_folder_of_frames(folder, net, tmp_path, frames):
    """A film, a folder of frames or a set of pictures, as is said."""
    out = tmp_path / 'painted.webp'
    assert paint(folder, *net, '-o', out, '--strength', 0, '--no-metadata',
                 '--size', '24') == 0
    again = read(out)
    assert [seconds for _, seconds in again] == [Fraction(1, 25)] * 5
    for (img, _), before in zip(again, frames):
        assert img.shape == (16, 24, 3)
        small = images.resize(before, (24, 16))
        assert abs(small - img).mean() < 12
    assert os.listdir(tmp_path) and not list(tmp_path.glob('*.json'))
    out = tmp_path / 'out'
    assert paint(folder, *net, '-o', out, '--fps', 10) == 0
    film = [images.read_image(out / f'f{i}.png') for i in (1, 2, 9, 10, 11)]
    assert json.loads((out / 'film.json').read_text())['fps'] == 10
    painter = network.load_network(net[1]).check()
    painter.compute_in(choose_precision('auto', mx.cpu()))
    steady = Steady(painter)
    for img, painted in zip(frames, film):
        assert (painting.paint_pictures(steady, [img])[0] == painted).all()
    os.remove(out / 'f9.png')
    assert paint(folder, *net, '-o', out, '--fps', 10, '--skip-existing',
                 '--no-metadata') == 0
    assert (out / 'f9.png').exists()


def test_masks_and_mixed_styles(gif, right, tmp_path, frames):
    assert paint(gif, '--net', 'nine-styles', '--style', 'ink-wash',
                 '--style', 'autumn-oak', '--mask', right,
                 '--fps', 5, '-o', tmp_path / 'out') == 0
    for i, (before, _) in enumerate(read(gif), 1):
        apart = abs(images.read_image(tmp_path / f'out/{i:06d}.png')
                    .astype(int) - before)
        assert (apart[:, :23] == 0).all() and apart[:, 25:].mean() > 10


def test_like_any_painting_in_the_colours_of_the_film(folder, right, painter,
                                                      tmp_path):
    """Each frame as `Steady` paints it, with its own colours where it is
    painted, and as it was elsewhere."""
    out = tmp_path / 'out'
    assert paint(folder, '--style', STYLE, '--transform', 'adain',
                 '--colours', 'content', '--mask', right, '--fps', 9,
                 '-o', out) == 0
    other = copy.copy(painter)
    other.transform = transforms.TRANSFORMS['adain']
    steady = Steady(other)
    for name in ('f1', 'f2', 'f9', 'f10', 'f11'):
        img = images.read_image(folder / f'{name}.png')
        expected = keep_luminance(steady.paint(img[None])[0], img)
        painted = images.read_image(out / f'{name}.png')
        assert abs(painted - expected.clip(0, 255))[:, 25:].max() <= 0.51
        assert abs(painted.astype(int) - img)[:, 25:].mean() > 5
        assert (painted == img)[:, :23].all()


def read_again(path, pairs, **options):
    """Frames whose halves have these colours, and what they are read as."""
    def halves(left, right):
        img = onp.full((16, 20, 4), left, 'uint8')
        img[:, 10:] = right
        return Image.fromarray(img)

    first, *rest = (halves(*pair) for pair in pairs)
    first.save(path, save_all=True, append_images=rest, duration=50,
               **options)
    return [(tuple(img[8, 4]), tuple(img[8, 15])) for img, _ in read(path)]


RED, BLUE, NONE = (255, 0, 0, 255), (0, 0, 255, 255), (0, 0, 0, 0)
WHITE = 255, 255, 255


@pytest.mark.parametrize('ending', ['gif', 'apng', 'png'])
def test_what_is_transparent_becomes_white(tmp_path, ending):
    """In each frame, whatever was there before; it is told once."""
    with pytest.warns(errors.NSTWarning, match='a film has no place') as told:
        found = read_again(tmp_path / f'a.{ending}', [
            (RED, NONE), (NONE, BLUE), (BLUE, NONE)], disposal=2)
    assert len(told) == 1
    assert found == [(RED[:3], WHITE), (WHITE, BLUE[:3]), (BLUE[:3], WHITE)]


def test_the_still_of_a_png_is_none_of_its_frames(tmp_path):
    """It is for those who know no animations."""
    assert read_again(tmp_path / 'a.png', [
        (RED, RED), (BLUE, RED), (RED, BLUE)], default_image=True) == [
        (BLUE[:3], RED[:3]), (RED[:3], BLUE[:3])]


def test_transparent_frames_of_a_folder_are_laid_on_white(tmp_path):
    for i, colour in enumerate((RED, NONE, NONE), 1):
        Image.new('RGBA', (20, 16), colour).save(tmp_path / f'{i}.png')
    with pytest.warns(errors.NSTWarning, match='2.png, which is laid') as told:
        found = [img[0, 0].tolist() for img, _ in
                 reading.open_film(tmp_path, 5).frames]
    assert found == [[255, 0, 0], [255] * 3, [255] * 3] and len(told) == 1


@pytest.mark.parametrize('shape', [(20, 16), (31, 17)])
def test_a_still_is_a_film_of_one_frame(net, tmp_path, shape):
    Image.new('RGB', shape, 'red').save(tmp_path / 'a.png')
    for name in 'b.gif', 'c.webp':
        assert paint(tmp_path / 'a.png', *net, '-o', tmp_path / name) == 0
        (img, _), = read(tmp_path / name)
        assert img.shape[1::-1] == shape


def test_interrupted(gif, net, tmp_path, monkeypatch, capsys):
    """What was painted is a film; without a frame there is none."""
    true, left = painting.paint_pictures, [2]

    def paint_pictures(*args):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return true(*args)

    monkeypatch.setattr(painting, 'paint_pictures', paint_pictures)
    out = tmp_path / 'out.gif'
    assert paint(gif, *net, '-o', out) == 130
    assert '2 of 5 frames painted' in capsys.readouterr().out
    assert len(read(out)) == 2
    assert json.loads((tmp_path / 'out.json').read_text())['interrupted']
    before = sorted(os.listdir(tmp_path))
    assert paint(gif, *net, '-o', tmp_path / 'other.gif') == 130
    assert sorted(os.listdir(tmp_path)) == before


def test_an_interrupt_waits_for_a_whole_frame(gif, net, tmp_path,
                                              monkeypatch):
    true, usual, calls = loops.Gif.frame, signal.getsignal(signal.SIGINT), []

    def frame(*args):
        calls.append(args)
        if len(calls) == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return true(*args)

    monkeypatch.setattr(loops.Gif, 'frame', frame)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert paint(gif, *net, '-o', tmp_path / 'out.gif') == 130
    finally:
        signal.signal(signal.SIGINT, usual)
    assert len(read(tmp_path / 'out.gif')) == 2


def test_damaged_in_the_middle(gif, folder, net, tmp_path, capsys):
    """One error, and the frames before it are kept."""
    (folder / 'f10.png').write_bytes(b'nothing')
    out = tmp_path / 'out.gif'
    assert paint(folder, *net, '-o', out) == 1
    told = capsys.readouterr()
    assert 'f10.png' in told.err and told.err.count('\n') == 1
    assert '3 of 5 frames' in told.out and len(read(out)) == 3
    Image.new('RGB', (20, 20)).save(folder / 'f2.png')
    assert paint(folder, *net, '-o', out, '--force') == 1
    assert 'give all frames one size' in capsys.readouterr().err


@pytest.mark.parametrize('source, out, message', [
    ('none.mp4', 'a.gif', 'no such file'), ('a.gif', 'a.gif', 'exists'),
    ('net.params', 'out.gif', 'is no film'), ('a.gif', 'b.avi', 'not written'),
    ('cut.gif', 'b.gif', 'damaged'), ('text.gif', 'b.gif', 'no picture'),
    ('empty', 'b.gif', 'holds no pictures'), ('a.gif a.gif', 'b.gif', 'one')])
def test_wrong_usage(gif, net, tmp_path, capsys, source, out, message):
    (tmp_path / 'cut.gif').write_bytes(gif.read_bytes()[:900])
    (tmp_path / 'text.gif').write_text('nothing')
    (tmp_path / 'empty').mkdir()
    before = sorted(os.listdir(tmp_path))
    sources = [tmp_path / name for name in source.split()]
    assert paint(*sources, *net, '-o', tmp_path / out) == 1
    error = capsys.readouterr().err
    assert message in error and error.count('\n') == 1
    assert sorted(os.listdir(tmp_path)) == before


@pytest.mark.parametrize('out', ['b.gif', 'b.webp'])
@pytest.mark.parametrize('room', [0.9, 0.5, 0.1])
def test_a_full_disk(gif, net, tmp_path, capsys, out, room):
    """The frames that have room are a film; without one there is none."""
    whole, out = tmp_path / f'whole-{out}', tmp_path / out
    assert paint(gif, *net, '-o', whole, '--no-metadata') == 0
    capsys.readouterr()
    before = sorted(os.listdir(tmp_path))
    with full_disk.at_most(int(whole.stat().st_size * room)):
        assert paint(gif, *net, '-o', out) == 1
    error = capsys.readouterr().err
    assert 'File too large' in error and error.count('\n') == 1
    if room < 0.2:
        assert sorted(os.listdir(tmp_path)) == before
        return
    assert f'; {out} holds the film up to there\n' in error
    frames = read(out)
    assert len(frames) == int(5 * room)
    for (img, _), (own, _) in zip(frames, read(whole)):
        assert (img == own).all()


def test_the_original_is_never_replaced(gif, net, folder, capsys):
    for path in gif, folder:
        assert paint(path, *net, '-o', path, '--fps', 5, '--force') == 1
        assert 'is the picture to be read' in capsys.readouterr().err


def test_frames_stream(gif, folder):
    """Each is read when it is asked for."""
    for path in gif, folder:
        frames = reading.open_film(path).frames
        next(frames)
        if path is folder:
            (folder / 'f11.png').unlink()
            with pytest.raises(errors.ImageError, match='no such file'):
                list(frames)


def test_without_ffmpeg(gif, net, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, 'imageio_ffmpeg', None)
    (tmp_path / 'a.mp4').write_bytes(b'film')
    for source, out in (('a.mp4', 'b.gif'), ('a.gif', 'b.mp4')):
        assert paint(tmp_path / source, *net, '-o', tmp_path / out) == 1
        error = capsys.readouterr().err
        assert 'pip install imageio-ffmpeg' in error
        assert error.count('\n') == 1


# ---------------------------------------------------------------- ffmpeg
def needs_ffmpeg(function):
    try:
        ffmpeg.find_ffmpeg()
    except errors.NSTError as e:
        return pytest.mark.skip(reason=str(e))(function)
    return function


def facts(path):
    """What ffmpeg says of a film."""
    return subprocess.run([ffmpeg.find_ffmpeg(), '-hide_banner', '-i', path],
                          capture_output=True, text=True).stderr


@needs_ffmpeg
@pytest.mark.parametrize('out, sound', [
    ('b.mp4', 'aac'), ('b.webm', 'opus'), ('b.mkv', 'aac')])
def test_rate_sound_and_colours_are_kept(clip, net, tmp_path, out, sound):
    out = tmp_path / out
    assert paint(clip, *net, '-o', out, '--strength', 0) == 0
    assert f'Audio: {sound}' in facts(out)
    shape, fps, seconds = ffmpeg.probe(out)
    assert shape == (48, 34) and fps == Fraction(30000, 1001)
    assert abs(seconds - 0.17) < 0.05
    again, before = read(out), read(clip)
    assert len(again) == len(before) == 5
    for (img, _), (own, _) in zip(again, before):
        assert abs(img[:33].astype(int) - own).mean() < 6


@needs_ffmpeg
def test_turned_and_stretched(clip, net, tmp_path):
    turned, wide = tmp_path / 'turned.mp4', tmp_path / 'wide.mp4'
    ran('-display_rotation', '90', '-i', clip, '-c', 'copy', turned)
    assert ffmpeg.probe(turned)[0] == (33, 48)
    make_clip(wide, '-vf', 'setsar=2')
    assert ffmpeg.probe(wide)[0] == (96, 33)
    assert len(read(turned)) == len(read(wide)) == 5


@needs_ffmpeg
def test_a_varying_rate_keeps_time(clip, net, tmp_path):
    """A film whose last frames come late is as long as it was."""
    slow = tmp_path / 'slow.mp4'
    make_clip(slow, '-vf', 'setpts=N*N/(10*TB)', '-fps_mode', 'vfr', '-an')
    film = reading.open_film(slow)
    lasts = len(list(film.frames)) / film.fps
    assert 1.6 < lasts < 2.6
    assert len(list(reading.open_film(slow, 10).frames)) in range(16, 27)


@needs_ffmpeg
def test_a_gif_becomes_a_film_and_back(gif, net, tmp_path):
    film, back = tmp_path / 'a.mp4', tmp_path / 'back.gif'
    assert paint(gif, *net, '-o', film, '--strength', 0) == 0
    assert ffmpeg.probe(film)[1] == 50        # where 50 and 70 ms fit
    assert len(read(film)) == round(sum(LASTING) / 20)
    assert paint(film, *net, '-o', back, '--strength', 0) == 0
    assert sum(seconds for _, seconds in read(back)) == Fraction(52, 100)


@needs_ffmpeg
def test_broken_films(clip, net, tmp_path, capsys):
    whole, cut = clip.read_bytes(), tmp_path / 'cut.mp4'
    cut.write_bytes(whole[:len(whole) // 2])
    assert paint(cut, *net, '-o', tmp_path / 'b.mp4') == 1
    error = capsys.readouterr().err
    assert 'is damaged' in error and error.count('\n') == 1
    playlist = tmp_path / 'list.mp4'     # a program that names other files
    playlist.write_text(f'ffconcat version 1.0\nfile {clip}\n')
    assert paint(playlist, *net, '-o', tmp_path / 'b.mp4') == 1
    assert 'is damaged' in capsys.readouterr().err
    assert not (tmp_path / 'b.mp4').exists()


@needs_ffmpeg
@pytest.mark.parametrize('out', ['b.mp4', 'b.mkv'])
def test_the_sound_is_the_same(clip, net, tmp_path, out):
    """A tone as high, as loud and as long, in a folder with a colon."""
    folder = tmp_path / 'a:b'
    folder.mkdir()
    assert paint(clip, *net, '-o', folder / out, '--strength', 0) == 0
    before, after = map(sound, (clip, folder / out))
    assert abs(len(after) - len(before)) < 0.03 * RATE
    for each in before, after:
        peak = abs(onp.fft.rfft(each)).argmax() * RATE / len(each)
        assert abs(peak - 440) < 10
    assert 0.8 < after.std() / before.std() < 1.2


def sound(path):
    raw = subprocess.run(
        [ffmpeg.find_ffmpeg(), '-v', 'error', '-i', f'file:{path}', '-f',
         's16le', '-ac', '1', '-ar', str(RATE), '-'], check=True,
        stdout=subprocess.PIPE).stdout
    return onp.frombuffer(raw, '<i2').astype(float)


@needs_ffmpeg
def test_a_film_of_sound_alone(net, tmp_path, capsys):
    path = tmp_path / 'a.mp4'
    ran('-f', 'lavfi', '-i', 'sine=440:duration=0.2', path)
    assert paint(path, *net, '-o', tmp_path / 'b.gif') == 1
    error = capsys.readouterr().err
    assert 'no film that can be read here' in error
    assert error.count('\n') == 1 and not (tmp_path / 'b.gif').exists()


@needs_ffmpeg
@pytest.mark.parametrize('name', ['none', 'text'])
def test_a_program_that_does_not_run(clip, net, tmp_path, monkeypatch, capsys,
                                     name):
    (tmp_path / 'text').write_text('no program')
    monkeypatch.setenv('IMAGEIO_FFMPEG_EXE', str(tmp_path / name))
    assert paint(clip, *net, '-o', tmp_path / 'b.mp4') == 1
    error = capsys.readouterr().err
    assert 'does not run' in error and error.count('\n') == 1


@needs_ffmpeg
def test_no_room_for_a_film(clip, net, tmp_path, capsys):
    before = sorted(os.listdir(tmp_path))
    with full_disk.at_most(2000):
        assert paint(clip, *net, '-o', tmp_path / 'b.mp4') == 1
    error = capsys.readouterr().err
    assert 'ffmpeg failed' in error and error.count('\n') == 1
    assert sorted(os.listdir(tmp_path)) == before


@needs_ffmpeg
def test_a_film_on_a_full_disk(net, tmp_path, monkeypatch):
    """A real one: each film plays up to there."""
    ran('-f', 'lavfi', '-i', 'nullsrc=s=64x48:r=5:d=4,'
        'geq=random(1)*255:128:128', tmp_path / 'clip.mp4')
    monkeypatch.chdir(tmp_path)
    os.mkdir('disk')
    monkeypatch.setenv('PYTHONPATH', os.pathsep.join([ROOT, *sys.path]))
    done = subprocess.run(
        [*full_disk.small('28k'), sys.executable, '-c', FILMS, *net],
        text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert re.sub('.*\r', '', done.stderr) == ''.join(
        'd2l-nst: the disk is full: make room, and try again; disk/b.'
        f'{ending} holds the film up to there\n' for ending in ENDINGS)
    for ending in ENDINGS:
        raw = subprocess.run(
            [ffmpeg.find_ffmpeg(), '-v', 'error', '-i', f'b.{ending}', '-f',
             'rawvideo', '-pix_fmt', 'gray', '-'], capture_output=True).stdout
        frames = onp.frombuffer(raw, 'uint8').reshape(-1, 48, 64)
        assert 2 < len(frames) < 19
        assert frames[-1].std() > 30
    assert not len(read('b.mp4')) % 5    # whole seconds, and nothing behind


ENDINGS = 'mp4', 'mkv'
FILMS = f"""import os
import shutil
import sys
from d2l_nst import cli
for ending in {ENDINGS}:
    out = 'disk/b.' + ending
    assert cli.main(['paint', 'clip.mp4', *sys.argv[1:], '-o', out,
                     '--strength', '0']) == 1
    assert os.listdir('disk') == ['b.' + ending]
    shutil.move(out, '.')
"""


@needs_ffmpeg
def test_a_film_that_ends_too_soon(clip, net, tmp_path, capsys):
    """What there is of it is painted, and kept with its sound."""
    whole, out = tmp_path / 'whole.mp4', tmp_path / 'out.mp4'
    make_clip(whole, '-vf', 'loop=7:5', '-movflags', '+faststart')
    raw = whole.read_bytes()
    whole.write_bytes(raw[:len(raw) * 4 // 5])
    assert paint(whole, *net, '-o', out) == 1
    told = capsys.readouterr()
    assert 'is damaged, behind frame' in told.err
    assert told.err.count('\n') == 1
    number = int(re.search(r'(\d+) of \d+ frames', told.out)[1])
    assert 2 < number == len(read(out)) < 40 and 'Audio' in facts(out)


@needs_ffmpeg
def test_ctrl_c_leaves_a_film_that_plays(folder, net, tmp_path):
    """One of the terminal, which goes to all of its processes."""
    clip, out = tmp_path / 'long.mp4', tmp_path / 'out.mp4'
    make_clip(clip, '-vf', 'loop=400:5', '-t', '9')
    process = subprocess.Popen(
        [sys.executable, '-c', PAINT, *map(str, (clip, *net, '-o', out))],
        cwd=ROOT, start_new_session=True, text=True, stdout=subprocess.PIPE)
    assert process.stdout.readline() == 'second\n'
    os.killpg(process.pid, signal.SIGINT)
    told = process.communicate()[0]
    assert process.returncode == 130
    number = int(re.search(r'(\d+) of \d+ frames', told)[1])
    assert 1 <= len(read(out)) == number < 200 and 'Audio: aac' in facts(out)
    assert not list(tmp_path.glob('tmp*'))


PAINT = """import signal
import sys
from d2l_nst import cli
from d2l_nst.feedforward import painting
signal.signal(signal.SIGINT, signal.default_int_handler)
true, calls = painting.paint_pictures, []


def paint_pictures(*args):
    calls.append(1)
    if len(calls) == 2:
        print('second', flush=True)
    return true(*args)


painting.paint_pictures = paint_pictures
sys.exit(cli.main(['paint', *sys.argv[1:]]))
"""
