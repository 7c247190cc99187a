"""Pictures and other files saved: where they may be, asked before the work,
and how."""

import itertools
import json
import os
import stat
import struct
import tempfile
import warnings
from typing import Any, Callable, Dict, Iterable, Optional, Tuple

from PIL import Image, ImageCms, PngImagePlugin

from . import files
from .srgb import ROUNDED
from .errors import ImageError, NSTWarning
from .images import to_numpy
from .kinds import Array, Card, Path

# Extension -> format and the settings that lose nothing visible
WRITABLE: Dict[str, Tuple[str, Dict[str, Any]]] = {
    '.png': ('PNG', {}),
    '.jpg': ('JPEG', {'quality': 95, 'subsampling': 0}),
    '.jpeg': ('JPEG', {'quality': 95, 'subsampling': 0}),
    '.webp': ('WEBP', {'quality': 95}),
    '.tif': ('TIFF', {'compression': 'tiff_lzw'}),
    '.tiff': ('TIFF', {'compression': 'tiff_lzw'})}
KEY = 'd2l_nst'    # of the text in a .png that is its scorecard
# Not in the picture: what varies from run to run, and what is private
VARIES = 'seconds', 'memory_gb', 'run'
WITH_ALPHA = ('.png', '.webp', '.tif', '.tiff')


def check_output(path: Path, force: bool = False) -> None:
    """Raise `ImageError` unless a picture can be saved as `path`."""
    if os.path.splitext(os.fspath(path))[1].lower() not in WRITABLE:
        raise ImageError(f'{path}: name a picture that ends in '
                         f'{", ".join(sorted(WRITABLE))}')
    check_writable(path, force)


def check_writable(path: Path, force: bool = False) -> None:
    """Raise `ImageError` unless a file can be written as `path`."""
    folder = os.path.dirname(path) or '.'
    if not stat.S_ISDIR(_mode(folder)):
        raise ImageError(f'{path}: there is no folder {folder}; make it '
                         'first')
    if stat.S_ISDIR(_mode(path)):
        raise ImageError(f'{path} is a folder: name a file in it')
    if _mode(path) and not force:
        raise ImageError(f'{path} exists: choose another name or --force')
    _try(folder, path)


def _try(folder, path):
    """Do what `files.atomic` will do for `path`: permissions don't tell
    all, as of a disk that is read only, or of root."""
    try:
        tempfile.TemporaryDirectory(dir=folder).cleanup()
    except OSError as e:
        raise ImageError(f'{path} can\'t be written in {folder} '
                         f'({e.strerror}): name another one') from None


def _mode(path):
    """What `path` is, as `stat` has it; 0 where there is nothing."""
    try:
        return os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return 0
    except (OSError, ValueError) as e:  # not to be searched, too long, \0
        reason = getattr(e, 'strerror', None) or e
        raise ImageError(f'{path} can\'t be written: {reason}') from None


def check_apart(path: Path, sources: Iterable[Path]) -> None:
    """Raise `ImageError` where a picture saved as `path` would replace one
    of the `sources` that are read."""
    for source in sources:
        if os.path.exists(path) and os.path.samefile(source, path):
            raise ImageError(f'{path} is the picture to be read: choose '
                             'another name')


def check_folder(folder: Path) -> None:
    """Raise `ImageError` unless files can be written in a folder, which may
    have to be made first."""
    there = os.path.abspath(folder)
    while not os.path.exists(there):
        there = os.path.dirname(there)
    if not os.path.isdir(there):
        raise ImageError(f'{folder} can\'t be a folder: {there} is a file; '
                         'name another one')
    _try(there, folder)


def lost_alpha(path: Path, source: Path, alpha: Optional[Array]) -> str:
    """What to say where the transparency of `source` has no place in a
    picture saved as `path`; '' where it has, or where there is none."""
    extension = os.path.splitext(os.fspath(path))[1].lower()
    return '' if alpha is None or extension in WITH_ALPHA else (
        f'{path} has no place for the transparency of {source}, which is '
        'laid on white: .png, .webp and .tif have')


# -------------------------------------------------------------- saving
def save_image(img: Array, path: Path, alpha: Optional[Array] = None,
               card: Optional[Card] = None) -> None:
    """Save a picture atomically: `path` is whole, or is not touched.

    `img`: (H, W, 3), float in [0, 1] or uint8. `alpha`: (h, w) uint8,
    resized and put back, or laid on white where the format has no
    transparency. The file carries an sRGB profile; JPEG is saved at quality
    95 without colour subsampling. A `card` (`scorecard`) travels in .png,
    .jpg and .tif, but for what varies from run to run. Raises `ImageError`.
    """
    save_unless_there(img, path, alpha, card, force=True)


