"""All recipes on the same pictures, at one size, for the same time.

Each runs in a process of its own (peak memory is a high-water mark) in its
own stages; a few steps of each stage tell how many the time allows. All
start from the content picture, `gatys` and `gatys-vgg16` too, whose own
starts hold noise; recipes that look at one picture only start from noise.
Each keeps its optimiser: `gatys` has Adam. `gatys:lbfgs` is `gatys` with
L-BFGS, the harder one to beat.

Printed for each pair are the seconds of a step in the last stage and the
peak memory, also as multiples of recipe book's; what no recipe minimises:
the structural similarity (SSIM) to the content, and the sliced Wasserstein
distance (SWD) between activations of result and style, relative to their
deviation in the style, in layers of VGG-19 that no recipe listens to (but
`gatys-lbfgs` to two of them, before their ReLU); and what one of them
minimises: histogram, Laplacian and patch distance, as their recipes measure
them, also as multiples of recipe gatys's (aims: at most 0.50 for the recipe
whose own it is); and how much of the style term is left of texture's start
(aim: at most 0.05).

    python benchmarks/methods.py [NAME ...] [--pair NAME ...]
        [--size WxH] [--seconds N]
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys

IMG = os.path.join(os.path.dirname(__file__), '..', 'img')
# scikit-image's chelsea by Stefan van der Walt and coffee by Rachel
# Michetti, both CC0
PAIRS = {'mountain': ('mountain.jpg', 'autumn-oak.jpg'),
         'cat': ('chelsea', 'poppies-pointillist.jpg'),
         'coffee': ('coffee', 'sea-wash.jpg')}
LAYERS = 'relu1_2', 'relu2_2', 'relu3_2', 'relu4_3'
DIRECTIONS, PROBE = 64, 4
OWN = {'histogram': 'histogram', 'laplacian': 'laplacian', 'mrf': 'patches'}
COLUMNS = {'step': 's a step (x book)', 'memory': 'MB (x book)',
           'ssim': 'SSIM', 'swd': 'SWD',
           **{own: f'{own} (x gatys)' for own in OWN.values()}}


def main():
    args = _arguments()
    from d2l_nst.recipes import RECIPES
    os.makedirs(args.out, exist_ok=True)
    for pair in args.pair:
        rows = {}
        for name in args.names or RECIPES:
            rows[name] = json.loads(subprocess.check_output(
                [sys.executable, __file__, name, '--one', '--pair', pair,
                 *_passed_on(args)]))
            print(pair, name, rows[name], file=sys.stderr, flush=True)
        report(pair, rows)


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('names', nargs='*')
    parser.add_argument('--one', action='store_true', help=argparse.SUPPRESS)
    parser.add_argument('--pair', nargs='+', choices=PAIRS,
                        default=['mountain'])
    parser.add_argument('--weights', help='of the networks, for all')
    parser.add_argument('--size', default='225x150')
    parser.add_argument('--seconds', type=float, default=60)
    parser.add_argument('--out', default='benchmarks/out')
    return parser.parse_args()


def _passed_on(args):
    return [text for name in ('weights', 'size', 'seconds', 'out')
            if getattr(args, name)
            for text in (f'--{name}', str(getattr(args, name)))]


def report(pair, rows):
    """A table in Markdown, and each method at its own game."""
    book, gatys = (rows.get(name, {}) for name in ('book', 'gatys'))
    base = {'step': book.get('step'), 'memory': book.get('memory'),
            **{own: gatys.get(own) for own in OWN.values()}}

    def cell(row, key):
        if row[key] is None:
            return ''
        ratio = f' ({row[key] / base[key]:.2f})' if base.get(key) else ''
        return f'{row[key]:.{0 if key == "memory" else 3}f}{ratio}'

    print(f'\n| {pair} | steps | ' + ' | '.join(COLUMNS.values()) + ' |')
    print('|---' * (len(COLUMNS) + 2) + '|')
    for name, row in rows.items():
        print(f'| `{name}` | {row["steps"]} | '
              + ' | '.join(cell(row, key) for key in COLUMNS) + ' |')
    if 'texture' in rows:
        print(f'\ntexture ends at {rows["texture"]["left"]:.4f} of the '
              'style term it starts with', flush=True)


def pictures(pair):
    """Content and style: a path, or an array of scikit-image's."""
    from skimage import data
    return [os.path.join(IMG, name) if '.' in name else
            getattr(data, name)() for name in PAIRS[pair]]


