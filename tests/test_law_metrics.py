"""Laws of z and samples: tests of normality and dependence, distances, coverage, their figures."""

import importlib.util
import sys

import numpy as np
import pytest
import torch
from scipy import linalg, stats

from gsn.figures import laws
from gsn.metrics import coverage, frechet, inception, joint, kernel_distance, normality
from gsn.metrics.features import spread, squared_distances


def rng(seed=0):
    return np.random.default_rng(seed)


def with_signs(n, d, seed=0):
    """Return normal, uncorrelated components, of which the last is the first with random signs."""
    z = rng(seed).standard_normal((n, d))
    z[:, -1] = z[:, 0] * rng(seed + 1000).choice([-1, 1], n)
    return z


def far_apart(n, m, p):
    """Return two sets of features with general means and covariances."""
    a = rng(1).standard_normal((n, p)) @ rng(2).standard_normal((p, p))
    return a, 3 + rng(3).standard_normal((m, p)) @ rng(4).standard_normal((p, p))


# normality


@pytest.mark.parametrize("test", [normality.dagostino_pearson, normality.jarque_bera])
def test_normal_components_are_rejected_at_the_level_and_others_always(test):
    row = normality.rejections(test(rng().standard_normal((4000, 400)).astype(np.float32))[1])
    assert row["expected_0.05"] == 20
    assert 8 <= row["rejected_0.05"] <= 34  # about three standard deviations
    assert 0 <= row["rejected_0.01"] <= 12
    assert row["rejected_holm_0.05"] <= 1
    for other in (rng().uniform(-1, 1, (4000, 40)), rng().standard_t(5, (4000, 40))):
        assert normality.rejections(test(other)[1])["rejected_holm_0.01"] == 40


def test_each_component_has_the_statistics_of_scipy_whatever_the_mean_and_the_scale():
    z = rng().standard_normal((300, 70))
    for test, reference in (
        (normality.dagostino_pearson, stats.normaltest),
        (normality.jarque_bera, stats.jarque_bera),
    ):
        statistic, p = test(z)
        one = reference(z[:, 40])
        assert (statistic[40], p[40]) == pytest.approx((one.statistic, one.pvalue))
        np.testing.assert_allclose(test(5 + 3 * z)[0], statistic, rtol=1e-9)


def test_holm_agrees_with_an_example_by_hand():
    p = np.array([0.01, 0.04, 0.03, 0.005])  # sorted: 4 x 0.005, 3 x 0.01, 2 x 0.03, 1 x 0.04
    np.testing.assert_allclose(normality.holm(p), [0.03, 0.06, 0.06, 0.02])
    assert normality.rejections(p) == {
        "d": 4,
        "rejected_0.05": 4,
        "expected_0.05": 0.2,
        "rejected_holm_0.05": 2,
        "rejected_0.01": 2,
        "expected_0.01": 0.04,
        "rejected_holm_0.01": 0,
    }


def test_quantiles_of_a_normal_component_lie_on_the_diagonal():
    theoretical, observed = normality.quantiles(rng().standard_normal(20000))
    assert np.abs(theoretical - observed)[200:-200].max() < 0.1
    assert (np.diff(theoretical) > 0).all()
    np.testing.assert_allclose(theoretical, -theoretical[::-1], atol=1e-9)


def test_the_worst_components_are_those_that_are_not_normal():
    z = rng().standard_normal((1000, 10))
    z[:, 7] = rng().exponential(size=1000)
    best, worst = normality.best_and_worst(normality.dagostino_pearson(z)[0], 3)
    assert worst[0] == 7
    assert 7 not in best


# joint tests


def test_energy_agrees_with_its_definition():
    a, b = rng(1).standard_normal((30, 3)), rng(2).standard_normal((20, 3)) + 1
    mean = [
        [np.mean([np.linalg.norm(x - y) for x in s for y in t]) for t in (a, b)] for s in (a, b)
    ]
    found = joint.energy(a, b, seed=0)
    assert found["energy"] == pytest.approx(2 * mean[0][1] - mean[0][0] - mean[1][1])
    assert found["energy"] == pytest.approx(joint.energy(b, a, seed=1)["energy"])
    assert found["p"] == 0.001


