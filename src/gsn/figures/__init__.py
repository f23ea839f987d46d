"""Figures: arrays to matplotlib Figures, which the caller saves.

Modules:
    images          rows of images
    training        loss, PSNR and learning rate over the epochs
    embedding       spectrum, distances and continuity of the embedding
    laws            quantiles, samples and distances of laws of z
    comparison      measures of several methods, with intervals
"""
