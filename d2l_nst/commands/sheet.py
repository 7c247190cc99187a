"""`sheet`: one page of recipes and strengths, of a pair of pictures."""

import sys
import time
from argparse import ArgumentParser, Namespace

from ..errors import DivergedError, NSTError
from ..interrupts import later
from ..recipes.systems import RECIPES, get_recipe
from .bar import make_bar
from .options import (FAILED, INTERRUPTED, SIZE, count, device, mxnet_errors,
                      natural, size)
from .styles import MASKS, masks_named
from .transfer_options import OPTIONS, add_field

DESCRIPTION = """Paint PHOTO in the manner of PAINTING by several recipes, a
row each, at several strengths, a column each, and save all as one page. The
page is saved after each tile."""
INTERMIXED = True  # options may stand between the two pictures
# The quickest of the recipes that look at both pictures, by their epochs
# times their pixels times the layers that they go through
QUICKEST = 'quick', 'gatys-lbfgs', 'laplacian', 'histogram'
STRENGTHS = 0.25, 0.5, 0.75
AREA = 300 * 200  # pixels of a tile
# The fields of a recipe that all tiles may share
SHARED = 'weights', 'colours', 'feather', 'style_scale'


def add_options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add('photo', metavar='PHOTO', help='photograph to be painted')
    add('painting', metavar='PAINTING', help='painting to paint it like')
    add('-o', '--output', metavar='OUT', required=True,
        help='page to save: .png, .jpg, .webp or .tif')
    names = [name for name in RECIPES if len(RECIPES[name].needs) > 1]
    add('--recipes', nargs='+', metavar='NAME', default=QUICKEST,
        help=f'some of {", ".join(names)}; default: {" ".join(QUICKEST)}')
    add('--strengths', nargs='+', type=float, metavar='X',
        default=STRENGTHS, help='how much of the style, each from 0 to 1; '
        f'default: {" ".join(map(str, STRENGTHS))}')
    add('--size', type=size, metavar=SIZE, dest='image_shape',
        help='pixels of a tile: both sides, the longer one, or as many as '
        'PHOTO has; default: the proportions of PHOTO on the '
        'area of 300x200')
    add('--epochs', type=count, metavar='N', dest='num_epochs',
        help="in each stage; default: each recipe's own")
    for name, words in MASKS.items():
        add(name, metavar='PICTURE', help=words)
    for field in OPTIONS:
        if field.name in SHARED:
            add_field(add, field)
    add('--device', choices=('cpu', 'gpu', 'auto'), default='auto')
    add('--seed', type=natural, metavar='N', help='of all that is random')
    add('--force', action='store_true', help='overwrite what exists')


def run(args: Namespace) -> int:
    from mxnet import npx
    npx.set_np()
    from ..images import fit_shape, shape_of
    start, tiles, interrupted = time.perf_counter(), {}, False
    recipes, pictures = _recipes(args), _pictures(args)
    shape = shape_of(pictures[0].shape[1::-1], args.image_shape
                     or fit_shape(pictures[0], AREA))
    areas = _areas(recipes, pictures, shape)
    try:
        for place, tile in _paint(recipes, pictures, shape, areas,
                                  device(args.device)):
            with later():
                tiles[place] = tile
                _save(args, pictures, recipes, tiles, shape)
    except KeyboardInterrupt:
        if not tiles:
            raise
        interrupted = True
    if not tiles:
        raise NSTError('every tile is blank, so that no page was saved')
    print(f'{args.output}: {len(tiles)} of {len(recipes)} tiles, '
          f'{"interrupted" if interrupted else "done"} after '
          f'{time.perf_counter() - start:.0f} s')
    failed = FAILED if len(tiles) < len(recipes) else 0
    return INTERRUPTED if interrupted else failed


