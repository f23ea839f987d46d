"""MNIST: 60,000 training and 10,000 test images of handwritten digits, 28 x 28, with their labels.

References:
    Y. LeCun, L. Bottou, Y. Bengio & P. Haffner, Gradient-based learning applied to document
    recognition, Proceedings of the IEEE 86 (11), 1998.
"""

from pathlib import Path

from gsn.data import idx
from gsn.data.items import Source

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
MD5 = {  # of the .gz, and of its contents
    "train-images-idx3-ubyte": (
        "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "6bbc9ace898e44ae57da46a324031adb",
    ),
    "train-labels-idx1-ubyte": (
        "d53e105ee54ea40749a09fcbcd1e9432",
        "a25bea736e30d166cdddb491f175f624",
    ),
    "t10k-images-idx3-ubyte": (
        "9fb629c4189551a2d022fa330f9573f3",
        "2646ac647ad5339dbf082846283269ea",
    ),
    "t10k-labels-idx1-ubyte": (
        "ec29112dd5afa0611ce80d1b7f02629c",
        "27ae3e4e09519cfbb04c329615203637",
    ),
}
FILES = idx.described("mnist", MIRRORS, MD5)
KNOWN = idx.Idx("mnist", "MNIST", FILES, tuple("0123456789"))


def read(files: dict[str, Path], split: str, **settings: int) -> Source:
    """Return the first n digits of a split, as `idx.read` does.

    Args:
        files: Paths of the `images` and the `labels` of the split, in one folder.
        split: `train` or `test`.
        settings: Keywords n, N and channels of `idx.items`.
    """
    return idx.read(KNOWN, files, split, **settings)
