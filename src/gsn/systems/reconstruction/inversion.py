"""x from S_J x, by a descent from white noise.

    x~ in argmin ||S_J x~ - S_J x||

Orders 1 and 2 do not see the mean m of x, and S_J is homogeneous. So the descent is in the units

    x' = (x - m) / a,        <|S_J n|, |S_J x|> = a ||S_J n||^2 over order 1,  n white noise

in which all images are alike, whatever their brightness and contrast, and order 0 does not dominate
the loss by its mean. Each path has a weight, the inverse of its size for a Dirac. Every start is
white noise of variance 1 in these units. It descends first on order 0, then also on the paths that
begin at the coarsest scale, then on those of finer and finer scales, and most of its steps on all.
Of several starts the one with the smallest error is kept.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from gsn.inverse import descent
from gsn.runtime import arguments
from gsn.transforms import Scattering2D

COARSE = 0.25  # share of the steps that is for the coarser scales alone
ANCHOR = 1e-6  # a constant coefficient: the errors of a stage whose target is 0 are divided by it

Array = np.ndarray | torch.Tensor


@dataclass(frozen=True)
class Reconstruction:
    """Images that were reconstructed from their coefficients.

    Errors are ||S(x~) - S|| / ||S - S(m)||, where m is the mean of the image: that of the constant
    image is 1.

    Attributes:
        x: The best start of each image, (..., H, W).
        error: Its error, (...).
        starts: Errors of all starts, (n_starts, ...).
        losses: Weighted errors, which the descent sees, of the best start after each step on all
            scales, (steps + 1, ...).
        evaluations: Number of evaluations of S and its gradient, over all images and starts.
        seconds: Duration.
    """

    x: Array
    error: Array
    starts: Array
    losses: Array
    evaluations: int
    seconds: float


def reconstruct(
    S: Array,
    transform: Scattering2D,
    *,
    n_starts: int = 4,
    steps: int = 600,
    tolerance: float = 1e-4,
    seed: int = 0,
    checkpoint: str | Path | None = None,
    stamp: str = "",
) -> Reconstruction:
    """Return images whose scattering coefficients are the given ones.

        x~ in argmin ||W (S_J x~ - S)||,        W = diag 1 / ||S_J of a Dirac||

    Each image is reconstructed by itself: others in the batch change nothing. Computes where S is,
    in its precision. Memory holds all starts of all images, with what a gradient of S keeps.

    Args:
        S: Coefficients of images or planes, (..., K, H/2^J, W/2^J) float32 or float64, or (..., K)
            where the transform has the means over the whole image. A numpy array is accepted too.
        transform: Transform that made them, for images of shape (H, W). J may reach 2^J = N.
        n_starts: Number of starts for each image.
        steps: Number of steps of L-BFGS for each start.
        tolerance: Weighted error, as in `losses`, at which a descent ends.
        seed: Seed of the starts, which are the same for all images.
        checkpoint: Folder of the states of the descents, at most two minutes old, from which an
            interrupted run continues; the caller deletes it. None to keep none.
        stamp: Whatever else the run depends on, such as a digest of the code.

    Returns:
        Images in the kind and dtype of S, with their errors.

    Raises:
        ValueError: S does not have the shape of the transform, is not finite, has no image, or is
            that of a constant image.
        SystemExit: SIGTERM, SIGINT or SIGHUP arrived, and the state was saved to the checkpoint.

    References:
        J. Bruna and S. Mallat, Invariant scattering convolution networks, IEEE TPAMI 35(8), 2013.

    Example:
        >>> import torch
        >>> from gsn.systems.reconstruction import reconstruct
        >>> from gsn.transforms import Scattering2D
        >>> transform = Scattering2D(J=2, shape=(8, 8), L=4)
        >>> S = transform(torch.rand(3, 8, 8, dtype=torch.float64))
        >>> found = reconstruct(S, transform, n_starts=2, steps=20)
        >>> found.x.shape, found.starts.shape, bool((found.error < 0.2).all())
        (torch.Size([3, 8, 8]), torch.Size([2, 3]), True)
    """
    n_starts = arguments.integer("n_starts", n_starts, least=1)
    steps = arguments.integer("steps", steps, least=1)
    seed = arguments.integer("seed", seed, least=0)
    tolerance = arguments.real("tolerance", tolerance, least=0, such_as=1e-4)
    given, batch = _checked(S, transform)
    noise = _white(n_starts, transform, given, seed)  # (n_starts, H, W)
    target, mean, scale = _normalised(given, transform, noise[:1])
    weights = _weights(transform, given)
    n = len(target)
    x = noise[:, None].expand(-1, n, -1, -1).flatten(0, 1)  # (n_starts n, H, W)
    target = target.expand(n_starts, *target.shape).flatten(0, 1)
    evaluations, seconds = 0, 0.0
    for i, (kept, few) in enumerate(_stages(transform, steps, given.device)):
        found = descent.descend(
            lambda x, kept=kept: _anchored((weights * transform(x))[:, kept]),
            _anchored((weights * target)[:, kept]),
            x,
            steps=few,
            tolerance=tolerance,
            checkpoint=None if checkpoint is None else Path(checkpoint) / f"stage_{i}.pt",
            stamp=stamp,
        )
        x = found.x
        evaluations += int(found.evaluations.sum())
        seconds += found.seconds
    starts = _error(transform, x, target).reshape(n_starts, n)
    best = starts.argmin(dim=0), torch.arange(n, device=x.device)
    x = x.reshape(n_starts, n, *x.shape[1:])[best] * scale + mean
    losses = torch.as_tensor(found.losses).to(x.device).reshape(-1, n_starts, n)[:, *best]
    shaped = (
        part.reshape((*part.shape[:axis], *batch, *part.shape[axis + 1 :]))
        for part, axis in ((x, 0), (starts[best], 0), (starts, 1), (losses, 1))
    )
    kind = (part.numpy() for part in shaped) if isinstance(S, np.ndarray) else shaped
    return Reconstruction(*kind, evaluations=evaluations, seconds=seconds)


def _checked(S: Array, transform: Scattering2D) -> tuple[torch.Tensor, tuple[int, ...]]:
    """Return coefficients as a tensor (n, K, ...), and the shape of the batch."""
    if not isinstance(S, torch.Tensor):
        S = torch.from_numpy(np.ascontiguousarray(arguments.array("S", S, kinds="f")))
    one = torch.zeros(1, *transform.shape, dtype=torch.float32)
    expected = tuple(transform(one).shape[1:])
    axes = len(expected)
    if S.shape[-axes:] != expected or S.dtype not in (torch.float32, torch.float64):
        raise ValueError(
            f"S must have the shape (..., {', '.join(map(str, expected))}) of this transform in "
            f"float32 or float64: got {tuple(S.shape)} in {S.dtype}; use transform(x)."
        )
    flat = S.detach().reshape(-1, *expected)
    if not len(flat):
        raise ValueError(f"S must be that of at least one image: got the shape {tuple(S.shape)}.")
    if not flat.isfinite().all():
        raise ValueError("S must be finite: got NaN or infinity; leave those images out.")
    return flat, S.shape[: S.ndim - axes]


def _white(n: int, transform: Scattering2D, like: torch.Tensor, seed: int) -> torch.Tensor:
    """Return white noise of mean 0 and variance 1, (n, H, W); the first draws are those of less."""
    generator = torch.Generator().manual_seed(seed)
    shape = (n, *transform.shape)
    noise = torch.randn(shape, generator=generator, dtype=torch.float64)
    noise = noise - noise.mean(dim=(1, 2), keepdim=True)
    return noise.to(like.device, like.dtype)


def _normalised(
    S: torch.Tensor, transform: Scattering2D, noise: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the coefficients of (x - m) / a, and m and a of each image, (n, 1, 1)."""
    with torch.no_grad():
        one = transform(torch.ones_like(noise))[:, :1]  # order 0 of the constant 1
        first = torch.as_tensor(transform.meta()["order"] == 1, device=S.device)
        of_noise = transform(noise)[:, first].flatten(1)
    mean = S[:, :1].flatten(1).mean(dim=1) / one.mean()  # (n,)
    scale = S[:, first].flatten(1) @ of_noise[0] / of_noise.square().sum()  # (n,)
    noise_of_mean = 100 * torch.finfo(S.dtype).eps * mean.abs()  # what rounding leaves of order 1
    if len(flat := torch.nonzero(scale <= noise_of_mean)):
        raise ValueError(
            "S must be that of images that vary: got order 1 without a value above its rounding "
            f"errors in image {flat[0].item()}, which is constant; leave it out."
        )
    each = (-1, *[1] * (S.ndim - 1))  # an axis for each of S
    centred = torch.cat([S[:, :1] - mean.reshape(each) * one, S[:, 1:]], dim=1)
    return centred / scale.reshape(each), mean[:, None, None], scale[:, None, None]


