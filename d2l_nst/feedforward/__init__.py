"""Fast style transfer: a network is trained once and paints in one pass.

J. Johnson, A. Alahi and L. Fei-Fei, *Perceptual Losses for Real-Time Style
Transfer and Super-Resolution*, ECCV 2016, with the instance normalisation of
D. Ulyanov, A. Vedaldi and V. Lempitsky (arXiv 1607.08022).
"""
