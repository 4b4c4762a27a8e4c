"""``doorward clips list|open|export|check``."""

import base64
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import click
import msgspec

from device.trust.statement import Statement, Trigger
from provisioning.commands.command import Command
from provisioning.commands.films import check, export, open_
from provisioning.commands.options import directory_argument, identities_option, json_option, read_house
from provisioning.house.genuine import Record, read_record
from provisioning.house.keys import read_identities
from provisioning.house.times import Made, Times
from provisioning.house.verdict import SOUND
from provisioning.layout import Column, Row
from provisioning.printer import data, moment, quoted, say, table, working


@click.group()
def clips() -> None:
    """List, open and export the clips in a door's state directory, or in a copy of it; check what was exported."""


@clips.command(
    "list", cls=Command, short_help="List every clip.", examples=["doorward clips list DIR -i card.txt"]
)
@directory_argument
@identities_option(required=True)
@json_option
@click.pass_context
def list_(context: click.Context, directory: Path, identities: Path, as_json: bool) -> None:
    """List every clip: when, what, where it moved, how long, whether masks were on, and whether it is what the door recorded.

    Films are not read to their end: "doorward verify" does that. Exit code 1 if anything does not hold.
    """
    house = read_house(directory, read_identities(identities))
    with working("reading the clips"):
        records = [read_record(house, clip) for clip in house.numbers()]
    is_wrong = bool(house.troubles) or not all(record.verdict in SOUND for record in records)
    if as_json:
        data(json.dumps([_as_data(record) for record in records], indent=2))
        context.exit(is_wrong)
    times = Times(entry.private for entry in house.entries)
    if records:
        table(quoted(house.chain.roster.door_label), _COLUMNS, [_row(record, times) for record in records])
    else:
        say("There is no clip yet.")
    for trouble in house.troubles:
        say(f"WRONG  {trouble}", style="bold red")
    context.exit(is_wrong)


clips.add_command(open_)
clips.add_command(export)
clips.add_command(check)

_COLUMNS: Final[Sequence[Column]] = (
    ("clip", "right"), ("when", "left"), ("what", "left"), ("where", "text"), ("length", "right"), ("masks", "left"),
    ("state", "text"),
)  # fmt: skip  # a list of names, read as one


def _row(record: Record, times: Times) -> Row:
    said, style = record.statement, "" if record.verdict in SOUND else "red"
    state = f"{record.verdict}: {record.reason}" if record.reason else record.verdict
    if said is None:
        return (str(record.clip), "", "", "", "", "", state), style
    length = str(timedelta(seconds=round(said.duration_ms / 1000))) if said.duration_ms else ""
    masks = "yes" if said.masks_sha256 is not None else ""
    when = _when(times.made(record.clip, said.begun_utc))
    return (str(record.clip), when, _what(record), _where(said.triggers), length, masks, state), style


def _when(made: Made) -> str:
    if made.at_utc is None:
        return "before the door knew the time"
    return f"{moment(made.at_utc)} (found out later)" if made.is_label else moment(made.at_utc)


def _where(triggers: Sequence[Trigger]) -> str:
    """Return each zone in which it moved, as it came, and the most of it that moved."""
    most: dict[str, int] = {}
    for trigger in triggers:
        if trigger.zone:
            most[trigger.zone] = max(trigger.score_permille, most.get(trigger.zone, 0))
    return ", ".join(f"{quoted(zone)} {max(1, round(permille / 10))} %" for zone, permille in most.items())


def _what(record: Record) -> str:
    kinds = [trigger.kind for trigger in record.statement.triggers] if record.statement else []
    return "ring" if "ring" in kinds else "motion" if kinds else ""


def _as_data(record: Record) -> dict[str, object]:
    return {
        "clip": record.clip,
        "verdict": record.verdict,
        "reason": record.reason,
        **(_said(record.statement) if record.statement else {}),
    }


def _said(said: Statement) -> dict[str, object]:
    moved = next((trigger for trigger in said.triggers if trigger.kind == "motion"), None)
    return {
        "begun_utc": said.begun_utc.isoformat(),
        "duration_ms": said.duration_ms,
        "pre_roll_ms": said.pre_roll_ms,
        "zone": moved.zone if moved else "",
        "score_permille": moved.score_permille if moved else 0,
        "masked": said.masks_sha256 is not None,
        "triggers": msgspec.to_builtins(said.triggers),
        "more_rings": said.more_rings,
        "heat": base64.b64encode(said.heat).decode(),
        "masks": said.masks,
        "ciphertext_bytes": said.ciphertext_bytes,
    }
