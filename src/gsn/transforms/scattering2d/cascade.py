"""S_J in operations of torch, which can be differentiated, traced and run on a GPU."""

from collections.abc import Callable, Sequence

import torch

from gsn.transforms.scattering2d import folding, tracing


def scatter(
    x: torch.Tensor,
    filter_of: Callable[..., torch.Tensor],
    *,
    resolution: Sequence[int],
    max_order: int,
    kernel: Callable | None,
    average: Callable | None = None,
) -> torch.Tensor:
    """Return the scattering coefficients of planes.

    Args:
        x: Planes, (n, H, W) float32 or float64.
        filter_of: Function of x, a name of `filters.Bank` and a key that returns a filter.
        resolution: For each scale j < J, the r of the resolution 2^-r of |x * psi_j|.
        max_order: Largest number of wavelets on a path, 1 or 2.
        kernel: `fused.product_and_fold`, or None for operations of torch alone.
        average: Function of a modulus (..., h, w) and its scale j in place of the low-pass, which
            returns (..., h', w') for any h', w'. The scale of the image itself is -1.

    Returns:
        Coefficients, (n, K, H/2^J, W/2^J).
    """
    fft2 = torch.fft.rfft2 if kernel else torch.fft.fft2
    fold = kernel or folding.product_and_fold

    def propagate(U_hat: torch.Tensor, j: int, r: int) -> torch.Tensor:
        """Return |U * psi_{j,t}| at its resolution, for U at the resolution 2^-r.

        (..., H, W) -> (..., L, H / k, W / k).
        """
        folded = fold(U_hat, filter_of(U_hat, "psi", j, r), 2 ** (resolution[j] - r))
        return torch.fft.ifft2(folded, norm="forward").abs()

    def lowpass(U: torch.Tensor, j: int, r: int) -> torch.Tensor:
        """Return U * phi_J, subsampled to 2^-J and unpadded.

        (..., H_padded/2^r, W_padded/2^r) -> (..., H/2^J, W/2^J).
        """
        if average:
            return average(U, j)
        return filter_of(U, "rows", r) @ (U @ filter_of(U, "columns", r).T)

    reflect0, reflect1 = (filter_of(x, "reflect", axis) for axis in (0, 1))
    U0 = x[:, reflect0][:, :, reflect1]  # (n, H_padded, W_padded)
    S0, S1, S2 = [lowpass(U0, -1, 0)[:, None]], [], []
    U0_hat = fft2(U0)
    for j1, r in enumerate(resolution):
        U1 = propagate(U0_hat, j1, 0)  # (n, L, H/2^r, W/2^r)
        S1.append(lowpass(U1, j1, r))
        if max_order == 2 and j1 < len(resolution) - 1:
            U1_hat = fft2(U1)
            deeper = list(enumerate(resolution))[j1 + 1 :]
            below = [lowpass(propagate(U1_hat, j2, r), j2, r2) for j2, r2 in deeper]
            second = torch.stack(below, dim=2)  # (n, t1, j2, t2, h, w)
            S2.append(second.flatten(1, 3))  # (n, paths of j1, h, w)
    return torch.cat(S0 + S1 + S2, dim=1)


def batch(x: torch.Tensor, frequencies: int) -> int:
    """Return the number of planes for which the spectra of a scale stay within a budget.

    Args:
        x: Planes, (n, H, W).
        frequencies: Number of frequencies of all angles of a plane.
    """
    budget = 2**29 if x.is_cuda else 2**23  # bytes
    return max(1, budget // (2 * x.element_size() * frequencies))


def scaled(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Return images with maxima near 1, and the powers of two that undo it; None if all are 1.

    S(a x) = a S(x), but squares of very small or large numbers underflow or overflow. A power of
    two changes no digit. An image whose maximum is between 2^-20 and 2^20, or is not finite, stays
    as it is. A trace has no branch: it computes the powers whatever the values are.
    """
    maximum = x.detach().abs().amax(dim=(-2, -1), keepdim=True)
    usual = (maximum >= 2.0**-20) & (maximum <= 2.0**20) | (maximum == 0) | ~maximum.isfinite()
    if not tracing.follows(x) and usual.all():
        return x, None
    # not the whole range: gradients pass through multiplied by the power
    most = 100 if x.dtype == torch.float32 else 900
    exponent = torch.frexp(maximum).exponent.clamp(-most, most)
    scale = torch.ldexp(torch.ones_like(maximum), exponent).masked_fill(usual, 1)
    return x / scale, scale