def _weights(transform: Scattering2D, like: torch.Tensor) -> torch.Tensor:
    """Return the weight of each path in the loss, (K, ...): 1 / ||S(x)|| of a Dirac, 1 for order 0.

    All frequencies of a Dirac are alike, so its coefficients tell the gain of each path.
    """
    dirac = torch.zeros(1, *transform.shape, dtype=like.dtype, device=like.device)
    dirac[0, transform.shape[0] // 2, transform.shape[1] // 2] = 1
    with torch.no_grad():
        gain = transform(dirac)[0].reshape(transform.K, -1).norm(dim=1)
    gain = gain / gain[torch.as_tensor(transform.meta()["order"] == 1, device=like.device)].mean()
    gain[0] = 1
    return (1 / gain).reshape(-1, *[1] * (like.ndim - 2))


def _stages(
    transform: Scattering2D, steps: int, device: torch.device
) -> list[tuple[torch.Tensor, int]]:
    """Return the channels of each stage, those of all scales last, and its number of steps."""
    first, J = transform.meta()["j1"], transform.J
    # Order 0 alone comes first, unless it is the mean, which all starts have.
    coarse = list(range(J - transform.moments, 0, -1))
    few = int(COARSE * steps / max(len(coarse), 1))
    coarse = [(j, few) for j in coarse if few]
    last = [(0, steps - few * len(coarse))]
    return [
        (torch.as_tensor(np.flatnonzero((first < 0) | (first >= j)), device=device), number)
        for j, number in coarse + last
    ]


def _anchored(S: torch.Tensor) -> torch.Tensor:
    """Return coefficients, (n, ...), as rows with a constant at their end, (n, M + 1).

    A grating of one fine scale has no coarse coefficients: a relative error would divide by 0.
    """
    return torch.cat([S.flatten(1), S.new_full((len(S), 1), ANCHOR)], dim=1)


def _error(transform: Scattering2D, x: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Return ||S(x) - target|| / ||target|| of each image, (n,)."""
    with torch.no_grad():
        difference = (transform(x) - target).flatten(1)
    return difference.norm(dim=1) / target.flatten(1).norm(dim=1)
