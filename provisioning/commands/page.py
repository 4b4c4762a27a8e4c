"""``doorward page``."""

from importlib.resources import files
from typing import Final

import click

from provisioning.commands.command import Command, out_option
from provisioning.commands.output import Output
from provisioning.errors import ProvisioningError
from provisioning.printer import say

NAME: Final = "doorward-open.html"


class NoPage(ProvisioningError, FileNotFoundError):
    """The installed package lacks the page."""


@click.command(cls=Command, examples=["doorward page -o open.html"])
@out_option("the HTML file to write", is_text=True)
def page(out: Output) -> None:
    """Save one HTML file that opens sealed clips with the card's Open half and checks exported films.

    It works without a door, without doorward and without a network. Keep it beside the card.
    """
    held = files("server").joinpath("web", "saved", NAME)
    if not held.is_file():
        raise NoPage("the page is not built", hint="run scripts/demo, or: python scripts/build_page.py")
    content = held.read_bytes()
    out.write(content, mode=0o644)
    say(f"{out}: {len(content):,} bytes. Open it with any browser; it needs no network.")