def test_energy_has_uniform_p_values_for_equal_laws():
    p = [
        joint.energy_from_normal(rng(seed).standard_normal((60, 5)), seed=seed)["p"]
        for seed in range(100)
    ]
    assert stats.kstest(p, "uniform").pvalue > 0.01
    assert 0 <= np.mean(np.array(p) <= 0.1) <= 0.2


def test_energy_sees_a_dependent_pair_of_normal_components():
    z = with_signs(2000, 2)
    assert normality.dagostino_pearson(z)[1].min() > 0.01
    assert abs(np.corrcoef(z.T)[0, 1]) < 0.05
    assert joint.energy_from_normal(z, seed=0)["p"] <= 0.01


def test_at_most_2000_rows_are_taken_evenly():
    z = rng().standard_normal((4001, 2))
    taken = spread(4001, 2000)
    assert (taken[0], taken[-1]) == (0, 4000)
    assert set(np.diff(taken)) == {2, 3}
    found = joint.energy_from_normal(z, seed=0)
    z[np.setdiff1d(np.arange(4001), taken)] = 100
    assert joint.energy_from_normal(z, seed=0) == found
    assert (found["n"], found["m"]) == (2000, 2000)


def test_dependence_is_about_0_for_independent_components_of_any_law():
    p, z = [], []
    for seed in range(60):
        x = rng(seed).standard_normal((200, 6))
        x[:, 3:] = np.exp(x[:, 3:])
        found = joint.dependence(x, seed=seed)
        p.append((found["p"], found["largest_p"]))
        z.append(found["dependence"] / found["sd"])
    assert abs(np.mean(z)) < 3 / np.sqrt(60)
    for values in np.transpose(p):
        assert stats.kstest(values, "uniform").pvalue > 0.01


def test_dependence_sees_random_signs_in_the_sizes_of_the_pair():
    z = with_signs(2000, 20)
    found = joint.dependence(z, seed=0)
    assert (found["p"], found["largest_p"], found["i"], found["j"]) == (0.01, 0.01, 0, 19)
    assert found["sizes"] == pytest.approx(1 / 190, rel=0.15)  # one pair of 190, correlation 1
    assert abs(found["signs"]) < 0.2 * found["sizes"]
    same = joint.dependence(np.sign(z) * z**2, seed=0)  # ranks do not change
    assert same["dependence"] == pytest.approx(found["dependence"])


def test_dependence_agrees_with_correlations_of_ranks():
    z = rng().standard_normal((50, 3)) @ np.array([[1, 1, 0], [0, 1, 0], [0, 0, 1]])
    rho = stats.spearmanr(z).statistic
    signs = np.mean([rho[0, 1] ** 2, rho[0, 2] ** 2, rho[1, 2] ** 2]) - 1 / 49
    found = joint.dependence(z, seed=0)
    assert found["signs"] == pytest.approx(signs, rel=1e-4)


def test_dependence_sees_the_square_of_a_component():
    z = rng().standard_normal((4000, 3))
    z[:, 2] = z[:, 0] ** 2  # for uniform u, corr(P_2(u), P_1(2 |u| - 1))^2 = 15/16
    found = joint.dependence(z, seed=0)
    assert found["mixed"] == pytest.approx(15 / 16 / 3, rel=0.05)
    assert (found["p"], found["i"], found["j"]) == (0.01, 0, 2)


# Frechet distance


def test_frechet_agrees_with_the_closed_form_for_commuting_covariances():
    Q = np.linalg.qr(rng().standard_normal((5, 5)))[0]
    s, t, mu = np.array([1, 2, 3, 4, 0]), np.array([2, 2, 1, 0.5, 3]), np.arange(5)
    a, b = (frechet.Moments(m, (Q * v**2) @ Q.T, 100) for m, v in ((np.zeros(5), s), (mu, t)))
    assert frechet.frechet(a, b) == pytest.approx(30 + np.sum((s - t) ** 2))


