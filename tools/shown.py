"""Writes down which pictures of img/ the notebooks show, and as they are now:
`python tools/shown.py`, after the notebooks ran (`make notebooks` does).

notebooks/pictures.json has the first digits of each file's hash, by notebook.
A test compares them, so that a picture that has changed since its notebooks
ran is noticed. What `make demo` paints again is left out.
"""

import hashlib
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILE = ROOT / 'notebooks' / 'pictures.json'
KINDS = '.jpg', '.png', '.svg'
DEMO = 'neural-style.png'   # processors round differently


def shown(root=ROOT):
    """{notebook: {picture of img/ that it names: its hash}}, of files."""
    marks = {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:8]
             for path in sorted((root / 'img').iterdir())
             if path.suffix in KINDS and path.name != DEMO}
    notebooks = root / 'notebooks'
    return {str(path.relative_to(notebooks)): {
        name: marks[name] for name in names(path, marks)}
        for path in sorted(notebooks.rglob('*.ipynb'))}


def names(path, pictures):
    """Those of the pictures that a notebook's cells name: as files, or, in a
    cell with '../img/{name}.jpg', by a quoted name."""
    cells = [''.join(cell['source']) for cell in json.loads(
        path.read_text(encoding='utf-8'))['cells']]
    named = set(re.findall(r'[\w-]+\.(?:jpg|png|svg)', '\n'.join(cells)))
    for cell in cells:
        if 'img/{' in cell:
            named |= {f'{name}.jpg' for name in re.findall(r"'([\w-]+)'",
                                                           cell)}
    return [name for name in pictures if name in named]


def main():
    FILE.write_text(json.dumps(shown(), indent=1) + '\n', encoding='utf-8')
    print(FILE)


if __name__ == '__main__':
    main()
