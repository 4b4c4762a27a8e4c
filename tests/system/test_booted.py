"""The units, booted for real: both come up, pair, ring and record, outlive a kill, a hang and a power cut, and are walls."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.booted import NAME, SERVICES, Machine, machine
from tests.system.device_process import running_bytes, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ATTACK = """
import ctypes, json, mmap, os, socket, subprocess, sys

libc = ctypes.CDLL(None, use_errno=True)
def checked(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), "refused")
def read(path):
    with open(path, "rb") as file:
        file.read(1)
def write(path):
    with open(path, "w") as file:
        file.write("x")
def execute():
    with open("/tmp/program", "w") as file:
        file.write("#!/bin/sh\\nexit 0\\n")
    os.chmod("/tmp/program", 0o755)
    subprocess.run(["/tmp/program"], check=True)

tries = {
    "speak to the internet": lambda: socket.create_connection(("203.0.113.1", 9), 2),
    "open a raw socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
    "open a packet socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0),
    "run what it wrote": execute,
    "write beside the system": lambda: write("/usr/bin/doorward-was-here"),
    "write its own configuration": lambda: write("/etc/doorward/doorward.yaml"),
    "write into somebody's home": lambda: write("/home/doorward-was-here"),
    "read root's files": lambda: os.listdir("/root"),
    "read memory": lambda: read("/dev/mem"),
    "read a disk": lambda: read("/dev/sda"),
    "look at other processes": lambda: read("/proc/1/environ"),
    "have a user namespace": lambda: checked(libc.unshare(0x10000000)),
    "mount something": lambda: checked(libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None)),
    "become root": lambda: os.setuid(0),
    "make memory that is written and run": lambda: mmap.mmap(-1, 4096, prot=7),
    "set the clock": lambda: checked(libc.settimeofday(ctypes.byref((ctypes.c_long * 2)(0, 0)), None)),
    "read the server's certificate keys": lambda: read("/etc/doorward/tls/" + os.listdir("/etc/doorward/tls")[0]),
    "see the recordings": lambda: os.listdir("/var/lib/doorward"),
    "speak IP at all": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
}
found = {}
for name, attempt in tries.items():
    try:
        attempt()
    except Exception as error:
        found[name] = type(error).__name__
    else:
        found[name] = "done"
with open("/tmp/attacked", "w") as file:
    json.dump(found, file)
"""
MAY = {
    "doorward-device": {"see the recordings"},
    "doorward-server": {"read the server's certificate keys", "speak IP at all"},
}


@pytest.fixture(scope="module")
def door() -> Iterator[Machine]:
    with machine(ATTACK) as booted:
        booted.boot()
        yield booted


def finished(door: Machine) -> list[Path]:
    return sorted(door.state().glob("spool/2*/*/event"))


def reached(door: Machine) -> list[str | Path]:
    # The machine sees the card where only this test put it: on the owner's side.
    return ["--url", f"https://{NAME}", "--card", "/run/card.txt", "--ca", "/run/authority.crt"]


def rings(door: Machine) -> None:
    before = len(finished(door))
    door.doorward("ring")
    wait_for(lambda: len(finished(door)) > before, f"a ring is recorded; {door.said()}", 120)


def test_both_come_up_pair_over_tls_and_a_ring_becomes_a_sealed_recording(door: Machine) -> None:
    inside = Path(f"/proc/{door.leader}/root/run")
    (inside / "card.txt").write_bytes(door.card.read_bytes())
    (inside / "authority.crt").write_bytes(door.authority.read_bytes())
    door.doorward("join", *reached(door), "--name", "Laptop", "-o", "/run/laptop.key")
    assert "“Laptop”" in door.doorward("readers", "list", *reached(door))
    rings(door)


@pytest.mark.parametrize("service", SERVICES)
def test_each_is_walled_in(door: Machine, service: str) -> None:
    found = door.attacks(service)
    assert {name for name, end in found.items() if end == "done"} == MAY[service], found


def test_their_processes_have_what_the_units_say_and_no_more(door: Machine) -> None:
    for service in SERVICES:
        process = door.main_process(service)
        status = door.does("cat", f"/proc/{process}/status")
        assert "CapEff:\t0000000000000000" in status
        assert "NoNewPrivs:\t1" in status
        assert "Seccomp:\t2" in status


def test_no_page_of_the_device_goes_to_a_disk_or_it_says_why(door: Machine) -> None:
    device = door.does("cat", f"/proc/{door.main_process('doorward-device')}/status")
    locked = next(line for line in device.splitlines() if line.startswith("VmLck:"))
    limits = door.does("cat", "/proc/1/limits")
    if re.search(r"Max locked memory\s+unlimited\s+unlimited", limits):
        assert int(locked.split()[1]) > 0
    else:  # a container on a host that lets nobody lock more: a Pi is none
        assert "memory may be swapped to the disk" in door.does("journalctl", "-b", "-u", "doorward-device")


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_killed_comes_back_and_the_door_rings(door: Machine, service: str) -> None:
    before = door.main_process(service)
    door.signals(service, signal.SIGKILL)
    door.until_restarted(service, before, 60)
    assert "“Laptop”" in door.doorward("readers", "list", *reached(door))
    rings(door)


@pytest.mark.parametrize("service", SERVICES)
def test_what_hangs_is_started_anew(door: Machine, service: str) -> None:
    before = door.main_process(service)
    door.signals(service, signal.SIGSTOP)
    door.until_restarted(service, before, 120)
    assert "“Laptop”" in door.doorward("readers", "list", *reached(door))


def test_a_power_cut_in_the_middle_of_a_recording_costs_its_end_alone(door: Machine) -> None:
    before = len(finished(door))
    door.doorward("ring")
    wait_for(lambda: running_bytes(door.state()), "a recording runs")
    door.cut_the_power()
    door.boot()
    wait_for(lambda: len(finished(door)) > before, f"what was recorded is kept; {door.said()}", 120)
    rings(door)
