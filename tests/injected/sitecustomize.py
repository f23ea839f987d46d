"""Kills a run at its most delicate moment, for tests/faults.py.

Python imports this module when it starts, where PYTHONPATH has this folder. With KILL=SCRIPT:PART,
the whole process group ends when that script is about to give a file its final name, if the name
has PART in it: what was computed is on the disk, and nothing knows of it yet.
"""

import os
import signal
import sys

SCRIPT, _, PART = os.environ.get("KILL", "").partition(":")


def kill(event, arguments):
    if event != "os.rename" or not sys.argv[0].endswith(SCRIPT):
        return
    if PART in os.path.abspath(os.fsdecode(arguments[1])):
        os.killpg(0, signal.SIGKILL)


if SCRIPT:
    sys.addaudithook(kill)
