"""The image transformer network, its losses and painting with it."""

import os
import subprocess
import sys

import numpy as onp
import pytest
from mxnet import autograd, np
from mxnet.gluon import nn
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image
from skimage import data

import d2l_nst
from d2l_nst import cli, errors, images, vgg
from d2l_nst.feedforward import (blocks, network, objective, painting, plan,
                                 transformer)
from d2l_nst.weights import Weights

RANDOM = onp.random.RandomState(0)
LAYERS = 'relu1_2', 'relu2_2'


@pytest.fixture(scope='module')
def net(numpy_semantics):
    """A network with scales and shifts of all kinds."""
    net = network.new_network(seed=3)
    for name, p in net.collect_params().items():
        if name.endswith(('gamma', 'beta')):
            p.set_data(np.array(RANDOM.uniform(0.5, 1.5, p.shape)))
    return net


@pytest.fixture
def file(net, tmp_path):
    path = tmp_path / 'net.params'
    network.save_network(net, path)
    return path


@pytest.fixture(scope='module')
def loss_net(numpy_semantics):
    return vgg.get_net('vgg16', LAYERS, 'random')


def array(X):
    return np.array(X, dtype='float32')


def pictures(n, height, width):
    return RANDOM.uniform(0, 255, (n, height, width, 3)).astype('uint8')


# ---------------------------------------- the network in NumPy, in float64
def convolve64(X, weight, bias=0, stride=1):
    pad = weight.shape[-1] // 2
    X = onp.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = sliding_window_view(X, weight.shape[2:], (2, 3))
    windows = windows[:, :, ::stride, ::stride]
    Y = onp.einsum('nchwij,ocij->nohw', windows, weight, optimize=True)
    return Y + onp.reshape(bias, (1, -1, 1, 1))


def norm64(X, gamma, beta):
    mean = X.mean(axis=(2, 3), keepdims=True)
    X = (X - mean) / onp.sqrt(X.var(axis=(2, 3), keepdims=True) + 1e-5)
    return X * gamma.reshape(1, -1, 1, 1) + beta.reshape(1, -1, 1, 1)


def network64(net, X):
    """Weights in the order in which the layers were made."""
    P = [p.data().asnumpy().astype('float64')
         for p in net.collect_params().values()]

    def layer(X, stride=1):
        return norm64(convolve64(X, P.pop(0), 0, stride), P.pop(0),
                      P.pop(0))

    def relu(X):
        return X.clip(0)

    X = X / 127.5 - 1
    for stride in (1, 2, 2):
        X = relu(layer(X, stride))
    for _ in range(5):
        X = X + layer(relu(layer(X)))
    for _ in range(2):
        X = relu(layer(X.repeat(2, axis=2).repeat(2, axis=3)))
    turned = P.pop(0).transpose(1, 0, 2, 3)[:, :, ::-1, ::-1]
    X = convolve64(X, turned, P.pop(0))
    assert not P
    return 255 * (onp.tanh(X) + 1) / 2


@pytest.mark.parametrize('hybrid', [True, False])
def test_network_against_numpy(net, hybrid):
    X = RANDOM.uniform(0, 255, (2, 3, 16, 24))
    net.hybridize(hybrid, static_alloc=True)
    onp.testing.assert_allclose(net(array(X)).asnumpy(), network64(net, X),
                                atol=0.02)


def test_a_large_picture_goes_in_strips(net, monkeypatch):
    X = array(RANDOM.uniform(0, 255, (2, 3, 36, 24)))
    net.hybridize(False)
    whole = net(X).asnumpy()
    monkeypatch.setattr(blocks, 'STRIP_PIXELS', 7 * 24)
    convolve, shapes = nn.Conv2D.hybrid_forward, []
    monkeypatch.setattr(nn.Conv2D, 'hybrid_forward', lambda self, F, X, **P: (
        shapes.append(X.shape), convolve(self, F, X, **P))[1])
    onp.testing.assert_allclose(net(X).asnumpy(), whole, atol=0.02)
    assert [shape[2] for shape in shapes[:6]] == [11, 15, 15, 15, 12, 5]


def test_number_of_parameters(net):
    """Johnson's 1,679,235 less the biases before a normalisation."""
    number = sum(p.data().size for p in net.collect_params().values())
    assert number == 1_679_235 - (32 + 64 + 128 + 10 * 128 + 64 + 32)
    assert '1,677,635' in transformer.TransformerNet.__doc__
    assert number == 1_677_635


