"""What Angles & Mallat (2018) claim of the embedding, measured on a sample of the images.

    (2)   1/alpha ||x - x'|| <= ||P S(x) - P S(x')|| <= ||x - x'||
    (3)   ||P S(x) - P S(x_tau)|| <= C ||x|| (2^-J |tau|_inf + |grad tau|_inf)

`gsn.metrics.geometry` defines them.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.figure import Figure

from gsn.figures import embedding as figures
from gsn.metrics import geometry, whiteness
from gsn.transforms import Scattering2D

log = logging.getLogger(__name__)

IMAGES, PAIRS, DISPLACED = 512, 4096, 16
QUANTILES = (0, 0.005, 0.05, 0.25, 0.5, 0.75, 0.95, 1)
COLUMNS = ("measure", "split", "d", "at", "value")
Row = tuple[str, str, int | str, float | str, float]
# Split, d, at, numbers by measure.
Note = Callable[[str, int | str, float | str, dict[str, float]], None]


@dataclass(frozen=True)
class Sample:
    """Training images, their coefficients and the basis of their embedding.

    Attributes:
        x: Images, (n, c, N, N) uint8.
        S: Coefficients less their mean over the training set, (n, p) float32.
        components: Principal components, (rank, p) float32.
        eigenvalues: Their variances, (rank,).
        d: Dimension of z.
        J, L: Scale and number of angles of the transform.
        seed: Seed of the pairs and of the deformations.
    """

    x: np.ndarray
    S: np.ndarray
    components: np.ndarray
    eigenvalues: np.ndarray
    d: int
    J: int
    L: int
    seed: int

    @property
    def coordinates(self) -> np.ndarray:
        return self.S @ self.components.T


def rows_of_sample(n: int, seed: int) -> np.ndarray:
    """Return the rows of the sample of n images, in ascending order."""
    return np.sort(np.random.default_rng(seed).permutation(n)[:IMAGES])


def measure(
    sample: Sample, z: dict[str, Iterable[np.ndarray]]
) -> tuple[list[Row], dict[str, Figure]]:
    """Measure all claims.

    Args:
        sample: Sample of the training set.
        z: Blocks of rows of the embeddings of each split.

    Returns:
        The rows of the table, and the figures `embedding_spectrum`, `embedding_distances` and
        `embedding_continuity`.
    """
    table: list[Row] = []

    def note(split: str, d: int | str, at: float | str, measures: dict[str, float]) -> None:
        table.extend((name, split, d, at, value) for name, value in measures.items())

    note("", "", "", {"coefficients_per_pixel": sample.S.shape[1] / sample.x[0].size})
    coordinates = sample.coordinates
    pairs, apart = geometry.different_pairs(sample.x, PAIRS, seed=sample.seed)
    apart /= 255
    drawn = {
        "embedding_spectrum": _whiteness(note, sample, coordinates, z),
        "embedding_distances": _distances(note, sample, coordinates, pairs, apart),
        "embedding_continuity": _continuity(note, sample, coordinates, pairs, apart),
    }
    return table, drawn


def _whiteness(
    note: Note, sample: Sample, coordinates: np.ndarray, z: dict[str, Iterable[np.ndarray]]
) -> Figure:
    """The spectrum of S, and the covariance of z."""
    share = whiteness.variance_share(sample.S, coordinates)
    for k, (eigenvalue, part) in enumerate(zip(sample.eigenvalues, share, strict=True), start=1):
        note("train", "", k, {"eigenvalue": eigenvalue, "variance_share": part})
    variances = {}
    for split, blocks in z.items():
        C = whiteness.covariance(blocks)
        variances[split] = C.diagonal()
        note(split, sample.d, "", whiteness.whiteness(C))
        for k, variance in enumerate(variances[split], start=1):
            note(split, sample.d, k, {"z_variance": variance})
    return figures.spectrum(sample.eigenvalues, share, variances)


def _distances(
    note: Note, sample: Sample, coordinates: np.ndarray, pairs: np.ndarray, apart: np.ndarray
) -> Figure:
    """Equation (2), of all coefficients and of their first d and first 100 coordinates."""
    ratios = {}
    for k in (None, *sorted({sample.d, min(sample.d, 100)}, reverse=True)):
        y = sample.S if k is None else coordinates[:, :k]
        name, p = "S" if k is None else f"d = {k}", y.shape[1]
        ratios[name] = 2**sample.J * geometry.distances(y, pairs) / apart
        found = geometry.bilipschitz(ratios[name])
        log.info(
            "%s: alpha %.3f, a share of %.4f within 3, of %d pairs",
            name,
            *found.values(),
            len(pairs),
        )
        note("train", p, "", found)
        for q in QUANTILES:
            note("train", p, q, {"ratio_quantile": np.quantile(ratios[name], q)})
    return figures.distance_ratios(ratios)


def _continuity(
    note: Note, sample: Sample, coordinates: np.ndarray, pairs: np.ndarray, apart: np.ndarray
) -> Figure:
    """Equation (3), of translations and of smooth deformations of growing sizes."""
    J, d, N = sample.J, sample.d, sample.x.shape[-1]
    few = np.linspace(0, len(sample.x) - 1, min(DISPLACED, len(sample.x))).astype(int)
    x = sample.x[few].astype(np.float32) / 255
    deviations = np.sqrt(sample.eigenvalues[:d])
    typical = {
        "pixels": apart.mean(),
        "S": 2**J * geometry.distances(coordinates[:, :d], pairs).mean(),
        "z": geometry.distances(coordinates[:, :d] / deviations, pairs).mean(),
    }
    scatter = _scatterer(Scattering2D(J, (N, N), sample.L))
    kinds = {
        "translation": (geometry.translations(len(x), N), 2.0 ** np.arange(-2, J + 1)),
        "deformation": (
            geometry.deformations(len(x), N, seed=sample.seed),
            0.4 / 2.0 ** np.arange(5, -1, -1),
        ),
    }
    panels = {}
    for kind, (unit, sizes) in kinds.items():
        relative = {space: np.empty((len(sizes), len(x))) for space in typical}
        for i, size in enumerate(sizes):
            tau = size * unit
            basis = {"components": sample.components[:d], "eigenvalues": sample.eigenvalues[:d]}
            moved = geometry.continuity(scatter, x, tau, **basis, J=J)
            note("train", "", size, {f"{kind}_displacement": geometry.sizes(tau)[0].mean()})
            note(
                "train",
                d,
                size,
                {f"{kind}_C_mean": moved["C"].mean(), f"{kind}_C_max": moved["C"].max()},
            )
            for space, unmoved in typical.items():
                relative[space][i] = moved[space] / unmoved
                share = {f"{kind}_{space}": relative[space][i].mean()}
                note("train", "" if space == "pixels" else d, size, share)
        panels[kind] = sizes, relative
    return figures.continuity(panels)


def _scatterer(transform: Scattering2D) -> Callable[[np.ndarray], np.ndarray]:
    @torch.inference_mode()
    def scatter(x: np.ndarray) -> np.ndarray:
        return transform(torch.from_numpy(x)).numpy().reshape(len(x), -1)

    return scatter
