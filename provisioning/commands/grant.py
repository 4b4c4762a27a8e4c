"""``doorward grant``."""

from pathlib import Path

import click

from provisioning.commands.command import Command, out_option
from provisioning.commands.options import directory_argument, identities_option
from provisioning.commands.output import Output
from provisioning.house.addressing import addressed
from provisioning.house.granting import make_grant
from provisioning.house.house import House
from provisioning.house.keys import read_identities
from provisioning.printer import counted, progress, quoted, say, working
from provisioning.reader import witness
from provisioning.reader.witness import AnotherPast


@click.command(cls=Command, examples=['doorward grant DIR --to "Kitchen tablet" -i card.txt -o history.age'])
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
@out_option("the grant to write")
def grant(directory: Path, identities: Path, to: str, clips: tuple[int, ...], out: Output) -> None:
    """Write a grant: the keys of older clips in DIR, sealed to one reader, who opens it in the page.

    Nothing in DIR changes. The grant is of no use to anybody else.
    """
    keys = read_identities(identities)
    with working("reading the record"):
        house = House(directory, keys)
    # A grant is for whoever belongs: in a past that was cut, somebody may who has been removed since.
    if seen := witness.doubt(house.chain):
        raise AnotherPast(seen)
    witness.remember(house.chain)
    to_whom, chosen = addressed(house.chain.roster.readers, to), clips or house.numbers()
    with progress() as bar:
        task = bar.add_task("granting", total=len(chosen))
        made = make_grant(house, to_whom, chosen, lambda _: bar.advance(task))
    out.write(made.sealed)
    say(f"{out}: {counted(made.clips, 'clip')} for {quoted(to_whom.label)}")
    if made.left_out:
        say(f"note: left out, as this key does not open them: {counted(made.left_out, 'clip')}", err=True)
