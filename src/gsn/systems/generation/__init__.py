"""Generation: a generator G that inverts the whitened scattering embedding of images.

    Phi(x) = D_d^{-1/2} Q_d^T (S_J(x) - mu),      G = argmin sum_i ||x_i - G(Phi(x_i))||_1

    experiment      a trained Phi and G as one object, which `gsn.load` returns
    fitting         G from z and images
    evaluation      reconstructions by G, for measurement
    linear          the linear decoder: ridge regression from z to pixels
    baseline        reconstructions by pixel PCA and by the linear decoder
    claims          what the paper claims of the embedding, measured
    detail          octaves of frequency that G recovers
    components      what the components of z hold
    claimed         the paper's claims beside ours, in Markdown
    pictures        figures 2 to 5 of the paper
    bundle          images, z, labels and names in one HDF5 file
    opening         the files of an experiment
    page            an experiment in Markdown

References:
    T. Angles & S. Mallat, Generative networks as inverse problems with scattering transforms, ICLR
    2018.
"""
