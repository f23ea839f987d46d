"""S_J and kymatio's transform on the same images: relative difference and time.

Only this module needs kymatio: `pip install generative-scattering[workflow]` installs it.

References:
    M. Andreux et al., Kymatio: Scattering transforms in Python, JMLR 21, 2020.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

from gsn.runtime import machine
from gsn.transforms.scattering2d import Scattering2D

COLUMNS = ("transform", "images", "seconds", "images_per_second", "relative_difference", "machine")
REPEATS = 3


def compare(x: np.ndarray, *, J: int, L: int) -> tuple[tuple[str, ...], list[tuple]]:
    """Scatter images with both transforms, in turn, on one machine.

    Memory holds the images and two sets of coefficients.

    Args:
        x: Images, (n, c, N, N) uint8.
        J: Scale of averaging, as log2.
        L: Number of angles.

    Returns:
        COLUMNS, and a row for each transform, with the median time of three runs and the relative
        difference from the coefficients of kymatio.

    References:
        M. Andreux et al., Kymatio: Scattering transforms in Python, JMLR 21, 2020.

    Example:
        >>> import numpy as np
        >>> from gsn.transforms.scattering2d.comparison import compare
        >>> columns, rows = compare(np.zeros((1, 3, 8, 8), dtype=np.uint8) + 9, J=1, L=2)
        >>> [row[0] for row in rows]
        ['gsn', 'kymatio']
    """
    # not kymatio.torch: it needs an old scipy
    from kymatio.scattering2d.frontend.torch_frontend import ScatteringTorch2D

    device = machine.device()
    images = torch.from_numpy(x).to(device).float() / 255
    transforms = {
        "gsn": Scattering2D(J, x.shape[2:], L),
        "kymatio": ScatteringTorch2D(J, x.shape[2:], L).to(device),
    }
    times, S = {name: [] for name in transforms}, {}
    with torch.inference_mode():
        for transform in transforms.values():
            transform(images)  # compiles it, and puts its filters on the device
        for _ in range(REPEATS):
            for name, transform in transforms.items():
                seconds, S[name] = _timed(transform, images)
                times[name].append(seconds)
    expected = S["kymatio"].double()
    rows = []
    for name in transforms:
        seconds = statistics.median(times[name])
        difference = (
            torch.linalg.norm(S[name].double() - expected) / torch.linalg.norm(expected)
        ).item()
        measured = f"{seconds:.4g}", f"{len(x) / seconds:.4g}", f"{difference:.2g}"
        rows.append((name, len(x), *measured, machine.description()))
    return COLUMNS, rows


def _timed(transform: Callable, images: torch.Tensor) -> tuple[float, torch.Tensor]:
    """Return the seconds that a transform takes, and its result."""
    begun = time.perf_counter()
    S = transform(images)
    if S.is_cuda:
        torch.cuda.synchronize()
    return time.perf_counter() - begun, S
