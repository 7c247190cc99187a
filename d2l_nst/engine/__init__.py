"""How a picture is optimised, and fast: one compiled graph, one loop."""
