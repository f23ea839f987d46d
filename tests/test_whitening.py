import dask.array as da
import numpy as np
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
    """Real coefficients: a large mean, and eigenvalues spread over several orders of magnitude."""
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
def test_invariant_to_the_blocks(S, fitted, rows):
    mean, components, eigenvalues = whitening.fit(blocks(S, rows), RANK)
    np.testing.assert_allclose(mean, fitted[0], rtol=1e-6)
    # float32 sums in another order
    np.testing.assert_allclose(eigenvalues, fitted[2], rtol=1e-4)
    np.testing.assert_allclose(components[:8], fitted[1][:8], atol=1e-3)


def test_deterministic(S, fitted):
    for a, b in zip(whitening.fit(blocks(S), RANK), fitted, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_smaller_dimension_is_a_part_of_a_larger_one(S, fitted):
    mean, components, eigenvalues = fitted
    z = whitening.whiten(S, *fitted)
    # float32 products of other shapes
    np.testing.assert_allclose(
        whitening.whiten(S, mean, components[:5], eigenvalues[:5]), z[:, :5], atol=1e-4
    )


def test_unwhiten_projects(S, fitted):
    z = whitening.whiten(S, *fitted)
    projected = whitening.unwhiten(z, *fitted)
    np.testing.assert_allclose(
        whitening.whiten(projected, *fitted), z, atol=1e-3
    )  # float32 around 10
    lost = np.square(S - projected, dtype=np.float64).sum() / (len(S) - 1)
    exact = np.cov(S.T.astype(np.float64)).trace() - fitted[2].sum()
    assert lost == pytest.approx(exact, rel=1e-3)


def test_exact_at_full_rank():
    x = np.random.default_rng(0).standard_normal((50, 6)).astype(np.float32) @ np.diag(
        [9, 5, 3, 2, 1, 0.5]
    )
    _, _, eigenvalues = whitening.fit(blocks(x.astype(np.float32), 20), 6)
    np.testing.assert_allclose(
        eigenvalues, np.linalg.eigvalsh(np.cov(x.T))[::-1], rtol=1e-5
    )  # float32


@pytest.mark.parametrize("rank", [0, 20, 31])
def test_refuses_a_rank_that_the_data_cannot_give(rank):
    x = np.random.default_rng(0).standard_normal((20, 30)).astype(np.float32)
    with pytest.raises(
        ValueError,
        match=rf"rank must be from 1 to min\(n - 1, p\): got rank={rank}, n=20 images, p=30",
    ):
        whitening.fit(blocks(x), rank)


def test_refuses_non_finite_coefficients(S):
    bad = S.copy()
    bad[3, 5] = np.nan
    with pytest.raises(
        ValueError, match="must be finite: found NaN or infinity in row 3; recompute the shard"
    ):
        whitening.fit(blocks(bad), 4)


def test_refuses_constant_columns_at_full_rank():
    x = np.random.default_rng(0).standard_normal((50, 6)).astype(np.float32)
    x[:, 2] = 1
    with pytest.raises(
        ValueError, match=r"vary in at least 6 directions: found 5 .*ask for d and rank=5"
    ):
        whitening.fit(blocks(x), 6)


def test_refuses_more_components_than_directions():
    x = np.random.default_rng(0).standard_normal((5, 30)).astype(np.float32)
    with pytest.raises(
        ValueError, match=r"vary in at least 8 directions: found 4 .*ask for d and rank=4"
    ):
        whitening.fit(blocks(np.repeat(x, 10, axis=0)), 8)


def test_incremental_is_scikit_learns(S, fitted):
    _, components, eigenvalues = whitening.fit(blocks(S), RANK, solver="incremental")
    np.testing.assert_allclose(components @ components.T, np.eye(RANK), atol=1e-5)  # float32
    assert (
        0.999 * fitted[2].sum() < eigenvalues.sum() < fitted[2].sum() * (1 + 1e-6)
    )  # measured 0.9998
    np.testing.assert_allclose(
        eigenvalues, fitted[2], rtol=0.05
    )  # it forgets what it leaves out; measured 0.036
    z = whitening.whiten(S, S.mean(axis=0), components, eigenvalues)
    np.testing.assert_allclose(
        np.cov(z.T.astype(np.float64)), np.eye(RANK), atol=1e-4
    )  # by its Rayleigh-Ritz end


@pytest.mark.parametrize("parts", [1, 2, 3, 7])
def test_invariant_to_the_parts(S, fitted, parts):
    mean, components, eigenvalues = whitening.fit(blocks(S, 50), RANK, parts=parts)
    np.testing.assert_allclose(mean, fitted[0], rtol=1e-6)
    np.testing.assert_allclose(eigenvalues, fitted[2], rtol=1e-4)  # float32 sums in another order
    np.testing.assert_allclose(components[:8], fitted[1][:8], atol=1e-3)


def test_half_precision_is_as_good_as_what_it_holds(S):
    half = S.astype(np.float16)
    for a, b in zip(
        whitening.fit(blocks(half), 8),
        whitening.fit(blocks(half.astype(np.float32)), 8),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)


def test_refuses_an_unknown_solver(S):
    with pytest.raises(ValueError, match="the solver must be subspace or incremental: got 'svd'"):
        whitening.fit(blocks(S), 4, solver="svd")


def test_the_first_basis_from_a_sample_of_the_rows():
    x = (
        np.random.default_rng(0).standard_normal((4000, 60)).astype(np.float32)
        * np.arange(1, 61) ** -0.7
        + 1
    )
    _, _, eigenvalues = whitening.fit(blocks(x.astype(np.float32), 100), 5)
    exact = np.linalg.eigvalsh(np.cov(x.T))[::-1][:5]
    np.testing.assert_allclose(eigenvalues, exact, rtol=1e-3)  # what whitening.fit is to reach


@pytest.mark.parametrize(("p", "last", "rank"), [(50, 0.97, 1), (200, 0.97, 2), (200, 0.9, 4)])
def test_a_flat_spectrum_is_not_taken_for_settled(p, last, rank, capsys):
    """Its eigenvalues change little in each pass, and for a long time."""
    rng = np.random.default_rng(0)
    x = np.linalg.qr(rng.standard_normal((2000, p)))[0] * np.sqrt(1999 * np.linspace(1, last, p))
    x = (x @ np.linalg.qr(rng.standard_normal((p, p)))[0]).astype(np.float32)
    _, _, eigenvalues = whitening.fit(blocks(x, 500), rank)
    exact = np.linalg.eigvalsh(np.cov(x.T))[::-1][:rank]
    assert (
        np.abs(eigenvalues / exact - 1).max() < 1e-3
        or "stopped after 20 passes" in capsys.readouterr().err
    )


def test_refuses_images_that_are_all_the_same():
    with pytest.raises(
        ValueError, match=r"vary in at least 2 directions: found 0 .*; use more varied images"
    ):
        whitening.fit(blocks(np.ones((20, 30), dtype=np.float32)), 2)


def test_arrays_of_numpy_too(S, fitted):
    np.testing.assert_allclose(
        whitening.fit(S, 4)[2], fitted[2][:4], rtol=1e-3
    )  # another width of the basis
    with pytest.raises(ValueError, match=r"must be \(n, p\), both known: got \(300, 30, 40\)"):
        whitening.fit(S.reshape(300, 30, 40), 4)
