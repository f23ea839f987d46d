"""Product and fold in one pass over memory, for a GPU and where no gradient is wanted.

The spectrum of x * psi_t subsampled by k is the mean over the k^2 aliases of each frequency of x_hat psi_t_hat. A
program reads the aliases of some frequencies once for all angles t, and the filters once for several x. It needs half
of the spectrum of a real x only,

    x_hat(-w) = conj x_hat(w),

and writes nothing but the folded spectra.
"""

import torch
import triton
import triton.language as tl

BLOCK = 64  # frequencies of a program
SPECTRA = 32  # of a program, all angles together: more would not fit in its registers


def product_and_fold(x_hat: torch.Tensor, f_hat: torch.Tensor, k: int) -> torch.Tensor:
    """The spectra of x * psi_t subsampled by k, over their number of frequencies: for an inverse FFT without a norm.

    (..., H, W/2 + 1) complex, which is rfft2(x), and (L, H, W) real -> (..., L, H/k, W/k) complex. k divides H and W.
    """
    L, H, W = f_hat.shape
    x_hat, f_hat = x_hat.contiguous(), f_hat.contiguous()
    folded = x_hat.new_empty(*x_hat.shape[:-2], L, H // k, W // k)
    angles = triton.next_power_of_2(L)
    n, spectra = x_hat.shape[:-2].numel(), max(1, SPECTRA // angles)
    blocks = triton.cdiv(H // k * (W // k), BLOCK)
    with torch.cuda.device_of(x_hat):  # Triton launches on the current one
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


@triton.jit(do_not_specialize=["n", "blocks"])  # they change with the batch: no kernel for each
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
    """folded[i, t, a, b] = sum over p, q of x_hat[i, a + p h, b + q w] f_hat[t, a + p h, b + q w] / H W."""
    h, w, half = H // k, W // k, W // 2 + 1
    first = tl.program_id(0) % blocks * BLOCK  # of the frequencies, a row after the other
    i = (tl.program_id(0) // blocks * SPECTRA + tl.arange(0, SPECTRA)).to(tl.int64)[:, None, None]
    t = tl.arange(0, ANGLES)[None, :, None]
    frequency = first + tl.arange(0, BLOCK)[None, None, :]
    a, b = frequency // w, frequency % w
    real = tl.zeros((SPECTRA, ANGLES, BLOCK), f_hat.dtype.element_ty)
    imaginary = tl.zeros((SPECTRA, ANGLES, BLOCK), f_hat.dtype.element_ty)
    for p in range(k):
        for q in tl.static_range(k):
            row, column = a + p * h, b + q * w
            f = tl.load(f_hat + (t * H + row) * W + column, mask=(t < L) & (a < h), other=0)
            mirrored = column >= half  # there the spectrum is the conjugate of that at the opposite frequency
            place = tl.where(mirrored, (H - row) % H * half + W - column, row * half + column)
            source = x_hat + 2 * (i * H * half + place)
            there = (i < n) & (a < h)
            real += tl.load(source, mask=there, other=0) * f
            imaginary += tl.load(source + 1, mask=there, other=0) * tl.where(mirrored, -f, f)
    parts = tl.interleave(real, imaginary) / (H * W)
    to = 2 * first + tl.arange(0, 2 * BLOCK)[None, None, :]
    tl.store(folded + (i * L + t) * 2 * h * w + to, parts, mask=(i < n) & (t < L) & (to < 2 * h * w))
