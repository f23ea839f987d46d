"""Normalising flows of z, with an exact likelihood, by zuko.

    z = b + A S(T_1^{-1} ... T_m^{-1}(e)),        e ~ N(0, I)
    loss = -log p(z) / d

The flow may be of the first k components only, which have the largest variances before the
whitening and move an image most. The others are then e. `calibrate` sets S, which changes the size
of a row (`gsn.samplers.sizes`), and then A and b. So the draws have the sizes, the mean and the
covariance of the training rows: without it they are too small.

`spline` has coupling layers: one half of the components, drawn at random, is transformed by
monotone rational-quadratic splines on [-8, 8] that depend on the other half, and by the identity
beyond (Durkan et al. 2019). `autoregressive` has affine maps of each component that depend on all
before it (Papamakarios et al. 2017), with scales from 1/10 to 10. It draws in k passes through each
network, and the splines in two. All start as the identity.

Differs from the papers: the splines are on [-8, 8] instead of [-3, 3], as a few of the whitened
coefficients are beyond 5; the scales are bounded, without which some draws are huge; and the draws
are calibrated.

References:
    C. Durkan, A. Bekasov, I. Murray and G. Papamakarios, Neural spline flows, NeurIPS, 2019.

    G. Papamakarios, T. Pavlakou and I. Murray, Masked autoregressive flow for density estimation,
    NeurIPS, 2017.
"""

import copy
import math
from functools import partial

import numpy as np
import torch
import zuko
from torch import nn
from zuko.transforms import MonotonicAffineTransform, MonotonicRQSTransform

from gsn.runtime import precision
from gsn.samplers import arguments, drawing
from gsn.samplers.sizes import Sizes, log_size

BINS = 8
TINY = 1e-6  # smallest variance of the moments
DRAWS, SEED = 64, 2**31 - 1  # for each component, of the moments; a seed that nobody else takes
KINDS = {
    "spline": {
        "univariate": partial(MonotonicRQSTransform, bound=8.0),
        "shapes": [(BINS,), (BINS,), (BINS - 1,)],
        "passes": 2,
        "randperm": True,
    },
    "autoregressive": {"univariate": partial(MonotonicAffineTransform, slope=0.1)},
}


class Law(nn.Module):
    """The law of a normalising flow, trained on `forward`.

    Args:
        d: Dimension of z, at least 2.
        kind: `spline` or `autoregressive`.
        transforms: Number m of transforms.
        hidden: Width of the two hidden layers of the network of each.
        components: Number k of the first components that the flow is of, by default d.

    Attributes: d; settings, the arguments by name.

    Raises:
        ValueError: A size is no whole number of at least 1, k is not from 2 to d, or the kind is
            unknown.

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
    def __init__(
        self,
        d: int,
        *,
        kind: str = "spline",
        transforms: int = 4,
        hidden: int = 128,
        components: int | None = None,
    ):
        super().__init__()
        k = d if components is None else components
        arguments.counts(d=d, transforms=transforms, hidden=hidden, components=k)
        if kind not in KINDS or not 2 <= k <= d:
            raise ValueError(
                f"a flow needs a kind of {', '.join(KINDS)}, and 2 to d components: "
                f"got {kind!r}, {k} of {d=}; change them."
            )
        self.d, self.k = d, k
        self.settings = {"d": d, "kind": kind, "transforms": transforms, "hidden": hidden}
        self.settings |= {"components": k}
        self.sizes = Sizes()
        self.register_buffer("matrix", torch.eye(k, dtype=torch.float32))
        self.register_buffer("shift", torch.zeros(k, dtype=torch.float32))
        self.flow = zuko.flows.MAF(
            k, transforms=transforms, hidden_features=(hidden, hidden), **KINDS[kind]
        )
        for transform in self.flow.transform.transforms:
            nn.init.zeros_(transform.hyper[-1].weight)
            nn.init.zeros_(transform.hyper[-1].bias)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Return the mean loss of a batch, (n, d)."""
        with precision.without_autocast(z.device):
            return -self._log_density(z).mean() / self.d

    def calibrate(self, z: np.ndarray) -> None:
        """Give the draws the sizes and the moments of the training rows, once the law is trained.

        Args:
            z: Training rows, (n, d) real, with n > k.

        Raises:
            ValueError: z is no fit training set.
        """
        z = arguments.rows(z, least=self.k + 1)[:, : self.k]
        nn.init.eye_(self.matrix)
        nn.init.zeros_(self.shift)
        self.sizes.source.copy_(self.sizes.target)  # the identity
        drawn = torch.from_numpy(self.sample(DRAWS * max(self.k, DRAWS), SEED)[:, : self.k])
        sizes = (log_size(rows)[:, 0].cpu().numpy() for rows in (drawn, torch.from_numpy(z)))
        self.sizes.fit(*sizes)
        drawn = copy.deepcopy(self.sizes).cpu().rescale(drawn).numpy()
        shaped = _root(np.cov(z.T)) @ _root(np.cov(drawn.T), -1)
        self.matrix.copy_(torch.from_numpy(shaped))
        self.shift.copy_(torch.from_numpy(z.mean(0) - shaped @ drawn.mean(0)))

    def sample(self, n: int, seed: int = 0, temperature: float = 1.0) -> np.ndarray:
        """Return n draws, (n, d) float32; the temperature scales z."""
        transform = self.flow().transform

        def decode(e):
            shaped = self.sizes.rescale(transform.inv(e[:, : self.k]))
            first = shaped @ self.matrix.T + self.shift
            return temperature * torch.cat([first, e[:, self.k :]], dim=1)

        n, temperature = arguments.draws(n, temperature)
        return drawing.draw(self, decode, n, self.d, seed=seed, temperature=1.0)

    def log_prob(self, z: np.ndarray) -> np.ndarray:
        """Return the log-density of the draws at the rows of z, (n,) float64."""
        return drawing.score(self, lambda z: self._log_density(z.float()).double(), z)

    def _log_density(self, z: torch.Tensor) -> torch.Tensor:
        first, rest = z[:, : self.k], z[:, self.k :]
        y, change = self.sizes.undo(torch.linalg.solve(self.matrix, (first - self.shift).T).T)
        normal = -(rest.square() + math.log(2 * math.pi)).sum(1) / 2
        return self.flow().log_prob(y) + change - torch.linalg.slogdet(self.matrix)[1] + normal


def _root(C: np.ndarray, sign: int = 1) -> np.ndarray:
    """Return the symmetric square root of a covariance, or its inverse."""
    variances, vectors = np.linalg.eigh(C)
    return vectors * np.maximum(variances, TINY) ** (sign / 2) @ vectors.T
