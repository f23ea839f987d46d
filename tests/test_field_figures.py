"""Figures of fields show the arrays that they are given."""

import numpy as np
import pytest
from PIL import Image

from gsn.figures import fields as figures
from gsn.figures.fields import pictures
from gsn.figures.images import DPI, magnified


def noise(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def saved(figure, tmp_path):
    figure.savefig(tmp_path / "figure.png")
    return np.asarray(Image.open(tmp_path / "figure.png").convert("RGB"))


def names(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def line(axes, name):
    return next(line for line in axes.lines if line.get_label() == name)


def test_a_gallery_has_every_pixel_as_a_square_and_one_scale_a_row(tmp_path):
    x = noise(2, 64, 64)
    figure = figures.gallery({"noise": {"example": x[0], "twice": 2 * x[0], "other": x[1]}})
    picture = saved(figure, tmp_path)
    low, high = np.percentile(x[0], (0.5, 99.5))
    for k, field in enumerate((x[0], 2 * x[0], x[1])):
        grey = np.rint(255 * np.clip((field - low) / (high - low), 0, 1)).astype(np.uint8)
        tile = magnified(grey, 256)
        top = len(picture) - 8 - 256
        left = 40 + k * (256 + pictures.GAP)
        np.testing.assert_array_equal(picture[top : top + 256, left : left + 256, 1], tile)
    assert figure.get_size_inches()[0] * DPI == pytest.approx(40 + 3 * 256 + 2 * 12 + 8)


def test_a_gallery_takes_rows_of_other_sides_and_leaves_blank_what_is_missing(tmp_path):
    rows = {
        "small": {"example": noise(32, 32), "a": noise(32, 32)},
        "wide": {"example": noise(64, 128), "b": noise(64, 128)},
        "colour": {"example": noise(3, 48, 48)},
    }
    figure = figures.gallery(rows)
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts == ["example", "a", "b", "small", "wide", "colour"]
    picture = saved(figure, tmp_path)
    top = len(picture) - 8 - 240 - 12 - 128 - 12 - 256
    assert (picture[top : top + 256, 40 + 2 * 268 :] == 255).all()  # no b for the small one
    last = picture[-8 - 240 : -8, 40 : 40 + 240]
    assert (last[..., 0] != last[..., 1]).any()


def test_a_gallery_of_few_points_and_of_a_constant_are_drawn(tmp_path):
    points = np.zeros((64, 64))
    points[3, 5] = 1
    picture = saved(figures.gallery({"points": {"example": points}}), tmp_path)
    assert (picture[-8 - 256 : -8, 40 : 40 + 256] == 255).sum() == 3 * 16
    saved(figures.gallery({"flat": {"example": np.ones((8, 8))}}), tmp_path)


def test_a_gallery_refuses_fields_of_different_shapes():
    with pytest.raises(ValueError, match="fields of noise must have the same shape"):
        figures.gallery({"noise": {"example": np.ones((8, 8)), "a": np.ones((8, 4))}})


def test_spectra_show_the_means_and_their_ratio():
    f = np.array([0.1, 0.2, 0.4])
    powers = {"example": np.exp(noise(9, 3)), "A": np.exp(noise(4, 3, seed=1))}
    figure = figures.spectra(f, powers)
    above, below = figure.axes
    for name, power in powers.items():
        np.testing.assert_allclose(line(above, name).get_ydata(), power.mean(axis=0))
    expected = powers["A"].mean(axis=0) / powers["example"].mean(axis=0)
    np.testing.assert_allclose(below.lines[1].get_ydata(), expected)
    assert names(figure) == ["example", "A"]
    assert len(above.collections) == len(below.collections) == 1


def test_one_example_has_a_band_only_where_it_is_given():
    f, powers = np.array([0.1, 0.2]), {"example": np.ones((1, 2))}
    assert not figures.spectra(f, powers).axes[0].collections
    figure = figures.spectra(f, powers, limits=np.array([[0.5, 0.8], [2, 1.2]]))
    assert len(figure.axes[0].collections) == 1


def test_structure_has_a_panel_for_each_order():
    functions = {"example": np.exp(noise(9, 4, 3)), "A": np.exp(noise(4, 4, 3))}
    figure = figures.structure([1, 2, 3], functions)
    assert [axes.get_title() for axes in figure.axes[:3]] == ["q = 1", "q = 2", "q = 3"]
    shown = line(figure.axes[2], "A")
    np.testing.assert_allclose(shown.get_ydata(), functions["A"][:, :, 2].mean(axis=0))
    np.testing.assert_allclose(shown.get_xdata(), [1, 2, 4, 8])


def test_histograms_show_the_mean_densities(tmp_path):
    edges, density = np.array([0.0, 1, 2, 3]), np.array([[0.5, 0.5, 0], [0.2, 0.8, 0]])
    panels = {"Ising": (edges, {"example": density, "A": density[:1]})}
    figure = figures.histograms(panels, xlabel="m")
    steps = [patch for patch in figure.axes[0].patches if patch.get_label() in ("example", "A")]
    shown = steps[0].get_data()
    np.testing.assert_allclose(shown.values, [0.35, 0.65, np.nan])  # no line where nothing is
    np.testing.assert_allclose(shown.edges, edges)
    assert names(figure) == ["example", "A"]
    saved(figure, tmp_path)


def test_increments_have_a_panel_for_each_lag_and_one_for_their_flatness(tmp_path):
    lags, edges = [1, 4, 16], np.linspace(-4, 4, 9)
    densities = {"example": np.full((2, 3, 8), 0.1), "A": np.full((5, 3, 8), 0.2)}
    flatness = {"example": 3 + np.ones((2, 3)), "A": 3 * np.ones((5, 3))}
    figure = figures.increments(lags, edges, densities, flatness)
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == ["lag 1", "lag 4", "lag 16", "flatness"]
    np.testing.assert_allclose(line(figure.axes[3], "example").get_ydata(), 4)
    assert names(figure) == ["N(0, 1)", "example", "A"]
    saved(figure, tmp_path)


def test_clusters_show_numbers_and_shares(tmp_path):
    low = np.array([1, 2, 4])
    law = {"low": low, "size": np.array([1, 2.4, 5.3])}
    law |= {"number": np.array([[0.1, 0.01, 0]]), "share": np.array([[1, 0.9, 0]])}
    figure = figures.clusters({"example": law, "A": law})
    left, right = figure.axes
    np.testing.assert_allclose(line(left, "A").get_ydata(), [0.1, 0.01, 0])
    np.testing.assert_allclose(line(right, "A").get_ydata(), [100, 90, 0])
    assert left.get_ylim()[0] == pytest.approx(0.005)
    saved(figure, tmp_path)


def test_excursions_show_the_three_functionals_below_zero_too(tmp_path):
    t = np.linspace(-1, 1, 5)
    found = {name: noise(3, 5, seed=k) for k, name in enumerate(("area", "perimeter", "euler"))}
    figure = figures.excursions(t, {"example": found, "A": found})
    assert [axes.get_title() for axes in figure.axes] == ["area", "perimeter", "Euler number"]
    np.testing.assert_allclose(line(figure.axes[2], "A").get_ydata(), found["euler"].mean(axis=0))
    band = figure.axes[2].collections[0].get_paths()[0].vertices[:, 1]
    assert band.min() == pytest.approx(np.percentile(found["euler"], 2.5, axis=0).min())
    saved(figure, tmp_path)


def test_losses_show_all_runs_and_their_median(tmp_path):
    errors = np.geomspace(1, 1e-3, 12).reshape(4, 3)
    errors[3, 0] = np.nan  # this run has ended
    figure = figures.losses({"A": errors}, tolerance=1e-2)
    np.testing.assert_allclose(line(figure.axes[0], "A").get_ydata(), np.nanmedian(errors, axis=1))
    assert len(figure.axes[0].lines) == 3 + 1 + 1
    assert names(figure) == ["A", "tolerance"]
    saved(figure, tmp_path)


def test_concentration_has_a_row_for_each_process_and_its_floor(tmp_path):
    phi = {"Ising": (1e-3, 5e-4, 2e-3), "Cox": (1e-4, 8e-5, 1.2e-4)}
    log_p = {"Ising": (1e-5, 1e-5, 2e-5)}
    panels = {"Φ": phi, "log p": log_p}
    figure = figures.concentration(panels, floors={"log p": {"Ising": 3e-5}})
    left, right = figure.axes
    np.testing.assert_allclose(left.lines[0].get_xydata(), [(1e-3, 0), (1e-4, 1)])
    (floor,) = right.collections[-1].get_segments()
    np.testing.assert_allclose(floor[:, 0], 3e-5)
    assert names(figure) == ["measured, with 95 % interval", "exact, of true realisations"]
    assert len(names(figures.concentration({"Φ": phi}))) == 1
    saved(figure, tmp_path)


def test_models_differ_in_colour_and_in_dashes():
    styles = [figures.lines.style(i) for i in range(7)]
    assert len({(s["color"]) for s in styles}) == 7
    assert len({str(s["linestyle"]) for s in styles[:5]}) == 5
