"""The order of the tests, their threads, the interpreter of Triton; houses for faults."""

import os
import shutil

import pytest
import torch

import faults

if not torch.cuda.is_available():
    os.environ["TRITON_INTERPRET"] = "1"  # read when a kernel is defined
torch.set_num_threads(1)  # the tests run in two processes


def pytest_collection_modifyitems(items):
    """Begin with the longest files, each of which keeps one process busy."""
    longest = ["test_pipeline.py", "test_docs.py", "test_images_pipeline.py", "test_runs.py"]
    items.sort(key=lambda item: (*longest, item.path.name).index(item.path.name))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """A copy of the project, in which all ran without a fault; beside it, its temporary files."""
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "temporary").mkdir()
    house = faults.copy(folder / "house")
    faults.made(house, TMPDIR=str(folder / "temporary"))
    return house


@pytest.fixture
def disturbed(undisturbed, tmp_path):
    """A copy of `undisturbed`, for a fault."""
    return shutil.copytree(undisturbed, tmp_path / "house", symlinks=True)
