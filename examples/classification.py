"""A tour of the classification: few labelled digits, and the digits that are classified wrongly.

    python examples/classification.py [--each 10] [--output PICTURE]

The digits are the 1,797 of 8 x 8 pixels that come with scikit-learn.
"""

import argparse
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from gsn.systems.classification import fit, pictures, subsets

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("--each", help="training images of each class", type=int, default=10)
parser.add_argument("--output", help="the picture", default="wrong.png", type=Path)
given = parser.parse_args()

digits = load_digits()
x, y = (15 * digits.images).astype(np.uint8), digits.target

# Some images of each class are the training set, all others the test set.
train = subsets.each(y, given.each, seed=0)
test = np.setdiff1d(np.arange(len(y)), train)

# The scale and the method are chosen by cross-validation on the training images.
classifier = fit(x[train], y[train])
for (J, method), error in classifier.cv_errors.items():
    print(f"J = {J}, {method}: {100 * error:.1f} % in cross-validation")

found = classifier.predict(x[test])
wrong = np.flatnonzero(found != y[test])
low, high = subsets.interval(len(wrong), len(test))
print(
    f"{len(train)} training images, J = {classifier.J}, {classifier.method}: "
    f"{100 * len(wrong) / len(test):.1f} % of {len(test)} are wrong "
    f"({100 * low:.1f} to {100 * high:.1f} %)"
)

mistakes = [(row, y[test][row], found[row]) for row in wrong]
title = f"{len(wrong)} of {len(test)} are wrong"
pictures.wrong(x[test][:, None], mistakes, [], title=title).savefig(given.output)
print(f"saved {given.output}")
