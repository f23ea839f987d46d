"""The modules that the numbers of a script depend on, read from its import statements.

Followed are imports of gsn, from module to module, wherever they stand in a file. The plumbing
(gsn.runtime) is left out, and so is the face of a package, `__init__.py`, unless a name is imported
from it that is no module. `import gsn` stands for what `gsn.load` imports.
"""

import ast
import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "gsn"
FACE = PACKAGE / "__init__.py"
PLUMBING = PACKAGE / "runtime"


def modules(file: Path) -> list[Path]:
    """Return the modules of gsn that a Python file imports, directly or not, sorted."""
    found, ahead = set(), [file]
    while ahead:
        new = set(_imported(ahead.pop())) - found
        found |= new
        ahead += new
    return sorted(found - {FACE})


def digest(file: Path) -> str:
    """Return a checksum of the code of a file and of its modules, without comments and docstrings.

    An edit of a comment or a docstring does not change it.
    """
    total = hashlib.blake2b(digest_size=16)
    for path in [file, *modules(file)]:
        total.update(ast.dump(_without_docstrings(ast.parse(path.read_text()))).encode())
    return total.hexdigest()


def _without_docstrings(tree: ast.AST) -> ast.AST:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        if isinstance(first, ast.Expr) and isinstance(getattr(first.value, "value", None), str):
            first.value = ast.Constant("")
    return tree


@functools.cache
def _imported(file: Path) -> tuple[Path, ...]:
    """Return the modules of gsn that the imports of one file name, without the plumbing."""
    names = (name for node in ast.walk(ast.parse(file.read_text())) for name in _names(node, file))
    found = (_resolve(name) for name in names)
    return tuple(path for path in found if path and PLUMBING not in path.parents)


def _names(node: ast.AST, file: Path) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        if node.level:
            raise ValueError(f"{file}:{node.lineno} must import by the full name: use from gsn...")
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _resolve(name: str) -> Path | None:
    """Return the file of a module, or of the module that defines a name; None outside gsn."""
    top, *parts = name.split(".")
    if top != "gsn":
        return None
    place = PACKAGE
    for part in parts:
        if (place / part / "__init__.py").exists():
            place = place / part
        elif (place / f"{part}.py").exists():
            return place / f"{part}.py"
        else:
            break
    return place / "__init__.py"
