"""The claims of Angles & Mallat (2018) about Phi and G beside what was measured, in Markdown."""

HEADER = "| Claim | Section | Paper | Here |\n|---|---|---|---|"
NONE = "not in the paper"
Table = list[dict[str, str]]


def page(*, experiment: str, embedding: Table, sparsity: Table) -> str:
    """Return the page.

    Args:
        experiment: The experiment in words.
        embedding: Rows of embedding.csv.
        sparsity: Rows of sparsity.csv.
    """
    lines = [*_distances(embedding), *_continuity(embedding), *_whiteness(embedding)]
    zeros = {row["split"]: float(row["zero_share"]) for row in sparsity if row["layer"] == "all"}
    found = ", ".join(f"{100 * zeros[split]:.0f} % on {split}" for split in zeros)
    lines.append(("activations of G that are zero", "4", "about 70 %", found))
    rows = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    notes = (
        "The paper's numbers are of 128 x 128 images with d = 512, one number for its three data "
        "sets. It does not say over which pairs of images. Here distances are of a sample of the "
        "training images, and C is over the displacements of embedding.csv."
    )
    return f"# The claims of the paper: {experiment}\n\n{HEADER}\n{rows}\n\n{notes}\n"


def _values(table: Table, measure: str, split: str = "train") -> dict[tuple[str, str], float]:
    """Return the values of a measure by d and at."""
    return {
        (row["d"], row["at"]): float(row["value"])
        for row in table
        if row["measure"] == measure and row["split"] == split
    }


def _distances(table: Table) -> list[tuple[str, ...]]:
    """Return the lines of equation (2): all of S, d, and 100 where d is larger."""
    within, d = _values(table, "share_within_3"), _d(table)
    lines = []
    for (k, _), alpha in _values(table, "alpha").items():
        if int(k) > int(d):
            name, paper = f"all {int(k):,} coefficients S", NONE
        elif k == d:
            name, paper = f"d = {k}", "5; 99.5 % within 3"
        else:
            name, paper = f"d = {k}", "a marginal effect"
        claim = f"α of (2), {name}; pairs within a factor 3"
        lines.append((claim, "2.1, 4", paper, f"{alpha:.2f}; {100 * within[k, '']:.1f} %"))
    largest = _values(table, "ratio_quantile")[d, "1"]
    lines.append((f"largest ratio of distances in (2), d = {d}", "2.1", "1", f"{largest:.2f}"))
    return lines


def _continuity(table: Table) -> list[tuple[str, ...]]:
    """Return the lines of equation (3), over all sizes of a displacement."""
    lines = []
    for kind in ("translation", "deformation"):
        mean = _values(table, f"{kind}_C_mean").values()
        most = max(_values(table, f"{kind}_C_max").values())
        found = f"{sum(mean) / len(mean):.2f} in the mean, at most {most:.2f}"
        lines.append((f"C of (3), {kind}s", "2.2", "exists, no value", found))
    return lines


def _whiteness(table: Table) -> list[tuple[str, ...]]:
    """Return the lines about the covariance of z."""
    d = _d(table)
    error = _values(table, "z_covariance_error")[d, ""]
    variances = [_values(table, "z_variance", "test")[d, str(k)] for k in range(1, int(d) + 1)]
    last = variances[-max(1, int(d) // 8) :]
    found = f"{sum(variances) / len(variances):.2f} ({min(variances):.2f} to {max(variances):.2f})"
    return [
        ("entries of cov z - I on train", "2.1", "0, by construction", f"at most {error:.1g}"),
        ("variance of the components of z on test", "", NONE, found),
        (
            f"the same of the last {len(last)} components",
            "",
            NONE,
            f"{sum(last) / len(last):.2f} ({min(last):.2f} to {max(last):.2f})",
        ),
    ]


def _d(table: Table) -> str:
    """Return the dimension of z, as written in the table."""
    return next(row["d"] for row in table if row["measure"] == "z_covariance_error")
