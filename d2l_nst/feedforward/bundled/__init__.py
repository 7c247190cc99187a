"""Trained networks, NAME.params: see README.md."""
