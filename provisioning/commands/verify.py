"""``doorward verify``."""

import json
from pathlib import Path
from typing import get_args

import click

from provisioning.commands.command import Command
from provisioning.commands.options import (
    directory_argument,
    identities_option,
    json_option,
    progress,
    read_house,
)
from provisioning.house.genuine import Finding, check_film, read_record
from provisioning.house.house import House
from provisioning.house.keys import read_identities
from provisioning.house.verdict import Verdict
from provisioning.printer import counted, data, quoted, say, working
from provisioning.reader import witness


@click.command(cls=Command, examples=["doorward verify DIR -i card.txt", "doorward verify DIR --json"])
@directory_argument
@identities_option(required=False)
@json_option
@click.pass_context
def verify(context: click.Context, directory: Path, identities: Path | None, as_json: bool) -> None:
    """Verify a door's whole record and every clip in DIR, a state directory or a copy of it.

    Without a key what is public is verified; with the card's Open half or a reader's key everything.
    This computer remembers the newest line that held, and tells if a door shows another past later.
    Exit code 1 if anything does not hold.
    """
    house = read_house(directory, read_identities(identities) if identities else [])
    with working("reading the clips"):
        records = [read_record(house, clip) for clip in house.numbers()]
    with progress("verifying", house, [record.clip for record in records], hidden=as_json) as advance:
        findings = [check_film(house, record, progress=advance) for record in records]
    if as_json:
        data(json.dumps(_as_data(house, findings), indent=2))
    else:
        _tell(house, findings, keyless=identities is None)
    if not house.troubles:
        witness.remember(house.chain)
    if house.troubles or not all(finding.is_sound for finding in findings):
        context.exit(1)


def _tell(house: House, findings: list[Finding], *, keyless: bool) -> None:
    roster = house.chain.roster
    say(
        f"{quoted(roster.door_label)}: {counted(len(house.chain), 'line')}, {counted(len(roster.readers), 'reader')} and the card"
    )
    for change in house.changes.sentences():
        say(f"change {change}")
    for visit in house.visits.unseen():
        say(f"ring   {visit.first_utc.astimezone():%Y-%m-%d %H:%M %z}: nobody looked")
    for trouble in house.troubles:
        say(f"WRONG  {trouble}", style="bold red")
    for note in house.notes:
        say(f"note   {note}")
    for finding in findings:
        if not finding.is_sound:
            say(f"WRONG  clip {finding.record.clip} is {finding.verdict}: {finding.reason}", style="bold red")
        elif finding.verdict in ("interrupted", "unrecorded", "recording"):
            say(f"note   clip {finding.record.clip} is {finding.verdict}: {finding.reason}")
    counts = {verdict: sum(finding.verdict == verdict for finding in findings) for verdict in _ORDER}
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    say(f"Clips: {told or 'none'}.")
    if keyless and findings:
        say("Clips were not opened: give the card's Open half, or a reader's key, with -i.")
    wrong = len(house.troubles) + sum(not finding.is_sound for finding in findings)
    if not wrong:
        say("Everything that could be checked holds.")
    else:
        say(f"{counted(wrong, 'thing')} {'does' if wrong == 1 else 'do'} not hold.")


_ORDER = get_args(Verdict)


def _as_data(house: House, findings: list[Finding]) -> dict[str, object]:
    return {
        "door": house.chain.roster.door.hex(),
        "lines": len(house.chain),
        "head": house.chain.head.hash.hex(),
        "troubles": house.troubles,
        "notes": house.notes,
        "changes": house.changes.sentences(),
        "visits": [
            {
                "first_utc": visit.first_utc.isoformat(),
                "last_utc": visit.last_utc.isoformat(),
                "rings": visit.times,
                "clip": visit.clip,
                "nobody_looked": visit.is_open,
            }
            for visit in house.visits
        ],
        "clips": [
            {"clip": finding.record.clip, "verdict": finding.verdict, "reason": finding.reason}
            for finding in findings
        ],
    }
