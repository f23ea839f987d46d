"""A tour of sweeps: read the table of a sweep, and print its points by their test PSNR.

    python examples/sweeps.py TABLE [--output PICTURE]

TABLE is results/sweeps/NAME.csv, of a sweep that measures `psnr`. The settings that vary are the
columns before `n`.
"""

import argparse
from pathlib import Path

from gsn.figures.sweeps import curves
from gsn.runtime import files

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("table", type=Path)
parser.add_argument("--output", help="the picture; TABLE.tour.png by default", type=Path)
given = parser.parse_args()
output = given.output or given.table.with_suffix(".tour.png")


def read(text):
    try:
        return float(text)
    except ValueError:
        return text


rows = [{key: read(text) for key, text in row.items()} for row in files.read_csv(given.table)]
varied = list(rows[0])[: list(rows[0]).index("n")]

for row in sorted(rows, key=lambda row: -row["psnr_test"]):
    point = ", ".join(f"{key} = {row[key]}" for key in varied)
    print(f"{row['psnr_test']:6.2f} dB  {point}")

# The same picture as beside the table, or of some of its rows and columns.
curves(rows, varied).savefig(output)
print(f"saved {output}")
