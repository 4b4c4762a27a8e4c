"""``doorward replace-card``."""

from pathlib import Path

import click

from provisioning.card.card import Card, card_text
from provisioning.commands.command import Command, also_option, out_option
from provisioning.commands.options import door_name_option, door_options
from provisioning.commands.output import Output
from provisioning.printer import say, working
from provisioning.reader.remote import Door


@click.command(
    "replace-card",
    cls=Command,
    examples=[
        'doorward replace-card --url https://door.local --card card.txt --name "Front door" -o new.pdf --file new.txt'
    ],
)
@door_options
@door_name_option("what the new card calls the door")
@out_option("the PDF to print")
@also_option("file", "also write it as a key file")
def replace_card(
    url: str, card: Path, authority: Path | None, name: str, out: Output, file: Output | None
) -> None:
    """Make a new card with the old one. The old one is dead after that; it still opens what was sealed to it."""
    # Imported late: fonts and tables for PDF take a second that the other commands need not wait.
    from provisioning.card.pdf import render

    door = Door.reached(url, card, authority)
    new = Card()
    # The new card is on the disk before the door knows it: a card that was lost in between would open nothing ever again.
    out.write(render(new, door.born_sha256, name, door.url))
    if file is not None:
        file.write(card_text(new, door.born_sha256))
    try:
        with working("asking the door"):
            door.replace_card(new)
    except BaseException:
        say(f"note: the new card in {out} is not in force, unless the door says so", err=True)
        raise
    say(f"The new card is in force: {out}. Keep the old Open half: older clips are sealed to it alone.")
