"""The quality of images, in a fixed space of scattering coefficients: no downloaded network.

    f(x) = V^T D^{-1} (S_J'(x) averaged over each quarter of the image, its deviation)

J' is another scale than that of z. D holds the standard deviations over the training images, and V
the first principal components of what is left. In this space the images of a law are compared with
the training images: Frechet distance, kernel distance, precision and recall, density and coverage,
and the distances to the nearest training images.

Two sets of real images frame the laws: other real images, the floor of every distance, and the
decoded z of real images, the best that G allows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from gsn.metrics import coverage, frechet, kernel_distance
from gsn.runtime import machine
from gsn.transforms import scattering2d

MOST = 256  # dimensions of the space
SHARE = 4  # images for each dimension of the space, in the smaller set
COMPARED = 5000  # images of each set in precision, recall, density and coverage
L = 8


@dataclass(frozen=True)
class Space:
    """A space of features of images, and the training images in it.

    Attributes:
        transform: Scattering transform S_J'.
        kept: Features that vary over the training images, (p,) bool.
        mean, deviation: Of these features over the training images.
        components: Principal components V, (k, p).
        features: Features of the training images, (n, k).
        moments: Their mean and covariance.
        real: Distances of the test images to the nearest training images, (m,).
        classifier: Classifier of the features, if the images have labels.
    """

    transform: scattering2d.Scattering2D
    kept: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray
    components: np.ndarray
    features: np.ndarray
    moments: frechet.Moments
    real: np.ndarray
    classifier: LogisticRegression | None

    def of(self, batches: Iterable[np.ndarray]) -> np.ndarray:
        """Return the features of batches of images, (n, c, N, N) in [0, 255], as (n, k)."""
        averages = np.concatenate(list(_averages(self.transform, batches)))
        averages = _standardised(averages, self.kept, self.mean, self.deviation)
        return averages @ self.components.T


def scale(N: int, J: int) -> int:
    """Return J', another scale than J for images of side N.

    Example:
        >>> from gsn.systems.latent_laws.quality import scale
        >>> scale(32, 3), scale(28, 2), scale(4, 2)
        (2, 3, 1)
    """
    return next(other for other in (2, 3, 1) if other != J and 2**other <= N)


def space(
    train: Iterable[np.ndarray],
    test: Iterable[np.ndarray],
    *,
    N: int,
    J: int,
    labels: np.ndarray | None = None,
) -> Space:
    """Return the space of a data set.

    Makes one pass over the images. Memory holds their features.

    Args:
        train: Batches of training images, (n, c, N, N) in [0, 255].
        test: Batches of test images.
        N: Side of the images in pixels.
        J: Scale of the z that is judged, which the space avoids.
        labels: Classes of the training images, (n,), or None.
    """
    S = scattering2d.Scattering2D(scale(N, J), (N, N), L)
    seen, unseen = (np.concatenate(list(_averages(S, images))) for images in (train, test))
    deviation = seen.std(axis=0, dtype=np.float64)
    kept = deviation > 1e-6 * deviation.max()
    mean, deviation = seen[:, kept].mean(axis=0, dtype=np.float64), deviation[kept]
    seen, unseen = (_standardised(part, kept, mean, deviation) for part in (seen, unseen))
    variances, vectors = np.linalg.eigh((seen.T @ seen).astype(np.float64) / len(seen))
    k = max(1, min(MOST, min(len(seen), len(unseen)) // SHARE, int((variances > 1e-4).sum())))
    components = vectors[:, ::-1][:, :k].T
    features, held = seen @ components.T, unseen @ components.T
    classifier = None
    if labels is not None and len(np.unique(labels)) > 1:
        classifier = LogisticRegression(C=0.1, max_iter=200).fit(features, labels)
    real = coverage.nearest(held, features)[0]
    moments = frechet.moments([features])
    return Space(S, kept, mean, deviation, components, features, moments, real, classifier)


def _standardised(
    averages: np.ndarray, kept: np.ndarray, mean: np.ndarray, deviation: np.ndarray
) -> np.ndarray:
    averages = averages[:, kept]
    averages -= mean.astype(np.float32)
    averages /= deviation.astype(np.float32)
    return averages


def _averages(S: scattering2d.Scattering2D, batches: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Yield the means of S over the quarters of each image, and its deviations over positions."""
    computed = {"device": machine.device(), "dtype": torch.float32}
    for s in scattering2d.of_images(S, batches, **computed):
        half = (s.shape[-1] + 1) // 2
        sides = (slice(0, half), slice(-half, None))
        quarters = [s[..., rows, columns].mean((-2, -1)) for rows in sides for columns in sides]
        yield torch.cat([*quarters, s.std((-2, -1), correction=0)], dim=1).cpu().numpy()


def judge(space: Space, features: np.ndarray, *, seed: int) -> dict[str, float]:
    """Return the measures of a set of images.

    Args:
        space: Space of the data set.
        features: Features of the images, (n, k).
        seed: Seed of the parts of the kernel distance.

    Returns:
        frechet, squared; mmd, the squared kernel distance, and mmd_se, its standard error;
        precision, recall, density, coverage; nearer, the probability that an image is nearer to
        the training images than a test image is, 0.5 where nothing was memorised; and with a
        classifier confidence, the mean probability of the likeliest class, and classes, the
        exponential of the entropy of the shares of the classes.
    """
    size = min(len(space.features), len(features), COMPARED)
    real, made = (
        x[np.linspace(0, len(x) - 1, size).astype(int)] for x in (space.features, features)
    )
    subsets = max(2, min(10, len(features) // 2, len(space.features) // 2))
    mmd, error = kernel_distance.kernel_distance(
        features, space.features, subsets=subsets, seed=seed
    )
    copied = coverage.copying(coverage.nearest(features, space.features)[0], space.real)
    measures = {
        "frechet": frechet.frechet(frechet.moments([features]), space.moments),
        "mmd": mmd,
        "mmd_se": error,
        **coverage.coverage(real, made),
        "nearer": copied["closer"],
    }
    if space.classifier:
        p = space.classifier.predict_proba(features)
        shares = np.bincount(p.argmax(1), minlength=p.shape[1]) / len(p)
        entropy = -np.sum(shares[shares > 0] * np.log(shares[shares > 0]))
        measures |= {"confidence": float(p.max(1).mean()), "classes": float(np.exp(entropy))}
    return measures
