"""Several processes of torchrun, here on the CPU by gloo, train as one."""

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
    assert (one.pop("stop").item(), two.pop("stop").item()) == (
        False,
        True,
    )  # one asks for it, all stop
    for name, value in one.items():
        torch.testing.assert_close(
            two[name], value, rtol=1e-9, atol=1e-12
        )  # float64, in another order
