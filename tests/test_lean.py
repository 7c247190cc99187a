"""L-BFGS in little memory arrives where scipy's does."""

import numpy as onp
import pytest
from scipy import optimize

from d2l_nst.engine import lbfgsb, lean


def least(state, function, slope, points):
    """The least loss after so many points, and where."""
    best = onp.inf, None
    for _ in range(points):
        loss = function(state.x.astype('float64'))
        best = min(best, (loss, state.x.copy()), key=lambda pair: pair[0])
        if not state.advance(loss, slope(state.x.astype('float64'))):
            break
    return best


def bowl(n):
    """A long valley of n numbers, and its slope; the least is at 1."""
    width = onp.geomspace(1, 300, n)
    return (lambda x: float((width * (x - 1) ** 2).sum()),
            lambda x: 2 * width * (x - 1))


@pytest.mark.parametrize('bounded', [False, True])
def test_as_near_as_scipys(bounded):
    n = 200
    bounds = (onp.full(n, -0.5, 'float32'), onp.full(n, 0.7, 'float32')
              ) if bounded else None
    function, slope = bowl(n)
    start = onp.random.RandomState(1).uniform(-0.5, 0.7, n)
    ours, x = least(lean.Lean(start, bounds), function, slope, 60)
    scipys, y = least(lbfgsb.Lbfgsb(start, bounds), function, slope, 60)
    assert ours < scipys + 1e-3 * function(start)
    onp.testing.assert_allclose(x, y, atol=0.05)
    if bounded:
        assert x.max() <= onp.float32(0.7)
        assert ours == pytest.approx(scipys, rel=1e-3)


def test_a_crooked_valley():
    loss, x = least(lean.Lean(onp.array([-1.2, 1, -1.2, 1])), optimize.rosen,
                    optimize.rosen_der, 150)
    assert loss < 1e-4


def test_a_step_that_gains_nothing_is_shortened():
    """The slope promises much, and a wall stands near."""
    state, seen = lean.Lean(onp.zeros(1)), []
    while len(seen) < 40:
        x = float(state.x[0])
        seen.append(x)
        wall = 1e4 * max(0, x - 0.2) ** 2
        if not state.advance(-x + wall,
                             onp.array([2e4 * max(0, x - 0.2) - 1])):
            break
    assert 0.15 < seen[-1] < 0.25 < max(seen)


def test_it_ends_where_nothing_is_left_to_do():
    state = lean.Lean(onp.zeros(3))
    assert not state.advance(1.0, onp.zeros(3))


def test_a_step_that_could_go_on_is_lengthened():
    """Along a slope that does not end: each is four times as long."""
    state, seen = lean.Lean(onp.zeros(1)), []
    while len(seen) < 6:
        seen.append(float(state.x[0]))
        assert state.advance(-seen[-1], onp.array([-1.0]))
    assert seen == pytest.approx(
        [0, *(lean.FIRST * 4 ** n for n in range(5))])
