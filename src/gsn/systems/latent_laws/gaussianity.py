"""How far z is from N(0, I): Table 1 of Ziomek & Farrahi, and the joint tests that it leaves out.

The number of components that a test rejects grows with the number of images: a test of enough
images rejects any law that is not exactly normal. So each number of images is a row of its own.
"""

from collections.abc import Iterator

import numpy as np

from gsn.metrics import joint, normality

TESTS = {"K2": normality.dagostino_pearson, "Jarque-Bera": normality.jarque_bera}
SIZES = (100, 300, 1000, 3000, 10_000, 30_000)
PANELS = 4  # of the best and of the worst components in the QQ plot


def table(z: dict[str, np.ndarray]) -> Iterator[dict]:
    """Yield the rows of the table: rejected components by split, number of images and test.

    Args:
        z: Embeddings by split, (n, d) each, n at least 20.
    """
    for split, rows in z.items():
        n = len(rows)
        for size in [*(size for size in SIZES if size < n), n]:
            some = rows[np.linspace(0, n - 1, size).astype(int)]
            for name, test in TESTS.items():
                counted = normality.rejections(test(some)[1])
                yield {"split": split, "n": size, "test": name} | counted


def joint_table(z: dict[str, np.ndarray], *, seed: int) -> Iterator[dict]:
    """Yield one row for each split: the energy distance from N(0, I), and the dependence.

    Args:
        z: Embeddings by split, (n, d) each.
        seed: Seed of the draws and of the permutations.
    """
    for split, rows in z.items():
        row = _named("energy", joint.energy_from_normal(rows, seed=seed))
        row |= _named("dependence", joint.dependence(rows, seed=seed))
        yield {"split": split} | row


def _named(prefix: str, found: dict[str, float]) -> dict[str, float]:
    return {name if name == prefix else f"{prefix}_{name}": value for name, value in found.items()}


def panels(z: np.ndarray) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Return the QQ plots of the components nearest to a normal law, and of those farthest from it.

    Args:
        z: Embeddings, (n, d).

    Returns:
        Title, theoretical and observed quantiles of each, as `gsn.figures.laws.qq` takes them.
    """
    K2 = normality.dagostino_pearson(z)[0]
    count = min(PANELS, z.shape[1])
    best, worst = normality.best_and_worst(K2, count)
    named = [(f"best: z{i + 1}", i) for i in best] + [(f"worst: z{i + 1}", i) for i in worst]
    return [(f"{name}, K2 {K2[i]:.3g}", *normality.quantiles(z[:, i])) for name, i in named]
