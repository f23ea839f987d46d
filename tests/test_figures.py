"""Figures show the arrays that they are given."""

import numpy as np
import pytest

from gsn.figures import images as figures
from gsn.figures.training import training_curve


@pytest.mark.parametrize("channels", [1, 3])
def test_grid_keeps_every_pixel(channels):
    images = np.random.default_rng(0).integers(0, 255, size=(2, 3, channels, 8, 8), dtype=np.uint8)
    sheet = figures.grid(images)
    assert sheet.shape == (17, 26, 3)  # gaps of one pixel
    np.testing.assert_array_equal(
        sheet[9:17, 18:26], np.broadcast_to(images[1, 2], (3, 8, 8)).transpose(1, 2, 0)
    )
    assert (sheet[8] == 255).all()


def test_rows_are_labelled(tmp_path):
    figure = figures.image_rows(
        np.zeros((2, 3, 3, 8, 8), dtype=np.uint8), ["x", "G(z)"], title="title"
    )
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["x", "G(z)"]
    figure.savefig(tmp_path / "figure.png")


def test_training_curve_shows_the_numbers():
    epochs, loss, rate = np.array([1, 2, 3]), np.array([0.3, 0.2, 0.1]), np.array([1e-3, 2e-3, 0])
    decibels = {"train": np.array([10, 20, 30]), "test": np.array([10, 15, 18])}
    above, middle, below = training_curve(epochs, loss, rate, decibels).axes
    np.testing.assert_array_equal(middle.lines[1].get_ydata(), decibels["test"])
    np.testing.assert_array_equal(above.lines[0].get_xydata(), np.stack([epochs, loss], axis=1))
    np.testing.assert_array_equal(below.lines[0].get_ydata(), rate)
