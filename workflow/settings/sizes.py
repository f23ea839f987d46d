"""Sizes of what an experiment stores, from its settings: bytes before compression."""

from settings.embedding import coefficients


def images(settings: dict) -> int:
    """Bytes of the images of both splits, n c N^2 of 8 bits."""
    return _rows(settings) * settings["channels"] * settings["N"] ** 2


def scattering(settings: dict) -> int:
    """Bytes of the coefficients of both splits, n p of 16 or 32 bits.

    Example:
        >>> known = {"train": 60, "test": 40, "channels": 3, "N": 32, "J": 3, "L": 8}
        >>> scattering(known | {"scattering": {"dtype": "float16"}})
        2083200
    """
    p = coefficients(**{name: settings[name] for name in ("channels", "N", "J", "L")})
    return _rows(settings) * p * {"float16": 2, "float32": 4}[settings["scattering"]["dtype"]]


def embeddings(settings: dict) -> int:
    """Bytes of z of both splits, n d of 32 bits."""
    return _rows(settings) * settings["d"] * 4


def _rows(settings: dict) -> int:
    return settings["train"] + settings["test"]
