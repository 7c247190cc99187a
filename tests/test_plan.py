"""What a job will take: memory, time and tiles; and what does not fit."""

import re
import resource
import subprocess
import sys
import types

import numpy as onp
import pytest
from skimage import data

import d2l_nst
from d2l_nst import cli, recipes
from d2l_nst.engine import looking, memory, pace, plan, synthesis
from d2l_nst.recipes import Recipe, Stage, get_recipe

GB = 2 ** 30
IMG = data.coffee()[::4, ::4]


# ---------------------------------------------------------- memory there is
def write(root, path, text):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def test_a_container_of_version_2_says_what_there_is(tmp_path):
    whole = memory.memory_there(tmp_path)
    assert whole >= memory.memory_there()
    write(tmp_path, 'proc/self/cgroup', '0::/\n')
    write(tmp_path, 'sys/fs/cgroup/memory.max', 'max\n')
    assert memory.memory_there(tmp_path) == whole
    write(tmp_path, 'sys/fs/cgroup/memory.max', f'{GB}\n')
    assert memory.memory_there(tmp_path) == GB


def test_groups_around_a_group_count_too(tmp_path):
    write(tmp_path, 'proc/self/cgroup', '0::/outer/inner\n')
    for path, text in (('inner/memory.max', 'max'), ('memory.max', GB)):
        write(tmp_path, f'sys/fs/cgroup/outer/{path}', str(text))
    assert memory.memory_there(tmp_path) == GB


