"""Device and server on a wire of their own, from the start to a second ring: what they send is for the LAN, or is not sent."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from provisioning.cli import run
from tests.system.device_process import PATIENCE_S, ROOT, answers, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

DOOR, ROUTER, ELSEWHERE = "192.168.77.2", "192.168.77.1", "203.0.113.1"
URL = "https://door.local:8443"
LAN = [ip_network(net) for net in ("192.168.77.0/24", "224.0.0.0/24", "fe80::/10", "ff02::/16")]
CAPTURE = """
import ipaddress, socket
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
wire.bind(("wire", 0))
print("listening", flush=True)
while True:
    packet, address = wire.recvfrom(65535)
    kind = packet[12:14].hex()
    to = packet[30:34] if kind == "0800" else packet[38:54] if kind == "86dd" else b""
    if address[2] != socket.PACKET_OUTGOING:  # what the door sent
        print(kind, ipaddress.ip_address(to) if to else "-", flush=True)
"""
SEND = f"import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('{ELSEWHERE}', 53))"
DOORWARD = "from provisioning.cli import main; main()"


@contextmanager
def process(command: list[str], voice: Path) -> Iterator[subprocess.Popen[bytes]]:
    with voice.open("wb") as file:
        started = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
    try:
        yield started
    finally:
        with contextlib.suppress(ProcessLookupError):
            started.send_signal(signal.SIGKILL)
        started.wait(PATIENCE_S)


class Wire:
    """Two network namespaces, the door's and a router's that goes nowhere, with one wire between them."""

    def __init__(self, place: Path, stack: ExitStack) -> None:
        self.place = place
        self.stack = stack
        self.door = self._namespace("door")
        self.router = self._namespace("router")
        for where, commands in (
            (self.router, ["link add wire type veth peer name lan", f"link set lan netns {self.door}"]),
            (self.router, ["link set lo up", f"addr add {ROUTER}/24 dev wire", "link set wire up"]),
            (self.door, ["link set lo up", f"addr add {DOOR}/24 dev lan", "link set lan up"]),
            (self.door, [f"route add default via {ROUTER}"]),
        ):
            for command in commands:
                self.does(where, "ip", *command.split())

    def _namespace(self, name: str) -> int:
        held = self.stack.enter_context(
            process(["unshare", "--net", "sleep", "infinity"], self.place / f"{name}.said")
        )
        own = Path("/proc/self/ns/net").readlink()

        def is_there() -> bool:
            return held.poll() is not None or Path(f"/proc/{held.pid}/ns/net").readlink() != own

        wait_for(is_there, f"the {name}'s namespace")
        if held.poll() is not None:
            pytest.skip(f"no network namespace here: {(self.place / f'{name}.said').read_text().strip()}")
        return held.pid

    def inside(self, where: int, *command: str) -> list[str]:
        return ["nsenter", f"--target={where}", "--net", "--", *command]

    def does(self, where: int, *command: str) -> str:
        done = subprocess.run(
            self.inside(where, *command), cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

    def runs(self, where: int, name: str, *command: str) -> subprocess.Popen[bytes]:
        return self.stack.enter_context(process(self.inside(where, *command), self.place / f"{name}.said"))

    def said(self, name: str) -> str:
        return (self.place / f"{name}.said").read_text()

    def looks(self, *command: str) -> str:
        """Return what the owner's command says on the other end of the wire, where door.local has an address."""
        hosts = self.place / "hosts"
        hosts.write_text(f"127.0.0.1 localhost\n{DOOR} door.local\n")
        named = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', str(hosts)]
        return self.does(self.router, *named, sys.executable, "-c", DOORWARD, *command)


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    if os.getuid() != 0:
        pytest.skip("only root makes network namespaces")
    for program in ("unshare", "nsenter", "ip"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    with ExitStack() as stack:
        yield Wire(tmp_path, stack)


def sockets_of(pid: int) -> set[str]:
    """Return the inodes of a process's sockets."""
    found = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            if match := re.fullmatch(r"socket:\[(\d+)\]", str(descriptor.readlink())):
                found.add(match[1])
    return found


def test_nothing_leaves_the_lan_while_a_door_starts_pairs_rings_and_records(
    wire: Wire, tmp_path: Path
) -> None:
    state, link = tmp_path / "state", tmp_path / "link"
    made = [
        "card",
        "--name",
        "Front door",
        "--state",
        str(state),
        "--url",
        URL,
        "--tls",
        str(tmp_path / "tls"),
    ]
    assert run([*made, "-o", str(tmp_path / "card.pdf"), "--file", str(tmp_path / "card.txt")]) == 0
    wire.runs(wire.router, "capture", sys.executable, "-c", CAPTURE)
    wait_for(lambda: "listening" in wire.said("capture"), "the capture")

    python = [sys.executable, "-m"]
    device = wire.runs(wire.door, "device", *python, "device", "--state", str(state), "--socket", str(link))
    wait_for(lambda: answers(link), "the device listens")
    listens = ["--listen", f"{DOOR}:8443", "--tls", str(tmp_path / "tls"), "--name", "door.local"]
    wire.runs(wire.door, "server", *python, "server", "--link", str(link), *listens)
    wait_for(lambda: "listening" in wire.said("server"), "the server listens")

    reached = [
        "--url",
        URL,
        "--card",
        str(tmp_path / "card.txt"),
        "--ca",
        str(tmp_path / "card.authority.crt"),
    ]
    wire.looks("join", *reached, "--name", "Laptop", "-o", str(tmp_path / "laptop.key"))
    for rings in (1, 2):
        wire.does(wire.door, sys.executable, "-c", DOORWARD, "ring", "--socket", str(link))
        wait_for(lambda wanted=rings: len(list(state.glob("spool/2*/*/event"))) >= wanted, "a recording", 120)
        assert "“Laptop”" in wire.looks("readers", "list", *reached)

    unix = {line.split()[6] for line in Path(f"/proc/{device.pid}/net/unix").read_text().splitlines()[1:]}
    own = sockets_of(device.pid)
    assert own
    assert own <= unix, "the device has a socket that is not AF_UNIX"

    # The last packet is ours, and leaves: a capture that saw it would have seen another.
    wire.does(wire.door, sys.executable, "-c", SEND)
    wait_for(lambda: f"0800 {ELSEWHERE}\n" in wire.said("capture"), "the packet that leaves")
    seen = [line.split()[1] for line in wire.said("capture").splitlines()[1:]]
    addresses = [ip_address(to) for to in seen if to != "-"]
    assert seen.count(ROUTER) > 10, "nothing was seen of the pairing"
    assert [str(to) for to in addresses if not any(to in net for net in LAN)] == [ELSEWHERE]
