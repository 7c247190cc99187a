"""The page, on Gradio: what it shows, and what its buttons do."""

import html
import os
from typing import Optional

import gradio as gr

from ..errors import NSTError
from ..kinds import Path
from ..outputs import card_path
from . import view
from .choices import COLOURS, METHODS
from .field import CLICK, MIDDLE, SMALL, Field
from .order import Order, from_drawing, look_at
from .pictures import data_uri, strip
from .studio import Studio

HERE = os.path.dirname(os.path.abspath(__file__))
TICK = 0.7       # seconds
TITLE = 'Paint a photograph'
HEAD = """<h1>{}</h1><p>in the manner of a painting. All of it stays on this
computer. {}</p>"""
# On a telephone the result is below the settings
TO_RESULT = """() => { if (innerWidth < 700) document.querySelector(
  '#nst-result').scrollIntoView({behavior: 'smooth'}); }"""
FONT = ['system-ui', 'Liberation Sans', 'sans-serif']
THEME = gr.themes.Base(primary_hue='orange', neutral_hue='stone', font=FONT,
                       font_mono=['monospace'])


def read(name: str) -> str:
    """A file that belongs to the page."""
    with open(os.path.join(HERE, name), encoding='utf-8') as file:
        return file.read()


class Page:
    """The components of the page, and their events. `studio` paints."""

    def __init__(self, studio: Studio):
        self.studio = studio
        with gr.Blocks(title=TITLE, analytics_enabled=False) as self.blocks:
            self._build()

    # -------------------------------------------------- what it consists of
    def _build(self):
        gr.HTML(HEAD.format(TITLE, html.escape(self.studio.promise)),
                elem_id='nst-head')
        with gr.Row(equal_height=False):
            with gr.Column(scale=2, min_width=320):
                with gr.Row(elem_id='nst-pictures'):
                    self.content, self.style = map(Field, ('content',
                                                           'style'))
                for field in self.content, self.style:
                    field.fault.render()
                self._settings()
            with gr.Column(scale=3, min_width=320, elem_id='nst-result'):
                self._result()
        self._events()

    def _settings(self):
        self.method = gr.Dropdown(METHODS, value='quick', label='Method',
                                  elem_id='nst-method', filterable=False)
        with gr.Row():
            self.size = gr.Slider(
                60, 1600, value=600, step=20, elem_id='nst-size',
                label='Longer side', min_width=140)
            self.strength = gr.Slider(
                0, 1, value=0.5, step=0.05, elem_id='nst-strength',
                label='Strength', min_width=140)
        self.colours = gr.Radio(COLOURS, value='style', label='Colours',
                                elem_id='nst-colours')
        with gr.Accordion('Paint only a part', open=False,
                          elem_id='nst-part'):
            self.mask = gr.HTML('', html_template=read('mask.html'),
                                js_on_load=read('mask.js'),
                                photo=photo(self.content.path.value))
        self.paint = gr.Button('Paint', variant='primary', size='lg',
                               elem_id='nst-paint')

    def _result(self):
        self.view = gr.HTML(view.EMPTY, elem_id='nst-view')
        self.status, self.fault = gr.HTML(), gr.HTML()
        with gr.Row(elem_id='nst-buttons'):
            self.stop = gr.Button('Stop', interactive=False, min_width=70,
                                  elem_id='nst-stop')
            self.on = gr.Button('Go on', interactive=False, min_width=70,
                                elem_id='nst-on')
            self.save = gr.DownloadButton('Save picture', interactive=False,
                                          min_width=110, elem_id='nst-save')
            self.card = gr.DownloadButton('Save settings', interactive=False,
                                          min_width=110, elem_id='nst-card')
        self.curves = gr.HTML(elem_id='nst-curves')
        self.before = gr.HTML(js_on_load=CLICK, elem_classes='nst-strip',
                              elem_id='nst-before')
        self.number, self.seen = gr.State(None), gr.State(None)
        self.timer = gr.Timer(TICK, active=False)

    def _events(self):
        shown = [self.view, self.curves, self.status, self.stop, self.on,
                 self.save, self.card, self.before, self.timer, self.number,
                 self.seen]

        def when(event, function, inputs=(), outputs=()):
            event(function, list(inputs), list(outputs),
                  show_progress='hidden')

        when(self.content.path.change, lambda path: gr.HTML(
            photo=photo(path)), [self.content.path], [self.mask])
        for field in self.content, self.style:
            when(field.path.change, lambda: '', [], [self.fault])
        when(self.paint.click, self._paint, [
            self.content.path, self.style.path, self.method, self.size,
            self.strength, self.colours, self.mask, self.number],
            [self.fault, *shown])
        self.paint.click(None, js=TO_RESULT)
        when(self.stop.click, self._stop, [self.number], shown)
        when(self.on.click, self._go_on, [self.number], shown)
        when(self.timer.tick, self._tick, [self.number, self.seen], shown)
        when(self.before.select, self._choose, [], shown)
        when(self.blocks.load, self._attach, [], shown)

    # ------------------------------------------------ what its buttons do
    def _paint(self, content, style, method, size, strength, colours, drawn,
               number):
        """Order a picture."""
        try:
            mask = from_drawing(drawn, self.studio.own)
            painting = self.studio.order(Order(
                content, style, method, int(size), strength, colours, mask))
        except NSTError as e:
            return view.error(html.escape(str(e))), *self._show(number)
        return '', *self._show(self._number(painting))

    def _stop(self, number):
        self.studio.paintings[number].stop()
        return self._show(number)

    def _go_on(self, number):
        painting = self.studio.paintings[number]
        if painting.may_go_on:
            painting = self.studio.go_on(painting)
        return self._show(self._number(painting))

    def _choose(self, event: gr.EventData) -> tuple:
        return self._show(int(event.key))

    def _attach(self):
        """Show what is painted, or was at last, when the page is opened."""
        last = len(self.studio.paintings) - 1
        return self._show(last if last >= 0 else None)

    def _tick(self, number, seen):
        """What has changed since it was last shown."""
        painting = self._painting(number)
        now = self._now(painting)
        if not painting or now[0] != seen[0]:
            return self._show(number)
        pictures = self._view(painting) if now != seen else [gr.skip()] * 2
        return (*pictures, self._status(painting), *[gr.skip()] * 7, now)

    def _show(self, number):
        """All that depends on which picture is shown, and on its state."""
        painting = self._painting(number)
        path = painting.path if painting else None
        going = bool(painting) and not painting.ended
        may_save = bool(path) and not going
        return (*self._view(painting), self._status(painting),
                gr.Button(interactive=going),
                gr.Button(interactive=bool(painting) and painting.may_go_on),
                gr.DownloadButton(value=path, interactive=may_save),
                gr.DownloadButton(value=path and card_path(path),
                                  interactive=may_save),
                self._before(number), gr.Timer(active=going), number,
                self._now(painting))

    # ------------------------------------------------------- what is shown
    def _painting(self, number):
        return None if number is None else self.studio.paintings[number]

    def _number(self, painting):
        return self.studio.paintings.index(painting)

    def _now(self, painting):
        """What decides the buttons, and with the steps the pictures."""
        return ((painting.state, painting.image is None),
                len(painting.steps)) if painting else (None, 0)

    def _view(self, painting):
        return view.view(painting), view.losses(painting)

    def _status(self, painting):
        return '' if painting is None else view.status(
            painting, self.studio.ahead(painting))

    def _before(self, number):
        """The pictures that were painted, are or will be, the newest
        first."""
        return strip([
            (str(i), view.title(painting), data_uri(view.image(painting),
                                                    SMALL), i == number)
            for i, painting in enumerate(self.studio.paintings)
            if not painting.ended or painting.image is not None][::-1])


def photo(path: Optional[Path]) -> str:
    """The address of the picture that a mask is drawn upon."""
    return '' if path is None else data_uri(look_at(path), MIDDLE)
