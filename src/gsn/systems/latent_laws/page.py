"""A page about the laws of z of an experiment in Markdown: tests, quality, times, pictures.

Where Ziomek & Farrahi (2022) print a number, it stands beside ours.
"""

from pathlib import Path

from gsn.figures import markdown
from gsn.systems.latent_laws.verdict import verdict

Table = list[dict[str, str]]
DIGITS = 4

# Rejected components of 512 at the levels 0.05 and 0.01 (their Table 1).
PAPER_TESTS = {
    "mnist": {"K2": (41, 12), "Jarque-Bera": (35, 16)},
    "celeba": {"K2": (46, 19), "Jarque-Bera": (51, 24)},
}
# Epochs and minutes of the training (their Tables 2 and 3), and of G (their Table 4).
PAPER_TIMES = {
    "mnist": {"vae": "31 epochs, 9 min", "gan": "30 epochs, 5 min"},
    "celeba": {"vae": "96 epochs, 17 min", "gan": "38 epochs, 10 min", "G": "27 h 45 min"},
}
SHOWN = ("fits", "frechet", "frechet_sd", "frechet_least", "frechet_most", "excess", "mmd")
SHOWN += ("mmd_least", "mmd_most", "fid", "precision", "recall", "density", "coverage")
SHOWN += ("nearer", "confidence", "classes", "log_likelihood", "energy", "energy_p")
TITLES = {
    "samples": "Test images, their reconstructions, and G(z) of the first draws of each law "
    "(Figures 2 and 3). The images of a column belong together in the first two rows only",
    "matrix": "G over the first two principal components of S, before whitening (Figure 1)",
    "matrix_deviations": "The same at one and two deviations of the components",
    "quantiles": "Quantiles of the most and the least normal components on test images",
    "sweep_vae": "Frechet distance and `nearer` against the dimension H of the VAE",
    "sweep_images": "Frechet distance and `nearer` against the number of training images: a "
    "network makes as many steps on few images as on all",
}


def describe(
    *,
    experiment: str,
    dataset: str,
    machine: str,
    fits: dict[str, Table],
    gaussianity: Table,
    joint: Table,
    quality: Table,
    vae: Table,
    images: Table,
    history: Table,
    pictures: list[str],
) -> str:
    """Return the page.

    Args:
        experiment: Sizes of the experiment, in words.
        dataset: Name of the data set.
        machine: Machine that trained the generator, in words.
        fits: Rows of the table of each law: what it was chosen from, epochs and seconds.
        gaussianity, joint, quality: Rows of these tables.
        vae, images: Rows of the two sweeps.
        history: Rows of training.csv.
        pictures: Paths of the pictures, from the folder of the page.
    """
    lines = [
        f"# {dataset}: laws of z",
        f"{experiment}. The generator was trained on {machine}.",
        "## Samples",
    ]
    lines += [verdict(quality), table(quality, ("law", "n", *SHOWN))]
    lines.append(MEANING)
    lines += [f"`fid`: {text}." for text in {row.get("fid_protocol") for row in quality} if text]
    lines += _pictures(pictures, "samples", "matrix", "matrix_deviations")
    lines += ["## Is z normal?", _rejected(gaussianity, PAPER_TESTS.get(dataset, {}))]
    lines += [TESTED, table(joint, JOINT_SHOWN), JOINT]
    lines += _pictures(pictures, "quantiles")
    lines += ["## Times", _times(fits, history, PAPER_TIMES.get(dataset, {}))]
    lines += ["## What a law was chosen from", CHOSEN]
    chosen = [{"law": law} | row for law, rows in fits.items() for row in rows if row["choice"]]
    lines.append(
        table(chosen, ("law", "choice", "log_likelihood", "seconds", "kept"))
        if chosen
        else "Nothing."
    )
    lines += ["## Sweeps", table(vae, ("beta", "latent", "frechet", "mmd", "nearer", "seconds"))]
    lines += _pictures(pictures, "sweep_vae")
    lines += [table(images, ("law", "images", "frechet", "mmd", "nearer", "seconds"))]
    lines += _pictures(pictures, "sweep_images")
    return "\n\n".join(lines) + "\n"


