"""Whitening by principal components: scikit-learn, numpy, blocks and parts, refusals."""

import dask.array as da
import numpy as np
import pandas
import pytest
import torch
from sklearn.decomposition import PCA

from gsn.data.polygons import draw
from gsn.decomposition import whitening
from gsn.transforms.scattering2d import Scattering2D

RANK = 24


def blocks(array, rows=100):
    return da.from_array(array, chunks=(rows, array.shape[1]))


@pytest.fixture(scope="module")
def S():
    """Real coefficients, with a large mean and eigenvalues over several orders of magnitude."""
    x = torch.from_numpy(np.stack([draw(i, 16, split="train") for i in range(300)])).float() / 255
    with torch.no_grad():
        return Scattering2D(2, (16, 16), 4)(x).flatten(1).numpy() + np.float32(10)


@pytest.fixture(scope="module")
def fitted(S):
    return whitening.fit(blocks(S), RANK)


def test_agrees_with_scikit_learn(S, fitted):
    mean, components, eigenvalues = fitted
    exact = PCA(RANK, svd_solver="full").fit(S.astype(np.float64))
    # float32 data around 10 has an absolute precision of 1e-6
    np.testing.assert_allclose(mean, exact.mean_, atol=1e-5)
    assert eigenvalues.sum() >= 0.99999 * exact.explained_variance_.sum()
    np.testing.assert_allclose(eigenvalues, exact.explained_variance_, rtol=1e-3)
    # the same subspaces: the leading ones one by one, up to their sign
    cosines = np.abs(np.sum(components[:8] * exact.components_[:8], axis=1))
    np.testing.assert_allclose(cosines, 1, atol=1e-3)


def test_training_latents_have_covariance_identity(S, fitted):
    z = whitening.whiten(S, *fitted)
    assert z.dtype == np.float32
    np.testing.assert_allclose(z.mean(axis=0, dtype=np.float64), 0, atol=1e-4)
    # 1e-4: products of float32 coefficients around 10
    np.testing.assert_allclose(np.cov(z.T.astype(np.float64)), np.eye(RANK), atol=1e-4)


def test_components_are_orthonormal_with_fixed_signs(fitted):
    _, components, eigenvalues = fitted
    np.testing.assert_allclose(components @ components.T, np.eye(RANK), atol=1e-5)  # float32
    largest = np.take_along_axis(components, np.abs(components).argmax(axis=1)[:, None], axis=1)
    assert (largest > 0).all()
    assert (np.diff(eigenvalues) <= 0).all()


@pytest.mark.parametrize("rows", [37, 300])
def test_the_fit_does_not_depend_on_the_blocks(S, fitted, rows):
    mean, components, eigenvalues = whitening.fit(blocks(S, rows), RANK)
    np.testing.assert_allclose(mean, fitted[0], rtol=1e-6)
    # float32 sums in another order
    np.testing.assert_allclose(eigenvalues, fitted[2], rtol=1e-4)
    np.testing.assert_allclose(components[:8], fitted[1][:8], atol=1e-3)


