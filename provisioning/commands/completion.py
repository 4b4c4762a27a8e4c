"""``doorward completion``."""

from typing import Final

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from provisioning.commands.command import Command
from provisioning.printer import help_text

KINDS: Final = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command(
    cls=Command,
    examples=[
        "doorward completion bash > ~/.local/share/bash-completion/completions/doorward",
        "doorward completion zsh > ~/.zfunc/_doorward",
        "doorward completion fish > ~/.config/fish/completions/doorward.fish",
    ],
)
@click.argument("shell", metavar="bash|zsh|fish", type=click.Choice(list(KINDS)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what teaches a shell to complete doorward's commands, options and files with the Tab key."""
    help_text(KINDS[shell](context.find_root().command, {}, "doorward", "_DOORWARD_COMPLETE").source())
