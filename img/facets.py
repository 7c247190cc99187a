"""Facets of the cubist picture: a plane split along straight cuts."""
import numpy as np

TURNS = np.array([-1.15, -0.62, -0.30, 0.08, 0.42, 0.78, 1.20, 1.55])


def split(corners, rng, depth=0):
    """Facets, lists of corners (x, y), by cuts across a convex polygon."""
    points = np.array(corners)
    middle, area = points.mean(0), _area(points)
    busy = np.hypot(*((middle - (0.50, 0.55)) / (0.55, 0.55)))
    if area < (0.006 + 0.022 * busy ** 2) * rng.uniform(0.6, 1.6):
        return [corners]
    spread = (points - middle).T @ (points - middle)
    long = np.linalg.eigh(spread)[1][:, 1]
    angle = (rng.choice(TURNS) if depth > 1 else (-0.95, 0.5)[depth]
             ) + rng.normal(0, 0.07)
    for _ in range(8 * (depth > 1)):   # across rather than along the facet
        if abs(np.cos(angle) * long[0] + np.sin(angle) * long[1]) < 0.8:
            break
        angle = rng.choice(TURNS) + rng.normal(0, 0.07)
    normal = np.array([-np.sin(angle), np.cos(angle)])
    through = middle + rng.normal(0, 0.12, 2) * np.sqrt(area)
    side = (points - through) @ normal
    parts = ([], [])
    for a, b, s, t in zip(points, np.roll(points, -1, 0), side,
                          np.roll(side, -1)):
        parts[int(s > 0)].append(tuple(a))
        if (s > 0) != (t > 0):
            cut = tuple(a + (b - a) * s / (s - t))
            parts[0].append(cut)
            parts[1].append(cut)
    if min(map(len, parts)) < 3:
        return [corners]
    return [f for p in parts for f in split(p, rng, depth + 1)]


def _area(points):
    """Area of a polygon (N, 2)."""
    x, y = points.T
    return abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2


def borders(number):
    """Pixels (H, W) next to another number."""
    edge = np.zeros(number.shape, bool)
    edge[:, 1:] |= number[:, 1:] != number[:, :-1]
    edge[1:] |= number[1:] != number[:-1]
    return edge
