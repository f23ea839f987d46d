"""Docstrings of this project to reStructuredText, as far as napoleon does not do it.

An equation is a paragraph that is indented by four. It becomes a literal block, as does a table of
aligned columns. Outside code, bars and stars are escaped, since |x| would be a substitution, and so
are the initials of authors, since they would begin a list.
"""

import re
from collections.abc import Iterator
from itertools import groupby

SECTION = re.compile(
    r"(Args|Arguments|Attributes|Example|Examples|Note|Raises|References|Returns|Yields):$"
)
FIELDS = {"Returns:": ":returns:", "Yields:": ":yields:"}
LITERAL = [".. code-block:: text", ""]
COLUMNS = re.compile(r"\S+( \S+)* {2,}\S")


def process(app, what, name, obj, options, lines: list[str]) -> None:
    """Rewrite the lines of a docstring in place, as a hook of `autodoc-process-docstring`."""
    lines[:] = converted(lines)


def skip(app, what, name, obj, skipped, options) -> bool | None:
    """Leave out fields of named tuples, which the class describes, and what scikit-learn adds."""
    of_tuple = str(getattr(obj, "__doc__", "")).startswith("Alias for field")
    added = name.startswith("set_") and name.endswith("_request")  # its routing of metadata
    return True if of_tuple or added else None


def converted(lines: list[str]) -> list[str]:
    """Return the lines of a docstring with its equations and tables as literal blocks."""
    result: list[str] = []
    section = literal = False
    for paragraph in _paragraphs(lines):
        head = paragraph[0]
        if head[:1] != " ":
            section, literal = bool(SECTION.match(head)), False
            if len(paragraph) > 1 and all(COLUMNS.match(line) for line in paragraph):
                result += [*LITERAL, *(f"    {line}" for line in paragraph), ""]
                continue
            if head.endswith(":") and not section and len(paragraph) > 1:  # a list of modules
                result += [head, "", *LITERAL, *paragraph[1:], ""]
                continue
            if head in FIELDS and len(paragraph) > 1:  # not napoleon, which reads `type: meaning`
                first, *more = (line.strip() for line in paragraph[1:])
                paragraph = [f"{FIELDS[head]} {first}", *(f"    {line}" for line in more)]
            elif not section:  # a continuation may be indented
                paragraph = [line.strip() for line in paragraph]
        elif not section:
            result += [*paragraph, ""] if literal else [*LITERAL, *paragraph, ""]
            literal = True
            continue
        result += [*_escaped(paragraph), ""]
    return result


def _paragraphs(lines: list[str]) -> Iterator[list[str]]:
    for blank, group in groupby(lines, key=lambda line: not line.strip()):
        if not blank:
            yield list(group)


def _escaped(paragraph: list[str]) -> list[str]:
    """Return a paragraph without marks that only look like markup, examples left alone."""
    if any(line.lstrip().startswith(">>>") for line in paragraph):
        return paragraph
    parts = re.split(r"(``.*?``|`.*?`)", "\n".join(paragraph), flags=re.DOTALL)
    parts[::2] = [re.sub(r"(\||\*(?=\w))", r"\\\1", part) for part in parts[::2]]
    text = re.sub(r"(`[^`]+`)(?=\w)", r"\1\\ ", "".join(parts))  # a plural: `Item`s
    text = re.sub(r"^( *)(?=[A-Z]\. )", r"\1\\", text, flags=re.MULTILINE)  # initials, no list
    return text.split("\n")
