"""Makes masks for pictures of this folder: `python img/masks.py`.

White is what its name says, black the rest, grey the edges. They are taken
from the scenes from which the pictures are drawn.
"""
import sys
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
WIDTH = 450


def canal_town_sky():
    """What is above the horizon and behind all walls and trees."""
    import evening
    import town
    shape = 2 * WIDTH * 2 // 3, 2 * WIDTH
    seen = town.draw(evening.view(shape, evening.EYE), *town.scene(WIDTH))
    above = np.arange(shape[0])[:, None] < evening.HORIZON * shape[0]
    return halved(above & ~np.isfinite(seen.depth))


def night_harbour_sky():
    """What of the sky no hill, house or cypress hides."""
    import night
    return halved(night.draw_night(2 * WIDTH).shapes == 0)


def halved(mask):
    height, width = mask.shape
    return mask.reshape(height // 2, 2, width // 2, 2).mean((1, 3))


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else HERE)
    sky, night = canal_town_sky(), night_harbour_sky()
    for name, mask in (('canal-town-sky', sky), ('canal-town-town', 1 - sky),
                       ('night-harbour-sky', night),
                       ('night-harbour-ground', 1 - night)):
        path = folder / f'{name}.png'
        Image.fromarray((255 * mask).round().astype('uint8')).save(
            path, optimize=True)
        print(path)


if __name__ == '__main__':
    main()
