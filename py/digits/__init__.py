"""Reading handwritten digits: MNIST, preprocessing to 28×28, the recognizer, training and measuring it."""

NONE = 10
"""The label of images that show no digit."""