def test_frechet_agrees_with_the_square_root_of_the_product():
    a, b = far_apart(200, 300, 20)
    A, B = np.cov(a.T), np.cov(b.T)
    root = np.trace(linalg.sqrtm(A @ B)).real
    expected = np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(A) + np.trace(B) - 2 * root
    found = frechet.frechet(frechet.moments([a]), frechet.moments([b]))
    assert found == pytest.approx(expected, rel=1e-8)
    assert frechet.frechet(frechet.moments([b]), frechet.moments([a])) == pytest.approx(found)


def test_frechet_of_a_set_and_itself_is_0_without_full_rank_too():
    a = far_apart(200, 2, 20)[0]
    a[:, 10:] = a[:, :10]
    m = frechet.moments([a])
    assert frechet.frechet(m, m) < 1e-11 * np.trace(m.covariance)


class Colours(torch.nn.Module):
    """A stand-in for the Inception network: means and deviations of the three colours."""

    num_features = 6

    def forward(self, x):
        assert x.dtype == torch.uint8
        assert x.shape[1] == 3
        x = x.double()
        return torch.cat([x.mean((2, 3)), x.std((2, 3))], dim=1)


def test_the_fid_is_the_frechet_distance_of_the_features_of_the_network():
    pytest.importorskip("torchmetrics.image.fid", exc_type=ImportError)
    real, made = rng(0).integers(0, 200, (60, 3, 5, 5)), rng(1).uniform(0, 255, (50, 3, 5, 5))
    fid = inception.FID(Colours(), np.split(real, [20]))
    features = [
        Colours()(torch.from_numpy(np.rint(x).astype(np.uint8))).numpy() for x in (real, made)
    ]
    expected = frechet.frechet(*(frechet.moments([x]) for x in features))
    assert fid.of(np.split(made, [7, 30])) == pytest.approx(expected, rel=1e-6)
    assert fid.of([made]) == pytest.approx(expected, rel=1e-6)  # the last set is forgotten
    assert fid.of([real]) == pytest.approx(0, abs=1e-6)
    watched = list(fid.watch([made[:, :1], made[:, 1:2]]))  # grey images pass as they are
    assert [x.shape for x in watched] == [(50, 1, 5, 5)] * 2
    assert fid.protocol == "FID by the features of Colours; 60 real images"


def test_the_fid_needs_its_packages_and_its_weights(tmp_path, monkeypatch):
    (tmp_path / "weights.pth").write_bytes(b"nothing")
    if all(map(importlib.util.find_spec, ("torchmetrics", "torch_fidelity", "torchvision"))):
        with pytest.raises(ValueError, match="must be the weights of the Inception network"):
            inception.FID(tmp_path / "weights.pth", [])
        torch.save({"layer": torch.ones(2)}, tmp_path / "other.pth")
        with pytest.raises(ValueError, match="they do not fit; name torch-fidelity's file"):
            inception.FID(tmp_path / "other.pth", [])
    monkeypatch.setitem(sys.modules, "torchmetrics.image.fid", None)
    with pytest.raises(ModuleNotFoundError, match=r"generative-scattering\[fid\]"):
        inception.FID(tmp_path / "weights.pth", [])


def test_a_torchvision_of_another_torch_is_named(tmp_path, monkeypatch):
    (tmp_path / "torch_fidelity.py").write_text(
        "raise RuntimeError('operator torchvision::nms does not exist')"
    )
    monkeypatch.delitem(sys.modules, "torch_fidelity", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match=r"built for torch .*: operator torchvision::nms"):
        inception.FID(tmp_path / "weights.pth", [])


