"""``doorward demo`` as its user runs it: two processes that come and go together, and nothing left of them."""

import contextlib
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from provisioning.card.card import read_card_file
from provisioning.card.certs import fingerprint
from provisioning.demo.names import lan_address
from provisioning.house.house import House
from tests.system.device_process import PATIENCE_S, ROOT, THREE_CHUNKS, free_port, running_bytes, wait_for
from tests.system.reading import verdict_of


class Demo:
    """One ``doorward demo`` with a temporary directory of its own, by which its processes are known."""

    def __init__(self, tmp_path: Path, *arguments: str, port: int | None = None) -> None:
        self.temp = tmp_path / "temp"
        self.temp.mkdir(exist_ok=True)
        self.port = free_port() if port is None else port
        self.words = tmp_path / "words"
        command = [sys.executable, "-c", "from provisioning.cli import main; main()", "demo"]
        with self.words.open("wb") as words:
            self.process = subprocess.Popen(
                [*command, "--camera", "scene", "--port", str(self.port), *arguments],
                cwd=ROOT,
                env={**os.environ, "TMPDIR": str(self.temp), "COLUMNS": "110"},
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.words.read_text()

    def until(self, what: str) -> None:
        """Wait until it says something."""
        wait_for(lambda: what in self.said() or self.process.poll() is not None, f"{what!r}:\n{self.said()}")
        assert what in self.said()

    def running(self) -> dict[int, str]:
        """Return every process that was started by it, with its command line."""
        mark = f"TMPDIR={self.temp}\0".encode()
        found = {}
        for home in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # gone in between, or another user's
                if mark in (home / "environ").read_bytes() + b"\0":
                    found[int(home.name)] = (home / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return found

    def child(self, module: str) -> int:
        return next(pid for pid, command in self.running().items() if f" -m {module} " in command)

    def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code; nothing may be left, neither running nor on the disk."""
        self.process.send_signal(number)
        return self.exit_code()

    def exit_code(self) -> int:
        code = self.process.wait(PATIENCE_S)
        assert self.running() == {}
        assert list(self.temp.iterdir()) == []
        return code


@contextmanager
def listening(host: str) -> Iterator[int]:
    """Yield a port that another program listens on: of one address, or, for the unspecified ones, of all."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family, dualstack_ipv6=host == "::") as taken:
        yield taken.getsockname()[1]


@contextmanager
def demo(tmp_path: Path, *arguments: str, port: int | None = None) -> Iterator[Demo]:
    """Yield a demo; afterwards nothing of it runs."""
    started = Demo(tmp_path, *arguments, port=port)
    try:
        yield started
    finally:
        for pid in started.running():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        started.process.wait(PATIENCE_S)


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::1", r"[::1]"),
        ("::", "127.0.0.1"),
    ],
)
def test_a_port_that_another_program_has_on_any_loopback_is_told_and_no_link_is_given(
    tmp_path: Path, host: str, told: str
) -> None:
    """To ``localhost`` a browser asks both; the card's code must not come to whoever answers on one of them."""
    with listening(host) as port, demo(tmp_path, port=port) as refused:
        assert refused.exit_code() == 1
        assert refused.said().splitlines() == [
            f"error: port {port} is in use: another program, or another door, listens on {told}:{port}",
            "hint: choose another one with --port",
        ]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::"])
def test_on_the_network_every_address_of_the_port_has_to_be_free(tmp_path: Path, host: str) -> None:
    with listening(host) as port, demo(tmp_path, "--lan", "--name", "door.local", port=port) as refused:
        assert refused.exit_code() == 1
        assert f"error: port {port} is in use" in refused.said()
        assert "#card=" not in refused.said()


def test_of_two_that_start_at_once_on_one_port_one_gives_its_link_and_the_other_none(tmp_path: Path) -> None:
    homes = [tmp_path / "one", tmp_path / "other"]
    for home in homes:
        home.mkdir()
    port = free_port()
    with demo(homes[0], port=port) as one, demo(homes[1], port=port) as other:
        both = (one, other)
        wait_for(lambda: any(each.process.poll() is not None for each in both), "one of them gives up")
        refused, door = sorted(both, key=lambda each: each.process.poll() is None)
        assert refused.exit_code() == 1
        assert "#card=" not in refused.said()
        door.until("Ctrl-C stops it")
        assert door.end(signal.SIGINT) == 0


