"""A generative adversarial network of z, as the law of z of Ziomek & Farrahi (2022).

    z = G(h),        h ~ N(0, I)
    loss of D = mean softplus(-D(y)) + softplus(D(s G(h))) + gamma / 2 (D(y + c n) - D(y))^2 / c^2
    loss of G = mean softplus(-D(s G(h))) + epsilon E(s G(h), y),        y = s z,  n ~ N(0, I)

The first terms are the losses of Goodfellow et al. (2014), with G's not saturating. The penalty of
D is that of its gradient at the data (Mescheder et al. 2018) by a finite difference. E is the
energy distance of the batch of G from the batch of data (Szekely & Rizzo 2004), which keeps G from
making few different z. Each loss moves its own network only, so that one optimizer of their sum
updates both at once.

s holds the standard deviations of the components before the whitening, which `weigh` sets, in units
of their root mean square. Without it, D looks at hundreds of small components that hardly change an
image.

Differs from the paper: its widths stand in a figure only; the layers, the penalty, E and s are our
choice. The outputs of G are normalised over the batch, because z has mean 0 and variance 1.

References:
    Ziomek and Farrahi, Modelling nonlinear dependencies in the latent space of inverse
    scattering, 2022.

    I. Goodfellow et al., Generative adversarial nets, NeurIPS, 2014.

    G. J. Szekely and M. L. Rizzo, Testing for equal distributions in high dimension, InterStat 5,
    2004.

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

GAMMA, STEP = 1.0, 0.1  # weight of the penalty, and step c of its difference
EPSILON = 30.0  # weight of the energy distance


class Law(nn.Module):
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
        self.register_buffer("scale", torch.ones(d))

    def weigh(self, variances: np.ndarray) -> None:
        """Weigh the components by their variances before the whitening, (d,)."""
        deviations = np.sqrt(np.asarray(variances, dtype=np.float64) / np.mean(variances))
        self.scale.copy_(torch.from_numpy(deviations))

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Return the sum of the losses of a batch, (n, d), with n >= 2."""
        h = torch.randn(len(z), self.latent, device=z.device)
        z, made = self.scale * z, self.scale * self.generator(h)
        frozen = {name: value.detach() for name, value in self.critic.named_parameters()}
        judged = functional_call(self.critic, frozen, (made,))
        real, false = self.critic(z), self.critic(made.detach())
        slope = (self.critic(z + STEP * torch.randn_like(z)) - real) / STEP
        losses = softplus(-real) + softplus(false) + softplus(-judged) + GAMMA / 2 * slope.square()
        return losses.mean() + EPSILON * _energy(made, z)

    def sample(self, n: int, seed: int = 0, temperature: float = 1.0) -> np.ndarray:
        """Return n draws, (n, d) float32; the temperature scales h."""
        return drawing.draw(
            self, self.generator, n, self.latent, seed=seed, temperature=temperature
        )


def _energy(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Return the energy distance of two batches of n rows, without bias."""
    within = torch.cdist(a, a).sum() + torch.cdist(b, b).sum()
    return 2 * torch.cdist(a, b).mean() - within / (len(a) * (len(a) - 1))
