"""benchmarks/paper_polygon5.sh, which calls the scripts of the stages itself, at the smallest size."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parent.parent / "benchmarks/paper_polygon5.sh"
SIZES = {"N": 16, "train": 48, "test": 16, "J": 2, "d": 8, "shard": 64, "width": 2, "epochs": 2, "batch": 16}


def run(folder, seconds=600, **sizes):
    options = [option for key, value in sizes.items() for option in (f"--{key}", str(value))]
    return subprocess.run(
        [str(SCRIPT), *options, "--folder", str(folder)],
        env=os.environ | {"PYTHON": sys.executable, "SLICE": str(seconds)},
        capture_output=True,
        text=True,
    )


def test_the_run_at_the_papers_size(tmp_path):
    begun = run(tmp_path, seconds=5, **SIZES)
    assert begun.returncode == 0, begun.stderr
    assert begun.stdout.endswith("the slice is over: run it again to go on\n")
    assert not (tmp_path / "reproduction").exists()
    ran = run(tmp_path, **SIZES)
    assert ran.returncode == 0, ran.stderr
    page = (tmp_path / "reproduction/README.md").read_text()
    assert "| train | 48 | " in page
    assert "42.43" not in page  # the paper's figure is for another size
    for name in ("training", "figure2_train", "figure3_test", "figure4_samples", "figure5_interpolation"):
        assert f"({name}.png)" in page
        assert (tmp_path / f"reproduction/{name}.png").stat().st_size > 1000
    again = run(tmp_path, **SIZES)
    assert "all is done" in again.stdout  # and no stage was run again
    assert "draw train:" not in again.stdout
    other = run(tmp_path, **SIZES | {"d": 4})
    assert other.returncode == 1
    assert "was begun with d=8 (got 4); take another --folder" in other.stderr
