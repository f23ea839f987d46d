"""The experiment object: embed, decode, reconstruct, sample, interpolate and load."""

import shutil
import subprocess
import sys

import dask.array as da
import numpy as np
import pytest
import torch

import gsn
from gsn.data.polygons import draw
from gsn.decomposition import whitening
from gsn.networks import generator
from gsn.runtime import store
from gsn.transforms import scattering2d

J, L, N, D, RANK = 2, 4, 16, 8, 12


def make(folder, *, written=None, **network):
    """Write the files of an experiment on 40 polygons as the pipeline does; return images and z."""
    x = np.stack([draw(i, N, split="train") for i in range(40)])
    S = scattering2d.Scattering2D(J, (N, N), L)
    (S,) = scattering2d.of_images(S, [x], device=torch.device("cpu"), dtype=torch.float16)
    S = S.flatten(1).numpy()
    mu, components, eigenvalues = whitening.fit(da.from_array(S), RANK)
    written = (
        {"J": J, "L": L, "N": N, "max_order": 2, "dtype": "float16"} if written is None else written
    )
    with store.whole(folder.parent / "pca.zarr") as pca:
        variables = {
            "mu": store.Variable(("coefficient",), mu),
            "components": store.Variable(("component", "coefficient"), components),
            "eigenvalues": store.Variable(("component",), eigenvalues),
        }
        store.create(pca, variables, **written)
    folder.mkdir(exist_ok=True)
    torch.manual_seed(0)
    G = generator.Generator(**{"d": D, "N": N, "width": 2, "kernel": 3} | network)
    for weight in G.parameters():
        if weight.ndim > 1:
            torch.nn.init.kaiming_normal_(weight)  # images differ well above rounding
    generator.save(G, folder / "generator.pt")
    return x, whitening.whiten(S, mu, components[:D], eigenvalues[:D])


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results") / "polygons/J2_L4/d8"
    x, z = make(folder)
    return folder, x, z


@pytest.fixture(scope="module")
def experiment(made):
    return gsn.load(made[0], device="cpu")


def close(a, b, atol=1e-4):
    """Assert that arrays are equal up to float32 sums in another order.

    Whitening divides the errors of these sums by the small standard deviations of S.
    """
    np.testing.assert_allclose(a, b, rtol=0, atol=atol)


def test_an_experiment_has_the_parameters_of_its_files(experiment):
    assert (experiment.d, experiment.N, experiment.J, experiment.L, experiment.channels) == (
        D,
        N,
        J,
        L,
        3,
    )
    assert experiment.device == torch.device("cpu")
    assert not experiment.generator.training


def test_embed_is_whitening_of_the_coefficients(made, experiment):
    _, x, z = made
    found = experiment.embed(x)
    assert found.shape == (40, D)
    assert found.dtype == np.float32
    close(found, z)
    close(np.cov(found.T), np.eye(D), atol=1e-3)  # 40 rows of float32


def test_coefficients_are_rounded_as_the_store_rounds_them(made, experiment, tmp_path):
    make(tmp_path / "d8", written={"J": J, "L": L, "N": N, "max_order": 2, "dtype": "float32"})
    other = gsn.load(tmp_path / "d8", device="cpu")
    # more than the tolerance of `close`: the rounding to float16
    assert np.abs(other.embed(made[1]) - experiment.embed(made[1])).max() > 1e-4


def test_images_may_be_bytes_or_floats_and_come_out_as_floats(made, experiment):
    x = made[1]
    z = experiment.embed(x)
    for same in (
        (x / 255).astype(np.float32),
        x / 255,
        torch.from_numpy(x),
        torch.from_numpy(x).float() / 255,
        np.ascontiguousarray(x[..., ::-1])[..., ::-1],  # with a negative stride
        np.broadcast_to(x, x.shape),  # read-only
        list(x),
    ):
        np.testing.assert_array_equal(experiment.embed(same), z)
    y = experiment.reconstruct(x)
    assert y.shape == x.shape
    assert y.dtype == np.float32
    assert y.min() >= 0
    assert y.max() <= 1
    assert np.isfinite(experiment.embed(y)).all()


