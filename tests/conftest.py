import torch

torch.set_num_threads(1)  # the tests run in two processes


def pytest_collection_modifyitems(items):
    longest = ["test_pipeline.py", "test_images_pipeline.py"]  # these first, each on a process of its own
    items.sort(key=lambda item: (*longest, item.path.name).index(item.path.name))
