"""``doorward page``."""

from importlib.resources import files
from pathlib import Path
from typing import Final

import click

from device.durable import write_file
from provisioning.errors import ProvisioningError
from provisioning.printer import say

NAME: Final = "doorward-open.html"


class NoPage(ProvisioningError, FileNotFoundError):
    """The installed package lacks the page."""


@click.command(short_help="Save the page that opens clips without a door.")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="the HTML file to write"
)
def page(out: Path) -> None:
    """Save one HTML file that opens sealed clips with the card's Open half and checks exported films.

    It works without a door, without doorward and without a network. Keep it beside the card.
    """
    held = files("server").joinpath("web", "saved", NAME)
    if not held.is_file():
        raise NoPage("the page is not built", hint="run scripts/demo, or: python scripts/build_page.py")
    content = held.read_bytes()
    write_file(out, content, mode=0o644)
    say(f"{out}: {len(content):,} bytes. Open it with any browser; it needs no network.")
