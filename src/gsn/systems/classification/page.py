"""The tables of errors: over the subsets, beside the published ones, and in Markdown."""

import statistics

from gsn.figures.markdown import table
from gsn.systems.classification import published, subsets

Table = list[dict[str, str]]
COLUMNS = ("features", "classifier", "n", "subsets", "J", "coefficients", "chosen", "error_percent")
COLUMNS += ("deviation", "low_percent", "high_percent", "published_percent", "test", "seconds")
NAMES = {"affine": "affine PCA", "svm": "SVM"}
FEATURES = {
    "pixels": "pixels",
    "order1": "order 1",
    "order2": "order 2",
    "cosine": "order 2, cosine",
    "translations": "order 2, translations",
}
MEANING = (
    "Errors on the test images in per cent: mean ± standard deviation over random subsets of the "
    "training images, or one error and Wilson's interval of 95 %. In brackets the published error "
    "(Bruna & Mallat 2013, Table 4; one training set, 6 angles, cosine transform). J, d, C and w "
    "are chosen on training images only. The least error is that of order 2 with translations by a "
    "pixel, in training and test."
)


def summarised(rows: Table, *, source: str) -> list[dict]:
    """Return one row for each size, features and classifier.

    Args:
        rows: Rows of `measurement.COLUMNS`, as text.
        source: Source of the images, for the published errors.

    Returns:
        Rows with the keys COLUMNS. `low_percent` and `high_percent` are Wilson's interval of 95 %
        of the mean error on this number of test images; `deviation` is that over the subsets, empty
        for one subset; `chosen` is of the first subset, `seconds` of all.
    """
    groups: dict[tuple, Table] = {}
    for row in rows:
        groups.setdefault((row["features"], row["classifier"], int(row["n"])), []).append(row)
    found = []
    for (features, classifier, n), own in groups.items():
        errors, test = [float(row["error_percent"]) for row in own], int(own[0]["test"])
        mean = statistics.fmean(errors)
        low, high = subsets.interval(round(mean * test / 100), test)
        known = published.error(source, features, classifier, n)
        row = {key: own[0][key] for key in ("features", "classifier", "n", "J", "test")}
        row |= {key: own[0][key] for key in ("coefficients", "chosen")} | {"subsets": len(own)}
        row |= {"error_percent": f"{mean:.4g}", "low_percent": f"{100 * low:.4g}"}
        row |= {"high_percent": f"{100 * high:.4g}"}
        row |= {"deviation": f"{statistics.stdev(errors):.3g}" if len(own) > 1 else ""}
        row |= {"published_percent": "" if known is None else f"{known:g}"}
        found.append(row | {"seconds": f"{sum(float(one['seconds']) for one in own):.3g}"})
    return found


def describe(tables: dict[str, Table]) -> str:
    """Return the page of all data sets.

    Args:
        tables: Rows of COLUMNS of each data set, as text.
    """
    blocks = ["# Classification", MEANING]
    for name, rows in tables.items():
        blocks += [f"## {name}", f"{int(rows[0]['test']):,} test images.", crossed(rows)]
    return "\n\n".join(blocks) + "\n"


def crossed(rows: Table) -> str:
    """Return the errors in Markdown: a line for each size, a column for each classifier.

    Example:
        >>> from gsn.systems.classification.page import crossed
        >>> row = {"features": "order2", "classifier": "affine", "n": "300", "deviation": "0.4"}
        >>> row |= {"error_percent": "4.1", "published_percent": "4.7"}
        >>> print(crossed([row]).splitlines()[-1])
        | 300 | 4.10 ± 0.40 (4.7) |
    """
    columns, lines = ["images"], {}
    for row in rows:
        column = f"{FEATURES[row['features']]}, {NAMES[row['classifier']]}"
        if row["features"] == "translations":  # by either classifier
            column = "least error"
        if column not in columns:
            columns.append(column)
        line = lines.setdefault(int(row["n"]), {"images": f"{int(row['n']):,}"})
        error = float(row["error_percent"])
        spread = f" ± {float(row['deviation']):.2f}" if row["deviation"] else ""
        if not row["deviation"] and "low_percent" in row:
            low, high = float(row["low_percent"]), float(row["high_percent"])
            spread = f" [{low:.2f}, {high:.2f}]"
        known = f" ({row['published_percent']})" if row["published_percent"] else ""
        line[column] = f"{error:.2f}{spread}{known}"
    return table([lines[n] for n in sorted(lines)], tuple(columns), digits=3)