def test_the_fit_is_deterministic(S, fitted):
    for a, b in zip(whitening.fit(blocks(S), RANK), fitted, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_smaller_z_is_the_beginning_of_a_larger_one(S, fitted):
    mean, components, eigenvalues = fitted
    z = whitening.whiten(S, *fitted)
    # float32 products of other shapes
    np.testing.assert_allclose(
        whitening.whiten(S, mean, components[:5], eigenvalues[:5]), z[:, :5], atol=1e-4
    )


def test_unwhiten_projects_on_the_components(S, fitted):
    z = whitening.whiten(S, *fitted)
    projected = whitening.unwhiten(z, *fitted)
    # float32 around 10
    np.testing.assert_allclose(whitening.whiten(projected, *fitted), z, atol=1e-3)
    lost = np.square(S - projected, dtype=np.float64).sum() / (len(S) - 1)
    exact = np.cov(S.T.astype(np.float64)).trace() - fitted[2].sum()
    assert lost == pytest.approx(exact, rel=1e-3)


def test_the_fit_is_exact_at_full_rank():
    x = np.random.default_rng(0).standard_normal((50, 6)).astype(np.float32)
    x = x @ np.diag([9, 5, 3, 2, 1, 0.5])
    _, _, eigenvalues = whitening.fit(blocks(x.astype(np.float32), 20), 6)
    exact = np.linalg.eigvalsh(np.cov(x.T))[::-1]
    np.testing.assert_allclose(eigenvalues, exact, rtol=1e-5)  # float32


@pytest.mark.parametrize("rank", [0, 20, 31])
def test_a_rank_that_the_data_cannot_have_is_refused(rank):
    x = np.random.default_rng(0).standard_normal((20, 30)).astype(np.float32)
    with pytest.raises(
        ValueError,
        match=rf"rank must be from 1 to min\(n - 1, p\): got rank={rank}, n=20 images, p=30",
    ):
        whitening.fit(blocks(x), rank)


def test_coefficients_that_are_not_finite_are_refused(S):
    bad = S.copy()
    bad[3, 5] = np.nan
    with pytest.raises(
        ValueError, match="must be finite: found NaN or infinity in row 3; recompute the shard"
    ):
        whitening.fit(blocks(bad), 4)


def test_constant_columns_at_full_rank_are_refused():
    x = np.random.default_rng(0).standard_normal((50, 6)).astype(np.float32)
    x[:, 2] = 1
    with pytest.raises(
        ValueError, match=r"vary in at least 6 directions: found 5 .*ask for d and rank=5"
    ):
        whitening.fit(blocks(x), 6)


def test_more_components_than_directions_are_refused():
    x = np.random.default_rng(0).standard_normal((5, 30)).astype(np.float32)
    with pytest.raises(
        ValueError, match=r"vary in at least 8 directions: found 4 .*ask for d and rank=4"
    ):
        whitening.fit(blocks(np.repeat(x, 10, axis=0)), 8)


def test_the_incremental_solver_agrees_with_the_subspace_solver(S, fitted):
    _, components, eigenvalues = whitening.fit(blocks(S), RANK, solver="incremental")
    np.testing.assert_allclose(components @ components.T, np.eye(RANK), atol=1e-5)  # float32
    # measured 0.9998
    assert 0.999 * fitted[2].sum() < eigenvalues.sum() < fitted[2].sum() * (1 + 1e-6)
    # 0.05: the solver forgets the variance outside its basis; measured 0.036
    np.testing.assert_allclose(eigenvalues, fitted[2], rtol=0.05)
    z = whitening.whiten(S, S.mean(axis=0), components, eigenvalues)
    # 1e-4: the solver ends with a Rayleigh-Ritz step
    np.testing.assert_allclose(np.cov(z.T.astype(np.float64)), np.eye(RANK), atol=1e-4)


@pytest.mark.parametrize("parts", [1, 2, 3, 7])
def test_the_fit_does_not_depend_on_the_parts(S, fitted, parts):
    mean, components, eigenvalues = whitening.fit(blocks(S, 50), RANK, parts=parts)
    np.testing.assert_allclose(mean, fitted[0], rtol=1e-6)
    np.testing.assert_allclose(eigenvalues, fitted[2], rtol=1e-4)  # float32 sums in another order
    np.testing.assert_allclose(components[:8], fitted[1][:8], atol=1e-3)


def test_half_precision_is_fitted_as_its_values_in_single_precision(S):
    half = S.astype(np.float16)
    for a, b in zip(
        whitening.fit(blocks(half), 8),
        whitening.fit(blocks(half.astype(np.float32)), 8),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)


def test_an_unknown_solver_is_refused(S):
    with pytest.raises(ValueError, match="the solver must be subspace or incremental: got 'svd'"):
        whitening.fit(blocks(S), 4, solver="svd")


def test_a_first_basis_from_a_sample_of_rows_leads_to_the_same_accuracy():
    x = np.random.default_rng(0).standard_normal((4000, 60)).astype(np.float32)
    x = x * np.arange(1, 61) ** -0.7 + 1
    _, _, eigenvalues = whitening.fit(blocks(x.astype(np.float32), 100), 5)
    exact = np.linalg.eigvalsh(np.cov(x.T))[::-1][:5]
    # 1e-3: the accuracy that whitening.fit aims at
    np.testing.assert_allclose(eigenvalues, exact, rtol=1e-3)


@pytest.mark.parametrize(("p", "last", "rank"), [(50, 0.97, 1), (200, 0.97, 2), (200, 0.9, 4)])
def test_a_flat_spectrum_is_not_taken_for_converged(p, last, rank, capsys):
    """The eigenvalues change little in each pass, but go on changing for many passes."""
    rng = np.random.default_rng(0)
    x = np.linalg.qr(rng.standard_normal((2000, p)))[0] * np.sqrt(1999 * np.linspace(1, last, p))
    x = (x @ np.linalg.qr(rng.standard_normal((p, p)))[0]).astype(np.float32)
    _, _, eigenvalues = whitening.fit(blocks(x, 500), rank)
    exact = np.linalg.eigvalsh(np.cov(x.T))[::-1][:rank]
    error = np.abs(eigenvalues / exact - 1).max()
    assert error < 1e-3 or "stopped after 20 passes" in capsys.readouterr().err


def test_identical_images_are_refused():
    with pytest.raises(
        ValueError, match=r"vary in at least 2 directions: found 0 .*; use more varied images"
    ):
        whitening.fit(blocks(np.ones((20, 30), dtype=np.float32)), 2)


def test_arrays_of_numpy_are_fitted_and_need_two_axes(S, fitted):
    # 1e-3: the basis has another width
    np.testing.assert_allclose(whitening.fit(S, 4)[2], fitted[2][:4], rtol=1e-3)
    with pytest.raises(ValueError, match=r"must be \(n, p\), both known: got \(300, 30, 40\)"):
        whitening.fit(S.reshape(300, 30, 40), 4)


ROWS = np.random.default_rng(0).standard_normal((400, 40)) * np.geomspace(20, 1, 40)
EXACT = PCA(8, svd_solver="full").fit(ROWS).explained_variance_


@pytest.mark.parametrize(
    ("offset", "unit", "dtype"),
    [
        *((offset, 1, "float64") for offset in (0, 1e6, 1e8)),
        *((0, unit, "float64") for unit in (1e-100, 1e100)),
        *((0, unit, "float32") for unit in (1e-25, 1e17)),
        *((0, 1, dtype) for dtype in (">f4", ">f8", ">f2", "longdouble")),
    ],
)
def test_eigenvalues_hold_in_any_unit_around_any_mean(offset, unit, dtype):
    rows = ((ROWS + offset) * unit).astype(dtype)
    mu, components, eigenvalues = whitening.fit(rows, 8, tolerance=1e-7)
    # 2e-3: float16 has 11 bits; 1e-5: the products are of float32
    tolerance = 2e-3 if dtype == ">f2" else 1e-5
    np.testing.assert_allclose(eigenvalues / unit**2, EXACT, rtol=tolerance)
    z = whitening.whiten(rows, mu, components, eigenvalues)
    np.testing.assert_allclose(np.cov(z.T), np.eye(8), atol=1e-4)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-4)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (ROWS + 1j, "got complex128, ndarray"),
        (np.ma.masked_greater(ROWS, 1), "got float64, MaskedArray"),
        (ROWS.astype(object), "got Python objects"),
        (ROWS.astype("U8"), "got <U8, ndarray"),
    ],
)
def test_rows_that_are_no_plain_real_numbers_are_refused(rows, found):
    with pytest.raises(ValueError, match=f"must be real numbers.*{found}"):
        whitening.fit(rows, 8)


