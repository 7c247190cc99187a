"""The chapter's loop in the plainest form, as a reference.

Written independently of the package, on NumPy-like arrays, not
hybridized, with gradients on for the network's parameters too, as in the
book. `benchmarks/epoch.py` takes its time and memory, the tests compare
its numbers.
"""

from mxnet import autograd, gluon, np

CONTENT_LAYERS, STYLE_LAYERS = [25], [0, 5, 10, 19, 28]


def features(X, net):
    outputs = []
    for block in net:
        X = block(X)
        outputs.append(X)
    return ([outputs[i] for i in CONTENT_LAYERS],
            [outputs[i] for i in STYLE_LAYERS])


def gram_matrix(X):
    channels, n = X.shape[1], X.size // X.shape[1]
    X = X.reshape((channels, n))
    return np.dot(X, X.T) / (channels * n)


def total_variation(X):
    return 0.5 * (np.abs(X[:, :, 1:, :] - X[:, :, :-1, :]).mean()
                  + np.abs(X[:, :, :, 1:] - X[:, :, :, :-1]).mean())


def epochs(X, contents_Y, grams_Y, net, lr=0.01, lr_decay_epoch=200):
    """Yield (content, style, tv, total) as floats, epoch by epoch, for
    a picture that starts from X and is trained by Adam."""
    pixels = gluon.Parameter('pixels', shape=X.shape)
    pixels.initialize(ctx=X.ctx)
    pixels.set_data(X)
    trainer = gluon.Trainer({'pixels': pixels}, 'adam',
                            {'learning_rate': lr})
    epoch = 0
    while True:
        with autograd.record():
            contents, styles = features(pixels.data(), net)
            content = sum(np.square(Y_hat - Y).mean()
                          for Y_hat, Y in zip(contents, contents_Y))
            style = 1e3 * sum(np.square(gram_matrix(Y_hat) - Y).mean()
                              for Y_hat, Y in zip(styles, grams_Y))
            tv = 10 * total_variation(pixels.data())
            total = content + style + tv
        total.backward()
        trainer.step(1)
        epoch += 1
        if epoch % lr_decay_epoch == 0:
            trainer.set_learning_rate(trainer.learning_rate * 0.1)
        yield tuple(float(l) for l in (content, style, tv, total))
