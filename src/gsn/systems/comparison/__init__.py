"""Comparison: when is a fixed embedding worth it? Other embeddings with the same decoder G.

On one split, with one G, one number of gradient steps, one d and one seed:

    methods         what is compared, in words
    decoders        linear decoders in the form of G, and their files
    embeddings      fixed embeddings, and the time that one takes
    autoencoders    an autoencoder and a variational one: the encoder is trained with G
    free_latents    GLO: the latents are trained with G, and there is no encoder
    priors          the law from which each method draws
    spaces          the space in which draws are judged, in a file
    fixed           the fit of the methods with a fixed embedding
    encoded         the fit of those whose encoder is trained
    free            the fit of GLO
    fitted          what a fit gives
    measurement     a fitted method, measured
    drawing         pictures of the methods side by side
    page            tables, and what they say in words

References:
    T. Angles and S. Mallat, Generative networks as inverse problems with scattering transforms,
    ICLR, 2018.

    D. P. Kingma and M. Welling, Auto-encoding variational Bayes, ICLR, 2014.

    P. Bojanowski, A. Joulin, D. Lopez-Paz and A. Szlam, Optimizing the latent space of generative
    networks, ICML, 2018.
"""
