import numpy as np
import pytest

from gsn.evaluation import mse, psnr, psnr_of_pairs


def test_a_constant_error_of_a_tenth_is_20_db():
    x = np.random.default_rng(0).uniform(size=(3, 2, 4, 4))
    assert psnr(mse(x, x + 0.1), peak=1) == pytest.approx((20, 20))
    assert psnr(mse(255 * x, 255 * (x + 0.1)), peak=255) == pytest.approx((20, 20))


def test_pooled_and_mean_by_hand():
    errors = np.array([0.01, 0.0001])  # 20 dB and 40 dB
    pooled, mean = psnr(errors, peak=1)
    assert pooled == pytest.approx(-10 * np.log10(0.00505))
    assert mean == pytest.approx(30)


def test_unsigned_pixels_do_not_wrap():
    x, y = np.array([[10]], dtype=np.uint8), np.array([[20]], dtype=np.uint8)
    assert mse(x, y) == pytest.approx([100])
    assert mse(y, x) == pytest.approx([100])


def test_a_perfect_image_is_infinite_and_does_not_warn():
    assert psnr(np.array([0.0, 1.0]), peak=1)[1] == np.inf


def test_batches_do_not_matter():
    rng = np.random.default_rng(0)
    x, y = rng.uniform(size=(2, 7, 3, 4, 4))
    whole = psnr_of_pairs([(x, y)], peak=1)
    assert whole[0] == 7
    assert psnr_of_pairs([(x[:4], y[:4]), (x[4:], y[4:])], peak=1) == pytest.approx(whole)


def test_refuses_other_shapes_and_no_images():
    with pytest.raises(ValueError, match=r"same shape: got \(1, 2\) and \(1, 3\)"):
        mse(np.zeros((1, 2)), np.zeros((1, 3)))
    with pytest.raises(ValueError, match="at least one image"):
        psnr(np.array([]), peak=1)
    with pytest.raises(ValueError, match="finite"):
        psnr(np.array([np.nan]), peak=1)
