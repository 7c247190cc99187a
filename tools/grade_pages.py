"""The table of points and a page for each student, for tools/grade.py."""

import csv
import os
from html import escape
from typing import NamedTuple, Optional
from urllib.parse import quote

import nbformat

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>body {{ font: 16px/1.5 sans-serif; margin: 2em auto; max-width: 60em;
padding: 0 1em }} td, th {{ padding: .2em .7em; text-align: left;
border-bottom: 1px solid #ccc }} .wide {{ overflow-x: auto }}</style></head>
<body><h1>{title}</h1>
{body}
</body></html>
"""


class Graded(NamedTuple):
    """What became of a notebook."""

    name: str
    points: dict = {}      # {exercise: {answer: (given, right)}}
    faults: list = []      # errors of its cells
    remark: Optional[str] = None
    seconds: float = 0
    notebook: Optional[dict] = None   # as it ran

    def __str__(self):
        gained, all_points = total(self.points)
        return (f'{gained} of {all_points} points, {self.seconds:.0f} s'
                + (f'. {self.remark}' if self.remark else ''))


def total(points):
    """Points gained, and those that there were to gain."""
    rights = [right for answers in points.values()
              for _, right in answers.values()]
    return sum(rights), len(rights)


def best(results):
    """The points of a student's notebooks together: where an exercise was
    handed in twice, the better one counts."""
    points = {}
    for result in results:
        for number, answers in result.points.items():
            if total({number: answers}) >= total({
                    number: points.get(number, {})}):
                points[number] = answers
    return points


def show(graded, folder):
    """Write points.csv, index.html and the students' pages.

    `graded`: {student: [Graded]}. The last row of index.html tells how many
    of the answers to an exercise are right.
    """
    folder.mkdir(parents=True, exist_ok=True)
    numbers = sorted({number for results in graded.values()
                      for number in best(results)},
                     key=lambda number: [int(n) for n in number.split('.')])
    rows = [['student', *numbers, 'points', 'of', 'remarks']]
    for student, results in graded.items():
        points = best(results)
        remarks = [result.remark for result in results if result.remark]
        rows.append([student, *(total({0: points[n]})[0] if n in points else ''
                                for n in numbers),
                     *total(points), ' '.join(remarks)])
        page(student, results, points, folder)
    table = folder / 'points.csv'
    with open(f'{table}.part', 'w', encoding='utf-8', newline='') as file:
        csv.writer(file).writerows([[safe(cell) for cell in row]
                                    for row in rows])
    os.replace(f'{table}.part', table)
    head, *rows = rows
    body = [[f'<a href="{quote(student)}/index.html">{escape(student)}</a>',
             *map(text, cells)] for student, *cells in rows]
    every = [best(results) for results in graded.values()]
    body.append(['right', *(_share(points[n] for points in every
                                   if n in points) for n in numbers)])
    write(folder / 'index.html', 'Points', html(head, body))


def _share(answers):
    gained, all_points = total(dict(enumerate(answers)))
    return f'{gained} of {all_points}'


def page(student, results, points, folder):
    """A student's page, and the notebooks beside it as they ran."""
    place = folder / student
    place.mkdir(exist_ok=True)
    rows = [[number, text(name), '' if given is None else text(repr(given)),
             'right' if right else 'not yet']
            for number, answers in points.items()
            for name, (given, right) in answers.items()]
    gained, all_points = total(points)
    body = [f'<p><b>{gained} of {all_points} points</b></p>',
            html(['exercise', 'answer', 'given', ''], rows)]
    for result in results:
        body.append(f'<h2>{text(result.name)}</h2><p>{text(result)}</p><ul>')
        body += [f'<li>{text(fault)}</li>' for fault in result.faults]
        body.append('</ul>')
        if result.notebook:
            body.append(f'<p><a href="{quote(result.name)}">as it ran</a></p>')
            nbformat.write(result.notebook, place / result.name)
    write(place / 'index.html', student, '\n'.join(body))


def html(head, rows):
    """A table; the cells of `rows` are HTML already."""
    lines = [f'<tr>{"".join(f"<th>{text(cell)}</th>" for cell in head)}</tr>']
    lines += [f'<tr>{"".join(f"<td>{cell}</td>" for cell in row)}</tr>'
              for row in rows]
    return f'<div class="wide"><table>{"".join(lines)}</table></div>'


def text(value):
    """As HTML, no longer than a line."""
    value = str(value)
    return escape(value if len(value) < 100 else value[:97] + '...')


def safe(cell):
    """A cell that no spreadsheet takes for a formula."""
    cell = str(cell)
    return "'" + cell if cell[:1] in ('=', '+', '-', '@', '\t') else cell


def write(path, title, body):
    path.write_text(PAGE.format(title=escape(title), body=body),
                    encoding='utf-8')
