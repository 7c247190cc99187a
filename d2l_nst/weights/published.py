"""Files of ImageNet's networks that were published: their names and hashes."""

import os
from typing import Dict, List

from ..errors import WeightsError
from ..kinds import Path

NETWORKS = ('vgg16', 'vgg19')
# Published files, the first digits of their sha256, and the publisher
PUBLISHED = {
    # torchvision/models/vgg.py; a file's name carries the first digits of
    # its sha256: pytorch.org/docs/stable/hub.html, load_state_dict_from_url
    'vgg16-397923af.pth': ('397923af', 'torchvision'),
    'vgg19-dcbb9e9d.pth': ('dcbb9e9d', 'torchvision'),
    # vlfeat.org/matconvnet/pretrained: known by their layers alone
    'imagenet-vgg-verydeep-16.mat': ('', 'MatConvNet'),
    'imagenet-vgg-verydeep-19.mat': ('', 'MatConvNet')}


def check_published(path: Path) -> None:
    """Refuse a published file whose hash is another. Raises
    `WeightsError`."""
    import pooch
    publisher, algorithm, digest = _hash_of(os.path.basename(path))
    if digest and os.path.isfile(path) and not pooch.file_hash(
            path, algorithm).startswith(digest):
        raise WeightsError(
            f"{path} is not the whole of {publisher}'s file of this name, "
            f'whose {algorithm} begins with {digest[:8]}: get it again')


def _hash_of(name):
    """Publisher, algorithm and (first) digits for a published name."""
    for network in NETWORKS:
        if name == zoo_name(network):  # mxnet/gluon/model_zoo/model_store.py
            return 'Gluon', 'sha1', zoo()[network]
    digest, publisher = PUBLISHED.get(name, ('', ''))
    return publisher, 'sha256', digest


def zoo() -> Dict[str, str]:
    """{network: sha1 of Gluon's file}; MXNet is not imported before it is
    asked for."""
    from mxnet.gluon.model_zoo import model_store
    return model_store._model_sha1


def zoo_name(network: str) -> str:
    """The name of Gluon's file."""
    return f'{network}-{zoo()[network][:8]}.params'


def file_names(network: str) -> List[str]:
    """The published files of a network, Gluon's first."""
    return [zoo_name(network)] + [
        name for name in PUBLISHED
        if network in name or name.endswith(network[3:] + '.mat')]


def choices(network: str) -> str:
    """The published files of a network and who published them, as words."""
    return ' or '.join(
        f'{name} ({_hash_of(name)[0]})' for name in file_names(network))
