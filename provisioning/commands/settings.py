"""``doorward settings show|set|snooze|wake|privacy``."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import click
import msgspec

from device.contract.forms import UNREADABLE
from device.contract.settings import MAX_SNOOZE_DAYS, Settings, snoozes_too_long
from provisioning.commands.options import authority_option, url_option
from provisioning.errors import ProvisioningError
from provisioning.member import Member
from provisioning.printer import data, say

F = TypeVar("F", bound=Callable[..., object])
MOST_MINUTES = 24 * 60


class BadSettings(ProvisioningError, ValueError):
    """A settings file says nothing that a door could do."""


def read_settings(path: Path) -> Settings:
    """Return the settings in a file.

    Raises:
        BadSettings: they cannot be read; the sentence says where.
    """
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Settings)
    except UNREADABLE as error:
        raise BadSettings(f"{path}: {error}", hint="docs/FORMAT.md shows the form, under Settings") from error
    if snoozes_too_long(found, datetime.now(UTC)):
        raise BadSettings(
            f"{path}: snoozed_until_utc is {found.snoozed_until_utc:%Y-%m-%d}, far ahead",
            hint=f"a snooze lasts {MAX_SNOOZE_DAYS} days at most; quiet hours come back every week",
        )
    return found


def _member_options(command: F) -> F:
    key = click.option(
        "--key",
        required=True,
        type=click.Path(path_type=Path),
        help="this computer's key file, from 'doorward join'",
    )
    return url_option(key(authority_option(command)))


@click.group(short_help="See and change zones, masks, quiet hours, snooze and privacy.")
def settings() -> None:
    """See and change what a running door watches. Everybody in the household sees who changed what."""


@settings.command(short_help="Print what is in force.")
@_member_options
def show(url: str, key: Path, authority: Path | None) -> None:
    """Print the settings in force as JSON, in the form that "set" takes."""
    held = Member.read(key, url, authority).settings()
    data(msgspec.json.format(msgspec.json.encode(held), indent=2).decode())


@settings.command("set", short_help="Put the settings in a file in force.")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_member_options
def set_(file: Path, url: str, key: Path, authority: Path | None) -> None:
    """Put the settings in FILE in force, all of them. Try zones on recordings first: "doorward tune --settings FILE"."""
    wanted = read_settings(file)
    Member.read(key, url, authority).change(lambda _: wanted)
    say("The settings are in force.")


@settings.command(short_help="Let motion pass for a while; rings still record.")
@click.argument("minutes", metavar="MINUTES", type=click.IntRange(1, MOST_MINUTES))
@_member_options
def snooze(minutes: int, url: str, key: Path, authority: Path | None) -> None:
    """Let motion pass for MINUTES minutes. Rings still record."""
    until = (datetime.now(UTC) + timedelta(minutes=minutes)).replace(microsecond=0)
    _change(Member.read(key, url, authority), snoozed_until_utc=until)
    say(f"Motion passes until {until.astimezone():%H:%M}. Rings still record.")


@settings.command(short_help="End a snooze.")
@_member_options
def wake(url: str, key: Path, authority: Path | None) -> None:
    """End a snooze."""
    _change(Member.read(key, url, authority), snoozed_until_utc=None)
    say("Motion counts again.")


@settings.command(short_help="See nothing at all, or see again.")
@click.argument("state", metavar="on|off", type=click.Choice(["on", "off"]))
@_member_options
def privacy(state: str, url: str, key: Path, authority: Path | None) -> None:
    """Paint every picture black before anything sees it, or stop doing so. A ring then leaves a line, and no picture."""
    _change(Member.read(key, url, authority), privacy=state == "on")
    say("Nothing is seen." if state == "on" else "The door sees again.")


def _change(member: Member, **changed: object) -> None:
    member.change(lambda held: msgspec.structs.replace(held, **changed))
