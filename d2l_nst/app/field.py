"""Where on the page a picture is dropped, or chosen from the gallery."""

import html
from typing import Optional

import gradio as gr
from PIL import Image

from ..errors import NSTError
from ..kinds import Path
from . import view
from .choices import gallery
from .order import WHAT, look_at
from .pictures import data_uri, smaller, strip

SMALL, MIDDLE = 120, 900     # pixels of what is shown
# One of a strip's pictures was clicked upon
CLICK = """element.addEventListener('click', event => {
  const button = event.target.closest('button');
  if (button) trigger('select', {key: button.dataset.key});
});"""


class Field:
    """The components for the photograph or the painting, as `need` says:
    `path` holds the file that was chosen, None where there is none. What is
    wrong with it is told in `fault`, which has its place elsewhere."""

    def __init__(self, need: str):
        self.gallery = gallery(need)
        self.small = {path: data_uri(look_at(path), SMALL)
                      for path in self.gallery.values()}
        first = next(iter(self.gallery.values()), None)
        with gr.Column(min_width=140):
            shown = gr.Image(
                middle(first), label=WHAT[need].capitalize(),
                sources=['upload', 'clipboard'], type='filepath', height=190,
                buttons=[], elem_id=f'nst-{need}')
            # The package reads the file itself, and says what is wrong
            shown.preprocess = lambda payload: payload and payload.path
            chosen = gr.HTML(self._strip(first), js_on_load=CLICK,
                             elem_classes='nst-strip',
                             elem_id=f'nst-gallery-{need}')
        self.fault = gr.HTML(render=False)
        self.path = gr.State(first)
        outputs = [self.path, shown, self.fault, chosen]
        shown.upload(self._take, shown, outputs, show_progress='hidden')
        shown.clear(lambda: self._take(None), None, outputs,
                    show_progress='hidden')

        def choose(event: gr.EventData) -> tuple:
            return self._take(self.gallery.get(event.key))

        chosen.select(choose, None, outputs, show_progress='hidden')

    def _take(self, path):
        """Look at a picture that was dropped or chosen."""
        fault = ''
        try:
            picture = middle(path)
        except NSTError as e:
            path, picture, fault = None, None, str(e)
        return (path, picture, view.error(html.escape(fault)),
                self._strip(path))

    def _strip(self, chosen):
        return strip([(name, name, self.small[path], path == chosen)
                      for name, path in self.gallery.items()])


def middle(path: Optional[Path]) -> Optional[Image.Image]:
    """The picture of a file, to be shown; None where there is none."""
    return None if path is None else smaller(look_at(path), MIDDLE)
