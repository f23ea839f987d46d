"""The Frechet distance of two sets of images by the features of a network: the FID.

    FID = ||mu_a - mu_b||^2 + tr(C_a + C_b - 2 (C_a C_b)^{1/2})

mu and C are the mean and the covariance of the features of each set. The network is the Inception
network of the TensorFlow authors, with the weights that torch-fidelity converted. They are in a
file of the user; nothing is downloaded. torchmetrics computes the value.

References:
    M. Heusel, H. Ramsauer, T. Unterthiner, B. Nessler and S. Hochreiter, GANs trained by a two
    time-scale update rule converge to a local Nash equilibrium, NeurIPS, 2017.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn

from gsn.runtime import machine

LAYER = 2048  # outputs of the last pooling
SIDE = 299  # of the images in the network, in pixels
FILE = "weights-inception-2015-12-05-6726825d.pth"


class FID:
    """Distances of sets of images from one set of real images.

    Args:
        network: Path of the weights of the Inception network, or a network of one's own, from
            (n, 3, N, N) uint8 to features, (n, p).
        real: Batches of real images, (n, c, N, N) in [0, 255], c = 1 or 3.

    Attributes:
        protocol: How the distance is measured, in words.

    Raises:
        OSError: The file does not exist or may not be read.
        ModuleNotFoundError: torchmetrics, torch-fidelity or torchvision is not installed, or was
            built for another torch.
        ValueError: The file has no weights of the network.

    References:
        M. Heusel et al., GANs trained by a two time-scale update rule converge to a local Nash
        equilibrium, NeurIPS, 2017.

    Example:
        >>> import numpy as np
        >>> from torch import nn
        >>> from gsn.metrics.inception import FID
        >>> class Colours(nn.Module):
        ...     num_features = 3
        ...     def forward(self, x):
        ...         return x.double().mean((2, 3))
        >>> x = np.random.default_rng(0).integers(0, 255, (20, 3, 4, 4))
        >>> fid = FID(Colours(), [x])  # doctest: +SKIP
        >>> round(fid.of([x]), 3)  # doctest: +SKIP
        0.0
    """

    def __init__(self, network: str | Path | nn.Module, real: Iterable[np.ndarray]):
        self._metric, words = _metric(network)
        self._metric = self._metric.to(machine.device())
        for batch in real:
            self._metric.update(_bytes(batch, self._metric.device), real=True)
        self.protocol = f"{words}; {int(self._metric.real_features_num_samples):,} real images"

    def watch(self, batches: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Yield batches of images, (n, c, N, N) in [0, 255], and take them for the next value."""
        self._metric.reset()
        for batch in batches:
            self._metric.update(_bytes(batch, self._metric.device), real=False)
            yield batch

    def value(self) -> float:
        """Return the distance of the images that were watched last, at least 2."""
        return max(0.0, float(self._metric.compute()))

    def of(self, batches: Iterable[np.ndarray]) -> float:
        """Return the distance of images in batches, (n, c, N, N) in [0, 255]."""
        for _ in self.watch(batches):
            pass
        return self.value()


def _imported(*, weights: bool) -> type[nn.Module]:
    """Return torchmetrics' class; the weights of Inception need torch-fidelity too."""
    try:
        if weights:
            import torch_fidelity  # noqa: F401
        from torchmetrics.image.fid import FrechetInceptionDistance
    except ImportError as error:
        raise ModuleNotFoundError(
            f"the FID needs torchmetrics and torch-fidelity: {error.name} cannot be imported; run "
            "`pip install 'generative-scattering[fid]'`, or leave latent_laws.inception out."
        ) from error
    except RuntimeError as error:  # of operators that torch does not know
        raise ModuleNotFoundError(
            f"the FID needs a torchvision that was built for torch {torch.__version__}: {error}; "
            "install both from one index, or leave latent_laws.inception out."
        ) from error
    return FrechetInceptionDistance


def _metric(network: str | Path | nn.Module) -> tuple[nn.Module, str]:
    """Return torchmetrics' metric of a network, and its protocol in words."""
    FrechetInceptionDistance = _imported(weights=not isinstance(network, nn.Module))
    if isinstance(network, nn.Module):
        metric = FrechetInceptionDistance(network, reset_real_features=False)
        return metric, f"FID by the features of {type(network).__name__}"
    remedy = f"name torch-fidelity's file {FILE}"
    try:  # before torch-fidelity, which would run code of the file; torch's older format too
        if Path(network).exists() and not Path(network).is_file():
            raise ValueError("it is no regular file")  # reading a pipe would wait forever
        torch.load(network, map_location="cpu", weights_only=True)
    except Exception as error:
        if isinstance(error, FileNotFoundError | PermissionError):
            raise
        raise ValueError(
            f"{network} must be the weights of the Inception network: it cannot be read; {remedy}."
        ) from error
    try:
        metric = FrechetInceptionDistance(
            LAYER,
            reset_real_features=False,
            feature_extractor_weights_path=str(network),
            antialias=False,
        )
    except (RuntimeError, KeyError, TypeError) as error:
        raise ValueError(
            f"{network} must be the weights of the Inception network: they do not fit; {remedy}."
        ) from error
    checksum = hashlib.sha256(Path(network).read_bytes()).hexdigest()
    return metric, (
        f"FID by torchmetrics, the {LAYER} outputs of the last pooling of Inception, images "
        f"rounded to 8 bits and resized to {SIDE} x {SIDE} by TensorFlow's bilinear rule, grey "
        f"ones with three equal channels; weights {Path(network).name}, sha256 {checksum}"
    )


def _bytes(batch: np.ndarray, device: torch.device) -> torch.Tensor:
    x = np.rint(np.clip(batch, 0, 255)).astype(np.uint8)
    x = np.repeat(x, 3, axis=1) if x.shape[1] == 1 else x
    return torch.from_numpy(np.ascontiguousarray(x)).to(device)
