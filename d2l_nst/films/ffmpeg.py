"""ffmpeg, the program that `imageio-ffmpeg` brings: films to frames, and
frames to films with the sound of another."""

import contextlib
import errno
import os
import re
import struct
import subprocess
import tempfile
from fractions import Fraction
from typing import Iterator, Optional, Tuple

import numpy as onp
from PIL import Image

from ..errors import ImageError, NSTError
from ..kinds import Array, Path, Shape

FORMATS = 'mov,matroska,avi,mpegts,mpeg,mpegvideo,flv,ogg,asf'
# The ending of a film's name: its pictures, and its sound where the one that
# there is does not go into such a film
H264 = ('-c:v', 'libx264', '-crf', '18', '-preset', 'medium')
VP9 = ('-c:v', 'libvpx-vp9', '-crf', '24', '-b:v', '0', '-cpu-used', '4')
# Of these a film that ends anywhere plays up to there: it has parts of a
# second each
MP4 = '.mp4', '.mov'
PARTS = ('-movflags', 'delay_moov+default_base_moof', '-frag_duration',
         '1000000')
ENCODED = {'.mp4': (H264, 'aac'), '.mov': (H264, 'aac'),
           '.mkv': (H264, 'aac'), '.webm': (VP9, 'libopus')}
# Of pixels that are not square: as wide as they are shown
SQUARE = 'scale=max(1\\,round(iw*sar)):ih,setsar=1'
FASTEST, USUAL = 240, 30     # frames a second; more is a film without a rate
TELLS = re.compile(rb'YUV4MPEG2 W(\d+) H(\d+) F(\d+):(\d+)')
LASTS = re.compile(r'Duration: (\d+):(\d+):([\d.]+)')


def find_ffmpeg() -> str:
    """The path of the program. Raises `NSTError` where it is missing."""
    try:
        from imageio_ffmpeg import get_ffmpeg_exe
        return get_ffmpeg_exe()
    except (ImportError, RuntimeError):
        raise NSTError('films need imageio-ffmpeg, which is not here: pip '
                       'install imageio-ffmpeg, or name a GIF, a WebP or a '
                       'folder of frames') from None


def _input(path):
    """The options that read a film: of a closed list of formats, with
    nothing that it names itself, and of bounded size."""
    return ['-protocol_whitelist', 'file', '-format_whitelist', FORMATS,
            '-max_pixels', str(Image.MAX_IMAGE_PIXELS), '-i',
            f'file:{os.path.abspath(path)}']


def _start(*options, stderr, **pipes):
    program = find_ffmpeg()
    try:    # in a session of its own Ctrl-C does not end it
        return subprocess.Popen(
            [program, '-hide_banner', '-nostdin', '-y', *options],
            stderr=stderr, start_new_session=True, **pipes)
    except OSError as e:
        raise NSTError(f'{program} does not run ({e.strerror}): pip install '
                       '--force-reinstall imageio-ffmpeg') from None


def probe(path: Path) -> Tuple[Shape, Fraction, Optional[float]]:
    """The size as it is shown, (width, height), the frames a second, and
    the seconds of a film, None where it does not say. Raises
    `ImageError`."""
    with open(path, 'rb'):
        pass     # OSError says why
    with tempfile.TemporaryFile() as told:
        process = _start(
            *_input(path), '-map', '0:V:0', '-frames:v', '1', '-vf', SQUARE,
            '-pix_fmt', 'yuv420p', '-f', 'yuv4mpegpipe', 'pipe:1',
            stderr=told, stdout=subprocess.PIPE)
        found = TELLS.match(process.communicate()[0])
        if not found:
            raise ImageError(f'{path} is damaged, or no film that can be '
                             f'read here ({_reason(told)}): get the file '
                             'again')
        lasts = LASTS.search(_text(told))
    width, height, many, a = map(int, found.groups())
    fps = Fraction(many, a or 1)
    return ((width, height), fps if 0 < fps <= FASTEST else Fraction(USUAL),
            lasts and sum(unit * float(number) for unit, number in zip(
                (3600, 60, 1), lasts.groups())))