def test_a_container_of_version_1(tmp_path):
    """It does not see its own path, and its limit is at the root."""
    write(tmp_path, 'proc/self/cgroup',
          '5:cpu,cpuacct:/docker/x\n4:memory:/docker/x\n0::/docker/x\n')
    limit = 'sys/fs/cgroup/memory/memory.limit_in_bytes'
    write(tmp_path, limit, str(2 ** 63 - 4096))
    assert memory.memory_there(tmp_path) > GB / 2
    write(tmp_path, limit, str(GB // 4))
    assert memory.memory_there(tmp_path) == GB // 4


# ------------------------------------------------------------- what is chosen
def sizes(width, height, scale=1):
    return [plan.Size(width, height, [width * height * scale])]


def test_what_fits_is_whole():
    recipe = get_recipe('quick')
    tile, bytes = plan.choose_tile(recipe, sizes(900, 600), there=8 * GB)
    assert tile == 0 and 1.5 * GB < bytes < 3 * GB


def test_what_does_not_fit_goes_in_tiles():
    recipe = get_recipe('quick')
    tile, bytes = plan.choose_tile(recipe, sizes(3840, 2160, 4),
                                   there=8 * GB)
    assert tile in plan.AUTO and bytes < 8 * GB
    assert plan.choose_tile(recipe, sizes(900, 600), there=1.4 * GB)[0] < tile


@pytest.mark.parametrize('recipe', ['quick', 'mrf'])
def test_the_largest_size_that_fits_is_told(recipe):
    recipe = get_recipe(recipe, margin=0)
    with pytest.raises(d2l_nst.ImageError, match='largest that') as error:
        plan.choose_tile(recipe, sizes(30000, 20000), there=4 * GB)
    width, height = map(int, re.search(r'fits is (\d+)x(\d+)',
                                       str(error.value)).groups())
    assert width / height == pytest.approx(1.5, rel=0.01)
    assert plan.choose_tile(recipe, sizes(width, height), there=4 * GB)
    with pytest.raises(d2l_nst.ImageError):
        plan.choose_tile(recipe, sizes(int(width * 1.05), int(height * 1.05)),
                         there=4 * GB)


def test_tiles_that_are_too_small():
    with pytest.raises(d2l_nst.NSTError, match='choose 112 or more'):
        plan.choose_tile(get_recipe('quick'), sizes(900, 600), 64)


def test_tiles_that_are_asked_for():
    recipe = get_recipe('quick')
    assert plan.choose_tile(recipe, sizes(900, 600), 200)[0] == 200
    assert plan.choose_tile(recipe, sizes(900, 600), 0)[0] == 0
    with pytest.raises(d2l_nst.ImageError, match='there are 1 here'):
        plan.choose_tile(recipe, sizes(900, 600), 0, there=GB)


@pytest.mark.parametrize('tile', [0, 128])
def test_the_time_is_that_of_the_pixels(tile):
    """Tiles are seen twice, and overlap."""
    recipe = get_recipe('book')
    first, second = plan.Size(225, 150, [100]), plan.Size(900, 600, [1000])
    recipe = Recipe(recipe.stages, style_layers=('conv1_2',),
                    content_layers=('conv1_1',))
    seconds = pace.seconds_of(recipe, [500, 300], [first, second], tile,
                              1e-5)
    pixels = 500 * first.pixels + 300 * second.pixels
    assert 1 <= seconds / (1e-5 * pixels) < (1.7 if tile else 1.01)
    assert bool(tile) == (seconds > 1.4e-5 * pixels)
    left = pace.seconds_of(recipe, [0, 300], [first, second], tile, 1e-5)
    assert 300 * second.pixels <= left / 1e-5 < seconds / 1e-5


def test_the_pace_is_measured(small_net, monkeypatch):
    """By the faster of two epochs after the first one, on pictures of 24
    and of at most 192 pixels a side."""
    recipe = Recipe((Stage((48, 32), 3),), content_layers=('conv1_1',),
                    style_layers=('conv2_1',))
    for sizes, side in (([plan.Size(30, 20, [9])], 24),
                        ([plan.Size(4000, 3000, [9])] * 2, 192)):
        ends = iter((9.0, 12.0, 14.0))
        monkeypatch.setattr(pace, 'time', types.SimpleNamespace(
            perf_counter=lambda: next(ends)))
        assert pace.pace_of(recipe, small_net, d2l_nst.vgg.mx.cpu(),
                            sizes) == 2 / side ** 2


def test_a_plan_in_words():
    said = str(plan.Plan([(45, 30), (90, 60)], [20, 10], 512, 1.5 * GB,
                         8 * GB, 150))
    assert said == ('90x60, 30 epochs in 2 stages, in tiles of 512 pixels: '
                    'about 2 min and 1.5 GB of memory, of 8')
    said = str(plan.Plan([(45, 30), (90, 60)], [0, 7], 0, GB, 8 * GB, 5, 30))
    assert said.startswith('90x60, 7 of 30 epochs left: about 5 s and')


# ---------------------------------------------------------------- whole jobs
SMALL = Recipe((Stage((48, 32), 2), Stage((96, 64), 2)), weights='random',
               content_layers=('conv2_1',), style_layers=('conv1_1',))


def test_a_job_in_tiles_paints_the_same_picture():
    whole, tiled = (d2l_nst.style_transfer(IMG, IMG[:, ::-1], SMALL,
                                           tile=tile) for tile in (0, 48))
    onp.testing.assert_allclose(tiled.image.asnumpy(), whole.image.asnumpy(),
                                atol=1e-3)
    assert [step.total for step in tiled.history] == pytest.approx(
        [step.total for step in whole.history], rel=1e-4)


def test_a_large_style_is_looked_at_in_tiles(monkeypatch):
    def totals():
        result = d2l_nst.style_transfer(IMG, IMG[:, ::-1], SMALL)
        return [step.total for step in result.history]

    whole, real, seen = totals(), looking.look_by_tiles, []
    monkeypatch.setattr(looking, 'LOOK', 40)
    monkeypatch.setattr(looking, 'look_by_tiles', lambda *args: (
        seen.append(args[0].X.shape), real(*args))[1])
    assert totals() == pytest.approx(whole, rel=1e-4)
    assert (1, 3, 64, 96) in seen


def test_lbfgs_in_tiles_goes_downhill():
    made = [d2l_nst.style_transfer(
        IMG, IMG[::-1], SMALL, (60, 40), tile=tile, optimiser='lbfgs',
        smoothness=10, tv='squared', init='noise', stages=SMALL.stages[:1],
        num_epochs=12) for tile in (0, 40)]
    whole, tiled = (result.history[-1].total / result.history[0].total
                    for result in made)
    assert tiled < 2 * whole < 0.3


def test_a_job_knows_its_tiles(monkeypatch):
    monkeypatch.setattr(plan, 'memory_there', lambda: 500 * 2 ** 20)
    job = synthesis.Job(IMG, IMG, SMALL, (300, 200))
    assert 0 < job.tile < 256 and job.memory < 500 * 2 ** 20


def test_what_a_huge_style_costs_is_counted(monkeypatch):
    """At any size of the result; where it can't fit, its file is named."""
    huge = onp.full((2000, 3000, 3), 99, 'uint8')
    memory = [synthesis.Job(IMG, style, SMALL, (48, 32), init='palette').memory
              for style in (IMG, huge, [huge, huge])]
    assert memory[1] - memory[0] > 6e6 * 40
    assert memory[2] - memory[1] == 6e6 * 3
    monkeypatch.setattr(plan, 'memory_there', lambda: memory[1] - 1)
    with pytest.raises(d2l_nst.ImageError, match='^6 million pixels of .* '
                       'make them smaller first'):
        synthesis.Job(IMG, huge, SMALL, (48, 32), init='palette')
    assert synthesis.Job(IMG, huge, SMALL, (48, 32)).memory < memory[1]


@pytest.fixture
def transfer(pictures, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(recipes.RECIPES, 'quick', SMALL)

    def run(*args):
        code = cli.main(['transfer', 'content.png', 'style.gif', '-o',
                         'out.png', *args])
        return code, *capsys.readouterr()
    return run


def test_the_first_line_is_the_plan(transfer):
    code, out, _ = transfer()
    assert code == 0
    assert re.match(r'Plan: 96x64, 4 epochs in 2 stages: about \d+ s and 0.\d '
                    r'GB of memory, of [\d.]+\.\n', out)


def test_a_dry_run_does_nothing_else(transfer, tmp_path):
    before = set(tmp_path.iterdir())
    code, out, err = transfer('--dry-run', '--trace', 't.csv', '--tile', '50')
    assert (code, out.count('\n'), err) == (0, 1, '')
    assert 'in tiles of 50 pixels' in out
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize('tile', ['-1', 'small', '1.5'])
def test_no_size_of_tiles(transfer, capsys, tile):
    with pytest.raises(SystemExit):
        transfer(f'--tile={tile}')
    assert 'auto, or pixels a side' in capsys.readouterr().err


def test_the_limit_of_a_process_is_kept():
    """As `ulimit -v` sets it."""
    done = subprocess.run(
        [sys.executable, '-c', 'from d2l_nst.engine import memory; '
         'print(memory.memory_there())'], capture_output=True, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS,
                                              (GB // 2, GB // 2)))
    assert done.stdout == f'{GB // 2}\n', done.stderr
