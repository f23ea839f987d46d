"""Reconstruction from a sinogram by filtered back-projection, and by iterations (SIRT).

    FBP     x = pi / (2 n) A^T (h * y)          along the detectors, n angles
    SIRT    x <- [x + C A^T R (y - A x)]_+      C, R: 1 / sums of the columns and of the rows of A

h is the ramp filter, sampled in space so that the mean is right (Kak & Slaney 1988, section 3.3),
times a Hann window that ends at a cutoff. With n angles over a part of 180 degrees, FBP takes what
is missing for 0.

References:
    A. C. Kak and M. Slaney, Principles of computerized tomographic imaging, IEEE Press, 1988.

    J. Gregor and T. Benson, Computational analysis and improvement of SIRT, IEEE Transactions on
    Medical Imaging 27(7), 2008.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch

from gsn.inverse.operators.radon import Radon
from gsn.runtime import arguments


def filtered(A: Radon, y: torch.Tensor, *, cutoff: float = 1.0) -> torch.Tensor:
    """Return the filtered back-projection of sinograms.

    Args:
        A: Radon transform. Its angles may be any; each stands for 180 degrees / n.
        y: Sinograms, (..., angles, detectors).
        cutoff: Frequency at which the Hann window ends, as a fraction of 1/2 cycle a detector.

    Returns:
        Images, (..., H, W).

    Example:
        >>> import numpy as np, torch
        >>> from gsn.inverse import backprojection
        >>> from gsn.inverse.operators.radon import Radon
        >>> A = Radon(np.arange(0, 180, 3), (32, 32))
        >>> x = torch.zeros(32, 32)
        >>> x[8:24, 8:24] = 1
        >>> found = backprojection.filtered(A, A(x))
        >>> round(float(found[12:20, 12:20].mean()), 2)
        1.0
    """
    cutoff = arguments.real("cutoff", cutoff, above=0, such_as=1.0)
    h = torch.from_numpy(ramp(A.detectors, cutoff)).to(y)
    n = 2 * (len(h) - 1)
    spectrum = torch.fft.rfft(y, n) * h
    return A.adjoint(torch.fft.irfft(spectrum, n)[..., : A.detectors]) * (math.pi / len(A.angles))


def ramp(detectors: int, cutoff: float = 1.0) -> np.ndarray:
    """Return the ramp filter at the frequencies of a padded row, (n/2 + 1,) float64.

    Example:
        >>> from gsn.inverse.backprojection import ramp
        >>> h = ramp(32, cutoff=1e9)  # without a window: |f| in cycles a detector
        >>> round(float(h[-1]), 2), round(float(h[16]), 3)
        (0.5, 0.25)
    """
    n = 2 ** math.ceil(math.log2(2 * detectors))
    place = np.minimum(np.arange(n), n - np.arange(n))
    odd = place % 2 == 1
    h = np.zeros(n)
    h[0], h[odd] = 1 / 4, -1 / (math.pi * place[odd]) ** 2
    frequency = np.arange(n // 2 + 1) / (n / 2) / cutoff
    window = np.where(frequency < 1, np.cos(math.pi * np.minimum(frequency, 1) / 2) ** 2, 0.0)
    return np.fft.rfft(h).real * window


@torch.no_grad()
def sirt(
    A: Radon, y: torch.Tensor, *, iterations: Sequence[int], start: torch.Tensor | None = None
) -> torch.Tensor:
    """Return the iterates of SIRT after some numbers of iterations.

    Args:
        A: Radon transform.
        y: Sinograms, (n, angles, detectors).
        iterations: Increasing numbers of iterations.
        start: Images to start from, (n, H, W); None for 0.

    Returns:
        Images, (len(iterations), n, H, W), none of them negative.

    Example:
        >>> import torch
        >>> from gsn.inverse.backprojection import sirt
        >>> from gsn.inverse.operators.radon import Radon
        >>> A = Radon([0, 45, 90, 135], (8, 8))
        >>> x = torch.rand(1, 8, 8)
        >>> first, last = sirt(A, A(x), iterations=[1, 100])
        >>> bool((A(last) - A(x)).norm() < 0.1 * (A(first) - A(x)).norm())
        True
    """
    rows, columns = A(y.new_ones(1, *A.shape)), A.adjoint(y.new_ones(1, *A.measured))
    R, C = (torch.where(sums > 1e-6, 1 / sums, 0) for sums in (rows, columns))
    x, found = y.new_zeros(len(y), *A.shape) if start is None else start, []
    for k in range(1, max(iterations) + 1):
        x = (x + C * A.adjoint(R * (y - A(x)))).clamp(min=0)
        if k in iterations:
            found.append(x)
    return torch.stack(found)