def recipe_of(name, weights):
    """The recipe, uncropped and, where it knows one, from the content."""
    import d2l_nst
    name, _, optimiser = name.partition(':')
    changes = {'weights': weights, 'optimiser': optimiser, 'crop': False}
    recipe = d2l_nst.get_recipe(name, **{
        key: value for key, value in changes.items() if value != ''})
    if len(recipe.needs) == 2:
        recipe = d2l_nst.get_recipe(recipe, init='content')
    return recipe


def one(args):
    """What is measured of one recipe, as JSON."""
    import d2l_nst
    from mxnet import npx
    npx.set_np()
    shape = tuple(map(int, args.size.split('x')))
    (name,), (pair,) = args.names, args.pair
    recipe = recipe_of(name, args.weights or '')
    content, style = pictures(pair)

    def run(epochs):
        return d2l_nst.style_transfer(content, style, recipe, shape,
                                      num_epochs=epochs)

    seconds = sum(steps(run(PROBE)))
    result = run(max(1, round(args.seconds / seconds)))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    d2l_nst.save_image(result.image, os.path.join(
        args.out, f'{pair}-{name.replace(":", "-")}.png'))
    first, last = result.history[0], result.history[-1]
    row = {'steps': len(result.history), 'memory': memory,
           'step': steps(result)[-1]}
    if 'style' in first.terms:
        row['left'] = last.terms['style'] / first.terms['style']
    print(json.dumps({**row, **measure(result, shape, content, style)}))


def steps(result):
    """Median seconds of a step in each stage."""
    medians = []
    for stage in range(1, len(result.recipe.stages) + 1):
        ends = [0] + [s.seconds for s in result.history if s.stage == stage]
        medians.append(statistics.median(
            [b - a for a, b in zip(ends, ends[1:])]))
    return medians


# --------------------------------------------------- measures of a result
def measure(result, shape, content, style):
    """SSIM to the content, distances to style and content; in the
    features of VGG-19, whatever the recipe's network."""
    import d2l_nst
    from d2l_nst import images
    from d2l_nst.engine import objective, starts
    from d2l_nst.engine.features import extract
    from skimage.metrics import structural_similarity
    content, style = map(starts.read_picture, (content, style))
    image = result.image.asnumpy() * 255
    X, content_X, style_X = (
        d2l_nst.preprocess(img, size) for img, size in (
            (image, shape), (content, shape),
            (style, images.fit_shape(style, shape[0] * shape[1]))))
    recipes = [recipe_of(name, result.recipe.weights) for name in OWN]
    layers = sum((recipe.layers for recipe in recipes), LAYERS)
    net = d2l_nst.get_net('vgg19', layers, result.recipe.weights)
    distances = {'ssim': None, 'swd': sliced(net, X, style_X)}
    if 'content' in result.recipe.needs:
        distances['ssim'] = float(structural_similarity(
            image, images.resize(content, shape), channel_axis=2,
            data_range=255))
    features = extract(X, net, layers)
    for recipe, term in zip(recipes, OWN.values()):
        distances[term] = sum(
            float(part.weight * part.loss(features[part.layer],
                                          *part.targets))
            for part in objective.make_parts(recipe, net, X, content_X,
                                             style_X)
            if part.name == term) / total(recipe, term)
    return distances


def total(recipe, term):
    """Sum of the weights of a term's parts, for their mean."""
    if term == 'patches':
        return recipe.style_weight * len(recipe.style_layers)
    added, = recipe.terms
    return added.weight * len(getattr(added, 'pools', added.layers))


def sliced(net, X, style_X):
    """Sliced Wasserstein distance of activations, mean over `LAYERS`:
    values along random directions, sorted, compared."""
    import numpy as onp
    from d2l_nst.engine.features import extract
    random, distances = onp.random.RandomState(0), []
    pictures = [extract(A, net, LAYERS) for A in (X, style_X)]
    for layer in LAYERS:
        ours, theirs = (features[layer].asnumpy()[0] for features in pictures)
        ours, theirs = (Y.reshape(len(Y), -1).T for Y in (ours, theirs))
        ways = random.normal(size=(ours.shape[1], DIRECTIONS))
        levels = onp.linspace(0, 1, 500)
        a, b = (onp.quantile(Y @ ways, levels, axis=0)
                for Y in (ours, theirs))
        distances.append((abs(a - b).mean(axis=0)
                          / (theirs @ ways).std(axis=0)).mean())
    return float(onp.mean(distances))


if __name__ == '__main__':
    one(_arguments()) if '--one' in sys.argv else main()
