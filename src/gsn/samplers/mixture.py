"""Gaussian mixtures as laws of z, with the number of components chosen on held-out rows.

    p(z) = sum_k w_k N(z; mu_k, C_k)

Each C_k is a full or a diagonal matrix. The expectation-maximisation is scikit-learn's.

References:
    A. P. Dempster, N. M. Laird and D. B. Rubin, Maximum likelihood from incomplete data via the EM
    algorithm, Journal of the Royal Statistical Society B 39(1), 1977.
"""

import itertools
import math
import time
import warnings
from collections.abc import Sequence

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from torch import nn

from gsn.samplers import arguments, drawing

COVARIANCES = ("full", "diag")
ITERATIONS = 40
RIDGE = 1e-3  # added to the variances, which are 1 over the training set
TOLERANCE = 1e-4  # smallest gain of an iteration in log-likelihood, for a component of z


class Law(nn.Module):
    """A mixture of K Gaussians; `fit` makes one from z, and a new one is N(0, I).

    Args:
        d: Dimension of z.
        components: Number K of Gaussians.
        covariance: `full` matrices, or `diag` for diagonal ones.

    Attributes:
        d, settings: Dimension, and the arguments by name.
        candidates: Table of `fit`, a row for each choice: components, covariance, start, and
            log_likelihood, on held-out rows, in nats per row, and seconds, of the kept one with
            those of its fit to all rows. It is not saved.

    Raises:
        ValueError: A size is no whole number of at least 1, or the covariance is unknown.

    Example:
        >>> from gsn.samplers.mixture import Law
        >>> law = Law(2, components=3)
        >>> law.log_prob(law.sample(5)).shape
        (5,)
    """

    def __init__(self, d: int, *, components: int = 1, covariance: str = "full"):
        super().__init__()
        arguments.counts(d=d, components=components)
        if covariance not in COVARIANCES:
            raise ValueError(
                f"covariance must be one of {', '.join(COVARIANCES)}: got {covariance!r}; use one."
            )
        self.d, self.candidates = d, []
        self.settings = {"d": d, "components": components, "covariance": covariance}
        one = torch.eye(d) if covariance == "full" else torch.ones(d)
        state = {
            "weights": torch.full((components,), 1 / components),
            "means": torch.zeros(components, d),
            "factors": one.repeat(components, *[1] * one.ndim),  # L_k of C_k = L_k L_k^T
        }
        for name, value in state.items():
            self.register_buffer(name, value.double())

    def sample(self, n: int, seed: int = 0, temperature: float = 1.0) -> np.ndarray:
        """Return n draws, (n, d) float32; the temperature scales the deviations from the mu_k."""
        rng = np.random.default_rng([seed, 1])  # beside the stream of the noise

        def decode(e):
            u = torch.from_numpy(rng.random(len(e))).to(e.device)
            k = torch.searchsorted(self.weights.cumsum(0), u).clamp(max=len(self.weights) - 1)
            z = self.means[k]
            for i in k.unique():
                z[k == i] += self._times(self.factors[i], e[k == i].double())
            return z

        return drawing.draw(self, decode, n, self.d, seed=seed, temperature=temperature)

    def log_prob(self, z: np.ndarray) -> np.ndarray:
        """Return the log-density at the rows of z, (n,) float64."""
        return drawing.score(self, self._log_density, z)

    def _times(self, factor: torch.Tensor, e: torch.Tensor) -> torch.Tensor:
        return e @ factor.T if factor.ndim == 2 else e * factor

    def _log_density(self, z: torch.Tensor) -> torch.Tensor:
        logs = []
        for weight, mean, factor in zip(self.weights, self.means, self.factors, strict=True):
            if factor.ndim == 2:
                e = torch.linalg.solve_triangular(factor, (z - mean).T, upper=False).T
                scale = factor.diagonal()
            else:
                e, scale = (z - mean) / factor, factor
            logs.append(weight.log() - e.square().sum(1) / 2 - scale.log().sum())
        return torch.stack(logs).logsumexp(0) - self.d / 2 * math.log(2 * math.pi)


