"""How the bundled features are made: an exemplar network.

A VGG learns to tell thousands of places in a few pictures apart, each seen
turned, scaled, shifted, mirrored, brighter or darker. Its early and middle
layers become features of texture and shape, without a label and without a
data set. A. Dosovitskiy et al., *Discriminative Unsupervised Feature Learning
with Convolutional Neural Networks*, NeurIPS 2014; Y. Asano et al., *A Critical
Analysis of Self-Supervision, or What We Can Learn from a Single Image*,
ICLR 2020.
"""
