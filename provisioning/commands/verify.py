"""``doorward verify``."""

import json
from pathlib import Path
from typing import get_args

import click

from provisioning import witness
from provisioning.checking import Finding, check_film, read_record
from provisioning.commands.options import directory_argument, identities_option, progress, read_house
from provisioning.house import House
from provisioning.keys import read_identities
from provisioning.printer import data, quoted, say
from provisioning.verdict import Verdict


@click.command(short_help="Verify a door's record and clips.")
@directory_argument
@identities_option(required=False)
@click.option("--json", "as_json", is_flag=True, help="print what was found as JSON")
@click.pass_context
def verify(context: click.Context, directory: Path, identities: Path | None, as_json: bool) -> None:
    """Verify a door's whole record and every clip in DIR, a state directory or a copy of it.

    Without a key what is public is verified; with the card's Open half or a reader's key everything.
    This computer remembers the newest line that held, and tells if a door shows another past later.
    Exit code 1 if anything does not hold.
    """
    house = read_house(directory, read_identities(identities) if identities else [])
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
    say(f"{quoted(roster.door_label)}: {len(house.chain)} lines, {len(roster.readers)} readers and the card")
    for change in house.changes.sentences():
        say(f"change {change}")
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
    say("Everything that could be checked holds." if not wrong else f"{wrong} things do not hold.")


def _members(readers: int) -> str:
    return f"{readers} reader" + ("" if readers == 1 else "s")


_ORDER = get_args(Verdict)


def _as_data(house: House, findings: list[Finding]) -> dict[str, object]:
    return {
        "door": house.chain.roster.door.hex(),
        "lines": len(house.chain),
        "head": house.chain.head.hash.hex(),
        "troubles": house.troubles,
        "notes": house.notes,
        "changes": house.changes.sentences(),
        "clips": [
            {"clip": finding.record.clip, "verdict": finding.verdict, "reason": finding.reason}
            for finding in findings
        ],
    }
