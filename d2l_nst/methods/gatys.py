"""Content and style of the chapter, layer by layer and in other forms."""

from ..losses import content_loss, gram, style_loss
from .part import Part


def content_parts(layers, features, form='mean'):
    """Differences of features from the content picture's.

    `layers`: {layer: weight}; `features`: {layer: (1, C, H, W)}; `form`
    as in `content_factor`.
    """
    return [Part('content', layer, weight
                 * content_factor(form, features[layer]), content_loss,
                 (features[layer],)) for layer, weight in layers.items()]


def style_parts(layers, features, form='mean'):
    """Differences of Gram matrices from the style picture's, as
    `content_parts`; `form` as in `style_factor`."""
    return [Part('style', layer, weight
                 * style_factor(form, features[layer]), style_loss,
                 (gram(features[layer]),))
            for layer, weight in layers.items()]


def content_factor(form, Y):
    """What turns the chapter's mean of squares into another form.

    'half mean' is sum / (2MN), M positions of N channels, as TensorFlow
    walkthroughs have it; 'half sum' is sum / 2: Gatys, Ecker and Bethge
    2016, equation 1.
    """
    return {'mean': 1, 'half mean': 1 / 2, 'half sum': Y.size / 2}[form]


def style_factor(form, Y):
    """What turns the chapter's mean of squares into another form.

    'quarter sum' is Gatys, Ecker and Bethge 2016, equation 4: squared
    differences of sums over M positions, divided by 4 N^2 M^2 for N
    channels. The chapter's Gram matrix is divided by NM and averaged over
    N^2, hence N^2 / 4. Each picture's own M is taken, so that the two may
    differ in size.
    """
    return {'mean': 1, 'quarter sum': Y.shape[1] ** 2 / 4}[form]
