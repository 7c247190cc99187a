"""Makes the pictures of this folder from code alone: `python img/make.py all`.

`python img/make.py mountain autumn-oak` makes two of them; `--out FOLDER`
puts them elsewhere and `--scale 0.25` makes them small.
"""
import argparse
import sys
from importlib import import_module
from pathlib import Path

from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]


# name of the file: (module, function of the width, width in pixels)
PICTURES = {
    'mountain': ('mountain', 'mountain', 1350),
    'autumn-oak': ('oak', 'autumn_oak', 940),
    'sea-wash': ('sea', 'sea_wash', 900),
    'poppies-pointillist': ('poppies', 'poppies', 900),
    'canal-town': ('town', 'town', 1350),
    'sunflowers': ('flowers', 'sunflowers', 900),
    'great-wave-woodcut': ('woodcut', 'woodcut', 1200),
    'sunrise-glass': ('glass', 'glass', 1200),
    'night-harbour': ('night', 'night', 1200),
    'cubist-guitar': ('cubist', 'cubist', 1200),
    'ink-wash': ('ink', 'ink_wash', 1200),
    'mill-hatching': ('hatching', 'hatching', 1200),
}


def make(name, scale=1.0):
    """The picture `name`, (H, W, 3) uint8, `scale` times its full size."""
    module, function, width = PICTURES[name]
    return getattr(import_module(module), function)(round(width * scale))


def save(picture, path):
    """Write a JPEG without loss of colour resolution."""
    Image.fromarray(picture).save(path, quality=92, subsampling=0)


def main(argv=None):
    parser = argparse.ArgumentParser(
        description='Make the pictures of this folder from code alone.')
    parser.add_argument('names', nargs='+', metavar='NAME',
                        choices=[*PICTURES, 'all'],
                        help=', '.join(PICTURES) + ' or all')
    parser.add_argument('--out', type=Path, default=HERE,
                        help='the folder to write to (default: this one)')
    parser.add_argument('--scale', type=float, default=1.0,
                        help='size of the pictures, 1 is full size')
    options = parser.parse_args(argv)
    if not 0.1 <= options.scale <= 4:
        parser.error('--scale must be from 0.1 to 4')
    names = PICTURES if 'all' in options.names else options.names
    options.out.mkdir(parents=True, exist_ok=True)
    for name in names:
        path = options.out / f'{name}.jpg'
        save(make(name, options.scale), path)
        print(path)


if __name__ == '__main__':
    main()