@pytest.mark.parametrize('hybrid', [True, False])
def test_instance_norm(hybrid):
    X = RANDOM.normal(40, 3, (3, 5, 7, 6))
    norm = blocks.InstanceNorm(5)
    norm.initialize()
    norm.gamma.set_data(array(onp.arange(5) + 0.5))
    norm.beta.set_data(array(onp.arange(5) - 2))
    norm.hybridize(hybrid)
    gamma, beta = (p.data().asnumpy() for p in (norm.gamma, norm.beta))
    X32, upstream = array(X), RANDOM.normal(0, 1, X.shape)
    X32.attach_grad()
    with autograd.record():
        Y = norm(X32)
    Y.backward(array(upstream))
    onp.testing.assert_allclose(Y.asnumpy(), norm64(X, gamma, beta),
                                atol=1e-4)
    for i in ((0, 0, 0, 0), (2, 4, 6, 5), (1, 3, 2, 4)):
        moved = onp.zeros_like(X)
        moved[i] = 1e-5
        slope = (upstream * (norm64(X + moved, gamma, beta)
                             - norm64(X - moved, gamma, beta))).sum() / 2e-5
        assert float(X32.grad[i]) == pytest.approx(slope, abs=2e-4)
    onp.testing.assert_allclose(norm.beta.grad().asnumpy(),
                                upstream.sum(axis=(0, 2, 3)), rtol=1e-4,
                                atol=1e-4)


def test_instance_norm_of_many_pixels():
    """Sums of a million numbers far from zero."""
    X = RANDOM.normal(100, 2, (1, 1, 1000, 1200)).astype('float32')
    norm = blocks.InstanceNorm(1)
    norm.initialize()
    Y = norm(array(X)).asnumpy()
    onp.testing.assert_allclose(
        Y, norm64(X.astype('float64'), onp.ones(1), onp.zeros(1)), atol=1e-3)


def test_flat_pictures_stay_numbers(net):
    for value in (0, 255):
        Y = net(array(onp.full((1, 3, 8, 8), value))).asnumpy()
        assert onp.isfinite(Y).all() and 0 <= Y.min() <= Y.max() <= 255


# ------------------------------------------------------------------ losses
def gram64(X):
    C, H, W = X.shape
    return onp.array([[(X[i] * X[j]).sum() for j in range(C)]
                      for i in range(C)]) / (C * H * W)


def style64(X, Y):
    return sum(((gram64(one) - Y) ** 2).sum() for one in X) / len(X)


def test_style_loss():
    X = RANDOM.normal(0, 1, (3, 4, 5, 6))
    Y = gram64(RANDOM.normal(0, 1, (4, 7, 8)))
    X32 = array(X)
    X32.attach_grad()
    with autograd.record():
        l = objective.style_loss(X32, array(Y[None]))
    l.backward()
    assert float(l) == pytest.approx(style64(X, Y), rel=1e-5)
    for i in ((0, 0, 0, 0), (2, 3, 4, 5)):
        moved = onp.zeros_like(X)
        moved[i] = 1e-5
        slope = (style64(X + moved, Y) - style64(X - moved, Y)) / 2e-5
        assert float(X32.grad[i]) == pytest.approx(slope, rel=1e-3)


def features64(net, X):
    X = (X / 255 - images.RGB_MEAN.reshape(3, 1, 1)) / \
        images.RGB_STD.reshape(3, 1, 1)
    return [Y.asnumpy().astype('float64') for Y in d2l_nst.extract_features(
        array(X), net, LAYERS, ())[0]]


def test_perceptual_loss(loss_net):
    X, Y_hat, S = (RANDOM.uniform(0, 255, (n, 3, 16, 20)) for n in (2, 2, 1))
    weights = 0.5, (3, 7), 2
    grams = objective.style_grams(loss_net, array(S), LAYERS)
    loss = objective.PerceptualLoss(loss_net, grams, weights, 'relu2_2',
                                    LAYERS)
    total, *terms = (float(l) for l in loss(array(Y_hat), array(X)))
    hats, Xs, Ss = (features64(loss_net, A) for A in (Y_hat, X, S))
    content = 0.5 * ((hats[1] - Xs[1]) ** 2).mean()
    style = sum(w * style64(hat, gram64(Y[0]))
                for w, hat, Y in zip((3, 7), hats, Ss))
    standard = Y_hat / 255 / images.RGB_STD.reshape(3, 1, 1)
    tv = abs(onp.diff(standard, axis=2)).mean() + abs(
        onp.diff(standard, axis=3)).mean()
    onp.testing.assert_allclose(terms, [content, style, tv], rtol=1e-4)
    assert total == pytest.approx(sum(terms), rel=1e-6)


