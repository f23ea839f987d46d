"""Associative memory: retrieval with known answers, corruptions, the workflow at its smallest."""

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from gsn.data import corruptions
from gsn.data.polygons import draw
from gsn.decomposition import whitening
from gsn.runtime import files
from gsn.systems.memory import measurement, recall, spaces
from gsn.transforms import Scattering2D
from project import copy, snakemake

N, STORED, D = 16, 60, 8


@pytest.fixture(scope="module")
def images():
    return np.stack([draw(i, N, split="train") for i in range(STORED)])


@pytest.fixture(scope="module")
def memory(images):
    """The stored addresses, and the map of queries to theirs."""
    S = Scattering2D(J=2, shape=(N, N), L=4)
    coefficients = S(torch.from_numpy(images).float() / 255).half().numpy()
    mu, components, eigenvalues = whitening.fit(
        coefficients.reshape(STORED, -1).astype(np.float32), rank=D
    )
    basis = spaces.Basis(mu, components, eigenvalues)
    z = whitening.whiten(
        coefficients.reshape(STORED, -1).astype(np.float32), mu, components, eigenvalues
    )
    stored = spaces.stored(images, coefficients, z, eigenvalues)
    return stored, spaces.embedding(S, basis, torch.float16)


@pytest.mark.parametrize("space", spaces.NAMES)
def test_an_image_that_is_not_corrupted_recalls_itself(images, memory, space):
    stored, embed = memory
    rows, distances = recall(stored[space], embed(images.astype(np.float32))[space])
    np.testing.assert_array_equal(rows, np.arange(STORED))
    spread = np.linalg.norm(stored[space].reshape(STORED, -1).astype(float), axis=1).mean()
    assert distances.max() < 1e-3 * spread  # the transform of a batch, in float32


def test_the_address_of_principal_components_is_z_before_the_whitening(images, memory):
    _, embed = memory
    found = embed(images[:5].astype(np.float32))
    ratio = found["PCA"] / found["z"]
    np.testing.assert_allclose(ratio.std(axis=0) / ratio.mean(axis=0), 0, atol=1e-5)
    assert (np.diff(ratio.mean(axis=0)) <= 0).all()  # the variances decrease


def test_the_hits_of_orthonormal_addresses_follow_the_closed_form():
    """With q = e_i + sigma g, i is nearest if g_i + 1 / sigma is above n - 1 other normals."""
    n, m = 50, 4000
    rng = np.random.default_rng(0)
    own = rng.integers(0, n, m)
    for sigma in (0.2, 0.4, 0.8):
        queries = np.eye(n)[own] + sigma * rng.standard_normal((m, n))
        rate = np.mean(recall(np.eye(n), queries)[0] == own)
        expected, _ = integrate.quad(
            lambda t, s=1 / sigma: stats.norm.pdf(t) * stats.norm.cdf(t + s) ** (n - 1), -9, 9
        )
        deviation = np.sqrt(expected * (1 - expected) / m)
        assert abs(rate - expected) < 4 * deviation + 1e-3  # 4 deviations of a binomial share


@pytest.mark.parametrize("rows", [1, 7, 60, 1000])
def test_blocks_change_nothing(rows):
    rng = np.random.default_rng(1)
    addresses, queries = rng.standard_normal((60, 5)), rng.standard_normal((33, 5))
    exact = np.linalg.norm(queries[:, None] - addresses, axis=2)
    numbers, distances = recall(addresses, queries, rows=rows)
    np.testing.assert_array_equal(numbers, exact.argmin(axis=1))
    np.testing.assert_allclose(distances, exact.min(axis=1), atol=1e-7)  # root of the rounding


def test_of_equal_addresses_the_first_is_recalled():
    addresses = np.repeat(np.arange(3.0), 4)[:, None]
    assert recall(addresses, np.array([[1.1], [2.0]]), rows=3)[0].tolist() == [4, 8]


def test_only_the_first_addresses_are_searched():
    addresses = np.arange(9.0)[:, None]
    assert recall(addresses, np.array([[8.0]]), n=5, rows=2)[0].tolist() == [4]


@pytest.mark.parametrize(
    ("addresses", "queries", "message"),
    [
        (np.zeros((0, 2)), np.zeros((1, 2)), "the addresses must have at least 1 rows"),
        (np.zeros((3, 2)), np.zeros((0, 2)), "the queries must have at least 1 rows"),
        (np.zeros((3, 2)), np.zeros((1, 3)), "same number of components: got 2 and 3"),
        (np.full((3, 2), np.nan), np.zeros((1, 2)), "the addresses must be finite: row 0"),
        (np.zeros((3, 2)), np.full((1, 2), np.inf), "the queries must be finite"),
    ],
)
def test_what_cannot_be_compared_is_refused(addresses, queries, message):
    with pytest.raises(ValueError, match=message):
        recall(addresses, queries)


def test_noise_has_its_deviation_and_grows_in_place():
    x = np.zeros((8, 3, 32, 32), dtype=np.uint8)
    small, large = (corruptions.noise(x, sigma, seed=0) for sigma in (2, 6))
    np.testing.assert_allclose(large, 3 * small, rtol=1e-5)
    assert abs(small.std() - 2) < 0.05  # 3 deviations of the deviation of 24,576 numbers
    np.testing.assert_array_equal(corruptions.noise(x, 0, seed=0), x)


