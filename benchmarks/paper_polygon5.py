"""The stages of one Polygon5 experiment, one after the other, without Snakemake; paper_polygon5.sh calls it.

Each stage is the script of its rule, run in a process of its own with what Snakemake would hand to it. A stage whose
output is there is not run again. The seconds of each are added up in FOLDER/times.csv, over as many calls as it took.
At the end FOLDER/reproduction/README.md says what was done, on which machine, how long it took and what came out.
"""

import argparse
import csv
import json
import os
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path

from paper_report import FIGURES, write

ROOT = Path(__file__).parent.parent
SCRIPTS = ROOT / "workflow/scripts"
PAPER = {"N": 128, "train": 65536, "test": 16384, "J": 4, "L": 8, "d": 512, "width": 32}  # its sizes
STOPPED = 124  # as timeout says it


class Named(dict):
    """What Snakemake hands to a script: by attribute, by key and, counted from 0, by place."""

    __getattr__ = dict.__getitem__

    def __getitem__(self, key):
        return list(self.values())[key] if isinstance(key, int) else super().__getitem__(key)


def run_script(script, job):
    """In the place of Snakemake: the script, with its object."""
    handed = {key: Named(value) if isinstance(value, dict) else value for key, value in job.items()}
    runpy.run_path(str(script), init_globals={"snakemake": Named(handed)}, run_name="__main__")


def stages(a):
    """name, script, job and output of each stage."""
    splits = {"train": a.train, "test": a.test}
    embedding = a.folder / f"J{a.J}_L{a.L}"
    own = embedding / f"d{a.d}"
    images = {split: f"{a.folder}/images/{split}.zarr/zarr.json" for split in splits}
    S = {split: f"{embedding}/scattering/{split}.zarr/zarr.json" for split in splits}
    z = {split: f"{own}/z/{split}.zarr/zarr.json" for split in splits}
    pca, J_L = f"{embedding}/pca.zarr/zarr.json", {"J": a.J, "L": a.L}
    polygon = {"points": 5, "background": "random", "min_area": 0}
    for split, n in splits.items():
        drawn = {"n": n, "N": a.N, "channels": 3, "seed": a.seed, "polygon": polygon}
        yield (
            f"draw {split}",
            "draw_polygons",
            {"params": {"settings": drawn}, "wildcards": {"split": split}},
            images[split],
        )
        wildcards = J_L | {"split": split}
        job = {"input": {"images": images[split]}, "wildcards": wildcards}
        stored = {"params": {"scattering": {"dtype": "float16", "shard": a.shard}}}
        yield f"create {split}", "create_scattering_store", job | stored, S[split]
        job["input"]["store"] = S[split]
        for i in range(-(-n // a.shard)):
            shard = f"{Path(S[split]).parent}/S/c/{i}/0/0/0"
            yield f"scatter {split}", "scatter_images", job | {"wildcards": wildcards | {"i": i}}, shard
    fit = {"array": "S", "rank": a.d, "solver": "subspace", "seed": a.seed}
    here = {"dask": "threads", "dask_workers": 1, "mem_mb": 16000}
    yield "fit PCA", "fit_pca", {"input": {"store": S["train"]}, "params": fit, "resources": here}, pca
    for split in splits:
        job = {"input": {"store": S[split], "pca": pca}, "params": {"d": a.d}, "wildcards": {"split": split}}
        yield f"whiten {split}", "whiten_scattering", job, z[split]
    G = {"width": a.width, "kernel": 7}
    training = {"epochs": a.epochs, "batch": a.batch, "learning_rate": a.learning_rate, "warmup": a.warmup}
    settings = {"generator": G, "training": training | {"noise": a.noise}, "seed": a.seed}
    yield "train G", "train", settings, f"{own}/generator.pt"
    trained = {"generator": f"{own}/generator.pt", "z": list(z.values()), "images": list(images.values())}
    yield "evaluate", "evaluate_generator", {"input": trained}, f"{own}/psnr.csv"
    yield "sparsity", "measure_sparsity", {"input": trained}, f"{own}/sparsity.csv"
    outputs = {"output": {name: f"{own}/figures/{name}.png" for name in FIGURES}}
    job = {"input": trained | {"history": f"{own}/training.csv"}, "params": {"seed": a.seed}} | outputs
    yield "figures", "draw_figures", job, f"{own}/figures/training.png"


def command(script, job, output, log):
    if script == "train":
        program = [sys.executable, str(SCRIPTS / "train.py"), str(Path(output).parent)]
        return [*program, f"--settings={json.dumps(job)}", f"--log-file={log}", f"--threads={os.cpu_count()}"]
    job = {"output": {"0": output}, "log": {"0": str(log)}, "threads": os.cpu_count()} | job
    return [sys.executable, __file__, "--job", json.dumps([str(SCRIPTS / f"{script}.py"), job])]


def add_seconds(path, name, seconds):
    rows = dict(csv.reader(path.open())) if path.exists() else {"stage": "seconds"}
    rows[name] = f"{float(rows.get(name, 0)) + seconds:.1f}"
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows.items())


def run(name, script, job, output, folder, stopped):
    """One stage in a process of its own; what a stage that was stopped did is lost, but for the training."""
    print(f"{name}: {output}", flush=True)
    log = folder / "logs" / f"{name.replace(' ', '_')}.log"
    for parent in (log.parent, Path(output).parent):
        parent.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    failed = subprocess.Popen(command(script, job, output, log)).wait()
    lost = script != "train" and not Path(output).exists()
    add_seconds(folder / "times.csv", "stopped, and begun again" if lost else name, time.monotonic() - begun)
    if failed and not stopped:
        said = log.read_text().strip().splitlines()[-1:] if log.exists() else []
        sys.exit("\n".join([f"{name} ended with {failed}; {log} says why.", *said]))
    if lost:
        print(f"{name} was stopped, and will begin again; a SLICE that it needs more than is too short", flush=True)


def arguments_of_run():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--job", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, default=ROOT / "results/polygon5", help="%(default)s if not given")
    for name, size in (PAPER | {"epochs": 100, "shard": 8192, "batch": 128, "seed": 0}).items():
        parser.add_argument(f"--{name}", type=int, default=size, help=f"{size} if not given")
    for name, value in {"learning-rate": 0.002, "warmup": 0.1, "noise": 0.0}.items():
        parser.add_argument(f"--{name}", type=float, default=value, help=f"{value} if not given")
    a = parser.parse_args()
    if a.N % 2**a.J or not a.d < a.train:
        parser.error(
            f"N must be a multiple of 2**J and d less than train: got N={a.N}, J={a.J}, d={a.d}, train={a.train}."
        )
    return a


def main():
    arguments = arguments_of_run()
    if arguments.job:
        return run_script(*arguments.job)
    given = {key: value for key, value in vars(arguments).items() if key not in ("job", "folder")}
    folder, stopped = arguments.folder, []
    kept = folder / "arguments.json"
    begun = json.loads(kept.read_text()) if kept.exists() else given
    if begun != given:
        other = ", ".join(f"{key}={begun.get(key)} (got {given[key]})" for key in given if begun.get(key) != given[key])
        sys.exit(f"{folder} was begun with {other}; take another --folder.")
    folder.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(given))
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))  # the stage has it too, and may have a state to save
    for name, script, job, output in stages(arguments):
        if not Path(output).exists():
            run(name, script, job, output, folder, stopped)
        if stopped:
            sys.exit(STOPPED)
    page = write(given, folder, Path(output).parents[1], full=PAPER.items() <= given.items())
    print(f"{page.read_text()}\nall is done: {page}")


if __name__ == "__main__":
    main()
