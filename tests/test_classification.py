"""Classification: closed forms, scikit-learn as reference, known answers, the workflow."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from gsn.decomposition.affine import AffinePCA, directions
from gsn.decomposition.scaling import PathMaximum
from gsn.runtime import files
from gsn.systems.classification import (
    features,
    fit,
    least,
    measurement,
    page,
    published,
    subsets,
    svm,
)
from gsn.systems.classification.svm import GaussianSVM
from gsn.transforms import Scattering2D
from gsn.transforms.scattering2d import paths
from gsn.transforms.scattering2d.cosine import cosine_basis
from project import copy, snakemake


def classes(n=30, p=12, k=3, d=2, noise=0.05, seed=0):
    """Rows near affine spaces of dimension d, and their labels."""
    rng = np.random.default_rng(seed)
    rows = [
        3 * rng.standard_normal(p)
        + rng.standard_normal((n, d)) @ rng.standard_normal((d, p))
        + noise * rng.standard_normal((n, p))
        for _ in range(k)
    ]
    return np.concatenate(rows), np.repeat(np.arange(k), n)


@parametrize_with_checks([AffinePCA(), AffinePCA(d=0), PathMaximum(), GaussianSVM()])
def test_the_estimators_are_those_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.parametrize("n", [8, 40])  # fewer rows than columns, and more
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_residuals_of_all_dimensions_equal_direct_projections(n, dtype):
    X, y = classes(n=n)
    X = X.astype(dtype)
    model = AffinePCA(d=5).fit(X, y)
    found = model.residuals(X)
    scale = np.square(X - X.mean(0)).sum(1).max()
    for k in range(3):
        for d in range(6):
            V, rest = model.components_[k, :d].astype(np.float64), X - X[y == k].mean(0)
            direct = np.square(rest - rest @ V.T @ V).sum(1)
            # Sums of 12 squares in the precision of X.
            np.testing.assert_allclose(
                found[:, k, d], direct, rtol=0, atol=50 * np.finfo(dtype).eps * scale
            )


def test_directions_are_orthonormal_and_those_of_scikit_learn():
    rows = np.random.default_rng(0).standard_normal((20, 6)) * [9, 7, 5, 3, 2, 1]
    for X in (rows, rows.T):
        X = X - X.mean(axis=0)
        V = directions(X, 4)
        np.testing.assert_allclose(V @ V.T, np.eye(4), atol=1e-12)
        expected = PCA(4, svd_solver="full").fit(X).components_
        np.testing.assert_allclose(np.abs(V @ expected.T), np.eye(4), atol=1e-9)


def test_cross_validation_finds_the_dimension_of_the_spaces():
    X, y = classes(n=60, p=20, d=3, noise=0.02)
    X = X - np.repeat([X[y == k].mean(0) for k in range(3)], 60, axis=0)  # only directions tell
    model = AffinePCA().fit(X, y)
    assert model.d_ == 3
    assert model.cv_errors_[3] < 0.05 < model.cv_errors_[0]


def test_the_nearest_mean_decides_without_directions():
    X, y = classes()
    means = np.stack([X[y == k].mean(0) for k in range(3)])
    expected = np.square(X[:, None] - means).sum(2).argmin(1)
    np.testing.assert_array_equal(AffinePCA(d=0).fit(X, y).predict(X), expected)


def test_a_single_image_a_class_is_a_space_of_dimension_0():
    X, y = classes(n=1)
    np.testing.assert_array_equal(AffinePCA(d=0).fit(X, y).predict(X), y)


def test_a_common_offset_changes_nothing():
    X, y = classes(n=40)
    one, other = AffinePCA(d=3).fit(X, y), AffinePCA(d=3).fit(X + 1e4, y)
    np.testing.assert_allclose(one.residuals(X), other.residuals(X + 1e4), atol=1e-6)


def test_a_grid_search_over_d_works():
    X, y = classes()
    search = GridSearchCV(make_pipeline(PathMaximum(3), AffinePCA()), {"affinepca__d": [0, 1, 2]})
    assert search.fit(X, y).score(X, y) > 0.95


@pytest.mark.parametrize(
    ("model", "change", "message"),
    [
        (AffinePCA(), lambda X, y: (X, 0 * y), "two classes or more: got one class"),
        (
            AffinePCA(),
            lambda X, y: (X[29:], y[29:]),
            "each class needs at least 2 samples to choose d: class 0 has 1",
        ),
        (AffinePCA(d=30), lambda X, y: (X, y), "d must be less than .* got d=30, 30 samples"),
        (AffinePCA(d=-1), lambda X, y: (X, y), "d must be an integer of at least 0"),
        (AffinePCA(), lambda X, y: (X * np.nan, y), "NaN"),
        (PathMaximum(5), lambda X, y: (X, y), "paths of 5 positions each: got 12 columns"),
    ],
)
def test_bad_rows_are_one_sentence(model, change, message):
    with pytest.raises(ValueError, match=message):
        model.fit(*change(*classes()))


@pytest.mark.parametrize(("J", "L"), [(1, 1), (1, 4), (2, 3), (3, 6), (4, 2)])
def test_the_whole_cosine_transform_is_orthogonal(J, L):
    C = cosine_basis(J, L, half=False)
    np.testing.assert_allclose(C @ C.T, np.eye(len(C)), atol=1e-12)


def test_what_does_not_depend_on_the_path_has_few_frequencies():
    C, order = cosine_basis(3, 4, half=False), paths(3, 4)["order"]
    for m, most in enumerate((1, 1, 3)):  # three pairs of scales, and no frequency of an angle
        found = C @ (order == m)
        assert 1 <= (abs(found) > 1e-12).sum() <= most
        assert np.square(found).sum() == pytest.approx((order == m).sum())


def test_the_lower_half_keeps_what_varies_slowly_along_the_angles():
    table = paths(3, 8)
    slow = np.where(table["order"] == 1, np.cos(np.pi * (table["theta1"] + 0.5) / 8), 0)
    assert np.square(cosine_basis(3, 8) @ slow).sum() == pytest.approx(np.square(slow).sum())


def test_a_path_has_the_largest_norm_1_after_the_scaling():
    X = np.random.default_rng(0).standard_normal((50, 12)).astype(np.float32)
    scaled = PathMaximum(4).fit_transform(X).reshape(50, 3, 4)
    np.testing.assert_allclose(np.linalg.norm(scaled, axis=2).max(axis=0), 1, rtol=1e-6)


@pytest.mark.parametrize("k", [2, 3, 4])
def test_the_votes_of_the_svm_are_those_of_scikit_learn(k):
    X, y = classes(n=40, k=k, noise=2.0)
    model = GaussianSVM(C=2.0, w=3.0).fit(X, y)
    Z = model.reduction_.transform(X)
    plain = SVC(C=2.0, gamma=model.gamma_).fit(Z, y)
    Y = X + 6 * np.random.default_rng(1).standard_normal(X.shape)
    np.testing.assert_array_equal(model.predict(Y), plain.predict(model.reduction_.transform(Y)))
    assert 0.3 < model.score(Y, y) < 1


def test_the_error_of_the_chosen_svm_is_that_of_scikit_learn():
    X, y = classes(n=40, noise=6.0)
    model, error = svm.tuned(X, y, positions=1, seed=0)
    Z = svm.reduction(X, svm.COMPONENTS, 1).transform(X)
    errors = {
        (C, w): 1 - cross_val_score(SVC(C=C, gamma=w / Z.var(0).sum()), Z, y, cv=3).mean()
        for C in svm.WEIGHTS
        for w in svm.WIDTHS
    }
    assert error == pytest.approx(errors[model.C, model.w]) == pytest.approx(min(errors.values()))
    assert 0 < error < 0.6


def test_the_features_have_the_known_sizes():
    S = features.scattered(np.zeros((2, 1, 28, 28), np.uint8), J=3, L=8)
    sizes = {kind: features.rows(S, kind, J=3, L=8)[0].shape for kind in features.KINDS[1:]}
    assert sizes == {"order1": (2, 400), "order2": (2, 3472), "cosine": (2, 16 * 109)}
    S = features.scattered(np.zeros((1, 1, 32, 32), np.uint8), J=3, L=6)
    assert features.rows(S, "order2", J=3, L=6)[0].shape == (1, 2032)


def test_features_are_the_transform_of_the_padded_images():
    x = np.random.default_rng(0).integers(0, 256, (300, 3, 12, 12), np.uint8)
    S = features.scattered(x, J=3, L=2)
    padded = torch.from_numpy(np.pad(x, ((0, 0), (0, 0), (2, 2), (2, 2)), mode="edge"))
    expected = Scattering2D(3, (16, 16), 2)(padded.float() / 255)
    np.testing.assert_allclose(S, expected.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("J", "L"), [(1, 4), (2, 8), (3, 3)])
def test_the_coefficients_of_a_mirrored_image_are_those_of_the_image_exchanged(J, L):
    x = np.zeros((2, 2, 128, 128), np.float32)  # so wide that the border plays no part
    x[..., 56:72, 56:72] = np.random.default_rng(0).random((2, 2, 16, 16))
    turned = np.roll(x[..., ::-1], 1 - 2**J, axis=-1)  # the grid of S is no mirror image of itself
    S, expected = (
        one.reshape(2, -1, *one.shape[3:])
        for one in (features.scattered(image.copy(), J=J, L=L) for image in (x, turned))
    )
    found = S[:, features.mirror(J, L, 2)][..., ::-1]
    # With odd L a mirrored wavelet is the conjugate of another, up to its periodisation: 8e-6.
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * expected.max())


def test_subsets_keep_the_shares_of_the_classes():
    labels = np.repeat([0, 1, 2], [50, 30, 20])
    own = subsets.drawn(labels, 10, seed=1)
    assert np.bincount(labels[own]).tolist() == [5, 3, 2]
    assert (own != subsets.drawn(labels, 10, seed=2)).any()
    np.testing.assert_array_equal(subsets.drawn(labels, 100, seed=0), np.arange(100))


def test_a_small_class_keeps_two_rows_for_cross_validation():
    labels = np.repeat([0, 1, 2], [5000, 3000, 2])
    assert np.bincount(labels[subsets.drawn(labels, 100, seed=0)]).tolist() == [61, 37, 2]
    assert np.bincount(labels[subsets.drawn(labels, 3, seed=0)]).tolist() == [1, 1, 1]


def test_the_interval_of_43_errors_is_known():
    assert [round(100 * bound, 2) for bound in subsets.interval(43, 10_000)] == [0.32, 0.58]


def test_the_published_table_has_its_corners():
    assert published.error("mnist", "order2", "svm", 60_000) == 0.43
    assert published.error("mnist", "pixels", "affine", 300) == 14.5
    assert published.error("cifar10", "order2", "svm", 60_000) is None


@pytest.fixture(scope="module")
def digits():
    return load_digits(return_X_y=False)


def test_digits_are_classified_from_few(digits):
    x, y = digits.images.astype(np.float32) / 16, digits.target
    model = fit(x[::3], y[::3])
    assert model.score(x[1::3], y[1::3]) > 0.95
    assert set(model.cv_errors) == {(model.J, name) for name in measurement.CLASSIFIERS}


def test_labels_may_be_texts(digits):
    names = np.array(["even", "odd"])[digits.target % 2]
    model = fit(digits.images[:200], names[:200].tolist())
    assert set(model.predict(digits.images[200:300])) == {"even", "odd"}


def test_a_classifier_survives_a_pickle(digits):
    import pickle

    model = fit(digits.images[:200], digits.target[:200])
    again = pickle.loads(pickle.dumps(model))
    x = digits.images[200:260]
    np.testing.assert_array_equal(again.predict(x), model.predict(x))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x, y: (x, y * 0), "two classes or more: got one class"),
        (
            lambda x, y: (x, np.r_[9, y[1:] % 3]),
            "each class needs at least 2 images: class 9 has 1",
        ),
        (lambda x, y: (x[:5], y), "as many: got 5 and 40"),
        (lambda x, y: (x.reshape(40, -1), y), r"images must be \(n, H, W\)"),
        (lambda x, y: (np.repeat(x[..., None], 3, 3), y), "colours first"),
        (lambda x, y: (np.where(x > 15, np.nan, x), y), "images must be finite"),
        (lambda x, y: (x, np.eye(10)[y]), "labels must be whole numbers or texts"),
        (lambda x, y: (x, y + 0.5), "labels must be whole numbers or texts"),
        (lambda x, y: (x, ["a", None] * 20), "labels must be all texts or all whole numbers"),
    ],
)
def test_bad_images_and_labels_are_one_sentence(digits, change, message):
    with pytest.raises(ValueError, match=message):
        fit(*change(digits.images[:40], digits.target[:40]))


def test_images_and_labels_unlike_those_of_the_fit_are_refused(digits):
    x, y = digits.images[:200], digits.target[:200]
    model = fit(x, y)
    with pytest.raises(ValueError, match=r"images must have the shape \(n, 1, 8, 8\)"):
        model.predict(np.zeros((2, 9, 9)))
    with pytest.raises(ValueError, match="images must be floats, as those of the fit: got uint8"):
        model.predict(x.astype(np.uint8))
    with pytest.raises(ValueError, match="as many: got 200 and 1"):
        model.score(x, y[:1])
    with pytest.raises(ValueError, match="got texts, not numbers"):
        model.score(x, y.astype(str))
    assert model.score(x, y.astype(object)) == model.score(x, y)


def test_more_images_than_cross_validation_takes_may_have_a_small_class(digits, monkeypatch):
    from gsn.systems.classification import fitting

    monkeypatch.setattr(fitting, "TRIED", 100)
    own = np.flatnonzero(digits.target < 3)
    own = np.setdiff1d(own, np.flatnonzero(digits.target == 2)[2:])
    model = fit(digits.images[own], digits.target[own])
    assert model.classes.tolist() == [0, 1, 2]
    assert model.score(digits.images[own], digits.target[own]) > 0.95


def test_a_translation_moves_what_is_inside():
    x = np.zeros((2, 1, 9, 8), np.uint8)
    x[:, :, 3:6, 3:6] = np.random.default_rng(0).integers(1, 256, (2, 1, 3, 3))
    for by in ((0, 0), (1, 0), (-1, 0), (0, 1), (2, -3)):
        expected = np.roll(x, by, axis=(2, 3))
        np.testing.assert_array_equal(least.translated(x, by), expected)


@pytest.mark.parametrize("classifier", measurement.CLASSIFIERS)
def test_without_translations_the_least_error_is_that_of_the_classifier(digits, classifier):
    X, y = digits.data[:300], digits.target[:300]
    model, _ = measurement.chosen(classifier, X, y, positions=1, seed=0)
    model.fit(X, y)
    Y = digits.data[300:600]
    np.testing.assert_array_equal(least.predicted(model, [Y]), model.predict(Y))


def test_an_image_and_its_translations_are_in_one_fold():
    rng = np.random.default_rng(0)
    X, y = np.repeat(rng.standard_normal((1, 80, 9)), 5, axis=0), rng.permutation(80) % 2
    assert least.affine(X, y, positions=1, seed=0)[1] > 0.3  # labels by chance: 0.5


@pytest.mark.parametrize("classifier", measurement.CLASSIFIERS)
def test_translations_help_where_test_images_are_translated(digits, classifier):
    x, y = (digits.images[:, None] * 15).astype(np.uint8), digits.target
    x = np.pad(x, ((0, 0), (0, 0), (2, 2), (2, 2)))
    known = {"J": 2, "L": 4}
    test = least.translated(x[200:700], (1, 0))
    X, _ = least.rows(test, **known)
    model, error = least.fitted(classifier, x[:200], y[:200], seed=0, **known)
    assert 0 < error < 0.3
    S = features.scattered(x[:200], **known)
    plain, positions = features.rows(S, "order2", **known)
    other, _ = measurement.chosen(classifier, plain, y[:200], positions=positions, seed=0)
    wrong = least.predicted(model, X) != y[200:700]
    assert wrong.mean() < np.mean(other.fit(plain, y[:200]).predict(X[0]) != y[200:700])


TINY = """
table1: [tiny]
classification: [tiny]
datasets:
  tiny:
    source: npy
    path: x.npy
    labels: y.npy
    N: 8
    channels: 1
    train: 300
    test: 100
    classification: {sizes: [100, 5000], subsets: 2, J: [1], L: 4, features: [order2]}
"""


def test_the_workflow_makes_the_table(tmp_path, digits):
    house = copy(tmp_path)
    np.save(house / "x.npy", (digits.images[:400] * 15).astype(np.uint8))
    np.save(house / "y.npy", digits.target[:400])
    (house / "tiny.yaml").write_text(TINY)
    run = snakemake(house, "tiny.yaml", "--", "results/classification.csv")
    assert run.returncode == 0, run.stdout + run.stderr
    rows = files.read_csv(house / "results/classification.csv")
    assert list(rows[0]) == ["dataset", *page.COLUMNS]
    assert len(rows) == 2 * 2 + 1  # classifiers, sizes, and the least error of all
    assert {row["features"] for row in rows} == {"order2", "translations"}
    best = [row for row in rows if row["features"] == "order2" and row["n"] == "300"]
    assert all(float(row["error_percent"]) < 15 for row in best)
    text = (house / "results/classification.md").read_text()
    assert "order 2, SVM" in text
    assert "| least error |" in text
    for name in ("errors", "wrong"):
        assert (house / f"results/tiny/classification/{name}.png").stat().st_size > 1000
