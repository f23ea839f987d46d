"""PSNR with its intervals, SSIM, and the zeros of activations."""

import contextlib

import numpy as np
import pytest
import torch
from scipy import ndimage, stats
from torch import nn

from gsn.metrics import reconstruction
from gsn.metrics.reconstruction import interval, mse, psnr, psnr_of_pairs
from gsn.metrics.similarity import ssim
from gsn.metrics.sparsity import sparsity


def test_a_constant_error_of_a_tenth_is_20_db():
    x = np.random.default_rng(0).uniform(size=(3, 2, 4, 4))
    assert psnr(mse(x, x + 0.1), peak=1) == pytest.approx((20, 20))
    assert psnr(mse(255 * x, 255 * (x + 0.1)), peak=255) == pytest.approx((20, 20))


def test_pooled_and_mean_psnr_have_their_values_by_hand():
    errors = np.array([0.01, 0.0001])  # 20 dB and 40 dB
    pooled, mean = psnr(errors, peak=1)
    assert pooled == pytest.approx(-10 * np.log10(0.00505))
    assert mean == pytest.approx(30)


def test_unsigned_pixels_do_not_wrap():
    x, y = np.array([[10]], dtype=np.uint8), np.array([[20]], dtype=np.uint8)
    assert mse(x, y) == pytest.approx([100])
    assert mse(y, x) == pytest.approx([100])


def test_the_psnr_of_a_perfect_image_is_infinite_without_a_warning():
    assert psnr(np.array([0.0, 1.0]), peak=1)[1] == np.inf


def test_psnr_does_not_depend_on_the_batches():
    rng = np.random.default_rng(0)
    x, y = rng.uniform(size=(2, 7, 3, 4, 4))
    whole = psnr_of_pairs([(x, y)], peak=1)
    assert whole[0] == 7
    assert psnr_of_pairs([(x[:4], y[:4]), (x[4:], y[4:])], peak=1) == pytest.approx(whole)


def test_other_shapes_no_images_and_nan_are_refused():
    with pytest.raises(ValueError, match=r"same shape: got \(1, 2\) and \(1, 3\)"):
        mse(np.zeros((1, 2)), np.zeros((1, 3)))
    with pytest.raises(ValueError, match="at least one image"):
        psnr(np.array([]), peak=1)
    with pytest.raises(ValueError, match="finite"):
        psnr(np.array([np.nan]), peak=1)


@pytest.fixture
def network():
    """z = (a, b) -> u = rho(a, b, -a, -b) -> dropout -> rho(u, -1), repeated on 2 x 2 pixels."""
    network = nn.Sequential(
        nn.Linear(2, 4, bias=False),
        nn.ReLU(inplace=True),
        nn.Dropout(0.9),
        nn.Linear(4, 5),
        nn.Unflatten(1, (5, 1, 1)),
        nn.Upsample(scale_factor=2),
        nn.ReLU(),
    )
    with torch.no_grad():
        network[0].weight.copy_(torch.tensor([[1, 0], [0, 1], [-1, 0], [0, -1]]))
        network[3].weight.copy_(torch.eye(5, 4))
        network[3].bias.copy_(torch.tensor([0, 0, 0, 0, -1]))
    return network


# of the four numbers of u, 2, 2, 3 and 4 are zero
Z = np.array([[1, -2], [3, 4], [0, 5], [0, 0]], dtype=np.float32)


def test_known_zeros_are_counted(network):
    rows = sparsity(network, [Z])
    assert rows[0] == (0, 4, 1, 4, 11 / 16)
    assert rows[1] == (1, 5, 2, 4, 15 / 20)
    assert rows[2] == ("all", "", "", 4, (11 + 4 * 15) / (16 + 4 * 20))


def test_sparsity_does_not_depend_on_the_batch(network):
    assert (
        sparsity(network, [Z[:1], Z[1:]])
        == sparsity(network, iter(Z[:, None]))
        == sparsity(network, [Z])
    )


def test_sparsity_leaves_the_network_as_it_was(network):
    network.train()
    network[1].eval()

    def failing():
        yield Z
        raise InterruptedError

    for batches in ([Z], failing()):
        with contextlib.suppress(InterruptedError):
            sparsity(network, batches)
        assert [module.training for module in network] == [
            True,
            False,
            True,
            True,
            True,
            True,
            True,
        ]
        assert not any(module._forward_hooks for module in network)


def test_sparsity_needs_a_relu_and_a_z(network):
    with pytest.raises(ValueError, match="at least one z: got 2 and 0"):
        sparsity(network, [])
    with pytest.raises(ValueError, match=r"nn\.ReLU modules and at least one z: got 0 and 4"):
        sparsity(nn.Linear(2, 2), [Z])


