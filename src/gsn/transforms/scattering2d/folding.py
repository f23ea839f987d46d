"""Product and fold: a convolution and a subsampling in the Fourier domain, with gradients.

Subsampling by k folds a spectrum. Of its H x W frequencies, h x w = H/k x W/k remain, and each
becomes the mean of its k^2 aliases:

    y_hat[row, column] = 1/k^2 sum_{a,b < k} (x_hat f_hat)[a h + row, b w + column],

where y is x * f subsampled by k. A reshape of the axis of length H to (k, h) separates a from row.
"""

import torch


def product_and_fold(x_hat: torch.Tensor, f_hat: torch.Tensor, k: int) -> torch.Tensor:
    """Return the spectra of x * f subsampled by k, divided by their number of frequencies h w.

    An inverse FFT without a norm then gives x * f. For k > 2 there is one matrix product for each
    output frequency, (n, k^2) with (k^2, L). For k = 2, a sum of four products is faster.

    Args:
        x_hat: Spectra, (..., H, W) complex.
        f_hat: Real spectra of L filters, (L, H, W).
        k: Step of the subsampling. It divides H and W.

    Returns:
        Folded spectra, (..., L, H/k, W/k) complex.

    Example:
        >>> import torch
        >>> from gsn.transforms.scattering2d.folding import product_and_fold
        >>> x, f_hat = torch.rand(5, 8, 8), torch.ones(1, 8, 8)  # f is a unit impulse
        >>> y = torch.fft.ifft2(product_and_fold(torch.fft.fft2(x), f_hat, 4), norm="forward")
        >>> torch.allclose(y[:, 0].real, x[:, ::4, ::4], atol=1e-6)
        True
    """
    *batch, H, W = x_hat.shape
    L, h, w = len(f_hat), H // k, W // k
    f_hat = f_hat / (H * W)
    if k == 1:
        return x_hat.unsqueeze(-3) * f_hat  # (..., L, H, W)
    if k == 2:
        planes = torch.view_as_real(x_hat).movedim(-1, 0)  # (2, ..., H, W), real and imaginary
        planes = planes.reshape(2, -1, 1, k, h, k, w)  # (2, n, 1, a, row, b, column)
        f_hat = f_hat.reshape(L, k, h, k, w)  # (L, a, row, b, column)
        folded = planes[:, :, :, 0, :, 0] * f_hat[:, 0, :, 0]  # (2, n, L, row, column)
        for a, b in ((0, 1), (1, 0), (1, 1)):
            folded.addcmul_(planes[:, :, :, a, :, b], f_hat[:, a, :, b])
        return torch.complex(folded[0], folded[1]).reshape(*batch, L, h, w)  # (..., L, h, w)
    aliases = torch.view_as_real(x_hat)  # (..., H, W, 2)
    aliases = aliases.reshape(-1, k, h, k, w, 2)  # (n, a, row, b, column, 2)
    aliases = aliases.permute(2, 4, 0, 5, 1, 3)  # (row, column, n, 2, a, b)
    aliases = aliases.reshape(h * w, -1, k * k)  # (h w, 2 n, k^2)
    f_hat = f_hat.reshape(L, k, h, k, w)  # (L, a, row, b, column)
    f_hat = f_hat.permute(2, 4, 1, 3, 0)  # (row, column, a, b, L)
    f_hat = f_hat.reshape(h * w, k * k, L)  # (h w, k^2, L)
    folded = torch.bmm(aliases, f_hat)  # (h w, 2 n, L)
    folded = folded.reshape(h, w, -1, 2, L)  # (row, column, n, 2, L)
    folded = folded.permute(2, 4, 0, 1, 3).contiguous()  # (n, L, row, column, 2)
    return torch.view_as_complex(folded).reshape(*batch, L, h, w)  # (..., L, h, w)
