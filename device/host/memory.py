"""No plaintext on a disk by way of memory: pages are locked as they are touched, and nothing is dumped.

Raspberry Pi OS swaps to the card, and limits of a unit do not hold where the memory cgroup is off: only the process itself can
keep its pages in memory. ``MCL_ONFAULT`` locks what is used, and costs nothing for what is merely reserved.

Source: mlock2(2), getrlimit(2), capabilities(7).
"""

import contextlib
import ctypes
import os
import resource
from pathlib import Path
from typing import Final

_MCL_CURRENT: Final = 1
_MCL_FUTURE: Final = 2
_MCL_ONFAULT: Final = 4
_CAP_IPC_LOCK: Final = 14


def keep_in_memory() -> str:
    """Lock every page of this process, now and later, and forbid core dumps; return "", or why pages are not locked."""
    with contextlib.suppress(OSError, ValueError):  # a unit that forbids it has set it
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The limit counts what is reserved: locked below it, a later allocation would fail, and recording with it.
    if resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] != resource.RLIM_INFINITY and not _may_lock():
        return "memory may be swapped to the disk: LimitMEMLOCK is not infinity"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mlockall(_MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT) != 0:
        return f"memory may be swapped to the disk: {os.strerror(ctypes.get_errno())}"
    return ""


def _may_lock() -> bool:
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    effective = next((line.split()[1] for line in status.splitlines() if line.startswith("CapEff:")), "0")
    return bool(int(effective, 16) >> _CAP_IPC_LOCK & 1)
