"""The order of the tests, their threads, and the interpreter of Triton."""

import os

import torch

if not torch.cuda.is_available():
    os.environ["TRITON_INTERPRET"] = "1"  # read when a kernel is defined
torch.set_num_threads(1)  # the tests run in two processes


def pytest_collection_modifyitems(items):
    """Begin with the longest files, each of which keeps one process busy."""
    longest = ["test_pipeline.py", "test_docs.py", "test_images_pipeline.py", "test_runs.py"]
    items.sort(key=lambda item: (*longest, item.path.name).index(item.path.name))
