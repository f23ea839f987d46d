"""Which images of a source are the training images and which are the test images."""

import numpy as np


def counts(total: int, train: int | None = None, test: int | None = None) -> dict[str, int]:
    """The size of each split, where a size left out takes what is left: of everything, test takes a fifth.

    A fifth is the paper's own proportion, 16,384 of 81,920.

    Raises:
        ValueError: if there are fewer images than asked for.
    """
    if train is None:
        test = total // 5 if test is None else test
        train = total - test
    elif test is None:
        test = total - train
    for name, asked, other in (("train", train, test), ("test", test, train)):
        if other < 1:
            raise ValueError(f"{name} must leave at least 1 of {total} images: got {asked}; use at most {total - 1}.")
    _check(train, test, total)
    return {"train": train, "test": test}


def _check(train: int, test: int, total: int) -> None:
    if train + test > total:
        raise ValueError(
            f"train and test must be together at most the number of images, {total}: got train={train}, test={test}; "
            "ask for fewer."
        )


def first(split: str, train: int, test: int, total: int) -> range:
    """The first `train` images, and the `test` images behind them (the paper's choice).

    Raises:
        ValueError: if there are fewer images than asked for.
    """
    _check(train, test, total)
    return range(train) if split == "train" else range(train, train + test)


def drawn(split: str, train: int, test: int, total: int, seed: int) -> np.ndarray:
    """The same of a seeded permutation; within a split the images keep the order of the source.

    Raises:
        ValueError: if there are fewer images than asked for.
    """
    return np.sort(np.random.default_rng(seed).permutation(total)[first(split, train, test, total)])
