"""A trained experiment as one object: Phi and G on images, from the files that the pipeline made.

    Phi(x) = D_d^{-1/2} Q_d^T (S(x) - mu),        G(Phi(x)) = x

Composition above the stages: it alone imports them.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from gsn import generator, runtime, scattering, store, whitening
from gsn.samplers import gaussian

WRITTEN = ("J", "L", "N", "max_order", "dtype")  # the attributes of pca.zarr that say how S was computed


class Experiment:
    """Phi and G of the folder of one experiment, `results/{dataset}/J{J}_L{L}/d{d}`.

    It reads `generator.pt` there and `pca.zarr` in the folder above, and nothing else: a copy of these two is enough.
    Images come out as float32 in [0, 1]. They go in as floats in [0, 1] or as uint8 in 0..255, so that what came out
    can go in, and stored images need no division: arrays (n, c, N, N), tensors, or an array of a store, which is read
    a batch at a time; memory holds one batch and what is returned. No gradients: for them take `generator`, a Module
    onto [-1, 1].

    Args:
        folder: of the experiment.
        device: where S and G are computed; the first GPU where there is one if None.
        batch: images at once; the results do not depend on it but for rounding.

    Attributes: d, N, J, L, channels, generator, device, batch.

    Raises:
        FileNotFoundError: if one of the two files is missing.
        ValueError: if they do not belong together, one cannot be read, or there is no such device.
    """

    def __init__(self, folder: str | Path, *, device: torch.device | str | None = None, batch: int = 64):
        weights, pca = Path(folder).resolve() / "generator.pt", Path(folder).resolve().parent / "pca.zarr"
        for file in (weights, pca / "zarr.json"):
            if not file.exists():
                needed = f"{folder} must be the folder of one experiment, .../J{{J}}_L{{L}}/d{{d}}, with {file}"
                raise FileNotFoundError(f"{needed}: found none; copy it there, or {_made(file)}.")
        self.device, self.batch = runtime.device() if device is None else torch.device(device), batch
        if self.device.type == "cuda" and (self.device.index or 0) >= (found := torch.cuda.device_count()):
            raise ValueError(
                f"device={str(device)!r} must be one that torch finds: found {found} GPUs; leave device out."
            )
        self.generator = generator.load(weights, self.device)
        self.d, self.N, self.channels = (self.generator.settings[name] for name in ("d", "N", "channels"))
        written, (rank, p) = store.attributes(pca), store.read(pca, "components").shape
        if missing := [name for name in WRITTEN if name not in written]:
            raise ValueError(
                f"the attributes of {pca} must say how its coefficients were computed: found no {', '.join(missing)}; "
                f"{_made(pca / 'zarr.json', '--force ')}."
            )
        self.J, self.L, self._dtype = written["J"], written["L"], getattr(torch, written["dtype"])
        self._S = scattering.Scattering2D(self.J, (written["N"], written["N"]), self.L, written["max_order"])
        coefficients = self.channels * self._S.K * (self.N >> self.J) ** 2
        if written["N"] != self.N or coefficients != p or self.d > rank:
            raise ValueError(
                f"generator.pt and pca.zarr must be of one experiment: got N={self.N}, {coefficients} coefficients and "
                f"d={self.d} in {weights}, N={written['N']}, {p} and up to {rank} in {pca}; copy both from one."
            )
        rows = {"mu": ..., "components": slice(self.d), "eigenvalues": slice(self.d)}
        self._basis = [store.read(pca, name)[chosen] for name, chosen in rows.items()]
        if not all(np.isfinite(array).all() for array in self._basis):  # a chunk that is missing reads as NaN
            raise ValueError(
                f"{pca} must be whole: found NaN; copy it again, or {_made(pca / 'zarr.json', '--force ')}."
            )

    def __repr__(self) -> str:
        return f"Experiment(N={self.N}, channels={self.channels}, J={self.J}, L={self.L}, d={self.d}, on {self.device})"

    def embed(self, images: np.ndarray) -> np.ndarray:
        """z = Phi(x): (n, c, N, N) uint8 or floats in [0, 1] -> (n, d) float32.

        S is rounded to the dtype of the store before it is whitened, so that z of a training image is the stored z.

        Raises:
            ValueError: if the images have another shape, order of axes, dtype or range, or are not finite.
        """
        self._check(np.shape(images), "n, ")
        z, first = np.empty((np.shape(images)[0], self.d), dtype=np.float32), 0
        for S in scattering.of_images(self._S, self._pixels(images), device=self.device, dtype=self._dtype):
            z[first : first + len(S)] = whitening.whiten(S.flatten(1).cpu().numpy(), *self._basis)
            first += len(S)
        return z

    def decode(self, z: np.ndarray) -> np.ndarray:
        """G(z): (n, d) -> (n, c, N, N) float32 in [0, 1].

        Raises:
            ValueError: if z has another shape or is not finite.
        """
        z = _array(z).astype(np.float32)
        if z.ndim != 2 or z.shape[1] != self.d:
            raise ValueError(f"z must have the shape (n, {self.d}): got {z.shape}; z[None] makes n = 1 of one z.")
        if not np.isfinite(z).all():
            raise ValueError("z must be finite: found NaN or infinity; leave these rows out.")
        x, first = np.empty((len(z), self.channels, self.N, self.N), dtype=np.float32), 0
        for part in generator.decode(self.generator, z, self.batch) if len(z) else ():
            np.divide(part, 255, out=x[first : first + len(part)])
            first += len(part)
        return x

    def reconstruct(self, images: np.ndarray) -> np.ndarray:
        """G(Phi(x)): (n, c, N, N) uint8 or floats in [0, 1] -> (n, c, N, N) float32 in [0, 1]. Raises as `embed`."""
        return self.decode(self.embed(images))

    def sample(self, n: int, seed: int = 0) -> np.ndarray:
        """G(z) of n draws of z ~ N(0, I): (n, c, N, N) float32 in [0, 1]; the first n are the same whatever n is."""
        return self.decode(gaussian.sample(n, self.d, seed=seed))

    def interpolate(self, x0: np.ndarray, x1: np.ndarray, steps: int) -> np.ndarray:
        """G((1 - t) Phi(x0) + t Phi(x1)), t from 0 to 1: two images (c, N, N) -> (steps, c, N, N) float32 in [0, 1].

        Raises as `embed`, and a ValueError for less than two steps.
        """
        if steps < 2:
            raise ValueError(f"steps must be at least 2, for the two ends: got {steps}; reconstruct takes one image.")
        for x in (x0, x1):
            self._check(np.shape(x))
        t = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
        return self.decode((1 - t) * self.embed(_array(x0)[None]) + t * self.embed(_array(x1)[None]))

    def _check(self, shape: tuple[int, ...], n: str = "") -> None:
        c, N, last = self.channels, self.N, tuple(shape[-3:])
        if last == (c, N, N) and len(shape) == (4 if n else 3):
            return
        axes = "x[None] makes n = 1 of one image" if n else "one image has no axis n"
        remedy = "move the colours, np.moveaxis(x, -1, -3)" if last == (N, N, c) else f"crop or resize to N; {axes}"
        raise ValueError(f"images must have the shape ({n}{c}, {N}, {N}): got {tuple(shape)}; {remedy}.")

    def _pixels(self, images: np.ndarray) -> Iterator[np.ndarray]:
        """Images in batches, on the scale of the stored ones, 0..255, which `scattering.of_images` takes."""
        for first in range(0, np.shape(images)[0], self.batch):
            x = _array(images[first : first + self.batch])
            if x.dtype != np.uint8 and not np.issubdtype(x.dtype, np.floating):
                raise ValueError(f"images must be uint8 or floats: got {x.dtype}; use x.astype(np.uint8) for 0..255.")
            if x.dtype != np.uint8:
                if not (x.min() >= 0 and x.max() <= 1):  # of NaN neither is true
                    raise ValueError(
                        f"images of floats must be finite and in [0, 1]: found {x.min():.4g} to {x.max():.4g} in those "
                        f"from {first} on; use x / 255 for 0..255, (x + 1) / 2 for [-1, 1], and leave out NaN."
                    )
                x = np.multiply(x, 255, dtype=np.float32)
            yield np.array(x, order="C")  # torch takes no negative strides


def _array(values: np.ndarray) -> np.ndarray:
    return values.detach().cpu().numpy() if isinstance(values, torch.Tensor) else np.asarray(values)


def _made(file: Path, option: str = "") -> str:
    if not re.search(r"/J\d+_L\d+/(d\d+/generator\.pt|pca\.zarr/zarr\.json)$", file.as_posix()):
        return "name one that has them"
    target = Path("results", *file.parts[-4:]).as_posix()  # its name in the workflow
    return f"make it with `snakemake --cores all {option}{target}`"
