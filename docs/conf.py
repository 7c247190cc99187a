"""How Sphinx makes the book; tools/book.py puts this beside the chapters."""

import re

project, html_title = 'd2l_nst', 'Neural style transfer'
author, copyright = 'The d2l_nst authors', '2026, the d2l_nst authors'
extensions = ['myst_nb', 'sphinx.ext.autodoc', 'sphinx.ext.mathjax']
exclude_patterns = ['_static']
suppress_warnings = ['mystnb.unknown_mime_type']

# Chapters: as they ran
nb_execution_mode = 'off'
nb_merge_streams = True
myst_enable_extensions = ['dollarmath', 'amsmath']
myst_heading_anchors = 3

# Links to the world: who does not answer is away, not broken
linkcheck_timeout, linkcheck_report_timeouts_as_broken = 10, False

# Formulas: MathJax lies in _static, nothing comes from elsewhere
mathjax_path = 'tex-svg.js'

html_theme = 'sphinx_book_theme'
html_static_path = ['_static']
html_css_files = ['book.css']
html_theme_options = {'use_download_button': True, 'show_toc_level': 2,
                      'home_page_in_toc': True}
html_last_updated_fmt = None

# The package's docstrings: plain text, with code between single quotes
default_role, smartquotes = 'code', False
autodoc_member_order = 'bysource'
autodoc_typehints = 'none'
autodoc_preserve_defaults = True
autodoc_mock_imports = ['gradio']   # `make app` alone installs it


# Lines further in, but those of a session, are code
CODE = re.compile(r'(?:(?<=:):)?\n\n((?: {4,}(?!>>>)\S.*\n*)+)')


def plain(app, what, name, obj, options, lines):
    """Outside of code, no sign of a docstring means anything to Sphinx; what
    comes from another package has its own pages."""
    *texts, last = CODE.split('\n'.join(lines))
    text = ''.join(f'{prose(told)}\n\n::\n\n{code}\n' for told, code in zip(
        texts[::2], texts[1::2])) + prose(last)
    home = getattr(obj, '__module__', None) or 'd2l_nst'
    lines[:] = text.split('\n') if home.startswith('d2l_nst') else []


def prose(text):
    """With each sign but those of code and sessions as itself."""
    return re.sub(
        r'(^ *>>>.*(?:\n.+)*|`[^`]+`)(?=(\w?))|[*|_]', lambda found: (
            found[1] + ('\\ ' if found[2] else '') if found[1]
            else '\\' + found[0]), text, flags=re.M)


def setup(app):
    app.connect('autodoc-process-docstring', plain)
