"""Makes the book: `python tools/book.py [BUILDER]`, into build/book.

The chapters are put beside docs/ as they ran, with a page for each room of the
package, and Sphinx makes a web site of them, in which nothing comes from
elsewhere. BUILDER is html, or linkcheck to try the links to the world too.
"""

import pathlib
import shutil
import subprocess
import sys

from site_check import faults
from student import copy

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE, SITE = ROOT / 'build' / 'book-source', ROOT / 'build' / 'book'
MATHJAX = (ROOT / '.book' / 'sphinx-mathjax-offline' / 'static' / 'mathjax'
           / 'tex-svg.js')
APART = {'__init__', '__main__', 'cli', 'commands'}   # no names for readers


def main():
    builder = sys.argv[1] if len(sys.argv) > 1 else 'html'
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.rmtree(SITE, ignore_errors=True)
    gather(SOURCE)
    copy(MATHJAX, SOURCE / '_static' / MATHJAX.name)
    status = subprocess.call(
        [sys.executable, '-W', 'ignore', '-m', 'sphinx', '-q', '-W',
         '--keep-going', '-b', builder, str(SOURCE), str(SITE)])
    found = list(faults(SITE))
    print(*found, sep='\n', end='\n' if found else '', file=sys.stderr)
    if status or found:
        sys.exit(f'error: {SITE} is not as it should be: see above.')
    print(f'{SITE / "index.html"} is the first page.')


def gather(folder):
    """Put all that Sphinx reads into the folder."""
    for part in ('notebooks', 'img', 'd2l_nst'):
        copy(ROOT / part, folder / part, '*.params')
    for page in (ROOT / 'docs').glob('*.*'):
        place = '_static' if page.suffix == '.css' else '.'
        copy(page, folder / place / page.name)
    copy(ROOT / 'tools' / 'hosted.py', folder / 'hosted.py')
    for name, modules in rooms():
        page = folder / 'api' / f'{name}.md'
        page.parent.mkdir(exist_ok=True)
        page.write_text(f'# {name}\n\n```{{eval-rst}}\n' + ''.join(
            f'.. automodule:: {module}\n   :members:\n\n'
            for module in modules) + '```\n', encoding='utf-8')


def rooms():
    """(name, its modules) of the package's rooms, a folder or a file."""
    for path in sorted((ROOT / 'd2l_nst').iterdir()):
        files = [path] if path.suffix == '.py' else sorted(path.glob('*.py'))
        modules = ['.'.join(file.relative_to(ROOT).with_suffix('').parts)
                   .replace('.__init__', '') for file in files]
        if modules and path.stem not in APART:
            yield path.stem, modules


if __name__ == '__main__':
    main()
