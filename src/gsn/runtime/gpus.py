"""Which GPU a process uses where the jobs of one machine share several.

A process holds its GPU by a lock on the device file. The lock ends with the process, however that
ends, and leaves no file.
"""

import fcntl
import functools
import os

DEVICE = "/dev/nvidia{}"
_held: list[int] = []  # open files, of which a lock lasts until the process ends


def hold(i: int) -> bool:
    """Hold GPU i until the process ends.

    Args:
        i: Number of the GPU, among those that are visible to the process.

    Returns:
        Whether no other process of gsn holds it. Where the device has no file, or one that cannot
        be locked, nobody is known to hold it.
    """
    visible = [name for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
    try:
        handle = os.open(DEVICE.format(visible[i] if visible else i), os.O_RDONLY)
    except OSError:
        return True
    _held.append(handle)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


@functools.cache
def first_free(n: int) -> int:
    """Return the first of n GPUs that no other process of gsn holds, and hold it.

    If all are held, it is the first one.
    """
    return next((i for i in range(n) if hold(i)), 0)
