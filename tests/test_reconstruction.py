"""Reconstruction: alignment by brute force, symmetries of S_J, exact inversion, the workflow."""

import itertools
import os
import signal

import numpy as np
import pytest
import torch
import yaml

import settings
from gsn.data import photographs, shapes
from gsn.metrics import alignment
from gsn.runtime import files, store
from gsn.systems.reconstruction import measurement, page, reconstruct, recovery
from gsn.transforms import Scattering2D
from project import ROOT, copy, snakemake

N = 16
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text())
TINY = """
table1: [tiny]
datasets:
  tiny: {source: polygons, N: 16, train: 40, test: 12, J: 2, L: 4, d: 8, rank: 16}
reconstruction:
  orders: [2]
  shapes: {N: 8, J: [3], L: 2, k: [1], starts: 2, steps: 6}
  photographs: {N: 8, J: [2], L: 2, images: [camera], starts: 1, steps: 6}
  recovery: {N: 8, J: [3], L: 2, diracs: [1, 2], draws: 2, starts: 1, steps: 6}
"""


@pytest.fixture(scope="module")
def images():
    x = np.stack([shapes.draw(kind, N, k=2, seed=0) for kind in shapes.KINDS])
    return torch.from_numpy(x)


@pytest.fixture(scope="module")
def whole():
    """The transform at 2^J = N."""
    return measurement.transform_of(N, J=4, L=4, order=2)


def moved(y, shift, turned, reversed_):
    source = np.roll(y[::-1, ::-1], 1, axis=(0, 1)) if turned else y
    source = np.roll(source, shift, axis=(0, 1))
    return 2 * y.mean() - source if reversed_ else source


@pytest.mark.parametrize("reversal", [False, True])
@pytest.mark.parametrize("reflection", [False, True])
def test_the_best_match_is_that_of_all_matches_tried(reflection, reversal):
    x, y = np.random.default_rng(0).random((2, 3, 4, 6))
    found = alignment.align(x, y, reflection=reflection, reversal=reversal)
    turns, signs = (False, True)[: 1 + reflection], (False, True)[: 1 + reversal]
    for i in range(len(x)):
        tried = [
            np.sum((x[i] - moved(y[i], (row, column), turned, reversed_)) ** 2)
            for turned, reversed_, row, column in itertools.product(
                turns, signs, range(4), range(6)
            )
        ]
        assert np.sum((x[i] - found.y[i]) ** 2) == pytest.approx(min(tried))


@pytest.mark.parametrize(("turned", "reversed_"), [*itertools.product([False, True], repeat=2)])
def test_what_was_moved_is_found_again(turned, reversed_):
    x = np.random.default_rng(1).random((8, 8))
    y = moved(x, (3, 5), turned, reversed_)
    found = alignment.align(x[None], y[None], reflection=True, reversal=True)
    np.testing.assert_allclose(found.y[0], x, atol=1e-12)
    assert (found.reflected[0], found.reversed[0]) == (turned, reversed_)


def test_a_translation_between_the_pixels_is_found():
    frequencies = np.fft.fftfreq(16, 1 / 16)
    below = (np.abs(frequencies) < 8)[:, None] & (np.abs(frequencies) < 8)
    noise = np.random.default_rng(2).standard_normal((16, 16))
    x = np.fft.ifft2(np.fft.fft2(noise) * below).real  # without the highest frequency
    y = alignment.translate(x, (2.25, 14.5))
    found = alignment.align(x[None], y[None], factor=4)
    np.testing.assert_allclose(found.y[0], x, atol=1e-12)
    np.testing.assert_allclose(found.shifts[0], (13.75, 1.5))


