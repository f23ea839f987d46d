"""Fashion-MNIST: 60,000 training and 10,000 test images of clothes, 28 x 28, with their labels.

References:
    H. Xiao, K. Rasul & R. Vollgraf, Fashion-MNIST: a novel image dataset for benchmarking machine
    learning algorithms, arXiv:1708.07747.
"""

from pathlib import Path

from gsn.data import idx
from gsn.data.items import Source

MIRRORS = (
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
)
MD5 = {  # of the .gz, and of its contents
    "train-images-idx3-ubyte": (
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "f4a8712d7a061bf5bd6d2ca38dc4d50a",
    ),
    "train-labels-idx1-ubyte": (
        "25c81989df183df01b3e8a0aad5dffbe",
        "9018921c3c673c538a1fc5bad174d6f9",
    ),
    "t10k-images-idx3-ubyte": (
        "bef4ecab320f06d8554ea6380940ec79",
        "8181f5470baa50b63fa0f6fddb340f0a",
    ),
    "t10k-labels-idx1-ubyte": (
        "bb300cfdad3c16e7a12a480ee83cd310",
        "15d484375f8d13e6eb1aabb0c3f46965",
    ),
}
FILES = idx.described("fashion-mnist", MIRRORS, MD5)
CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
KNOWN = idx.Idx("fashion-mnist", "Fashion-MNIST", FILES, CLASSES)


def read(files: dict[str, Path], split: str, **settings: int) -> Source:
    """Return the first n clothes of a split, as `idx.read` does.

    Args:
        files: Paths of the `images` and the `labels` of the split, in one folder.
        split: `train` or `test`.
        settings: Keywords n, N and channels of `idx.items`.
    """
    return idx.read(KNOWN, files, split, **settings)
