"""The page, on Gradio: what it shows, and what its buttons do."""

import html
import os

import gradio as gr

from ..errors import NSTError
from ..outputs import card_path
from ..recipes.systems import RECIPES
from . import view
from .order import PASS, Order, from_drawing, look_at
from .pictures import data_uri, smaller, strip

HERE = os.path.dirname(os.path.abspath(__file__))
GALLERY = os.path.join(os.path.dirname(os.path.dirname(HERE)), 'img')
NAMES = {'content': ('mountain', 'canal-town', 'sunflowers'),
         'style': ('autumn-oak', 'sea-wash', 'poppies-pointillist',
                   'great-wave-woodcut', 'sunrise-glass', 'night-harbour',
                   'cubist-guitar', 'ink-wash', 'mill-hatching')}
SMALL, MIDDLE = 120, 900     # pixels of what is shown
TICK = 0.7                   # seconds
FIRST = {'quick': 'quick: the best picture, in minutes',
         PASS: 'one pass: a sketch, in seconds',
         'photo': 'photo: another mood, still a photograph',
         'book': 'book: the chapter, at length'}
METHODS = [(words, name) for name, words in FIRST.items()] + [
    (name, name) for name in RECIPES if name not in FIRST]
COLOURS = [('of the painting', 'style'), ('of the photograph', 'content')]
TITLE = 'Paint a photograph'
HEAD = f"""<h1>{TITLE}</h1><p>in the manner of a painting. All of it stays on
this computer.</p>"""
MASK = """<p class="nst-hint">Draw over what is to be painted; all else stays
a photograph. With Shift held down you take back.</p><div class="nst-mask">
<img alt=""><canvas></canvas></div><div class="nst-tools"><label>Brush <input
type="range" min="4" max="90" value="32"></label><button type="button"
class="nst-clear" disabled>Clear</button></div>"""
CLICK = """element.addEventListener('click', event => {
  const button = event.target.closest('button');
  if (button) trigger('select', {key: button.dataset.key});
});"""
FONT = ['system-ui', 'Liberation Sans', 'sans-serif']
THEME = gr.themes.Base(primary_hue='orange', neutral_hue='stone', font=FONT,
                       font_mono=['monospace'])


def read(name):
    """A file that belongs to the page."""
    with open(os.path.join(HERE, name), encoding='utf-8') as file:
        return file.read()


