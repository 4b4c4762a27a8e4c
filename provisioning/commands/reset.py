"""``doorward reset``."""

from pathlib import Path

import click

from device.disk.reset import reset as reset_state
from provisioning.commands.command import Command
from provisioning.commands.options import directory_argument
from provisioning.printer import confirm, say, working


@click.command(cls=Command, examples=["doorward reset DIR"])
@directory_argument
@click.option("--yes", is_flag=True, help="do not ask")
def reset(directory: Path, yes: bool) -> None:
    """Remove the keys, the roster and every clip of the door in DIR. The card and every phone are dead after that.

    The door must not be running. Only a new card revives it.
    """
    if not yes:
        confirm(f"Every clip in {directory} and the door itself will be gone. Go on?")
    with working("erasing"):
        reset_state(directory)
    say(f"{directory} holds no door any more. Make a new one with doorward card.")
