"""The commands of docs/growth.md."""

import subprocess
import sys

import pytest

from gsn.runtime import files
from project import ROOT

STAGES = 9


def said(program, *arguments):
    command = [sys.executable, ROOT / "benchmarks" / program, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_plan_on_the_page_is_that_of_the_command():
    plan = said("plan.py")
    assert plan.strip() in (ROOT / "docs/growth.md").read_text()


def test_hours_are_linear_in_the_images_and_shards_are_shared_by_nodes(tmp_path):
    rows = [["scatter_images", 1024, 10, "100", 1], ["fit_pca", 1024, 1, "1000", 1]]
    rows += [["train_generator", 1024, 10, "100", 1]]
    header = ["stage", "n", "seconds", "images_per_second", "peak_mb"]
    files.write_csv(tmp_path / "rates.csv", header, rows)
    plan = said("plan.py", "--rates", tmp_path / "rates.csv", "--nodes", 4, "--price", 2)
    hours = {
        line.split("`")[1]: line.split("|")[-2].strip() for line in plan.splitlines() if "`" in line
    }
    n = 3_033_042
    assert float(hours["scatter_images"]) == pytest.approx(n / 100 / 3600 / 4, rel=0.01)
    assert float(hours["fit_pca"]) == pytest.approx(n / 1000 / 3600, rel=0.01)
    epochs = float(hours["train_generator"]) / (n / 100 / 3600)
    assert epochs == pytest.approx(round(epochs), rel=0.01)
    assert hours["store_images"] == "not yet measured"


@pytest.mark.slow
def test_growth_measures_every_stage(tmp_path):
    sizes = ("--N", 16, "--J", 2, "--d", 8, "--width", 2, "--n", 64, 128)
    shown = said("growth.py", *sizes, "--output", tmp_path / "growth.csv")
    rows = files.read_csv(tmp_path / "growth.csv")
    assert [row["n"] for row in rows] == ["64"] * STAGES + ["128"] * STAGES
    assert all(100 < float(row["peak_mb"]) < 4000 for row in rows)
    assert all(float(row["seconds"]) > 0 for row in rows)
    assert shown.splitlines()[-1].startswith("evaluate_generator")
