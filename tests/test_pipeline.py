"""The pipeline from drawing to table1.csv at its tiniest, and what reruns after which change."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import xarray
import yaml
from sklearn.decomposition import PCA

import gsn
import imports
import project
import settings
from gsn.data.polygons import draw
from gsn.decomposition import whitening
from gsn.runtime import store
from gsn.transforms.scattering2d import Scattering2D
from settings import data, latent_laws, sizes, synthesis

J2_L4 = Path("results/tiny/J2_L4")


def snakemake(house, *arguments):
    return project.snakemake(house, "tests/smoke.yaml", *arguments)


def planned(house, *arguments):
    """How many jobs of each rule a run would have, but for the target `all` and the like."""
    result = snakemake(house, "--dry-run", *arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    counts = dict(re.findall(r"^(\w+) +(\d+)$", result.stdout + result.stderr, flags=re.MULTILINE))
    return {rule: int(count) for rule, count in counts.items() if rule not in ("all", "total")}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the project, in which the whole pipeline has run once."""
    house = project.copy(tmp_path_factory.mktemp("house"), "tests/smoke.yaml")
    result = snakemake(house, "--max-threads", "1")  # so that two jobs run at once
    assert result.returncode == 0, result.stdout + result.stderr
    return house


@pytest.fixture
def edited(house):
    """Append a line to a file of the house; undone after the test."""
    undo = []

    def edit(name, line):
        path = house / name
        undo.append((path, path.read_text()))
        path.write_text(path.read_text() + line)

    yield edit
    for path, text in undo:
        path.write_text(text)