def decode(path: Path, shape: Shape, fps: Fraction) -> Iterator[Array]:
    """The frames of a film, each (H, W, 3) uint8, at a constant rate: of
    one that varies some are left out or come again. Raises `ImageError`
    where the file is damaged, behind the frames before."""
    width, height = shape
    with tempfile.TemporaryFile() as told:
        process = _start(
            '-v', 'error', *_input(path), '-map', '0:V:0', '-vf',
            f'{SQUARE},fps={fps}:start_time=0,scale={width}:{height}',
            '-pix_fmt', 'rgb24', '-f', 'rawvideo', 'pipe:1', stderr=told,
            stdout=subprocess.PIPE)
        try:
            size, number = 3 * width * height, 0
            while len(frame := process.stdout.read(size)) == size:
                number += 1
                yield onp.frombuffer(frame, 'uint8').reshape(
                    height, width, 3)
            if process.wait() or _text(told):
                raise ImageError(f'{path} is damaged, behind frame {number} '
                                 f'or before ({_reason(told)}): get the file '
                                 'again')
        finally:
            process.kill()
            process.communicate()


class Encoder:
    """Frames that become a film without sound, `path`: (H, W, 3) uint8, of
    even sides, so many a second. A context; raises `NSTError`."""

    def __init__(self, path: str, shape: Shape, fps: Fraction):
        self.path, self.told = path, tempfile.TemporaryFile()
        width, height = shape
        ending = os.path.splitext(path)[1].lower()
        pictures, _ = ENCODED[ending]
        parts = PARTS if ending in MP4 else ()
        self.process = _start(
            '-v', 'error', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s',
            f'{width}x{height}', '-r', str(fps), '-i', 'pipe:0', '-vf',
            'scale=out_color_matrix=bt709:out_range=tv', '-pix_fmt',
            'yuv420p', '-colorspace', 'bt709', '-color_primaries', 'bt709',
            '-color_trc', 'bt709', '-color_range', 'tv', *pictures, *parts,
            f'file:{path}',
            stderr=self.told, stdin=subprocess.PIPE)

    def __enter__(self) -> 'Encoder':
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.told.close()

    def add(self, img: Array) -> None:
        try:
            self.process.stdin.write(img.tobytes())
        except OSError:
            self.finish()

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        if self.process.wait():
            if os.strerror(errno.ENOSPC) in _text(self.told):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            raise NSTError('ffmpeg failed: '
                           + _reason(self.told, 'something ended it'))


def mend(path: str) -> bool:
    """Cut an encoder's film, which was ended anywhere, behind its last whole
    part. Returns whether it plays."""
    end = whole = 0
    with contextlib.suppress(OSError), open(path, 'rb+') as film:
        size = os.path.getsize(path)
        while len(head := film.read(8)) == 8 and path.endswith(MP4):
            length, name = struct.unpack('>I4s', head)
            end += max(length, 8)
            if end <= size and name == b'mdat':
                whole = end
            film.seek(end)
        if path.endswith(MP4):
            film.truncate(whole)
    try:
        return bool(probe(path))
    except (ImageError, OSError):
        return False


def finish_film(silent: str, source: Optional[str], path: str,
                seconds: Fraction) -> bool:
    """Write the film `silent` as `path`, to be played while it is loaded,
    with the sound of `source`, if there is one: as it is, where such a film
    may have it, else encoded anew. Returns whether it could be done."""
    sound = ENCODED[os.path.splitext(path)[1].lower()][1]
    for codec in 'copy', sound:
        process = _start(
            '-v', 'error', '-i', f'file:{silent}', *_input(source or silent),
            '-map', '0:v', '-map', '1:a?', '-c:v', 'copy', '-c:a', codec,
            '-t', str(float(seconds)), '-map_metadata', '-1', '-movflags',
            '+faststart', f'file:{path}', stderr=subprocess.DEVNULL)
        try:
            if not process.wait():
                return True
        finally:
            process.kill()
            process.wait()
    return False


def _text(told):
    told.seek(0)
    return told.read(2 ** 16).decode(errors='replace')


def _reason(told, unsaid='it has no pictures'):
    lines = _text(told).strip().splitlines() or [unsaid]
    return lines[-1].rpartition('file:')[2]
