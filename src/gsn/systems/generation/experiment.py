"""A trained experiment as one object: Phi and G on images, from the files of the pipeline.

Phi(x) = D_d^{-1/2} Q_d^T (S(x) - mu),        G(Phi(x)) = x
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from gsn.decomposition import whitening
from gsn.networks import generator
from gsn.runtime import arguments, machine, store
from gsn.systems.generation import checks, opening
from gsn.transforms import scattering2d

WRITTEN = ("J", "L", "N", "max_order", "dtype")  # attributes of pca.zarr: how S was computed


class Experiment:
    """Phi and G of one experiment, from its folder `results/{dataset}/J{J}_L{L}/d{d}`.

    Two files are read: `generator.pt` in the folder, and `pca.zarr` in the folder above. A copy of
    these two is enough.

    Images go in as floats in [0, 1] or as uint8 in 0..255, and come out as float32 in [0, 1]. They
    may be an array (n, c, N, N), a tensor, or an array of a store, which is read in batches. Memory
    holds one batch and the result.

    No gradients are computed: tensors that require them are refused. For gradients use
    `gsn.transforms.Scattering2D` and `generator`, a Module with values in [-1, 1].

    Args:
        folder: Path of the experiment.
        device: Device to compute on; by default the first GPU, if there is one.
        batch: Number of images computed at once. It changes the results by rounding only.

    Attributes:
        d: Dimension of z.
        N: Side of the images, in pixels.
        channels: Number of colours of the images.
        J: log2 of the scale of the scattering transform.
        L: Number of wavelet angles.
        generator: Network G, in evaluation mode.
        device: Device to compute on.
        batch: Number of images computed at once.

    Raises:
        FileNotFoundError: One of the two files is missing.
        ValueError: The two files are not of the same experiment, one of them cannot be read, or the
            device does not exist.

    Example:
        >>> from gsn.data import polygons
        >>> experiment = Experiment("results/polygon5-32/J3_L8/d128")  # doctest: +SKIP
        >>> x = np.stack([polygons.draw(i, 32, split="test") for i in range(4)])
        >>> experiment.embed(x).shape  # doctest: +SKIP
        (4, 128)
        >>> experiment.interpolate(x[0], x[1], steps=9).shape  # doctest: +SKIP
        (9, 3, 32, 32)
    """

    def __init__(
        self, folder: str | Path, *, device: torch.device | str | None = None, batch: int = 64
    ):
        weights, pca = opening.files(folder)
        self.folder, self._laws = Path(folder), {}
        self.device, self.batch = machine.chosen(device), arguments.integer("batch", batch, least=1)
        self.generator = generator.load(weights, self.device)
        settings = self.generator.settings
        self.d, self.N, self.channels = (settings[name] for name in ("d", "N", "channels"))
        written, (rank, p) = store.attributes(pca), store.read(pca, "components").shape
        remake = opening.made(pca / "zarr.json", "--force ")
        if missing := [name for name in WRITTEN if name not in written]:
            raise ValueError(
                f"the attributes of {pca} must say how its coefficients were computed: "
                f"found no {', '.join(missing)}; {remake}."
            )
        self.J, self.L, self._dtype = written["J"], written["L"], getattr(torch, written["dtype"])
        shape = (written["N"], written["N"])
        self._S = scattering2d.Scattering2D(self.J, shape, self.L, written["max_order"])
        coefficients = self.channels * self._S.K * (self.N >> self.J) ** 2
        if written["N"] != self.N or coefficients != p or self.d > rank:
            raise ValueError(
                f"generator.pt and pca.zarr must be of one experiment: got N={self.N}, "
                f"{coefficients} coefficients and d={self.d} in {weights}, N={written['N']}, {p} "
                f"and up to {rank} in {pca}; copy both from one."
            )
        rows = {"mu": ..., "components": slice(self.d), "eigenvalues": slice(self.d)}
        self._basis = [store.read(pca, name)[chosen] for name, chosen in rows.items()]
        if not all(np.isfinite(array).all() for array in self._basis):
            raise ValueError(f"{pca} must be finite: found NaN; copy it again, or {remake}.")

    def __repr__(self) -> str:
        numbers = f"N={self.N}, channels={self.channels}, J={self.J}, L={self.L}, d={self.d}"
        return f"Experiment({numbers}, on {self.device})"

    def embed(self, images: np.ndarray) -> np.ndarray:
        """Return z = Phi(x).

        S is rounded to the dtype of its store before it is whitened, so that z of a training image
        is the stored z.

        Args:
            images: Images x, (n, c, N, N) uint8 in 0..255 or float in [0, 1].

        Returns:
            Embeddings z, (n, d) float32.

        Raises:
            ValueError: The images have the wrong shape, order of axes, dtype or range, or are not
                finite.
        """
        shape = checks.shape("images", images)
        self._check(shape, "n, ")
        z, first = np.empty((shape[0], self.d), dtype=np.float32), 0
        computed = {"device": self.device, "dtype": self._dtype}
        for S in scattering2d.of_images(self._S, self._pixels(images), **computed):
            z[first : first + len(S)] = whitening.whiten(S.flatten(1).cpu().numpy(), *self._basis)
            first += len(S)
        return z

    def decode(self, z: np.ndarray) -> np.ndarray:
        """Return G(z).

        Args:
            z: Embeddings, (n, d).

        Returns:
            Images, (n, c, N, N) float32 in [0, 1].

        Raises:
            ValueError: z has the wrong shape or is not finite.
        """
        z = checks.real("z", checks.array("z", z)).astype(np.float32)
        if z.ndim != 2 or z.shape[1] != self.d:
            raise ValueError(
                f"z must have the shape (n, {self.d}): got {z.shape}; z[None] makes n = 1 of one z."
            )
        if not np.isfinite(z).all():
            raise ValueError("z must be finite: found NaN or infinity; leave these rows out.")
        x, first = np.empty((len(z), self.channels, self.N, self.N), dtype=np.float32), 0
        for part in generator.decode(self.generator, z, self.batch) if len(z) else ():
            np.divide(part, 255, out=x[first : first + len(part)])
            first += len(part)
        return x

    def reconstruct(self, images: np.ndarray) -> np.ndarray:
        """Return G(Phi(x)), (n, c, N, N) float32 in [0, 1], of images as in `embed`."""
        return self.decode(self.embed(images))

    def sample(
        self, n: int, seed: int = 0, *, law: str = "gaussian", temperature: float = 1.0
    ) -> np.ndarray:
        """Return G(z) of n draws of z from a law, N(0, I) by default.

        A larger n adds images and leaves the first ones as they are.

        Args:
            n: Number of images.
            seed: Seed of the draws.
            law: Name of a law: gaussian, or one in the folder `latent_laws` of the experiment, such
                as flow, which Snakemake fits.
            temperature: Factor of the deviation of the draws from their mean (of the noise behind
                them, for vae and gan; from the mean of their component, for mixture). Below 1 the
                images are more alike.

        Returns:
            Images, (n, c, N, N) float32 in [0, 1].

        Raises:
            FileNotFoundError: The law is not fitted.
            ValueError: The law is unknown or of another d, or a number is out of its range.
        """
        n = arguments.integer("n", n, least=0, such_as=16)
        seed = arguments.integer("seed", seed, least=0)
        if law not in self._laws:
            self._laws[law] = opening.law(self.folder, law, self.d)
        return self.decode(self._laws[law].sample(n, seed, temperature))

    def interpolate(self, x0: np.ndarray, x1: np.ndarray, steps: int) -> np.ndarray:
        """Return G((1 - t) z0 + t z1) for t from 0 to 1, with z = Phi(x).

        Args:
            x0, x1: Images, (c, N, N) each, as in `embed`, or embeddings z, (d,).
            steps: Number of values of t, at least 2.

        Returns:
            Images, (steps, c, N, N) float32 in [0, 1].

        Raises:
            ValueError: An image is not as `embed` requires, a z not as `decode` does, or steps is
                less than 2.
        """
        steps = arguments.integer("steps", steps, least=2, such_as=8)
        t = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
        z0, z1 = (self._point(name, x) for name, x in (("x0", x0), ("x1", x1)))
        return self.decode((1 - t) * z0 + t * z1)

    def _point(self, name: str, x: np.ndarray) -> np.ndarray:
        """Return the z of one image, or of one z, as (1, d)."""
        if (shape := checks.shape(name, x)) != (self.d,):
            if len(shape) < 3:
                raise ValueError(
                    f"{name} must be one image, ({self.channels}, {self.N}, {self.N}), or one z, "
                    f"({self.d},): got the shape {shape}; use one of them."
                )
            self._check(shape)
            return self.embed(checks.array(name, x)[None])
        return checks.real(name, checks.array(name, x))[None].astype(np.float32)

    def _check(self, shape: tuple[int, ...], n: str = "") -> None:
        c, N, last = self.channels, self.N, tuple(shape[-3:])
        if last == (c, N, N) and len(shape) == (4 if n else 3):
            return
        axes = "x[None] makes n = 1 of one image" if n else "one image has no axis n"
        remedy = f"crop or resize to N; {axes}"
        if last == (N, N, c):
            remedy = "move the colours, np.moveaxis(x, -1, -3)"
        raise ValueError(
            f"images must have the shape ({n}{c}, {N}, {N}): got {tuple(shape)}; {remedy}."
        )

    def _pixels(self, images: np.ndarray) -> Iterator[np.ndarray]:
        """Yield the images in batches, in 0..255 as `scattering2d.of_images` expects them."""
        for first in range(0, len(images), self.batch):
            x = checks.array("images", images[first : first + self.batch])
            yield checks.pixels(x, first)