class Page:
    """The components of the page, and their events. `studio` paints."""

    def __init__(self, studio):
        self.studio = studio
        self.gallery = {need: {
            name: os.path.join(GALLERY, f'{name}.jpg') for name in names
            if os.path.exists(os.path.join(GALLERY, f'{name}.jpg'))}
            for need, names in NAMES.items()}
        self.small = {path: data_uri(look_at(path), SMALL)
                      for paths in self.gallery.values()
                      for path in paths.values()}
        with gr.Blocks(title=TITLE, analytics_enabled=False) as self.blocks:
            self._build()

    # -------------------------------------------------- what it consists of
    def _build(self):
        gr.HTML(HEAD, elem_id='nst-head')
        with gr.Row(equal_height=False):
            with gr.Column(scale=2, min_width=320):
                self.paths, self.shown, self.faults = {}, {}, {}
                with gr.Row(elem_id='nst-pictures'):
                    self._picture('content', 'Photograph')
                    self._picture('style', 'Painting')
                self._settings()
            with gr.Column(scale=3, min_width=320, elem_id='nst-result'):
                self._result()
        self._events()

    def _picture(self, need, title):
        """Where a picture is dropped, or chosen of the gallery."""
        first = next(iter(self.gallery[need].values()), None)
        with gr.Column(min_width=140):
            shown = gr.Image(
                self._middle(first), label=title, sources=['upload',
                                                          'clipboard'],
                type='filepath', height=190, buttons=[],
                elem_id=f'nst-{need}')
            # The package reads the file itself, and says what is wrong
            shown.preprocess = lambda payload: payload and payload.path
            chosen = gr.HTML(self._strip(need, first), js_on_load=CLICK,
                             elem_classes='nst-strip',
                             elem_id=f'nst-gallery-{need}')
            fault = gr.HTML()
        self.paths[need], self.shown[need] = gr.State(first), shown
        self.faults[need] = fault
        outputs = [self.paths[need], shown, fault, chosen]
        shown.upload(lambda path: self._take(need, path), shown, outputs,
                     show_progress='hidden')
        shown.clear(lambda: self._take(need, None), None, outputs,
                    show_progress='hidden')

        def choose(event: gr.EventData) -> tuple:
            return self._take(need, self.gallery[need].get(event.key))

        chosen.select(choose, None, outputs, show_progress='hidden')

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
        first = self.paths['content'].value
        with gr.Accordion('Paint only a part', open=False,
                          elem_id='nst-part'):
            self.mask = gr.HTML('', html_template=MASK,
                                js_on_load=read('mask.js'),
                                photo=self._address(first))
        self.paint = gr.Button('Paint', variant='primary', size='lg',
                               elem_id='nst-paint')
        self.fault = gr.HTML()

    def _result(self):
        self.view = gr.HTML(view.EMPTY, elem_id='nst-view')
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
        shown = [self.view, self.curves, self.stop, self.on, self.save,
                 self.card, self.before, self.timer, self.number, self.seen]

        def when(event, function, inputs=(), outputs=()):
            event(function, list(inputs), list(outputs),
                  show_progress='hidden')

        self.paths['content'].change(
            lambda path: gr.HTML(photo=self._address(path)),
            self.paths['content'], self.mask, show_progress='hidden')
        when(self.paint.click, self._paint, [
            self.paths['content'], self.paths['style'], self.method,
            self.size, self.strength, self.colours, self.mask, self.number],
            [self.fault, *shown])
        when(self.stop.click, self._stop, [self.number], shown)
        when(self.on.click, self._go_on, [self.number], shown)
        when(self.timer.tick, self._tick, [self.number, self.seen], shown)
        when(self.before.select, self._choose, [], shown)
        when(self.blocks.load, self._attach, [], shown)

    # ------------------------------------------------ what its buttons do
    def _take(self, need, path):
        """Look at a picture that was dropped or chosen."""
        fault = ''
        try:
            middle = self._middle(path)
        except NSTError as e:
            path, middle, fault = None, None, str(e)
        return (path, middle, view.error(html.escape(fault)),
                self._strip(need, path))

    def _paint(self, content, style, method, size, strength, colours, drawn,
               number):
        """Order a picture."""
        try:
            mask = from_drawing(drawn, self.studio.own)
            painting = self.studio.order(Order(
                content, style, method, int(size), strength, colours, mask))
        except NSTError as e:
            return view.error(html.escape(str(e))), *self._show(number)
        return '', *self._show(self.studio.paintings.index(painting))

    def _stop(self, number):
        self.studio.paintings[number].stop()
        return self._show(number)

    def _go_on(self, number):
        if self.studio.paintings[number].may_go_on:
            self.studio.go_on(self.studio.paintings[number])
        return self._show(number)

    def _choose(self, event: gr.EventData) -> tuple:
        return self._show(int(event.key))

    def _attach(self):
        """Show what is painted, or was at last, when the page is opened."""
        last = len(self.studio.paintings) - 1
        return self._show(last if last >= 0 else None)

    def _tick(self, number, seen):
        painting = self._painting(number)
        if painting and painting.state == seen:
            return (*self._view(painting), *[gr.skip()] * 8)
        return self._show(number)

    def _show(self, number):
        """All that depends on which picture is shown, and on its state."""
        painting = self._painting(number)
        state, path = (painting.state, painting.path) if painting else (
            None, None)
        going = bool(painting) and not painting.ended
        card = card_path(path) if path else None
        return (*self._view(painting), gr.Button(interactive=going),
                gr.Button(interactive=bool(painting) and painting.may_go_on),
                gr.DownloadButton(value=path, interactive=bool(
                    path and not going)),
                gr.DownloadButton(value=card, interactive=bool(
                    path and not going)),
                self._before(number), gr.Timer(active=going), number, state)

    # ------------------------------------------------------- what is shown
    def _painting(self, number):
        return None if number is None else self.studio.paintings[number]

    def _view(self, painting):
        return (view.view(painting, self.studio.ahead(painting)),
                view.losses(painting))

    def _before(self, number):
        """The pictures that were painted, the newest first."""
        return strip([
            (str(i), painting.order.name, data_uri(painting.image, SMALL),
             i == number)
            for i, painting in enumerate(self.studio.paintings)
            if painting.ended and painting.image is not None][::-1])

    def _strip(self, need, chosen):
        return strip([(name, name, self.small[path], path == chosen)
                      for name, path in self.gallery[need].items()])

    def _middle(self, path):
        """The picture of a file, to be shown; None where there is none."""
        return None if path is None else smaller(look_at(path), MIDDLE)

    def _address(self, path):
        return '' if path is None else data_uri(look_at(path), MIDDLE)
