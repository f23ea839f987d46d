"""Super-resolution by a linear estimate of scattering coefficients, and their inversion.

y = A x is a small image of x. With r(S) = sqrt(S + e), one number e for each path,

    t = m + W^T f,    f = r(S_J u) at the windows around,    u: a first estimate, A u = y
    x^ = argmin || (r(S_J x) - t) / c ||^2   over A x = y,    c^2 = E r(S_J x)^2, path by path

u is the best linear estimate, or a network's. W is fitted by `fitting.fit`. x^ is found by L-BFGS
from u in the part of x that y does not know, so A x^ = y holds to rounding.

**Shrinkage.** t is the mean of r(S) given f, and E S + e = t^2 + var(r | f). So the coefficients
t^2 - e that the descent approaches are too small on average, by the variance of the roots. Nothing
corrects this: on other photographs the corrections in `studies/superresolution.py` lower no error.
"""

import functools
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from gsn.decomposition.windows import Windows
from gsn.inverse import descent, operands
from gsn.inverse.operators.sampling import Decimation
from gsn.networks.upscaling import Upscaler
from gsn.runtime import arguments, files, weights
from gsn.systems.superresolution.linear import Linear
from gsn.transforms import Scattering2D

TOGETHER = 32  # images in one descent
STEPS = 60
WHAT = "a model of super-resolution"


