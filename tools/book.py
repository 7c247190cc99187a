"""Makes the book: `python tools/book.py [BUILDER]`, into build/book.

The chapters are put beside docs/ as they ran, with a page for each room of the
package, and Sphinx makes a web site of them, in which nothing comes from
elsewhere. BUILDER is html, or linkcheck to try the links to the world too:
those that lead nowhere are faults, hosts that can't be reached from here are
only told.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
from urllib.parse import urlsplit

from site_check import faults
from student import copy

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE, SITE = ROOT / 'build' / 'book-source', ROOT / 'build' / 'book'
LINKS = ROOT / 'build' / 'book-links'
MATHJAX = (ROOT / '.book' / 'sphinx-mathjax-offline' / 'static' / 'mathjax'
           / 'tex-svg.js')
APART = {'__init__', '__main__', 'cli', 'commands'}   # no names for readers


def main():
    builder = sys.argv[1] if len(sys.argv) > 1 else 'html'
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.rmtree(SITE, ignore_errors=True)
    gather(SOURCE)
    copy(MATHJAX, SOURCE / '_static' / MATHJAX.name)
    status = sphinx('html', SITE, '-W', '--keep-going')
    found = list(faults(SITE))
    if builder == 'linkcheck' and not status:
        sphinx(builder, LINKS, '-Q')   # its status counts what is away too
        broken, away = beyond(LINKS / 'output.json')
        found += broken
        if away:
            print('Not reached from here, so not tried:', ', '.join(away))
    print(*found, sep='\n', end='\n' if found else '', file=sys.stderr)
    if status or found:
        sys.exit(f'error: {SITE} is not as it should be: see above.')
    print(f'{SITE / "index.html"} is the first page.')


def sphinx(builder, folder, *options):
    """Build into a folder, by the pages that were read; its status."""
    return subprocess.call(
        [sys.executable, '-W', 'ignore', '-m', 'sphinx', '-q', *options, '-d',
         str(SITE / '.doctrees'), '-b', builder, str(SOURCE), str(folder)])


def beyond(report):
    """Of linkcheck's report: a line for each link that its host does not
    know, and the hosts that can't be reached."""
    broken, away = [], set()
    for line in report.read_text(encoding='utf-8').splitlines():
        link = json.loads(line)
        if link['status'] not in ('broken', 'timeout'):
            continue
        if re.match(r"\d{3} |Anchor '", link['info']):   # the host answered
            broken.append('{filename}:{lineno}: {uri}: {info}'.format(**link))
        else:
            away.add(urlsplit(link['uri']).netloc)
    return broken, sorted(away)


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