def fit(
    z: np.ndarray,
    *,
    components: Sequence[int] = (1, 2, 4, 8, 16),
    covariances: Sequence[str] = COVARIANCES,
    held_out: float = 0.1,
    seed: int = 0,
) -> Law:
    """Return the mixture that is most likely on held-out rows, fitted again to all rows.

    Each choice is fitted to the other rows, from the clusters of k-means and from shells of equal
    numbers of rows, by their distance from 0: whitened coefficients differ in their size most. The
    components grow in number until the likelihood falls, or until there are more parameters than
    these rows have numbers. The smallest variance is 1e-3. An iteration of K full matrices takes
    4 n K d^2 operations. Memory holds n d + n K + K d^2 numbers of float64.

    Args:
        z: Whitened coefficients, (n, d), with variances of about 1.
        components: Numbers K of components to choose from.
        covariances: Kinds of covariances to choose from, of `full` and `diag`.
        held_out: Fraction of the rows that are held out, above 0 and below 1.
        seed: Seed of the rows that are held out, and of the first components.

    Raises:
        ValueError: z is not real and finite of the shape (n, d), has a constant component, or has
            too few rows for any choice.

    References:
        A. P. Dempster, N. M. Laird and D. B. Rubin, Maximum likelihood from incomplete data via
        the EM algorithm, Journal of the Royal Statistical Society B 39(1), 1977.

    Example:
        >>> from gsn.samplers import mixture
        >>> z = np.random.default_rng(0).standard_normal((200, 2))
        >>> z[::2] += 9
        >>> mixture.fit(z, components=(1, 2)).settings["components"]
        2
    """
    z = arguments.rows(z).astype(np.float64)
    n, d = z.shape
    if not 0 < held_out < 1:
        raise ValueError(f"held_out must be above 0 and below 1: got {held_out}; use 0.1.")
    order = np.random.default_rng(seed).permutation(n)
    count = max(1, round(held_out * n))
    kept, other = z[order[count:]], z[order[:count]]
    table, best = [], None
    for covariance, start in itertools.product(covariances, ("clusters", "shells")):
        last = -math.inf
        for K in sorted(components):
            if max(_parameters(K, d, covariance), (K + 1) * d) > kept.size:
                break
            if K == 1 and start == "shells":
                continue  # the same as the one cluster
            begun = time.perf_counter()
            model = _fitted(
                kept, K, covariance, seed, _shells(kept, K) if start == "shells" else {}
            )
            score = float(model.score(other))
            row = {"components": K, "covariance": covariance, "start": start}
            row |= {"log_likelihood": score, "seconds": time.perf_counter() - begun}
            table.append(row)
            if best is None or score > best[0]["log_likelihood"]:
                best = row, model
            if score < last:
                break
            last = score
    if best is None:
        raise ValueError(
            f"a mixture needs more rows than components and as many numbers as parameters: found "
            f"{len(kept)} rows of {d} numbers for components={tuple(components)}; use more images."
        )
    (row, model), begun = best, time.perf_counter()
    last = {name: getattr(model, f"{name}_") for name in ("weights", "means", "precisions")}
    law = _law(_fitted(z, model.n_components, model.covariance_type, seed, last))
    row["seconds"] += time.perf_counter() - begun
    law.candidates = table
    return law.eval()


def _parameters(K: int, d: int, covariance: str) -> int:
    return K * (1 + d + (d * (d + 1) // 2 if covariance == "full" else d)) - 1


def _shells(z: np.ndarray, K: int) -> dict:
    """Return the moments of K shells of equal numbers of rows, by their distance from 0."""
    parts = np.array_split(z[(z**2).sum(axis=1).argsort()], K)
    precisions = np.array([1 / np.square(part).mean() for part in parts])
    return {
        "weights": np.full(K, 1 / K),
        "means": np.array([part.mean(axis=0) for part in parts]),
        "precisions": precisions[:, None] * np.ones(z.shape[1]),
    }


def _fitted(z: np.ndarray, K: int, covariance: str, seed: int, start: dict) -> GaussianMixture:
    """Return scikit-learn's mixture, from clusters of k-means or from moments."""
    if covariance == "full" and start and start["precisions"].ndim == 2:
        start = start | {"precisions": start["precisions"][:, :, None] * np.eye(z.shape[1])}
    model = GaussianMixture(
        K,
        covariance_type=covariance,
        tol=TOLERANCE * z.shape[1],
        reg_covar=RIDGE,
        max_iter=ITERATIONS,
        random_state=seed,
        **{f"{name}_init": value for name, value in start.items()},
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the held-out rows judge
        return model.fit(z)


def _law(model: GaussianMixture) -> Law:
    K, d = model.means_.shape
    law, C = Law(d, components=K, covariance=model.covariance_type), model.covariances_
    law.weights.copy_(torch.from_numpy(model.weights_))
    law.means.copy_(torch.from_numpy(model.means_))
    law.factors.copy_(torch.from_numpy(np.linalg.cholesky(C) if C.ndim == 3 else np.sqrt(C)))
    return law
