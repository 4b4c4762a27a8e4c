"""``doorward clips list|open|export|check``."""

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import click
import msgspec

from device.durable import write_file
from device.trust.statement import Statement, Trigger
from provisioning.checking import Record, read_record
from provisioning.commands.options import (
    clip_argument,
    directory_argument,
    identities_option,
    progress,
    read_house,
)
from provisioning.extract import extract
from provisioning.keys import read_identities
from provisioning.place import Held
from provisioning.printer import Column, Row, data, quoted, say, table
from provisioning.proof import check_proof, prove
from provisioning.verdict import SOUND
from provisioning.words import film_words, words


@click.group(short_help="List, open, export and check clips.")
def clips() -> None:
    """List, open and export the clips in a door's state directory, or in a copy of it; check what was exported."""


@clips.command("list", short_help="List every clip.")
@directory_argument
@identities_option(required=True)
@click.option("--json", "as_json", is_flag=True, help="print the list as JSON")
@click.pass_context
def list_(context: click.Context, directory: Path, identities: Path, as_json: bool) -> None:
    """List every clip: when, what, where it moved, how long, whether masks were on, and whether it is what the door recorded.

    Films are not read to their end: "doorward verify" does that. Exit code 1 if anything does not hold.
    """
    house = read_house(directory, read_identities(identities))
    records = [read_record(house, clip) for clip in house.numbers()]
    is_wrong = bool(house.troubles) or not all(record.verdict in SOUND for record in records)
    if as_json:
        data(json.dumps([_as_data(record) for record in records], indent=2))
        context.exit(is_wrong)
    if records:
        table(quoted(house.chain.roster.door_label), _COLUMNS, map(_row, records))
    else:
        say("There is no clip yet.")
    for trouble in house.troubles:
        say(f"WRONG  {trouble}", style="bold red")
    context.exit(is_wrong)


@clips.command("open", short_help="Open one clip to an MP4 file.")
@directory_argument
@clip_argument
@identities_option(required=True)
@click.option(
    "-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="the MP4 to write"
)
@click.option("--anyway", is_flag=True, help="write what opens, even if it may not be the door's own")
def open_(directory: Path, clip: int, identities: Path, out: Path, anyway: bool) -> None:
    """Open one clip to an MP4 file, if it is what the door recorded."""
    house = read_house(directory, read_identities(identities))
    with progress("opening", house, [clip]) as advance:
        finding = extract(house, clip, out, anyway=anyway, progress=advance)
    say(f"{out}: {finding.plaintext_bytes:,} bytes, {finding.verdict}")
    with out.open("rb") as film:
        say(f"Words of this film: {film_words(hashlib.file_digest(film, 'sha256').digest())}")
    if finding.reason:
        say(f"note: {finding.reason}", err=True)


@clips.command(short_help="Open one clip and write its proof.")
@directory_argument
@clip_argument
@identities_option(required=True)
@click.option(
    "-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="the MP4 to write"
)
def export(directory: Path, clip: int, identities: Path, out: Path) -> None:
    """Open one clip and write its proof beside it, as OUT.proof.

    With the proof anybody can check that the film is unchanged since the door sealed it.
    """
    keys: list[Held] = read_identities(identities)
    house = read_house(directory, keys)
    proof = prove(house, read_record(house, clip))
    with progress("exporting", house, [clip]) as advance:
        finding = extract(house, clip, out, progress=advance)
    path = out.with_name(f"{out.name}.proof")
    try:
        write_file(path, proof)
    except OSError:
        out.unlink(missing_ok=True)
        raise
    say(f"{out}: {finding.plaintext_bytes:,} bytes, {finding.verdict}; its proof: {path.name}")
    say(f"The device's key reads: {words(house.chain.roster.device)}")


@clips.command(short_help="Check an exported film against its proof.")
@click.argument("film", metavar="FILM", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("proof", metavar="PROOF", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(film: Path, proof: Path) -> None:
    """Check that an exported FILM is what a device sealed, by the PROOF that came with it.

    No door and no key is needed. Compare the words with those that the household reads on its page.
    Exit code 1 if it does not hold.
    """
    with film.open("rb") as content:
        held, said = check_proof(proof.read_bytes(), content)
    say(f"{film} is unchanged since it was sealed.")
    say(f"Sealed by the device whose key reads {words(held.device)}.")
    say(
        f"By that device's clock: {_local(said.begun_utc):%Y-%m-%d %H:%M:%S %Z}, {_seconds(said.duration_ms)} long."
    )
    for trigger in said.triggers:
        what = "bell" if trigger.kind == "ring" else f"movement {_where([trigger])}".rstrip()
        say(f"  {what} after {_seconds(trigger.at_ms)}")
    if said.more_rings:
        say(f"  bell {said.more_rings} times more")
    if said.masks_sha256 is not None:
        say("Parts of the picture were masked: their pixels never existed.")
    say("This cannot tell whose door that is, nor the true time.")


_COLUMNS: Final[Sequence[Column]] = (
    ("clip", "right"), ("when", "left"), ("what", "left"), ("where", "left"), ("length", "right"), ("masks", "left"),
    ("state", "left"),
)  # fmt: skip  # a list of names, read as one


def _row(record: Record) -> Row:
    said, style = record.statement, "" if record.verdict in SOUND else "red"
    state = f"{record.verdict}: {record.reason}" if record.reason else record.verdict
    if said is None:
        return (str(record.clip), "", "", "", "", "", state), style
    length = str(timedelta(seconds=round(said.duration_ms / 1000))) if said.duration_ms else ""
    when = f"{_local(said.begun_utc):%Y-%m-%d %H:%M:%S}"
    masks = "yes" if said.masks_sha256 is not None else ""
    return (str(record.clip), when, _what(record), _where(said.triggers), length, masks, state), style


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


def _seconds(duration_ms: int) -> str:
    return f"{duration_ms / 1000:.1f} s"


def _local(moment: datetime) -> datetime:
    return moment.astimezone()


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
