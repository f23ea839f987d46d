"""Normalising flows of z, with an exact likelihood, by zuko.

    z = T_1^{-1} ... T_m^{-1}(e),        e ~ N(0, I)
    loss = -log p(z) / d

`spline` has coupling layers: one half of the components, drawn at random, is transformed by
monotone rational-quadratic splines on [-8, 8] that depend on the other half, and by the identity
beyond (Durkan et al. 2019). `autoregressive` has affine maps of each component that depend on all
before it (Papamakarios et al. 2017), with scales from 1/10 to 10. It draws in d passes through each
network, and the splines in two. All start as the identity.

Differs from the papers: the splines are on [-8, 8] instead of [-3, 3], as a few of the whitened
coefficients are beyond 5; and the scales are bounded, without which some draws are huge.

References:
    C. Durkan, A. Bekasov, I. Murray and G. Papamakarios, Neural spline flows, NeurIPS, 2019.

    G. Papamakarios, T. Pavlakou and I. Murray, Masked autoregressive flow for density estimation,
    NeurIPS, 2017.
"""

from functools import partial

import numpy as np
import torch
import zuko
from torch import nn
from zuko.transforms import MonotonicAffineTransform, MonotonicRQSTransform

from gsn.runtime import precision
from gsn.samplers import arguments, drawing
from gsn.samplers.sizes import Sized

BINS = 8
KINDS = {
    "spline": {
        "univariate": partial(MonotonicRQSTransform, bound=8.0),
        "shapes": [(BINS,), (BINS,), (BINS - 1,)],
        "passes": 2,
        "randperm": True,
    },
    "autoregressive": {"univariate": partial(MonotonicAffineTransform, slope=0.1)},
}


class Law(Sized):
    """The law of a normalising flow, trained on `forward`.

    Args:
        d: Dimension of z, at least 2.
        kind: `spline` or `autoregressive`.
        transforms: Number m of transforms.
        hidden: Width of the two hidden layers of the network of each.

    Attributes: d; settings, the arguments by name.

    Raises:
        ValueError: A size is no whole number of at least 1, d is 1, or the kind is unknown.

    References:
        C. Durkan, A. Bekasov, I. Murray and G. Papamakarios, Neural spline flows, NeurIPS, 2019.

        G. Papamakarios, T. Pavlakou and I. Murray, Masked autoregressive flow for density
        estimation, NeurIPS, 2017.

    Example:
        >>> from gsn.samplers.flow import Law
        >>> law = Law(4, transforms=2, hidden=8)
        >>> law(torch.zeros(10, 4)).shape  # the loss, to be minimised
        torch.Size([])
        >>> law.log_prob(law.sample(3)).shape
        (3,)
    """

    @precision.single()
    def __init__(self, d: int, *, kind: str = "spline", transforms: int = 4, hidden: int = 128):
        super().__init__()
        arguments.counts(d=d, transforms=transforms, hidden=hidden)
        if kind not in KINDS or d < 2:
            raise ValueError(
                f"a flow needs a kind of {', '.join(KINDS)}, and d >= 2: got {kind!r}, {d=}; "
                "change them."
            )
        self.d = d
        self.settings = {"d": d, "kind": kind, "transforms": transforms, "hidden": hidden}
        self.flow = zuko.flows.MAF(
            d, transforms=transforms, hidden_features=(hidden, hidden), **KINDS[kind]
        )
        for transform in self.flow.transform.transforms:
            nn.init.zeros_(transform.hyper[-1].weight)
            nn.init.zeros_(transform.hyper[-1].bias)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Return the mean loss of a batch, (n, d)."""
        with precision.without_autocast(z.device):
            return -self.flow().log_prob(z).mean() / self.d

    def sample(self, n: int, seed: int = 0, temperature: float = 1.0) -> np.ndarray:
        """Return n draws, (n, d) float32; the temperature scales z."""
        transform = self.flow().transform

        def decode(e):
            return temperature * self.sizes.rescale(transform.inv(e))

        n, temperature = arguments.draws(n, temperature)
        return drawing.draw(self, decode, n, self.d, seed=seed, temperature=1.0)

    def log_prob(self, z: np.ndarray) -> np.ndarray:
        """Return the log-density of the draws at the rows of z, (n,) float64."""

        def log_density(z):
            z, change = self.sizes.undo(z.float())
            return self.flow().log_prob(z).double() + change

        return drawing.score(self, log_density, z)
