"""Tables of text in Markdown."""

Table = list[dict[str, str]]


def table(rows: Table, columns: tuple[str, ...], *, digits: int) -> str:
    """Return some columns of a table in Markdown.

    Args:
        rows: Rows, mappings from column to text. What a row lacks is left empty.
        columns: Names of the columns to show.
        digits: Number of significant digits of what is no whole number.

    Example:
        >>> from gsn.figures.markdown import table
        >>> print(table([{"law": "vae", "mmd": "0.123456"}], ("law", "mmd"), digits=3))
        | law | mmd |
        |---|---|
        | vae | 0.123 |
    """
    lines = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    lines += [
        "| " + " | ".join(short(row.get(name, ""), digits) for name in columns) + " |"
        for row in rows
    ]
    return "\n".join(lines)


def short(value: str, digits: int) -> str:
    """Return a number with some significant digits; whole numbers and words as they are.

    Example:
        >>> from gsn.figures.markdown import short
        >>> short("0.123456", 3), short("16384", 3), short("vae", 3)
        ('0.123', '16384', 'vae')
    """
    try:
        return value if value.isdigit() else f"{float(value):.{digits}g}"
    except ValueError:
        return value
