"""Tables of all models of all processes in Markdown."""

from gsn.figures.markdown import table
from gsn.systems.synthesis import measurement, spins

Table = list[dict[str, str]]
DIGITS = 3
SHOWN = (*measurement.FACTS, *measurement.ERRORS, *measurement.CONCENTRATION)
EMPTY = "The configuration names no process under `synthesis`.\n"
MEANING = (
    "`moments` are the numbers that a model keeps, a complex one counted once. `error` is the "
    "relative error |Φ(x) - y| / |y| that the worst of the n syntheses reached, after so many "
    "`evaluations` of Φ with its gradient, in the mean, in `seconds` for all n. `spectrum_db` is "
    "the mean over the frequencies of the difference of the power, in dB. `structure_error` is the "
    "mean relative error of the structure functions of orders 1 to 5. `marginal_error` is the "
    "Wasserstein distance of the laws of the values, by their deviation. `covariance_error` is the "
    "relative error of the covariances of phase harmonics in the spectral norm. `phi` is the "
    "relative variance of Φ over true realisations, with its interval of 95 %. The first row has "
    "the example itself: what one true realisation reaches."
)
OF_SPINS = (
    "`log_p` is E|log p(X~) + H|² / H² of the syntheses, whose points are rounded to ±1, with its "
    "interval of 95 %. p and H are exact on the torus (Kaufman 1949). `log_p_floor` is the same of "
    "true realisations, exact: a smaller value is no better. `off` is the share of the points "
    "that are not within 0.5 of ±1. `magnetisation` is the mean of |m|."
)


def describe(rows: Table) -> str:
    """Return the page of all rows.

    Args:
        rows: Rows of `measurement.COLUMNS`, each with the name of its `example`.

    Example:
        >>> from gsn.systems.synthesis.page import describe
        >>> print(describe([{"example": "cox", "model": "gaussian", "moments": "40"}])[:21])
        # Models of processes
    """
    sections = ["# Models of processes", MEANING if rows else EMPTY]
    for name in dict.fromkeys(row["example"] for row in rows):
        own = [row for row in rows if row["example"] == name]
        sections += [f"## {name}", table(own, SHOWN, digits=DIGITS)]
        if any(row.get("log_p_floor") for row in own):
            columns = ("model", *spins.COLUMNS)
            sections += [table(own, columns, digits=DIGITS), OF_SPINS]
    return "\n\n".join(sections) + "\n"
