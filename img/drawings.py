"""Makes the drawings of this folder: `python img/drawings.py`.

`--out FOLDER` puts them elsewhere. They are the same bytes every time.
"""
import argparse
import sys
from importlib import import_module
from pathlib import Path

from pen import house_style

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))           # one of them paints
DRAWINGS = ('method', 'vgg19', 'training', 'transformer', 'tree')  # here


def main(argv=None):
    parser = argparse.ArgumentParser(
        description='Make the drawings of this folder.')
    parser.add_argument('--out', type=Path, default=HERE,
                        help='the folder to write to (default: this one)')
    options = parser.parse_args(argv)
    options.out.mkdir(parents=True, exist_ok=True)
    for name in DRAWINGS:
        module = import_module(name)
        path = options.out / f'{name}.svg'
        with house_style():
            module.draw().save(path, module.TITLE)
        print(path)


if __name__ == '__main__':
    main()
