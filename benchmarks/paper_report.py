"""A run of paper_polygon5.sh as a page with pictures: machine, time of each stage, PSNR beside the paper's, figures."""

import csv
import os
import platform
import shutil
import statistics
from itertools import pairwise
from pathlib import Path

TABLE1 = {"train": "42.43", "test": "34.44"}  # dB, Table 1, of this experiment at its full size
FIGURES = {
    "training": "Loss, PSNR and learning rate over the epochs",
    "figure2_train": "Training images and their reconstructions",
    "figure3_test": "Test images and their reconstructions",
    "figure4_samples": "Samples",
    "figure5_interpolation": "Interpolations",
}


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def machine():
    """The hardware and the software, in words."""
    import torch  # whoever wants only the names of the figures need not wait for it

    cpuinfo = Path("/proc/cpuinfo")
    names = [line.partition(": ")[2] for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
    hardware = f"{os.cpu_count()} cores of {names[0] if names else platform.machine()}"
    if torch.cuda.is_available():
        hardware = f"{torch.cuda.get_device_name()}, {hardware}"
    return f"{hardware}; Python {platform.python_version()}, torch {torch.__version__}"


def page(arguments, folder, own, full):
    """Markdown."""
    history, times = rows(own / "training.csv"), rows(folder / "times.csv")
    ends = [float(row["seconds"]) for row in history]
    epochs = [end - start for start, end in pairwise(ends)] or ends  # but for the first, in which G is compiled
    lines = [
        f"# Polygon5, {arguments['train']:,} + {arguments['test']:,} images of {arguments['N']} x {arguments['N']}",
        f"{machine()}.",
        ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in arguments.items()) + ".",
        "| split | images | PSNR, pooled, dB | PSNR, mean, dB | paper, dB |\n|---|---|---|---|---|",
    ]
    for row in rows(own / "psnr.csv"):
        psnr = f"{float(row['psnr_pooled_db']):.2f} | {float(row['psnr_mean_db']):.2f}"
        lines[-1] += f"\n| {row['split']} | {row['n']} | {psnr} | {TABLE1[row['split']] if full else ''} |"
    lines += ["| stage | seconds |\n|---|---|"]
    lines[-1] += "".join(f"\n| {row['stage']} | {row['seconds']} |" for row in times)
    total = sum(float(row["seconds"]) for row in times)
    lines[-1] += f"\n| all | {total:.1f} ({total / 60:.1f} minutes) |"
    lines += [f"An epoch took {statistics.median(epochs):.1f} s (median of {len(epochs)})."]
    lines += [f"![{title}]({name}.png)" for name, title in FIGURES.items()]
    return "\n\n".join(lines) + "\n"


def write(arguments, folder, own, *, full):
    """FOLDER/reproduction/README.md and its pictures; `own` is G's folder, `full` whether the sizes are the paper's."""
    to = folder / "reproduction"
    to.mkdir(exist_ok=True)
    for name in FIGURES:
        shutil.copy(own / "figures" / f"{name}.png", to)
    (to / "README.md").write_text(page(arguments, folder, own, full))
    return to / "README.md"