def test_tensors_and_ambient_precision_change_nothing():
    rows = torch.from_numpy(ROWS.astype(np.float32))
    expected = whitening.fit(rows.numpy(), 8)
    try:
        torch.set_default_dtype(torch.float64)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found = whitening.fit(rows, 8)
    finally:
        torch.set_default_dtype(torch.float32)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("unit", [1e160, 1e307, 1e-160])
def test_units_whose_squares_leave_float64_are_refused(unit):
    rows = np.random.default_rng(0).uniform(1, 2, (60, 5)) * unit
    with pytest.raises(ValueError, match="squares of the coefficients must be in the range"):
        whitening.fit(rows, 2)


def test_complex_coefficients_are_not_whitened(S, fitted):
    with pytest.raises(ValueError, match="S must be real: got complex64"):
        whitening.whiten(S + np.complex64(1j), *fitted)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rank": 2.5}, "rank must be an integer of at least 1: got 2.5; use 2."),
        ({"rank": True}, "rank must be an integer of at least 1: got True; use 1."),
        ({"parts": -1}, "parts must be an integer of at least 0: got -1; use 0."),
        ({"seed": -1}, "seed must be an integer of at least 0: got -1; use 0."),
        ({"seed": "a"}, "seed must be an integer of at least 0: got 'a'; use 0."),
        ({"tolerance": np.nan}, "tolerance must be a finite number above 0: got nan; use one such"),
        ({"array": torch.eye(9).to_sparse()}, "a dense tensor: got a sparse_coo one; use x.to_d"),
        ({"array": torch.zeros(9, 4, device="meta")}, "a dense tensor: got a meta one; give it"),
        ({"array": "S.npy"}, "coefficients must be an array: got the text 'S.npy'; open the file"),
        ({"array": [[1], [2, 3]]}, "got a list that numpy does not take .*; make all rows of one"),
        (
            {"array": pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]})},
            "real numbers: got Python ob",
        ),
        (
            {"array": pandas.DataFrame(ROWS).mask(ROWS > 9).convert_dtypes()},
            "found NaN or infinity",
        ),
    ],
)
def test_arguments_of_another_kind_are_refused_in_one_sentence(change, sentence):
    with pytest.raises(ValueError, match=sentence) as caught:
        whitening.fit(**{"array": ROWS, "rank": 3} | change)
    assert "\n" not in str(caught.value)


