"""How a picture is optimised, and fast: one way through, one loop."""
