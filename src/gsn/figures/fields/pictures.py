"""Fields beside each other: examples, and the syntheses of each model."""

import textwrap

import numpy as np
from matplotlib.figure import Figure

from gsn.figures.images import DPI, LETTER, LINE, magnified

SIDE = 256  # pixels that the side of a drawn field has at about
GAP = 12  # pixels between two fields
CUT = (0.5, 99.5)  # percentiles of the example that are black and white


def gallery(rows: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Draw each example beside the syntheses of each model, a row for each example.

    A row has one scale of grey, from percentile 0.5 to 99.5 of its first field. What is beyond is
    black or white. A pixel of a field is a square of whole pixels of the saved figure.

    Args:
        rows: For each example, by its name, fields by the name above them, the example first,
            (H, W) or, in colour, (3, H, W), real. The columns are those of all rows; a field that a
            row lacks is blank.

    Raises:
        ValueError: The fields of a row have different shapes.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.fields import gallery
        >>> x = np.random.default_rng(0).standard_normal((2, 32, 32))
        >>> figure = gallery({"noise": {"example": x[0], "Gaussian": x[1]}})
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['example', 'Gaussian', 'noise']
    """
    columns = list(dict.fromkeys(column for fields in rows.values() for column in fields))
    strips = [_grey(name, fields) for name, fields in rows.items()]
    shapes = [next(iter(strip.values())).shape for strip in strips]
    pitch = max(shape[1] for shape in shapes) + GAP
    tops = np.cumsum([0, *(shape[0] + GAP for shape in shapes)])
    sheet = np.full((tops[-1] - GAP, len(columns) * pitch - GAP, 3), 255, dtype=np.uint8)
    for top, strip in zip(tops, strips, strict=False):
        for column, tile in strip.items():
            left = columns.index(column) * pitch
            sheet[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    names = [textwrap.fill(column, max(8, (pitch - GAP) // LETTER)) for column in columns]
    figure, axes = _framed(sheet, above=8 + LINE * max(name.count("\n") + 1 for name in names))
    for i, name in enumerate(names):
        place = (i * pitch + (pitch - GAP) / 2, -6)
        axes.text(*place, name, fontsize=9, ha="center", va="bottom")
    for top, shape, name in zip(tops, shapes, rows, strict=False):
        place = (-8, top + shape[0] / 2)
        axes.text(*place, name, fontsize=9, ha="right", va="center", rotation=90)
    return figure


def _grey(name: str, fields: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the fields of a row as magnified images of one scale, (H, W, 3) uint8 each."""
    shapes = {field.shape for field in fields.values()}
    if len(shapes) != 1:
        raise ValueError(
            f"the fields of {name} must have the same shape: got {sorted(shapes)}; crop them."
        )
    example = next(iter(fields.values()))
    low, high = np.percentile(example, CUT)
    if low == high:  # few points that differ from the others
        low, high = example.min(), example.max()
    found = {}
    for column, field in fields.items():
        grey = np.clip((field - low) / max(high - low, 1e-300), 0, 1)
        grey = np.rint(255 * grey).astype(np.uint8)
        tall = magnified(grey, SIDE)
        colours = np.broadcast_to(tall, (3, *tall.shape[-2:]))
        found[column] = colours.transpose(1, 2, 0)
    return found


def _framed(sheet: np.ndarray, *, above: int):
    """Return a figure with a sheet at its own pixels, room for names above and left of it."""
    left, margin = 2 * LINE, 8
    height, width = sheet.shape[:2]
    wide, high = left + width + margin, above + height + margin
    figure = Figure(figsize=(wide / DPI, high / DPI), dpi=DPI)
    axes = figure.add_axes((left / wide, margin / high, width / wide, height / high))
    axes.imshow(sheet, interpolation="nearest", aspect="auto")
    axes.set_axis_off()
    return figure, axes
