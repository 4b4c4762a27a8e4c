"""``doorward join``."""

import contextlib
from pathlib import Path

import click

from provisioning.commands.command import Command, out_option
from provisioning.commands.options import door_options
from provisioning.commands.output import Output
from provisioning.printer import quoted, say, working
from provisioning.reader.member import Member
from provisioning.reader.remote import Door


@click.command(
    cls=Command,
    examples=[
        "doorward join --url https://door.local --card card.txt --ca card.authority.crt --name Laptop -o laptop.key"
    ],
)
@door_options
@click.option("--name", required=True, metavar="NAME", help="what the others call this computer")
@out_option("the key file to write", is_text=True)
def join(url: str, card: Path, authority: Path | None, name: str, out: Output) -> None:
    """Add this computer to the household with the card's Admit half, and write its keys to OUT.

    The key file opens what is recorded from now on ("-i OUT"), and changes settings ("doorward settings"). Everybody sees that
    it joined, and anybody can remove it.
    """
    door = Door.reached(url, card, authority)
    with working("asking the door"), contextlib.ExitStack() as files:
        Member.join(door, name, keep=lambda member: out.stage(files, member.text()))
    say(f"{quoted(name)} belongs to the household; its keys are in {out}. Keep them to yourself.")
