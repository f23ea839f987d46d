"""Figures of classification: error against the number of training images."""

import statistics

from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator

TITLES = {"affine": "affine PCA", "svm": "SVM"}
LINES = {"affine": ("o", "-"), "svm": ("s", "--")}
COLOURS = {"pixels": "C7", "order1": "C1", "order2": "C0", "cosine": "C2", "translations": "C3"}


def curves(rows: list[dict]) -> Figure:
    """Draw the error against the number of training images, a panel for each classifier.

    Bars are standard deviations over subsets, or Wilson's interval of a single one. Dotted lines
    with crosses are published errors.

    Args:
        rows: Row for each size, features and classifier, with features, classifier, n,
            error_percent, deviation, low_percent, high_percent and published_percent.

    Example:
        >>> from gsn.figures.classification import curves
        >>> row = {"features": "order2", "classifier": "svm", "n": "300", "deviation": "0.5"}
        >>> row |= {"error_percent": "5.0", "low_percent": "4.6", "high_percent": "5.4"}
        >>> curves([row | {"published_percent": "5.6"}]).axes[0].get_title()
        'SVM'
    """
    classifiers = list(dict.fromkeys(row["classifier"] for row in rows))
    figure = Figure(figsize=(4.6 * len(classifiers), 4.2), dpi=150, layout="constrained")
    panels = figure.subplots(1, len(classifiers), squeeze=False, sharey=True)[0]
    for axes, classifier in zip(panels, classifiers, strict=True):
        for features in dict.fromkeys(row["features"] for row in rows):
            own = [
                row
                for row in rows
                if row["classifier"] == classifier and row["features"] == features
            ]
            _draw(axes, sorted(own, key=lambda row: int(row["n"])), features)
        axes.set(xscale="log", yscale="log", xlabel="training images")
        _ticks(axes, sorted({int(row["n"]) for row in rows}))
        axes.set_title(TITLES.get(classifier, classifier), fontsize=10)
        axes.grid(alpha=0.3, which="both")
        axes.legend(frameon=False, fontsize=8)
    panels[0].set_ylabel("error on test images, %")
    return figure


def few(rows: list[dict]) -> Figure:
    """Draw the error against the number of images of a class, with the deviation over subsets.

    Args:
        rows: Row for each subset, with features, classifier, each and error_percent.

    Example:
        >>> from gsn.figures.classification import few
        >>> row = {"features": "hog", "classifier": "svm", "error_percent": 9.0}
        >>> few([row | {"each": 1}, row | {"each": 5}]).axes[0].get_xlabel()
        'training images of each class'
    """
    figure = Figure(figsize=(6, 4.4), dpi=150, layout="constrained")
    axes = figure.subplots()
    kinds = list(dict.fromkeys((row["features"], row["classifier"]) for row in rows))
    colours = {name: f"C{i}" for i, name in enumerate(dict.fromkeys(kind[0] for kind in kinds))}
    for features, classifier in kinds:
        errors: dict[int, list[float]] = {}
        for row in rows:
            if (row["features"], row["classifier"]) == (features, classifier):
                errors.setdefault(int(row["each"]), []).append(float(row["error_percent"]))
        means = [statistics.fmean(own) for own in errors.values()]
        spread = [statistics.stdev(own) if len(own) > 1 else 0 for own in errors.values()]
        marker, line = LINES.get(classifier, ("^", ":"))
        style = {"color": colours[features], "marker": marker, "linestyle": line}
        label = f"{features}, {TITLES.get(classifier, classifier)}"
        axes.errorbar(list(errors), means, spread, label=label, capsize=2, markersize=4, **style)
    axes.set(xscale="log", yscale="log", xlabel="training images of each class")
    axes.set_ylabel("error on test images, %")
    _ticks(axes, sorted({int(row["each"]) for row in rows}))
    axes.grid(alpha=0.3, which="both")
    axes.legend(frameon=False, fontsize=8)
    return figure


def _ticks(axes, sizes: list[int]) -> None:
    """Put ticks at the sizes, and at 1, 2 and 5 per cent and their multiples of ten."""
    axes.set_xticks(sizes, [f"{n:,}" if n < 10_000 else f"{n // 1000}k" for n in sizes], fontsize=7)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())


def _draw(axes, rows: list[dict], features: str) -> None:
    """Draw the measured errors of some features, and the published ones."""
    if not rows:
        return
    n, errors = [int(row["n"]) for row in rows], [float(row["error_percent"]) for row in rows]
    below, above = zip(*(_bars(row) for row in rows), strict=True)
    style = {"color": COLOURS.get(features), "markersize": 4, "linewidth": 1.2}
    axes.errorbar(n, errors, (below, above), marker="o", capsize=2, label=features, **style)
    known = [
        (int(row["n"]), float(row["published_percent"])) for row in rows if row["published_percent"]
    ]
    if known and features != "cosine":  # which would draw order 2 again
        label = f"{features}, published"
        axes.plot(*zip(*known, strict=True), marker="x", linestyle=":", label=label, **style)


def _bars(row: dict) -> tuple[float, float]:
    """Return the lengths of the bar of an error, below and above."""
    error = float(row["error_percent"])
    if row["deviation"]:
        return (float(row["deviation"]),) * 2
    return error - float(row["low_percent"]), float(row["high_percent"]) - error
