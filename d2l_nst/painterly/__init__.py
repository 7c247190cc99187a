"""Painting without a network: strokes, regions and analogies.

This is the third branch of the taxonomy of Jing et al., *Neural Style
Transfer: A Review* (arXiv 1705.04058). Pictures are rendered by brush strokes,
region by region, or after an example, with NumPy, SciPy and scikit-image only.
"""
