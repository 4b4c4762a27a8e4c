"""``doorward demo``: the main job on this computer, the way the Pi would do it.

Two processes joined by the unix socket only, a card made for the occasion, the page on loopback (or on the LAN over TLS).
The demo holds the card, so it can tell what happens at the door: it reads the ledger with the Open half, as the
household would.
"""

import asyncio
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av

from device.camera.protocol import VideoFormat
from device.config import Camera, Link, check
from device.durable import write_file
from device.state import AUTHORITY
from provisioning.birth import birth, write_state
from provisioning.card import Card, read_card_file, write_card_file
from provisioning.certs import fingerprint, issue
from provisioning.check import check_door
from provisioning.check_report import Figures, report
from provisioning.happenings import Happenings
from provisioning.places import private_directory
from provisioning.printer import qr_code, say
from provisioning.processes import Processes

DOOR: Final = "Demo door"
POLL_S: Final = 0.5
REPLAY_TAIL_S: Final = 3.0
CARD_FILE: Final = "card.txt"
_STOPPING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a service manager, a terminal window that is closed: both processes are stopped in order, whichever it is."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says.

    Attributes:
        camera: scene, usb, usb:N or replay:FILE.
        lan: serve phones over TLS.
        state: kept between runs; None for one that is gone at the end.
        port: TCP port.
    """

    camera: str
    lan: bool
    state: Path | None
    port: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A door that is running.

    Attributes:
        url: where the page is.
        card: both halves; their file lies beside the state directory, never in it.
        born_sha256: which door.
        state: the state directory.
        processes: device and server.
        authority: the house CA's certificate, which phones may be told to trust; None on loopback.
    """

    url: str
    card: Card
    born_sha256: bytes
    state: Path
    processes: Processes
    authority: Path | None


def run(options: Options) -> None:
    """Run the demo until Ctrl-C.

    Raises:
        ProvisioningError: something cannot be used; nothing is left running.
        DeviceError: the same, from a part that the device has too.
    """
    stopping = threading.Event()
    for number in _STOPPING:
        signal.signal(number, lambda *_: stopping.set())
    with staged(options) as stage:
        link = stage.card.link(stage.url, stage.born_sha256)
        say(f"The door is at {stage.url}. Open this link once to see what it sees:")
        say("")
        qr_code(link)
        say("")
        say(link, style="bold")
        say("")
        if stage.authority is not None:
            say(f"Phones warn until they trust this door's own authority: {stage.authority}, fingerprint")
            say(fingerprint(stage.authority.read_bytes()))
            say("")
        say("Ctrl-C stops it. What happens at the door:")
        say("")
        happenings = Happenings(stage.state, stage.card.open)
        while not stopping.is_set():
            stage.processes.check()
            _tell(happenings)
            stopping.wait(POLL_S)
        say("")
        say("Stopping. A running clip is finished and sealed first.")
        stage.processes.stop()
        _tell(happenings)


def run_check(options: Options, *, err: bool) -> Figures:
    """Run the main job once without a person and return its figures.

    Args:
        options: what the command line says.
        err: tell how it goes on standard error.

    Raises:
        CheckFailed: something that doorward promises did not hold.
        ProvisioningError: something cannot be used; nothing is left running.
        DeviceError: the same, or a signature, the ledger or a clip did not hold.
    """
    for number in _STOPPING:
        signal.signal(number, signal.default_int_handler)
    video = VideoFormat(Camera().width_px, Camera().height_px, Camera().fps)
    with staged(options) as stage:
        began_s = time.monotonic()
        say(f"A door is running at {stage.url}; waiting for what happens there.", err=err)
        is_done = _until_replayed(options.camera) if options.camera.startswith("replay:") else _first_clip
        clips = asyncio.run(
            check_door(stage.url, stage.card, stage.born_sha256, options.camera, video, is_done)
        )
        peaks = {name: stage.processes.peak_mb(name) for name in ("device", "server")}
        figures = Figures(clips, peaks, time.monotonic() - began_s)
    report(figures, options.camera, err=err)
    return figures


@contextmanager
def staged(options: Options) -> Iterator[Stage]:
    """Yield a running door; afterwards nothing runs, and nothing is left but a state directory that was named.

    Raises:
        ProvisioningError, DeviceError: something cannot be used.
    """
    check({"camera": {"source": options.camera}}, "--camera")
    with tempfile.TemporaryDirectory(prefix="doorward-", ignore_cleanup_errors=True) as scratch:
        state = options.state or Path(scratch) / "state"
        home = state.parent / f"{state.name}-card"
        card, born_sha256 = _card_of(state, home)
        socket_path = Path(scratch) / Link().socket.rpartition("/")[2]
        name = f"{socket.gethostname().partition('.')[0].lower()}.local" if options.lan else "localhost"
        server_arguments = ["--quiet", "--name", name]
        authority = None
        if options.lan:
            authority = _authority_of(home, name)
            server_arguments += ["--tls", str(authority.parent)]
            write_file(state / AUTHORITY, authority.read_bytes())
        processes = Processes(
            state,
            socket_path,
            f"{'0.0.0.0' if options.lan else '127.0.0.1'}:{options.port}",  # noqa: S104 - --lan asks for it
            ["--quiet", "--camera", options.camera],
            server_arguments,
        )
        processes.start()
        try:
            url = f"{'https' if options.lan else 'http'}://{name}:{options.port}"
            yield Stage(url, card, born_sha256, state, processes, authority)
        finally:
            processes.stop()


def _card_of(state: Path, home: Path) -> tuple[Card, bytes]:
    """Return the card of the door in ``state``, which is born now if there is none; ``home`` keeps it."""
    private_directory(home)
    if (home / CARD_FILE).exists():
        return read_card_file(home / CARD_FILE)
    new = birth(DOOR)
    write_state(new, state)
    write_card_file(home / CARD_FILE, new.card, new.born_sha256)
    return new.card, new.born_sha256


def _authority_of(home: Path, name: str) -> Path:
    """Return the house CA's certificate; it and ten years of leaves are made once."""
    directory = home / f"tls-{name}"
    if not directory.exists():
        issue(directory, name)
    return directory / "ca.pem"


def _tell(happenings: Happenings) -> None:
    for sentence in happenings.news():
        say(f"  {sentence}")


def _first_clip(_: float, sealed: int) -> bool:
    return sealed >= 1


def _until_replayed(source: str) -> Callable[[float, int], bool]:
    """Return when a replayed file has been seen to its end, and its last clip had time to be sealed."""
    with av.open(source.removeprefix("replay:")) as container:
        length_s = (container.duration or 0) / av.time_base
    return lambda elapsed_s, _: elapsed_s > length_s + REPLAY_TAIL_S
