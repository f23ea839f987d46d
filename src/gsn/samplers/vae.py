"""A variational autoencoder of z, as the law of z of Ziomek & Farrahi (2022).

    loss = mean_i (z_i - f_i(h))^2 + beta KL(q(h | z) || N(0, I)),    q(h | z) = N(m(z), s(z)^2)
    z = f(h),    h ~ N(0, I)

f is the decoder, and m and s are the encoder. The squared error is the mean over the d components,
the divergence is the sum over the H latent ones, and both are means over the rows. So beta is
2 sigma^2 / d for a decoder with observation noise of variance sigma^2.

Differs from the paper: its widths stand in a figure only; the layers here are our choice. And
`calibrate` gives the draws the sizes of the training rows.

References:
    Ziomek and Farrahi, Modelling nonlinear dependencies in the latent space of inverse
    scattering, 2022.

    D. P. Kingma and M. Welling, Auto-encoding variational Bayes, ICLR, 2014.

    I. Higgins et al., beta-VAE: learning basic visual concepts with a constrained variational
    framework, ICLR, 2017.
"""

import math

import numpy as np
import torch
from torch import nn

from gsn.runtime import precision
from gsn.samplers import arguments, drawing
from gsn.samplers.sizes import Sized

MEMORY = 0.01  # share of a batch in the running mean of the residual


class Law(Sized):
    """The law of the decoder of a variational autoencoder, trained on `forward`.

    Args:
        d: Dimension of z.
        latent: Dimension H of h.
        hidden: Width of the two hidden layers of f and of the encoder.
        beta: Weight of the divergence; 0.001 for MNIST and 0.0025 for CelebA in the paper.
        noise: Add to f(h) Gaussian noise with the variance of the residual z - f(h) of each
            component, as in the model whose likelihood the loss bounds. Without it, as in the
            paper, the draws have too small a variance.

    Attributes: d; settings, the arguments by name.

    Raises:
        ValueError: A size is no whole number of at least 1, or beta is not above 0.

    References:
        Ziomek and Farrahi, Modelling nonlinear dependencies in the latent space of inverse
        scattering, 2022.

        D. P. Kingma and M. Welling, Auto-encoding variational Bayes, ICLR, 2014.

    Example:
        >>> from gsn.samplers.vae import Law
        >>> law = Law(4, latent=2, hidden=8)
        >>> law(torch.zeros(10, 4)).shape  # the loss, to be minimised
        torch.Size([])
        >>> law.sample(3).shape
        (3, 4)
    """

    @precision.single()
    def __init__(
        self,
        d: int,
        *,
        latent: int = 64,
        hidden: int = 256,
        beta: float = 0.001,
        noise: bool = False,
    ):
        super().__init__()
        arguments.counts(d=d, latent=latent, hidden=hidden)
        if not 0 < beta < math.inf:
            raise ValueError(f"beta must be finite and above 0: got {beta}; use 0.001.")
        self.d, self.latent, self.beta, self.noise = d, latent, beta, noise
        self.settings = {"d": d, "latent": latent, "hidden": hidden, "beta": beta, "noise": noise}
        self.encoder = _layers(d, hidden, 2 * latent)
        self.decoder = _layers(latent, hidden, d)
        self.register_buffer("residual", torch.ones(d))

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Return the mean loss of a batch, (n, d)."""
        mean, log_variance = self.encoder(z).float().chunk(2, dim=1)
        h = mean + (log_variance / 2).exp() * torch.randn_like(mean)
        squares = (z - self.decoder(h)).square()
        if self.training:
            self.residual.lerp_(squares.detach().mean(0), MEMORY)
        divergence = (mean.square() + log_variance.exp() - 1 - log_variance).sum(1) / 2
        return squares.mean() + self.beta * divergence.mean()

    def sample(self, n: int, seed: int = 0, temperature: float = 1.0) -> np.ndarray:
        """Return n draws, (n, d) float32; the temperature scales h and the noise."""

        def decode(e):
            z = self.decoder(e[:, : self.latent])
            if self.noise:
                z = z + self.residual.sqrt() * e[:, self.latent :]
            return self.sizes.rescale(z)

        width = self.latent + self.d * self.noise
        return drawing.draw(self, decode, n, width, seed=seed, temperature=temperature)


def _layers(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, hidden),
        nn.SiLU(),
        nn.Linear(hidden, hidden),
        nn.SiLU(),
        nn.Linear(hidden, outputs),
    )
