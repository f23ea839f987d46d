"""The choice of the training images and the test images of a source."""

import numpy as np

MOST = 2**30  # images; a header may promise any number, and a permutation takes 8 bytes for each


def counts(total: int, train: int | None = None, test: int | None = None) -> dict[str, int]:
    """Return the size of each split, with the sizes that are not given filled in.

    If one size is missing, that split takes all remaining images. If both are missing, a fifth of
    the images are for test. That is the paper's proportion: 16,384 of 81,920.

    Args:
        total: Number of images of the source.
        train, test: Numbers of training and test images, at least 1 each, if given.

    Returns:
        Sizes of `train` and `test`, at least 1 each and at most `total` together.

    Raises:
        ValueError: The source has too few images, or more than 2^30.

    Example:
        >>> counts(81920)
        {'train': 65536, 'test': 16384}
        >>> counts(10, train=7)
        {'train': 7, 'test': 3}
    """
    check_total(total)
    if train is None:
        test = total // 5 if test is None else test
        train = total - test
    elif test is None:
        test = total - train
    for name, asked, other in (("train", train, test), ("test", test, train)):
        if other < 1:
            raise ValueError(
                f"{name} must leave at least 1 of {total} images: got {asked}; "
                f"use at most {total - 1}."
            )
    _check(train, test, total)
    return {"train": train, "test": test}


def check_total(total: int) -> None:
    """Refuse a source that says to have more than 2^30 images.

    Raises:
        ValueError: It has.
    """
    if total > MOST:
        raise ValueError(
            f"the number of images must be at most {MOST}: found {total}; use a part of them."
        )


def _check(train: int, test: int, total: int) -> None:
    check_total(total)
    if train + test > total:
        raise ValueError(
            f"train and test must together be at most the number of images, {total}: "
            f"got train={train}, test={test}; ask for fewer."
        )


def first(split: str, train: int, test: int, total: int) -> range:
    """Return the places of the first `train` images, or of the `test` images that follow them.

    This is the paper's choice.

    Args:
        split: `train` or `test`.
        train, test: Numbers of training and test images.
        total: Number of images of the source.

    Returns:
        Places of the images of the split in the source, in increasing order.

    Raises:
        ValueError: The source has fewer than `train + test` images.

    Example:
        >>> first("test", 7, 3, total=12)
        range(7, 10)
    """
    _check(train, test, total)
    return range(train) if split == "train" else range(train, train + test)


def drawn(split: str, train: int, test: int, total: int, seed: int) -> np.ndarray:
    """Return the places of the images of a split, drawn without replacement.

    A seeded permutation of the images is split as in `first`. Within a split the images keep the
    order of the source.

    Args:
        split: `train` or `test`.
        train, test: Numbers of training and test images.
        total: Number of images of the source.
        seed: Seed of the permutation.

    Returns:
        Places of the images of the split in the source, (train,) or (test,) int64, in increasing
        order.

    Raises:
        ValueError: The source has fewer than `train + test` images.

    Example:
        >>> train, test = (drawn(split, 3, 2, total=5, seed=0) for split in ("train", "test"))
        >>> len(train), len(test), np.union1d(train, test)
        (3, 2, array([0, 1, 2, 3, 4]))
    """
    return np.sort(np.random.default_rng(seed).permutation(total)[first(split, train, test, total)])
