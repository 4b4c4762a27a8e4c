"""``doorward install``."""

import contextlib
import io
import json
import tarfile
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import click

from device.config import check
from provisioning.card.birth import birth, write_state
from provisioning.card.door_name import door_name
from provisioning.commands.card import beside_card, stage_papers
from provisioning.commands.command import Command, also_option, out_option
from provisioning.commands.options import checked_url, json_option
from provisioning.commands.output import Output
from provisioning.install import release
from provisioning.install.install import Done, NewDoor, NotInstalled, Unseen, look
from provisioning.install.install import install as put_onto
from provisioning.install.install import remove as take_off
from provisioning.install.plan import Plan, Wishes, plan
from provisioning.install.ssh import RemoteFailed, Ssh, Unreachable
from provisioning.printer import agrees, confirm, data, quoted, say, working
from provisioning.streams import is_attended

UP_WITHIN_S: Final = 60.0
"""How long a release may take to come up, before the one before it comes back."""
DEFAULT_CARD: Final = "default"
_HEARS: Final = (
    "Shall the door hear, too? What is said in front of it, also by whoever merely passes, is then recorded with its films and "
    "can be heard live; in many places that needs the consent of everybody who is heard."
)
_DONE: Final = {
    "fresh": "A new door lives on {host}: it rang, and a recording of that was sealed.",
    "again": "The door that had stayed on {host} is up again.",
    "update": "The door on {host} runs the new release. The one before it stays beside it.",
    "same": "The door on {host} is up, and runs this release already.",
    "remove": "{host} is as it was before.",
}


@click.command(
    cls=Command,
    examples=[
        'doorward install pi@raspberrypi.local --name "Front door" -o card.pdf',
        "doorward install pi@raspberrypi.local",
        "doorward install pi@raspberrypi.local --remove --keep-state",
    ],
)
@click.argument("host", metavar="HOST")
@click.option(
    "--name",
    callback=lambda _context, _param, value: value and door_name(value),
    help="of a new door: what people call it",
)
@out_option("of a new door: the PDF of its card, to print", required=False)
@also_option("file", "of a new door: also write its card as a key file")
@click.option(
    "--url",
    callback=lambda context, param, value: value and checked_url(context, param, value),
    help="of a new door: where its page will be; without it, https:// and the Pi's own name with .local",
)
@click.option(
    "--camera",
    default="pi",
    show_default=True,
    metavar="SOURCE",
    help="of a new door: pi, pi:N, usb, usb:N or scene",
)
@click.option(
    "--microphone",
    metavar="CARD",
    help="of a new door: the sound card by which it hears, such as default; without it you are asked, and no is the answer",
)
@click.option("--any-computer", is_flag=True, help="take a computer with Debian 13 that is no Raspberry Pi")
@click.option("--remove", is_flag=True, help="take the door away, and leave the system as it was")
@click.option("--keep-state", is_flag=True, help="with --remove: the door's keys, record and recordings stay")
@click.option("--yes", is_flag=True, help="do not ask")
@json_option
def install(
    host: str,
    name: str | None,
    out: Output | None,
    file: Output | None,
    url: str | None,
    camera: str,
    microphone: str | None,
    any_computer: bool,
    remove: bool,
    keep_state: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Put a door onto the Raspberry Pi that ssh calls HOST, over your own ssh; run again, update it.

    The Pi runs Raspberry Pi OS Lite (64-bit, trixie). A new door and its card are made on this computer: what opens or admits
    never touches the Pi. An update is laid beside the release that runs, which comes back if the new one is not
    up within a minute.
    """
    if keep_state and not remove:
        raise click.UsageError("--keep-state goes with --remove")
    if (name is None) != (out is None):
        raise click.UsageError("a new door needs both: --name, and -o for its card")
    check({"camera": {"source": camera}, "door": {"microphone": microphone or ""}}, "a new door")
    wishes = Wishes(
        camera, microphone or "", any_computer, url or "",
        has_card=out is not None, removes=remove, up_within_s=UP_WITHIN_S,
    )  # fmt: skip  # a row

    def tell(step: str) -> None:
        say(f"· {step}", err=True)

    with Ssh(host) as ssh:
        facts = look(ssh, wishes, tell)
        if remove:
            lost = (
                "The door stays"
                if keep_state
                else "The door and every clip of it will be gone; the door's software"
            )
            if not yes:
                confirm(f"{lost} on {host}; all else goes. Go on?")
            done = take_off(ssh, facts, wishes, tell, keep_state=keep_state)
        else:
            if microphone is None and not yes and plan(facts, "", wishes).kind == "fresh" and is_attended():
                wishes = replace(wishes, microphone=DEFAULT_CARD if agrees(_HEARS) else "")
            with _Papers(name or "", out, file) as papers:
                done = put_onto(ssh, facts, wishes, _release, papers.make, tell)
    _say_done(host, done, out, as_json=as_json)


def _release(machine: str) -> release.Release:
    with working("fetching and building; a few minutes the first time"):
        return release.make_release(machine, release.default_cache())


class _Papers:
    """The card of a new door: written before anything is carried, taken away if its door was never born."""

    def __init__(self, name: str, out: Output | None, file: Output | None) -> None:
        self._name, self._out, self._file = name, out, file
        self._written: list[Path] = []

    def __enter__(self) -> "_Papers":
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        # While nobody knows how it ended, the card stays: its door may be alive.
        is_known = isinstance(error, Unreachable | RemoteFailed) and not isinstance(error, Unseen)
        if is_known or (isinstance(error, NotInstalled) and error.is_undone):
            for path in self._written:
                path.unlink(missing_ok=True)

    def make(self, plan: Plan) -> NewDoor:
        """Return a new door; its card is on the disk then."""
        if self._out is None:
            raise RuntimeError("the plan makes a door that nobody asked for")
        url = f"https://{plan.name}"
        new = birth(self._name)
        with tempfile.TemporaryDirectory(prefix="doorward-") as place, contextlib.ExitStack() as files:
            tls, state = Path(place, "tls"), Path(place, "state")
            _, authority = stage_papers(files, new, self._name, url, self._out, self._file, tls)
            write_state(new, state, authority)
            archive = io.BytesIO()
            with tarfile.open(fileobj=archive, mode="w") as packed:
                for directory in (tls, state):
                    packed.add(directory, directory.name, filter=_nobodys)
        self._written = [self._out.path, *(output.path for output in beside_card(self._out))]
        self._written += [self._file.path] if self._file else []
        return NewDoor(archive.getvalue(), new.born_sha256.hex())


def _nobodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def _say_done(host: str, done: Done, out: Output | None, *, as_json: bool) -> None:
    url = f"https://{done.plan.name}"
    has_card = done.plan.kind == "fresh" and out is not None
    if as_json:
        told = {**asdict(done), "host": host, "url": url, "card": str(out) if has_card else None}
        data(json.dumps(told, indent=2))
        return
    say(_DONE[done.plan.kind].format(host=host))
    if done.plan.kind != "remove":
        say(f"Its page: {url}")
    if has_card and out is not None:
        certificate, instructions = beside_card(out)
        say(f"Its card: {out}. For your phones: {certificate}, with {instructions.path.name}")
        say(
            "Print it, cut it in two, keep the halves apart. Then delete the file: who has it can open everything."
        )
    elif out is not None:
        say(f"It keeps its card, so {quoted(str(out))} was not written.")
    if done.restart_wanted:
        say(f"Memory limits and swap hold once the Pi starts anew: ssh {host} sudo reboot")
