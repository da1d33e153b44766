"""Digits: reading MNIST and pen drawings, from ink to 28×28, and the recogniser that puts it all together."""

NONE = 10
"""The label of what is no digit."""
