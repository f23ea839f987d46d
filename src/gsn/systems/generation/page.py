"""A page about an experiment in Markdown: machine, settings, PSNR, time of the jobs, figures."""

import statistics
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

TITLES = {
    "training.png": "Loss, PSNR of some images and learning rate over the epochs",
    "figure2_train.png": "Training images and their reconstructions, with the PSNR of each",
    "figure3_test.png": "Test images and their reconstructions, with the PSNR of each",
    "figure4_samples.png": "Samples G(z) of Gaussian white noise z",
    "figure5_interpolation.png": "Morphs between two training images, and between two test images",
    "figure5_interpolation.webp": "The same, moving",
}
Table = list[dict[str, str]]


def seconds_of_jobs(benchmarks: dict[str, list[str]]) -> dict[str, float]:
    """Return the wall time of each rule, summed over its jobs, in seconds.

    Args:
        benchmarks: Paths of the files that Snakemake's `benchmark` wrote, by rule. Files that do
            not exist are left out.
    """
    found = {}
    for rule, paths in benchmarks.items():
        times = [float(_last_row(Path(path))["s"]) for path in paths if Path(path).exists()]
        if times:
            found[rule] = sum(times)
    return found


def _last_row(path: Path) -> dict[str, str]:
    header, *_, values = (line.split("\t") for line in path.read_text().splitlines())
    return dict(zip(header, values, strict=True))


def describe(
    *,
    dataset: str,
    machine: str,
    settings: dict,
    psnr: Table,
    ridge: Table,
    pixel_pca: Table,
    sparsity: Table,
    history: Table,
    seconds: dict[str, float],
    figures: Iterable[str],
) -> str:
    """Return the page.

    Args:
        dataset: Name of the data set.
        machine: Machine that trained the generator, in words.
        settings: Settings of the experiment.
        psnr, ridge, pixel_pca: Rows of the tables of PSNR: of G and of the linear baselines.
        sparsity, history: Rows of sparsity.csv and training.csv.
        seconds: Time of each rule.
        figures: File names of the figures, in the folder `figures`.
    """
    paper, n = settings.get("paper", {}), {row["split"]: int(row["n"]) for row in psnr}
    ends = [float(row["seconds"]) for row in history]
    # The first epoch, in which G is compiled, is left out if there are others.
    epochs = [end - start for start, end in pairwise(ends)] or ends
    sizes = f"{n['train']:,} + {n['test']:,} images of {settings['N']} x {settings['N']}"
    chosen = {key: settings[key] for key in ("J", "L", "d", "seed")}
    chosen |= settings["generator"] | settings["training"]
    lines = [
        f"# {dataset}: {sizes}",
        f"Trained on {machine}.",
        ", ".join(f"{key} {value}" for key, value in chosen.items()) + ".",
        "| split | images | PSNR, pooled, dB | PSNR, mean, dB | SSIM | paper, dB | "
        "linear decoder, dB | pixel PCA, dB | activations at 0 |\n" + "|---" * 9 + "|",
    ]
    zeros = {row["split"]: float(row["zero_share"]) for row in sparsity if row["layer"] == "all"}
    linear = {
        a["split"]: f"{float(a['psnr_pooled_db']):.2f} | {float(b['psnr_pooled_db']):.2f}"
        for a, b in zip(ridge, pixel_pca, strict=True)
    }
    for row in psnr:
        split = row["split"]
        measured = f"{float(row['psnr_pooled_db']):.2f} | {float(row['psnr_mean_db']):.2f}"
        measured += f" | {float(row['ssim']):.3f}"
        lines[-1] += (
            f"\n| {split} | {row['n']} | {measured} | {paper.get(split, '')} | {linear[split]} | "
            f"{zeros[split]:.0%} |"
        )
    # The benchmark of the training counts its last slice only; the history counts all of them.
    jobs = seconds | {"train_generator": max(ends[-1], seconds.get("train_generator", 0))}
    lines.append("| rule | seconds |\n|---|---|")
    lines[-1] += "".join(f"\n| {rule} | {time:.1f} |" for rule, time in jobs.items())
    total = sum(jobs.values())
    lines[-1] += f"\n| all | {total:.1f} ({total / 60:.1f} minutes) |"
    lines.append(f"An epoch took {statistics.median(epochs):.2f} s (median of {len(epochs)}).")
    return "\n\n".join([*lines, *_pictures(set(figures))]) + "\n"


def _pictures(drawn: set[str]) -> list[str]:
    return [
        f"![{title}](figures/{name})\n\n*{title}.*"
        for name, title in TITLES.items()
        if name in drawn
    ]
