"""A generative adversarial network of z, as the law of z of Ziomek & Farrahi (2022).

    z = G(h),        h ~ N(0, I)
    loss of D = mean softplus(-D(z)) + softplus(D(G(h))) + gamma / 2 (D(z + c n) - D(z))^2 / c^2
    loss of G = mean softplus(-D(G(h))),        n ~ N(0, I)

These are the losses of Goodfellow et al. (2014), with G's not saturating. The last term of D is the
penalty of its gradient at the data (Mescheder et al. 2018) by a finite difference. Each loss moves
its own network only, so that one optimizer of their sum updates both at once.

Differs from the paper: its widths stand in a figure only; the layers and the penalty here are our
choice. The outputs of G are normalised over the batch, because z has mean 0 and variance 1. Without
that G loses most of the variance at d = 128.

References:
    Ziomek and Farrahi, Modelling nonlinear dependencies in the latent space of inverse
    scattering, 2022.

    I. Goodfellow et al., Generative adversarial nets, NeurIPS, 2014.

    L. Mescheder, A. Geiger and S. Nowozin, Which training methods for GANs do actually converge?,
    ICML, 2018.
"""

import numpy as np
import torch
from torch import nn
from torch.func import functional_call
from torch.nn.functional import softplus

from gsn.runtime import precision
from gsn.samplers import arguments, drawing
from gsn.samplers.sizes import Sized

GAMMA, STEP = 1.0, 0.1  # weight of the penalty, and step c of its difference


class Law(Sized):
    """The law of the generator of an adversarial network, trained on `forward`.

    Args:
        d: Dimension of z.
        latent: Dimension H of h.
        hidden: Width of the two hidden layers of G and of D.

    Attributes: d; settings, the arguments by name.

    Raises:
        ValueError: A size is no whole number of at least 1.

    References:
        Ziomek and Farrahi, Modelling nonlinear dependencies in the latent space of inverse
        scattering, 2022.

        I. Goodfellow et al., Generative adversarial nets, NeurIPS, 2014.

    Example:
        >>> from gsn.samplers.gan import Law
        >>> law = Law(4, latent=2, hidden=8)
        >>> law(torch.randn(10, 4)).shape  # the sum of the losses
        torch.Size([])
        >>> law.sample(3).shape
        (3, 4)
    """

    @precision.single()
    def __init__(self, d: int, *, latent: int = 64, hidden: int = 256):
        super().__init__()
        arguments.counts(d=d, latent=latent, hidden=hidden)
        self.d, self.latent = d, latent
        self.settings = {"d": d, "latent": latent, "hidden": hidden}
        self.generator = nn.Sequential(
            nn.Linear(latent, hidden, bias=False),
            nn.BatchNorm1d(hidden),
            nn.LeakyReLU(0.2),
            nn.Linear(hidden, hidden, bias=False),
            nn.BatchNorm1d(hidden),
            nn.LeakyReLU(0.2),
            nn.Linear(hidden, d, bias=False),
            nn.BatchNorm1d(d, affine=False),
        )
        self.critic = nn.Sequential(
            nn.Linear(d, hidden),
            nn.LeakyReLU(0.2),
            nn.Linear(hidden, hidden),
            nn.LeakyReLU(0.2),
            nn.Linear(hidden, 1),
        )

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Return the sum of the losses of a batch, (n, d), with n >= 2."""
        made = self.generator(torch.randn(len(z), self.latent, device=z.device))
        frozen = {name: value.detach() for name, value in self.critic.named_parameters()}
        judged = functional_call(self.critic, frozen, (made,))
        real, false = self.critic(z), self.critic(made.detach())
        slope = (self.critic(z + STEP * torch.randn_like(z)) - real) / STEP
        losses = softplus(-real) + softplus(false) + softplus(-judged) + GAMMA / 2 * slope.square()
        return losses.mean()

    def sample(self, n: int, seed: int = 0, temperature: float = 1.0) -> np.ndarray:
        """Return n draws, (n, d) float32; the temperature scales h."""

        def decode(h):
            return self.sizes.rescale(self.generator(h))

        return drawing.draw(self, decode, n, self.latent, seed=seed, temperature=temperature)
