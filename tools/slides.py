"""Makes slides of the notebooks' figures: build/slides, a deck a notebook.

Each figure is a slide under the heading that it has in its notebook; what is
said there before it stands in the speaker's notes (key S). reveal.js
and MathJax lie beside the slides, so that they need no network.
"""

import re
from html import escape

import nbformat
from book import MATHJAX, ROOT
from nbconvert import SlidesExporter
from nbformat.v4 import new_code_cell, new_markdown_cell
from student import copy

SLIDES = ROOT / 'build' / 'slides'
REVEAL = ROOT / '.book' / 'sphinx_revealjs' / '_static' / 'revealjs'
DRAWING = re.compile(r'^!\[[^\]]*\]\(\.\./(img/[^)]+)\)$', re.M)
LIST = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>Slides</title>
<meta name="viewport" content="width=device-width">
<style>body {{ font: 20px/1.8 sans-serif; margin: 2em auto; max-width: 30em;
padding: 0 1em }}</style>
<h1>Slides</h1><ul>{}</ul></html>
"""


def main():
    SLIDES.mkdir(parents=True, exist_ok=True)
    copy(MATHJAX, SLIDES / MATHJAX.name)
    for part in ('dist', 'plugin/notes'):
        copy(REVEAL / part, SLIDES / 'reveal.js' / part)
    exporter = SlidesExporter(
        template_name='slides', extra_template_basedirs=[str(ROOT / 'docs')],
        reveal_url_prefix='reveal.js', reveal_theme='white',
        exclude_input=True, exclude_output_prompt=True)
    items = []
    for path in sorted((ROOT / 'notebooks').glob('*.ipynb')):
        notebook = nbformat.read(path, as_version=4)
        slides = deck(notebook)
        for cell in notebook.cells:
            for drawing in DRAWING.findall(cell.source):
                copy(ROOT / drawing, SLIDES / drawing)
        page, _ = exporter.from_notebook_node(
            slides, {'metadata': {'name': path.stem}})
        (SLIDES / f'{path.stem}.html').write_text(page, encoding='utf-8')
        items.append(f'<li><a href="{path.stem}.html">'
                     f'{escape(slides.metadata.title)}</a>')
    (SLIDES / 'index.html').write_text(LIST.format(''.join(items)),
                                       encoding='utf-8')
    print(f'{len(items)} decks of slides: {SLIDES / "index.html"}')


def deck(notebook):
    """The notebook's title and figures, as a notebook of slides."""
    title, heading, text, cells = '', '', '', []
    for cell in notebook.cells:
        if cell.cell_type == 'markdown':
            text = DRAWING.sub('', cell.source)
            if not title:
                title = headings(text)[0]
                cells.append(slide(f'# {title}\n\n' + text.split('\n\n')[1]))
            for found in DRAWING.finditer(cell.source):
                above = last_heading(cell.source[:found.start()]) or heading
                cells.append(slide(f'## {above}\n\n![]({found[1]})'))
                cells.append(notes(text))
            heading = last_heading(text) or heading
            continue
        for output in cell.get('outputs', ()):
            if any(kind.startswith('image/')
                   for kind in output.get('data', ())):
                cells += [slide(f'## {heading}'),
                          new_code_cell(outputs=[output]), notes(text)]
    return nbformat.v4.new_notebook(cells=cells, metadata={'title': title})


def headings(text):
    return re.findall(r'^#+ (.*)', text, re.M) or ['']


def last_heading(text):
    return headings(text)[-1]


def slide(source):
    return new_markdown_cell(source, metadata={
        'slideshow': {'slide_type': 'slide'}})


def notes(source):
    return new_markdown_cell(source, metadata={
        'slideshow': {'slide_type': 'notes'}})


if __name__ == '__main__':
    main()
