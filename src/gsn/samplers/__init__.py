"""Laws of the latent z, one module each: how to draw images from a trained G.

    gaussian        N(0, I), as assumed by Angles & Mallat (2018)
    mixture         Gaussian mixtures
    vae, gan        the networks of Ziomek & Farrahi (2022)
    flow            normalising flows
    flow_matching   a differential equation
    laws            the laws by name, and their files

Each has a class `Law` with `sample(n, seed, temperature)`, and `log_prob(z)` where there is a
density. The networks are trained on `forward(z)`, which is the mean loss of a batch. All but the
GAN can then be calibrated: `calibrate(z)` makes the sizes |z| of the draws those of the training
rows, and for the flow their moments. The GAN takes the variances of the components before the
whitening, by `weigh`.
"""
