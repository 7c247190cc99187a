"""All recipes on one pair of pictures, at one size, for the same time.

Each runs in a process of its own (peak memory is a high-water mark) in its
own stages, from the content picture, or from noise where it looks at one
picture only; a few steps of each stage tell how many the time allows.
Printed are the seconds of a step in the last stage, also as multiples of
recipe book's; the peak memory; what no recipe minimises: the structural
similarity (SSIM) to the content, and the sliced Wasserstein distance
between activations of result and style, in layers that no recipe listens
to, relative to their deviation in the style; and what one of them
minimises: histogram, Laplacian and patch distance, as their recipes measure
them, also as multiples of recipe gatys's (aims: at most 0.50 for the recipe
whose own it is); and how much of the style term is left of texture's start
(aim: at most 0.05).

    python benchmarks/methods.py [NAME ...] [--size WxH] [--seconds N]
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys

IMG = os.path.join(os.path.dirname(__file__), '..', 'img')
LAYERS = 'relu1_2', 'relu2_2', 'relu3_2', 'relu4_3'
DIRECTIONS, PROBE = 64, 4
OWN = {'histogram': 'histogram', 'laplacian': 'laplacian', 'mrf': 'patches'}


def main():
    args = _arguments()
    from d2l_nst.recipes import RECIPES
    os.makedirs(args.out, exist_ok=True)
    rows = {}
    for name in args.names or RECIPES:
        rows[name] = json.loads(subprocess.check_output(
            [sys.executable, __file__, '--one', name, *_passed_on(args)]))
        print(name, rows[name], file=sys.stderr, flush=True)
    report(rows)


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('names', nargs='*')
    parser.add_argument('--one', help=argparse.SUPPRESS)
    parser.add_argument('--content', default=f'{IMG}/mountain.jpg')
    parser.add_argument('--style', default=f'{IMG}/autumn-oak.jpg')
    parser.add_argument('--weights', help='of the networks, for all')
    parser.add_argument('--size', default='225x150')
    parser.add_argument('--seconds', type=float, default=60)
    parser.add_argument('--out', default='benchmarks/out')
    return parser.parse_args()


def _passed_on(args):
    return [text for name in ('content', 'style', 'weights', 'size',
                              'seconds', 'out') if getattr(args, name)
            for text in (f'--{name}', str(getattr(args, name)))]


def report(rows):
    """A table in Markdown, and each method at its own game."""
    base = {key: rows.get(name, {}).get(key) for name, key in (
        ('book', 'step'), *(('gatys', own) for own in OWN.values()))}

    def cell(row, key, digits=3):
        value = row[key]
        if value is None:
            return ''
        ratio = f' ({value / base[key]:.2f})' if base.get(key) else ''
        return f'{value:.{digits}f}{ratio}'

    keys = ['step', 'ssim', 'swd', *OWN.values()]
    print('| recipe | steps | MB | ' + ' | '.join(keys) + ' |')
    print('|---' * (len(keys) + 3) + '|')
    for name, row in rows.items():
        print(f'| `{name}` | {row["steps"]} | {row["memory"]:.0f} | '
              + ' | '.join(cell(row, key) for key in keys) + ' |')
    if 'texture' in rows:
        print(f'texture ends at {rows["texture"]["left"]:.4f} of the style '
              'term it starts with')


def one(args):
    """What is measured of one recipe, as JSON."""
    import d2l_nst
    from mxnet import npx
    npx.set_np()
    shape = tuple(map(int, args.size.split('x')))
    recipe = d2l_nst.get_recipe(args.one, crop=False, **(
        {'weights': args.weights} if args.weights else {}))
    if len(recipe.needs) == 2:
        recipe = d2l_nst.get_recipe(recipe, init='content')

    def run(epochs):
        return d2l_nst.style_transfer(args.content, args.style, recipe,
                                      shape, num_epochs=epochs)

    seconds = sum(steps(run(PROBE)))
    result = run(max(1, round(args.seconds / seconds)))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    d2l_nst.save_image(result.image, f'{args.out}/{args.one}.png')
    first, last = result.history[0], result.history[-1]
    row = {'steps': len(result.history), 'memory': memory,
           'step': steps(result)[-1]}
    if 'style' in first.terms:
        row['left'] = last.terms['style'] / first.terms['style']
    print(json.dumps({**row, **measure(result, shape, args)}))


def steps(result):
    """Median seconds of a step in each stage."""
    medians = []
    for stage in range(1, len(result.recipe.stages) + 1):
        ends = [0] + [s.seconds for s in result.history if s.stage == stage]
        medians.append(statistics.median(
            [b - a for a, b in zip(ends, ends[1:])]))
    return medians


# --------------------------------------------------- measures of a result
def measure(result, shape, args):
    """SSIM to the content, distances to style and content."""
    import d2l_nst
    from d2l_nst import images, objective
    from skimage.metrics import structural_similarity
    content, style = map(d2l_nst.read_image, (args.content, args.style))
    image = result.image.asnumpy() * 255
    X, content_X, style_X = (
        images.preprocess(img, size) for img, size in (
            (image, shape), (content, shape),
            (style, images.fit_shape(style, shape[0] * shape[1]))))
    weights = {'weights': args.weights} if args.weights else {}
    recipes = [d2l_nst.get_recipe(name, **weights) for name in OWN]
    layers = sum((recipe.layers for recipe in recipes), LAYERS)
    net = d2l_nst.get_net('vgg19', layers, recipes[0].weights)
    distances = {'ssim': None, 'swd': sliced(net, X, style_X)}
    if 'content' in result.recipe.needs:
        distances['ssim'] = float(structural_similarity(
            image, images.resize(content, shape), channel_axis=2,
            data_range=255))
    for recipe, term in zip(recipes, OWN.values()):
        parts = objective.make_parts(recipe, net, X, content_X, style_X)
        *_, values = objective.PartsObjective(
            net, [part._replace(weight=part.weight / total(recipe, term))
                  for part in parts if part.term == term])(X)
        distances[term] = float(values)
    return distances


def total(recipe, term):
    """Sum of the weights of a term's parts, for their mean."""
    return {'histogram': recipe.histogram_weight
            * len(recipe.histogram_layers),
            'laplacian': recipe.laplacian_weight
            * len(recipe.laplacian_pools),
            'patches': recipe.style_weight * len(recipe.style_layers)}[term]


def sliced(net, X, style_X):
    """Sliced Wasserstein distance of activations, mean over `LAYERS`:
    values along random directions, sorted, compared."""
    import numpy as onp
    from d2l_nst.objective import extract
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