# ------------------------------------------------------- before the work
def _recipes(args):
    """{(name, strength): recipe}, in the order of the page."""
    changes = {name: getattr(args, name)
               for name in (*SHARED, 'seed', 'num_epochs')
               if getattr(args, name) is not None}
    recipes = {(name, strength): get_recipe(name, strength=strength,
                                            **changes)
               for name in args.recipes for strength in args.strengths}
    for (name, _), recipe in recipes.items():
        if len(recipe.needs) < 2:
            raise NSTError(f'recipe {name} looks at the {recipe.needs[0]} '
                           'picture alone: choose recipes that need both')
    return recipes


def _pictures(args):
    """The photograph, (H, W, 3), and the `Style`; the files are checked."""
    from ..controls.style import Style
    from ..engine.starts import read_picture
    from ..outputs import check_apart, check_output
    check_output(args.output, args.force)
    photo, painting = map(read_picture, (args.photo, args.painting))
    style = Style(painting, 1, args.mask, args.style_mask)
    check_apart(args.output,
                [args.photo, args.painting, *masks_named([style])])
    return photo, style


def _areas(recipes, pictures, shape):
    """{(name, strength): pixels in each stage}. Raises `ImageError` where
    tiles of `shape` are too small or too large for a recipe."""
    from ..engine.pictures import area
    from ..engine.plan import choose_tile, sizes_of
    from ..engine.sizes import stage_shapes, style_shapes
    photo, style = pictures
    read = area(photo), [area(style.picture)]
    for recipe in recipes.values():
        choose_tile(recipe, sizes_of(recipe, [shape], [style_shapes(
            photo, recipe, [shape])]), read=read)
    return {place: [width * height for width, height
                    in stage_shapes(photo, recipe, shape)]
            for place, recipe in recipes.items()}


# -------------------------------------------------------------- the work
def _paint(recipes, pictures, shape, areas, ctx):
    """Yield ((name, strength), Pillow picture) of each tile; where one
    diverges its reason is told instead. The bar counts pixels."""
    work = {place: sum(area * stage.num_epochs for area, stage
                       in zip(areas[place], recipe.stages))
            for place, recipe in recipes.items()}
    end = 0
    with make_bar(total=sum(work.values()), bar_format='{desc} |{bar}| '
                  '{percentage:3.0f}% [{elapsed}<{remaining}]') as bar:
        for i, (place, recipe) in enumerate(recipes.items(), 1):
            title = f'{place[0]} at strength {place[1]:g}'
            bar.set_description_str(f'tile {i}/{len(recipes)}: {title}')

            def advance(step, areas=areas[place]):
                bar.update(areas[step.stage - 1])   # True would end the tile
            try:
                yield place, _tile(recipe, pictures, shape, ctx, advance)
            except DivergedError as e:
                bar.write(f'd2l-nst: {title} is left blank: {e}',
                          file=sys.stderr)
            end += work[place]
            bar.update(end - bar.n)


def _tile(recipe, pictures, shape, ctx, on_step):
    from PIL import Image

    from ..engine.synthesis import style_transfer
    with mxnet_errors('a smaller --size or --device cpu'):
        result = style_transfer(*pictures, recipe, shape, ctx, on_step)
    if result.interrupted:  # half a tile would compare badly
        raise KeyboardInterrupt
    img = (result.image.asnumpy() * 255).round().astype('uint8')
    return Image.fromarray(img)


def _save(args, pictures, recipes, tiles, shape):
    """Save the page: the first time where nothing is, then in place of the
    last one."""
    from numpy import asarray
    from PIL import Image

    from ..outputs import save_unless_there
    from .contact_sheet import contact_sheet
    names, strengths = (dict.fromkeys(of) for of in zip(*recipes))
    page = contact_sheet(
        {'photograph': Image.fromarray(pictures[0]),
         'painting': Image.fromarray(pictures[1].picture)},
        [f'strength {strength:g}' for strength in strengths],
        {name: [tiles.get((name, strength)) for strength in strengths]
         for name in names}, shape)
    args.output = save_unless_there(asarray(page), args.output,
                                    force=args.force)
    args.force = True
