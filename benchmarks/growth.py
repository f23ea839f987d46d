"""Time and peak memory of each stage as the number of training images grows.

    python benchmarks/growth.py [--n 1024 4096 16384 65536] [--output growth.csv]
    python benchmarks/growth.py --N 128 --J 4 --d 512 --width 32 --n 1024 4096 --output paper.csv

Each stage is run alone, by Snakemake, on polygons drawn for the purpose: on all cores, and on a GPU
if there is one. The seconds are those of its jobs, as Snakemake notes them. The memory is that of
the largest process, as the system notes it. The training is one epoch. A stage that is linear has a
power of 1, and one in constant memory keeps its megabytes.

The second command measures at the size of the paper. benchmarks/plan.py makes a plan of its table.
"""

import argparse
import csv
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from gsn.runtime import files, machine

ROOT = Path(__file__).resolve().parents[1]
SHARD = 1024  # images; the same for all n
HEADER = ("stage", "n", "seconds", "images_per_second", "peak_mb", "machine")


def stages(name, J, d, n):
    """The stages in order: the targets of each, and the pattern of its benchmark files."""
    data = f"results/{name}"
    transform, own = f"{data}/J{J}_L8", f"{data}/J{J}_L8/d{d}"
    coefficients = f"{transform}/scattering/train.zarr"
    shards = [f"{coefficients}/S/c/{i}/0/0/0" for i in range(math.ceil(n / SHARD))]
    return {
        "store_images": ([f"{data}/images/train.zarr/zarr.json"], "store_images_train"),
        "scatter_images": ([f"{coefficients}/zarr.json", *shards], "scatter_images_*_train_*"),
        "fit_pca": ([f"{transform}/pca.zarr/zarr.json"], "fit_pca_*"),
        "whiten_scattering": ([f"{own}/z/train.zarr/zarr.json"], "whiten_scattering_*_train"),
        "fit_pixel_pca": ([f"{data}/pixel_pca/pca.zarr/zarr.json"], "fit_pixel_pca"),
        "the test split": ([f"{own}/z/test.zarr/zarr.json"], None),
        "train_generator": ([f"{own}/generator.pt"], "train_generator_*"),
        "evaluate_ridge": ([f"{own}/ridge_psnr.csv"], "evaluate_ridge_*"),
        "evaluate_pixel_pca": ([f"{data}/pixel_pca/d{d}/psnr.csv"], "evaluate_pixel_pca_*"),
        "evaluate_generator": ([f"{own}/psnr.csv"], "evaluate_generator_*"),
    }


def settings(n, *, N, J, d, width):
    """The settings of a data set of n training images."""
    return {
        "source": "polygons",
        "N": N,
        "train": n,
        "test": 512,
        "J": J,
        "d": d,
        "rank": min(d, n - 1),
        "scattering": {"shard": SHARD},
        "generator": {"width": width, "linear": True},
        "training": {"epochs": 1, "batch": 32, "learning_rate": 0.004},
    }


def measured(folder, name, targets, pattern):
    """Run a stage; return the seconds of its jobs and the megabytes of its largest process."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile"]
    command += ["--workflow-profile", ROOT / "profiles/default", "--directory", folder]
    command += ["--cores", "all", "--quiet", "all", "--configfile", folder / "growth.yaml", "--"]
    process = subprocess.Popen([*command, *targets], cwd=folder)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} {targets[0]} failed")
    if pattern is None:
        return None
    seconds = 0.0
    for path in (folder / "logs" / name).glob(f"{pattern}.tsv"):
        with open(path, newline="") as file:
            seconds += sum(float(row["s"]) for row in csv.DictReader(file, delimiter="\t"))
    return seconds, used.ru_maxrss / 1024  # kilobytes, on Linux


def rows(folder, given):
    """Measure all stages for each n, and yield the rows of the table."""
    chosen = {"N": given.N, "J": given.J, "d": given.d, "width": given.width}
    datasets = {f"growth{n}": settings(n, **chosen) for n in given.n}
    (folder / "growth.yaml").write_text(yaml.safe_dump({"datasets": datasets}))
    for n in given.n:
        for stage, (targets, pattern) in stages(f"growth{n}", given.J, given.d, n).items():
            found = measured(folder, f"growth{n}", targets, pattern)
            if found is None:
                continue
            seconds, megabytes = found
            print(f"{stage:<20} {n:>7} {seconds:>9.1f} s {megabytes:>8.0f} MB", flush=True)
            rate = f"{n / seconds:.4g}" if seconds else ""
            yield stage, n, f"{seconds:.2f}", rate, f"{megabytes:.0f}", machine.description()


def shown(table):
    """Print seconds and megabytes of each stage, and the power of n between the two largest n."""
    known = {(row[0], row[1]): row for row in table}
    sizes = sorted({row[1] for row in table})
    print(f"{'':<20}{'seconds at n =':<{10 * len(sizes)}} power   MB at n =")
    print(f"{'':<20}" + "".join(f"{n:>10,}" for n in sizes) + f"{'':>7}", end="")
    print("".join(f"{n:>8,}" for n in sizes))
    for stage in dict.fromkeys(row[0] for row in table):
        seconds = [float(known[stage, n][2]) for n in sizes]
        power = ""
        if len(sizes) > 1 and min(seconds[-2:]) > 0:
            power = f"{math.log(seconds[-1] / seconds[-2]) / math.log(sizes[-1] / sizes[-2]):.2f}"
        line = "".join(f"{value:>10.1f}" for value in seconds)
        peaks = "".join(f"{known[stage, n][4]:>8}" for n in sizes)
        print(f"{stage:<20}{line}{power:>7}{peaks}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, nargs="+", default=[1024, 4096, 16384, 65536])
    parser.add_argument("--N", type=int, default=32)
    parser.add_argument("--J", type=int, default=3)
    parser.add_argument("--d", type=int, default=128)
    parser.add_argument("--width", type=int, default=16, help="of G")
    parser.add_argument("--output", type=Path, help="a table to write, as CSV")
    given = parser.parse_args()
    given.n.sort()
    with tempfile.TemporaryDirectory() as folder:
        table = list(rows(Path(folder), given))
    shown(table)
    if given.output:
        files.write_csv(given.output, HEADER, table)


if __name__ == "__main__":
    main()