def test_a_wave_is_translated_exactly():
    u = np.arange(12)
    x = np.tile(np.cos(2 * np.pi * u / 12), (6, 1))
    expected = np.tile(np.cos(2 * np.pi * (u - 0.3) / 12), (6, 1))
    np.testing.assert_allclose(alignment.translate(x, (0.7, 0.3)), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.zeros((1, 4, 4)), np.zeros((1, 4, 5)), "images of one shape"),
        (np.zeros((4, 4)), np.zeros((4, 4)), r"one shape \(n, H, W\)"),
        (np.zeros((1, 4, 4)), np.full((1, 4, 4), np.nan), "y must be finite"),
    ],
)
def test_images_that_cannot_be_aligned_are_refused(x, y, message):
    with pytest.raises(ValueError, match=message):
        alignment.align(x, y)


def test_shapes_have_the_numbers_and_the_areas_that_were_asked_for():
    assert shapes.draw("diracs", 16, k=7, seed=3).sum() == 7
    assert set(np.unique(shapes.draw("diracs", 16, k=7, seed=3))) == {0, 1}
    for index in range(20):
        segment = shapes.draw("segments", 32, k=1, seed=0, index=index)
        assert shapes.WIDTH * 8 <= segment.sum() <= shapes.WIDTH * 24 * np.sqrt(2)
        polygon = shapes.draw("polygons", 32, k=1, seed=0, index=index)
        assert 16 <= polygon.sum() <= 24**2
        assert max(segment.max(), polygon.max()) <= 1


def test_an_image_depends_on_its_own_numbers_only():
    first, second = (shapes.draw("polygons", 16, k=2, seed=0, index=i) for i in (0, 1))
    assert (first != second).any()
    np.testing.assert_array_equal(shapes.draw("polygons", 16, k=2, seed=0), first)


@pytest.mark.parametrize(
    ("kind", "k", "message"),
    [
        ("circles", 1, "kind must be one of diracs, segments, polygons: got 'circles'"),
        ("diracs", 0, "k must be an integer of at least 1"),
        ("diracs", 65, "k must be at most N\\^2=64: got 65"),
    ],
)
def test_shapes_that_cannot_be_drawn_are_refused(kind, k, message):
    with pytest.raises(ValueError, match=message):
        shapes.draw(kind, 8, k=k, seed=0)