WIDE = torch.from_numpy(ROWS.astype(np.float32))


@pytest.mark.parametrize(
    ("rows", "plain"),
    [
        (WIDE.bfloat16(), WIDE.bfloat16().float().numpy()),
        (WIDE.clone().requires_grad_(), WIDE.numpy()),
        (pandas.DataFrame(ROWS), ROWS),
        (pandas.DataFrame(ROWS).convert_dtypes(), ROWS),
        (ROWS.tolist(), ROWS),
    ],
    ids=["bfloat16", "gradient", "table", "nullable table", "lists"],
)
def test_tensors_tables_and_lists_are_the_arrays_that_they_hold(rows, plain):
    fitted, expected = whitening.fit(rows, 4), whitening.fit(plain, 4)
    for a, b in zip(fitted, expected, strict=True):
        np.testing.assert_array_equal(a, b)
    z = whitening.whiten(rows, *fitted)
    np.testing.assert_array_equal(z, whitening.whiten(plain, *fitted))
    tensors = [torch.from_numpy(np.array(a)) for a in fitted]
    np.testing.assert_array_equal(whitening.whiten(plain, *tensors), z)
    S = whitening.unwhiten(z, *fitted)
    for same in (torch.from_numpy(z).requires_grad_(), pandas.DataFrame(z)):
        np.testing.assert_array_equal(whitening.unwhiten(same, *tensors), S)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"z": np.zeros((2, 3), complex)}, "z must be real: got complex128; put the two parts"),
        ({"z": da.zeros((2, 3), dtype=complex)}, "z must be real: got complex128; put the two"),
        ({"z": torch.zeros(2, 3).to_sparse()}, "z must be a dense tensor: got a sparse_coo one"),
        ({"z": np.zeros((2, 4))}, r"must be \(n, d\), .* and \(d,\): got z \(2, 4\), .*; take all"),
        ({"mu": np.zeros((1, 5))}, r"must be .*: got .*, mu \(1, 5\), .*; take all of one fit"),
        ({"eigenvalues": 1.0}, r"must be .*: got .*, eigenvalues \(\); take all of one fit"),
    ],
)
def test_embeddings_of_another_kind_are_refused(change, sentence):
    fitted = {"mu": np.zeros(5), "components": np.eye(3, 5), "eigenvalues": np.ones(3)}
    with pytest.raises(ValueError, match=sentence):
        whitening.unwhiten(**{"z": np.zeros((2, 3))} | fitted | change)
