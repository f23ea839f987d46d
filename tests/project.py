"""A copy of the project for tests that run its workflow."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PARTS = ("Snakefile", "config.yaml", "workflow", "profiles", "envs", "src")


def copy(folder, *more):
    """Copy what the workflow needs, and more, to a folder, which is returned."""
    for name in (*PARTS, *more):
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    return folder


def snakemake(folder, configfile, *arguments, **settings):
    """Run Snakemake there, with this interpreter."""
    command = [sys.executable, "-m", "snakemake", "--configfile", configfile, "--cores", "2"]
    return subprocess.run(
        [*command, *arguments], cwd=folder, capture_output=True, text=True, **settings
    )
