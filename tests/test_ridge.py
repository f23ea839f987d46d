"""The linear decoder of z: scikit-learn, its penalty, batches, and what is said of G beside it."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from gsn.decomposition import ridge
from gsn.systems.generation import baseline

RANDOM = np.random.default_rng(0)
Z = RANDOM.standard_normal((203, 6))
X = Z @ RANDOM.standard_normal((6, 4)) + 50 + 5 * RANDOM.standard_normal((203, 4))


def test_agrees_with_scikit_learn():
    fitted = ridge.fit([(Z, X)])
    expected = Ridge(len(Z) * fitted.penalty).fit(Z, X)
    np.testing.assert_allclose(fitted(Z), expected.predict(Z), rtol=1e-5)  # float32


def test_the_penalty_is_the_best_on_the_rows_that_were_held_out():
    held = np.arange(len(Z)) % ridge.HELD_OUT == 0
    seen = held.size - held.sum()
    errors = [
        np.mean((Ridge(seen * a).fit(Z[~held], X[~held]).predict(Z[held]) - X[held]) ** 2)
        for a in ridge.PENALTIES
    ]
    assert ridge.fit([(Z, X)]).penalty == ridge.PENALTIES[np.argmin(errors)]


@pytest.mark.parametrize("rows", [1, 7, 64])
def test_batches_change_rounding_only(rows):
    parts = [(Z[i : i + rows], X[i : i + rows]) for i in range(0, len(Z), rows)]
    np.testing.assert_allclose(ridge.fit(parts).weight, ridge.fit([(Z, X)]).weight, rtol=1e-9)


def test_noise_asks_for_a_large_penalty():
    noise = RANDOM.standard_normal((60, 4))
    assert ridge.fit([(RANDOM.standard_normal((60, 30)), noise)]).penalty == ridge.PENALTIES[-1]


@pytest.mark.parametrize("n", [2, 9])
def test_few_rows_have_a_fixed_penalty(n):
    fitted = ridge.fit([(Z[:n], X[:n])])
    expected = Ridge(n * ridge.FEW).fit(Z[:n], X[:n])
    np.testing.assert_allclose(fitted(Z), expected.predict(Z), rtol=1e-4)  # float32


@pytest.mark.parametrize(
    ("train", "test", "advice"),
    [
        ((28.1, 22.5, 26.2), (26.3, 22.2, 25.7), None),
        ((21.8, 21.6, 26.3), (19.2, 19.5, 23.5), "by heart: use more images, fewer epochs"),
        ((10.9, 19.4, 21.9), (10.9, 19.0, 21.4), "too short: use more epochs or a larger width"),
    ],
)
def test_a_generator_below_the_linear_decoder_is_reported_with_what_to_change(train, test, advice):
    methods = ("generator", "ridge", "pixel_pca")
    psnr = {"train": dict(zip(methods, train, strict=True))}
    psnr |= {"test": dict(zip(methods, test, strict=True))}
    said = baseline.verdict(psnr, linear=False)
    assert f"G {test[0]:.2f} dB" in said
    assert ("below the linear decoder" in said) == bool(advice)
    assert (advice or "") in said
    assert ("generator: {linear: true}" in said) == bool(advice)
    assert "linear: true" not in baseline.verdict(psnr, linear=True)