def test_moments_do_not_depend_on_the_blocks_nor_on_a_large_mean():
    a = far_apart(200, 2, 20)[0]
    whole = frechet.moments([a])
    np.testing.assert_allclose(whole.covariance, np.cov(a.T), rtol=1e-10, atol=1e-10)
    blocks = frechet.moments(iter([a[:1], a[1:7], a[7:7], a[7:]]))
    moved = frechet.moments([a + 1e6])
    assert blocks.n == 200
    np.testing.assert_allclose(blocks.mean, whole.mean, atol=1e-12)
    np.testing.assert_allclose(blocks.covariance, whole.covariance, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(moved.covariance, whole.covariance, rtol=1e-7, atol=1e-7)


# kernel distance


def naive_mmd(a, b):
    p = a.shape[1]

    def k(x, y):
        return (sum(x * y) / p + 1) ** 3

    within = [
        np.mean([k(x[i], x[j]) for i in range(len(x)) for j in range(len(x)) if i != j])
        for x in (a, b)
    ]
    return sum(within) - 2 * np.mean([k(x, y) for x in a for y in b])


def test_mmd_agrees_with_a_double_loop_in_any_blocks():
    a, b = far_apart(12, 9, 4)
    expected = naive_mmd(a, b)
    for entries in (1, 30, 10_000):
        assert kernel_distance.squared_mmd(a, b, entries=entries) == pytest.approx(expected)
    assert kernel_distance.squared_mmd(b, a) == pytest.approx(expected)


def test_mmd_has_the_mean_0_for_equal_laws_and_an_honest_error():
    values = np.array(
        [
            kernel_distance.kernel_distance(*rng(seed).standard_normal((2, 100, 5)), seed=seed)
            for seed in range(200)
        ]
    )
    assert abs(values[:, 0].mean()) < 3 * values[:, 0].std() / np.sqrt(200)
    assert np.mean(values[:, 1] ** 2) == pytest.approx(values[:, 0].var(), rel=0.4)


def test_kernel_distance_uses_disjoint_subsets_of_both():
    a, b = far_apart(40, 60, 3)
    distance, error = kernel_distance.kernel_distance(a, b, subsets=4, seed=0)
    assert error > 0
    assert abs(distance - kernel_distance.squared_mmd(a, b)) < 5 * error


# coverage


def naive_coverage(x, y, k):
    def radii(s):
        return [np.sort([np.linalg.norm(u - v) for v in s])[k] for u in s]

    D = np.array([[np.linalg.norm(u - v) for v in y] for u in x])
    held = np.array(radii(x))[:, None] >= D
    return {
        "precision": held.any(0).mean(),
        "recall": (np.array(radii(y)) >= D).any(1).mean(),
        "density": held.sum() / (k * len(y)),
        "coverage": held.any(1).mean(),
    }


@pytest.mark.parametrize("k", [1, 5])
def test_coverage_agrees_with_a_naive_one_in_any_blocks(k):
    x, y = rng(1).standard_normal((50, 3)), 1.5 * rng(2).standard_normal((40, 3)) + 0.5
    expected = naive_coverage(x, y, k)
    for entries in (1, 333, 10**6):
        assert coverage.coverage(x, y, k=k, entries=entries) == pytest.approx(expected)


def test_the_same_set_is_covered_and_far_sets_are_not():
    x = rng().standard_normal((100, 4))
    same = coverage.coverage(x, x)
    assert (same["precision"], same["recall"], same["coverage"]) == (1, 1, 1)
    assert 1 <= same["density"] <= 1.2  # each ball holds its centre and k or, rounded, k - 1 more
    assert set(coverage.coverage(x, x + 100).values()) == {0}


def test_dropped_modes_keep_the_precision_and_lose_the_recall():
    x = rng(1).standard_normal((400, 2)) + 50 * (np.arange(400) % 2)[:, None]
    y = rng(2).standard_normal((400, 2))
    found = coverage.coverage(x, y)
    assert found["precision"] > 0.9
    assert found["recall"] < 0.6
    assert found["coverage"] < 0.6


def test_equal_rows_have_the_distance_0_far_from_the_origin():
    x = (1000 + rng().standard_normal((40, 300))).astype(np.float32)
    distances = np.concatenate([block for _, block in squared_distances(x, x, entries=100)])
    assert not distances.diagonal().any()
    assert (np.sort(distances, axis=1)[:, 1] > 100).all()


def test_nearest_agrees_with_brute_force_and_finds_copies():
    x, y = rng(1).integers(0, 255, (2, 60, 3, 4, 4)).astype(np.uint8)
    x[5] = y[17]
    all_distances = np.linalg.norm(
        x.reshape(60, 1, -1).astype(float) - y.reshape(1, 60, -1), axis=2
    )
    for entries in (1, 10**6):
        distances, rows = coverage.nearest(x, y, entries=entries)
        np.testing.assert_allclose(distances, all_distances.min(axis=1))
        np.testing.assert_array_equal(rows, all_distances.argmin(axis=1))
    assert (distances[5], rows[5]) == (0, 17)


def test_copies_are_told_from_samples_of_the_law():
    train, test, samples = rng().standard_normal((3, 300, 5))
    held_out = coverage.nearest(test, train)[0]
    fair = coverage.copying(coverage.nearest(samples, train)[0], held_out)
    copied = coverage.copying(coverage.nearest(train[::2] + 0.01, train)[0], held_out)
    assert fair["closer"] == pytest.approx(0.5, abs=0.1)
    assert fair["p"] > 0.01
    assert copied["closer"] > 0.95
    assert copied["p"] < 1e-9
    assert copied["median_ratio"] < 0.1


# refusals

NORMAL = rng().standard_normal((50, 3))
WITH_NAN = np.where(np.arange(150).reshape(50, 3) == 31, np.nan, NORMAL)
CONSTANT = NORMAL * [1, 0, 1]
ONE_SET = {
    "dagostino_pearson": normality.dagostino_pearson,
    "jarque_bera": normality.jarque_bera,
    "quantiles": lambda z: normality.quantiles(z[..., -1] if z is CONSTANT else z[:, 1]),
    "energy_from_normal": lambda z: joint.energy_from_normal(z, seed=0),
    "dependence": lambda z: joint.dependence(z, seed=0),
    "moments": lambda z: frechet.moments([z]),
    "squared_mmd": lambda z: kernel_distance.squared_mmd(z, NORMAL),
    "kernel_distance": lambda z: kernel_distance.kernel_distance(NORMAL, z, seed=0),
    "coverage": lambda z: coverage.coverage(NORMAL, z),
}


@pytest.mark.parametrize("name", ONE_SET)
def test_one_row_and_nan_are_refused_in_one_sentence(name):
    with pytest.raises(ValueError, match=r"^[^.]* at least \d+ rows[^.]*: got 1; use more\.$"):
        ONE_SET[name](NORMAL[:1])
    with pytest.raises(ValueError, match=r"^[^.]*finite: row 10 has a NaN or an infinity; leave"):
        ONE_SET[name](WITH_NAN)
    with pytest.raises(ValueError, match=r"row 3 has a NaN or an infinity"):
        ONE_SET[name](np.where(np.arange(50)[:, None] == 3, np.inf, NORMAL))


@pytest.mark.parametrize("name", ["dagostino_pearson", "jarque_bera", "dependence"])
def test_a_constant_component_is_refused(name):
    with pytest.raises(ValueError, match="must vary: component 1 is constant; leave it out"):
        ONE_SET[name](CONSTANT)


@pytest.mark.parametrize(
    "compare",
    [
        lambda a, b: joint.energy(a, b, seed=0),
        kernel_distance.squared_mmd,
        coverage.coverage,
        coverage.nearest,
    ],
)
def test_different_numbers_of_components_are_refused(compare):
    with pytest.raises(ValueError, match="same number of components: got 3 and 2; use the same"):
        compare(NORMAL, NORMAL[:, :2])


def test_frechet_refuses_fewer_rows_than_features_and_other_features():
    few, many = frechet.moments([NORMAL[:3]]), frechet.moments([NORMAL])
    with pytest.raises(ValueError, match=r"of 3 features needs at least 4 rows .*: got 50 and 3;"):
        frechet.frechet(many, few)
    with pytest.raises(ValueError, match="same number of features: got 3 and 2"):
        frechet.frechet(many, frechet.moments([NORMAL[:, :2]]))
    with pytest.raises(ValueError, match="same number of features: got 3 and 2"):
        frechet.moments([NORMAL, NORMAL[:, :2]])
    with pytest.raises(ValueError, match="at least 2 rows: got 0"):
        frechet.moments([])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: normality.dagostino_pearson(NORMAL[:19]), "at least 20 rows: got 19; use more"),
        (lambda: normality.jarque_bera(NORMAL[0]), r"got the shape \(3,\); reshape it"),
        (lambda: normality.quantiles(np.ones(30)), "component 0 is constant"),
        (lambda: normality.holm(np.array([0.5, np.nan])), r"p-values in \[0, 1\]"),
        (lambda: normality.holm(np.array([])), r"p-values in \[0, 1\]"),
        (lambda: normality.best_and_worst(np.ones(3), 4), r"in 1, \.\.\., 3, .*: got 4"),
        (lambda: joint.dependence(NORMAL[:, :1], seed=0), "at least 2 components: got 1"),
        (lambda: kernel_distance.kernel_distance(NORMAL, NORMAL, subsets=1, seed=0), "got 1;"),
        (
            lambda: kernel_distance.kernel_distance(NORMAL, NORMAL, subsets=30, seed=0),
            "a must have at least 60 rows: got 50",
        ),
        (lambda: coverage.coverage(NORMAL, NORMAL, k=0), "k must be at least 1: got 0"),
        (lambda: coverage.coverage(NORMAL, NORMAL[:5]), "samples must have at least 6 rows: got 5"),
        (lambda: coverage.nearest(NORMAL, NORMAL[:0]), "b must have at least 1 rows: got 0"),
        (
            lambda: coverage.copying(np.array([np.nan]), np.ones(2)),
            "distances of samples must be f",
        ),
        (lambda: coverage.copying(np.ones(2), np.ones(0)), "held-out images must have at least 1"),
    ],
)
def test_other_refusals_say_what_was_found(call, message):
    with pytest.raises(ValueError, match=message) as refusal:
        call()
    assert str(refusal.value).endswith(".")


