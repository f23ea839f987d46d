"""Laws of z."""

import numpy as np

from gsn.samplers import gaussian


def test_the_gaussian_has_mean_zero_and_covariance_identity():
    n, d = 20_000, 4
    z = gaussian.sample(n, d)
    assert z.dtype == np.float32
    # five standard deviations of an empirical mean and covariance
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=5 / np.sqrt(n))
    np.testing.assert_allclose(np.cov(z.T), np.eye(d), atol=5 * np.sqrt(2 / n))


def test_the_first_draws_do_not_depend_on_their_number():
    np.testing.assert_array_equal(gaussian.sample(3, 5, seed=1), gaussian.sample(9, 5, seed=1)[:3])
    assert not np.array_equal(gaussian.sample(3, 5, seed=1), gaussian.sample(3, 5, seed=2))
