"""Where a network's numbers come from: random, the model zoo, a file."""

import os
import re
import sys
import tempfile
import zipfile
import zlib

import mxnet as mx
import numpy as onp
from mxnet.gluon.model_zoo import model_store
from mxnet.gluon.utils import check_sha1

from .errors import WeightsError
from .losses import gram

# Pooling that goes with the weights; max, as in the chapter, where none
# is named. Gatys, Ecker and Bethge 2016, section 2, prefer the average
POOLING = {'random': 'average'}
# Style losses (weight 1e3) of blocks 1 to 5 between the two reference
# pictures, and deviation of the content layer: found by trial so that the
# three terms of the chapter's loss end within a factor of five
STYLE_START = (4, 30, 30, 30, 15)
CONTENT_SCALE = 3
CONTENT_LAYER = {'vgg16': 'conv4_3', 'vgg19': 'conv4_4'}
ENTRY = re.compile(r'^(?:features\.)?(\d+)\.(weight|bias)$')
OLD_ENTRY = re.compile(r'conv(\d+)_(weight|bias)$')


def load_weights(net, weights='random', seed=1):
    """Fill a `VGG` with numbers, on the CPU.

    `weights`: 'random' (filters drawn by `seed`, scaled layer by layer),
    'imagenet' (the Gluon model zoo's file, downloaded where it is not
    there yet) or the path of a `.params` file in Gluon's layout. Raises
    `WeightsError`.
    """
    net.infer_shape(mx.np.zeros((1, 3, 32, 32)))
    if weights == 'random':
        net.initialize(mx.init.Zero(), mx.cpu(), force_reinit=True)
        randomise(net, seed)
    else:
        path = (model_zoo_file(net.network) if weights == 'imagenet'
                else weights)
        fill(net, read_params(path), path)


# -------------------------------------------------------------- random
def randomise(net, seed=1):
    """Random filters, scaled layer by layer; biases of zero.

    He, Wang and Hopcroft 2016 (*A powerful generative model using random
    weights*) show that such a network transfers style. Every filter is
    normal; each convolution is scaled to outputs of deviation 1 on a
    code-made picture. A ReLU network may be rescaled layer by layer
    without changing what it sees, so each style layer is then scaled to
    a style loss of STYLE_START between two code-made pictures, and the
    content layer to a deviation of CONTENT_SCALE: at these the chapter's
    loss weights 1, 1e3 and 10 balance.
    """
    random = onp.random.RandomState(seed % 2 ** 32)
    X, Y = (mx.np.array(A[None], dtype='float32')
            for A in _reference_pictures(random))
    before = 1
    for layer, name in zip(net, net.names):
        if name.startswith('conv'):
            _draw_filters(layer, X, random)
            scale = _scale(name, net.network, gram(layer(X)),
                           gram(layer(Y)))
            # `before` undoes the scale of X for the later layers
            X, Y = layer(X), layer(Y)
            _rescale(layer, scale / before)
            before = scale
        else:
            X, Y = layer(X), layer(Y)
    # oneDNN lays out weights anew, in place, while they are first used:
    # `save_parameters` must not read them before
    mx.nd.waitall()


def _draw_filters(layer, X, random):
    weight = mx.np.array(random.normal(0, 1, layer.weight.shape),
                         dtype='float32')
    layer.weight.set_data(weight)
    layer.weight.set_data(weight / layer(X).std())


def _rescale(layer, scale):
    layer.weight.set_data(layer.weight.data() * scale)


def _scale(name, network, gram_X, gram_Y):
    """The deviation that a layer shall have on the reference picture."""
    block, number = int(name[4]), int(name[6:])
    if number == 1:
        difference = 1e3 * float(((gram_X - gram_Y) ** 2).mean())
        return (STYLE_START[block - 1] / difference) ** 0.25
    return CONTENT_SCALE if name == CONTENT_LAYER[network] else 1


def _reference_pictures(random, size=128):
    """Two pictures of noise, (2, 3, size, size): one grey and smooth as a
    landscape, one warm, vivid and rough as a painting."""
    f = onp.hypot(onp.fft.fftfreq(size)[:, None],
                  onp.fft.rfftfreq(size)[None]) + 1 / size

    def noise(power):
        spectrum = onp.fft.rfft2(random.normal(0, 1, (3, size, size)))
        return standard(onp.fft.irfft2(spectrum / f ** power, (size, size)))

    def standard(X):
        return X / X.std(axis=(1, 2), keepdims=True)

    landscape = noise(1)
    landscape = standard(landscape + 2 * landscape.mean(axis=0))
    warm = onp.array([0.5, -0.3, -0.6])[:, None, None]
    return onp.stack([landscape, 1.3 * noise(0.7) + warm])