def test_images_in_a_store_embed_as_images_in_memory(made, experiment, tmp_path):
    x = made[1]
    with store.whole(tmp_path / "x.zarr") as folder:
        store.create(folder, {"x": store.Variable(("image", "colour", "row", "column"), x)})
    np.testing.assert_array_equal(
        experiment.embed(store.read(tmp_path / "x.zarr", "x")), experiment.embed(x)
    )


def test_decode_is_the_generator_scaled_to_the_unit_interval(made, experiment):
    z = made[2][:5]
    with torch.no_grad():
        expected = (experiment.generator(torch.from_numpy(z)).numpy() + 1) / 2
    close(experiment.decode(z), expected, atol=1e-6)
    np.testing.assert_array_equal(experiment.decode(torch.from_numpy(z)), experiment.decode(z))


def test_reconstruct_is_decode_of_embed(made, experiment):
    x = made[1]
    np.testing.assert_array_equal(experiment.reconstruct(x), experiment.decode(experiment.embed(x)))


def test_interpolation_joins_the_reconstructions(made, experiment):
    x, z = made[1:]
    morph = experiment.interpolate(x[3], x[7], 5)
    assert morph.shape == (5, 3, N, N)
    close(morph[[0, -1]], experiment.reconstruct(x[[3, 7]]))
    close(morph[2], experiment.decode((z[[3]] + z[[7]]) / 2)[0])
    assert np.abs(morph[0] - morph[-1]).max() > 0.01


def test_results_do_not_depend_on_the_batch(made, experiment):
    folder, x, _ = made
    small = gsn.load(folder, device="cpu", batch=7)
    close(small.embed(x), experiment.embed(x))
    close(small.reconstruct(x), experiment.reconstruct(x))


def test_the_first_samples_do_not_depend_on_their_number(experiment):
    # float32 in batches of 64 and of 3
    close(experiment.sample(70)[:3], experiment.sample(3), atol=1e-5)
    assert np.abs(experiment.sample(3, seed=1) - experiment.sample(3)).max() > 0.01


def test_no_images_give_no_images(made, experiment):
    assert experiment.reconstruct(made[1][:0]).shape == experiment.sample(0).shape == (0, 3, N, N)


def test_importing_gsn_imports_neither_torch_nor_numpy():
    command = (
        "import gsn, sys; assert callable(gsn.load) and not {'torch', 'numpy'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", command], check=True)


X = np.zeros((2, 3, N, N), dtype=np.uint8)
FLOATS = X.astype(np.float32)


@pytest.mark.parametrize(
    ("images", "sentence"),
    [
        (X[:, :, :8, :8], r"shape \(n, 3, 16, 16\): got \(2, 3, 8, 8\); crop or resize to N"),
        (X[:, :1], r"shape \(n, 3, 16, 16\): got \(2, 1, 16, 16\)"),
        (X[0], r"got \(3, 16, 16\); .*x\[None\] makes n = 1"),
        (
            X.transpose(0, 2, 3, 1),
            r"got \(2, 16, 16, 3\); move the colours, np.moveaxis\(x, -1, -3\)",
        ),
        (X.astype(np.int64), r"uint8 or floats: got int64; use x.astype\(np.uint8\)"),
        (X.astype(bool), r"uint8 or floats: got bool; use x.astype\(float\)"),
        (FLOATS + np.float32(1.0000001), r"in \[0, 1\]: found 1\.0000001192092896 to .* rounding"),
        ("a.png", "must be an array of pixels: got the text 'a.png'; open the file first"),
        (torch.zeros(2, 3, N, N, requires_grad=True), "must need no gradient: got a tensor"),
        (np.ma.masked_equal(X, 0), "must have no masked values"),
        (FLOATS + 255, r"in \[0, 1\]: found 255.0 to 255.0 from image 0 on; .* x / 255"),
        (FLOATS - 0.5, r"in \[0, 1\]: found -0.5 to -0.5"),
        (FLOATS * np.nan, r"finite and in \[0, 1\]: found nan to nan.*leave out NaN"),
    ],
)
def test_images_of_another_kind_are_refused(experiment, images, sentence):
    with pytest.raises(ValueError, match=sentence):
        experiment.embed(images)