def test_what_weighs_nothing_is_left_out(loss_net):
    X, Y_hat = (array(RANDOM.uniform(0, 255, (2, 3, 16, 16)))
                for _ in range(2))
    loss = objective.PerceptualLoss(loss_net, [], (1, (), 0), 'relu2_2', ())
    total, content, style, tv = (float(l) for l in loss(Y_hat, X))
    assert total == content > 0 == style == tv
    assert float(loss(X, X)[0]) == 0


def test_units_forget_the_scale_of_the_features(loss_net):
    """Features of a ReLU network times 100, weighed, lose the same."""
    X, Y_hat, S = (array(RANDOM.uniform(0, 255, (n, 3, 16, 16)))
                   for n in (4, 4, 1))
    settings = objective_settings()
    weight = loss_net[0].weight.data().copy()
    losses = []
    for scale in (1, 100):
        loss_net[0].weight.set_data(weight * scale)
        grams = objective.style_grams(loss_net, S, LAYERS)
        weights = objective.loss_weights(settings, loss_net, X, grams,
                                         LAYERS)
        loss = objective.PerceptualLoss(loss_net, grams, weights, 'relu2_2',
                                        LAYERS)
        losses.append([float(l) for l in loss(Y_hat, X)])
    # In these units an unpainted picture is as far from the style as it is
    style = float(loss(X, X)[2])
    loss_net[0].weight.set_data(weight)
    onp.testing.assert_allclose(*losses, rtol=1e-3)
    assert style == pytest.approx(objective.WEIGHTS[1], rel=1e-4)


def objective_settings(**changes):
    from d2l_nst.feedforward.records import Settings
    return Settings(style_layers=LAYERS, content_layer='relu2_2', **changes)


def test_document_weights_with_imagenet():
    net = d2l_nst.VGG('vgg16', 'conv1_1')
    net.source = Weights({})  # as of a file of ImageNet's
    weights = objective.loss_weights(objective_settings(), net, None, [1, 2],
                                     LAYERS)
    assert weights == (0.33, [0.33, 0.33], 0)
    factor = (255 * onp.mean(images.RGB_STD)) ** 2
    assert weights[0] == pytest.approx(1e-4 * factor, rel=0.02)
    assert weights[1][0] == pytest.approx(3e-8 * factor ** 2, rel=0.03)


# ---------------------------------------------------------------- painting
@pytest.mark.parametrize('height, width', [
    (16, 16), (17, 30), (1, 1), (3, 50), (22, 7)])
def test_any_size(net, height, width):
    imgs = pictures(2, height, width)
    paintings = painting.paint_pictures(net, list(imgs))
    assert paintings.shape == imgs.shape and paintings.dtype == 'uint8'
    bottom, right = 16 + -height % 4, 16 + -width % 4
    X = onp.pad(imgs[0], ((16, bottom), (16, right), (0, 0)), 'reflect')
    Y = network64(net, X.transpose(2, 0, 1)[None].astype('float64'))
    Y = Y[0].transpose(1, 2, 0)[16:16 + height, 16:16 + width]
    # a picture of one colour is flat inside too: there rounding counts
    if height * width > 1:
        assert abs(paintings[0] - Y).max() < 0.6
    alone = painting.paint_pictures(net, [imgs[1]])[0]
    assert abs(paintings[1].astype(int) - alone).max() <= 1


def test_file(net, file):
    assert 3.3e6 < os.path.getsize(file) < 3.4e6
    loaded = network.load_network(file)
    X = array(RANDOM.uniform(0, 255, (1, 3, 20, 24)))
    assert abs(loaded(X) - net(X)).max() < 2
    assert {p.grad_req for p in loaded.collect_params().values()} == {'null'}
    assert {p.data().dtype for p in loaded.collect_params().values()} == {
        onp.dtype('float32')}


@pytest.mark.parametrize('content', [b'', b'junk', None])
def test_files_that_are_no_network(tmp_path, loss_net, content):
    path = tmp_path / 'x.params'
    if content is None:
        loss_net.save_parameters(str(path))
    else:
        path.write_bytes(content)
    with pytest.raises(errors.WeightsError, match='does not hold'):
        network.load_network(path)
    with pytest.raises(errors.WeightsError, match='no such network'):
        network.load_network('starry-night')


