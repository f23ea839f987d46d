"""The structural similarity of images (SSIM), with the settings of its authors.

SSIM compares means, variances and the covariance of the pixels of two images in windows that a
Gaussian of deviation 1.5 pixels weighs. It is 1 for equal images, and is averaged over windows and
colours.

References:
    Z. Wang, A. C. Bovik, H. R. Sheikh and E. P. Simoncelli, Image quality assessment: from error
    visibility to structural similarity, IEEE Transactions on Image Processing, 2004.
"""

import numpy as np
from skimage.metrics import structural_similarity

WINDOW = 11  # pixels: 3.5 deviations on either side


def ssim(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the SSIM of each image, by scikit-image with the settings of Wang et al. (2004).

    Args:
        x: Images, (n, c, N, N), in [0, 255].
        y: Other images, of the shape of x, in [0, 255].

    Returns:
        Similarities of at most 1, (n,) float64.

    Raises:
        ValueError: The shapes differ, or a side has fewer than 11 pixels.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.similarity import ssim
        >>> x = np.random.default_rng(0).integers(0, 256, size=(2, 3, 16, 16))
        >>> ssim(x, x).tolist()
        [1.0, 1.0]
    """
    if x.shape != y.shape or x.ndim != 4 or min(x.shape[2:]) < WINDOW:
        raise ValueError(
            f"SSIM needs two arrays (n, c, N, N) of one shape, N of at least {WINDOW}: got "
            f"{x.shape} and {y.shape}."
        )
    settings = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return np.array(
        [
            structural_similarity(
                one.astype(np.float64),
                other.astype(np.float64),
                data_range=255,
                channel_axis=0,
                **settings,
            )
            for one, other in zip(x, y, strict=True)
        ],
        dtype=np.float64,
    )
