"""``doorward new-card``."""

import hashlib
from pathlib import Path

import click

from device.durable import write_file
from device.trust.ledger import Chain
from provisioning import witness
from provisioning.card import Card, write_card_file
from provisioning.commands.card import check_absent, checked_url
from provisioning.commands.options import authority_option, url_option
from provisioning.printer import say
from provisioning.remote import born_line
from provisioning.words import words


@click.command("new-card", short_help="Make a card in the place of one that is lost.")
@url_option
@authority_option
@click.option("--name", required=True, help="what the new card calls the door")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="the PDF to print"
)
@click.option(
    "--text",
    "text",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="what the page wants",
)
@click.option(
    "--file", "file", type=click.Path(dir_okay=False, path_type=Path), help="also write it as a key file"
)
def new_card(url: str, authority: Path | None, name: str, out: Path, text: Path, file: Path | None) -> None:
    """Make a card for a running door whose old card is lost. It does nothing until the household puts it in force.

    On the page, under "Who can see", somebody asks for it with the text in TEXT; it is in force once somebody else agrees on
    another device, and never without. A household that has neither its card nor two devices saves what it wants to keep from
    the page, film by film, and begins again with doorward reset and doorward card.
    """
    # Imported late: fonts and tables for PDF take a second that the other commands need not wait.
    from provisioning.card_pdf import render

    check_absent(out, file, text)
    url = checked_url(url)
    born, chain, card = born_line(url, authority), Chain(), Card()
    chain.add(born)
    witness.check_born(chain)
    born_sha256 = hashlib.sha256(born).digest()
    write_file(out, render(card, born_sha256, name, url))
    if file is not None:
        write_card_file(file, card, born_sha256)
    witness.remember(chain)
    write_file(text, f"{card.newcard()}\n".encode(), mode=0o644)
    say(f"The new card, not in force yet: {out}. The text to ask for it with: {text}")
    say(f"The key of the door that answered reads: {words(chain.roster.device)}")
    say('Print the card only if the page of your household shows the same words, under "This door".')
    say('Ask for it there, under "Who can see", on one device; another has to agree.')
