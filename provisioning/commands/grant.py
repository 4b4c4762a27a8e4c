"""``doorward grant``."""

from pathlib import Path

import click

from device.durable import write_file
from provisioning import witness
from provisioning.addressing import addressed
from provisioning.commands.options import directory_argument, identities_option
from provisioning.granting import make_grant
from provisioning.house import House
from provisioning.keys import read_identities
from provisioning.printer import progress, quoted, say
from provisioning.witness import AnotherPast


@click.command(short_help="Give a reader keys of older clips.")
@directory_argument
@identities_option(required=True)
@click.option(
    "--to",
    required=True,
    metavar="READER",
    help='which reader: name, number in "readers list", or words of its key',
)
@click.option(
    "--clip", "clips", type=click.IntRange(1), multiple=True, help="only this clip; may be repeated"
)
@click.option(
    "-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="the grant to write"
)
def grant(directory: Path, identities: Path, to: str, clips: tuple[int, ...], out: Path) -> None:
    """Write a grant: the keys of older clips in DIR, sealed to one reader, who opens it in the page.

    Nothing in DIR changes. The grant is of no use to anybody else.
    """
    house = House(directory, read_identities(identities))
    # A grant is for whoever belongs: in a past that was cut, somebody may who has been removed since.
    if seen := witness.doubt(house.chain):
        raise AnotherPast(seen)
    witness.remember(house.chain)
    to_whom, chosen = addressed(house.chain.roster.readers, to), clips or house.numbers()
    with progress() as bar:
        task = bar.add_task("granting", total=len(chosen))
        made = make_grant(house, to_whom, chosen, lambda _: bar.advance(task))
    write_file(out, made.sealed)
    say(f"{out}: {made.clips} clips for {quoted(to_whom.label)}")
    if made.left_out:
        say(f"note: {made.left_out} clips do not open with this key and are left out", err=True)
