"""Figures: arrays to matplotlib Figures, which the caller saves.

Modules:
    images          rows of images
    training        loss, PSNR and learning rate over the epochs
    embedding       spectrum, distances and continuity of the embedding
    laws            quantiles, samples and distances of laws of z
    detail          octaves of frequency and components of z that a decoder recovers
    memory          hit rates of an associative memory, and examples
    fields          stationary fields and their models: pictures, curves, laws, concentration
    comparison      measures of several methods, with intervals
    reconstruction  PSNR of reconstructions, and the recovery diagram
    codes           convergence and sparsity of sparse codes, and their atoms
    classification  errors against the number of training images
    sweeps          measures against the settings that vary
    animation       a film of images
    pages           pages of HTML for the report
    markdown        tables in Markdown
"""
