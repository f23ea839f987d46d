"""A Slurm of one node for the tests: munged, slurmctld and slurmd on the loopback.

They write to one folder alone, and run as the user who runs the tests. They are started in the
foreground, so that each is stopped by the number of its process.
"""

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

PATH = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])
DAEMONS = ("munged", "slurmctld", "slurmd")
COMMANDS = ("sbatch", "srun", "squeue", "scancel", "scontrol", "sinfo")
PATIENCE = 30  # seconds in which the node must be idle


def missing() -> list[str]:
    """Return the programs of Slurm and munge that this machine lacks."""
    return [name for name in (*DAEMONS, *COMMANDS) if shutil.which(name, path=PATH) is None]


@contextlib.contextmanager
def running(folder: Path) -> Iterator[dict[str, str]]:
    """Start the three daemons, and yield the environment in which Slurm's commands reach them."""
    configure(folder)
    with contextlib.ExitStack() as stack:
        munge, key = folder / "munge", folder / "munge/key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        stack.enter_context(
            daemon(
                folder,
                "munged",
                "--foreground",
                "--force",  # the folder of a test is nobody else's to see
                f"--key-file={key}",
                f"--socket={munge}/socket",
                f"--pid-file={munge}/pid",
                f"--log-file={munge}/log",
                f"--seed-file={munge}/seed",
            )
        )
        wait_for((munge / "socket").exists, folder)
        configuration = ("-D", "-f", str(folder / "slurm.conf"))
        stack.enter_context(daemon(folder, "slurmctld", *configuration, "-i"))
        stack.enter_context(daemon(folder, "slurmd", *configuration, "-N", host()))
        environment = os.environ | {"PATH": f"{folder}/bin{os.pathsep}{PATH}"}
        wait_for(lambda: "idle" in said(environment, "sinfo", "-h", "-o", "%T"), folder)
        try:
            yield environment
        finally:
            said(environment, "scancel", "--user", getpass.getuser())


def configure(folder: Path) -> None:
    """Write the files of the configuration, and Slurm's commands with the way to it."""
    for name in ("munge", "controller", "daemon", "bin"):
        (folder / name).mkdir()
    folder.chmod(0o755)
    ports = dict(zip(("controller", "daemon"), free_ports(2), strict=True))
    known = {"folder": folder, "host": host(), "user": getpass.getuser()}
    template = Path(__file__).with_name("slurm.conf").read_text()
    (folder / "slurm.conf").write_text(template.format(**known, **ports))
    # Slurm 22 has no way to name no plugin. With the others of slurm.conf this one does nothing.
    version = "v2" if Path("/sys/fs/cgroup/cgroup.controllers").exists() else "v1"
    (folder / "cgroup.conf").write_text(f"CgroupPlugin=cgroup/{version}\n")
    # A GPU needs a device file, or the node is drained.
    (folder / "gres.conf").write_text(
        "".join(f"Name=gpu Type=fake File=/dev/{file}\n" for file in ("null", "zero"))
    )
    # In a job step, Snakemake removes Slurm's variables, and with them the way to the file.
    for name in COMMANDS:
        command = folder / "bin" / name
        program = shutil.which(name, path=PATH)
        command.write_text(f'#!/bin/sh\nSLURM_CONF="{folder}/slurm.conf" exec "{program}" "$@"\n')
        command.chmod(0o755)


@contextlib.contextmanager
def daemon(folder: Path, name: str, *arguments: str) -> Iterator[None]:
    """Run a daemon while the block runs."""
    program = shutil.which(name, path=PATH)
    with open(folder / f"{name}.log", "w") as log:
        process = subprocess.Popen(
            [program, *arguments], stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def said(environment: dict[str, str], *command: str) -> str:
    """Return what a command of Slurm prints."""
    return subprocess.run(command, env=environment, capture_output=True, text=True).stdout


def wait_for(condition, folder: Path) -> None:
    """Wait until a condition holds; raise an error with the logs of the daemons if it does not."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            logs = [f"{path}:\n{path.read_text()}" for path in sorted(folder.rglob("*log"))]
            raise TimeoutError("Slurm must start: it did not.\n" + "\n".join(logs))
        time.sleep(0.2)


def host() -> str:
    return socket.gethostname().split(".")[0]


def free_ports(n: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(n)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