# figures


def test_a_qq_plot_keeps_the_tails(tmp_path):
    theoretical, observed = normality.quantiles(rng().standard_normal(20_000))
    figure = laws.qq([(f"component {i}", theoretical, observed) for i in range(5)])
    assert len(figure.axes) == 5
    drawn = figure.axes[0].lines[1].get_xydata()
    assert len(drawn) < 2200
    np.testing.assert_array_equal(drawn[:50, 1], observed[:50])
    np.testing.assert_array_equal(drawn[-50:, 0], theoretical[-50:])
    figure.savefig(tmp_path / "figure.png")


def test_rows_of_samples_have_the_images_and_names_of_the_laws():
    x = rng().integers(0, 255, (2, 5, 3, 8, 8)).astype(np.uint8)
    axes = laws.sample_rows({"a": x[0], "b": x[1, :4]}, title="G(z)").axes[0]
    sheet = axes.images[0].get_array()
    assert sheet.shape == (247, 501, 3)  # a pixel is a square of 15 x 15, a gap has 7
    shown = x[1, 1].transpose(1, 2, 0).repeat(15, axis=0).repeat(15, axis=1)
    np.testing.assert_array_equal(sheet[127:, 127:247], shown)
    with pytest.raises(ValueError, match=r"same shape: got \[\(1, 8, 8\), \(3, 8, 8\)\]"):
        laws.sample_rows({"a": x[0], "b": x[1, :, :1]}, title="")


