"""``doorward join``."""

from pathlib import Path

import click

from provisioning.commands.card import check_absent
from provisioning.commands.options import door_options
from provisioning.member import Member
from provisioning.printer import quoted, say
from provisioning.remote import Door


@click.command(short_help="Make this computer a reader of the household.")
@door_options
@click.option("--name", required=True, metavar="NAME", help="what the others call this computer")
@click.option(
    "-o",
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="the key file to write",
)
def join(url: str, card: Path, authority: Path | None, name: str, out: Path) -> None:
    """Add this computer to the household with the card's Admit half, and write its keys to OUT.

    The key file opens what is recorded from now on ("-i OUT"), and changes settings ("doorward settings"). Everybody sees that
    it joined, and anybody can remove it.
    """
    check_absent(out)
    Member.join(Door.reached(url, card, authority), name).write(out)
    say(f"{quoted(name)} belongs to the household; its keys are in {out}. Keep them to yourself.")
