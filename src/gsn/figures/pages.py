"""Single pages in HTML, for what Snakemake's report does not show by itself: tables and films.

A page needs no other file and no network.
"""

import base64
import html
from collections.abc import Iterable, Sequence
from pathlib import Path

STYLE = """\
body { font: 15px/1.5 sans-serif; color: #222; background: white; margin: 1.5em; }
table { border-collapse: collapse; margin: 0 0 1.5em; }
th, td { padding: 0.3em 0.6em; text-align: right; }
td { white-space: nowrap; }
th { border-bottom: 2px solid #555; vertical-align: bottom; }
td { border-bottom: 1px solid #ddd; }
th:first-child, td:first-child { text-align: left; }
p { max-width: 48em; }
img { image-rendering: pixelated; }"""


def page(title: str, *blocks: str) -> str:
    """Return a page of blocks of HTML.

    Args:
        title: Heading of the page, plain text.
        blocks: Contents, as from `table`, `paragraph` and `picture`.

    Example:
        >>> from gsn.figures import pages
        >>> "<h1>a &lt; b</h1>" in pages.page("a < b", pages.paragraph("text"))
        True
    """
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><style>{STYLE}</style>'
    body = "\n".join([f"<h1>{html.escape(title)}</h1>", *blocks])
    return f"<!DOCTYPE html>\n<html><head>{head}</head>\n<body>\n{body}\n</body></html>\n"


def table(header: Sequence, rows: Iterable[Sequence]) -> str:
    """Return a table in HTML.

    Args:
        header: Names of the columns.
        rows: Cells of each row, as many as there are columns.

    Example:
        >>> from gsn.figures import pages
        >>> print(pages.table(["a"], [[1], ["<"]]))
        <table>
        <tr><th>a</th></tr>
        <tr><td>1</td></tr>
        <tr><td>&lt;</td></tr>
        </table>
    """

    def line(cells: Sequence, tag: str) -> str:
        return f"<tr>{''.join(f'<{tag}>{html.escape(str(cell))}</{tag}>' for cell in cells)}</tr>"

    lines = [line(header, "th"), *(line(row, "td") for row in rows)]
    return "\n".join(["<table>", *lines, "</table>"])


def paragraph(text: str) -> str:
    """Return a paragraph of plain text.

    Example:
        >>> from gsn.figures.pages import paragraph
        >>> paragraph("a & b")
        '<p>a &amp; b</p>'
    """
    return f"<p>{html.escape(text)}</p>"


def picture(path: str | Path) -> str:
    """Return a picture in HTML, with its bytes inside.

    Args:
        path: File of the picture; its ending names the format.
    """
    path = Path(path)
    kind, data = path.suffix.lstrip("."), base64.b64encode(path.read_bytes()).decode()
    return f'<img alt="{html.escape(path.stem)}" src="data:image/{kind};base64,{data}">'
