"""Plaintext never reaches swap: the device's pages are locked, although the kernel is asked, and made, to write them out."""

import contextlib
import ctypes
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.device_process import device, wait_for

MADV_PAGEOUT = 21
PROCESS_MADVISE = 440
PIDFD_OPEN = 434
SECRET = b"a sentence of a face at the door, kept in memory alone "

libc = ctypes.CDLL(None, use_errno=True)


def status(pid: int, name: str) -> int:
    """Return a line of a process's status in kB."""
    found = re.search(rf"^{name}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


@pytest.fixture
def swap(tmp_path: Path) -> Iterator[Path]:
    """A swap file of our own, in use."""
    if os.getuid() != 0 or shutil.which("swapon") is None:
        pytest.skip("only root may swap to a file")
    file = tmp_path / "swap"
    file.touch(0o600)
    with file.open(
        "wb"
    ) as empty:  # written, not merely reserved: what the kernel swaps can be read back by the file then
        for _ in range(128):
            empty.write(bytes(1 << 20))
        os.fsync(empty.fileno())
    subprocess.run(["mkswap", file], check=True, capture_output=True)
    took = subprocess.run(["swapon", "-p", "100", file], capture_output=True, text=True, check=False)
    if took.returncode != 0:
        pytest.skip(f"this machine lets nobody swap to a file: {took.stderr.strip()}")
    yield file
    subprocess.run(["swapoff", file], check=True)


class Range(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def page_out(pid: int) -> None:
    """Have the kernel write out whatever of a process it may."""
    process = libc.syscall(PIDFD_OPEN, pid, 0)
    assert process >= 0, os.strerror(ctypes.get_errno())
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        begin, end = (int(each, 16) for each in line.split()[0].split("-"))
        part = Range(begin, end - begin)
        libc.syscall(PROCESS_MADVISE, process, ctypes.byref(part), 1, MADV_PAGEOUT, 0)
    os.close(process)


def in_swap(file: Path) -> bool:
    with file.open("rb") as swapped:
        # The kernel swaps past the file's own cache.
        os.posix_fadvise(swapped.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return SECRET in swapped.read()


@contextlib.contextmanager
def holder(lock: str) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the secret, many times over, and nothing else."""
    program = (
        f"{lock}\n"
        f"kept = bytearray({SECRET!r}[:27] + {SECRET!r}[27:]) * 200_000\n"
        "print('held', flush=True)\n"
        "input()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.communicate("\n")


def test_what_is_locked_is_not_written_to_a_real_swap_file_and_what_is_not_is(swap: Path) -> None:
    lock = "from device.host.memory import keep_in_memory; assert keep_in_memory() == ''"
    with holder(lock) as kept:
        page_out(kept.pid)
        assert status(kept.pid, "VmSwap") == 0
        assert not in_swap(swap)
    with holder("pass") as loose:
        page_out(loose.pid)
        if status(loose.pid, "VmSwap") == 0:
            pytest.skip("this kernel writes nobody out who asks for it, so nothing is shown here")
        wait_for(lambda: in_swap(swap), "the secret of who does not lock is in the file")


@pytest.mark.slow
def test_a_device_that_records_has_every_page_locked_and_dumps_no_core(tmp_path: Path, swap: Path) -> None:
    from tests.support.household import Household

    household = Household(tmp_path / "state")
    with device(household.state, "--camera", "scene") as door:
        door.until_recording(1)
        page_out(door.process.pid)
        assert status(door.process.pid, "VmSwap") == 0
        assert status(door.process.pid, "VmLck") > status(door.process.pid, "VmRSS")
        limits = Path(f"/proc/{door.process.pid}/limits").read_text()
        assert re.search(r"Max core file size\s+0\s+0", limits)


def test_where_too_little_may_be_locked_nothing_is_and_it_says_so() -> None:
    """Locked below the limit, a later allocation would fail, and recording with it."""
    program = (
        "import resource, device.host.memory as memory\n"
        "resource.setrlimit(resource.RLIMIT_MEMLOCK, (1 << 16, 1 << 16))\n"
        "memory._may_lock = lambda: False\n"
        "print(memory.keep_in_memory())\n"
        "kept = bytearray(64 << 20)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "memory may be swapped to the disk: LimitMEMLOCK is not infinity\n"
