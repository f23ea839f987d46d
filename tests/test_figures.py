"""Figures show the arrays that they are given."""

import numpy as np
import pytest
import torch
from PIL import Image

from gsn.figures import animation
from gsn.figures import images as figures
from gsn.figures.training import training_curve
from gsn.metrics.reconstruction import mse, psnr
from gsn.networks.generator import Generator, decode
from gsn.systems.generation import pictures


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


@pytest.mark.parametrize(("N", "side"), [(16, 128), (28, 112), (32, 128), (64, 128), (128, 128)])
def test_images_are_magnified_by_whole_factors(N, side):
    x = np.arange(N * N, dtype=np.float32).reshape(1, N, N)
    large = figures.magnified(x)
    assert large.shape == (1, side, side)
    np.testing.assert_array_equal(large[:, :: side // N, :: side // N], x)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_saved_figure_has_the_pixels_of_the_images(tmp_path, channels):
    images = np.random.default_rng(0).integers(
        0, 256, size=(2, 3, channels, 32, 32), dtype=np.uint8
    )
    captions = [["20 dB"] * 3, ["30 dB"] * 3]
    figure = figures.image_rows(images, ["x", "G(z)"], title="title", captions=captions)
    figure.savefig(tmp_path / "figure.png")
    saved = np.asarray(Image.open(tmp_path / "figure.png").convert("RGB"))
    sheet = figures.grid(figures.magnified(images), below=figures.LINE)
    first = sheet[:128, :128]
    places = np.argwhere((saved[..., 0] == first[0, 0, 0]) & (saved[..., 1] == first[0, 0, 1]))
    crops = (saved[i : i + len(sheet), j : j + sheet.shape[1]] for i, j in places)
    place = next(crop for crop in crops if np.array_equal(crop[:128, :128], first))
    np.testing.assert_array_equal(place[:128], sheet[:128])
    np.testing.assert_array_equal(place[-128:], sheet[-128:])


def frames():
    return np.random.default_rng(0).integers(0, 256, size=(5, 2, 3, 1, 28, 28), dtype=np.uint8)


def test_an_animation_goes_there_and_back_in_three_seconds(tmp_path):
    animation.save_loop(tmp_path / "loop.webp", frames(), ["train", "test"])
    loop = Image.open(tmp_path / "loop.webp")
    assert loop.n_frames == 8
    assert loop.info["loop"] == 0  # for ever
    shown, durations = [], []
    for i in range(8):
        loop.seek(i)
        shown.append(np.asarray(loop.convert("L"), dtype=float))
        durations.append(loop.info["duration"])
    assert sum(durations) == 3000
    sheet = figures.grid(figures.magnified(frames()[1]))[..., 0]
    assert np.abs(shown[1][:, animation.LEFT :] - sheet).mean() < 8  # WebP loses some
    assert np.abs(shown[1] - shown[7]).mean() < 2


def test_an_animation_has_the_same_bytes_each_time(tmp_path):
    for name in ("one.webp", "two.webp"):
        animation.save_loop(tmp_path / name, frames(), ["train", "test"])
        np.random.seed(7)
    assert (tmp_path / "one.webp").read_bytes() == (tmp_path / "two.webp").read_bytes()


@pytest.mark.parametrize(("N", "channels", "k"), [(32, 3, 8), (28, 1, 8), (16, 3, 1)])
def test_figures_2_to_5_depend_on_nothing_around_them(N, channels, k, tmp_path):
    torch.manual_seed(0)
    G = Generator(d=4, N=N, width=2, channels=channels).eval()
    rng = np.random.default_rng(0)
    x = {s: rng.integers(0, 256, (k, channels, N, N), dtype=np.uint8) for s in ("train", "test")}
    z = {s: rng.standard_normal((k, 4), dtype=np.float32) for s in x}

    def drawn():
        found = {}
        for name, figure in pictures.figures(G, x, z, seed=3):
            figure.savefig(tmp_path / "figure.png")
            found[name] = (tmp_path / "figure.png").read_bytes()
        return found, pictures.moving(G, z)

    first, moving = drawn()
    torch.manual_seed(1)
    np.random.seed(1)
    second, again = drawn()
    assert first == second
    np.testing.assert_array_equal(moving, again)
    assert moving.shape[:3] == (25, 2, min(3, max(1, k // 2)))


def test_the_number_below_a_reconstruction_is_its_psnr():
    G = Generator(d=4, N=16, width=2).eval()
    z = {s: np.random.default_rng(0).standard_normal((2, 4), dtype=np.float32) for s in "ab"}
    z = {"train": z["a"], "test": z["b"]}
    y = np.concatenate(list(decode(G, z["train"])))
    x = np.clip(y + 25.5, 0, 255)  # near 20 dB where nothing is clipped
    x = np.rint(x).astype(np.uint8)
    _, figure = next(pictures.figures(G, {"train": x, "test": x}, z, seed=0))
    expected = [f"{psnr([e], peak=255)[0]:.1f} dB" for e in mse(x, y)]
    assert [text.get_text() for text in figure.axes[0].texts] == expected
