"""The scattering transform of 8-bit images, batch by batch."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from gsn.transforms.scattering2d import Scattering2D


@torch.inference_mode()
def of_images(
    S: "Scattering2D", batches: Iterable[np.ndarray], *, device: torch.device, dtype: torch.dtype
) -> Iterator[torch.Tensor]:
    """Yield S_J of batches of 8-bit images, with the channels of all colours on one axis.

    Pixels are divided by 255 first. Makes one pass over the batches, and holds one batch and its
    coefficients.

    Args:
        S: Scattering transform.
        batches: Batches of images, (n, c, H, W) uint8.
        device: Device to compute on.
        dtype: Type of the results. float16 has 11 bits: coefficients below 1 are rounded by at
            most 2^-12.

    Yields:
        Coefficients of each batch, (n, c K, H/2^J, W/2^J), on the device. The K paths of the
        first colour come first.

    Example:
        >>> import numpy as np, torch
        >>> from gsn.transforms.scattering2d import Scattering2D, of_images
        >>> S, x = Scattering2D(J=2, shape=(16, 16)), np.zeros((5, 3, 16, 16), dtype=np.uint8)
        >>> (y,) = of_images(S, [x], device=torch.device("cpu"), dtype=torch.float16)
        >>> y.shape
        torch.Size([5, 243, 4, 4])
    """
    for x in batches:
        pixels = torch.from_numpy(np.ascontiguousarray(x))  # torch takes no reversed axes
        yield S(pixels.to(device).float() / 255).flatten(1, 2).to(dtype)
