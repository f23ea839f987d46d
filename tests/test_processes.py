"""Several processes of torchrun train as one process; here on the CPU, with gloo."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

TORCHRUN = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]


@pytest.mark.parametrize("normalisation", ["batch", "none"])
def test_two_processes_have_the_gradients_of_the_joint_batch(tmp_path, normalisation):
    script = Path(__file__).with_name("two_processes.py")
    found = []
    for launcher, name in (([], "one.pt"), (TORCHRUN, "two.pt")):
        command = [sys.executable, *launcher, script, tmp_path / name, normalisation]
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        found.append(torch.load(tmp_path / name))
    one, two = found
    assert one.keys() == two.keys()
    stops = (one.pop("stop").item(), two.pop("stop").item())
    assert stops == (False, True)  # the second process asks for it, and both stop
    for name, value in one.items():
        # float64, in another order
        torch.testing.assert_close(two[name], value, rtol=1e-9, atol=1e-12)
