import os

import torch

if not torch.cuda.is_available():
    os.environ["TRITON_INTERPRET"] = "1"  # read when a kernel is defined
torch.set_num_threads(1)  # the tests run in two processes


def pytest_collection_modifyitems(items):
    longest = [
        "test_pipeline.py",
        "test_images_pipeline.py",
    ]  # these first, each on a process of its own
    items.sort(key=lambda item: (*longest, item.path.name).index(item.path.name))
