"""The test images that the best classifier gets wrong."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from gsn.figures.images import image_rows
from gsn.runtime import files
from gsn.runtime.reading import Array
from gsn.systems.classification.page import FEATURES, NAMES

COLUMNS, ROWS = 12, 5


def mistakes(path: str | Path) -> list[tuple[int, int, int]]:
    """Return row, label and predicted label of each mistake in a table; there may be none."""
    with open(path, encoding="utf-8") as file:
        if len(file.readlines()) < 2:
            return []
    return [
        tuple(int(row[key]) for key in ("row", "label", "predicted"))
        for row in files.read_csv(path)
    ]


def best(table: list[dict], found: dict[str, list]) -> tuple[str, list]:
    """Return a title and the mistakes of the classifier with the fewest on the largest size.

    Args:
        table: Rows of `page.COLUMNS`.
        found: Mistakes by `{features}_{classifier}_mistakes`.
    """
    key = min(found, key=lambda name: len(found[name]))
    features, classifier = key.removesuffix("_mistakes").split("_")
    n = max(int(row["n"]) for row in table)
    title = f"{FEATURES[features]}, {NAMES[classifier]}, {n:,} training images: "
    return f"{title}{len(found[key])} wrong of {int(table[0]['test']):,}", found[key]


def wrong(x: Array, chosen: list, names: list[str], *, title: str) -> Figure:
    """Draw images that are classified wrongly, with their label and the predicted one.

    Args:
        x: Test images, (n, c, N, N) uint8, or an array of a store.
        chosen: Row, label and predicted label of each mistake; the first 60 are drawn.
        names: Names of the classes, or an empty list.
        title: Title of the figure.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.classification import pictures
        >>> x = np.zeros((9, 1, 8, 8), np.uint8)
        >>> figure = pictures.wrong(x, [(3, 0, 1)], [], title="one")
        >>> [text.get_text() for text in figure.axes[0].texts if text.get_text()]
        ['0, not 1']
    """
    chosen = chosen[: COLUMNS * ROWS]
    rows, columns = max(1, -(-len(chosen) // COLUMNS)), min(COLUMNS, max(1, len(chosen)))
    sheet = np.full((rows * columns, *x.shape[1:]), 255, np.uint8)
    captions = [""] * (rows * columns)
    for place, (row, label, predicted) in enumerate(chosen):
        sheet[place] = x[row]
        said = [names[k][:9] if names else str(k) for k in (label, predicted)]
        captions[place] = f"{said[0]}, not {said[1]}"
    return image_rows(
        sheet.reshape(rows, columns, *x.shape[1:]),
        [],
        title=title,
        captions=[captions[i * columns : (i + 1) * columns] for i in range(rows)],
    )
