"""workflow/imports.py: which modules a script depends on, and a checksum of their code."""

import itertools
import shutil

import pytest

import imports
import project

SCRIPTS = project.ROOT / "workflow/scripts"


def names(script):
    return {path.relative_to(imports.PACKAGE).as_posix() for path in imports.modules(script)}


@pytest.fixture
def script(tmp_path):
    """Write a script that holds some lines, and return its path, another one each time."""
    number = itertools.count()

    def script(*lines):
        path = tmp_path / f"script{next(number)}.py"
        path.write_text("\n".join(lines) + "\n")
        return path

    return script


def test_modules_are_followed_and_the_plumbing_is_left_out():
    found = names(SCRIPTS / "embedding/scatter_images.py")
    assert "transforms/scattering2d/fused.py" in found  # imported within a function
    assert "transforms/scattering2d/filters.py" in found
    assert not [name for name in found if name.startswith("runtime")]
    assert "transforms/__init__.py" not in found  # no name is imported from it


def test_the_loss_and_the_steps_belong_to_the_training():
    found = names(SCRIPTS / "generation/train.py")
    assert {"training/updates.py", "training/__init__.py"} <= found
    assert "systems/generation/fitting.py" in found
    assert "decomposition/whitening.py" not in found


def test_a_name_of_a_package_counts_its_face(script):
    assert "transforms/__init__.py" in names(script("from gsn.transforms import Scattering2D"))
    assert names(script("from gsn.data import splits")) == {"data/splits.py"}


def test_import_gsn_stands_for_what_load_imports(script):
    assert "networks/generator.py" in names(script("import gsn", "gsn.load('folder')"))


def test_other_packages_count_nothing(script):
    assert names(script("import numpy as np", "from torch import nn")) == set()


def test_a_relative_import_is_refused(script):
    with pytest.raises(ValueError, match=r"script0\.py:2 must import by the full name"):
        imports.modules(script("import os", "from . import other"))


def test_comments_and_docstrings_do_not_change_the_digest(tmp_path):
    path = tmp_path / "module.py"
    shutil.copy2(imports.PACKAGE / "training/updates.py", path)
    before, source = imports.digest(path), path.read_text()
    path.write_text(source.replace('"""The steps of a training:', '"""Steps:') + "# a comment\n")
    assert path.read_text() != source
    assert imports.digest(path) == before
    path.write_text(source.replace("loss.backward()", "(2 * loss).backward()"))
    assert imports.digest(path) != before