def test_curves_show_the_numbers(tmp_path):
    x, y = np.array([100, 1000, 2_000_000]), np.array([3.0, np.nan, 1.0])
    panels = {"distance": {"a": y, "b": 2 * y}, "share": {"a": y, "b": y}}
    figure = laws.curves(x, panels, xlabel="training images")
    axes = figure.axes[0]
    np.testing.assert_array_equal(axes.lines[1].get_ydata(), 2 * y)
    np.testing.assert_array_equal(figure.axes[1].lines[1].get_ydata(), y)
    assert [axes.get_ylabel() for axes in figure.axes] == ["distance", "share"]
    assert (axes.get_xscale(), len(axes.lines)) == ("log", 2)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["100", "1,000", "2e+06"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "b"]
    figure.savefig(tmp_path / "figure.png")


def test_a_matrix_has_an_image_for_each_pair_of_values():
    x = rng().integers(0, 255, (4, 4, 1, 8, 8)).astype(np.uint8)
    values = np.array([-1.5, -0.5, 0.5, 1.5])
    axes = laws.matrix(x, values, 10 * values, row_name="z 0", column_name="z 3").axes[0]
    assert axes.images[0].get_array().shape == (35, 35, 3)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["-1.5", "-0.5", "0.5", "1.5"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("z 3", "z 0")
    with pytest.raises(ValueError, match=r"\(3, 4\): got \(4, 4\)"):
        laws.matrix(x, values[:3], values, row_name="", column_name="")
