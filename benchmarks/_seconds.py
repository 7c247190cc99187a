"""How long a function takes; needs nothing but Python."""

import os
import time

TIMES = 3


def seconds(function):
    """The least of a few times, with one thread those of the processor."""
    clock = (time.process_time if os.environ['OMP_NUM_THREADS'] == '1'
             else time.perf_counter)
    function()
    times = []
    for _ in range(TIMES):
        start = clock()
        function()
        times.append(clock() - start)
    return min(times)
