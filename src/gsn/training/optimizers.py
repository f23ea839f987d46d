"""Optimisers: Adam, and Muon for networks of matrices and convolutions.

Muon moves each matrix of weights W by the orthogonal factor of its averaged gradient. With the
gradient M, averaged by Nesterov's momentum, and its singular value decomposition U S V^T,

    W <- W - 3 eta sqrt(max(1, rows / columns)) U V^T

A filter (c', c, k, k) is the matrix c' x (c k k). U V^T comes from five Newton-Schulz steps, so
that the singular values are near 1, and not 1. Vectors, such as gains and biases, are moved by Adam
with the learning rate eta.

Differs from Jordan et al.: the factor 3, so that one learning rate serves both optimisers.

References:
    D. P. Kingma and J. Ba, Adam: a method for stochastic optimization, ICLR, 2015.

    K. Jordan et al., Muon: an optimizer for hidden layers in neural networks, 2024,
    https://kellerjordan.github.io/posts/muon.
"""

import math

import torch
from torch import nn

NAMES = ("adam", "muon")
MOMENTUM, BETAS, EPS = 0.95, (0.9, 0.999), 1e-8
FACTOR = 3.0  # learning rate of the matrices over that of the vectors
STEPS, POLYNOMIAL = 5, (3.4445, -4.7750, 2.0315)


def new(name: str, network: nn.Module) -> torch.optim.Optimizer:
    """Return the optimiser of a network; its learning rate is set before each step.

    Args:
        name: Name of the optimiser: adam or muon.
        network: Network with parameters.

    Raises:
        ValueError: The name is unknown.
    """
    if name not in NAMES:
        raise ValueError(f"optimizer must be one of {', '.join(NAMES)}: got {name!r}; use one.")
    if name == "adam":
        return torch.optim.Adam(network.parameters(), fused=True)
    return Muon(network.parameters())


class Muon(torch.optim.Optimizer):
    """Muon for parameters of two and more axes, Adam for the others.

    Args:
        parameters: Parameters of a network.
        lr: Learning rate eta.

    Example:
        >>> import torch
        >>> from gsn.training.optimizers import Muon
        >>> W = torch.nn.Parameter(torch.zeros(2, 2))
        >>> W.grad = torch.tensor([[5.0, 0.0], [0.0, 1.0]])
        >>> Muon([W], lr=1.0).step()
        >>> bool((W.diagonal() < -2).all() and W[0, 1] == 0)
        True
    """

    def __init__(self, parameters, lr: float = 1e-3):
        super().__init__(parameters, {"lr": lr})

    @torch.no_grad()
    def step(self, closure=None) -> None:  # type: ignore[override]
        """Move the parameters that have gradients."""
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    move = self._orthogonal if p.ndim > 1 else self._adam
                    p.sub_(move(self.state[p], p.grad), alpha=group["lr"])

    @staticmethod
    def _orthogonal(state: dict, gradient: torch.Tensor) -> torch.Tensor:
        mean = state.setdefault("mean", torch.zeros_like(gradient))
        mean.lerp_(gradient, 1 - MOMENTUM)
        M = gradient.lerp(mean, MOMENTUM).flatten(1)
        scale = FACTOR * math.sqrt(max(1, M.shape[0] / M.shape[1]))
        return scale * orthogonal_factor(M).reshape(gradient.shape)

    @staticmethod
    def _adam(state: dict, gradient: torch.Tensor) -> torch.Tensor:
        for name in ("mean", "square"):
            state.setdefault(name, torch.zeros_like(gradient))
        state["step"] = t = state.get("step", 0) + 1
        (a, b), mean, square = BETAS, state["mean"], state["square"]
        mean.lerp_(gradient, 1 - a)
        square.lerp_(gradient.square(), 1 - b)
        return mean / (1 - a**t) / ((square / (1 - b**t)).sqrt() + EPS)


def orthogonal_factor(M: torch.Tensor) -> torch.Tensor:
    """Return nearly U V^T of a matrix M = U S V^T, by Newton-Schulz steps.

    The singular values that are not small become 0.7 to 1.2.

    Args:
        M: Matrix, (rows, columns).

    Example:
        >>> import torch
        >>> from gsn.training.optimizers import orthogonal_factor
        >>> M = torch.randn(8, 40, generator=torch.Generator().manual_seed(0))
        >>> bool((torch.linalg.svdvals(orthogonal_factor(M)) - 1).abs().max() < 0.35)
        True
    """
    a, b, c = POLYNOMIAL
    tall = M.shape[0] > M.shape[1]
    X = M.T if tall else M
    X = X / (X.norm() + 1e-7)
    for _ in range(STEPS):
        A = X @ X.T
        X = a * X + (b * A + c * A @ A) @ X
    return X.T if tall else X