def test_nobody_else_can_listen_where_a_demo_is_answered(tmp_path: Path) -> None:
    with demo(tmp_path) as door:
        door.until("Ctrl-C stops it")
        for family, host in (
            (socket.AF_INET, "127.0.0.1"),
            (socket.AF_INET6, "::1"),
            (socket.AF_INET6, "::"),
        ):
            with pytest.raises(OSError, match="in use"):
                socket.create_server((host, door.port), family=family)
        for host in ("127.0.0.1", "[::1]"):
            with urllib.request.urlopen(f"http://{host}:{door.port}/", timeout=PATIENCE_S) as page:
                assert page.status == 200
        assert door.end(signal.SIGINT) == 0


def test_on_the_network_it_tells_name_address_and_how_to_trust_it(tmp_path: Path) -> None:
    address = lan_address()
    with demo(tmp_path, "--lan", "--name", "Front-Door.local") as door:
        door.until("Ctrl-C stops it")
        said = door.said()
        [certificate] = door.temp.glob("*/state-card/authority.crt")
        assert f"The file {certificate}" in " ".join(said.split())
        print_of = fingerprint(certificate.read_bytes())
        assert print_of in "".join(said.split())
        for system in ("iPhone, iPad", "Android", "Windows", "macOS", "Linux"):
            assert re.search(f"^{system}", said, re.MULTILINE)
        code = re.findall("#card=[0-9A-Z]+", said)
        assert f"\nhttps://front-door.local:{door.port}/{code[0]}\n" in said
        assert len(set(code)) == 1
        for host in [address, "[::1]"] if address else ["[::1]"]:
            url = f"https://{host}:{door.port}/"
            context = ssl._create_unverified_context()  # noqa: S323 - what a phone's owner does who clicks through
            with urllib.request.urlopen(url, timeout=PATIENCE_S, context=context) as page:
                assert page.status == 200
        if address:
            assert f"\nhttps://{address}:{door.port}/{code[0]}\n" in said
        assert door.end(signal.SIGINT) == 0


def test_a_name_without_the_network_is_a_wrong_argument(tmp_path: Path) -> None:
    with demo(tmp_path, "--name", "door.local") as refused:
        assert refused.exit_code() == 2
        assert "--name goes with --lan" in refused.said()


def test_a_camera_that_is_not_there_is_told_by_the_device_and_nothing_goes_on(tmp_path: Path) -> None:
    with demo(tmp_path, "--camera", "usb:63") as refused:
        assert refused.exit_code() == 1
        assert "error: no camera: /dev/video63 is not there" in refused.said()
        assert "error: the device process did not start" in refused.said()
        assert "Traceback" not in refused.said()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_both_processes_go_with_the_demo_and_leave_nothing(tmp_path: Path, number: signal.Signals) -> None:
    with demo(tmp_path) as door:
        door.until("Ctrl-C stops it")
        with urllib.request.urlopen(f"http://localhost:{door.port}/", timeout=PATIENCE_S) as page:
            assert page.status == 200
        assert len(door.running()) == 3
        assert door.end(number) == 0
        assert "error" not in door.said()


@pytest.mark.parametrize("module", ["server", "device"])
def test_a_process_that_dies_ends_the_demo_which_says_so(tmp_path: Path, module: str) -> None:
    with demo(tmp_path) as door:
        door.until("Ctrl-C stops it")
        os.kill(door.child(module), signal.SIGKILL)
        assert door.exit_code() == 1
        assert f"error: the {module} process ended by itself" in door.said()


def test_a_check_that_is_ended_leaves_nothing(tmp_path: Path) -> None:
    with demo(tmp_path, "--check") as door:
        door.until("A door is running")
        assert door.end(signal.SIGTERM) == 1
        assert "Traceback" not in door.said()


@pytest.mark.slow
def test_a_named_state_is_the_same_door_with_its_clips_at_the_next_run(tmp_path: Path) -> None:
    state = tmp_path / "home" / "state"
    links = []
    with demo(tmp_path, "--state", str(state)) as door:
        wait_for(lambda: running_bytes(state) >= THREE_CHUNKS, "a clip that is running")
        links += re.findall("#card=[0-9A-Z]+", door.said())
        assert door.end(signal.SIGINT) == 0
        assert "clip 1 is sealed" in door.said()
    with demo(tmp_path, "--state", str(state)) as door:
        door.until("Ctrl-C stops it")
        links += re.findall("#card=[0-9A-Z]+", door.said())
        assert door.end(signal.SIGINT) == 0
        assert "clip 1 " not in door.said(), "what was told is not told again"
        assert f"its past is told by doorward verify {state} -i {state}-card/card.txt" in door.said()
    assert len(set(links)) == 1
    assert len(links) == 2
    card, _ = read_card_file(state.with_name("state-card") / "card.txt")
    house = House(state, [card.open])
    assert house.troubles == []
    assert verdict_of(house, 1) == "genuine"