# --------------------------------------------------------------- files
def read_params(path):
    """Arrays of a `.params` file by name. Raises `WeightsError`."""
    if not os.path.isfile(path):
        raise WeightsError(
            f'{path}: there is no such file of weights; name a .params '
            "file, or 'random' or 'imagenet'")
    try:
        arrays = _load(str(path))
    except (mx.MXNetError, UnicodeDecodeError):
        arrays = None
    if not isinstance(arrays, dict):
        raise WeightsError(f'{path} is no whole .params file of Gluon: get '
                           'it again')
    return arrays


def _load(path):
    try:
        return mx.nd.load(path)
    except mx.MXNetError:  # the zoo's files are older than NumPy semantics
        with mx.util.np_array(False), mx.util.np_shape(False):
            return mx.nd.load(path)


def fill(net, arrays, path):
    """Set the convolutions of `net` from `arrays`, checked by shape; all
    of them, or none."""
    entries = {}
    convolutions = [i for i, layer in enumerate(net)
                    if hasattr(layer, 'weight')]
    for name, array in arrays.items():
        if ENTRY.search(name):
            number, kind = ENTRY.search(name).groups()
            entries[int(number), kind] = array
        elif OLD_ENTRY.search(name):
            number, kind = OLD_ENTRY.search(name).groups()
            if int(number) < len(convolutions):
                entries[convolutions[int(number)], kind] = array
    wanted = {(i, kind): getattr(net[i], kind)
              for i in convolutions for kind in ('weight', 'bias')}
    for (i, kind), parameter in wanted.items():
        shape = getattr(entries.get((i, kind)), 'shape', 'nothing')
        if shape != parameter.shape:
            raise WeightsError(
                f'{path} does not hold a {net.network}: {net.names[i]} '
                f'needs a {kind} of shape {parameter.shape}, the file has '
                f'{shape}')
    net.initialize(mx.init.Zero(), mx.cpu(), force_reinit=True)
    for key, parameter in wanted.items():
        parameter.set_data(
            entries[key].as_np_ndarray().astype('float32'))


def model_zoo_file(network):
    """Path of the Gluon model zoo's ImageNet weights, whole and checked.

    Looks into MXNet's model folder (below `MXNET_HOME`), else downloads
    from the zoo's host (or `MXNET_GLUON_REPO`). The file takes its place
    only after its sha1, the one in `gluon/model_zoo/model_store.py`, has
    been checked. Raises `WeightsError`, which names the ways out.
    """
    sha1 = model_store._model_sha1[network]
    name = f'{network}-{model_store.short_hash(network)}'
    folder = os.path.join(os.path.expanduser(mx.base.data_dir()), 'models')
    path = os.path.join(folder, name + '.params')
    if os.path.isfile(path) and check_sha1(path, sha1):
        return path
    repo = os.environ.get('MXNET_GLUON_REPO', model_store.apache_repo_url)
    url = f'{repo.rstrip("/")}/gluon/models/{name}.zip'
    try:
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as part:
            _download(url, part)
            part = os.path.join(part, name + '.params')
            if not check_sha1(part, sha1):
                raise OSError('what came has another sha1')
            os.replace(part, path)
    except (OSError, ValueError, zlib.error, zipfile.BadZipFile) as e:
        raise WeightsError(
            f'ImageNet weights for {network} can\'t be had from {url} '
            f'({type(e).__name__}: {str(e)[:80]}): put {name}.params into '
            f'{folder}, or name a .params file, or set MXNET_GLUON_REPO to '
            "a host that has them, or choose 'random'") from None
    return path


def _download(url, folder):
    """Fetch a zip file and unpack it into `folder`. Raises OSError."""
    import pooch  # requests' errors are OSErrors
    downloader = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(),
                                      timeout=20)
    path = os.path.join(folder, 'part.zip')
    downloader(url, path, None)  # `pooch.retrieve` would log about hashes
    with zipfile.ZipFile(path) as part:
        part.extractall(folder)
