"""``doorward readers list|remove``."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from device.trust.household import Reader
from provisioning.commands.command import Command
from provisioning.commands.options import door_options, json_option
from provisioning.house.words import words
from provisioning.layout import Column
from provisioning.printer import data, quoted, say, table, working
from provisioning.reader.remote import Door

_COLUMNS: Final[Sequence[Column]] = (("number", "right"), ("name", "text"), ("words of its key", "text"))


@click.group()
def readers() -> None:
    """See who belongs to a running door's household, and remove somebody, with the card's Admit half."""


@readers.command(
    "list",
    cls=Command,
    short_help="List the readers.",
    examples=["doorward readers list --url https://door.local --card card.txt --ca card.authority.crt"],
)
@door_options
@json_option
def list_(url: str, card: Path, authority: Path | None, as_json: bool) -> None:
    """List the readers of the household with their numbers and the words of their keys, and what changed in it.

    That is: who came and went, by whom, and what became of the card.
    """
    door = Door.reached(url, card, authority)
    with working("asking the door"):
        members, asking, changes = door.readers()
    if as_json:
        told = [
            {"number": number, "name": one.label, "words": words(one.sign), "key": one.sign.hex()}
            for number, one in enumerate([*members, *asking], 1)
        ]
        listed = {"readers": told[: len(members)], "asking": told[len(members) :], "changes": changes}
        data(json.dumps(listed, indent=2))
        return
    if members:
        _list("Who belongs to the household, the card aside:", members, 1)
    else:
        say("Nobody but the card belongs to the household.")
    if asking:
        _list("Who asks to join:", asking, len(members) + 1)
    say("What changed in the household, the newest last:")
    for change in changes:
        say(f"  {change}")


@readers.command(
    cls=Command,
    short_help="Remove a reader.",
    examples=[
        'doorward readers remove "Lost phone" --url https://door.local --card card.txt --ca card.authority.crt'
    ],
)
@click.argument("whom", metavar="NAME|NUMBER|WORDS")
@door_options
def remove(whom: str, url: str, card: Path, authority: Path | None) -> None:
    """Remove a reader: nothing that is recorded from now on opens for it. Whoever only asks to join is turned away.

    It is meant by its name, by its number in "readers list", or by the words of its key. What it has already seen or saved, it
    may still have.
    """
    door = Door.reached(url, card, authority)
    with working("asking the door"):
        gone = door.remove(whom)
    say(f"{quoted(gone.label)} does not belong to the household any more.")


def _list(heading: str, people: Sequence[Reader], first: int) -> None:
    rows = [
        ((str(number), quoted(one.label), words(one.sign)), "") for number, one in enumerate(people, first)
    ]
    table(heading, _COLUMNS, rows)
