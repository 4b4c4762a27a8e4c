"""One installation, from the owner's computer: look, plan, make, carry, have it done, look on.

Everything that changes the Pi is done there by one unit of its systemd (``onpi``). So a network that breaks breaks none of it:
this computer finds out, the next time it is asked, how it ended.
"""

import contextlib
import hashlib
import json
import secrets
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from provisioning.errors import ProvisioningError
from provisioning.install.onpi.orders import REMOVE, Orders
from provisioning.install.onpi.steps import DOOR
from provisioning.install.onpi.where import PROGRESS, WORK_UNIT
from provisioning.install.plan import MACHINES, Plan, Wishes, check_computer, plan
from provisioning.install.release import Release, agent
from provisioning.install.ssh import RemoteFailed, Ssh, Unreachable
from provisioning.install.survey import QUESTIONS, Facts, read_facts
from provisioning.printer import quoted

CARRIED: Final = ".doorward-install"
OWN: Final = "doorward.tar.gz"
_FIRST_WITHIN_S: Final = 180.0  # nothing waits for it to give way
_ROOM_FACTOR: Final = 1.3  # blocks, and what Python makes of the sources
_TAKE: Final = """set -e; umask 077; cd; mkdir -p {place}; cd {place}; chmod 700 .
if [ "$(sha256sum 2>/dev/null < {name} | cut -c1-64)" = {sha256} ]; then exit 0; fi
cat > .new-{name}
[ "$(sha256sum < .new-{name} | cut -c1-64)" = {sha256} ] || {{ echo "what arrived is not what was sent" >&2; exit 1; }}
mv .new-{name} {name}"""
_START: Final = """set -e; place="$HOME/{place}"
{sudo} sh -c 'systemctl -q is-active {unit} && {{ echo "an installation is at work there" >&2; exit 1; }}
mkdir -p -m 755 {progress_place} && : > {progress} && chmod 644 {progress}
exec systemd-run -q -G -u {unit} -p Type=exec /usr/bin/python3 -I "$1/agent.pyz" "$1"' sh "$place" """
# Asked before and printed after, so that the last line is not missed.
_FOLLOW: Final = """n=0; while :; do systemctl -q is-active {unit}; runs=$?
t=$(wc -l < {progress} 2>/dev/null || echo 0); if [ "$t" -gt "$n" ]; then sed -n "$((n+1)),${{t}}p" {progress}; n=$t; fi
[ $runs = 0 ] || exit 0; sleep 0.3; done"""


class NotInstalled(ProvisioningError, RuntimeError):
    """It was tried, and did not work.

    Attributes:
        is_undone: whether the Pi is as it was.
    """

    def __init__(self, message: str, *, hint: str, is_undone: bool) -> None:
        super().__init__(message, hint=hint)
        self.is_undone = is_undone


class Unseen(Unreachable):
    """The connection broke while the Pi was at work: it goes on alone, and nobody here knows yet how it ends."""


@dataclass(frozen=True, slots=True)
class Done:
    """How it ended.

    Attributes:
        plan: what was done.
        release: the release that runs; empty after a removal.
        restart_wanted: whether something holds only once the Pi starts anew.
    """

    plan: Plan
    release: str
    restart_wanted: bool


@dataclass(frozen=True, slots=True)
class NewDoor:
    """A door to be carried: its archive, and which it is."""

    archive: bytes
    born: str


Tell = Callable[[str], None]
MakeRelease = Callable[[str], Release]
MakeDoor = Callable[[Plan], NewDoor]


def look(ssh: Ssh, wishes: Wishes, tell: Tell) -> Facts:
    """Return the facts of a computer that a door can be installed on; wait for an installation that is at work there.

    Raises:
        Refused: it is none that a door can be installed on.
        Unreachable: ssh failed.
    """
    facts = _survey(ssh, wishes)
    while facts.busy:
        tell("an installation is at work there already; waiting for its end")
        for line in _follow(ssh):
            _tell_step(line, tell)
        time.sleep(0.5)
        facts = _survey(ssh, wishes)
    return facts


def install(
    ssh: Ssh, facts: Facts, wishes: Wishes, make_release: MakeRelease, make_door: MakeDoor, tell: Tell
) -> Done:
    """Install, or update, or find that there is nothing to do; return how it ended.

    Args:
        ssh: to the Pi.
        facts: that ``look`` returned.
        wishes: the owner's.
        make_release: returns the release for a processor.
        make_door: returns a new door, if one is to live there; its card is written when this returns.
        tell: a step, as it begins.

    Raises:
        Refused: it cannot be done.
        NotInstalled: it was tried and failed.
        Unseen: the connection broke after it was begun.
        Unreachable, RemoteFailed: ssh failed, or a program over there; nothing was begun.
    """
    plan(facts, "", wishes)  # refused before anything is made
    tell("making what is carried")
    release = make_release(MACHINES[facts.architecture])
    what = plan(facts, release.name, wishes)
    orders = Orders(
        run=_new_run(),
        steps=what.steps,
        release=release.name,
        locked=release.packages.name,
        own=OWN,
        need_bytes=int(release.size_bytes * _ROOM_FACTOR),
        packages=what.packages,
        camera=wishes.camera,
        microphone=wishes.microphone,
        name=what.name,
        is_pi=what.is_pi,
        up_within_s=wishes.up_within_s if what.kind == "update" else _FIRST_WITHIN_S,
    )
    if "release" in what.steps:
        tell("carrying it")
        if facts.locked != release.packages.name:
            _carry(ssh, release.packages.name, release.packages)
        _carry(ssh, OWN, release.own)
    if "door" in what.steps and not facts.born:
        door = make_door(what)
        _carry(ssh, DOOR, door.archive)
        orders = Orders.read(json.dumps({**json.loads(orders.text()), "born": door.born}))
    return Done(what, release.name, restart_wanted=_have_done(ssh, facts, orders, tell))


