"""``doorward readers list|remove``."""

from pathlib import Path

import click

from provisioning.addressing import described
from provisioning.commands.options import door_options
from provisioning.printer import quoted, say
from provisioning.remote import Door


@click.group(short_help="See and change who belongs.")
def readers() -> None:
    """See who belongs to a running door's household, and remove somebody, with the card's Admit half."""


@readers.command("list", short_help="List the readers.")
@door_options
def list_(url: str, card: Path, authority: Path | None) -> None:
    """List the readers of the household with their numbers and the words of their keys, and what changed in it.

    That is: who came and went, by whom, and what became of the card.
    """
    members, changes = Door.reached(url, card, authority).readers()
    for line in described(members):
        say(line)
    say("What changed in the household, the newest last:")
    for change in changes:
        say(f"  {change}")


@readers.command(short_help="Remove a reader.")
@click.argument("whom", metavar="NAME|NUMBER|WORDS")
@door_options
def remove(whom: str, url: str, card: Path, authority: Path | None) -> None:
    """Remove a reader: nothing that is recorded from now on opens for it.

    It is meant by its name, by its number in "readers list", or by the words of its key. What it has already seen or saved, it
    may still have.
    """
    gone = Door.reached(url, card, authority).remove(whom)
    say(f"{quoted(gone.label)} no longer belongs to the household.")