@dataclass(frozen=True)
class SuperResolution:
    """A fitted model, for images of any sides that 2^J and the factor divide.

    Attributes:
        factor: Factor s.
        J, L: Scale of averaging, as log2, and number of angles of the transform.
        linear: Best linear estimate.
        windows: Regression of the roots of coefficients.
        floors: Numbers e, (K, 1, 1) float32.
        scales: Numbers c, (K, 1, 1) float32.
        network: Network of the first estimate, or None for the linear one.
        parts: Operator and transform of each shape of images so far.
    """

    factor: int
    J: int
    L: int
    linear: Linear
    windows: Windows
    floors: torch.Tensor
    scales: torch.Tensor
    network: Upscaler | None = None
    parts: dict = field(default_factory=dict, repr=False, compare=False)

    def upscale(
        self,
        y,
        *,
        steps: int = STEPS,
        seed: int | None = None,
        checkpoint: str | Path | None = None,
        stamp: str = "",
    ):
        """Return large images of small ones.

        Args:
            y: Small images, (..., H/s, W/s) float, in [0, 1].
            steps: Number of steps of L-BFGS.
            seed: Seed of the noise to start from, in place of the first estimate: several seeds
                show what the coefficients leave open. None for the first estimate.
            checkpoint: Folder of the states of the descents; the caller deletes it.
            stamp: Whatever else the run depends on.

        Returns:
            Images, (..., H, W), of the kind and dtype of y.

        Raises:
            ValueError: y is not finite, or 2^J does not divide the sides of the large images.

        Example: see `gsn.systems.superresolution.fit`.
        """
        steps = arguments.integer("steps", steps, least=1)
        required = "float images (..., H, W) in [0, 1], at least one"
        y, give = operands.measurements("y", y, required=required, remedy="use y / 255")
        found = []
        for i in range(0, len(y), TOGETHER):
            few = y[i : i + TOGETHER]
            start = self.first(few) if seed is None else self.noisy(few, seed=seed, index=i)
            place = None if checkpoint is None else Path(checkpoint) / f"images_{i}.pt"
            found.append(self._inverted(few, start, steps, place, stamp))
        return give(torch.cat(found))

    def first(self, y: torch.Tensor) -> torch.Tensor:
        """Return the first estimates u of small images, (n, H/s, W/s) -> (n, H, W)."""
        A, _ = self.problem(y)
        x = self.linear(A, y)
        if self.network is None:
            return x
        with torch.no_grad():
            corrected = self.network.to(y.device)(y.float(), x.float())
            return A.consistent(corrected.to(y), y)

    def target(self, u: torch.Tensor) -> torch.Tensor:
        """Return the estimates t of the roots of coefficients, (n, K, h, w), from u."""
        _, transform = self.of_shape(tuple(u.shape[1:]))
        roots = self.roots(transform(u))
        coarse = coarse_paths(transform, self.factor)
        return self.windows(roots[:, coarse], roots[:, ~coarse])

    def roots(self, S: torch.Tensor) -> torch.Tensor:
        """Return r(S), (n, K, h, w)."""
        return (S.clamp(min=0) + self.floors.to(S)).sqrt()

    def noisy(self, y: torch.Tensor, *, seed: int, index: int = 0) -> torch.Tensor:
        """Return first estimates plus white noise that has the energies that u lacks.

        The noise is Gaussian, in the part that y does not know, with a deviation for each window
        such that its paths of order 1 below the factor have the energy that t has and u has not.

        Args:
            y: Small images, (n, H/s, W/s).
            seed: Seed of the noise.
            index: Number of the first of these images.
        """
        A, transform = self.problem(y)
        u = self.first(y)
        rng = [np.random.default_rng([seed, index + i]) for i in range(len(y))]
        drawn = np.stack([one.standard_normal(A.shape) for one in rng])
        noise = A.unseen(torch.from_numpy(drawn).to(u))
        first_order = torch.as_tensor(transform.meta()["order"] == 1)
        fine = first_order & ~coarse_paths(transform, self.factor)
        roots = [self.target(u), self.roots(transform(u)), self.roots(transform(noise))]
        # A coefficient is a root squared, and an energy is a coefficient squared.
        wanted, had, given = (r[:, fine].pow(4).sum(dim=1) for r in roots)
        deviation = ((wanted - had).clamp(min=0) / given).sqrt()[:, None]
        deviation = F.interpolate(deviation, size=A.shape, mode="bilinear")[:, 0]
        return u + A.unseen(deviation * noise)

    def problem(self, y: torch.Tensor) -> tuple[Decimation, Scattering2D]:
        """Return the operator and the transform for small images, (n, H/s, W/s)."""
        return self.of_shape(tuple(side * self.factor for side in y.shape[-2:]))

    def of_shape(self, shape: tuple[int, int]) -> tuple[Decimation, Scattering2D]:
        """Return the operator and the transform for large images of a shape."""
        if shape not in self.parts:
            if any(side % 2**self.J for side in shape):
                raise ValueError(
                    f"the sides of the large image must be multiples of 2**J={2**self.J}: got "
                    f"{shape[0]} x {shape[1]}; crop or pad y."
                )
            parts = Decimation(self.factor, shape), Scattering2D(self.J, shape, self.L)
            self.parts[shape] = parts
        return self.parts[shape]

    def _inverted(self, y, start, steps, checkpoint, stamp) -> torch.Tensor:
        """Return the ends of the descents from some images."""
        A, transform = self.problem(y)
        scales = self.scales.to(y)
        t = self.target(self.first(y)) / scales

        def phi(x: torch.Tensor) -> torch.Tensor:
            unseen = A.unseen(x)  # all that has a gradient, and so all that a step changes
            return (self.roots(transform(unseen + (x - unseen).detach())) / scales).flatten(1)

        found = descent.descend(
            phi, t.flatten(1), start, steps=steps, tolerance=0, checkpoint=checkpoint, stamp=stamp
        )
        return A.consistent(found.x.double(), y.double()).to(y)

    def save(self, path: str | Path) -> None:
        """Write the model to a file, whole or not at all."""
        state = {"factor": self.factor, "J": self.J, "L": self.L}
        state |= {"floors": self.floors, "scales": self.scales}
        state |= {"linear": vars(self.linear), "windows": vars(self.windows)}
        if self.network is not None:
            sizes = {"width": self.network.last.in_channels, "depth": len(self.network.hidden)}
            state["network"] = {"sizes": sizes, "weights": self.network.state_dict()}
        with files.whole_file(path) as partial:
            torch.save(state, partial)


def load(path: str | Path) -> SuperResolution:
    """Return a model from its file.

    Raises:
        OSError: The file does not exist.
        ValueError: It is another file, or is damaged.
    """
    state = weights.load(path, WHAT)
    try:
        network, own = state.pop("network", None), {"linear": Linear, "windows": Windows}
        parts = {name: kind(**state.pop(name)) for name, kind in own.items()}
        if network is not None:
            build = functools.partial(Upscaler, state["factor"], **network["sizes"])
            parts["network"] = weights.filled(build, network["weights"])
        return SuperResolution(**state, **parts)
    except (KeyError, TypeError, RuntimeError, AttributeError) as error:
        raise ValueError(f"{path} must be {WHAT}: found other contents; make it again.") from error


def coarse_paths(transform: Scattering2D, factor: int) -> torch.Tensor:
    """Return which paths y determines, (K,) bool: order 0, and those from the scale log2 s on.

    Example:
        >>> from gsn.systems.superresolution.model import coarse_paths
        >>> from gsn.transforms import Scattering2D
        >>> int(coarse_paths(Scattering2D(4, (32, 32)), 4).sum())
        81
    """
    meta = transform.meta()
    return torch.as_tensor((meta["order"] == 0) | (2.0 ** meta["j1"] >= factor))
