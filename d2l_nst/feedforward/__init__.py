"""Fast style transfer: a network is trained once and paints in one pass.

One network for each style (`transformer`, trained by `training`):

J. Johnson, A. Alahi and L. Fei-Fei, *Perceptual Losses for Real-Time Style
Transfer and Super-Resolution*, ECCV 2016, with the instance normalisation of
D. Ulyanov, A. Vedaldi and V. Lempitsky (arXiv 1607.08022).

One network for all styles (`any_style`): an `encoder`, `transforms` of its
features, and a `decoder`, trained by `inversion`: X. Huang and S. Belongie,
*Arbitrary Style Transfer in Real-time with Adaptive Instance Normalization*,
ICCV 2017; Y. Li et al., *Universal Style Transfer via Feature Transforms*,
NIPS 2017.
"""
