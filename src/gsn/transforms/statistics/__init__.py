"""Statistics Phi of stationary fields: what a model of a process keeps of one example.

A statistic maps a periodic field to a vector of M real numbers, which hardly change from one
realisation of a process to another. It is fitted to an example, or to the mean over several: means,
deviations and target values are computed once, and frozen. A model of the process is then the law
of fields x with Phi(x) near y = Phi(example).

    gaussian               power spectrum in bins of the plane, or in rings
    wavelet_variances      mean of |x * psi|^2: the fair Gaussian baseline
    scattering             means of |x * psi| and ||x * psi| * psi'|
    phase_harmonics        covariances of the phase harmonics [x * psi]^k
    rectified              covariances of rho(Re(e^{ia} x * psi))
    scattering_covariance  Cheng, Morel, Allys, Menard and Mallat 2023

Each module has one class `Statistic`, made by `new` and kept in a file by `save` and `load`.
"""

import abc
import importlib
from pathlib import Path
from typing import Self

import torch
from torch import nn

from gsn.runtime import weights

NAMES = (
    "gaussian",
    "wavelet_variances",
    "scattering",
    "phase_harmonics",
    "rectified",
    "scattering_covariance",
)


class Statistic(nn.Module, abc.ABC):
    """A map from periodic fields to vectors, (n, H, W) -> (n, M) real.

    `forward` returns numbers that are normalised by what `fit` has frozen, so that the squared
    Euclidean distance of two vectors weighs all of them alike. The mean of the examples is
    subtracted from all fields, so that the offset of a unit has no part in the norm of a vector. A
    complex number is two real ones.

    Args:
        shape: Sides (H, W) of the fields in points, both even.
        settings: Other arguments, as plain numbers and strings.

    Attributes:
        shape: Sides of the fields.
        settings: Arguments of the statistic, by name, without the shape.
        count: Number of numbers as papers count them, a complex one once.
    """

    def __init__(self, shape: tuple[int, int], **settings):
        super().__init__()
        if len(shape) != 2 or any(side < 4 or side % 2 for side in shape):
            raise ValueError(
                f"a field must have two even sides of at least 4: got {tuple(shape)}; crop it."
            )
        self.shape, self.settings = (int(shape[0]), int(shape[1])), settings

    @property
    @abc.abstractmethod
    def count(self) -> int:
        """Number of numbers as papers count them, a complex one once."""

    @abc.abstractmethod
    def fit(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> Self:
        """Freeze means, deviations and normalisations over examples, and return the statistic.

        Args:
            x: Examples, (n, H, W) float32 or float64.
            mask: Points that count, (H, W) bool, for examples that are not periodic.

        Raises:
            ValueError: x is not finite or constant, or nothing is left by the mask.
        """

    @abc.abstractmethod
    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Return the normalised numbers of fields, (n, H, W) -> (n, M), in the dtype of x."""

    @abc.abstractmethod
    def table(self) -> dict[str, list]:
        """Return what each of the M numbers is: columns of M values, such as scale and angle."""


def new(name: str, shape: tuple[int, int], **settings) -> Statistic:
    """Return a statistic that is not fitted yet.

    Args:
        name: One of NAMES.
        shape: Sides (H, W) of the fields.
        settings: Arguments of its class.

    Raises:
        ValueError: There is no statistic of this name.
    """
    if name not in NAMES:
        raise ValueError(f"statistics must be one of {', '.join(NAMES)}: got {name!r}.")
    return importlib.import_module(f"gsn.transforms.statistics.{name}").Statistic(shape, **settings)


def save(statistic: Statistic, path: str | Path) -> None:
    """Write a fitted statistic to a file, which `load` reads."""
    name = type(statistic).__module__.rpartition(".")[2]
    state = {"name": name, "shape": list(statistic.shape), "settings": statistic.settings}
    torch.save(state | {"frozen": statistic.state_dict()}, path)


def load(path: str | Path) -> Statistic:
    """Return a fitted statistic from its file.

    Raises:
        OSError: The file does not exist or may not be read.
        ValueError: The file is truncated, damaged or not a statistic.
    """
    state = weights.load(path, "a fitted statistic")
    try:
        statistic = new(state["name"], tuple(state["shape"]), **state["settings"])
        frozen = state["frozen"]
        if frozen.keys() != statistic.state_dict().keys():
            raise KeyError("frozen")
        for key, value in frozen.items():  # before a fit the buffers are empty
            owner, _, leaf = key.rpartition(".")
            setattr(statistic.get_submodule(owner), leaf, value)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} must be a fitted statistic: found another file.") from error
    return statistic
