"""Looks through a web site of files: whether all links within it lead
somewhere, and whether it loads nothing from elsewhere."""

import html.parser
from urllib.parse import unquote, urldefrag, urlsplit

LOADED = {'script': 'src', 'img': 'src', 'link': 'href', 'iframe': 'src',
          'source': 'src', 'video': 'src'}


class Page(html.parser.HTMLParser):
    """The `links` of a page, what it loads, and its `anchors`."""

    def __init__(self, path):
        super().__init__()
        self.links, self.loaded, self.anchors = set(), set(), {''}
        self.feed(path.read_text(encoding='utf-8'))

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.anchors |= {attrs.get('id'), attrs.get('name')}
        if tag == 'a' and attrs.get('href'):
            self.links.add(attrs['href'])
        elif attrs.get(LOADED.get(tag)) and attrs.get('rel') not in (
                'canonical', 'next', 'prev'):
            self.loaded.add(attrs[LOADED[tag]])


def faults(folder):
    """A line for each link that is broken or loads from elsewhere."""
    folder = folder.resolve()
    pages = {path: Page(path) for path in sorted(folder.rglob('*.html'))
             if '_static' not in path.relative_to(folder).parts}
    for path, page in pages.items():
        name = path.relative_to(folder)
        for link in sorted(page.links | page.loaded):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                if link in page.loaded and parts.scheme != 'data':
                    yield f'{name} loads {link}'
                continue
            address, anchor = urldefrag(link.split('?')[0]
                                        if '#' not in link else link)
            target = ((path.parent / unquote(address)).resolve()
                      if address else path)
            if not target.exists():
                yield f'{name}: {link} leads nowhere'
            elif (target in pages
                  and unquote(anchor) not in pages[target].anchors):
                yield f'{name}: {link} has no such place'
