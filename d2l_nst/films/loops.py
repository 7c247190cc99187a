"""GIF and animated WebP, written frame by frame.

Pillow writes either when it has all frames. Here it writes each frame as a
picture, whose part that holds the pixels goes into the file.
"""

import io
import os
import struct

from PIL import GifImagePlugin, Image

from ..kinds import Array, Shape


class Gif:
    """A GIF of `shape`, (width, height), that is shown again and again: W3C,
    *Graphics Interchange Format, Version 89a*. The file is its `head`, its
    frames and its `tail`. Durations are hundredths of a second."""

    unit, least = 100, 2    # what is shorter is slowed down by browsers
    tail = b';'

    def __init__(self, shape: Shape):
        self.head = (b'GIF89a' + struct.pack('<2H', *shape) + b'\x70\0\0'
                     + b'!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0')

    def frame(self, img: Array, duration: int) -> bytes:
        """The bytes of a frame, (H, W, 3) uint8, with 256 colours of its
        own."""
        picture = Image.fromarray(img).quantize(256)
        return b''.join(GifImagePlugin.getdata(
            picture, duration=10 * duration, include_color_table=True))

    def end(self, path: str) -> None:
        """Complete the file, which has its tail."""


class Webp:
    """An animated WebP: Google, *WebP Container Specification*. As `Gif`;
    durations are thousandths of a second."""

    unit, least = 1000, 10
    tail = b''

    def __init__(self, shape: Shape):
        self.size = b''.join(
            (side - 1).to_bytes(3, 'little') for side in shape)
        self.head = (b'RIFF\0\0\0\0WEBP'
                     + _chunk(b'VP8X', b'\x02\0\0\0' + self.size)
                     + _chunk(b'ANIM', b'\xff' * 4 + b'\0\0'))

    def frame(self, img: Array, duration: int) -> bytes:
        memory = io.BytesIO()
        Image.fromarray(img).save(memory, 'WEBP', quality=90)
        head = bytes(6) + self.size + duration.to_bytes(3, 'little') + b'\2'
        # Behind RIFF, its size and WEBP the pixels are the only chunk
        return _chunk(b'ANMF', head + memory.getvalue()[12:])

    def end(self, path: str) -> None:
        with open(path, 'rb+') as file:
            file.seek(4)
            file.write(struct.pack('<I', os.path.getsize(path) - 8))


def _chunk(name, content):
    return (name + struct.pack('<I', len(content)) + content
            + bytes(len(content) % 2))
