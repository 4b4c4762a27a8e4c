"""``doorward readers list|remove``."""

from pathlib import Path

import click

from provisioning.commands.options import door_options
from provisioning.printer import quoted, say
from provisioning.remote import Door


@click.group(short_help="See and change who belongs.")
def readers() -> None:
    """See who belongs to a running door's household, and remove somebody, with the card's Admit half."""


@readers.command("list", short_help="List the readers.")
@door_options
def list_(url: str, card: Path, authority: Path | None) -> None:
    """List the readers of the household, and what changed in it: who came and went, by whom, and what became of the card."""
    members, changes = Door.reached(url, card, authority).readers()
    for reader in members:
        say(quoted(reader.label))
    say("What changed in the household, the newest last:")
    for change in changes:
        say(f"  {change}")


@readers.command(short_help="Remove a reader.")
@click.argument("name", metavar="NAME")
@door_options
def remove(name: str, url: str, card: Path, authority: Path | None) -> None:
    """Remove the reader called NAME: nothing that is recorded from now on opens for it.

    What it has already seen or saved, it may still have.
    """
    Door.reached(url, card, authority).remove(name)
    say(f"{quoted(name)} no longer belongs to the household.")