def test_the_table(house):
    with open(house / "results/table1.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = "dataset, split, method, n, N, J, L, d, psnr_pooled_db, psnr_mean_db, psnr_paper_db, "
    columns += "psnr_pooled_low_db, psnr_pooled_high_db, psnr_mean_low_db, psnr_mean_high_db, "
    columns += "ssim, ssim_n, epochs, train_seconds, machine"
    assert list(rows[0]) == columns.split(", ")
    assert {row["ssim_n"] for row in rows} == {"40", "12"}
    for row in rows:
        for name in ("pooled", "mean"):
            low, value, high = (float(row[f"psnr_{name}{e}_db"]) for e in ("_low", "", "_high"))
            assert low <= value <= high
    assert "| tiny | test | 12 | 16 |" in (house / "results/table1.md").read_text()
    assert [(row["split"], row["method"], row["n"]) for row in rows] == [
        ("train", "generator", "40"),
        ("test", "generator", "12"),
        ("train", "ridge", "40"),
        ("test", "ridge", "12"),
        ("train", "pixel_pca", "40"),
        ("test", "pixel_pca", "12"),
    ]
    assert {(row["N"], row["J"], row["L"], row["d"], row["psnr_paper_db"]) for row in rows} == {
        ("16", "2", "4", "8", "")
    }
    assert all(5 < float(row["psnr_pooled_db"]) <= float(row["psnr_mean_db"]) < 40 for row in rows)


def test_the_stores_hold_the_mathematics(house):
    x = np.stack([draw(i, 16, split="train") for i in range(40)])
    images = xarray.open_zarr(house / "results/tiny/images/train.zarr")
    np.testing.assert_array_equal(images.x, x)

    coefficients = xarray.open_zarr(house / J2_L4 / "scattering/train.zarr")
    expected = Scattering2D(2, (16, 16), 4)(torch.from_numpy(x).float() / 255).flatten(1, 2)
    S = coefficients.S.values.astype(np.float32)
    assert coefficients.S.dtype == np.float16
    np.testing.assert_allclose(S, expected, rtol=2**-11, atol=1e-6)  # 11 bits, rounded; float32
    second = S[:, ((coefficients.order == 0) & (coefficients.colour == 1)).values][:, 0]
    np.testing.assert_array_equal(second, S[:, S.shape[1] // 3])
    assert coefficients.S.attrs.items() >= {"J": 2, "L": 4, "N": 16}.items()

    z = xarray.open_zarr(house / J2_L4 / "d8/z/train.zarr").z.values
    exact = PCA(8, whiten=True, svd_solver="full").fit_transform(
        S.reshape(40, -1).astype(np.float64)
    )
    # Float32, up to the signs.
    np.testing.assert_allclose(np.abs(np.sum(z * exact, axis=0)) / 39, 1, atol=1e-3)
    np.testing.assert_allclose(np.cov(z.T), np.eye(8), atol=1e-4)  # float32
    pca = xarray.open_zarr(house / J2_L4 / "pca.zarr")
    assert pca.components.shape[0] == 16
    basis = (pca.mu.values, pca.components.values[:8], pca.eigenvalues.values[:8])
    np.testing.assert_allclose(z, whitening.whiten(S.reshape(40, -1), *basis), atol=1e-4)


def test_nothing_half_done_is_left(house):
    assert not list(house.glob("results/**/*partial*")) + list(house.glob("results/**/.*writing*"))
    for name in ("figure2_train.png", "figure5_interpolation.webp"):
        assert (house / J2_L4 / "d8/figures" / name).stat().st_size > 1000


def test_a_second_run_does_nothing(house):
    assert planned(house) == {}


def test_the_embedding_is_measured(house):
    result = snakemake(house, f"{J2_L4.as_posix()}/d8/embedding.csv")
    assert result.returncode == 0, result.stdout + result.stderr
    with open(house / J2_L4 / "d8/embedding.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["measure", "split", "d", "at", "value"]
    found = {tuple(row.values())[:4]: float(row["value"]) for row in rows}
    assert len(found) == len(rows)
    pca = xarray.open_zarr(house / J2_L4 / "pca.zarr")
    assert found["eigenvalue", "train", "", "16"] == pytest.approx(float(pca.eigenvalues[15]))
    shares = [found["variance_share", "train", "", str(k)] for k in range(1, 17)]
    assert shares == sorted(shares)
    assert shares[-1] < 1
    assert found["z_covariance_error", "train", "8", ""] < 1e-4  # float32
    assert found["coefficients_per_pixel", "", "", ""] == 25 / 16  # K / 4^J
    assert found["z_variance_mean", "test", "8", ""] > 0.2
    assert {row["d"] for row in rows if row["measure"] == "alpha"} == {
        "8",
        str(pca.sizes["coefficient"]),
    }
    assert found["ratio_quantile", "train", "8", "0"] * found[
        "alpha", "train", "8", ""
    ] == pytest.approx(1)
    for near, far in (("0.25", "4.0"), ("0.5", "2.0")):
        assert (
            0
            < found["translation_z", "train", "8", near]
            < found["translation_z", "train", "8", far]
        )
    assert (
        found["deformation_C_mean", "train", "8", "0.4"]
        <= found["deformation_C_max", "train", "8", "0.4"]
        < 1
    )
    for name in ("spectrum", "distances", "continuity"):
        assert (house / J2_L4 / f"d8/figures/embedding_{name}.png").stat().st_size > 1000


def test_the_experiment_opens_as_an_object_from_two_of_its_files(house, tmp_path):
    copy = tmp_path / "elsewhere/d8"
    shutil.copytree(house / J2_L4 / "pca.zarr", copy.parent / "pca.zarr")
    copy.mkdir()
    shutil.copy2(house / J2_L4 / "d8/generator.pt", copy)
    experiment = gsn.load(copy, device="cpu")
    assert (experiment.d, experiment.N, experiment.J, experiment.L, experiment.channels) == (
        8,
        16,
        2,
        4,
        3,
    )
    for split in ("train", "test"):
        x = store.read(house / f"results/tiny/images/{split}.zarr", "x")
        z = store.read(house / J2_L4 / f"d8/z/{split}.zarr", "z")[...]
        # Float32, summed in other blocks.
        np.testing.assert_allclose(experiment.embed(x), z, atol=1e-4)
    assert np.ptp(experiment.reconstruct(x)) > 0.01


def test_the_tour_of_generation(house, tmp_path):
    """examples/generation.py, on the tiny experiment."""
    command = [sys.executable, project.ROOT / "examples/generation.py", house / J2_L4 / "d8"]
    picture = tmp_path / "tour.png"
    result = subprocess.run([*command, "--output", picture], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "z: (8, 8)" in result.stdout
    assert "PSNR of the reconstructions: " in result.stdout
    assert picture.stat().st_size > 1000


def test_the_zeros_of_the_activations_are_counted(house):
    result = snakemake(house, f"{J2_L4.as_posix()}/d8/sparsity.csv")
    assert result.returncode == 0, result.stdout + result.stderr
    with open(house / J2_L4 / "d8/sparsity.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [tuple(row.values())[:5] for row in rows] == [
        (split, *layer, n)
        for split, n in (("train", "40"), ("test", "12"))
        for layer in (("0", "8", "4"), ("1", "4", "8"), ("2", "2", "16"), ("all", "", ""))
    ]
    assert list(rows[0])[5:] == ["zero_share"]
    shares = [float(row["zero_share"]) for row in rows]
    assert all(0 <= share <= 1 for share in shares)  # a layer of two channels may be dead
    assert 0 < shares[3] < 1
    sizes = [8 * 4**2, 4 * 8**2, 2 * 16**2]
    assert shares[3] == pytest.approx(np.average(shares[:3], weights=sizes))


def test_two_processes_train_the_same_generator(house, tmp_path):
    """As the rule does with two GPUs; what differs is the order of sums, which Adam enlarges."""
    copy = shutil.copytree(house / "results/tiny", tmp_path / "results/tiny")
    folder = copy / "J2_L4/d8"
    training = {"epochs": 2, "batch": 8, "learning_rate": 0.01, "warmup": 0.1, "ema": 0, "noise": 0}
    network = {"width": 2, "kernel": 3, "normalisation": "batch", "padding": "symmetric"}
    settings = json.dumps({"generator": network, "training": training, "seed": 0})
    program = [
        house / "workflow/scripts/generation/train.py",
        folder,
        f"--settings={settings}",
        f"--log-file={tmp_path}/log",
    ]
    refused = subprocess.run([sys.executable, *program], capture_output=True, text=True)
    assert "generator.pt exists already; move it away" in refused.stderr
    (folder / "generator.pt").unlink()
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    result = subprocess.run([*launcher, *program, "--threads=1"], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    one, two = (
        np.genfromtxt(path / "training.csv", delimiter=",", names=True)
        for path in (house / J2_L4 / "d8", folder)
    )
    assert one.dtype.names == (
        "epoch",
        "step",
        "loss",
        "psnr_train_db",
        "psnr_test_db",
        "learning_rate",
        "seconds",
    )
    for name in one.dtype.names[:-1]:
        np.testing.assert_allclose(two[name], one[name], rtol=1e-3)
    assert (folder / "generator.partial.pt").exists()  # until G is measured


def test_another_d_reruns_the_projection_and_what_follows(house):
    assert planned(house, "results/tiny/J2_L4/d4/psnr.csv") == {
        "whiten_scattering": 2,
        "train_generator": 1,
        "evaluate_ridge": 1,
        "evaluate_pixel_pca": 1,
        "evaluate_generator": 1,
    }
    configured = planned(house, "results/table1.csv", "--config", "datasets={tiny: {d: 4}}")
    assert configured.keys() == {
        "whiten_scattering",
        "train_generator",
        "evaluate_ridge",
        "evaluate_generator",
        "evaluate_pixel_pca",
        "table1",
    }


def test_a_deleted_shard_is_made_again_alone(house):
    shard = house / J2_L4 / "scattering/train.zarr/S/c/1/0/0/0"
    kept = shard.read_bytes()
    shard.unlink()
    target = shard.relative_to(house).as_posix()
    assert planned(house, target) == {"scatter_images": 1}
    assert planned(house, "results/tiny/J2_L4/d4/z/train.zarr/zarr.json") == {
        "scatter_images": 1,
        "fit_pca": 1,
        "whiten_scattering": 1,
    }
    result = snakemake(house, target)
    assert result.returncode == 0, result.stdout + result.stderr
    assert shard.read_bytes() == kept
    assert planned(house) == {}  # the same bytes: nothing that follows is stale


TRAINED = {"train_generator", "evaluate_generator", "draw_figures", "table1"}
WHITENED = TRAINED | {"fit_pca", "whiten_scattering", "evaluate_ridge"}
SCATTERED = WHITENED | {"create_scattering_store", "scatter_images"}
BASELINE = {"fit_pixel_pca", "evaluate_pixel_pca", "evaluate_generator", "table1"}


MEASURED = {"evaluate_generator", "evaluate_ridge", "evaluate_pixel_pca", "table1"}


@pytest.mark.parametrize(
    ("file", "rules"),
    [
        ("src/gsn/data/mnist.py", set()),
        ("src/gsn/data/polygons.py", SCATTERED | BASELINE | {"store_images"}),
        ("src/gsn/transforms/scattering2d/filters.py", SCATTERED),
        ("src/gsn/transforms/scattering2d/fused.py", SCATTERED),
        ("src/gsn/decomposition/whitening.py", WHITENED | BASELINE),
        ("src/gsn/networks/convolutions.py", TRAINED),
        ("src/gsn/training/batches.py", TRAINED),
        ("src/gsn/training/updates.py", TRAINED),
        ("src/gsn/systems/generation/fitting.py", TRAINED),  # the loss
        ("src/gsn/metrics/reconstruction.py", TRAINED | MEASURED),  # training.csv has a PSNR
        ("src/gsn/systems/generation/evaluation.py", {"evaluate_generator", "table1"}),
        ("src/gsn/metrics/similarity.py", MEASURED),
        ("src/gsn/figures/images.py", {"draw_figures"}),
        ("src/gsn/runtime/store.py", set()),
        ("workflow/scripts/generation/train.py", TRAINED),
        ("workflow/scripts/generation/table1.py", {"table1"}),
        ("workflow/scripts/embedding/scatter_images.py", SCATTERED - {"create_scattering_store"}),
    ],
)
def test_an_edit_reruns_its_stage_and_what_follows(house, edited, file, rules):
    edited(file, "EDITED = True\n")
    assert planned(house).keys() == rules


def test_every_stage_module_and_script_belongs_to_some_rule():
    """But for the plumbing, the faces of packages, and what is no stage of the pipeline."""
    package, scripts = project.ROOT / "src/gsn", project.ROOT / "workflow/scripts"
    rules = "".join(path.read_text() for path in (project.ROOT / "workflow").glob("*/*.smk"))
    counted = re.findall(r"code\(([^)]*)\)", rules)
    named = {
        scripts / f"{name}.py" for call in counted for name in re.findall(r'"(\w+/\w+)"', call)
    }
    sources = {package / f"data/{name.replace('-', '_')}.py" for name in data.SOURCES}
    sources |= {package / f"samplers/{law}.py" for law in latent_laws.NAMES}
    sources |= {package / f"systems/comparison/{kind}.py" for kind in ("fixed", "encoded", "free")}
    processes = (*synthesis.Process.__args__, "files")
    sources |= {package / f"data/fields/{process}.py" for process in processes}
    sources |= {package / f"transforms/statistics/{n}.py" for n in synthesis.Statistics.__args__}
    found = named.union(sources, *(imports.modules(path) for path in named | sources))
    stages = {path for path in package.rglob("*.py") if path.name != "__init__.py"}
    stages -= {path for path in stages if (package / "runtime") in path.parents}
    stages -= {package / "data/download.py"}
    stages -= {
        package / f"systems/generation/{name}.py" for name in ("experiment", "opening", "checks")
    }
    stages -= {package / f"systems/synthesis/{n}.py" for n in ("plain", "operands", "colours")}
    stages -= {package / f"inverse/{name}.py" for name in ("entropy", "lanczos")}
    stages -= {
        package / f"systems/{name}.py"
        for name in ("classification/fitting", "tomography/reconstruction")
    }
    stages -= {package / "data/fields/coupling.py"}
    computing = {
        path for path in scripts.rglob("*.py") if not path.name.startswith(("down", "unpack"))
    }
    assert (stages | computing) - found == set()


def test_each_rule_counts_its_own_script():
    """A rule that computes has the checksum of its script in its params."""
    for path in (project.ROOT / "workflow/rules").glob("*.smk"):
        for rule in re.split(r"(?m)^(?:use )?rule ", path.read_text())[1:]:
            script = re.search(r'"\.\./scripts/(\w+/\w+)\.py"', rule)
            if script and not re.search(r"/(down|unpack)", script[0]):
                code = rf'code=(lambda wildcards: )?code\(\s*"{script[1]}"'
                assert re.search(code, rule) or "code=code_of_source" in rule


def test_the_results_may_lie_elsewhere(house, tmp_path):
    """By Snakemake's pathvars, which hold the prefixes of all paths."""
    elsewhere = tmp_path / "elsewhere"
    config = ("--config", f"pathvars={{results: {elsewhere}}}")
    target = f"{elsewhere}/tiny/images/train.zarr/zarr.json"
    result = snakemake(house, target, *config)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "scatter_images" in planned(house, f"{elsewhere}/tiny/J2_L4/pca.zarr/zarr.json", *config)
    assert planned(house) == {}


def test_the_transform_is_compared_with_kymatio(house):
    result = snakemake(house, "results/tiny/J2_L4/kymatio.csv")
    assert result.returncode == 0, result.stdout + result.stderr
    with open(house / J2_L4 / "kymatio.csv", newline="") as file:
        rows = {row["transform"]: row for row in csv.DictReader(file)}
    assert rows.keys() == {"gsn", "kymatio"}
    assert rows["gsn"]["images"] == "40"
    assert float(rows["gsn"]["relative_difference"]) < 1e-6  # float32


def test_targets_are_documented(house):
    listed = snakemake(house, "--list-target-rules").stdout
    for target in ("table1 (Table 1 of Angles & Mallat", "figures (Figures 2 to 5", "all ("):
        assert target in listed


def test_an_edit_that_is_made_while_its_stage_runs_is_seen_by_the_next_run(house, edited):
    """The output is then newer than the edit."""
    edited("src/gsn/metrics/sparsity.py", "EDITED = True\n")
    old = (house / "src/gsn/metrics/sparsity.py", house / "workflow/scripts/generation/table1.py")
    edited("workflow/scripts/generation/table1.py", "EDITED = True\n")
    for path in old:
        os.utime(path, (0, 0))
    target = f"{J2_L4.as_posix()}/d8/sparsity.csv"
    assert planned(house, target, "results/table1.csv") == {"measure_sparsity": 1, "table1": 1}


def test_an_edit_of_a_comment_or_a_docstring_reruns_nothing(house, edited):
    for name in ("src/gsn/data/polygons.py", "workflow/scripts/generation/table1.py"):
        edited(name, "# a comment\n")
    assert planned(house) == {}


def test_a_touch_reruns_nothing(house):
    for name in (
        "src/gsn/training/__init__.py",
        "workflow/scripts/generation/table1.py",
        "workflow/scripts/embedding/fit_pca.py",
    ):
        assert (house / name).exists()
        (house / name).touch()
    assert planned(house) == {}


def test_whitening_elsewhere_gives_the_same_and_is_no_reason_to_do_it_again(house, tmp_path):
    elsewhere = ("--config", "defaults={whitening: {scheduler: processes, workers: 2}}")
    assert planned(house, *elsewhere) == {}
    copy = shutil.copytree(house, tmp_path / "house")
    target = J2_L4 / "pca.zarr/zarr.json"
    result = snakemake(copy, target.as_posix(), "--force", *elsewhere)
    assert result.returncode == 0, result.stdout + result.stderr
    before, after = (xarray.open_zarr((root / target).parent).load() for root in (house, copy))
    for name in ("mu", "components", "eigenvalues"):
        # Float32 in another order.
        np.testing.assert_allclose(after[name], before[name], rtol=1e-3, atol=1e-4)


def test_other_values_upstream_are_seen_by_a_later_run(house, edited):
    """Test images of another content make what follows stale, though no code differs in the end."""
    polygons = house / "src/gsn/data/polygons.py"
    source = polygons.read_text()
    edited(
        "src/gsn/data/polygons.py",
        "\ndraw_plain = draw\ndraw = lambda *a, **k: 255 - draw_plain(*a, **k)\n",
    )
    target = "results/tiny/images/test.zarr/zarr.json"
    assert snakemake(house, target).returncode == 0
    polygons.write_text(source)
    # The negatives pass for images of this code.
    assert snakemake(house, "--touch", target).returncode == 0
    assert "scatter_images" in planned(house)
    assert snakemake(house, "--force", target).returncode == 0
    assert planned(house) == {}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--config", "datasets={tiny: {trian: 5}}"],
            "datasets.tiny has no key 'trian'; did you mean 'train'?",
        ),
        (
            ["--config", "datasets={tiny: {d: 99}}"],
            "less than the number of training images: got d=99, rank=16, train=40",
        ),
        *(
            ([target], f"{target}: no rule makes it; the nearest target is {nearest}.")
            for target, nearest in (
                ("results/tiny/J2_L4/d0/psnr.csv", "results/tiny/J2_L4/d8/psnr.csv"),
                ("results/tiny/J2_L4/d4/psnr.cvs", "results/tiny/J2_L4/d4/psnr.csv"),
                (
                    "results/tiny/J2_L4/d8/z/train.zarr",
                    "results/tiny/J2_L4/d8/z/train.zarr/zarr.json",
                ),
                ("results/table2.csv", "results/table1.csv"),
                ("tabel1", "table1"),
            )
        ),
        *(
            ([f"{{house}}/{target}"], sentence)
            for target, sentence in (
                ("results/table1.csv", "results/table1.csv: targets here must be relative paths"),
                ("results/tiny/J2_L4/d4/psnr.csv", "; use results/tiny/J2_L4/d4/psnr.csv."),
                (
                    "results/tiny/J2_L4/d4/psnr.cvs",
                    "no rule makes it; the nearest target is results/tiny/J2_L4/d4/psnr.csv.",
                ),
            )
        ),
        (
            ["results/tiny/J5_L4/d8/psnr.csv"],
            "tiny: N must be a multiple of 2**J: got N=16, J=5; use J=4.",
        ),
        (
            ["results/tiny/J2_L4/d20/psnr.csv"],
            "tiny: d must be at most the rank of the PCA: got d=20, rank=16",
        ),
    ],
)
def test_a_fault_is_told_before_any_job(house, arguments, sentence):
    arguments = [argument.replace("{house}", str(house)) for argument in arguments]
    result = snakemake(house, *arguments)
    assert result.returncode != 0
    assert sentence in result.stdout + result.stderr
    assert "most recent call last" not in result.stdout + result.stderr
    assert "Select jobs" not in result.stdout + result.stderr


def test_the_sizes_that_are_told_are_those_of_the_stores(house):
    config = yaml.safe_load((house / "tests/smoke.yaml").read_text())
    known = settings.datasets(config)["tiny"]
    for array, folder, expected in (
        ("x", "images", sizes.images),
        ("S", "J2_L4/scattering", sizes.scattering),
        ("z", "J2_L4/d8/z", sizes.embeddings),
    ):
        stores = (house / f"results/tiny/{folder}/{split}.zarr" for split in ("train", "test"))
        assert sum(store.read(path, array)[...].nbytes for path in stores) == expected(known)


def test_a_dry_run_tells_its_size_first(house, edited):
    said = snakemake(house, "--dry-run", "--", "results/tiny/J2_L4/d4/psnr.csv").stderr
    # 52 images of 3 x 16 x 16, of 75 x 4 x 4 coefficients in float16, and of 4 components
    told = "images 39.9 kB, coefficients 125 kB, z 832 bytes"
    assert f"tiny, before compression: {told}." in said
    assert "In all 166 kB, which includes what exists already; the disk has " in said
    assert "Hours are left out: docs/performance.md has no rate at these sizes." in said
    said = snakemake(house, "--dry-run", "results/tiny/images/test.zarr/zarr.json").stderr
    assert "tiny, before compression: images 39.9 kB." in said
    assert "tiny, before compression: images" in snakemake(house, "--dry-run", "latent_laws").stderr
    left = house / "results/gone/J2_L4/d4/psnr.csv"  # of a data set that is configured no more
    left.parent.mkdir(parents=True)
    left.touch()
    said = snakemake(house, "--dry-run", "--", left.relative_to(house).as_posix()).stderr
    assert "before compression" not in said
    assert "Traceback" not in said
    forced = "--force", "results/table1.csv"
    assert "before compression" not in snakemake(house, *forced).stderr
    edited("workflow/functions/estimate.smk", "\nLARGE = 1\n")
    result = snakemake(house, *forced)
    assert result.returncode == 0
    assert "tiny, before compression: images 39.9 kB" in result.stderr


def test_the_rates_are_those_of_the_documentation():
    text = (project.ROOT / "docs/performance.md").read_text()
    table = text.split("difference\n")[1].split("```")[0]
    rows = re.findall(r"^ *(\d+) +(\d+) +best +([\d.]+)", table, flags=re.MULTILINE)
    known = (project.ROOT / "workflow/functions/estimate.smk").read_text()
    assert len(rows) == 4
    for J, N, rate in rows:
        assert f"({J}, {N}): {rate}" in known


def test_the_report(house):
    result = snakemake(house, "--report", "report.html")
    assert result.returncode == 0, result.stdout + result.stderr
    report = (house / "report.html").read_text()
    for figure in (
        "figure2_train",
        "figure3_test",
        "figure4_samples",
        "figure5_interpolation",
        "training",
    ):
        assert f"{figure}.png" in report
    assert "figure5_interpolation.html" in report
    assert "table1.html" in report  # shown; Snakemake lets csv be downloaded only
    for heading in ("Table 1", "Reconstructions", "Samples", "Training"):
        assert f'"{heading}"' in report
    assert "bootstrap intervals over the images" in report  # of Table 1's caption
