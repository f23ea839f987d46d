"""Product and fold in one pass over memory, for a GPU when no gradient is needed.

`folding.product_and_fold` has the equation. A program of the kernel reads the aliases of some
frequencies once for all angles t, and the filters once for several x. It writes nothing but the
folded spectra. It needs only half of the spectrum of a real x, because

    x_hat(-w) = conj x_hat(w).

A program holds blocks with the axes (spectrum, angle, frequency).
"""

import torch
import triton
import triton.language as tl

BLOCK = 64  # frequencies in a program
SPECTRA = 32  # spectra in a program, over all angles: more would not fit in its registers


def product_and_fold(x_hat: torch.Tensor, f_hat: torch.Tensor, k: int) -> torch.Tensor:
    """Return the spectra of x * f subsampled by k, divided by their number of frequencies h w.

    An inverse FFT without a norm then gives x * f. The numbers are those of
    `folding.product_and_fold`, for half of the spectrum of a real x. No gradient is recorded.

    Args:
        x_hat: Spectra from `torch.fft.rfft2`, (..., H, W/2 + 1) complex, on a GPU.
        f_hat: Real spectra of L filters, (L, H, W), on the same GPU.
        k: Step of the subsampling. It divides H and W.

    Returns:
        Folded spectra, (..., L, H/k, W/k) complex.
    """
    L, H, W = f_hat.shape
    x_hat, f_hat = x_hat.contiguous(), f_hat.contiguous()
    folded = x_hat.new_empty(*x_hat.shape[:-2], L, H // k, W // k)
    angles = triton.next_power_of_2(L)
    n, spectra = x_hat.shape[:-2].numel(), max(1, SPECTRA // angles)
    blocks = triton.cdiv(H // k * (W // k), BLOCK)
    with torch.cuda.device_of(x_hat):  # Triton launches on the current device
        _kernel[(triton.cdiv(n, spectra) * blocks,)](
            torch.view_as_real(x_hat),
            f_hat,
            torch.view_as_real(folded),
            n,
            H,
            W,
            blocks,
            k=k,
            L=L,
            ANGLES=angles,
            BLOCK=BLOCK,
            SPECTRA=spectra,
        )
    return folded


@triton.jit(do_not_specialize=["n", "blocks"])  # they change with the batch, and need no new kernel
def _kernel(
    x_hat,
    f_hat,
    folded,
    n,
    H,
    W,
    blocks,
    k: tl.constexpr,
    L: tl.constexpr,
    ANGLES: tl.constexpr,
    BLOCK: tl.constexpr,
    SPECTRA: tl.constexpr,
):
    """Write the folded spectra of some frequencies, for some x and all angles.

    folded[i, t, a, b] = sum_{p,q < k} x_hat[i, a + p h, b + q w] f_hat[t, a + p h, b + q w] / (H W)
    """
    h, w, half = H // k, W // k, W // 2 + 1
    first = tl.program_id(0) % blocks * BLOCK  # frequencies are counted row by row
    i = tl.program_id(0) // blocks * SPECTRA + tl.arange(0, SPECTRA)
    i = i.to(tl.int64)[:, None, None]  # (SPECTRA, 1, 1)
    t = tl.arange(0, ANGLES)[None, :, None]  # (1, ANGLES, 1)
    frequency = first + tl.arange(0, BLOCK)[None, None, :]  # (1, 1, BLOCK)
    a, b = frequency // w, frequency % w
    real = tl.zeros((SPECTRA, ANGLES, BLOCK), f_hat.dtype.element_ty)
    imaginary = tl.zeros((SPECTRA, ANGLES, BLOCK), f_hat.dtype.element_ty)
    for p in range(k):
        for q in tl.static_range(k):
            row, column = a + p * h, b + q * w
            f = tl.load(f_hat + (t * H + row) * W + column, mask=(t < L) & (a < h), other=0)
            # x_hat ends at the column half: beyond, take the conjugate at the opposite frequency
            mirrored = column >= half
            place = tl.where(mirrored, (H - row) % H * half + W - column, row * half + column)
            source = x_hat + 2 * (i * H * half + place)  # (SPECTRA, 1, BLOCK)
            there = (i < n) & (a < h)
            real += tl.load(source, mask=there, other=0) * f
            imaginary += tl.load(source + 1, mask=there, other=0) * tl.where(mirrored, -f, f)
    parts = tl.interleave(real, imaginary) / (H * W)  # (SPECTRA, ANGLES, 2 BLOCK)
    to = 2 * first + tl.arange(0, 2 * BLOCK)[None, None, :]  # (1, 1, 2 BLOCK)
    inside = (i < n) & (t < L) & (to < 2 * h * w)
    tl.store(folded + (i * L + t) * 2 * h * w + to, parts, mask=inside)
