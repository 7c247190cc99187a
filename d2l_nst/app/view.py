"""What the page says of a picture that is being painted, as HTML."""

import html
from typing import Optional

from ..engine.plan import in_words
from ..kinds import Array
from .job import DONE, FAILED, PAINTING, STOPPED, WAITING, Painting
from .pictures import curves, data_uri

LARGE = 1400     # pixels of the picture that is shown
EMPTY = ('<div class="nst-empty">Here the picture will grow, once you press '
         'Paint.</div>')
SOON = '<div class="nst-empty">It will appear soon.</div>'


def view(painting: Optional[Painting]) -> str:
    """The picture that was reached."""
    if painting is None:
        return EMPTY
    return SOON if painting.image is None else (
        f'<figure><img src="{data_uri(painting.image, LARGE)}" '
        'alt="The picture so far"></figure>')


def image(painting: Painting) -> Array:
    """The same for a small one, (H, W, 3) uint8: before anything is
    painted, what it will be painted from, faded."""
    return painting.faded if painting.image is None else painting.image


def title(painting: Painting) -> str:
    """What a small one is called."""
    return f'{painting.order.name}, {painting.state}'


def losses(painting: Optional[Painting]) -> str:
    """The curves of its losses, where there are any."""
    return '' if painting is None or painting.recipe is None else curves(
        painting.steps, painting.recipe.stages)


def status(painting: Painting, ahead: int = 0) -> str:
    """How far it is: a bar, and in words. `ahead`: how many are painted
    before it."""
    words = {WAITING: _waiting, PAINTING: _painting, STOPPED: _stopped,
             DONE: _done, FAILED: lambda painting, ahead: painting.error}
    text = html.escape(words[painting.state](painting, ahead))
    if painting.state == FAILED:
        return error(text)
    return _bar(painting) + (
        f'<p class="nst-status" role="status" data-state="{painting.state}">'
        f'<b>{painting.state.capitalize()}.</b> {text}</p>')


def _bar(painting):
    if painting.state != PAINTING:
        return ''
    width = (f' style="width:{100 * painting.done:.1f}%"' if painting.steps
             else ' class="busy"')
    return f'<div class="nst-bar"><i{width}></i></div>'


def error(text: str) -> str:
    """A sentence that says what went wrong; its text is HTML."""
    return f'<p class="nst-error" role="alert">{text}</p>' if text else ''


def _waiting(painting, ahead):
    return ('It begins at once.' if not ahead else
            f'{ahead} picture{"s are" if ahead > 1 else " is"} painted '
            'before it.')


def _painting(painting, ahead):
    if painting.stopping:
        return 'It stops after this step.'
    left = painting.seconds_left
    if left is None:
        return painting.plan and f'{painting.plan}.' or (
            'It looks at the pictures.')
    step = painting.steps[-1]
    stages = painting.recipe.stages
    return (f'Stage {step.stage} of {len(stages)}, epoch {step.epoch} of '
            f'{max(step.epoch, stages[step.stage - 1].num_epochs)}; about '
            f'{in_words(left)} left.')


def _stopped(painting, ahead):
    return (f'{len(painting.steps)} epochs are painted: go on, or save it.'
            if painting.steps else 'Nothing was painted.')


def _done(painting, ahead):
    height, width = painting.image.shape[:2]
    more = (' Go on paints it further, as another picture.'
            if painting.may_go_on else '')
    return (f'{width} x {height} pixels, in '
            f'{in_words(painting.card["seconds"])}.{more}')
