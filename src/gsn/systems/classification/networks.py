"""Networks on scattering coefficients or on pixels: sparse codes, a linear map, and convolutions.

    standardise, project, [sparse codes], normalise, pool, classify

A projection of unit vectors goes into ISTC, whose dictionary, thresholds and projection are trained
with the rest by the cross-entropy (Zarka et al. 2020).

References:
    J. Zarka, L. Thiry, T. Angles and S. Mallat, Deep network classification by scattering and
    homotopy dictionary learning, ICLR, 2020.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from gsn.decomposition.istc import ISTC
from gsn.runtime import precision

METHODS = ("linear", "mlp", "istc", "istc_learned", "istc_pixels", "convolutions")
HIDDEN = 512  # units of the MLP
PATCH, STRIDE = 8, 4  # of the projection of pixels


class Standardised(nn.Module):
    """Division of each channel by its standard deviation over a training set, after its mean.

    Args:
        channels: Number of channels.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels, 1, 1))
        self.register_buffer("deviation", torch.ones(channels, 1, 1))

    def start(self, x: np.ndarray) -> None:
        """Take mean and deviation from training rows, (n, channels, h, w), 8,192 at most."""
        some = torch.from_numpy(x[:: -(-len(x) // 8192)]).double()
        self.mean.copy_(some.mean((0, 2, 3))[:, None, None])
        self.deviation.copy_(some.std((0, 2, 3)).clamp(min=1e-6)[:, None, None])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return standardised channels, in float32."""
        return (x.float() - self.mean) / self.deviation


class SparseClassifier(nn.Module):
    """Scores of the classes from sparse codes of projected features.

    Args:
        channels: Number of channels of the features.
        side: Side of the features.
        classes: Number of classes.
        project: Number of channels p of the projection.
        atoms: Number of atoms m of the dictionary.
        steps: Number of steps of ISTC.
        tied: Whether W is D.
        kernel, stride: Side and stride of the convolution that projects.
        pool: Side of the grid to which the codes are averaged.

    Example:
        >>> import torch
        >>> from gsn.systems.classification.networks import SparseClassifier
        >>> network = SparseClassifier(9, 8, 10, project=4, atoms=16)
        >>> network(torch.rand(2, 9, 8, 8)).shape
        torch.Size([2, 10])
    """

    @precision.single()
    def __init__(
        self,
        channels: int,
        side: int,
        classes: int,
        *,
        project: int = 64,
        atoms: int = 256,
        steps: int = 8,
        tied: bool = True,
        kernel: int = 1,
        stride: int = 1,
        pool: int = 4,
    ):
        super().__init__()
        self.standardise = Standardised(channels)
        self.project = nn.Conv2d(
            channels, project, kernel, stride, padding=(kernel - stride + 1) // 2, bias=False
        )
        self.istc = ISTC(project, atoms, steps=steps, tied=tied)
        self.pool = min(pool, side // stride)
        self.normalise = nn.BatchNorm2d(atoms)
        self.linear = nn.Linear(atoms * self.pool**2, classes)

    def projected(self, x: torch.Tensor) -> torch.Tensor:
        """Return the unit vectors that are coded, (n, p, h, w)."""
        return F.normalize(self.project(self.standardise(x)), dim=1)

    def start(self, x: np.ndarray, seed: int) -> None:
        """Take the statistics and the first atoms from training features, (n, channels, h, w)."""
        self.standardise.start(x)
        with torch.no_grad():
            some = torch.from_numpy(x[:: -(-len(x) // 512)])
            self.istc.start(self.projected(some), seed=seed)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the scores of the classes, (n, classes)."""
        z = self.normalise(self.istc(self.projected(x)))
        return self.linear(F.adaptive_avg_pool2d(z, self.pool).flatten(1))


class DenseClassifier(nn.Module):
    """Scores of the classes from standardised features: a linear map, or one hidden layer.

    Args:
        channels: Number of channels of the features.
        side: Side of the features.
        classes: Number of classes.
        hidden: Number of hidden units; 0 for a linear map.
    """

    @precision.single()
    def __init__(self, channels: int, side: int, classes: int, *, hidden: int = 0):
        super().__init__()
        self.standardise = Standardised(channels)
        p = channels * side**2
        layers: list[nn.Module] = [nn.Linear(hidden or p, classes)]
        if hidden:
            layers = [nn.Linear(p, hidden), nn.BatchNorm1d(hidden), nn.ReLU(), *layers]
        self.layers = nn.Sequential(nn.Flatten(), *layers)

    def start(self, x: np.ndarray, seed: int) -> None:
        """Take the statistics from training features."""
        self.standardise.start(x)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the scores of the classes, (n, classes)."""
        return self.layers(self.standardise(x))


class Convolutions(nn.Module):
    """Scores of the classes from features by a few convolutions with residual connections.

    Args:
        channels: Number of channels of the features.
        side: Side of the features.
        classes: Number of classes.
        width: Number of channels of the convolutions.
        blocks: Number of pairs of convolutions.
    """

    @precision.single()
    def __init__(
        self, channels: int, side: int, classes: int, *, width: int = 128, blocks: int = 2
    ):
        super().__init__()
        self.standardise = Standardised(channels)
        first = nn.Conv2d(channels, width, 1 if channels > 16 else 3, padding="same", bias=False)
        self.first = nn.Sequential(first, nn.BatchNorm2d(width))
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.ReLU(),
                nn.Conv2d(width, width, 3, padding=1, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(),
                nn.Conv2d(width, width, 3, padding=1, bias=False),
                nn.BatchNorm2d(width),
            )
            for _ in range(blocks)
        )
        self.linear = nn.Linear(width, classes)

    def start(self, x: np.ndarray, seed: int) -> None:
        """Take the statistics from training features."""
        self.standardise.start(x)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the scores of the classes, (n, classes)."""
        x = self.first(self.standardise(x))
        for block in self.blocks:
            x = x + block(x)
        return self.linear(F.relu(x).mean((2, 3)))


def new(method: str, shape: tuple[int, int, int], classes: int, settings: dict) -> nn.Module:
    """Return an untrained network.

    Args:
        method: One of METHODS.
        shape: Shape of the features of an image, (channels, h, w).
        classes: Number of classes.
        settings: Keywords project, atoms and steps of ISTC, and width of the convolutions.
    """
    channels, side, _ = shape
    sparse = {key: settings[key] for key in ("project", "atoms", "steps")}
    if method == "istc_pixels":
        return SparseClassifier(channels, side, classes, kernel=PATCH, stride=STRIDE, **sparse)
    if method in ("istc", "istc_learned"):
        return SparseClassifier(channels, side, classes, tied=method == "istc", **sparse)
    if method == "convolutions":
        return Convolutions(channels, side, classes, width=settings["width"])
    return DenseClassifier(channels, side, classes, hidden=HIDDEN if method == "mlp" else 0)