MEANING = (
    "Small is good for `frechet` and `mmd`, the distances from the training images; `real test "
    "images` is their floor, and `G of test z` the best that G allows. `excess` is the Frechet "
    "distance above that of `G of test z`, as a share of the same of N(0, I), and `frechet_sd` the "
    "deviation over three samples of a fit. Where a law has several fits, with as many seeds, the "
    "numbers are means over them, and `_least` and `_most` the range of the fits. "
    "`precision` and `density` say whether samples are like "
    "real images, `recall` and `coverage` whether real images are like samples: as large as those "
    "of real images is good. Blurred samples may have a larger precision. `nearer` is the "
    "probability that an image is nearer to the training images than a test image is: near 1 for "
    "copies. "
    "`confidence` is the mean probability of the likeliest class, by a classifier that was trained "
    "on real images, and `classes` the exponential of the entropy of the classes. `log_likelihood` "
    "is that of the test z, in nats, and `energy` the distance of the z of a law from the test z, "
    "with the p-value of the two being of one law. With few test images all of it is uncertain."
)
CHOSEN = (
    "Each choice was fitted to a part of the rows of z, and the one with the largest "
    "`log_likelihood` of the other rows, in nats a row, was kept. Choices of `mixture`: the number "
    "of components, their covariances, and the rows from which each component began: `clusters` of "
    "k-means, or `shells` of rows at a like distance from 0."
)
TESTED = (
    "The first columns count the components whose normality is rejected at a level, the number "
    "expected of normal ones, and the number after Holm's correction for d tests."
)
JOINT = (
    "All components together: `energy` is the energy distance from as many draws of N(0, I), "
    "`energy_expected` that of two samples of N(0, I). `dependence` is 0 for independent "
    "components, `dependence_sizes` its part by sizes that vary together, `dependence_largest` "
    "that of the pair `i`, `j`. The training z have mean 0 and covariance I exactly, which test z "
    "have not."
)
JOINT_SHOWN = ("split", "energy", "energy_expected", "energy_p", "dependence", "dependence_p")
JOINT_SHOWN += ("dependence_sizes", "dependence_largest", "dependence_i", "dependence_j")


def table(rows: Table, columns: tuple[str, ...]) -> str:
    """Return some columns of a table in Markdown, without those that are empty."""
    columns = tuple(name for name in columns if any(row.get(name, "") for row in rows))
    return markdown.table(rows, columns, digits=DIGITS)


def _rejected(rows: Table, paper: dict[str, tuple[int, int]]) -> str:
    d = rows[0]["d"]
    named = [
        {
            "split": row["split"],
            "images": row["n"],
            "test": row["test"],
            "at 0.05": row["rejected_0.05"],
            "expected": row["expected_0.05"],
            "corrected": row["rejected_holm_0.05"],
            "at 0.01": row["rejected_0.01"],
            "expected at 0.01": row["expected_0.01"],
            "corrected at 0.01": row["rejected_holm_0.01"],
        }
        for row in rows
    ]
    published = "".join(
        f" The paper rejects {low} and {high} of 512 by {name}."
        for name, (low, high) in paper.items()
        if d == "512"
    )
    line = f"Components of z, of {d}, whose normality K2 and Jarque-Bera reject.{published}"
    return f"{line}\n\n{table(named, tuple(named[0]))}"


def _times(fits: dict[str, Table], history: Table, paper: dict[str, str]) -> str:
    rows = [
        {
            "what": law,
            "epochs": max((row["epochs"] for row in table), key=float),
            "seconds": str(sum(float(row["seconds"]) for row in table)),
            "paper": paper.get(law, ""),
        }
        for law, table in fits.items()
    ]
    rows.append(
        {
            "what": "G",
            "epochs": history[-1]["epoch"],
            "seconds": history[-1]["seconds"],
            "paper": paper.get("G", ""),
        }
    )
    return table(rows, ("what", "epochs", "seconds", "paper"))


def _pictures(pictures: list[str], *names: str) -> list[str]:
    places = {Path(picture).stem: picture for picture in pictures}
    return [
        f"![{TITLES[name]}]({places[name]})\n\n*{TITLES[name]}*" for name in names if name in places
    ]
