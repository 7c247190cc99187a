"""Counts lines of code, room by room: `python tools/lines.py [FOLDER ...]`.

A room is a folder below FOLDER, or a single file in it. Without a FOLDER
the package is counted. A line counts unless it is blank, a comment
or part of a docstring. The last columns tell how many functions and files are
too long.
"""

import argparse
import ast
import io
import pathlib
import tokenize

ROOT = pathlib.Path(__file__).resolve().parent.parent
LONG_FUNCTION, LONG_FILE = 45, 200   # lines, docstrings and comments too
COLUMNS = ('room', 'files', 'code', f'functions > {LONG_FUNCTION}',
           f'files > {LONG_FILE}')
FUNCTIONS = ast.FunctionDef, ast.AsyncFunctionDef
SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT,
          tokenize.DEDENT, tokenize.ENDMARKER}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('folders', nargs='*', metavar='FOLDER',
                        type=pathlib.Path, default=[ROOT / 'd2l_nst'])
    rows = []
    for folder in parser.parse_args().folders:
        for room, files in rooms(folder).items():
            counts = map(count, files)
            rows.append((room, *map(sum, zip(*counts))))
    if not rows:
        parser.error('there is no file of Python code: name another folder')
    totals = (sum(column) for column in list(zip(*rows))[1:])
    show([COLUMNS, *rows, ('all', *totals)])


def rooms(folder):
    """{name: its files} of the folder; a file of the folder is a room."""
    found = {}
    for path in sorted(folder.rglob('*.py')):
        found.setdefault(path.relative_to(folder).parts[0], []).append(path)
    return found


def count(path):
    """1, lines of code, long functions, 1 if the file is long, else 0."""
    source = path.read_text(encoding='utf-8')
    nodes = list(ast.walk(ast.parse(source)))
    lengths = [node.end_lineno - node.lineno + 1 for node in nodes
               if isinstance(node, FUNCTIONS)]
    return (1, len(code_lines(source, nodes)),
            sum(length > LONG_FUNCTION for length in lengths),
            int(len(source.splitlines()) > LONG_FILE))


def code_lines(source, nodes):
    """The numbers of the lines that hold code, as a set."""
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in SILENT:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in nodes:
        if isinstance(node, (ast.Module, ast.ClassDef, *FUNCTIONS)):
            if ast.get_docstring(node) is not None:
                text = node.body[0]
                lines -= set(range(text.lineno, text.end_lineno + 1))
    return lines


def show(rows):
    """Print a table: the first column to the left, numbers to the right."""
    rows = [list(map(str, row)) for row in rows]
    first, *widths = (max(map(len, column)) for column in zip(*rows))
    for name, *numbers in rows:
        print(name.ljust(first), *(number.rjust(width) for number, width
                                   in zip(numbers, widths)), sep='  ')


if __name__ == '__main__':
    main()
