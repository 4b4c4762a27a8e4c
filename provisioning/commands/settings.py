"""``doorward settings show|set|snooze|wake|hush|unhush|privacy``."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import click
import msgspec

from device.contract.settings import Hush, Settings
from provisioning.commands.command import Command
from provisioning.commands.options import json_option, member_options
from provisioning.house.settings import read_settings
from provisioning.layout import Column
from provisioning.printer import data, moment, quoted, say, table, working
from provisioning.reader.member import Member

MOST_MINUTES = 24 * 60
_AT: Final = "--url https://door.local --key laptop.key"
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ZONES: Final[Sequence[Column]] = (
    ("zone", "text"), ("movement in it", "left"), ("sensitivity", "right"), ("corners", "right"),
)  # fmt: skip  # a list of names, read as one


@click.group()
def settings() -> None:
    """See and change what a running door watches. Everybody in the household sees who changed what."""


@settings.command(
    cls=Command,
    short_help="Print what is in force.",
    examples=[f"doorward settings show {_AT}", f"doorward settings show {_AT} --json > settings.json"],
)
@member_options
@json_option
def show(url: str, key: Path, authority: Path | None, as_json: bool) -> None:
    """Print the settings in force; with --json in the form that "set" takes."""
    member = Member.read(key, url, authority)
    with working("asking the door"):
        held = member.settings()
    if as_json:
        data(msgspec.json.format(msgspec.json.encode(held), indent=2).decode())
        return
    for sentence in _sentences(held):
        say(sentence)
    if held.zones:
        rows = [
            (
                (
                    quoted(zone.name),
                    "is ignored" if zone.ignored else "counts",
                    "" if zone.ignored else f"{zone.sensitivity:g}",
                    str(len(zone.points)),
                ),
                "",
            )
            for zone in held.zones
        ]
        table("Zones:", _ZONES, rows)


def _sentences(held: Settings) -> list[str]:
    masks = len(held.masks)
    return [
        "Privacy is on: nothing is seen." if held.privacy else "Privacy is off.",
        f"Motion passes until {moment(held.snoozed_until_utc)}: a snooze."
        if held.snoozed_until_utc is not None
        else "There is no snooze.",
        *(
            f"Quiet from {quiet.from_} to {quiet.to} by the door's clock, beginning on "
            f"{', '.join(_DAYS[day] for day in quiet.days)}."
            for quiet in held.quiet
        ),
        *([] if held.quiet else ["There are no quiet hours."]),
        *(
            [f"The chime is silent until {moment(held.hush.until_utc)}."]
            if held.hush.until_utc is not None
            else []
        ),
        *(
            f"The chime is silent from {quiet.from_} to {quiet.to} by the door's clock, beginning on "
            f"{', '.join(_DAYS[day] for day in quiet.days)}."
            for quiet in held.hush.hours
        ),
        f"{masks} {'part of the picture is' if masks == 1 else 'parts of the picture are'} painted black."
        if masks
        else "No part of the picture is masked.",
        *([] if held.zones else ["There are no zones: movement counts everywhere."]),
    ]


@settings.command(
    "set",
    cls=Command,
    short_help="Put the settings in a file in force.",
    examples=[f"doorward settings set settings.json {_AT}"],
)
@click.argument(
    "file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
)
@member_options
def set_(file: Path, url: str, key: Path, authority: Path | None) -> None:
    """Put the settings in FILE in force, all of them. Try zones on recordings first: "doorward tune --settings FILE"."""
    wanted, member = read_settings(file), Member.read(key, url, authority)
    with working("asking the door"):
        member.change(lambda _: wanted)
    say("The settings are in force.")


@settings.command(
    cls=Command,
    short_help="Let motion pass for a while; rings still record.",
    examples=[f"doorward settings snooze 30 {_AT}"],
)
@click.argument("minutes", metavar="MINUTES", type=click.IntRange(1, MOST_MINUTES))
@member_options
def snooze(minutes: int, url: str, key: Path, authority: Path | None) -> None:
    """Let motion pass for MINUTES minutes. Rings still record."""
    until = (datetime.now(UTC) + timedelta(minutes=minutes)).replace(microsecond=0)
    _change(Member.read(key, url, authority), snoozed_until_utc=until)
    say(f"Motion passes until {moment(until)}. Rings still record.")


@settings.command(cls=Command, short_help="End a snooze.", examples=[f"doorward settings wake {_AT}"])
@member_options
def wake(url: str, key: Path, authority: Path | None) -> None:
    """End a snooze."""
    _change(Member.read(key, url, authority), snoozed_until_utc=None)
    say("Motion counts again.")


@settings.command(
    cls=Command,
    short_help="Keep the chime silent for a while; rings still record.",
    examples=[f"doorward settings hush 60 {_AT}"],
)
@click.argument("minutes", metavar="MINUTES", type=click.IntRange(1, MOST_MINUTES))
@member_options
def hush(minutes: int, url: str, key: Path, authority: Path | None) -> None:
    """Keep the chime silent for MINUTES minutes. Rings still record, and every page rings."""
    until = (datetime.now(UTC) + timedelta(minutes=minutes)).replace(microsecond=0)
    _change_hush(Member.read(key, url, authority), until)
    say(f"The chime is silent until {moment(until)}. Every page still rings.")


@settings.command(cls=Command, short_help="End a hush.", examples=[f"doorward settings unhush {_AT}"])
@member_options
def unhush(url: str, key: Path, authority: Path | None) -> None:
    """End a hush. In its quiet hours the chime stays silent."""
    _change_hush(Member.read(key, url, authority), None)
    say("The chime sounds again.")


@settings.command(
    cls=Command,
    short_help="See nothing at all, or see again.",
    examples=[f"doorward settings privacy on {_AT}"],
)
@click.argument("state", metavar="on|off", type=click.Choice(["on", "off"]))
@member_options
def privacy(state: str, url: str, key: Path, authority: Path | None) -> None:
    """Paint every picture black before anything sees it, or stop doing so. A ring then leaves a line, and no picture."""
    _change(Member.read(key, url, authority), privacy=state == "on")
    say("Nothing is seen." if state == "on" else "The door sees again.")


def _change_hush(member: Member, until_utc: datetime | None) -> None:
    with working("asking the door"):
        member.change(lambda held: msgspec.structs.replace(held, hush=Hush(held.hush.hours, until_utc)))


def _change(member: Member, **changed: object) -> None:
    with working("asking the door"):
        member.change(lambda held: msgspec.structs.replace(held, **changed))
