"""Weights trained on ImageNet: where they are found, fetched and kept.

The order: the file or folder that D2L_NST_WEIGHTS names, this package's
cache, MXNet's model folder, then the host of Gluon's model zoo, or
MXNET_GLUON_REPO. What was found once is kept in the cache, convolutions
alone, so the next start is quick and needs no network; a copy of that folder
serves as another machine's cache, or as D2L_NST_WEIGHTS.
"""

import contextlib
import dataclasses
import errno
import os
import sys
import time
import zipfile
import zlib
from typing import Optional

from .. import files
from ..errors import WeightsError
from . import store
from .formats import is_page, read_record
from .names import is_complete
from .published import check_published, choices, file_names, zoo_name
from .record import Weights
from .store import cache

ATTEMPTS = 3


# ---------------------------------------------------------------- finding
def load_imagenet(network: str) -> Weights:
    """The `Weights` of an ImageNet network, downloaded if need be. Raises
    `WeightsError`."""
    path = find(network)
    if path is None:
        return fetch(network)
    weights = read_record(path)
    if not (_is_kept(path) or os.environ.get('D2L_NST_WEIGHTS')) and (
            path.endswith('.params')
            or is_complete(weights.arrays, network)):
        with contextlib.suppress(WeightsError):  # they are there anyway
            keep(dataclasses.replace(weights, network=network), path)
    return weights


def find(network: str) -> Optional[str]:
    """Path of ImageNet weights on this machine, their hash checked, or
    None. Raises `WeightsError` where D2L_NST_WEIGHTS leads nowhere."""
    named = os.environ.get('D2L_NST_WEIGHTS')
    if not named:
        return (_find_in(cache(), network)
                or _find_in(model_folder(), network))
    if os.path.isfile(named):
        check_published(named)
        return named
    path = _find_in(named, network)
    if path is None:
        raise WeightsError(
            f'D2L_NST_WEIGHTS names {named}, where there are no whole '
            f'ImageNet weights for {network}: name a file, or a folder with '
            f'{choices(network)}')
    return path


def _find_in(folder, network):
    """The file that was kept in a folder, or else a published one."""
    kept = store.find_whole(folder, network + '-imagenet')
    if kept:
        return kept
    for name in file_names(network):
        path = os.path.join(folder, name)
        with contextlib.suppress(WeightsError):
            check_published(path)
            if os.path.isfile(path):
                return path
    return None


# ---------------------------------------------------------------- keeping
def model_folder() -> str:
    """Folder where Gluon's model zoo keeps its files."""
    import mxnet as mx
    return os.path.join(os.path.expanduser(mx.base.data_dir()), 'models')


def keep(weights: Weights, source: str) -> str:
    """Keep `Weights` in the cache, in place of those of the same network
    there. Returns the path. Raises `WeightsError`."""
    return store.keep(weights, cache(), f'{weights.network}-imagenet',
                      source)[0]


def _is_kept(path):
    return '-imagenet-' in os.path.basename(path)


# --------------------------------------------------------------- fetching
def fetch(network: str) -> Weights:
    """Download Gluon's file, check its hash and keep its convolutions.

    Returns them as `load_imagenet` does. Nothing is left where it fails.
    Raises `WeightsError`, which names the ways out.
    """
    from mxnet.gluon.model_zoo.model_store import apache_repo_url
    repo = os.environ.get('MXNET_GLUON_REPO', apache_repo_url)
    name = zoo_name(network)
    url = f'{repo.rstrip("/")}/gluon/models/{name[:-7]}.zip'
    with files.workplace(cache()) as part:
        try:
            weights = dataclasses.replace(
                read_record(_download(url, part, name)), network=network)
        except (OSError, ValueError, WeightsError, zlib.error,
                zipfile.BadZipFile) as e:
            if getattr(e, 'errno', 0) == errno.ENOSPC:
                raise WeightsError(f"{cache()} can't be written (the disk is "
                                   'full): make room there') from None
            raise WeightsError(
                f"ImageNet weights for {network} can't be had from {url} "
                f'({type(e).__name__}: {str(e)[:80]}): get '
                f'{choices(network)} and run python -m d2l_nst weights '
                'import FILE, or set MXNET_GLUON_REPO to a host that has '
                "Gluon's, or choose 'random'") from None
        return dataclasses.replace(weights, name=keep(weights, url))


def _download(url, folder, name):
    """Fetch a zip file and unpack `name` into `folder`; its path. Raises
    OSError and its like."""
    path = os.path.join(folder, 'part.zip')
    _fetch(url, path)
    if is_page(path):
        raise OSError(f'a web page came in place of {name}')
    with zipfile.ZipFile(path) as part:
        if name not in part.namelist():
            raise OSError(f'there is no {name} in what came')
        path = part.extract(name, folder)
    with contextlib.suppress(WeightsError):
        check_published(path)
        return path
    raise OSError(f'{name} came with another sha1')


def _fetch(url, path):
    """Download to `path`, again where the connection or the host fails."""
    import pooch
    fetch = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=20)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            # Not `pooch.retrieve`, which logs a hash that nobody asked for
            return fetch(url, path, None)
        except OSError as e:  # an error of requests is an OSError too
            code = getattr(getattr(e, 'response', None), 'status_code', 500)
            if (isinstance(e, ValueError) or code < 500
                    or attempt == ATTEMPTS):
                raise
            time.sleep(attempt)
