"""The fit of super-resolution to training images, which are read in batches."""

from collections.abc import Iterator

import numpy as np
import torch

from gsn.decomposition import windows
from gsn.inverse import operands
from gsn.inverse.operators.sampling import Decimation
from gsn.networks.upscaling import Upscaler
from gsn.runtime import arguments, machine, progress
from gsn.systems.superresolution import linear
from gsn.systems.superresolution.model import SuperResolution, coarse_paths
from gsn.transforms import Scattering2D

BATCH = 64
FEW = 256  # images, evenly spaced, for the means of the paths
FLOOR = 0.002  # e, as a fraction of the mean of a path


def fit(
    x,
    *,
    factor: int,
    J: int = 3,
    L: int = 8,
    together: int = 1,
    network: Upscaler | None = None,
    first: linear.Linear | None = None,
    device: torch.device | str | None = None,
) -> SuperResolution:
    """Fit the linear estimates of an image and of its scattering coefficients from a small image.

    Makes two passes over the images, or one if `first` is given, in batches of 64. Memory holds
    sums of the size (9 C + D)^2, 289^2 for factor 4, J = 3 and L = 8.

    Args:
        x: Training images, (n, N, N) or (n, 1, N, N), float in [0, 1] or uint8, or an array of a
            store. At least ten groups of `together` images.
        factor: Factor s, a divisor of N.
        J: Scale of averaging, as log2; N must be a multiple of 2^J.
        L: Number of angles.
        together: Number of consecutive images that are alike, such as crops of one photograph. They
            are held out together when penalties are chosen.
        network: Network that corrects the linear estimate, already trained. None for none.
        first: Best linear estimate that was fitted before.
        device: Device to compute on; None for the first GPU, or the CPU.

    Returns:
        The fitted model, whose `upscale` takes small images.

    Raises:
        ValueError: The images do not fit the factor or J, are too few, or are not finite.

    References:
        J. Bruna, P. Sprechmann and Y. LeCun, Super-resolution with deep convolutional sufficient
        statistics, ICLR, 2016.

    Example:
        >>> import numpy as np
        >>> from gsn.systems import superresolution
        >>> x = np.random.default_rng(0).random((20, 16, 16)).astype(np.float32)
        >>> model = superresolution.fit(x, factor=2, J=2, L=2, device="cpu")
        >>> model.upscale(x[:3, ::2, ::2], steps=2).shape
        (3, 16, 16)
    """
    shape, together = _sides(x), arguments.integer("together", together, least=1)
    A, transform = Decimation(factor, shape), Scattering2D(J, shape, L)
    if any(side % 2**J for side in shape):
        raise ValueError(
            f"the sides of the images must be multiples of 2**J: got {shape[0]} x {shape[1]}, "
            f"J={J}; crop them, or use a smaller J."
        )
    device = machine.chosen(device)
    few = np.unique(np.linspace(0, len(x) - 1, FEW).astype(int))
    means = torch.zeros(transform.K, 1, 1)
    for i in few:
        S = transform(_images(x[i : i + 1], device)).cpu()
        means += S.mean(dim=(0, 2, 3))[:, None, None] / len(few)
    if not (means > 0).all():
        raise ValueError("x must vary: got constant images; use others.")
    if first is None:
        blocks = together * int(np.prod(A.measured))
        images = batches(x, device, "fit linear estimate")
        first = linear.fit(images, A.factor, together=blocks)
    model = SuperResolution(
        factor=A.factor,
        J=transform.J,
        L=transform.L,
        linear=first,
        windows=None,
        floors=FLOOR * means,
        scales=((1 + FLOOR) * means).sqrt(),
        network=network,
    )
    model.parts[A.shape] = A, transform
    coarse = coarse_paths(transform, A.factor)

    def triples():
        for images in batches(x, device, "fit coefficients"):
            f = model.roots(transform(model.first(A(images))))
            yield f[:, coarse], f[:, ~coarse], model.roots(transform(images))

    grid = (shape[0] // 2**J) * (shape[1] // 2**J)
    regression = windows.fit(triples(), together=together * grid)
    return SuperResolution(**vars(model) | {"windows": regression})


def batches(x, device: torch.device, label: str) -> Iterator[torch.Tensor]:
    """Yield images in batches as float32 in [0, 1], (n, H, W)."""
    bar = progress.Progress(total=len(x), unit="image", label=label)
    for i in range(0, len(x), BATCH):
        yield _images(x[i : i + BATCH], device)
        bar.update(min(BATCH, len(x) - i))
    bar.close()


def _sides(x) -> tuple[int, int]:
    """Return the sides of images."""
    shape = tuple(x.shape)
    if len(shape) not in (3, 4) or (len(shape) == 4 and shape[1] != 1) or not shape[0]:
        raise ValueError(
            f"x must be grey images, (n, H, W) or (n, 1, H, W): got the shape {shape}; "
            "use the mean over the colours."
        )
    return shape[-2:]


def _images(x, device: torch.device) -> torch.Tensor:
    """Return some images as float32 in [0, 1], (n, H, W)."""
    found = torch.from_numpy(operands.scaled("x", arguments.array("x", x))).to(device)
    if not torch.isfinite(found).all():
        raise ValueError("x must be finite: got NaN or infinity; leave those images out.")
    return found.reshape(-1, *found.shape[-2:])
