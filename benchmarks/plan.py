"""A plan for 3 million bedrooms at the size of the paper: jobs, memory, disk; hours if measured.

    python benchmarks/plan.py [--rates paper.csv] [--price 2.5] [--nodes 8]

Jobs and memory are what a dry run of the workflow asks for; disk is counted from the settings.
Hours are those of the stages in the table of `benchmarks/growth.py` at the size of the paper,
linear in the number of images. Those of the shards are divided by the number of nodes, the others
are not. `store_images` was measured there on drawn polygons, not on encoded photographs.
"""

import argparse
import importlib
import math
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from gsn.runtime import files

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))
settings = importlib.import_module("settings")  # the package of the workflow
sizes = importlib.import_module("settings.sizes")

NAME = "bedrooms"
ALL = 3_033_042  # images in the LMDB
TEST = 16_384
ZIP = 42.8e9  # bytes of the download, and about as many of what is unpacked
STAGES = ("store_images", "scatter_images", "fit_pca", "whiten_scattering", "train_generator")
IN_SHARDS = {"scatter_images"}
UNKNOWN = "not yet measured"


def configuration(shard):
    """The paper's LSUN at its full length."""
    bedrooms = {"source": "lsun", "release": "lmdb", "N": 128, "crop": 256, "test": TEST}
    bedrooms |= {"train": ALL - TEST, "scattering": {"shard": shard}}
    return {"datasets": {NAME: bedrooms}, "table1": [NAME]}


def jobs(config):
    """What a dry run asks for: number of jobs, cores, megabytes and minutes, by rule."""
    known = settings.datasets(config)[NAME]
    target = f"results/{NAME}/J{known['J']}_L{known['L']}/d{known['d']}/psnr.csv"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "plan.yaml")
        path.write_text(yaml.safe_dump(config))
        command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile"]
        command += ["--workflow-profile", ROOT / "profiles/default", "--directory", folder]
        command += ["--cores", "8", "--dry-run", "--configfile", path, "--", target]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = {}
    for rule, block in re.findall(r"^(?:local)?rule (\w+):\n((?: +.*\n)+)", said, re.MULTILINE):
        cores = re.search(r"threads: (\d+)", block)
        memory, minutes = (
            int(re.search(rf"{key}=(\d+)", block)[1]) for key in ("mem_mb", "runtime")
        )
        n, _, most, _ = found.get(rule, (0, 0, 0, 0))
        found[rule] = n + 1, int(cores[1]) if cores else 1, max(most, memory), minutes
    return found


def hours(path, n, epochs):
    """Hours of each stage for n images, by the rate at the largest n of a table of growth.py."""
    found = {}
    for row in files.read_csv(path):
        if row["images_per_second"]:
            found[row["stage"]] = n / float(row["images_per_second"]) / 3600
    found["train_generator"] *= epochs
    return found


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rates", type=Path, help="a table of growth.py at the size of the paper")
    parser.add_argument("--price", type=float, help="of an hour of a node")
    parser.add_argument("--nodes", type=int, default=1, help="at work on shards at once")
    parser.add_argument("--shard", type=int, default=8192, help="images in a shard")
    given = parser.parse_args()
    config = configuration(given.shard)
    known = settings.datasets(config)[NAME]
    epochs = known["training"]["epochs"]
    took = hours(given.rates, ALL, epochs) if given.rates else {}
    print(f"| stage | jobs | cores each | memory each, GB | hours on {given.nodes} node(s) |")
    print("|---|---|---|---|---|")
    for rule, (n, cores, memory, _) in jobs(config).items():
        if rule in STAGES:
            nodes = min(given.nodes, n) if rule in IN_SHARDS else 1
            time = f"{took[rule] / nodes:.3g}" if rule in took else UNKNOWN
            print(f"| `{rule}` | {n} | {cores} | {memory / 1000:.1f} | {time} |")
    print("\n| on the disk, before compression | GB |\n|---|---|")
    stored = {
        "the zip of LSUN, and what is unpacked": 2 * ZIP,
        "images": sizes.images(known),
        f"coefficients, in {math.ceil(known['train'] / given.shard)} shards and those of the test "
        "images": sizes.scattering(known),
        "z": sizes.embeddings(known),
    }
    for what, size in (stored | {"in all": sum(stored.values())}).items():
        print(f"| {what} | {size / 1e9:,.1f} |")
    total = sum(took[stage] for stage in STAGES if stage in took)
    cost = f"{total * given.price:,.0f}" if took and given.price else UNKNOWN
    print(f"\nNode hours: {f'{total:.3g}' if took else UNKNOWN}. Price: {cost}.")


if __name__ == "__main__":
    main()
