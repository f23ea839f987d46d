"""Kills a run at its most delicate moment, for tests/faults.py.

Python imports this module when it starts, where PYTHONPATH has this folder. With KILL=SCRIPT:PART,
the whole process group ends when that script is about to give a file its final name, if the path
ends with PART: what was computed is on the disk, and nothing knows of it yet.
"""

import os
import signal
import sys

SCRIPT, _, PART = os.environ.get("KILL", "").partition(":")


def kill(event, arguments):
    if event != "os.rename" or not sys.argv[0].endswith(SCRIPT):
        return
    if os.path.abspath(os.fsdecode(arguments[1])).endswith(PART):
        os.killpg(0, signal.SIGKILL)


if SCRIPT:
    sys.addaudithook(kill)
