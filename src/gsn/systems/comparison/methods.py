"""What is compared: the methods by name, in words, and the laws that they draw from."""

from collections.abc import Iterable

REAL = "real test images"
NAMES = {
    "pixel_pca": "pixel PCA, linear",
    "ridge": "scattering, linear decoder",
    "scattering": "scattering, G",
    "paper": "scattering, plain G",
    "random_projection": "random projection of S, G",
    "pixels": "pixel PCA, G",
    "autoencoder": "autoencoder",
    "vae": "VAE",
    "glo": "GLO",
}
LEARNED = ("autoencoder", "vae", "glo")  # whose embedding is trained
NORMAL, FITTED, SPHERE = "N(0, I)", "fitted Gaussian", "uniform on the sphere"
# The law that the method assumes comes first.
PRIORS = {"autoencoder": (NORMAL, FITTED), "glo": (SPHERE, FITTED)}


def compared(*, linear: bool) -> list[str]:
    """Return the names of the methods of an experiment.

    Args:
        linear: Whether its G contains a linear decoder, and the paper's G is one more method.

    Example:
        >>> from gsn.systems.comparison import methods
        >>> len(methods.compared(linear=True)), len(methods.compared(linear=False))
        (9, 8)
    """
    return [name for name in NAMES if linear or name != "paper"]


def reference(names: Iterable[str]) -> str | None:
    """Return the method that the learned embeddings are held against, if it is among some methods.

    It is the scattering embedding with a G of the same kind as theirs, without a linear decoder.

    Example:
        >>> from gsn.systems.comparison import methods
        >>> methods.reference(["ridge", "scattering", "paper"]), methods.reference(["scattering"])
        ('paper', 'scattering')
    """
    names = set(names)
    return next((name for name in ("paper", "scattering") if name in names), None)


def priors(name: str) -> tuple[str, ...]:
    """Return the laws that a method draws from.

    Example:
        >>> from gsn.systems.comparison import methods
        >>> methods.priors("vae")
        ('N(0, I)',)
    """
    return PRIORS.get(name, (NORMAL,))