def test_z_of_another_kind_is_refused(experiment):
    with pytest.raises(ValueError, match=r"shape \(n, 8\): got \(2, 9\)"):
        experiment.decode(np.zeros((2, 9)))
    with pytest.raises(ValueError, match=r"got \(8,\); z\[None\] makes n = 1"):
        experiment.decode(np.zeros(8))
    with pytest.raises(ValueError, match="z must be finite"):
        experiment.decode(np.full((1, 8), np.inf))
    with pytest.raises(ValueError, match="z must be real numbers: got complex128"):
        experiment.decode(np.zeros((1, 8), dtype=complex))


@pytest.mark.parametrize("n", [-1, 2.5, True, "3"])
def test_counts_of_another_kind_are_refused(experiment, made, n):
    for call in (
        lambda: experiment.sample(n),
        lambda: experiment.interpolate(X[0], X[1], n),
        lambda: gsn.load(made[0], batch=n),
    ):
        with pytest.raises(ValueError, match=r"must be an integer of at least \d: got "):
            call()


def test_devices_and_folders_of_another_kind_are_refused(made):
    with pytest.raises(ValueError, match=r"device must be one of torch's.*: got 'gpu'"):
        gsn.load(made[0], device="gpu")
    with pytest.raises(ValueError, match="device must hold numbers: got 'meta'; use 'cpu'"):
        gsn.load(made[0], device="meta")
    if not torch.backends.mps.is_available():
        with pytest.raises(ValueError, match="device='mps' must be one that torch finds: found"):
            gsn.load(made[0], device="mps")
    with pytest.raises(ValueError, match=r"folder must be the path of an experiment.*: got None"):
        gsn.load(None)


def test_ambient_precision_changes_nothing(made, experiment):
    expected = experiment.reconstruct(made[1])
    try:
        torch.set_default_dtype(torch.float64)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            again = gsn.load(made[0], device="cpu").reconstruct(made[1])
    finally:
        torch.set_default_dtype(torch.float32)
    np.testing.assert_array_equal(again, expected)


FOREIGN = {
    "weights alone": lambda state: state["weights"],
    "a module in a wrapper": lambda state: (
        state | {"weights": {f"module.{key}": value for key, value in state["weights"].items()}}
    ),
    "other settings": lambda state: state | {"settings": {"depth": 3}},
    "another width": lambda state: state | {"settings": state["settings"] | {"width": 8}},
    "a list": lambda state: [1, 2],
    "a tensor": lambda state: torch.zeros(3),
    "not finite": lambda state: (
        state | {"weights": {key: value * torch.nan for key, value in state["weights"].items()}}
    ),
}


@pytest.mark.parametrize("change", FOREIGN.values(), ids=FOREIGN)
def test_files_of_torch_of_another_kind_are_refused(tmp_path, change):
    folder = tmp_path / "polygons/J2_L4/d8"
    make(folder)
    torch.save(change(torch.load(folder / "generator.pt")), folder / "generator.pt")
    with pytest.raises(
        ValueError, match=r"generator\.pt must (be a|hold the|have finite) "
    ) as caught:
        gsn.load(folder)
    assert "\n" not in str(caught.value)


def test_a_folder_in_place_of_the_weights_is_refused(tmp_path):
    folder = tmp_path / "polygons/J2_L4/d8"
    make(folder)
    (folder / "generator.pt").unlink()
    (folder / "generator.pt").mkdir()
    with pytest.raises(
        ValueError, match=r"generator\.pt must be .*: found a folder; copy it or make"
    ):
        gsn.load(folder)


def test_a_flipped_bit_in_the_weights_is_found(tmp_path):
    folder = tmp_path / "polygons/J2_L4/d8"
    make(folder)
    content = bytearray((folder / "generator.pt").read_bytes())
    weight = gsn.load(folder).generator.linear.weight.detach().numpy().tobytes()
    content[content.index(weight) + 3] ^= 1
    (folder / "generator.pt").write_bytes(content)
    with pytest.raises(ValueError, match="a checksum does not fit"):
        gsn.load(folder)


