"""``doorward new-card``."""

import hashlib
from pathlib import Path

import click

from device.trust.ledger import Chain
from provisioning.card.card import Card, card_text
from provisioning.commands.command import Command, also_option, out_option
from provisioning.commands.options import authority_option, door_name_option, url_option
from provisioning.commands.output import Output
from provisioning.house.words import words
from provisioning.printer import say, working
from provisioning.reader import witness
from provisioning.reader.remote import born_line


@click.command(
    "new-card",
    cls=Command,
    examples=[
        'doorward new-card --url https://door.local --name "Front door" -o new.pdf --file new.txt --text ask-for.txt'
    ],
)
@url_option
@authority_option
@door_name_option("what the new card calls the door")
@out_option("the PDF to print")
@also_option("text", "what the page wants", required=True)
@also_option("file", "also write it as a key file")
def new_card(
    url: str, authority: Path | None, name: str, out: Output, text: Output, file: Output | None
) -> None:
    """Make a card for a running door whose old card is lost. It does nothing until the household puts it in force.

    On the page, under "Who can see", somebody asks for it with the text in TEXT; it is in force once somebody else agrees on
    another device, and never without. A household that has neither its card nor two devices saves what it wants to keep from
    the page, film by film, and begins again with doorward reset and doorward card.
    """
    # Imported late: fonts and tables for PDF take a second that the other commands need not wait.
    from provisioning.card.pdf import render

    with working("asking the door"):
        born = born_line(url, authority)
    chain, card = Chain(), Card()
    chain.add(born)
    witness.check_born(chain)
    born_sha256 = hashlib.sha256(born).digest()
    out.write(render(card, born_sha256, name, url))
    if file is not None:
        file.write(card_text(card, born_sha256))
    witness.remember(chain)
    text.write(f"{card.newcard()}\n".encode(), mode=0o644)
    say(f"The new card, not in force yet: {out}. The text to ask for it with: {text}")
    say(f"The key of the door that answered reads: {words(chain.roster.device)}")
    say('Print the card only if the page of your household shows the same words, under "This door".')
    say('Ask for it there, under "Who can see", on one device; another has to agree.')