def remove(ssh: Ssh, facts: Facts, wishes: Wishes, tell: Tell, *, keep_state: bool) -> Done:
    """Leave the system as it was before the first installation.

    Args:
        ssh: to the Pi.
        facts: that ``look`` returned.
        wishes: the owner's.
        tell: a step, as it begins.
        keep_state: whether the door itself stays there, for another installation.

    Raises:
        Refused: no door of ours is there.
        NotInstalled, Unreachable: as for ``install``.
    """
    what = plan(facts, "", wishes)
    orders = Orders(run=_new_run(), steps=REMOVE, keep_state=keep_state)
    return Done(what, "", restart_wanted=_have_done(ssh, facts, orders, tell))


def _new_run() -> str:
    return secrets.token_hex(8)


def _survey(ssh: Ssh, wishes: Wishes) -> Facts:
    try:
        answer = ssh.ask(QUESTIONS)
    except RemoteFailed:
        answer = ""
    return check_computer(read_facts(answer), wishes)


def _carry(ssh: Ssh, name: str, parcel: Path | bytes) -> None:
    """Put a file over there, whole or not at all; one that is there already is not sent again."""
    data = parcel if isinstance(parcel, bytes) else parcel.read_bytes()
    ssh.ask(_TAKE.format(place=CARRIED, name=name, sha256=hashlib.sha256(data).hexdigest()), data)


def _have_done(ssh: Ssh, facts: Facts, orders: Orders, tell: Tell) -> bool:
    """Have orders worked off, and look on; return whether the Pi should start anew."""
    _carry(ssh, "agent.pyz", agent())
    _carry(ssh, "orders.json", orders.text().encode())
    step = "start"
    try:
        _start(ssh, facts)
        for line in _follow(ssh):
            if line.get("run") != orders.run:
                continue
            step = str(line.get("step", step))
            _tell_step(line, tell)
            if line.get("end") == "done":
                return bool(line.get("restart_wanted"))
            if line.get("end") == "failed":
                raise _failure(line)
    except Unreachable as error:
        raise Unseen(
            f"{error}; the Pi goes on alone from “{SAID.get(step, step)}”, and takes back what fails",
            hint=f"once it is reached again, 'doorward install {ssh.host}' tells how it ended",
        ) from error
    raise NotInstalled(
        f"it stopped at “{step}”: the Pi was switched off, or somebody ended it",
        hint="run the same command again: it goes on where that ended",
        is_undone=False,
    )


def _start(ssh: Ssh, facts: Facts) -> None:
    asks = facts.uid != 0 and facts.sudo == "asks"
    sudo = "" if facts.uid == 0 else "sudo" if asks else "sudo -n"
    place = str(PROGRESS.parent)
    script = _START.format(place=CARRIED, sudo=sudo, unit=WORK_UNIT, progress=PROGRESS, progress_place=place)
    if not asks:
        ssh.ask(script)
    elif sys.stdin.isatty():
        ssh.ask_at_the_terminal(script)
    else:
        raise NotInstalled(
            "sudo over there asks for a password, and there is no terminal to type it",
            hint="run it in a terminal",
            is_undone=True,
        )


def _follow(ssh: Ssh) -> Iterator[dict[str, object]]:
    """Yield what the Pi says that it does, until it is over."""
    for line in ssh.lines(_FOLLOW.format(unit=WORK_UNIT, progress=shlex.quote(str(PROGRESS)))):
        with contextlib.suppress(json.JSONDecodeError):
            told = json.loads(line)
            if isinstance(told, dict):
                yield told


def _tell_step(line: dict[str, object], tell: Tell) -> None:
    if isinstance(step := line.get("step"), str) and "end" not in line:
        tell(SAID.get(step, step))


def _failure(line: dict[str, object]) -> NotInstalled:
    is_undone = bool(line.get("is_undone"))
    why = quoted(str(line.get("why", "")))
    why_not = quoted(str(line.get("why_not", "")))
    then = "the Pi is as it was before" if is_undone else f"and not all could be taken back: {why_not}"
    return NotInstalled(
        f"it failed at “{SAID.get(str(line.get('step')), 'a step')}”: {why}; {then}",
        hint="mend that and run the same command again",
        is_undone=is_undone,
    )


SAID: Final = {
    "claim": "looking at what is there",
    "packages": "installing Debian's packages",
    "release": "laying the release down and trying it",
    "users": "making its two users",
    "door": "moving the door in",
    "memory": "setting memory and swap",
    "switch": "switching to the release",
    "up": "waiting until it is up",
    "ring": "ringing, and waiting for a sealed recording",
    "tidy": "tidying up",
    "remove": "taking everything away",
}
"""What each step is called for people."""
