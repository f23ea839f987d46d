"""The modules that the numbers of a script depend on, read from its import statements.

Followed are imports of gsn, from module to module, wherever they stand in a file. The plumbing
(gsn.runtime) is left out, and so is the face of a package, `__init__.py`, unless a name is imported
from it that is no module.
"""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "gsn"
PLUMBING = PACKAGE / "runtime"


def modules(file: Path) -> list[Path]:
    """Return the modules of gsn that a Python file imports, directly or not, sorted."""
    found, ahead = set(), [file]
    while ahead:
        new = set(_imported(ahead.pop())) - found
        found |= new
        ahead += new
    return sorted(found)


@functools.cache
def _imported(file: Path) -> tuple[Path, ...]:
    """Return the modules of gsn that the imports of one file name, without the plumbing."""
    named = (
        _resolve(name) for node in ast.walk(ast.parse(file.read_text())) for name in _names(node)
    )
    return tuple(
        path
        for path in named
        if path and PLUMBING not in path.parents and path != PACKAGE / "__init__.py"
    )


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _resolve(name: str) -> Path | None:
    """Return the file of a module, or of the module that defines a name; None outside gsn."""
    top, *parts = name.split(".")
    if top != "gsn":
        return None
    place = PACKAGE
    for part in parts:
        if (place / part).is_dir():
            place = place / part
        elif (place / f"{part}.py").exists():
            return place / f"{part}.py"
        else:
            break
    return place / "__init__.py"