ERRORS = np.random.default_rng(1).gamma(2, 20, size=300)


def test_intervals_are_those_of_scipy():
    def pooled(errors, axis):
        return 10 * np.log10(255**2 / errors.mean(axis=axis))

    def mean(errors, axis):
        return np.mean(10 * np.log10(255**2 / errors), axis=axis)

    found = interval(ERRORS, peak=255, seed=0)
    for limits, statistic in zip(found, (pooled, mean), strict=True):
        settings = {"method": "percentile", "n_resamples": 20_000, "rng": 2}
        expected = stats.bootstrap((ERRORS,), statistic, **settings).confidence_interval
        width = expected.high - expected.low
        # the limits of 1000 resamples deviate by about 4 % of the width
        np.testing.assert_allclose(limits, expected, rtol=0, atol=0.15 * width)


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    # Errors are exponential: E error = 1 is 0 dB; E log(error) = -Euler's gamma.
    truth = 0.0, 10 * np.euler_gamma / np.log(10)
    rng, runs = np.random.default_rng(3), 200
    held = np.zeros(2)
    for seed in range(runs):
        found = interval(rng.exponential(size=200), peak=1, seed=seed)
        held += [low <= value <= high for (low, high), value in zip(found, truth, strict=True)]
    assert (held >= 0.9 * runs).all()  # 95 %, whose deviation over the runs is 1.5 %
    assert (held < runs).all()


def test_intervals_depend_on_the_seed_alone(monkeypatch):
    found = interval(ERRORS, peak=255, seed=0)
    np.random.seed(5)
    assert interval(ERRORS, peak=255, seed=0) == found
    assert interval(ERRORS, peak=255, seed=1) != found
    monkeypatch.setattr(reconstruction, "DRAWN", 1)  # one resample at once
    np.testing.assert_allclose(interval(ERRORS, peak=255, seed=0), found)


def test_perfect_images_have_infinite_limits_and_no_nan():
    (low, high), mean = interval(np.array([0.0] * 5 + [1.0] * 5), peak=1, seed=0)
    assert 0 < low < high
    assert mean == (np.inf, np.inf)


def test_an_interval_needs_finite_errors():
    with pytest.raises(ValueError, match="at least one image"):
        interval(np.array([]), peak=1, seed=0)
    with pytest.raises(ValueError, match="finite"):
        interval(np.array([np.inf]), peak=1, seed=0)


def test_ssim_of_flat_images_is_that_of_the_formula():
    # Without variance, SSIM = (2 a b + C) / (a^2 + b^2 + C) with C = (0.01 * 255)^2.
    a, b, C = 100, 50, (0.01 * 255) ** 2
    x = np.full((1, 3, 16, 16), a, dtype=np.uint8)
    expected = (2 * a * b + C) / (a**2 + b**2 + C)
    assert ssim(x, np.full(x.shape, b, dtype=np.float32)) == pytest.approx([expected])


def test_ssim_is_that_of_gaussian_windows():
    rng = np.random.default_rng(0)
    x, y = rng.uniform(0, 255, size=(2, 24, 24))

    def mean(z):
        return ndimage.gaussian_filter(z, 1.5, truncate=3.5)[5:-5, 5:-5]

    (a, b), (C1, C2) = (mean(x), mean(y)), ((0.01 * 255) ** 2, (0.03 * 255) ** 2)
    covariance = mean(x * y) - a * b
    variances = mean(x * x) - a * a + mean(y * y) - b * b
    local = (2 * a * b + C1) * (2 * covariance + C2) / ((a * a + b * b + C1) * (variances + C2))
    found = ssim(np.stack([x, x])[:, None], np.stack([y, x])[:, None])
    np.testing.assert_allclose(found, [local.mean(), 1])


def test_ssim_refuses_other_shapes_and_images_below_a_window():
    x = np.zeros((1, 3, 16, 16))
    for other in (x[..., :15], x[0], x[:, :1]):
        with pytest.raises(ValueError, match="one shape"):
            ssim(x, other)
    with pytest.raises(ValueError, match="N of at least 11"):
        ssim(x[..., :8, :8], x[..., :8, :8])


def test_an_interval_is_as_wide_as_the_delta_method_says():
    errors = np.random.default_rng(0).exponential(100, 5000)
    (low, high), _ = interval(errors, peak=255, seed=0)
    deviation = 10 / np.log(10) * errors.std() / errors.mean() / np.sqrt(len(errors))
    assert high - low == pytest.approx(2 * 1.96 * deviation, rel=0.1)
