import torch

torch.set_num_threads(1)  # the tests run in two processes


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path.name != "test_pipeline.py")  # the longest file first, on its own process
