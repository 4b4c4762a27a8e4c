"""What is to be done on a Pi, or why nothing is. Pure: facts and wishes in, a plan or a refusal out."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from provisioning.card.certs import CertificateTrouble, check_name
from provisioning.errors import ProvisioningError
from provisioning.install.onpi import orders
from provisioning.install.survey import Facts
from provisioning.printer import quoted

Kind = Literal["fresh", "again", "update", "same", "remove"]
MACHINES: Final = {"arm64": "aarch64", "amd64": "x86_64"}
"""Debian's word for an architecture, and the word of packages for Python."""
RELEASE: Final = "trixie"
PYTHON: Final = "3.13"
SMALLEST_KB: Final = 900_000
"""A release beside the one that runs, what is carried, and Debian's packages."""
_CARRIED_KB: Final = 200_000
_SYSTEM: Final = ("alsa-utils", "avahi-daemon", "gpiod", "python3-libgpiod")
_CAMERA: Final = ("python3-picamera2", "python3-libcamera")
_FLASH: Final = (
    "write Raspberry Pi OS Lite (64-bit, trixie) on its card with Raspberry Pi Imager, and try again"
)
_STEPS: Final[dict[Kind, tuple[str, ...]]] = {
    "fresh": orders.FRESH,
    "again": orders.AGAIN,
    "update": orders.UPDATE,
    "same": orders.SAME,
    "remove": orders.REMOVE,
}


class Refused(ProvisioningError, ValueError):
    """Nothing is done, and nothing was changed."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the owner asked for.

    Attributes:
        camera: ``camera.source`` of a new door.
        microphone: ``door.microphone`` of a new door; empty: it has no ears.
        any_computer: whether a computer that is no Raspberry Pi will do.
        url: of the page; empty: after the Pi's own name.
        has_card: whether a new door has a name and its card a place.
        removes: whether the door is to go.
        up_within_s: how long a release may take to come up.
    """

    camera: str = "pi"
    microphone: str = ""
    any_computer: bool = False
    url: str = ""
    has_card: bool = False
    removes: bool = False
    up_within_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done.

    Attributes:
        kind: ``fresh``: a new door; ``again``: the door that stayed there when all else was removed; ``update``, ``same``: a
            release beside the one that runs, or the one that runs; ``remove``.
        steps: in order.
        name: the door's DNS name.
        machine: for which packages are fetched.
        packages: of Debian.
        is_pi: whether it is one.
    """

    kind: Kind
    steps: tuple[str, ...]
    name: str
    machine: str
    packages: tuple[str, ...]
    is_pi: bool


def check_computer(facts: Facts | None, wishes: Wishes) -> Facts:
    """Return the facts of a computer that a door can be installed on.

    Raises:
        Refused: it is none; the sentence says why.
    """
    if facts is None or facts.system != "Linux":
        raise Refused("what answers there is no Raspberry Pi: it knows none of our questions", hint=_FLASH)
    is_pi = facts.model.startswith("Raspberry Pi")
    if not is_pi and not wishes.any_computer:
        what = quoted(facts.model or facts.os or facts.machine)
        raise Refused(
            f"it is no Raspberry Pi: it says that it is {what}",
            hint="name the Pi; to try a door on another computer with Debian 13, say --any-computer --camera scene",
        )
    if facts.architecture not in MACHINES or (is_pi and facts.architecture != "arm64"):
        raise Refused(
            f"its system is made for {quoted(facts.architecture or facts.machine)}, and a door needs arm64",
            hint=_FLASH,
        )
    if facts.uid != 0 and facts.sudo == "none":
        raise Refused(
            "there is no sudo, and ssh does not come in as root", hint="name a user who may become root"
        )
    if facts.read_only:
        raise Refused(
            "its system cannot be written to",
            hint="look at the card (dmesg), or turn the overlay off with raspi-config",
        )
    if wishes.removes:
        return facts  # whatever became of its system, a door can be taken away
    if facts.release != RELEASE or facts.python != PYTHON or facts.init != "systemd":
        raise Refused(
            f"it runs {quoted(facts.os or 'an unknown system')} with Python {quoted(facts.python or 'none')}, and a door needs "
            f"{'Raspberry Pi OS' if is_pi else 'Debian'} 13 ({RELEASE}) with Python {PYTHON}",
            hint=_FLASH,
        )
    return facts


def plan(facts: Facts, release: str, wishes: Wishes) -> Plan:
    """Return what is to be done on a computer that passed ``check_computer``.

    Args:
        facts: of that computer.
        release: name of the release at hand; empty when one is removed.
        wishes: the owner's.

    Raises:
        Refused: it cannot be done.
    """
    if facts.foreign:
        raise Refused(
            f"{quoted(facts.foreign)} was put there by hand, and is not ours to change",
            hint="move it away first; docs/OPERATE.md says which files make a door",
        )
    kind = _kind(facts, release, wishes)
    if kind == "remove":
        return Plan(kind, _STEPS[kind], facts.name, "", (), is_pi=False)
    if kind != "fresh" and wishes.microphone:
        raise Refused(
            "a door lives there, and whether it hears is not for an update to say",
            hint="write door.microphone into its /etc/doorward/doorward.yaml; docs/CONFIG.md says what it means",
        )
    if kind == "fresh" and not wishes.has_card:
        raise Refused(
            "no door lives there yet",
            hint='name it, and say where its card goes: --name "Front door" -o card.pdf',
        )
    if kind in ("fresh", "again") and facts.https:
        raise Refused(
            "another program there has port 443", hint="see which with: sudo ss -tlnp 'sport = :443'"
        )
    if kind != "same" and facts.free_kb < SMALLEST_KB:
        raise Refused(
            f"its card has {facts.free_kb // 1024} MiB left, and {SMALLEST_KB // 1024} MiB are needed",
            hint="remove something there, or take a larger card",
        )
    if kind != "same" and facts.home_free_kb < _CARRIED_KB:
        raise Refused(
            f"there is no room for what has to be carried: {facts.home_free_kb // 1024} MiB are left in its home directory",
            hint="remove something there",
        )
    is_pi = facts.model.startswith("Raspberry Pi")
    wanted = _SYSTEM + (_CAMERA if is_pi and wishes.camera.startswith("pi") else ())
    return Plan(kind, _STEPS[kind], _name(facts, wishes), MACHINES[facts.architecture], wanted, is_pi)


def _kind(facts: Facts, release: str, wishes: Wishes) -> Kind:
    if wishes.removes:
        if not facts.born and not facts.current:
            raise Refused("no door of ours is installed there", hint="")
        return "remove"
    if not facts.born:
        return "fresh"
    if not facts.current:
        return "again"
    return "same" if facts.current == release else "update"


def _name(facts: Facts, wishes: Wishes) -> str:
    """Return the DNS name that the door has, or is to have."""
    if facts.born:
        if wishes.url and wishes.url != f"https://{facts.name}":
            raise Refused(
                f"the door there is https://{facts.name}, as its certificates and its card say",
                hint="leave --url out",
            )
        return facts.name
    scheme, _, name = (wishes.url or f"https://{facts.host.partition('.')[0].lower()}.local").partition("://")
    if scheme != "https" or re.search(r":[0-9]*\Z", name):
        raise Refused(
            "a door's address is https:// and a name, without a port", hint="such as --url https://door.local"
        )
    try:
        check_name(name)
    except CertificateTrouble as error:
        raise Refused(f"{error}", hint="name the door yourself: --url https://door.local") from error
    return name
