"""The published errors on MNIST, by training size, features and classifier.

References:
    J. Bruna and S. Mallat, Invariant scattering convolution networks, IEEE TPAMI 35(8), 2013,
    Table 4.
"""

SIZES = (300, 1000, 2000, 5000, 10000, 20000, 40000, 60000)
# Per cent, of one training set each. Orders 1 and 2: J = 3, 6 angles, with the cosine transform.
ERRORS = {
    ("pixels", "affine"): (14.5, 7.2, 5.8, 4.9, 4.55, 4.25, 4.1, 4.3),
    ("pixels", "svm"): (15.4, 8.2, 6.5, 4, 3.11, 2.2, 1.7, 1.4),
    ("order1", "affine"): (5.7, 2.35, 1.7, 1.6, 1.5, 1.4, 1.36, 1.34),
    ("order1", "svm"): (8, 4, 2.6, 1.6, 1.23, 0.96, 0.75, 0.62),
    ("order2", "affine"): (4.7, 2.3, 1.3, 1.03, 0.88, 0.79, 0.74, 0.7),
    ("order2", "svm"): (5.6, 2.6, 1.8, 1.4, 1, 0.58, 0.53, 0.43),
}
CONVNET = (7.18, 3.21, 2.53, 1.52, 0.85, 0.76, 0.65, 0.53)


def error(source: str, features: str, classifier: str, n: int) -> float | None:
    """Return the published error in per cent, or None where there is none.

    Args:
        source: Source of the images in the configuration, such as `mnist`.
        features: `pixels`, `order1`, `order2` or `cosine`, which is published as order 2.
        classifier: `affine` or `svm`.
        n: Number of training images.

    Example:
        >>> from gsn.systems.classification import published
        >>> published.error("mnist", "order2", "affine", 300)
        4.7
    """
    key = ("order2" if features == "cosine" else features, classifier)
    if source != "mnist" or n not in SIZES or key not in ERRORS:
        return None
    return ERRORS[key][SIZES.index(n)]
