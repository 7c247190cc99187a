"""GIF and animated WebP, written frame by frame.

Pillow writes either when it has all frames. Here it writes each frame as a
picture, whose part that holds the pixels goes into the file.
"""

import io
import struct

from PIL import GifImagePlugin, Image


class Gif:
    """A GIF that is shown again and again: W3C, *Graphics Interchange
    Format, Version 89a*. `file` is open for writing, `shape` is (width,
    height). Durations are hundredths of a second."""

    unit, least = 100, 2    # what is shorter is slowed down by browsers

    def __init__(self, file, shape):
        self.file = file
        file.write(b'GIF89a' + struct.pack('<2H', *shape) + b'\x70\0\0'
                   + b'!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0')

    def add(self, img, duration):
        """Add a frame, (H, W, 3) uint8, with 256 colours of its own."""
        picture = Image.fromarray(img).quantize(256)
        for part in GifImagePlugin.getdata(picture, duration=10 * duration,
                                           include_color_table=True):
            self.file.write(part)

    def finish(self):
        self.file.write(b';')


class Webp:
    """An animated WebP that is shown again and again: Google, *WebP
    Container Specification*. As `Gif`; durations are thousandths of a
    second."""

    unit, least = 1000, 10

    def __init__(self, file, shape):
        self.file, self.size = file, b''.join(
            (side - 1).to_bytes(3, 'little') for side in shape)
        file.write(b'RIFF\0\0\0\0WEBP'
                   + _chunk(b'VP8X', b'\x02\0\0\0' + self.size)
                   + _chunk(b'ANIM', b'\xff' * 4 + b'\0\0'))

    def add(self, img, duration):
        memory = io.BytesIO()
        Image.fromarray(img).save(memory, 'WEBP', quality=90)
        head = bytes(6) + self.size + duration.to_bytes(3, 'little') + b'\2'
        # Behind RIFF, its size and WEBP the pixels are the only chunk
        self.file.write(_chunk(b'ANMF', head + memory.getvalue()[12:]))

    def finish(self):
        size = self.file.tell() - 8
        self.file.seek(4)
        self.file.write(struct.pack('<I', size))
        self.file.seek(0, io.SEEK_END)


def _chunk(name, content):
    return (name + struct.pack('<I', len(content)) + content
            + bytes(len(content) % 2))
