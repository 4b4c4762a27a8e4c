"""``doorward ring``."""

from pathlib import Path

import click

from device.config import Link
from device.contract.errors import LinkError
from device.contract.local import PressBell, Rung, ask
from provisioning.commands.command import Command
from provisioning.errors import ProvisioningError
from provisioning.printer import say


class NotRung(ProvisioningError, OSError):
    """The bell could not be pressed."""


@click.command(cls=Command, examples=["doorward ring", "doorward ring --socket /run/doorward/link"])
@click.option(
    "--socket",
    "link",
    default=Link().socket,
    show_default=True,
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="the door's link, as link.socket in its configuration names it",
)
def ring(link: Path) -> None:
    """Press the bell of the door that runs on this computer, as if somebody stood there. Root may, and the door's user."""
    try:
        answer = ask(link, PressBell())
    except LinkError as error:
        raise NotRung(str(error), hint="run it where the door runs, as root: sudo doorward ring") from error
    if not isinstance(answer, Rung):
        raise NotRung(
            f"{link}: the door does not know this question", hint="it is another version: start it anew"
        )
    say("It rang.")