@pytest.fixture
def tree(tmp_path):
    """Seven pictures below a folder, one of them damaged."""
    folder = tmp_path / 'photos'
    (folder / 'sub').mkdir(parents=True)
    coffee = Image.fromarray(data.coffee())
    for i in range(3):
        coffee.rotate(i).resize((40, 30)).save(folder / f'{i}.jpg')
    upright = coffee.resize((30, 20))
    exif = upright.getexif()
    exif[274] = 6
    upright.save(folder / 'turned.jpg', exif=exif)
    coffee.resize((21, 33)).convert('L').save(folder / 'sub' / 'grey.gif')
    clear = coffee.resize((30, 20)).convert('RGBA')
    clear.putalpha(Image.linear_gradient('L').resize((30, 20)))
    clear.save(folder / 'sub' / 'clear.png')
    whole = (folder / '0.jpg').read_bytes()
    (folder / 'sub' / 'broken.jpg').write_bytes(whole[:-300])
    (folder / 'notes.txt').write_text('no picture')
    return folder


def contents(folder):
    return {path.relative_to(folder): path.read_bytes()
            for path in folder.rglob('*') if path.is_file()}


def test_paint_a_tree(tree, tmp_path, file, capsys, net):
    before, out = contents(tree), tmp_path / 'new' / 'out'
    argv = ['paint', str(tree), '--net', str(file), '-o', str(out)]
    assert cli.main(argv) == 1
    told = capsys.readouterr()
    assert 'broken.jpg is damaged' in told.err and '6 of 7' in told.out
    assert 'GB of memory' in told.out
    assert contents(tree) == before
    assert {str(path) for path in contents(out)} == {
        '0.jpg', '1.jpg', '2.jpg', 'turned.jpg', 'sub/grey.png',
        'sub/clear.png', 'scorecards.json'}
    loaded = network.load_network(file)
    for source, output in (('1.jpg', '1.jpg'), ('turned.jpg', 'turned.jpg'),
                           ('sub/grey.gif', 'sub/grey.png')):
        img = images.read_image(tree / source)
        painted = images.read_image(out / output)
        assert painted.shape == img.shape
        expected = painting.paint_pictures(loaded, [img])[0].astype(int)
        tolerance = 2 if output.endswith('png') else 60    # JPEG
        assert abs(expected - painted).max() <= tolerance
    onp.testing.assert_array_equal(
        images.read_alpha(out / 'sub' / 'clear.png'),
        images.read_alpha(tree / 'sub' / 'clear.png'))
    assert cli.main(argv) == 1 and 'exists' in capsys.readouterr().err


def test_interrupted_painting_tells_what_was_saved(tree, tmp_path, file,
                                                   capsys, monkeypatch):
    calls, true = [], painting.paint_pictures

    def paint_pictures(*args):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return true(*args)

    monkeypatch.setattr(painting, 'paint_pictures', paint_pictures)
    out = tmp_path / 'out'
    assert cli.main(['paint', str(tree), '--net', str(file), '-o', str(out),
                     '--batch-size', '1', '--no-metadata']) == 130
    told = capsys.readouterr().out
    assert f'{len(contents(out))} of 7 painted' in told
    assert told.endswith('interrupted\n') and len(contents(out)) == 2


@pytest.mark.parametrize('same', ['folder', 'link', 'below'])
def test_originals_are_never_overwritten(tree, tmp_path, file, capsys, same):
    before, out = contents(tree), tree
    if same == 'link':
        out = tmp_path / 'link'
        out.symlink_to(tree)
    if same == 'below':
        out = tree / 'painted'
        outputs = plan.plan([tree], out)
        (tree / 'painted').mkdir()
        (tree / 'painted' / '0.jpg').write_bytes(before[next(iter(before))])
        assert plan.plan([tree], out, True) == outputs
        return
    assert cli.main(['paint', str(tree), '--net', str(file), '-o', str(out),
                     '--force']) == 1
    assert 'is the picture to be read' in capsys.readouterr().err
    assert contents(tree) == before


def test_two_pictures_of_one_name(tree, tmp_path):
    (tree / '0.gif').write_bytes((tree / 'sub' / 'grey.gif').read_bytes())
    (tree / '0.png').write_bytes((tree / 'sub' / 'clear.png').read_bytes())
    (tree / '0.ppm').write_bytes((tree / 'sub' / 'clear.png').read_bytes())
    names = {os.path.basename(source): os.path.basename(output) for
             source, output in plan.plan([tree], tmp_path / 'out').items()}
    assert names['0.png'] == '0.png'
    assert names['0.gif'] == '0.gif.png' and names['0.ppm'] == '0.ppm.png'
    with pytest.raises(errors.ImageError, match='would both be'):
        (tmp_path / 'other').mkdir()
        other = tmp_path / 'other' / '0.png'
        other.write_bytes((tree / '0.png').read_bytes())
        plan.plan([tree / '0.png', other], tmp_path / 'out')
    with pytest.raises(errors.ImageError, match='holds no pictures'):
        (tmp_path / 'empty').mkdir()
        plan.plan([tmp_path / 'empty'], tmp_path / 'out')


