"""Tomography with a scattering prior, fitted: first estimates, coefficients, and their inversion.

All terms of the energy are squares, so that the batched descent of `gsn.inverse` finds x:

    (A x - y) / sigma,    sqrt(kappa) (S_p x - S^_p) / r_p,
    sqrt(2 lambda) (|grad x|^2 + e^2)^(1/4),    sqrt(beta) (x - x_L),    sqrt(c) min(x, 0)

r_p is the deviation of S_p x from its estimate on images that were held out, so a path counts as
much as it is known. sigma^2 is the variance of A x - y on training images: the noise, and the error
of the coarse grid. The descent is in the variable u with x = M u, where M is diagonal in the
Fourier domain and makes A^T A nearly a multiple of the identity.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from gsn.decomposition.windows import Windows
from gsn.inverse import descent, operands
from gsn.inverse import total_variation as tv
from gsn.inverse.operators.radon import Radon
from gsn.runtime import arguments, files, weights
from gsn.systems.tomography.lmmse import Lmmse
from gsn.transforms import Scattering2D

ROUNDING = 1e-2  # e, below which a difference of pixels is no edge
POSITIVE = 10.0  # c, by the inverse variance of x_L
TOGETHER = 32  # images in one descent
STEPS = 40
FIRST = {"tolerance": 3e-3, "iterations": 300}  # of the total variation of the first estimate
WHAT = "a model of tomography"


@dataclass(frozen=True)
class Weights:
    """The weights of the energy, chosen on validation images.

    Attributes:
        tv: Weight of the total variation of the first estimate, for 1/2 ||A x - y||^2.
        kappa: Weight of the coefficients.
        edges: lambda, by that of the first estimate.
        pull: beta, by the inverse variance of x_L.
        start: First estimate to start from, `tv` or `linear`.
    """

    tv: float
    kappa: float = 0.1
    edges: float = 0.5
    pull: float = 0.0
    start: str = "tv"


@dataclass(frozen=True)
class Tomography:
    """A fitted model for one geometry.

    Attributes:
        angles: Angles in degrees.
        shape: Height and width (H, W) of the images.
        detectors: Number of detectors.
        J, L: Scale and angles of the transform.
        most: Largest value of a pixel.
        sigma: Deviation of A x - y.
        linear: Best linear estimate.
        weights: Weights of the energy.
        windows: Regression of the coefficients, None before it is fitted.
        parts: Operator, transform and preconditioner, made when they are needed.
    """

    angles: tuple[float, ...]
    shape: tuple[int, int]
    detectors: int
    J: int
    L: int
    most: float
    sigma: float
    linear: Lmmse
    weights: Weights
    windows: Windows | None = None
    parts: dict = field(default_factory=dict, repr=False, compare=False)

    @property
    def radon(self) -> Radon:
        """The Radon transform."""
        return self._part("radon", lambda: Radon(self.angles, self.shape, self.detectors))

    @property
    def transform(self) -> Scattering2D:
        """The scattering transform."""
        return self._part("S", lambda: Scattering2D(self.J, self.shape, self.L))

    def _part(self, name: str, make: Callable):
        if name not in self.parts:
            self.parts[name] = make()
        return self.parts[name]

    def first(self, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the first estimates of sinograms: of least total variation, and linear."""
        found = tv.minimise(self.radon, y, weight=self.weights.tv, most=self.most, **FIRST)
        return found.x, self.linear(y, self.shape)

    def coefficients(self, u: torch.Tensor, x_linear: torch.Tensor) -> torch.Tensor:
        """Return the coefficients of first estimates, side by side, (n, 2 K, h, w)."""
        return torch.cat([self.transform(u), self.transform(x_linear)], dim=1)

    def target(self, u: torch.Tensor, x_linear: torch.Tensor) -> torch.Tensor:
        """Return the estimates S^, (n, K, h, w)."""
        S = self.coefficients(u, x_linear)
        return self.windows(S, S[:, :0])

    def reconstruct(
        self,
        y,
        *,
        steps: int = STEPS,
        seed: int | None = None,
        weights: Weights | None = None,
        first: tuple[torch.Tensor, torch.Tensor] | None = None,
        checkpoint: str | Path | None = None,
        stamp: str = "",
    ):
        """Return images of sinograms.

        Args:
            y: Sinograms, (..., angles, detectors) float.
            steps: Number of steps of L-BFGS.
            seed: Seed of noise that is added to the start: several seeds show what data and
                coefficients leave open. None for no noise.
            weights: Weights of the energy; None for those of the model.
            first: First estimates of these sinograms, if they are known already.
            checkpoint: Folder of the states of the descents; the caller deletes it.
            stamp: Whatever else the run depends on.

        Returns:
            Images, (..., H, W), of the kind and dtype of y.

        Raises:
            ValueError: y is not finite, or does not have the angles and detectors of the model.
        """
        steps = arguments.integer("steps", steps, least=1)
        y, give = checked(y, (len(self.angles), self.detectors))
        u, x_linear = self.first(y) if first is None else first
        found = []
        for i in range(0, len(y), TOGETHER):
            few = slice(i, i + TOGETHER)
            start = u if (weights or self.weights).start == "tv" else x_linear
            start = self._noisy(start[few], seed, i)
            place = None if checkpoint is None else Path(checkpoint) / f"images_{i}.pt"
            phi, target = self._energy(y[few], u[few], x_linear[few], weights or self.weights)
            end = {"steps": steps, "tolerance": 0, "checkpoint": place, "stamp": stamp}
            z = descent.descend(phi, target, self._filtered(start, -1), **end).x
            found.append(self._filtered(z, 1).clamp(min=0))
        return give(torch.cat(found))

    def _energy(self, y, u, x_linear, weights: Weights) -> tuple[Callable, torch.Tensor]:
        """Return the terms of the energy as a function of u = M^-1 x, and their targets."""
        r = self.windows.residual.to(y)[:, None, None].clamp(min=1e-6)
        root = weights.kappa**0.5 / r
        edges = (2 * weights.edges * weights.tv / self.sigma**2) ** 0.5
        pull = (weights.pull / self.linear.variance) ** 0.5
        positive = (POSITIVE / self.linear.variance) ** 0.5
        S = self.target(u, x_linear)
        A, transform = self.radon, self.transform

        def phi(z: torch.Tensor) -> torch.Tensor:
            x = self._filtered(z, 1)
            squares = tv.gradient(x).square().sum(dim=1) + ROUNDING**2
            terms = [A(x) / self.sigma, root * transform(x), edges * squares**0.25, pull * x]
            terms.append(positive * x.clamp(max=0))
            return torch.cat([term.flatten(1) for term in terms], dim=1)

        zero = torch.zeros_like(u)
        targets = [y / self.sigma, root * S, zero, pull * x_linear, zero]
        return phi, torch.cat([target.flatten(1) for target in targets], dim=1)

    def _filtered(self, x: torch.Tensor, power: int) -> torch.Tensor:
        """Return M x, or M^-1 x."""
        M = self._part("M", self._preconditioner).to(x)
        return torch.fft.irfft2(torch.fft.rfft2(x) * M**power, s=self.shape)

    def _preconditioner(self) -> torch.Tensor:
        """Return M, the inverse root of the spectrum of A^T A at the centre, plus its mean."""
        point = torch.zeros(1, *self.shape, dtype=torch.float64)
        point[0, self.shape[0] // 2, self.shape[1] // 2] = 1
        spectrum = torch.fft.rfft2(self.radon.adjoint(self.radon(point))[0]).abs()
        M = (spectrum + spectrum.mean()).rsqrt()
        return M / M.mean()

    def _noisy(self, start: torch.Tensor, seed: int | None, index: int) -> torch.Tensor:
        """Return starts with white noise of the deviation of x_L, if there is a seed."""
        if seed is None:
            return start
        rng = [np.random.default_rng([seed, index + i]) for i in range(len(start))]
        drawn = np.stack([one.standard_normal(self.shape) for one in rng])
        return start + self.linear.variance**0.5 * torch.from_numpy(drawn).to(start)

    def save(self, path: str | Path) -> None:
        """Write the model to a file, whole or not at all."""
        state = {key: value for key, value in vars(self).items() if key != "parts"}
        state |= {key: vars(state[key]) for key in KINDS}
        with files.whole_file(path) as partial:
            torch.save(state, partial)


def checked(y, measured: tuple[int, int]) -> tuple[torch.Tensor, Callable]:
    """Return sinograms, (n, angles, detectors), and a function that gives images back like y.

    Raises:
        ValueError: They are not finite, or not of this geometry.
    """
    required = f"float (..., angles, detectors), (..., {measured[0]}, {measured[1]}) here"
    remedy = "transpose it, or give the angles that it has"
    return operands.measurements("a sinogram", y, measured, required=required, remedy=remedy)


KINDS = {"linear": Lmmse, "weights": Weights, "windows": Windows}


def load(path: str | Path) -> Tomography:
    """Return a model from its file.

    Raises:
        OSError: The file does not exist.
        ValueError: It is another file, or is damaged.
    """
    state = weights.load(path, WHAT)
    try:
        parts = {key: kind(**state.pop(key)) for key, kind in KINDS.items()}
        return Tomography(**state, **parts)
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} must be {WHAT}: found other contents; make it again.") from error
