"""The networks that paint: one table of their classes, and their files.

A file says which class its numbers are for, so that a new network is one file
of code and one line here.
"""

import glob
import json
import os
from typing import Any, Dict, Optional, Type

import mxnet as mx
import numpy as onp
from mxnet import gluon, init

from .. import files
from ..errors import WeightsError
from ..kinds import Arrays, Path
from ..weights.params_file import read_params
from .decoder import Decoder
from .transformer import TransformerNet

NETWORKS = {kind.__name__: kind for kind in (TransformerNet, Decoder)}
BUNDLED = os.path.join(os.path.dirname(__file__), 'bundled')
ABOUT = 'about'     # the entry of a file that tells the class, as JSON


def new_network(seed: int = 1, ctx: Any = None,
                start: Optional[Arrays] = None,
                kind: Type[gluon.HybridBlock] = TransformerNet,
                **settings: Any) -> gluon.HybridBlock:
    """A network of a class of `NETWORKS`, to be trained.

    Its numbers are drawn by `seed`, or they are those of `start`, which is
    what `read_network` returns.
    """
    net = kind(**settings)
    mx.random.seed(seed % 2 ** 31)
    net.initialize(net.initializer, mx.cpu())
    if start:
        _fill(net, start)
    net.collect_params().reset_ctx(ctx or mx.cpu())
    return net


def bundled() -> Dict[str, str]:
    """Paths of the painters that come with the package, by name."""
    return _stems(BUNDLED)


def bundled_decoders() -> Dict[str, str]:
    """Paths of the decoders that come with the package, by the layer that
    they invert."""
    return _stems(os.path.join(BUNDLED, 'decoders'))


def _stems(folder):
    paths = sorted(glob.glob(os.path.join(glob.escape(folder), '*.params')))
    return {os.path.splitext(os.path.basename(p))[0]: p for p in paths}


def save_network(net: gluon.HybridBlock, path: Path,
                 replace: bool = True) -> None:
    """Save the parameters as float16, atomically, as `files.put` does.
    Raises `OSError`."""
    mx.nd.waitall()
    arrays = {name: p.data(p.list_ctx()[0]).as_in_ctx(mx.cpu())
              for name, p in net._collect_params_with_prefix().items()}
    about = json.dumps({'network': type(net).__name__, **net.settings})
    with files.atomic_path(path, replace) as part:
        mx.npx.save(part, {
            ABOUT: mx.np.array(list(about.encode()), dtype='uint8'),
            **{name: array.astype('float16')
               for name, array in arrays.items()}})


@mx.util.use_np    # in any thread
def load_network(name: Path, ctx: Any = None,
                 kind: Type[gluon.HybridBlock] = TransformerNet
                 ) -> gluon.HybridBlock:
    """The trained network of a bundled NAME or of a .params file, frozen,
    on `ctx`. Raises `WeightsError`, also where it is of another class than
    `kind`."""
    path = find_network(name)
    net, arrays = _read(path)
    if not isinstance(net, kind) or not _fits(net, arrays):
        raise WeightsError(f'{path} does not hold {kind.about}: name a file '
                           f'that `{kind.command}` made')
    net.initialize(init.Zero(), mx.cpu())
    _fill(net, arrays)
    net.collect_params().setattr('grad_req', 'null')
    net.collect_params().reset_ctx(ctx or mx.cpu())
    return net


def find_network(name: Path) -> str:
    """The path of a bundled NAME or of a .params file. Raises
    `WeightsError` where there is none."""
    name = os.fspath(name)
    path = {**bundled_decoders(), **bundled()}.get(name, name)
    if not os.path.isfile(path):
        names = ', '.join(bundled()) or 'none yet'
        raise WeightsError(f'{name}: there is no such network; name a '
                           '.params file that `train` made, or a bundled '
                           f'one ({names})')
    return path


def read_network(name: Path, kind: Type[gluon.HybridBlock] = TransformerNet,
                 **settings: Any) -> Arrays:
    """The float32 numbers of a network, by the names of its parameters.

    `name` is that of a bundled network or of a .params file, which must be
    of the class `kind` and have these settings; but for its styles, since
    others can be begun from them. Raises `WeightsError`.
    """
    net = load_network(name, kind=kind)
    arrays = {key: p.data()
              for key, p in sorted(net._collect_params_with_prefix().items())}
    if 'styles' in settings:
        return _for_styles(net, arrays, settings['styles'])
    other = [key for key, value in settings.items()
             if net.settings[key] != value]
    if other:
        raise WeightsError(f'{name} is of another {other[0]}, '
                           f'{net.settings[other[0]]}: name one that '
                           f'`{kind.command}` made for '
                           f'{settings[other[0]]}')
    return arrays


def _for_styles(net, arrays, styles):
    """The numbers of a network with other styles: what is of a style is
    that of the style of that name, and of one that it has not, the mean of
    all."""
    known = net.settings['styles']

    def rows(array):
        return mx.np.stack([array[known.index(style)] if style in known
                            else array.mean(axis=0) for style in styles])

    return {key: rows(array) if key.split('.')[-1] in net.of_a_style
            else array for key, array in arrays.items()}


def _fits(net, arrays):
    wanted = {key: p.shape
              for key, p in net._collect_params_with_prefix().items()}
    return wanted == {key: array.shape for key, array in arrays.items()}


def _fill(net, arrays):
    for key, p in net._collect_params_with_prefix().items():
        p.set_data(mx.np.array(arrays[key], dtype='float32'))


def _read(path):
    """The network that a .params file tells of, not filled, or None, and
    its {name: array}.

    A file that tells nothing was made before there were several styles.
    """
    try:
        arrays = read_params(path)
    except ValueError:
        arrays = {}
    about = arrays.pop(ABOUT, onp.frombuffer(b'{}', 'uint8'))
    try:
        settings = json.loads(bytes(onp.asarray(about, 'uint8')))
        kind = NETWORKS[settings.pop('network')]
        return kind(**settings), arrays
    except (ValueError, AttributeError, KeyError, TypeError):
        return None, {}
