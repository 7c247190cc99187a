"""Further losses of image optimisation, one short file each.

Each defines a loss once, for arrays and for the symbols of the compiled
graph alike, and a function that makes `Part`s of an objective with it.
"""
