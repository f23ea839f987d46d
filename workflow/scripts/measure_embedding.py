from gsn import runtime

runtime.start(snakemake.log[0], snakemake.threads)

import logging
from pathlib import Path

import numpy as np
import torch

from gsn import embedding, figures, scattering, store

IMAGES, PAIRS, DISPLACED = 512, 4096, 16
QUANTILES = (0, 0.005, 0.05, 0.25, 0.5, 0.75, 0.95, 1)
J, L, d, seed = int(snakemake.wildcards.J), int(snakemake.wildcards.L), snakemake.params.d, snakemake.params.seed
table = []
log = logging.getLogger("measure_embedding")


def opened(path, name):
    return store.read(Path(path).parent, name)


def chunks(array):
    step = array.chunks[0]
    return (array[start : start + step] for start in range(0, array.shape[0], step))


def sampled(array, rows):
    """Some rows, which ascend; the chunks that hold them are read once."""
    step = array.chunks[0]
    return np.concatenate(
        [array[k * step : (k + 1) * step][rows[rows // step == k] % step] for k in np.unique(rows // step)]
    )


def note(split, d, at, measures):
    table.extend([name, split, d, at, value] for name, value in measures.items())


def save(name, figure):
    with runtime.whole_file(snakemake.output[name]) as partial:
        figure.savefig(partial)


images = opened(snakemake.input.images, "x")
n, N = images.shape[0], images.shape[2]
rows = np.sort(np.random.default_rng(seed).permutation(n)[:IMAGES])
x = sampled(images, rows)
S = sampled(opened(snakemake.input.store, "S"), rows).reshape(len(rows), -1).astype(np.float32)
mu, components, eigenvalues = (opened(snakemake.input.pca, name)[...] for name in ("mu", "components", "eigenvalues"))
S -= mu
coordinates = S @ components.T

# Whiteness.
share = embedding.variance_share(S, coordinates)
variances = {}
for k, pair in enumerate(zip(eigenvalues, share, strict=True), start=1):
    note("train", "", k, dict(zip(("eigenvalue", "variance_share"), pair, strict=True)))
for split, path in zip(("train", "test"), snakemake.input.z, strict=True):
    C = embedding.covariance(chunks(opened(path, "z")))
    variances[split] = C.diagonal()
    note(split, d, "", embedding.whiteness(C))
    for k, variance in enumerate(variances[split], start=1):
        note(split, d, k, {"z_variance": variance})
save("embedding_spectrum", figures.spectrum(eigenvalues, share, variances))

# Equation (2).
components, eigenvalues = components[:d], eigenvalues[:d]
pairs, apart = embedding.different_pairs(x, PAIRS, seed=seed)
apart /= 255
ratios = {}
for y in (S, *(coordinates[:, :k] for k in sorted({d, min(d, 100)}, reverse=True))):
    name, k = "S" if y is S else f"d = {y.shape[1]}", y.shape[1]
    ratios[name] = 2**J * embedding.distances(y, pairs) / apart
    found = embedding.bilipschitz(ratios[name])
    log.info("%s: alpha %.3f, a share of %.4f within 3, of %d pairs", name, *found.values(), len(pairs))
    note("train", k, "", found)
    for q in QUANTILES:
        note("train", k, q, {"ratio_quantile": np.quantile(ratios[name], q)})
save("embedding_distances", figures.distance_ratios(ratios))

# Equation (3).
few = np.linspace(0, len(x) - 1, min(DISPLACED, len(x))).astype(int)
x = x[few].astype(np.float32) / 255
transform = scattering.Scattering2D(J, (N, N), L)
typical = {
    "pixels": apart.mean(),
    "S": 2**J * embedding.distances(coordinates[:, :d], pairs).mean(),
    "z": embedding.distances(coordinates[:, :d] / np.sqrt(eigenvalues), pairs).mean(),
}


@torch.inference_mode()
def scatter(x):
    return transform(torch.from_numpy(x)).numpy().reshape(len(x), -1)


translations = embedding.translations(len(x), N), 2.0 ** np.arange(-2, J + 1)
deformations = embedding.deformations(len(x), N, seed=seed), 0.4 / 2.0 ** np.arange(5, -1, -1)
panels = {}
for kind, (unit, sizes) in {"translation": translations, "deformation": deformations}.items():
    relative = {space: np.empty((len(sizes), len(x))) for space in typical}
    for i, size in enumerate(sizes):
        tau = size * unit
        moved = embedding.continuity(scatter, x, tau, components=components, eigenvalues=eigenvalues, J=J)
        note("train", "", size, {f"{kind}_displacement": embedding.sizes(tau)[0].mean()})
        note("train", d, size, {f"{kind}_C_mean": moved["C"].mean(), f"{kind}_C_max": moved["C"].max()})
        for space, unmoved in typical.items():
            relative[space][i] = moved[space] / unmoved
            note("train", "" if space == "pixels" else d, size, {f"{kind}_{space}": relative[space][i].mean()})
    panels[kind] = sizes, relative
save("embedding_continuity", figures.continuity(panels))
runtime.write_csv(snakemake.output[0], ["measure", "split", "d", "at", "value"], table)
