"""Tables of the comparison in Markdown, and what their numbers say in words."""

from gsn.figures.markdown import short, table
from gsn.systems.comparison import methods

Table = list[dict[str, str]]
DIGITS = 3
FACTS = ("decoder_parameters", "encoder_parameters", "steps", "training_seconds", "embedding_ms")
RECONSTRUCTIONS = ("method", "train", "test", "test, mean", "images", *FACTS)
SAMPLES = ("method", "prior", "frechet", "range", "mmd", "precision", "recall", "density")
SAMPLES += ("coverage", "nearer")
MEANING = (
    "PSNR in dB, pooled, with 95 % intervals (percentile bootstrap over the images). `test, mean` "
    "is the mean over the images of their PSNR. `encoder_parameters` are trained by gradients: a "
    "fixed embedding has none. A plain G has no linear decoder. So is the G of the autoencoder, of "
    "the VAE and of GLO, whose z is not known before: they are held against it. `embedding_ms` is "
    "the time to embed one image. GLO embeds by optimisation, and only as many test images as "
    "`images` says."
)
JUDGED = (
    "Draws of the law that each method assumes, decoded, against the training images, in a fixed "
    "space of scattering coefficients. Small is good for `frechet` and `mmd`; `real test images` "
    "is their floor. `range` is the least and the largest of three sets of draws."
)


def describe(dataset: str, rows: Table, facts: dict[str, dict[str, str]]) -> str:
    """Return the section of a data set.

    Args:
        dataset: Name of the data set, with the sizes of its experiment.
        rows: Rows of `measurement.COLUMNS`.
        facts: Parameters, steps and times of each method, by its name and the columns of FACTS.
    """
    lines = [f"## {dataset}", _reconstructions(rows, facts), MEANING, _samples(rows), JUDGED]
    lines += [said(rows, facts)]
    return "\n\n".join(lines) + "\n"


def said(rows: Table, facts: dict[str, dict[str, str]]) -> str:
    """Return in words which methods surpass the scattering embedding, by how much, and its cost.

    Example:
        >>> from gsn.systems.comparison.page import said
        >>> columns = ("method", "split", "psnr_pooled_db", "psnr_pooled_low", "psnr_pooled_high")
        >>> found = ["scattering test 26 25.8 26.2", "vae test 25 24 25.9"]
        >>> text = said([dict(zip(columns, row.split())) for row in found], {})
        >>> for part in text.split("; "):
        ...     print(part)
        On test, nothing is above the scattering embedding with G (26.00 dB)
        below it: VAE (-1.00 dB, intervals overlap).
    """
    sentences = []
    for split in ("train", "test"):
        of_split = {row["method"]: row for row in rows if row["split"] == split}
        if methods.reference(of_split):
            sentences.append(_ordered(f"On {split}", of_split, "psnr_pooled", " dB", larger=True))
    drawn = {_named(row): row for row in rows if row["split"] == "samples"}
    drawn.pop(methods.REAL, None)
    if methods.reference(drawn):
        sentences.append(_ordered("For samples", drawn, "frechet", "", larger=False))
    return " ".join(sentences + _costs(facts))


def _named(row: dict[str, str]) -> str:
    """The name of a method, and of its law if it has two."""
    several = len(methods.priors(row["method"])) > 1
    return f"{row['method']}, {row['prior']}" if several else row["method"]


def _title(name: str) -> str:
    method, _, prior = name.partition(", ")
    return methods.NAMES[method] + (f" from {prior}" if prior else "")


def _ordered(
    where: str, rows: dict[str, dict[str, str]], measure: str, unit: str, *, larger: bool
) -> str:
    """Return a sentence: what is better than the reference, and what is worse, best first."""
    key = f"{measure}_db" if unit else measure

    def ends(row):
        return float(row[f"{measure}_low"]), float(row[f"{measure}_high"])

    reference = methods.reference(rows)
    own = rows[reference]
    (low, high), value = ends(own), float(own[key])
    better, worse = [], []
    for name, row in sorted(rows.items(), key=lambda pair: float(pair[1][key]), reverse=larger):
        if name == reference:
            continue
        difference, (from_, to) = float(row[key]) - value, ends(row)
        how = "overlap" if from_ <= high and low <= to else "do not overlap"
        few = f" of {row['n']} images" if row.get("n") != own.get("n") else ""
        text = f"{_title(name)}{few} ({difference:+.2f}{unit}, intervals {how})"
        (better if (difference > 0) == larger and difference else worse).append(text)
    above, below = (
        ("above", "below it") if larger else ("nearer to the real images than", "farther")
    )
    found = "; ".join(better) if better else "nothing"
    verb = "are" if len(better) > 1 else "is"
    plain = "the scattering embedding with " + ("plain G" if reference == "paper" else "G")
    line = f"{where}, {found} {verb} {above} {plain} ({value:.2f}{unit})"
    return f"{line}; {below}: {'; '.join(worse)}." if worse else f"{line}."


def _costs(facts: dict[str, dict[str, str]]) -> list[str]:
    """Return the sentences about what the embeddings cost."""
    if not (reference := methods.reference(facts)):
        return []
    own = facts[reference]
    learned = [name for name in methods.LEARNED if name in facts]
    times = [
        f"{methods.NAMES[name]} {short(facts[name]['embedding_ms'], DIGITS)}" for name in learned
    ]
    beside = f", against {', '.join(times)}" if times else ""
    lines = [
        "The scattering embedding is not trained: it has no parameter that a gradient reaches, and "
        f"takes {short(own['embedding_ms'], DIGITS)} ms an image{beside}."
    ]
    trained = [
        f"{methods.NAMES[name]} {short(facts[name]['training_seconds'], DIGITS)} s"
        for name in learned
    ]
    lines.append(
        f"Training took {short(own['training_seconds'], DIGITS)} s for G on it"
        + (f"; {', '.join(trained)}." if trained else ".")
    )
    return lines


def _reconstructions(rows: Table, facts: dict[str, dict[str, str]]) -> str:
    lines = []
    for name in facts:
        of = {row["split"]: row for row in rows if row["method"] == name}
        row = {"method": methods.NAMES[name], "images": of["test"]["n"]}
        for split in ("train", "test"):
            low, high = (float(of[split][f"psnr_pooled_{end}"]) for end in ("low", "high"))
            row[split] = f"{float(of[split]['psnr_pooled_db']):.2f} ({low:.2f} to {high:.2f})"
        row["test, mean"] = f"{float(of['test']['psnr_mean_db']):.2f}"
        lines.append(facts[name] | row)
    return table(lines, RECONSTRUCTIONS, digits=DIGITS)


def _samples(rows: Table) -> str:
    lines = []
    for row in rows:
        if row["split"] == "samples":
            own = {"method": methods.NAMES.get(row["method"], row["method"])}
            if row["frechet_low"]:
                low, high = (short(row[f"frechet_{end}"], DIGITS) for end in ("low", "high"))
                own["range"] = f"{low} to {high}"
            lines.append(row | own)
    return table(lines, SAMPLES, digits=DIGITS)
