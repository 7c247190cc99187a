"""Features and weighted losses as ONE hybrid graph: X -> (loss, terms)."""

from mxnet import gluon

from .losses import CONTENT_WEIGHT, STYLE_WEIGHT, TV_WEIGHT, compute_loss
from .vgg import CONTENT_LAYERS, STYLE_LAYERS, extract_features


class Objective(gluon.HybridBlock):
    """The chapter's loss of a picture, compiled with static memory.

    `contents_Y` are features of the content picture, as `get_contents`
    returns them, `styles_Y_gram` the Gram matrices of the style's, on the
    device on which the objective is to run. Called with X, (1, 3, H, W),
    it returns the total loss and, in the order of `terms`, the weighted
    content, style and total variation losses: four scalars.
    """

    terms = ('content', 'style', 'tv')

    def __init__(self, net, contents_Y, styles_Y_gram,
                 content_layers=CONTENT_LAYERS, style_layers=STYLE_LAYERS,
                 content_weight=CONTENT_WEIGHT, style_weight=STYLE_WEIGHT,
                 tv_weight=TV_WEIGHT):
        super().__init__()
        self.net = net
        self.layers = content_layers, style_layers
        self.weights = content_weight, style_weight, tv_weight
        for i, Y in enumerate(contents_Y + styles_Y_gram):
            target = self.params.get_constant(f'target{i}', Y)
            target.initialize(ctx=Y.ctx)
            setattr(self, f'target{i}', target)
        # static_shape would keep the buffers of both passes apart: a third
        # more memory for no time
        self.hybridize(static_alloc=True)

    def hybrid_forward(self, F, X, **targets):
        contents, styles = extract_features(X, self.net, *self.layers)
        Y = [targets[f'target{i}'] for i in range(len(targets))]
        contents_l, styles_l, tv_l, l = compute_loss(
            X, contents, styles, Y[:len(contents)], Y[len(contents):],
            *self.weights)
        return l, sum(contents_l), sum(styles_l), tv_l
