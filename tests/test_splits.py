"""The choice of training and test images: the first n, or a seeded draw."""

import numpy as np
import pytest

from gsn.data import splits


def test_first_and_drawn_splits_are_disjoint_and_of_the_requested_sizes():
    for choose in (splits.first, lambda *sizes: splits.drawn(*sizes, seed=3)):
        train, test = choose("train", 7, 3, 12), choose("test", 7, 3, 12)
        assert (len(train), len(test)) == (7, 3)
        assert not set(train) & set(test)
        assert list(train) == sorted(train)
    assert list(splits.first("test", 7, 3, 12)) == [7, 8, 9]
    np.testing.assert_array_equal(
        splits.drawn("train", 7, 3, 12, seed=3), splits.drawn("train", 7, 5, 12, seed=3)
    )
    assert list(splits.drawn("train", 7, 3, 12, seed=3)) != list(
        splits.drawn("train", 7, 3, 12, seed=4)
    )


@pytest.mark.parametrize(
    ("train", "test", "expected"),
    [(None, None, (8, 2)), (5, None, (5, 5)), (None, 4, (6, 4)), (5, 2, (5, 2))],
)
def test_missing_counts_take_the_remaining_images(train, test, expected):
    assert splits.counts(10, train, test) == dict(zip(("train", "test"), expected, strict=True))


@pytest.mark.parametrize(
    ("total", "train", "test", "sentence"),
    [
        (
            10,
            8,
            3,
            "train and test must together be at most the number of images, 10: got train=8, test=3",
        ),
        (10, 10, None, "train must leave at least 1 of 10 images: got 10; use at most 9"),
        (10, None, 11, "test must leave at least 1 of 10 images: got 11; use at most 9"),
        (4, None, None, "train must leave at least 1 of 4 images: got 4; use at most 3"),
    ],
)
def test_too_few_images_are_refused(total, train, test, sentence):
    with pytest.raises(ValueError, match=sentence):
        splits.counts(total, train, test)
