"""The tables of reconstructions and of the recovery diagram in Markdown."""

from gsn.figures.markdown import table

Table = list[dict[str, str]]
SHOWN = ("image", "J", "order", "coefficients", "per_pixel", "psnr_db", "constant_db", "error")
MEANING = (
    "PSNR in dB of x in [0, 1], after the best translation, and where 2^J = N also after the best "
    "of reflection and reversed contrast, which S_J does not see. `constant_db` is that of the "
    "mean of x alone. `error` is ||S(x~) - S(x)|| / ||S(x) - S(m)||, m the mean of x. "
    "`coefficients` counts the numbers of S_J, `per_pixel` by the N^2 pixels."
)


def describe(rows: Table, recovered: Table, threshold: float) -> str:
    """Return the page of all reconstructions.

    Args:
        rows: Rows of `measurement.COLUMNS`, as text.
        recovered: Rows of `recovery.COLUMNS`, as text.
        threshold: PSNR in dB above which Diracs count as recovered.
    """
    blocks = ["# Reconstructions from S_J", MEANING]
    for pictures in dict.fromkeys(row["pictures"] for row in rows):
        own = [row for row in rows if row["pictures"] == pictures]
        first = own[0]
        facts = f"N = {first['N']}, L = {first['L']}, {first['starts']} starts of {first['steps']}"
        blocks += [f"## {pictures.capitalize()}", f"{facts} steps.", table(own, SHOWN, digits=3)]
    if recovered:
        blocks += ["## Recovery of Diracs", diagram(recovered, threshold)]
    return "\n\n".join(blocks) + "\n"


def diagram(rows: Table, threshold: float) -> str:
    """Return the probabilities of recovery: a line for each J and order, a column for each k.

    Example:
        >>> from gsn.systems.reconstruction.page import diagram
        >>> row = {"N": "16", "J": "4", "order": "2", "diracs": "1", "draws": "8"}
        >>> row |= {"coefficients": "417", "probability": "0.875"}
        >>> print(diagram([row], 50).splitlines()[-1])
        | 4 | 2 | 417 | 0.88 |
    """
    numbers = sorted({int(row["diracs"]) for row in rows})
    lines: dict[tuple, dict[str, str]] = {}
    for row in rows:
        key = (row["J"], row["order"], row["coefficients"])
        line = lines.setdefault(key, dict(zip(("J", "order", "coefficients"), key, strict=True)))
        line[row["diracs"]] = f"{float(row['probability']):.2f}"
    columns = ("J", "order", "coefficients", *map(str, numbers))
    said = (
        f"Share of {rows[0]['draws']} images of {rows[0]['N']} x {rows[0]['N']} pixels whose PSNR "
        f"is above {threshold:g} dB, by the number of Diracs, in the columns."
    )
    return f"{said}\n\n{table(list(lines.values()), columns, digits=2)}"