def test_interpolations_of_another_kind_are_refused(experiment):
    with pytest.raises(ValueError, match="steps must be an integer of at least 2: got 1"):
        experiment.interpolate(X[0], X[1], 1)
    with pytest.raises(ValueError, match=r"shape \(3, 16, 16\): got \(2, 3, 16, 16\); .*no axis n"):
        experiment.interpolate(X, X[1], 3)


def test_a_missing_file_is_named_with_the_target_that_makes_it(tmp_path):
    folder = tmp_path / "polygons/J2_L4/d8"
    make(folder)
    (folder / "generator.pt").unlink()
    target = "results/polygons/J2_L4/d8/generator.pt"
    with pytest.raises(
        FileNotFoundError, match=rf"found none; .* make it with `snakemake --cores all {target}`"
    ):
        gsn.load(folder)
    make(folder)
    (folder.parent / "pca.zarr/zarr.json").unlink()
    with pytest.raises(
        FileNotFoundError,
        match=r"snakemake --cores all results/polygons/J2_L4/pca\.zarr/zarr\.json`",
    ):
        gsn.load(folder)


def test_files_that_do_not_belong_together_are_refused(tmp_path):
    make(tmp_path / "polygons/J2_L4/d8", channels=1)
    with pytest.raises(
        ValueError, match="must be of one experiment: got N=16, 400 coefficients and d=8 in"
    ):
        gsn.load(tmp_path / "polygons/J2_L4/d8")
    make(tmp_path / "polygons/J2_L4/d8", d=13)
    with pytest.raises(ValueError, match=r"d=13 in .* up to 12 in .*; copy both from one"):
        gsn.load(tmp_path / "polygons/J2_L4/d8")
    make(tmp_path / "polygons/J2_L4/d8", written={"J": J, "L": L, "N": N})
    with pytest.raises(
        ValueError,
        match=r"found no max_order, dtype; make it with `snakemake --cores all --force results",
    ):
        gsn.load(tmp_path / "polygons/J2_L4/d8")


def test_a_truncated_file_is_refused(tmp_path):
    folder = tmp_path / "polygons/J2_L4/d8"
    make(folder)
    whole = (folder / "generator.pt").read_bytes()
    for found in (b"", b"hello", whole[:100], whole[: len(whole) // 2]):
        (folder / "generator.pt").write_bytes(found)
        with pytest.raises(
            ValueError,
            match=r"generator\.pt must be a complete trained generator: it cannot be read",
        ):
            gsn.load(folder)
    (folder / "generator.pt").write_bytes(whole)
    shutil.rmtree(folder.parent / "pca.zarr/mu/c")
    with pytest.raises(FileNotFoundError, match=r"pca\.zarr/mu/c/0 must exist: it is missing on"):
        gsn.load(folder)


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a GPU")
def test_a_missing_gpu_is_refused(tmp_path):
    make(tmp_path / "polygons/J2_L4/d8")
    with pytest.raises(
        ValueError, match="device='cuda' must be one that torch finds: found 0 GPUs"
    ):
        gsn.load(tmp_path / "polygons/J2_L4/d8", device="cuda")


def test_views_of_arrays_with_reversed_axes_are_taken(experiment, made):
    _, x, z = made
    np.testing.assert_array_equal(experiment.decode(z[::-1]), experiment.decode(z[::-1].copy()))
    mirrored = x[:4, ..., ::-1]
    np.testing.assert_array_equal(experiment.embed(mirrored), experiment.embed(mirrored.copy()))
    kept = {"device": torch.device("cpu"), "dtype": torch.float32}
    S = scattering2d.Scattering2D(J, (N, N), L)
    (seen,), (copied,) = (
        scattering2d.of_images(S, [view], **kept) for view in (mirrored, mirrored.copy())
    )
    assert torch.equal(seen, copied)
