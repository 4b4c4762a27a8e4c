"""``doorward demo``: the main job on this computer, the way the Pi would do it.

Two processes joined by the unix socket only, a card made for the occasion, the page on loopback (or on the LAN over TLS).
The demo holds the card, so it can tell what happens at the door: it reads the ledger with the Open half, as the
household would.
"""

import asyncio
import shlex
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av

from device.camera.protocol import VideoFormat
from device.config import Camera, Link, check
from device.disk.durable import write_file
from device.disk.state import AUTHORITY
from provisioning.card.birth import birth, write_state
from provisioning.card.card import Card, read_card_file, write_card_file
from provisioning.card.certs import fingerprint, issue
from provisioning.card.trusting import steps
from provisioning.demo.check import check_door
from provisioning.demo.handing import EVERYWHERE, LOOPBACK, taken
from provisioning.demo.names import lan_address, lan_name
from provisioning.demo.processes import Processes, socket_directory
from provisioning.demo.report import Figures, report
from provisioning.demo.signals import Ending
from provisioning.places import private_directory
from provisioning.printer import qr_code, say
from provisioning.reader.event_log import EventLog

DOOR: Final = "Demo door"
POLL_S: Final = 0.5
REPLAY_TAIL_S: Final = 3.0
CARD_FILE: Final = "card.txt"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says.

    Attributes:
        camera: scene, pi, pi:N, usb, usb:N or replay:FILE.
        lan: serve phones over TLS.
        state: kept between runs; None for one that is gone at the end.
        port: TCP port.
        name: with ``lan``, the DNS name to serve under; empty for this computer's own.
    """

    camera: str
    lan: bool
    state: Path | None
    port: int
    name: str = ""


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
        event_log: what happens at the door from its start on.
        told: how many sentences there were of its past, which are not told again.
    """

    url: str
    card: Card
    born_sha256: bytes
    state: Path
    processes: Processes
    authority: Path | None
    event_log: EventLog
    told: int


def run(options: Options) -> None:
    """Run the demo until Ctrl-C.

    Raises:
        ProvisioningError: something cannot be used; nothing is left running.
        DeviceError: the same, from a part that the device has too.
    """
    ending = Ending()
    with staged(options) as stage:
        _greet(stage, lan_address() if options.lan else "", options.port)
        event_log = stage.event_log
        while not ending.wait(POLL_S):
            stage.processes.check()
            _tell(event_log)
        say("")
        say("Stopping. A running clip is finished and sealed first.")
        stage.processes.stop()
        _tell(event_log)


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
    ending = Ending()
    video = VideoFormat(Camera().width_px, Camera().height_px, Camera().fps)
    with staged(options) as stage:
        began_s = time.monotonic()
        say(f"A door is running at {stage.url}; waiting for what happens there.", err=err)
        is_done = _until_replayed(options.camera) if options.camera.startswith("replay:") else _first_clip
        clips = asyncio.run(
            ending.ends(check_door(stage.url, stage.card, stage.born_sha256, options.camera, video, is_done))
        )
        peaks = {name: stage.processes.peak_mb(name) for name in ("device", "server")}
        figures = Figures(clips, peaks, time.monotonic() - began_s)
    ending.obey()
    report(figures, options.camera, err=err)
    return figures


@contextmanager
def staged(options: Options) -> Iterator[Stage]:
    """Yield a running door; afterwards nothing runs, and nothing is left but a state directory that was named.

    Raises:
        ProvisioningError, DeviceError: something cannot be used.
    """
    check({"camera": {"source": options.camera}}, "--camera")
    name = lan_name(options.name, socket.gethostname()) if options.lan else "localhost"
    with (
        taken(EVERYWHERE if options.lan else LOOPBACK, options.port) as sockets,
        tempfile.TemporaryDirectory(prefix="doorward-", ignore_cleanup_errors=True) as scratch,
        socket_directory(Path(scratch)) as place,
    ):
        state = options.state or Path(scratch) / "state"
        home = _home(state)
        card, born_sha256 = _card_of(state, home)
        server_arguments = ["--quiet", "--name", name]
        authority = None
        if options.lan:
            authority = _authority_of(home, name)
            server_arguments += ["--tls", str(authority.parent)]
            write_file(state / AUTHORITY, authority.read_bytes())
        event_log = EventLog(state, card.open)
        told = sum(1 for _ in event_log.news())
        processes = Processes(
            state,
            place / Link().socket.rpartition("/")[2],
            sockets,
            ["--quiet", "--camera", options.camera],
            server_arguments,
        )
        try:
            processes.start()
            for each in sockets:
                each.close()  # the server has them: with it they go
            url = f"{'https' if options.lan else 'http'}://{name}:{options.port}"
            yield Stage(url, card, born_sha256, state, processes, authority, event_log, told)
        finally:
            processes.stop()


def _greet(stage: Stage, address: str, port: int) -> None:
    """Tell where the door is, and how to come in; ``address`` is empty on loopback and off the network."""
    if stage.authority is not None:
        certificate = stage.authority.read_bytes()
        file = _home(stage.state) / "authority.crt"
        write_file(file, certificate)
        for line in steps(_host(stage.url), str(file), fingerprint(certificate)).splitlines():
            say(line)
        say("")
    link = stage.card.link(stage.url, stage.born_sha256)
    say(f"The door is at {stage.url}. Open this link once to see what it sees:")
    say("")
    qr_code(link)
    say("")
    say(link, style="bold")
    say("")
    if address:
        at = f"https://{address}:{port}"
        say(
            f"A phone that does not find this name finds {at}, and warns: the certificate is for the name alone."
        )
        say(stage.card.link(at, stage.born_sha256))
        say("")
    if stage.told:
        card = _home(stage.state) / CARD_FILE
        past = shlex.join(["doorward", "verify", str(stage.state), "-i", str(card)])
        say(f"It was here before; its past is told by {past}")
        say("")
    say("Ctrl-C stops it. What happens at the door:")
    say("")


def _home(state: Path) -> Path:
    """Return where the card of the door in ``state`` lies: beside it, for the device may read all that is in it."""
    return state.parent / f"{state.name}-card"


def _host(url: str) -> str:
    return url.partition("://")[2].rpartition(":")[0]


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


def _tell(event_log: EventLog) -> None:
    for sentence in event_log.news():
        say(f"  {sentence}")


def _first_clip(_: float, sealed: int) -> bool:
    return sealed >= 1


def _until_replayed(source: str) -> Callable[[float, int], bool]:
    """Return when a replayed file has been seen to its end, and its last clip had time to be sealed."""
    with av.open(source.removeprefix("replay:")) as container:
        length_s = (container.duration or 0) / av.time_base
    return lambda elapsed_s, _: elapsed_s > length_s + REPLAY_TAIL_S
