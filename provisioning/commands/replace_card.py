"""``doorward replace-card``."""

from pathlib import Path

import click

from device.durable import write_file
from provisioning.card import Card, write_card_file
from provisioning.commands.card import check_absent, checked_url
from provisioning.commands.options import door_options
from provisioning.printer import say
from provisioning.remote import Door


@click.command("replace-card", short_help="Put a new card in the old one's place.")
@door_options
@click.option("--name", required=True, help="what the new card calls the door")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="the PDF to print"
)
@click.option(
    "--file", "file", type=click.Path(dir_okay=False, path_type=Path), help="also write it as a key file"
)
def replace_card(
    url: str, card: Path, authority: Path | None, name: str, out: Path, file: Path | None
) -> None:
    """Make a new card with the old one. The old one is dead after that; it still opens what was sealed to it."""
    # Imported late: fonts and tables for PDF take a second that the other commands need not wait.
    from provisioning.card_pdf import render

    check_absent(out, file)
    door = Door.reached(checked_url(url), card, authority)
    new = Card()
    # The new card is on the disk before the door knows it: a card that was lost in between would open nothing ever again.
    write_file(out, render(new, door.born_sha256, name, door.url))
    if file is not None:
        write_card_file(file, new, door.born_sha256)
    try:
        door.replace_card(new)
    except BaseException:
        say(f"note: the new card in {out} is not in force, unless the door says so", err=True)
        raise
    say(f"The new card is in force: {out}. Keep the old Open half: older clips are sealed to it alone.")