def save_unless_there(img: Array, path: Path, alpha: Optional[Array] = None,
                      card: Optional[Card] = None,
                      force: bool = False) -> str:
    """Save a picture as `save_image` does; without `force` nothing is
    replaced, as `unless_there` has it. Returns the path."""
    check_output(path, force=True)
    kind, options = WRITABLE[os.path.splitext(path)[1].lower()]
    picture = _picture(img, alpha, kind)
    if card:
        options = {**options, **carried(card, kind)}

    def write(path, replace):
        with files.atomic(path, replace) as file:
            picture.save(file, kind, icc_profile=srgb_profile(), **options)

    return unless_there(path, write, force)


def unless_there(path: Path, write: Callable[[str, bool], None],
                 force: bool = False) -> str:
    """Have `write(path, replace)` write a file and return its path. Without
    `force` nothing is replaced: where another job has made `path` meanwhile,
    the next free name beside it is taken, out-2.png and so on, of which an
    `NSTWarning` tells. Raises `ImageError`."""
    try:
        return first_free(path, write, force)
    except (OSError, ValueError) as e:  # Pillow's may have no strerror
        reason = getattr(e, 'strerror', None) or e
        raise ImageError(f'{os.path.abspath(path)} can\'t be written: '
                         f'{reason}') from None


def first_free(path: Path, write: Callable[[str, bool], None],
               force: bool = False) -> str:
    """`unless_there`, which raises what `write` does."""
    stem, extension = os.path.splitext(os.fspath(path))
    names = (f'{stem}-{i}{extension}' for i in itertools.count(2))
    for name in itertools.chain([os.fspath(path)], names):
        try:
            write(name, force)
        except FileExistsError:
            continue
        if name != os.fspath(path):
            warnings.warn(f'{path} was made by someone else meanwhile: '
                          f'saved as {name}', NSTWarning, stacklevel=4)
        return name
    raise AssertionError    # there is always another name


def eight_bits(img: Array) -> Array:
    """A picture of `save_image` as it is saved: (H, W, 3) uint8."""
    img = to_numpy(img)
    if img.dtype.kind == 'f':
        if img.max() > ROUNDED:
            raise ImageError('a picture of floats is saved from 0 ... 1, and '
                             f'this one reaches {img.max():.4g}: divide it '
                             'by 255')
        img = (img.clip(0, 1) * 255).round()
    return img.clip(0, 255).astype('uint8')


def _picture(img, alpha, kind):
    """The Pillow picture that is saved."""
    picture = Image.fromarray(eight_bits(img))
    if alpha is not None:
        alpha = Image.fromarray(alpha).resize(picture.size)
        if kind == 'JPEG':
            white = Image.new('RGB', picture.size, 'white')
            return Image.composite(picture, white, alpha)
        picture.putalpha(alpha)
    return picture


def carried(card: Card, kind: str) -> Dict[str, Any]:
    """Pillow's options with which a picture of a `kind` carries a card."""
    text = as_json({name: value for name, value in card.items()
                    if name not in VARIES})
    if kind == 'PNG':
        info = PngImagePlugin.PngInfo()
        info.add_text(KEY, text)
        return {'pnginfo': info}
    kinds: Dict[str, Dict[str, Any]] = {
        'JPEG': {'comment': text.encode()}, 'TIFF': {'description': text}}
    return kinds.get(kind, {})


def card_path(path: Path) -> str:
    """Where the scorecard of a picture lies: out.json beside out.png."""
    return os.path.splitext(os.fspath(path))[0] + '.json'


def save_card(card: Card, path: Path, force: bool = False) -> None:
    """Save a scorecard beside the picture `path`, as `unless_there` has it.
    Where that fails an `NSTWarning` tells: the picture matters more."""
    def write(path, replace):
        with files.atomic(path, replace) as file:
            file.write(as_json(card, indent=2).encode() + b'\n')

    try:
        unless_there(card_path(path), write, force)
    except ImageError as e:
        warnings.warn(f'no scorecard: {e}', NSTWarning, stacklevel=2)


def as_json(card: Card, **options: Any) -> str:
    return json.dumps(card, default=str, **options)


def srgb_profile() -> bytes:
    """The profile that pictures are saved with: bytes. Its date is always
    the same, so that the same picture is the same file."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB'))
    raw = bytearray(profile.tobytes())
    raw[24:36] = struct.pack('>6H', 2000, 1, 1, 0, 0, 0)
    return bytes(raw)