@pytest.mark.parametrize("side", [0, 1, 5, 8])
def test_an_occlusion_hides_one_square(side):
    x = np.ones((20, 2, 8, 8))
    hidden = corruptions.occlusion(x, side, fill=7, seed=0) == 7
    assert (hidden.sum(axis=(2, 3)) == side**2).all()
    rows, columns = hidden.any(axis=3).sum(axis=2), hidden.any(axis=2).sum(axis=2)
    assert (rows == side).all()
    assert (columns == side).all()
    if side in (1, 5):  # its place is drawn
        assert len({mask.tobytes() for mask in hidden[:, 0]}) > 5


def test_an_occlusion_that_is_larger_than_the_image_is_refused():
    with pytest.raises(ValueError, match="side must be from 0 to N=8: got 9"):
        corruptions.occlusion(np.ones((1, 1, 8, 8)), 9, fill=0, seed=0)


@pytest.mark.parametrize("pixels", [0, 1, 3, 7])
def test_a_translation_is_that_of_a_reflected_image(pixels):
    x = np.random.default_rng(0).standard_normal((12, 2, 8, 8)).astype(np.float32)
    large = np.pad(x, ((0, 0), (0, 0), (7, 7), (7, 7)), mode="reflect")
    moves = [(pixels, 0), (-pixels, 0), (0, pixels), (0, -pixels)]
    windows = [large[..., 7 - r : 15 - r, 7 - c : 15 - c] for r, c in moves]
    seen = set()
    for i, moved in enumerate(corruptions.translation(x, pixels, seed=0)):
        equal = [k for k, window in enumerate(windows) if np.array_equal(moved, window[i])]
        assert equal
        seen.update(equal)
    assert seen == {0, 1, 2, 3}  # every direction


def test_hits_are_counted_with_the_interval_of_wilson():
    """p and n of Wilson's formula, by hand."""
    rows = np.arange(100)
    nearest = np.where(rows < 80, rows, 0)
    (row,) = measurement.table({("noise", 0.1, "z"): nearest}, rows, 500)
    assert row[:7] == ("noise", 0.1, "z", 500, 100, 80, 0.8)
    z, n, p = stats.norm.ppf(0.975), 100, 0.8
    centre, half = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + (z / (2 * n)) ** 2)
    np.testing.assert_allclose(row[7:], np.array([centre - half, centre + half]) / (1 + z**2 / n))


def test_all_spaces_are_asked_with_all_corruptions(images, memory):
    stored, embed = memory
    rows = np.arange(0, STORED, 6)
    found = measurement.recalled(images[rows], stored, embed, n=STORED, seed=0)
    kinds = measurement.sizes(N)
    assert set(found) == {
        (kind, size, space)
        for kind in kinds
        for size in kinds[kind]
        for space in measurement.SPACES
    }
    for space in spaces.NAMES:
        np.testing.assert_array_equal(found["noise", 0, space], rows)
    figure = measurement.curves(measurement.table(found, rows, STORED))
    assert len(figure.axes) == len(kinds)
    assert [len(axes.lines) for axes in figure.axes] == [len(measurement.SPACES)] * len(kinds)


def test_a_shift_that_all_queries_share_is_removed_by_centring():
    z = np.random.default_rng(0).standard_normal((200, D)).astype(np.float32)

    def embed(x):
        """Addresses that a corruption of any size moves far, all alike."""
        return dict.fromkeys(spaces.NAMES, z) | {"z": z + 9}

    x = np.zeros((200, 1, 4, 4), dtype=np.uint8)
    found = measurement.recalled(x, dict.fromkeys(spaces.NAMES, z), embed, n=200, seed=0)
    np.testing.assert_array_equal(found["noise", 1, "z_centred"], np.arange(200))
    assert np.mean(found["noise", 1, "z"] == np.arange(200)) < 0.1


TINY = """
table1: [tiny]
datasets:
  tiny:
    source: polygons
    N: 16
    train: 128
    test: 24
    J: 2
    L: 4
    d: 8
    rank: 16
    generator: {width: 2, kernel: 3}
    training: {epochs: 1, batch: 8, learning_rate: 0.01}
    memory: {stored: 100, queries: 16}
"""


def test_the_workflow_measures_the_memory_and_the_claims(tmp_path):
    house = copy(tmp_path / "house")
    (house / "tiny.yaml").write_text(TINY)
    run = snakemake(house, "tiny.yaml", "memory", "claims", "results/tiny/J2_L4/d8/psnr.csv")
    assert run.returncode == 0, run.stdout + run.stderr
    folder = house / "results/tiny/J2_L4/d8"
    rows = files.read_csv(folder / "memory.csv")
    assert list(rows[0]) == list(measurement.COLUMNS)
    assert {(row["stored"], row["queries"]) for row in rows} == {("100", "16")}
    exact = [row for row in rows if float(row["size"]) == 0 and row["space"] != "z_centred"]
    assert {row["hits"] for row in exact} == {"16"}
    for name in ("memory", "memory_examples", "detail", "components", "components_kept"):
        assert (folder / f"figures/{name}.png").stat().st_size > 1000
    detail = files.read_csv(folder / "detail.csv")
    assert {row["split"] for row in detail} == {"train", "test"}
    psnr = {
        row["split"]: float(row["psnr_pooled_db"]) for row in files.read_csv(folder / "psnr.csv")
    }
    measured = {
        tuple(row.values())[:3]: float(row["value"])
        for row in files.read_csv(folder / "components.csv")
    }
    for split in psnr:  # all images are measured, with all components
        assert measured["psnr_db_G", split, "8"] == pytest.approx(psnr[split], abs=1e-4)
    page = (folder / "embedding.md").read_text()
    assert "| C of (3), translations | 2.2 |" in page
    assert "| activations of G that are zero | 4 | about 70 % |" in page
