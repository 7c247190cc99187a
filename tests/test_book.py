"""What the book and the slides are made of; `make book` and `make slides`
make them."""

import importlib.util
import json
import pathlib
import re
import subprocess
import sys

import pytest
from nbformat.v4 import (new_code_cell, new_markdown_cell, new_notebook,
                         new_output)

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / 'tools'))
import book  # noqa: E402
import site_check  # noqa: E402
import slides  # noqa: E402


def test_each_module_has_its_page():
    listed = {module for _, modules in book.rooms() for module in modules}
    for path in (ROOT / 'd2l_nst').rglob('*.py'):
        parts = path.relative_to(ROOT).with_suffix('').parts
        name = '.'.join(parts).replace('.__init__', '')
        assert name in listed or set(parts) & book.APART, name
    assert {'d2l_nst.chapter', 'd2l_nst.terms', 'd2l_nst.terms.gram',
            'd2l_nst.course'} <= listed


def test_all_that_the_first_page_lists_is_there():
    text = (ROOT / 'docs' / 'index.md').read_text(encoding='utf-8')
    for entries in re.findall(r'```{toctree}\n(.*?)```', text, re.S):
        for entry in entries.splitlines():
            if entry and not entry.startswith((':', 'api/')):
                found = [*ROOT.glob(f'{entry}.*'),
                         *(ROOT / 'docs').glob(f'{entry}.*')]
                assert found, entry


def test_what_is_away_is_not_broken(tmp_path):
    """Lines as linkcheck writes them."""
    def link(status, uri, info):
        return json.dumps({'filename': 'a.md', 'lineno': 2, 'status': status,
                           'code': 0, 'uri': uri, 'info': info})

    report = tmp_path / 'output.json'
    report.write_text('\n'.join([
        link('working', 'https://b.org/', ''),
        link('broken', 'https://c.org/x', "HTTPSConnectionPool(host='c.org', "
             'port=443): Max retries exceeded'),
        link('timeout', 'https://a.org/', 'Read timed out.'),
        link('broken', 'https://b.org/no', '404 Client Error: Not Found'),
        link('broken', 'https://b.org/#no', "Anchor 'no' not found")]))
    assert book.beyond(report) == (
        ['a.md:2: https://b.org/no: 404 Client Error: Not Found',
         "a.md:2: https://b.org/#no: Anchor 'no' not found"],
        ['a.org', 'c.org'])


@pytest.fixture
def configuration():
    spec = importlib.util.spec_from_file_location(
        'configuration', ROOT / 'docs' / 'conf.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize('line, plain', [
    ('`Layer`s of *all* kinds', '`Layer`\\ s of \\*all\\* kinds'),
    ('|x|, `a * b`.', '\\|x\\|, `a * b`.'), ('an x_ of', 'an x\\_ of'),
    ('    >>> a_ * b_', '    >>> a_ * b_'),
    ('a_:\n\n    b_\n\n      c\n\nd_',
     'a\\_:\n\n::\n\n    b_\n\n      c\n\n\nd\\_'),
    ('a::\n\n    b_', 'a:\n\n::\n\n    b_\n')])
def test_docstrings_are_plain_text(configuration, line, plain):
    lines = [line]
    configuration.plain(None, 'function', 'name', slides.deck, None, lines)
    assert lines == []   # of another package
    lines = line.split('\n')
    configuration.plain(None, 'data', 'name', 1, None, lines)
    assert lines == plain.split('\n')


def test_each_figure_is_a_slide():
    picture = new_output('display_data', {'image/png': 'AAAA',
                                          'text/plain': '<Figure>'})
    text = new_output('stream', text='no figure')
    made = slides.deck(new_notebook(cells=[
        new_markdown_cell('# Title\n\nWhat it is about.\n\n## More.'),
        new_markdown_cell('## One\n\nWhy.\n\n![A](../img/method.svg)\n\n'
                          '## Two\n\nAnd now:'),
        new_code_cell('draw()', outputs=[text, picture, picture]),
        new_code_cell('print()', outputs=[text])]))
    kinds = [cell.metadata.get('slideshow', {}).get('slide_type', '-')
             for cell in made.cells]
    assert kinds == ['slide', 'slide', 'notes', *2 * ('slide', '-', 'notes')]
    assert made.cells[0].source == '# Title\n\nWhat it is about.'
    assert made.cells[1].source == '## One\n\n![](img/method.svg)'
    assert made.cells[3].source == '## Two'
    assert made.cells[4].outputs == made.cells[7].outputs == [picture]
    assert made.metadata.title == 'Title'


def test_the_cell_for_hosted_notebooks_says_what_is_missing(tmp_path):
    """Where it is not in the course's folder, it changes nothing."""
    done = subprocess.run([sys.executable, ROOT / 'tools' / 'hosted.py'],
                          cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert 'is not the course: write into SOURCE' in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_broken_site_is_seen(tmp_path):
    (tmp_path / 'a page.html').write_text(
        '<p id="here"><a href="#here">x</a><a href="#there">x</a>'
        '<a href="https://example.org">x</a><a href="b.html#there">x</a>'
        '<img src="data:image/png;base64,AAAA"><img src="no.png">')
    (tmp_path / 'b.html').write_text(
        '<link rel="canonical" href="https://example.org/b">'
        '<script src="//cdn.example.org/x.js"></script>'
        '<a href="a%20page.html#here">x</a><a href="?q=1">x</a>')
    assert list(site_check.faults(tmp_path)) == [
        'a page.html: #there has no such place',
        'a page.html: b.html#there has no such place',
        'a page.html: no.png leads nowhere',
        'b.html loads //cdn.example.org/x.js']
