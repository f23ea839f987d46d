import torch

torch.set_num_threads(1)  # the tests run in as many processes as there are cores at least
