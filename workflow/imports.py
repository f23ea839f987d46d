"""The modules that the numbers of a script depend on, read from its import statements.

Followed are imports of gsn, from module to module, wherever they stand in a file. The plumbing
(gsn.runtime) is left out, and so is the face of a package, `__init__.py`, unless a name is imported
from it that is no module. `import gsn` stands for what `gsn.load` imports.
"""

import ast
import functools
import hashlib
import io
import tokenize
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


def digest(*files: Path) -> str:
    """Return a checksum of the code of some files and of their modules.

    An edit of a comment, a docstring or an empty line does not change it, nor does another version
    of Python.
    """
    needed = sorted({*files, *(module for file in files for module in modules(file))})
    total = hashlib.blake2b(digest_size=16)
    for path in needed:
        code = _code(path.read_text(encoding="utf-8"))
        total.update(f"{path.name}\n{code}\n".encode())
    return total.hexdigest()


@functools.cache
def _code(source: str) -> str:
    """Return the lines of a program without comments and docstrings."""
    lines = ["", *source.splitlines()]  # counted from 1
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            lines[token.start[0]] = lines[token.start[0]][: token.start[1]]
    for first, last in _docstrings(ast.parse(source)):
        lines[first : last + 1] = [""] * (last + 1 - first)
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _docstrings(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """Yield the first and the last line of each docstring."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, kinds) and ast.get_docstring(node, clean=False) is not None:
            first = node.body[0]
            if isinstance(node, ast.Module) or first.lineno > node.lineno:  # on lines of its own
                yield first.lineno, first.end_lineno


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
