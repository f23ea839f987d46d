"""Settings of the embedding: the scattering transform, its store, and the whitening."""

from collections.abc import Iterator
from typing import Literal

from settings.section import Integer, Part, Section, field


class Scattering(Section):
    """How the scattering coefficients are stored."""

    dtype: Literal["float16", "float32"] = field(
        "Type of the stored numbers; float16 takes half the space, and moves z by 0.002 of its "
        "standard deviation",
        "float16",
    )
    shard: Integer = field(
        "Images per shard of the store; one job computes one shard", 8192, ge=8, multiple_of=8
    )


class Whitening(Section):
    """How the principal components of the coefficients are computed, and where."""

    solver: Literal["subspace", "incremental"] = field(
        "Algorithm of the PCA: subspace iteration, or scikit-learn's IncrementalPCA, which is "
        "slower and less accurate",
        "subspace",
    )
    scheduler: str = field(
        "Place of the computation",
        "threads",
        accepts="threads, processes, slurm, or the address of a running dask scheduler, "
        "such as tcp://host:8786",
        pattern="^(threads|processes|slurm|(tcp|tls|ucx|ws|wss)://.+)$",
    )
    workers: Integer = field("Number of processes, or of Slurm jobs", 4, ge=1)


class Settings(Part):
    """Embedding"""

    J: Integer = field("Log2 of the scale of the scattering transform, in octaves", 4, ge=1)
    L: Integer = field("Number of wavelet angles", 8, ge=1)
    d: Integer = field("Dimension of the whitened embedding z", 512, ge=1)
    rank: Integer = field(
        "Number of components that the PCA computes, by default d; one fit serves any d up to it",
        lambda known: known["d"],
        ge=1,
    )
    scattering: Scattering = field("Storage of the scattering coefficients", Scattering)
    whitening: Whitening = field("PCA of the coefficients, and where it is computed", Whitening)

    @classmethod
    def faults(cls, settings: dict) -> Iterator[str]:
        """Yield sides that cannot be halved J times, and dimensions that are too large."""
        N, J, L, d, rank = (settings[name] for name in ("N", "J", "L", "d", "rank"))
        train, channels = settings["train"], settings["channels"]
        if N % 2**J:
            side, largest = 2**J * (N // 2**J), (N & -N).bit_length() - 1
            while side >= 4 and not doubled(side):
                side -= 2**J
            remedies = [f"N={side}"] * (side >= 4)
            remedies += [f"J={largest}"] * (largest >= 1 and doubled(N))
            remedy = " or ".join(remedies) or f"N={2 ** max(J, 2)}"
            yield f"N must be a multiple of 2**J: got N={N}, J={J}; use {remedy}."
        p = min(coefficients(channels=channels, N=N, J=J, L=L), channels * N * N)
        most = min(train - 1, p)
        remedy = f"set d and rank, both, to {most} or less" if most else "use 2 images or more"
        if max(d, rank) >= train:
            yield (
                "d and rank must be less than the number of training images: "
                f"got d={d}, rank={rank}, train={train}; use more images, or {remedy}."
            )
        if max(d, rank) > p:
            yield (
                f"d and rank must be at most the number of coefficients and of pixel values, {p} "
                f"at N={N}, J={J}, L={L}: got d={d}, rank={rank}; {remedy}."
            )
        if d > rank:
            yield (
                f"d must be at most the rank of the PCA: got d={d}, rank={rank}; "
                f"use a smaller d, or set rank: {d}."
            )


def doubled(N: int) -> bool:
    """Return whether N = s 2^m with s from 4 to 7: a side that G reaches from s by doubling."""
    return N >= 4 and N % 2 ** (N.bit_length() - 3) == 0


def coefficients(*, channels: int, N: int, J: int, L: int) -> int:
    """Number of scattering coefficients of orders 0 to 2 of one image.

        p = c (1 + L J + L^2 J (J - 1) / 2) (N / 2^J)^2

    Args:
        channels: Number of channels of the image, c.
        N: Side of the image, in pixels.
        J: Log2 of the scale of the transform, in octaves.
        L: Number of wavelet angles.

    Returns:
        The number of coefficients, p.

    Example:
        >>> coefficients(channels=3, N=32, J=3, L=8)
        10416
    """
    return channels * (1 + L * J + L * L * J * (J - 1) // 2) * (N // 2**J) ** 2