def test_what_exists_may_be_skipped(tree, tmp_path, file, capsys):
    """An interrupted job goes on where it was."""
    out = tmp_path / 'out'
    (tree / 'sub' / 'broken.jpg').unlink()
    command = ['paint', str(tree), '--net', str(file), '-o', str(out)]
    outputs = plan.plan([tree], out)
    done, *left = outputs.values()
    os.makedirs(os.path.dirname(done), exist_ok=True)
    with open(done, 'w') as f:
        f.write('painted before')
    assert cli.main(command) == 1
    assert '--skip-existing' in capsys.readouterr().err
    assert cli.main([*command, '--skip-existing']) == 0
    assert f'{len(left)} of {len(left)} painted' in capsys.readouterr().out
    assert open(done).read() == 'painted before'
    assert all(map(os.path.exists, left))
    assert cli.main([*command, '--skip-existing']) == 0
    assert '0 of 0 painted' in capsys.readouterr().out
    with pytest.raises(SystemExit):
        cli.main([*command, '--skip-existing', '--force'])


@pytest.mark.parametrize('kind', ['file', 'below a file', 'forbidden'])
def test_a_folder_that_cannot_be_is_told_before(tree, tmp_path, kind,
                                                monkeypatch):
    (tmp_path / 'file').write_text('no folder')
    folder = tmp_path / {'file': 'file', 'below a file': 'file/deep/er',
                         'forbidden': 'new/er'}[kind]
    if kind == 'forbidden':    # root may write everywhere
        monkeypatch.setattr(os, 'access', lambda path, mode: False)
    with pytest.raises(errors.ImageError,
                       match='permission' if kind == 'forbidden'
                       else 'file is a file'):
        plan.plan([tree], folder)
    assert not (tmp_path / 'new').exists()


def test_strength_mixes_with_the_picture_and_paints_twice(net):
    img, = pictures(1, 20, 24)

    def painted(strength, img=img):
        return painting.paint_pictures(net, [img], strength=strength)[0]

    once = painted(0.5)
    twice = painted(0.5, once)
    assert (painted(0) == img).all() and (once != img).any()
    for strength, expected in ((0.25, img / 2 + once / 2), (1, twice),
                               (0.8, 0.4 * once + 0.6 * twice)):
        # the first painting is rounded here, and not where it goes on
        assert abs(painted(strength) - 1.0 * expected).max() <= 3
    with pytest.raises(errors.NSTError, match='choose one from 0 to 1'):
        painted(1.1)


def test_strength_of_the_command(tree, tmp_path, file, capsys):
    def run(strength):
        return cli.main(['paint', str(tree / '1.jpg'), '--net', str(file),
                         '-o', str(tmp_path / 'out'), '--strength',
                         strength])

    assert run('1.5') == 1
    assert 'choose one from 0 to 1' in capsys.readouterr().err
    assert not (tmp_path / 'out').exists()
    assert run('0') == 0
    img, same = map(images.read_image, (tree / '1.jpg',
                                        tmp_path / 'out' / '1.jpg'))
    assert abs(img.astype(int) - same).mean() < 4  # JPEG


def test_too_large_a_picture(net, monkeypatch):
    monkeypatch.setattr(net, 'memory', lambda pixels: 2 ** 40 * pixels)
    with pytest.raises(errors.ImageError, match='GB of memory'):
        painting.paint_pictures(net, [onp.zeros((16, 16, 3), 'uint8')])


def test_batches_are_of_one_size_and_not_too_large(tmp_path):
    paths = []
    for i, shape in enumerate([(40, 30)] * 5 + [(1500, 1000)] * 2):
        paths.append(str(tmp_path / f'{i}.png'))
        Image.new('RGB', shape).save(paths[-1])
    batches = list(painting.batches(dict.fromkeys(paths), 4))
    assert [len(batch) for batch in batches] == [4, 1, 1, 1]


def test_paint_loads_no_more_than_it_needs():
    """Neither d2l nor scikit-image nor matplotlib."""
    subprocess.run(
        [sys.executable, '-c', 'import d2l_nst.feedforward.data, sys; '
         'assert "mxnet" not in sys.modules; '
         'import d2l_nst.feedforward.painting; '
         'assert not {"d2l", "skimage", "matplotlib"} & set(sys.modules)'],
        check=True)