def test_an_unknown_photograph_is_one_sentence(tmp_path):
    with pytest.raises(ValueError, match=r"or one of astronaut, .*: got 'kamera'"):
        photographs.draw("kamera", 8)
    (tmp_path / "x.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match="cannot be read as an image"):
        photographs.draw(str(tmp_path / "x.png"), 8)


def test_at_the_largest_scale_s_does_not_see_reflection_and_contrast(images, whole):
    S = whole(images)
    reflected = whole(images.flip(1, 2).roll((1, 1), (1, 2)))
    reversed_ = whole(2 * images.mean(dim=(1, 2), keepdim=True) - images)
    torch.testing.assert_close(reflected, S, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(reversed_, S, rtol=1e-9, atol=1e-12)


def test_at_half_of_the_largest_scale_s_does_not_see_reflection(images):
    transform = measurement.transform_of(N, J=(N // 2).bit_length() - 1, L=4, order=2)
    x = images.numpy()
    y = np.roll(x[:, ::-1, ::-1], (1, 1), (1, 2))  # x(-u)
    torch.testing.assert_close(transform(torch.from_numpy(y.copy())), transform(images))
    found = measurement.aligned(x, y, J=transform.J)
    assert found.reflected[1:].all()  # a translation is enough for the Dirac
    np.testing.assert_allclose(found.y, x, atol=1e-12)


def test_at_the_largest_scale_s_hardly_sees_translations(images, whole):
    S = whole(images)
    for shift in ((0, 1), (3, 5)):
        difference = (whole(images.roll(shift, (1, 2))) - S).norm(dim=1)
        assert (difference < 0.02 * S[:, 1:].norm(dim=1)).all()  # aliases of the moduli


def test_an_image_is_recovered_where_there_are_more_coefficients_than_pixels(images):
    transform = measurement.transform_of(N, J=1, L=8, order=1)  # 2.25 numbers a pixel
    x = images[1:]  # a segment and a polygon
    found = reconstruct(transform(x), transform, n_starts=1, steps=120, tolerance=1e-7)
    assert found.error.max() < 1e-3
    assert measurement.psnr(x.numpy(), found.x.numpy()).min() > 40


def test_errors_are_those_of_the_images_that_are_returned(images, whole):
    S = whole(images)
    found = reconstruct(S, whole, n_starts=2, steps=8)
    mean = images.mean(dim=(1, 2), keepdim=True).expand_as(images)
    norm = (S - whole(mean)).flatten(1).norm(dim=1)
    error = (whole(found.x) - S).flatten(1).norm(dim=1) / norm
    torch.testing.assert_close(found.error, error)
    torch.testing.assert_close(found.error, found.starts.min(dim=0).values)
    assert (found.losses[-1] < found.losses[0]).all()


def test_others_in_the_batch_change_nothing(images, whole):
    S = whole(images)
    together = reconstruct(S, whole, n_starts=2, steps=5).x
    alone = torch.stack([reconstruct(one, whole, n_starts=2, steps=5).x for one in S])
    torch.testing.assert_close(together, alone, rtol=1e-5, atol=1e-7)


def test_brightness_and_contrast_are_those_of_the_image(images, whole):
    plain = reconstruct(whole(images), whole, n_starts=1, steps=5).x
    changed = reconstruct(whole(4 * images + 3), whole, n_starts=1, steps=5).x
    torch.testing.assert_close(changed, 4 * plain + 3, rtol=1e-5, atol=1e-6)


def test_more_starts_hold_the_first_ones(images, whole):
    S = whole(images)
    few, many = (reconstruct(S, whole, n_starts=n, steps=5) for n in (1, 3))
    torch.testing.assert_close(many.starts[:1], few.starts, rtol=1e-5, atol=1e-8)
    assert (many.error <= few.error + 1e-8).all()


def test_arrays_of_numpy_come_back_as_arrays(images, whole):
    S = whole(images[:1])
    expected = reconstruct(S, whole, n_starts=1, steps=3)
    found = reconstruct(S.numpy(), whole, n_starts=1, steps=3)
    assert isinstance(found.x, np.ndarray)
    np.testing.assert_array_equal(found.x, expected.x.numpy())


def test_the_boundary_may_be_reflected(images):
    transform = Scattering2D(2, (N, N), L=4)
    found = reconstruct(transform(images[1:].float()), transform, n_starts=1, steps=30)
    assert found.x.dtype == torch.float32
    assert found.error.max() < 0.2


@pytest.mark.parametrize("stopped_at", [3, 12])
def test_a_stopped_reconstruction_goes_on_where_it_was(images, whole, tmp_path, stopped_at):
    S, settings = whole(images[:1]), {"n_starts": 2, "steps": 16}
    expected, calls = reconstruct(S, whole, **settings), 0

    class Signalled(Scattering2D):
        def forward(self, x):
            nonlocal calls
            calls += x.requires_grad
            if x.requires_grad and calls == stopped_at:
                os.kill(os.getpid(), signal.SIGTERM)
            return super().forward(x)

    grids = {"boundary": "periodic", "moments": True, "oversampling": 1}
    transform = Signalled(4, (N, N), 4, 2, **grids)
    with pytest.raises(SystemExit, match="run again to continue"):
        reconstruct(S, transform, **settings, checkpoint=tmp_path)
    found = reconstruct(S, transform, **settings, checkpoint=tmp_path)
    assert torch.equal(found.x, expected.x)
    assert torch.equal(found.losses, expected.losses)
    assert found.evaluations == expected.evaluations


def test_a_grating_without_coarse_coefficients_is_reconstructed(whole):
    x = torch.from_numpy(np.indices((N, N)).sum(axis=0) % 2.0)[None]
    found = reconstruct(whole(x), whole, n_starts=1, steps=60)
    assert found.error.max() < 0.2
    assert torch.isfinite(found.losses).all()


def test_a_constant_image_is_refused_at_any_boundary():
    transform = Scattering2D(2, (N, N), L=4)
    S = transform(torch.full((1, N, N), 0.7))
    with pytest.raises(ValueError, match=r"images that vary: .* in image 0, which is constant"):
        reconstruct(S, transform, n_starts=1, steps=2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda S: S[:, :5], r"S must have the shape \(\.\.\., .*\) of this transform"),
        (lambda S: S.half(), "in float32 or float64: got .* in torch.float16"),
        (lambda S: S * torch.nan, "S must be finite"),
        (lambda S: S[:0], "S must be that of at least one image"),
        (
            lambda S: torch.cat([S[:, :1], 0 * S[:, 1:]], dim=1),
            "images that vary: .* in image 0, which",
        ),
    ],
)
def test_coefficients_that_have_no_image_are_refused(images, whole, change, message):
    with pytest.raises(ValueError, match=message):
        reconstruct(change(whole(images)), whole, n_starts=1, steps=2)


def test_the_psnr_of_the_constant_image_is_that_of_the_variance():
    rows, y = measurement.measured(
        "shapes",
        ["1 dirac"],
        shapes.draw("diracs", 8, k=1, seed=0)[None],
        J=3,
        L=2,
        order=1,
        starts=1,
        steps=3,
        tolerance=1e-5,
        seed=0,
        device=torch.device("cpu"),
    )
    assert set(rows[0]) == set(measurement.COLUMNS)
    variance = 1 / 64 * (1 - 1 / 64)
    assert rows[0]["constant_db"] == pytest.approx(-10 * np.log10(variance))
    assert (rows[0]["coefficients"], y.shape) == (7, (1, 8, 8))


def configured(given):
    config = CONFIG | {"reconstruction": given}
    settings.datasets(config)
    return settings.reconstruction(config)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"shapes": {"J": [7]}}, "reconstruction.shapes.N must be a multiple of 2**J: got N=32"),
        ({"shapes": {"j": [3]}}, "reconstruction.shapes has no key 'j'; did you mean 'J'?"),
        ({"orders": [3]}, "reconstruction.orders must be"),
        ({"recovery": {"draws": 0}}, "recovery.draws must be at least 1 (number of images"),
        ({"photographs": {"images": ["camera", "camera"]}}, "name each image once: got 'camera'"),
    ],
)
def test_a_wrong_setting_is_one_sentence(given, sentence):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        configured(given)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_the_workflow_makes_tables_and_pictures(tmp_path):
    house = copy(tmp_path)
    (house / "tiny.yaml").write_text(TINY)
    run = snakemake(house, "tiny.yaml", "--", "reconstruction")
    assert run.returncode == 0, run.stdout + run.stderr
    rows = files.read_csv(house / "results/reconstruction.csv")
    assert list(rows[0]) == list(measurement.COLUMNS)
    assert [row["image"] for row in rows] == ["1 dirac", "1 segment", "1 polygon", "camera"]
    assert rows[-1]["coefficients"] == str(4 * (1 + 2 * 2 + 4))
    folder = house / "results/reconstruction"
    recovered = files.read_csv(folder / "recovery.csv")
    assert list(recovered[0]) == list(recovery.COLUMNS)
    assert [row["diracs"] for row in recovered] == ["1", "2"]
    text = (house / "results/reconstruction.md").read_text()
    assert page.diagram(recovered, 40) in text
    for name in ("psnr", "recovery", "shapes", "photographs"):
        assert (folder / f"{name}.png").stat().st_size > 1000
    x = store.read(folder / "shapes/J3_L2_m2/images.zarr", "x")
    assert x.shape == (3, 8, 8)
    wrong = snakemake(house, "tiny.yaml", "--", "results/reconstruction/shapes/J9_L2_m2/psnr.csv")
    assert "reconstruction.shapes.N must be a multiple of 2**J: got N=8, J=9" in wrong.stderr
