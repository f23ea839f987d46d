"""The site: `make docs`, or `sphinx-build -W --keep-going -b html docs docs/_build/html`."""

import importlib.util
import sys
from pathlib import Path

DOCS = Path(__file__).parent
ROOT = DOCS.parent
sys.path[:0] = [str(place) for place in (ROOT / "src", ROOT / "workflow", DOCS / "_ext")]

import docstrings  # noqa: E402
import targets  # noqa: E402

from gsn.runtime.version import __version__  # noqa: E402
from settings import reference  # noqa: E402

project = "gsn"
author = "The gsn developers"
version = release = __version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
exclude_patterns = ["_build", "_ext"]

html_theme = "furo"
html_title = f"gsn {version}"
html_show_copyright = False
html_show_sphinx = False
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

default_role = "code"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
autodoc_default_options = {"members": True, "member-order": "bysource"}
add_module_names = False
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_mock_imports = [
    name for name in ("lmdb", "pyarrow", "triton") if importlib.util.find_spec(name) is None
]
maximum_signature_line_length = 88

GENERATED = {"configuration.md": reference.page, "targets.md": lambda: targets.page(ROOT)}


def write_pages(app):
    """Write the pages that are made from the code, those that changed."""
    for name, page in GENERATED.items():
        path, text = DOCS / "reference" / name, page()
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def setup(app):
    app.connect("builder-inited", write_pages)
    app.connect("autodoc-process-docstring", docstrings.process, priority=400)  # before napoleon
    app.connect("autodoc-skip-member", docstrings.skip)
